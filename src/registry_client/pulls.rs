//! Checks the pulls of definitions: asks the registries, several at a time, and says of each image whether agents can
//! pull it.

use std::collections::{BTreeMap, BTreeSet};

use crate::credential::check::{ConfigFinding, ending, only_in_dockercfg};
use crate::credential::expiry::lifetime;
use crate::credential::sources::{PossibleCredentials, Sources};
use crate::credential::{Login, Pull, overwritten, placeholder_in, template_message};
use crate::definition::Containerizer;
use crate::http::{Client, ClientError};
use crate::image::Reference;
use crate::lint::template_help;
use crate::util::parallel::work_in_portions;

use super::{PullCheck, Pulled, Verdict, check_answer};

/// How many images are asked for at a time.
const AT_A_TIME: usize = 8;

/// An image of a definition, and whether agents can pull it.
pub(crate) struct CheckedPull<'d> {
    /// The pull.
    pub pull: &'d Pull<'d>,
    /// The image as it is written, without control characters.
    pub name: String,
    /// The user that is sent, likewise.
    pub user: Option<String>,
    /// The source of the credentials.
    pub from: Option<String>,
    /// The result.
    pub check: PullCheck,
}

/// The results for some pulls.
pub(crate) struct CheckedPulls<'d> {
    /// One for each pull, in their order.
    pub images: Vec<CheckedPull<'d>>,
    /// Credentials among those used that expire, once for each source and registry, those of which agents read one that
    /// cannot be told, and those that only Docker before 23 reads.
    pub credentials: Vec<ConfigFinding>,
}

/// What the pulls are checked against.
pub(crate) struct PullChecker<'a> {
    /// The sources of the credentials.
    pub sources: &'a Sources,
    /// The platform of the agents: `linux/amd64`.
    pub platform: &'a str,
    /// Makes a client for each thread.
    pub open: &'a (dyn Fn() -> Result<Client, ClientError> + Sync),
    /// The token servers that may have passwords beside the registries' own.
    pub token_servers: &'a [String],
    /// In seconds since 1970.
    pub now: i64,
}

/// A pull with its image and credentials.
struct PullQuery<'a> {
    image: &'a Reference,
    /// What may be sent; at least one.
    possible: Vec<PossibleCredentials<'a>>,
}

/// A request that several pulls may have in common.
#[derive(Clone, Copy)]
struct Question<'a> {
    image: &'a Reference,
    containerizer: Containerizer,
    login: Option<&'a Login>,
}

/// Equal for questions with the same answer: the image, whether Mesos asks, and the address of the login.
type QuestionKey<'a> = (&'a Reference, bool, usize);

/// The answers to the distinct questions.
type Answers<'q> = BTreeMap<QuestionKey<'q>, Result<Pulled, ClientError>>;

impl<'a> Question<'a> {
    fn key(&self) -> QuestionKey<'a> {
        let login = self.login.map_or(0, |login| std::ptr::from_ref(login).addr());
        (self.image, self.containerizer == Containerizer::Mesos, login)
    }
}

