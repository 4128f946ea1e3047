//! The manifest of an image, as the registry serves it to a pull.

use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use crate::credential::Login;
use crate::definition::Containerizer;
use crate::http::{Client, ClientError, MAX_ANSWER, shown};
use crate::image::Reference;
use crate::image::digest::{SHA256_PREFIX, is_sha256, sha256};
use crate::image::manifest::DOCKER_MANIFEST;

use super::{RegistryAccess, RegistryResponse, SignIn, Stop, media_type_of};

/// The media types that recent Docker Engines take.
const FOR_ENGINE: &str = "application/vnd.docker.distribution.manifest.list.v2+json,\
    application/vnd.oci.image.index.v1+json,application/vnd.docker.distribution.manifest.v2+json,\
    application/vnd.oci.image.manifest.v1+json,application/vnd.docker.distribution.manifest.v1+prettyjws";

/// The media types that Mesos takes (1.8 and later; `DockerFetcherPluginProcess::fetch`): no lists and no OCI.
const FOR_MESOS: &str = "application/vnd.docker.distribution.manifest.v2+json,\
    application/vnd.docker.distribution.manifest.v1+json,application/vnd.docker.distribution.manifest.v1+prettyjws";

/// An image in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteManifest {
    /// `sha256:…`, which identifies the image whatever its tag comes to mean.
    pub digest: String,
    /// The media type of its manifest.
    pub media_type: String,
    /// Its platforms: `linux/amd64`, `linux/arm64/v8`; empty where it names none.
    pub platforms: Vec<String>,
    /// Whether it can be pulled without credentials.
    pub is_open: bool,
}

/// A registry's answer to a pull.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pulled {
    /// The image exists.
    There(RemoteManifest),
    /// It does not exist.
    Missing {
        /// The address that says so.
        url: String,
        /// The tags that exist, where the registry lists them; empty where the image has none.
        tags: Option<Vec<String>>,
    },
    /// The credentials are rejected or missing.
    Denied {
        /// The address that says so, and its status.
        by: (String, u16),
        /// Whether the registry knows the user, where it says.
        knows_user: Option<bool>,
    },
    /// The registry rejects the token that its own token server gave: its address.
    BadToken(String),
    /// It exists in a form that Mesos does not take: its media type.
    NotForMesos(String),
    /// The registry's token server neither gives a token nor rejects the credentials.
    NoToken(String),
    /// The registry's token server is not its own, and was not asked.
    Foreign(String),
    /// The answer does not follow the registry API.
    Odd(String),
}

impl Client {
    /// Asks for an image's manifest, as the containerizer that pulls it would.
    ///
    /// # Errors
    /// When no answer comes. A rejection is an answer.
    pub(crate) fn manifest(
        &self,
        image: &Reference,
        containerizer: Containerizer,
        login: Option<&Login>,
    ) -> Result<Pulled, ClientError> {
        match self.pull(image, containerizer, login) {
            Ok(pulled) => Ok(pulled),
            Err(Stop::NoRight(url, status)) => {
                Ok(Pulled::Denied { by: (url, status), knows_user: Some(true) })
            }
            Err(Stop::NoToken(problem)) => Ok(Pulled::NoToken(problem)),
            Err(Stop::Busy(answer)) => Ok(Pulled::NoToken(answer.odd())),
            Err(Stop::Denied(url, status)) => {
                let login = login.filter(|login| login.password().is_some());
                let knows_user = match login.map(|login| self.sign_in(image.host(), login)) {
                    Some(Ok(SignIn::Accepted | SignIn::NoRight(..))) => Some(true),
                    Some(Ok(SignIn::Wrong(..))) => Some(false),
                    _ => None,
                };
                Ok(Pulled::Denied { by: (url, status), knows_user })
            }
            Err(Stop::BadToken(url)) => Ok(Pulled::BadToken(url)),
            Err(Stop::Foreign(problem)) => Ok(Pulled::Foreign(problem)),
            Err(Stop::Odd(problem)) => Ok(Pulled::Odd(problem)),
            Err(Stop::NoAnswer(error)) => Err(error),
        }
    }

