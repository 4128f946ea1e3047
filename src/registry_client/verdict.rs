//! What a registry's answer means for a pull.

use crate::credential::Missing;
use crate::credential::sources::Credentials;
use crate::definition::Containerizer;
use crate::finding::Rule;
use crate::http::ClientError;
use crate::image::Reference;
use crate::util::path::is_within;
use crate::util::text::count;

use super::{BAD_TOKEN, Pulled, RemoteManifest, rules, token_server};

/// How many of the tags that exist are named when the wanted one does not.
const MOST_TAGS: usize = 5;

/// Whether an image can be pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It can.
    Pullable,
    /// It can, but does not run on the agents' platform.
    WrongPlatform,
    /// It exists in a form that UCR does not read.
    NotForUcr,
    /// The tag or the digest does not exist.
    NoSuchTag,
    /// No image has this name.
    NoSuchImage,
    /// The registry denies it to these credentials, or to a request without any.
    NotAuthorised,
    /// The credentials are under a key that the containerizer does not look up.
    WrongKey,
    /// The credentials are not readable from this machine.
    Unknown,
    /// The source of the credentials is missing or does not hold any.
    BadCredentials,
    /// The registry's certificate is not trusted.
    NotTrusted,
    /// No answer.
    Unreachable,
    /// An answer that does not follow the registry API, or a refusal for now.
    OddAnswer,
    /// Not a reference that a registry can look up.
    BadReference,
}

impl Verdict {
    /// The word in output.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        self.rule().map_or("pullable", |rule| rule.slug)
    }

    /// The rule that an image breaks; nothing where it can be pulled.
    #[must_use]
    pub(crate) fn rule(self) -> Option<&'static Rule> {
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

/// A verdict with its reasons.
#[derive(Clone, Debug)]
pub(crate) struct PullCheck {
    /// The verdict.
    pub verdict: Verdict,
    /// What is wrong, a sentence without a full stop; empty for a pullable image.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
    /// The image, where it can be pulled.
    pub manifest: Option<RemoteManifest>,
    /// The registry did not answer in time.
    pub is_late: bool,
}

impl PullCheck {
    /// A verdict without a manifest.
    #[must_use]
    pub(crate) fn not(verdict: Verdict, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { verdict, message: message.into(), help: help.into(), manifest: None, is_late: false }
    }
}

/// The verdict on pulling `image` for agents of a platform such as `linux/amd64`.
#[must_use]
pub(crate) fn check_answer(
    image: &Reference,
    containerizer: Containerizer,
    credentials: &Credentials<'_>,
    platform: &str,
    answer: &Result<Pulled, ClientError>,
) -> PullCheck {
    let host = image.host();
    match answer {
        Ok(Pulled::There(manifest)) => there(manifest.clone(), platform),
        Ok(Pulled::Missing { url, tags }) => missing(image, url, tags.as_deref()),
        Ok(Pulled::NotForMesos(form)) => PullCheck::not(
            Verdict::NotForUcr,
            format!("UCR does not read the form in which {host} has this image: {form}"),
            "UCR reads single images in Docker's own form: build it with `docker buildx build --provenance=false \
             --output type=registry,oci-mediatypes=false`, or run it on the Docker Engine",
        ),
        Ok(Pulled::Denied { by: (url, status), knows_user }) => {
            denied(image, containerizer, credentials, (url.as_str(), *status), *knows_user)
        }
        Ok(Pulled::BadToken(url)) => PullCheck::not(
            Verdict::NotAuthorised,
            format!("{host} rejects the token that its token server gave: {url} answers 401, invalid_token"),
            BAD_TOKEN,
        ),
        Ok(Pulled::NoToken(problem)) => PullCheck::not(
            Verdict::OddAnswer,
            format!("the token server of {host} gives no token: {problem}"),
            "see the token server's log",
        ),
        Ok(Pulled::Foreign(problem)) => PullCheck::not(
            Verdict::OddAnswer,
            problem.as_str(),
            "the password was not sent, and the image was not asked for; agents do send it there",
        ),
        Ok(Pulled::Odd(problem)) => PullCheck::not(
            Verdict::OddAnswer,
            format!("{host} does not answer like a registry: {problem}"),
            "is this the registry's host, with its port?",
        ),
        Err(error) => no_answer(image, error),
    }
}

fn there(manifest: RemoteManifest, platform: &str) -> PullCheck {
    let fits = |one: &String| is_within(one, platform);
    if manifest.platforms.is_empty() || manifest.platforms.iter().any(fits) {
        return PullCheck { manifest: Some(manifest), ..PullCheck::not(Verdict::Pullable, "", "") };
    }
    let message = format!("this image is for {}, not for {platform}", manifest.platforms.join(", "));
    let help = "build it for the agents too, or name their platform with --platform";
    PullCheck { manifest: Some(manifest), ..PullCheck::not(Verdict::WrongPlatform, message, help) }
}