impl PullChecker<'_> {
    /// Checks the pulls. `progress` is called with the number of images asked for and their total.
    ///
    /// # Errors
    /// What `progress` fails with, or when no thread can be started.
    pub(crate) fn check<'d>(
        &self,
        pulls: &[&'d Pull<'d>],
        progress: &mut dyn FnMut(usize, usize) -> anyhow::Result<()>,
    ) -> anyhow::Result<CheckedPulls<'d>> {
        let references: Vec<Result<Reference, Box<PullCheck>>> =
            pulls.iter().map(|pull| reference(pull)).collect();
        let queries: Vec<Result<PullQuery<'_>, Box<PullCheck>>> =
            pulls.iter().zip(&references).map(|(pull, image)| self.query(pull, image)).collect();
        let asked = pulls.iter().zip(&queries).filter_map(|(pull, query)| Some((pull, query.as_ref().ok()?)));
        let answers = self.ask(asked.flat_map(|(pull, query)| query.questions(pull)), progress)?;
        let images = pulls.iter().zip(&queries).map(|(pull, query)| {
            let name = pull.image.as_str().unwrap_or_default().replace(char::is_control, "?");
            match query {
                Ok(query) => self.checked(pull, name, query, &answers),
                Err(check) => CheckedPull { pull, name, user: None, from: None, check: (**check).clone() },
            }
        });
        let images: Vec<CheckedPull<'d>> = images.collect();
        let mut credentials = self.expiring(queries.iter().flatten());
        credentials.extend(ambiguous(queries.iter().flatten()));
        credentials.extend(self.in_dockercfg(&images));
        Ok(CheckedPulls { images, credentials })
    }

    fn query<'a>(
        &'a self,
        pull: &Pull<'_>,
        image: &'a Result<Reference, Box<PullCheck>>,
    ) -> Result<PullQuery<'a>, Box<PullCheck>> {
        let image = image.as_ref().map_err(Clone::clone)?;
        let possible = self.sources.credentials(pull, image.host()).map_err(|reason| {
            Box::new(PullCheck::not(Verdict::BadCredentials, reason.message.as_str(), reason.help.as_str()))
        })?;
        Ok(PullQuery { image, possible })
    }

    /// The verdict with the credentials that are sent; of several possibilities the first that does not work.
    fn checked<'d>(
        &self,
        pull: &'d Pull<'d>,
        name: String,
        query: &PullQuery<'_>,
        answers: &Answers<'_>,
    ) -> CheckedPull<'d> {
        let mut checks =
            query.possible.iter().zip(query.questions(pull)).map(|((credentials, from), question)| {
                let answer =
                    answers.get(&question.key()).expect("internal error: every question has an answer");
                let check = check_answer(query.image, pull.containerizer, credentials, self.platform, answer);
                (credentials, from, check)
            });
        let first = checks.next().expect("internal error: there is always a possibility");
        let is_bad = |check: &PullCheck| check.verdict != Verdict::Pullable;
        let (credentials, from, mut check) =
            if is_bad(&first.2) { first } else { checks.find(|(.., check)| is_bad(check)).unwrap_or(first) };
        let is_about_credentials =
            matches!(check.verdict, Verdict::NotAuthorised | Verdict::WrongKey | Verdict::Unknown);
        if let Some(names) = query.names().filter(|_| is_about_credentials) {
            check.message = format!(
                "agents read one of {names}, and which one cannot be told; with one of them: {}",
                check.message
            );
        }
        if let (Verdict::NotAuthorised, Some(unread)) = (check.verdict, &pull.unread) {
            check.message = format!("{}; {unread}", check.message);
        }
        let user = credentials.login().map(|login| login.user().replace(char::is_control, "?"));
        CheckedPull { pull, name, user, from: from.map(str::to_owned), check }
    }

    /// Asks each distinct question once.
    fn ask<'q>(
        &self,
        questions: impl Iterator<Item = Question<'q>>,
        progress: &mut dyn FnMut(usize, usize) -> anyhow::Result<()>,
    ) -> anyhow::Result<Answers<'q>> {
        let distinct: BTreeMap<_, Question<'_>> =
            questions.map(|question| (question.key(), question)).collect();
        let distinct: Vec<Question<'_>> = distinct.into_values().collect();
        let ask = |client: &mut Option<Client>, question: &Question<'_>| {
            let client = match client {
                Some(client) => client,
                None => client.insert((self.open)()?),
            };
            let login = question.login.map(|login| login.clone().also_for(self.token_servers));
            client.manifest(question.image, question.containerizer, login.as_ref())
        };
        let mut answers = BTreeMap::new();
        let threads = AT_A_TIME.min(distinct.len()).max(1);
        work_in_portions(&distinct, 1, threads, ask, |question, answer| {
            answers.insert(question.key(), answer);
            progress(answers.len(), distinct.len())
        })?;
        Ok(answers)
    }

    /// The sources of credentials that only Docker before 23 reads, each once. An image that is pulled without any is none
    /// of those that need them.
    fn in_dockercfg(&self, images: &[CheckedPull<'_>]) -> Vec<ConfigFinding> {
        let needs = |one: &CheckedPull<'_>| one.check.manifest.as_ref().is_some_and(|found| !found.is_open);
        let old = images.iter().filter(|one| {
            one.pull.containerizer == Containerizer::Docker
                && needs(one)
                && self.sources.are_in_dockercfg(one.pull)
        });
        let names: BTreeSet<&str> = old.filter_map(|one| one.from.as_deref()).collect();
        names.into_iter().map(only_in_dockercfg).collect()
    }

    fn expiring<'q>(&self, queries: impl Iterator<Item = &'q PullQuery<'q>>) -> Vec<ConfigFinding> {
        let mut found = BTreeMap::new();
        let sent =
            queries.flat_map(|query| query.possible.iter().map(move |possible| (query.image, possible)));
        for (image, (credentials, from)) in sent {
            let (Some(login), Some(from)) = (credentials.login(), from) else { continue };
            let Some(ending) = ending(image.host(), lifetime(image.host(), login), self.now) else {
                continue;
            };
            let message = format!("{from}: {}", ending.message);
            found.insert((*from, image.host()), ConfigFinding { message, ..ending });
        }
        found.into_values().collect()
    }
}

impl<'a> PullQuery<'a> {
    fn questions<'s>(&'s self, pull: &'s Pull<'_>) -> impl Iterator<Item = Question<'a>> + 's {
        let containerizer = pull.containerizer;
        self.possible.iter().map(move |(credentials, _)| Question {
            image: self.image,
            containerizer,
            login: credentials.login(),
        })
    }

    /// The sources of which agents read one, where there are several.
    fn names(&self) -> Option<String> {
        let names: Vec<&str> = self.possible.iter().map(|(_, from)| from.unwrap_or("another one")).collect();
        (names.len() > 1).then(|| names.join(" and "))
    }
}

/// The sets of sources of which agents read one that cannot be told, each once.
fn ambiguous<'q>(queries: impl Iterator<Item = &'q PullQuery<'q>>) -> Vec<ConfigFinding> {
    let names: BTreeSet<String> = queries.filter_map(PullQuery::names).collect();
    names.iter().map(|names| overwritten(names)).collect()
}

/// The reference of a pull, or the verdict that no registry can look it up.
fn reference(pull: &Pull<'_>) -> Result<Reference, Box<PullCheck>> {
    let bad = |fault: String| {
        let name = pull.image.source().replace(char::is_control, "?");
        Box::new(PullCheck::not(
            Verdict::BadReference,
            format!("no registry can look up {name}: {fault}"),
            "write it as `docker pull` takes it: registry.example.com/team/name:1.4.2",
        ))
    };
    let text = pull.image.as_str().ok_or_else(|| bad("it is not a string".to_owned()))?;
    if let Some(range) = placeholder_in(&text) {
        let placeholder = &text[range];
        let name = pull.image.source().replace(char::is_control, "?");
        let message = template_message(&name, placeholder);
        return Err(Box::new(PullCheck::not(Verdict::BadReference, message, template_help(placeholder))));
    }
    Reference::parse(&text).map_err(|error| bad(error.to_string()))
}