    fn pull(
        &self,
        image: &Reference,
        containerizer: Containerizer,
        login: Option<&Login>,
    ) -> Result<Pulled, Stop> {
        // Mesos asks the host that is written, even where that means Docker Hub.
        let host = match containerizer {
            Containerizer::Mesos => image.written_address(),
            Containerizer::Docker => image.address(),
        };
        let name = image.repository();
        let Ok(url) = Url::parse(&format!("https://{host}/v2/{name}/manifests/{}", image.version())) else {
            return Err(Stop::Odd(format!("{host} does not make an address")));
        };
        let scope = format!("repository:{name}:pull");
        let accept = if containerizer == Containerizer::Mesos { FOR_MESOS } else { FOR_ENGINE };
        let access = RegistryAccess { login, scope: Some(&scope), accept, follows: true, waits: false };
        let answer = self.ask_registry(url, &access)?;
        if answer.status == 404 && !answer.is_page() {
            if is_form_refused(&answer.body) {
                return Ok(Pulled::NotForMesos("an OCI image".to_owned()));
            }
            let tags = self.tags(&answer, name, &access);
            return Ok(Pulled::Missing { url: shown(&answer.url), tags });
        }
        let media_type = media_type(&answer)?;
        if containerizer == Containerizer::Mesos && !is_for_mesos(&media_type) {
            return Ok(Pulled::NotForMesos(media_type));
        }
        let digest = checked_digest(&answer, image)?;
        let parsed = serde_json::from_slice(&answer.body).ok().filter(ParsedManifest::is_one);
        let Some(parsed) = parsed else {
            return Err(Stop::Odd(format!("the answer of {} is not a manifest", shown(&answer.url))));
        };
        let is_open = answer.is_open();
        let platforms = match parsed.config {
            Some(config) => self.configuration(answer, name, &config.digest, &access)?.into_iter().collect(),
            None => parsed.platforms(),
        };
        Ok(Pulled::There(RemoteManifest { digest, media_type, platforms, is_open }))
    }

    /// The tags of an image, where the credentials allow to list them.
    fn tags(
        &self,
        answer: &RegistryResponse,
        name: &str,
        access: &RegistryAccess<'_>,
    ) -> Option<Vec<String>> {
        let mut url = answer.asked.clone();
        url.set_path(&format!("/v2/{name}/tags/list"));
        let access = RegistryAccess { accept: "application/json", follows: false, ..*access };
        let answer = self.ask_registry(url, &access).ok().filter(|answer| !answer.is_page())?;
        match answer.status {
            200 => serde_json::from_slice::<Tags>(&answer.body).ok()?.names(),
            404 => Some(Vec::new()),
            _ => None,
        }
    }

    /// The platform of a single image, from its configuration.
    fn configuration(
        &self,
        manifest: RegistryResponse,
        name: &str,
        digest: &str,
        access: &RegistryAccess<'_>,
    ) -> Result<Option<String>, Stop> {
        let mut url = manifest.asked;
        url.set_query(None);
        url.set_path(&format!("/v2/{name}/blobs/{digest}"));
        let access = RegistryAccess { accept: "*/*", ..*access };
        let answer = self.ask(url, manifest.proof, &access)?;
        if answer.status != 200 {
            let odd = answer.odd();
            return Err(Stop::Odd(format!("the image has a manifest, but no configuration: {odd}")));
        }
        Ok(serde_json::from_slice::<EntryPlatform>(&answer.body).ok().and_then(EntryPlatform::name))
    }
}

/// A list of tags: those of an empty repository some registries write as null, or leave out.
#[derive(Deserialize)]
pub(super) struct Tags {
    name: Option<String>,
    #[serde(default, deserialize_with = "names_or_null")]
    tags: Option<Vec<String>>,
}

impl Tags {
    /// The tags; nothing where the object is no list of tags.
    pub(super) fn names(self) -> Option<Vec<String>> {
        self.tags.or_else(|| self.name.map(|_| Vec::new()))
    }
}

