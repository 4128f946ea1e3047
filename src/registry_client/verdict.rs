//! What a registry's answer means for the one who pulls.

use crate::credential::check::Puller;
use crate::credential::{Login, Missing};
use crate::finding::Rule;
use crate::image::Reference;
use crate::util::text::count;

use super::{Manifest, Pulled, rules};
use crate::http::ClientError;

/// So many tags are named where the one that is asked for is not there.
const MOST_TAGS: usize = 5;

/// What a definition gives to who pulls.
#[derive(Clone, Debug)]
pub enum Credentials<'c> {
    /// These.
    Login(&'c Login),
    /// None, and why: where they would come from, if anything is named.
    None(Option<String>, Missing),
    /// That is not known here: the reason, as a sentence, and what to do.
    Unknown(String, String),
}

impl<'c> Credentials<'c> {
    /// What is sent where a registry asks for it.
    #[must_use]
    pub fn login(&self) -> Option<&'c Login> {
        if let Self::Login(login) = self { Some(login) } else { None }
    }
}

/// Whether an image can be pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It can.
    Pullable,
    /// It can, and does not run on the agents.
    WrongPlatform,
    /// It is there, in a form that UCR does not read.
    NotForUcr,
    /// There is no such tag, or no such digest.
    NoSuchTag,
    /// There is no image of this name.
    NoSuchImage,
    /// The registry does not give it to these credentials, or to nobody in particular.
    NotAuthorised,
    /// There are credentials under a key where nobody looks.
    WrongKey,
    /// The credentials are not to be had.
    Unknown,
    /// What should hold credentials is missing or is something else.
    BadCredentials,
    /// The registry's certificate is not trusted.
    NotTrusted,
    /// No answer.
    Unreachable,
    /// An answer that no registry gives, or none now.
    OddAnswer,
    /// No registry can look it up.
    BadReference,
}

impl Verdict {
    /// The word in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.rule().map_or("pullable", |rule| rule.slug)
    }

    /// The rule that an image breaks; nothing where it can be pulled.
    #[must_use]
    pub fn rule(self) -> Option<&'static Rule> {
        Some(match self {
            Self::Pullable => return None,
            Self::WrongPlatform => &rules::WRONG_PLATFORM,
            Self::NotForUcr => &rules::NOT_FOR_UCR,
            Self::NoSuchTag => &rules::NO_SUCH_TAG,
            Self::NoSuchImage => &rules::NO_SUCH_IMAGE,
            Self::NotAuthorised => &rules::NOT_AUTHORISED,
            Self::WrongKey => &rules::WRONG_KEY,
            Self::Unknown => &rules::UNKNOWN_CREDENTIALS,
            Self::BadCredentials => &rules::BAD_CREDENTIALS,
            Self::NotTrusted => &rules::NOT_TRUSTED,
            Self::Unreachable => &rules::UNREACHABLE,
            Self::OddAnswer => &rules::ODD_ANSWER,
            Self::BadReference => &rules::BAD_REFERENCE,
        })
    }
}

/// A verdict, and what it is founded on.
#[derive(Clone, Debug)]
pub struct PullCheck {
    /// In a word.
    pub verdict: Verdict,
    /// The same in a sentence without a full stop; empty when all is well.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
    /// The image, where it can be pulled.
    pub manifest: Option<Manifest>,
    /// The registry did not answer in time.
    pub is_late: bool,
}

impl PullCheck {
    /// A verdict other than that all is well.
    #[must_use]
    pub fn not(verdict: Verdict, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { verdict, message: message.into(), help: help.into(), manifest: None, is_late: false }
    }
}

/// Says what an answer means to who pulls `image` for agents of a platform such as `linux/amd64`.
#[must_use]
pub fn judge(
    image: &Reference,
    reader: Puller,
    given: &Credentials<'_>,
    platform: &str,
    answer: &Result<Pulled, ClientError>,
) -> PullCheck {
    let host = image.host();
    match answer {
        Ok(Pulled::There(manifest)) => there(manifest.clone(), platform),
        Ok(Pulled::Missing { url, tags }) => missing(image, url, tags.as_deref()),
        Ok(Pulled::NotForMesos(form)) => PullCheck::not(
            Verdict::NotForUcr,
            format!("UCR does not read the form that {host} has this image in: {form}"),
            "UCR takes one image in Docker's own form: build it with `docker buildx build --provenance=false \
             --output type=registry,oci-mediatypes=false`, or have the Docker Engine run it",
        ),
        Ok(Pulled::Denied { by: (url, status), knows_user }) => {
            denied(image, reader, given, &format!("{url} answers {status}"), *knows_user)
        }
        Ok(Pulled::Odd(problem)) => PullCheck::not(
            Verdict::OddAnswer,
            format!("{host} does not answer as a registry does: {problem}"),
            "is this the registry's host, with its port?",
        ),
        Err(error) => no_answer(image, error),
    }
}

