//! What a registry has: manifests, tags, repositories.

use std::collections::HashSet;

use reqwest::header::{ACCEPT, CONTENT_TYPE, LINK};
use reqwest::{Method, Url};
use serde::Deserialize;

use crate::http::shown;
use crate::image::archive::RawManifest;
use crate::image::digest::is_sha256;
use crate::image::manifest::{ALL, MAX_MANIFEST, Manifest, ManifestParts, OCI_INDEX};

use super::failure::TransferError;
use super::manifest::{Tags, names_or_null};
use super::media_type_of;
use super::session::{OpenAnswer, RegistrySession, pause_or_fail};

/// The limit for the names of one list.
const MAX_NAMES: usize = 1_000_000;

/// The limit for the pages of one list.
const MAX_PAGES: usize = 10_000;

/// How many names are asked for at once.
const PAGE: usize = 1_000;

#[derive(Deserialize)]
struct CatalogPage {
    #[serde(default, deserialize_with = "names_or_null")]
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

    /// Whether the registry says that it has this manifest under a tag or its digest.
    async fn has_manifest(&self, reference: &str, digest: &str) -> bool {
        let url = self.url(&format!("manifests/{reference}"));
        let request = self.request(Method::HEAD, &url).header(ACCEPT, ALL.join(","));
        // Storing the manifest reports whatever keeps it from saying so.
        let answer = self.send(&url, request).await.ok().filter(|answer| answer.status() == 200);
        answer.is_some_and(|answer| answer.header("docker-content-digest") == Some(digest))
    }

    /// Stores a manifest under a tag or its digest, where it is not there.
    pub(crate) async fn put_manifest(
        &self,
        reference: &str,
        manifest: &RawManifest,
    ) -> Result<(), TransferError> {
        if self.has_manifest(reference, &manifest.digest).await {
            return Ok(());
        }
        let url = self.url(&format!("manifests/{reference}"));
        let mut failures = 0;
        loop {
            let request = self.request(Method::PUT, &url).header(CONTENT_TYPE, &manifest.media_type);
            let sent = match self.send(&url, request.body(manifest.content.clone())).await {
                Ok(answer) if matches!(answer.status(), 200..=202) => {
                    return self.stored(reference, manifest, &answer).await;
                }
                Ok(answer) => answer.refusal().await.of_manifest(&manifest.content),
                Err(error) => error,
            };
            pause_or_fail(sent, &mut failures).await?;
        }
    }

    /// Whether a manifest was stored. A registry answers 201 with the digest; what else is said may be a proxy's, and then the
    /// registry is asked.
    async fn stored(
        &self,
        reference: &str,
        manifest: &RawManifest,
        answer: &OpenAnswer,
    ) -> Result<(), TransferError> {
        let announced = answer.header("docker-content-digest").filter(|digest| is_sha256(digest));
        match announced {
            Some(digest) if digest != manifest.digest => {
                Err(TransferError::damaged(&answer.url, &manifest.digest, digest.to_owned()))
            }
            Some(_) if answer.status() == 201 => Ok(()),
            _ if self.manifest_digest(reference).await?.as_ref() == Some(&manifest.digest) => Ok(()),
            _ => {
                let (url, status) = (shown(&answer.url), answer.status());
                Err(TransferError::Odd(format!(
                    "{url} answers {status}, and the image is not there afterwards"
                )))
            }
        }
    }

    /// Deletes a manifest by its digest. A registry answers 202.
    pub(crate) async fn delete_manifest(&self, digest: &str) -> Result<(), TransferError> {
        let mut failures = 0;
        loop {
            match self.delete_manifest_once(digest).await {
                Ok(()) => return Ok(()),
                // An attempt before has deleted it.
                Err(TransferError::Missing(_)) if failures > 0 => return Ok(()),
                Err(error) => pause_or_fail(error, &mut failures).await?,
            }
        }
    }

    async fn delete_manifest_once(&self, digest: &str) -> Result<(), TransferError> {
        let url = self.url(&format!("manifests/{digest}"));
        let answer = self.send(&url, self.request(Method::DELETE, &url)).await?;
        match answer.status() {
            202 => Ok(()),
            200 | 204 if self.manifest_digest(digest).await?.is_none() => Ok(()),
            status @ (200 | 204) => {
                let url = shown(&answer.url);
                Err(TransferError::Odd(format!("{url} answers {status}, and the image is there afterwards")))
            }
            _ => Err(answer.refusal().await),
        }
    }

    /// The tags of the repository, sorted.
    pub(crate) async fn all_tags(&self) -> Result<Vec<String>, TransferError> {
        let path = format!("tags/list?n={PAGE}");
        self.list(&path, Tags::names).await
    }

