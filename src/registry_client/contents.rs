//! What a registry has: manifests, tags, repositories.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, LINK};
use serde::Deserialize;

use crate::http::shown;
use crate::image::archive::RawManifest;
use crate::image::digest::is_sha256;
use crate::image::manifest::{ALL, MAX_MANIFEST, Manifest, ManifestParts, OCI_INDEX};

use super::manifest::Tags;
use super::media_type_of;
use super::session::{Counter, OpenAnswer, RegistrySession, TransferError, pause_or_fail};

/// The limit for the names of one list.
const MAX_NAMES: usize = 1_000_000;

/// How many names are asked for at once.
const PAGE: usize = 1_000;

#[derive(Deserialize)]
struct CatalogPage {
    #[serde(default)]
    repositories: Option<Vec<String>>,
}

impl RegistrySession {
    /// A manifest by its tag or digest, compared with the digest.
    pub(crate) async fn raw_manifest(&self, reference: &str) -> Result<RawManifest, TransferError> {
        let mut failures = 0;
        loop {
            match self.raw_manifest_once(reference).await {
                Ok(manifest) => return Ok(manifest),
                Err(error) => pause_or_fail(error, &mut failures).await?,
            }
        }
    }

    async fn raw_manifest_once(&self, reference: &str) -> Result<RawManifest, TransferError> {
        let answer = self.get_accepting(&format!("manifests/{reference}"), &ALL.join(",")).await?;
        if answer.status() != 200 {
            return Err(answer.refusal().await);
        }
        let media_type = media_type_of(answer.header(CONTENT_TYPE.as_str()));
        let announced = answer.header("docker-content-digest").map(str::to_owned);
        let url = answer.url.clone();
        let content = self.read(answer).await?;
        let manifest = RawManifest::new(&media_type, content);
        let expected = if is_sha256(reference) {
            Some(reference.to_owned())
        } else {
            announced.filter(|d| is_sha256(d))
        };
        match expected.filter(|expected| *expected != manifest.digest) {
            Some(expected) => Err(TransferError::damaged(&url, &expected, manifest.digest)),
            None => Ok(manifest),
        }
    }

    /// The digest of a manifest; nothing where there is none.
    pub(crate) async fn manifest_digest(&self, reference: &str) -> Result<Option<String>, TransferError> {
        match self.raw_manifest(reference).await {
            Ok(manifest) => Ok(Some(manifest.digest)),
            Err(TransferError::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Stores a manifest under a tag or its digest.
    pub(crate) async fn put_manifest(
        &self,
        reference: &str,
        manifest: &RawManifest,
    ) -> Result<(), TransferError> {
        let url = self.url(&format!("manifests/{reference}"));
        let mut failures = 0;
        loop {
            let request = self.request(Method::PUT, &url).header(CONTENT_TYPE, &manifest.media_type);
            let sent = match self.send(&url, request.body(manifest.content.clone())).await {
                Ok(answer) if matches!(answer.status(), 200..=202) => return Ok(()),
                Ok(answer) => answer.refusal().await,
                Err(error) => error,
            };
            pause_or_fail(sent, &mut failures).await?;
        }
    }

    /// Deletes a manifest by its digest.
    pub(crate) async fn delete_manifest(&self, digest: &str) -> Result<(), TransferError> {
        let url = self.url(&format!("manifests/{digest}"));
        let answer = self.send(&url, self.request(Method::DELETE, &url)).await?;
        match answer.status() {
            200 | 202 | 204 => Ok(()),
            _ => Err(answer.refusal().await),
        }
    }

    /// The tags of the repository, sorted.
    pub(crate) async fn all_tags(&self) -> Result<Vec<String>, TransferError> {
        let path = format!("tags/list?n={PAGE}");
        self.list(&path, |page: Tags| page.tags.unwrap_or_default()).await
    }

    /// The repositories of the registry, sorted. The session is one without a repository.
    pub(crate) async fn repositories(&self) -> Result<Vec<String>, TransferError> {
        let path = format!("_catalog?n={PAGE}");
        self.list(&path, |page: CatalogPage| page.repositories.unwrap_or_default()).await
    }

    /// The digests of what refers to a manifest: signatures, attestations. Nothing where the registry does not list them.
    pub(crate) async fn referrers(&self, digest: &str) -> Result<Option<Vec<String>>, TransferError> {
        let answer = self.get_accepting(&format!("referrers/{digest}"), OCI_INDEX).await?;
        if answer.status() != 200 {
            return match answer.refusal().await {
                error if error.may_pass() || error.is_unauthorized() => Err(error),
                _ => Ok(None),
            };
        }
        let body = self.read(answer).await?;
        let Ok(Manifest { parts: ManifestParts::Index(referrers), .. }) =
            Manifest::read(&body, Some(OCI_INDEX))
        else {
            return Ok(None);
        };
        Ok(Some(referrers.into_iter().map(|referrer| referrer.digest).collect()))
    }

    /// All pages of a list (OCI distribution-spec 1.1, "Listing Tags").
    async fn list<P: for<'d> Deserialize<'d>>(
        &self,
        path: &str,
        names_of: impl Fn(P) -> Vec<String>,
    ) -> Result<Vec<String>, TransferError> {
        let mut names: Vec<String> = Vec::new();
        let mut url = self.url(path);
        loop {
            let answer = self.send(&url, self.request(Method::GET, &url)).await?;
            if answer.status() != 200 {
                return Err(answer.refusal().await);
            }
            let next = next_page(&answer);
            let body = self.read(answer).await?;
            let page: P = serde_json::from_slice(&body)
                .map_err(|_| TransferError::Odd(format!("{} does not answer with a list", shown(&url))))?;
            let before = names.len();
            names.extend(names_of(page));
            match next {
                Some(next) if names.len() > before && names.len() < MAX_NAMES => url = next,
                _ => break,
            }
        }
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// The body of a short answer.
    async fn read(&self, mut answer: OpenAnswer) -> Result<Vec<u8>, TransferError> {
        let mut body = Vec::new();
        let moved = Counter::default();
        while let Some(part) = self.next_part(&mut answer, &moved).await? {
            body.extend_from_slice(&part);
            if body.len() as u64 > MAX_MANIFEST {
                let url = shown(&answer.url);
                return Err(TransferError::Odd(format!(
                    "{url} answers with more than {} MiB",
                    MAX_MANIFEST >> 20
                )));
            }
        }
        Ok(body)
    }
}

/// The address of the next page: `</v2/…>; rel="next"`, at the same registry.
fn next_page(answer: &OpenAnswer) -> Option<reqwest::Url> {
    let link = answer.header(LINK.as_str())?;
    let address = link.split_once('<')?.1.split_once('>')?.0;
    let next = answer.url.join(address).ok()?;
    (link.contains("next") && next.origin() == answer.url.origin()).then_some(next)
}