fn there(manifest: Manifest, platform: &str) -> PullCheck {
    let fits = |one: &String| {
        one.strip_prefix(platform).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if manifest.platforms.is_empty() || manifest.platforms.iter().any(fits) {
        return PullCheck { manifest: Some(manifest), ..PullCheck::not(Verdict::Pullable, "", "") };
    }
    let message = format!("this image is for {}, and not for {platform}", manifest.platforms.join(", "));
    let help = "build it for the agents too, or say with --platform what they are";
    PullCheck { manifest: Some(manifest), ..PullCheck::not(Verdict::WrongPlatform, message, help) }
}

fn missing(image: &Reference, url: &str, tags: Option<&[String]>) -> PullCheck {
    let (host, name, version) = (image.host(), image.repository(), image.version());
    let said = format!("{url} answers 404");
    if tags.is_some_and(<[String]>::is_empty) {
        let help = "was it pushed, under this very name? an image appears with its first tag";
        return PullCheck::not(Verdict::NoSuchImage, format!("{host} has no image {name}: {said}"), help);
    }
    let separator = if image.digest().is_some() { '@' } else { ':' };
    let message = format!("{host} has no {name}{separator}{version}: {said}");
    let help = match tags {
        Some(tags) => {
            // The last ones, in the registry's own order, are most often the newest.
            let known: Vec<&str> = tags.iter().rev().take(MOST_TAGS).rev().map(String::as_str).collect();
            let more = if tags.len() > MOST_TAGS { "…, " } else { "" };
            format!("it has {}: {more}{}", count(tags.len(), "tag"), known.join(", "))
                .replace(char::is_control, "?")
        }
        None => "was it pushed, and has nobody deleted it?".to_owned(),
    };
    PullCheck::not(Verdict::NoSuchTag, message, help)
}

/// The registry does not give the image.
fn denied(
    image: &Reference,
    reader: Puller,
    given: &Credentials<'_>,
    said: &str,
    knows_user: Option<bool>,
) -> PullCheck {
    let host = image.host();
    let login_again = format!("`milepost creds login {host} -u USER --password-stdin` writes the entry anew");
    match given {
        Credentials::Login(login) => {
            let user = match login.user() {
                "" => format!("the {}", login.kind()),
                user => user.replace(char::is_control, "?"),
            };
            let (message, help) = match knows_user {
                Some(true) => (
                    format!("{host} knows {user} and does not give them {}: {said}", image.repository()),
                    "may the user pull it? some registries answer so for what is not there, too",
                ),
                Some(false) => (
                    format!("{host} does not take the credentials of {user}: {said}"),
                    "the user or the password is wrong, or has ended",
                ),
                None => (
                    format!("{host} does not give this image to {user}: {said}"),
                    "the credentials are wrong or have ended, or are not for this image",
                ),
            };
            PullCheck::not(Verdict::NotAuthorised, message, help)
        }
        Credentials::None(None, _) => PullCheck::not(
            Verdict::NotAuthorised,
            format!("{host} asks for credentials, and this is pulled without any: {said}"),
            match reader {
                Puller::Engine => {
                    "`milepost wire FILE --archive URI` has them fetched; --cluster FILE says what agents give every pull"
                }
                Puller::Mesos => {
                    "`milepost wire FILE --secret PATH` takes them from a secret; --cluster FILE says what agents \
                     give every pull"
                }
            },
        ),
        Credentials::None(Some(from), lack) => {
            let message = format!("{host} asks for credentials, and {from} gives none for it");
            let (verdict, why, help) = match lack {
                Missing::Nothing => (Verdict::NotAuthorised, String::new(), login_again),
                Missing::WrongKey(why) => (Verdict::WrongKey, format!(": {why}"), login_again),
                Missing::Unusable(fault) => (Verdict::NotAuthorised, format!(": {fault}"), login_again),
                Missing::Helper(program) => (
                    Verdict::NotAuthorised,
                    format!(": it leaves them to docker-credential-{program}, which no agent has"),
                    "`milepost creds import` gets them from there".to_owned(),
                ),
            };
            PullCheck::not(verdict, format!("{message}{why}"), help)
        }
        Credentials::Unknown(message, help) => {
            PullCheck::not(Verdict::Unknown, format!("{host} asks for credentials, and {message}"), help)
        }
    }
}

fn no_answer(image: &Reference, error: &ClientError) -> PullCheck {
    let host = image.host();
    let is_late = matches!(error, ClientError::TimedOut { .. });
    let judged = match error {
        ClientError::Distrusted { cause, .. } => PullCheck::not(
            Verdict::NotTrusted,
            format!("the certificate of {host} is not trusted: {cause}"),
            "--ca-file FILE trusts an authority as agents do; `milepost registry trust` has agents trust it",
        ),
        error => PullCheck::not(
            Verdict::Unreachable,
            error.to_string(),
            "an agent may see another network than this machine does",
        ),
    };
    PullCheck { is_late, ..judged }
}