    /// The repositories of the registry, sorted. The session is one without a repository.
    pub(crate) async fn repositories(&self) -> Result<Vec<String>, TransferError> {
        let path = format!("_catalog?n={PAGE}");
        self.list(&path, |page: CatalogPage| page.repositories).await
    }

    /// The digests of what refers to a manifest: signatures, attestations. Nothing where the registry does not list them.
    pub(crate) async fn referrers(&self, digest: &str) -> Result<Option<Vec<String>>, TransferError> {
        let mut pages = Pages::from(self.url(&format!("referrers/{digest}")));
        let mut digests = Vec::new();
        while let Some(url) = pages.next(digests.len())? {
            let is_first = digests.is_empty();
            let body = match self.page(&url, OCI_INDEX, &mut pages).await {
                Ok(body) => body,
                Err(error) if !is_first || error.may_pass() || error.is_unauthorized() => return Err(error),
                Err(_) => return Ok(None),
            };
            match Manifest::read(&body, Some(OCI_INDEX)) {
                Ok(Manifest { parts: ManifestParts::Index(referrers), .. }) => {
                    digests.extend(referrers.into_iter().map(|referrer| referrer.digest));
                }
                _ if is_first => return Ok(None),
                _ => return Err(no_list(&url)),
            }
        }
        Ok(Some(digests))
    }

    /// All pages of a list (OCI distribution-spec 1.1, "Listing Tags").
    async fn list<P: for<'d> Deserialize<'d>>(
        &self,
        path: &str,
        names_of: impl Fn(P) -> Option<Vec<String>>,
    ) -> Result<Vec<String>, TransferError> {
        let mut pages = Pages::from(self.url(path));
        let mut names: Vec<String> = Vec::new();
        while let Some(url) = pages.next(names.len())? {
            let body = self.page(&url, "application/json", &mut pages).await?;
            let page = serde_json::from_slice(&body).ok().and_then(&names_of);
            names.extend(page.ok_or_else(|| no_list(&url))?);
        }
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// One page of a list.
    async fn page(&self, url: &Url, accept: &str, pages: &mut Pages) -> Result<Vec<u8>, TransferError> {
        let mut failures = 0;
        loop {
            let asked = self.request(Method::GET, url).header(ACCEPT, accept);
            let done = match self.send(url, asked).await {
                Ok(answer) if answer.status() == 200 => {
                    let following = next_page(&answer);
                    self.read(answer).await.map(|body| (body, following))
                }
                Ok(answer) => Err(answer.refusal().await),
                Err(error) => Err(error),
            };
            match done {
                Ok((body, following)) => {
                    pages.following = following;
                    return Ok(body);
                }
                Err(error) => pause_or_fail(error, &mut failures).await?,
            }
        }
    }

    /// The body of a short answer.
    async fn read(&self, mut answer: OpenAnswer) -> Result<Vec<u8>, TransferError> {
        let mut body = Vec::new();
        let mut pace = self.pace(None);
        while let Some(part) = self.next_part(&mut answer, &mut pace).await? {
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

/// The pages of a list: a list that is cut off would be taken for the whole.
struct Pages {
    following: Option<Url>,
    seen: HashSet<Url>,
}

impl Pages {
    fn from(first: Url) -> Self {
        Self { following: Some(first), seen: HashSet::new() }
    }

    /// The next page, after those that had this many names.
    fn next(&mut self, names: usize) -> Result<Option<Url>, TransferError> {
        let Some(url) = self.following.take() else { return Ok(None) };
        if names > MAX_NAMES || self.seen.len() > MAX_PAGES || !self.seen.insert(url.clone()) {
            return Err(TransferError::Odd(format!(
                "the list goes on and on at {}: it has more than {MAX_NAMES} names, or leads back to where it was",
                shown(&url)
            )));
        }
        Ok(Some(url))
    }
}

fn no_list(url: &Url) -> TransferError {
    let mut url = url.clone();
    url.set_query(None);
    TransferError::Odd(format!("{} does not answer with a list", shown(&url)))
}

/// The address of the next page: `</v2/…>; rel="next"`. It is at the same registry: one behind a proxy may write an address
/// that only the proxy knows.
fn next_page(answer: &OpenAnswer) -> Option<Url> {
    let link = answer.header(LINK.as_str()).filter(|link| link.contains("next"))?;
    let address = link.split_once('<')?.1.split_once('>')?.0;
    let to = answer.url.join(address).ok()?;
    let mut next = answer.url.clone();
    next.set_path(to.path());
    next.set_query(to.query());
    Some(next)
}