fn missing(image: &Reference, url: &str, tags: Option<&[String]>) -> PullCheck {
    let (host, name, version) = (image.host(), image.repository(), image.version());
    let said = format!("{url} answers 404");
    if tags.is_some_and(<[String]>::is_empty) {
        let help = "was it pushed under exactly this name? an image appears with its first tag";
        return PullCheck::not(Verdict::NoSuchImage, format!("{host} has no image {name}: {said}"), help);
    }
    let separator = if image.digest().is_some() { '@' } else { ':' };
    let message = format!("{host} has no {name}{separator}{version}: {said}");
    let help = match tags {
        Some(tags) => {
            // The last tags in the registry's order are most often the newest.
            let known: Vec<&str> = tags.iter().rev().take(MOST_TAGS).rev().map(String::as_str).collect();
            let more = if tags.len() > MOST_TAGS { "…, " } else { "" };
            format!("it has {}: {more}{}", count(tags.len(), "tag"), known.join(", "))
                .replace(char::is_control, "?")
        }
        None => "was it pushed, or was it deleted?".to_owned(),
    };
    PullCheck::not(Verdict::NoSuchTag, message, help)
}

/// The registry denies the image.
fn denied(
    image: &Reference,
    containerizer: Containerizer,
    credentials: &Credentials<'_>,
    (url, status): (&str, u16),
    knows_user: Option<bool>,
) -> PullCheck {
    let host = image.host();
    let said = format!("{url} answers {status}");
    let login_again =
        format!("`milepost creds login {host} -u USER --password-stdin` writes the entry again");
    match credentials {
        Credentials::Login(login) => {
            let user = match login.user() {
                "" => format!("the {}", login.kind()),
                user => user.replace(char::is_control, "?"),
            };
            let (message, help) = match knows_user {
                Some(true) => (
                    format!("{host} knows {user} but denies them {}: {said}", image.repository()),
                    "may the user pull it? some registries also answer so for images that do not exist",
                ),
                Some(false) => (
                    format!("{} rejects the credentials of {user}: {said}", who(image, url)),
                    "the user or the password is wrong, or has expired",
                ),
                None => (
                    format!("{host} denies this image to {user}: {said}"),
                    "the credentials are wrong, have expired, or are not for this image",
                ),
            };
            PullCheck::not(Verdict::NotAuthorised, message, help)
        }
        Credentials::None(None, _) => PullCheck::not(
            Verdict::NotAuthorised,
            format!("{host} asks for credentials, and this is pulled without any: {said}"),
            match containerizer {
                Containerizer::Docker => {
                    "`milepost wire FILE --archive URI` adds a fetch of them; --cluster FILE names those that agents give \
                     every pull"
                }
                Containerizer::Mesos => {
                    "`milepost wire FILE --secret PATH` takes them from a secret; --cluster FILE names those that agents \
                     give every pull"
                }
            },
        ),
        Credentials::None(Some(from), lack) => {
            let message = format!("{host} asks for credentials, and {from} has none for it");
            let (verdict, why, help) = match lack {
                Missing::Nothing => (Verdict::NotAuthorised, String::new(), login_again),
                Missing::WrongKey(why) => (Verdict::WrongKey, format!(": {why}"), login_again),
                Missing::Unusable(fault) => (Verdict::NotAuthorised, format!(": {fault}"), login_again),
                Missing::Helper(program) => (
                    Verdict::NotAuthorised,
                    format!(": it leaves them to docker-credential-{program}, which no agent has"),
                    "`milepost creds import` gets them from the helper".to_owned(),
                ),
            };
            PullCheck::not(verdict, format!("{message}{why}"), help)
        }
        Credentials::Unknown(reason) => PullCheck::not(
            Verdict::Unknown,
            format!("{host} asks for credentials, and {}", reason.message),
            reason.help.as_str(),
        ),
    }
}

/// The server at an address that denies an image: the registry, or its token server.
fn who(image: &Reference, url: &str) -> String {
    let server = token_server(url, image.address());
    server
        .map_or_else(|| image.host().to_string(), |at| format!("the token server of {}, {at},", image.host()))
}

fn no_answer(image: &Reference, error: &ClientError) -> PullCheck {
    let registry = image.host().to_string();
    let host = error.host().unwrap_or(&registry);
    let is_late = matches!(error, ClientError::TimedOut { .. });
    let check = match error {
        ClientError::Distrusted { cause, .. } => PullCheck::not(
            Verdict::NotTrusted,
            format!("the certificate of {host} is not trusted: {cause}"),
            "--ca-file FILE trusts an authority as agents do; `milepost registry trust` makes agents trust it",
        ),
        error => PullCheck::not(
            Verdict::Unreachable,
            error.to_string(),
            "agents may be in another network than this machine",
        ),
    };
    PullCheck { is_late, ..check }
}