/// A list that is there, even as null.
pub(super) fn names_or_null<'d, D: Deserializer<'d>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    Ok(Some(Option::deserialize(from)?.unwrap_or_default()))
}

/// The parts of a manifest of any form that are used.
#[derive(Deserialize)]
struct ParsedManifest {
    /// In a single image (schema 2 and OCI).
    config: Option<IndexEntry>,
    /// In a list.
    manifests: Option<Vec<IndexEntry>>,
    /// In a single image of schema 1.
    architecture: Option<String>,
}

#[derive(Deserialize)]
struct IndexEntry {
    digest: String,
    platform: Option<EntryPlatform>,
}

#[derive(Deserialize)]
struct EntryPlatform {
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
}

impl ParsedManifest {
    fn is_one(&self) -> bool {
        self.config.is_some() || self.manifests.is_some() || self.architecture.is_some()
    }

    fn platforms(self) -> Vec<String> {
        let listed = self.manifests.into_iter().flatten().filter_map(|one| one.platform?.name());
        let mut platforms: Vec<String> =
            listed.chain(self.architecture.map(|architecture| format!("linux/{architecture}"))).collect();
        platforms.sort_unstable();
        platforms.dedup();
        platforms
    }
}

impl EntryPlatform {
    /// `None` for entries that are not images, such as build attestations.
    fn name(self) -> Option<String> {
        let (os, architecture) = (self.os?, self.architecture?);
        if os.is_empty() || architecture.is_empty() || os == "unknown" {
            return None;
        }
        let variant = self.variant.filter(|variant| !variant.is_empty());
        let name =
            [Some(os), Some(architecture), variant].into_iter().flatten().collect::<Vec<_>>().join("/");
        Some(name.replace(char::is_control, "?"))
    }
}

/// The media type of an answer that may hold a manifest.
fn media_type(answer: &RegistryResponse) -> Result<String, Stop> {
    if answer.status != 200 || answer.is_page() {
        return Err(Stop::Odd(answer.odd()));
    }
    if answer.body.len() as u64 > MAX_ANSWER {
        let url = shown(&answer.url);
        return Err(Stop::Odd(format!("{url} answers with more than {} MiB", MAX_ANSWER >> 20)));
    }
    Ok(media_type_of(answer.header(CONTENT_TYPE.as_str())))
}

/// Mesos goes by the media type in the answer (`DockerFetcherPluginProcess::__fetch`).
fn is_for_mesos(media_type: &str) -> bool {
    media_type == DOCKER_MANIFEST
        || media_type.starts_with("application/vnd.docker.distribution.manifest.v1")
        || media_type.starts_with("application/json")
}

/// Whether this is distribution's error for an image that exists, but in no accepted form.
fn is_form_refused(body: &[u8]) -> bool {
    let says = |body: Json| {
        let errors = body.get("errors")?.as_array()?.clone();
        Some(errors.iter().any(|error| {
            error.get("message").and_then(Json::as_str).is_some_and(|text| text.contains("accept header"))
        }))
    };
    serde_json::from_slice(body).ok().and_then(says).unwrap_or(false)
}

/// The digest of the answer. It has to equal the digest in the reference and the one in the registry's header.
fn checked_digest(answer: &RegistryResponse, image: &Reference) -> Result<String, Stop> {
    let said = answer.header("docker-content-digest");
    // The digest leaves out the signature within the manifest.
    let is_signed = answer.header(CONTENT_TYPE.as_str()).is_some_and(|kind| kind.contains("prettyjws"));
    let found = sha256(&answer.body);
    for expected in said.into_iter().chain(image.digest()).filter(|digest| digest.starts_with(SHA256_PREFIX))
    {
        if !is_signed && expected != found {
            let url = shown(&answer.url);
            return Err(Stop::Odd(format!("the answer of {url} does not have the digest {expected}")));
        }
    }
    Ok(said.filter(|said| is_signed && is_sha256(said)).map_or(found, str::to_owned))
}
