//! Blobs of a registry: uploads and downloads that go on where they broke off (OCI distribution-spec 1.1, "Pushing Blobs in
//! Chunks" and "Pulling blobs").
//!
//! A download goes on in another run too, by the part of the file that is there. An upload does not: its address would have to
//! be kept, and distribution (2.8.2: "upload resumed at wrong offset") answers 404 at the address that was given before the
//! bytes which broke off, so that the blob begins anew in the same run as well. Other registries tell what they have.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderValue, RANGE};
use reqwest::{Method, Url};

use crate::http::shown;
use crate::image::archive::{FileRange, LocalBlob};
use crate::image::digest::PartsDigest;
use crate::image::manifest::Descriptor;

use super::failure::TransferError;
use super::session::{Counter, OpenAnswer, RegistrySession, aside, pause_or_fail};

/// How much is read from a file at once, in bytes.
const PART: usize = 128 << 10;

/// How a blob came to be in a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlobOutcome {
    /// It was there.
    Present,
    /// The registry has taken it from another repository of its own.
    Mounted,
    /// It was sent.
    Sent,
}

/// What the registry answers to the start of an upload.
enum Begun {
    Mounted,
    At(Url),
}

impl RegistrySession {
    /// Whether the repository has a blob.
    pub(crate) async fn has_blob(&self, digest: &str) -> Result<bool, TransferError> {
        Ok(self.head_blob(digest).await?.is_some())
    }

    /// The size of a blob, where the repository has it: nothing inside where the registry does not tell.
    pub(crate) async fn head_blob(&self, digest: &str) -> Result<Option<Option<u64>>, TransferError> {
        let mut failures = 0;
        loop {
            match self.head_blob_once(digest).await {
                Ok(size) => return Ok(size),
                Err(error) => pause_or_fail(error, &mut failures).await?,
            }
        }
    }

    async fn head_blob_once(&self, digest: &str) -> Result<Option<Option<u64>>, TransferError> {
        let url = self.url(&format!("blobs/{digest}"));
        let answer = self.send(&url, self.request(Method::HEAD, &url)).await?;
        match answer.status() {
            404 => Ok(None),
            // Storage elsewhere, which has it.
            200 | 302 | 303 | 307 | 308 => {
                let size = answer.header(CONTENT_LENGTH.as_str()).filter(|_| answer.status() == 200);
                Ok(Some(size.and_then(|size| size.parse().ok())))
            }
            _ => Err(answer.refusal().await),
        }
    }

    /// Brings a blob into the repository.
    pub(crate) async fn upload(
        &self,
        blob: &LocalBlob,
        moved: &Counter,
    ) -> Result<BlobOutcome, TransferError> {
        if self.has_blob(&blob.digest).await? {
            return Ok(BlobOutcome::Present);
        }
        if !blob.is_proven {
            let blob = blob.clone();
            aside(move || prove(&blob)).await?;
        }
        let mut failures = 0;
        let (mut location, mut offset) = (None, 0);
        loop {
            match self.upload_once(blob, &mut location, &mut offset, moved).await {
                Ok(outcome) => return Ok(outcome),
                Err(error) => {
                    pause_or_fail(error, &mut failures).await?;
                    // Goes on where the registry stopped; an upload that it has lost begins again.
                    let at = match location.take() {
                        Some(url) => self.upload_state(&url).await.ok(),
                        None => None,
                    };
                    let (url, received) = at.unzip();
                    let received = received.unwrap_or_default();
                    moved.fetch_sub(
                        moved.load(Ordering::Relaxed).min(offset.saturating_sub(received)),
                        Ordering::Relaxed,
                    );
                    (location, offset) = (url, received);
                }
            }
        }
    }

    async fn upload_once(
        &self,
        blob: &LocalBlob,
        location: &mut Option<Url>,
        offset: &mut u64,
        moved: &Counter,
    ) -> Result<BlobOutcome, TransferError> {
        let url = match location {
            Some(url) => url.clone(),
            None => match self.begin_upload(&blob.digest, None).await? {
                Begun::Mounted => return Ok(BlobOutcome::Mounted),
                Begun::At(url) => location.insert(url).clone(),
            },
        };
        let size = blob.range.size;
        let next = if *offset < size || size == 0 {
            let begin = *offset;
            *offset = size;
            self.send_rest(&url, &blob.range, begin, moved).await?
        } else {
            url
        };
        *location = Some(next.clone());
        let mut end = next;
        end.query_pairs_mut().append_pair("digest", &blob.digest);
        let request = self.request(Method::PUT, &end).header(CONTENT_LENGTH, 0);
        let answer = self.send_long(&end, request, self.pace(None)).await?;
        match answer.status() {
            201 | 204 => Ok(BlobOutcome::Sent),
            _ => Err(answer.refusal().await),
        }
    }

    /// Asks the registry to take a blob from another repository of its own. Where the token is not for that repository, too, the
    /// registry does not.
    pub(crate) async fn mount(&self, digest: &str, from: &str) -> Result<bool, TransferError> {
        let mut failures = 0;
        loop {
            match self.begin_upload(digest, Some(from)).await {
                // Whatever it has against that, the blob can be sent.
                Err(TransferError::Denied { status: 403, .. } | TransferError::Missing(_)) => {
                    return Ok(false);
                }
                Err(TransferError::Refused { status: 400..=428, .. }) => return Ok(false),
                Err(error) => pause_or_fail(error, &mut failures).await?,
                Ok(Begun::Mounted) => return Ok(true),
                Ok(Begun::At(url)) => {
                    // An upload has begun in its place, which is not needed; that it cannot be ended does no harm.
                    let _ = self.send(&url, self.request(Method::DELETE, &url)).await;
                    return Ok(false);
                }
            }
        }
    }

    async fn begin_upload(&self, digest: &str, from: Option<&str>) -> Result<Begun, TransferError> {
        let mut url = self.url("blobs/uploads/");
        if let Some(from) = from {
            url.query_pairs_mut().append_pair("mount", digest).append_pair("from", from);
        }
        let request = self.request(Method::POST, &url).header(CONTENT_LENGTH, 0);
        let answer = self.send(&url, request).await?;
        match answer.status() {
            201 => Ok(Begun::Mounted),
            202 => Ok(Begun::At(answer.location()?)),
            _ => Err(answer.refusal().await),
        }
    }

    /// Sends the bytes from an offset on: the address to go on at.
    async fn send_rest(
        &self,
        url: &Url,
        range: &FileRange,
        offset: u64,
        moved: &Counter,
    ) -> Result<Url, TransferError> {
        let failed = TransferError::file(&range.path);
        let left = range.size - offset;
        let content = range.open_at(offset).map_err(failed)?;
        let mut request = self
            .request(Method::PATCH, url)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, left);
        if left > 0 {
            request = request.header(CONTENT_RANGE, format!("{offset}-{}", range.size - 1));
        }
        // The bytes of this blob alone: that others move does not help it.
        let pace = self.pace(Some(left));
        let counters = [moved.clone(), pace.counter()];
        let body = FileBody { content, left, counters, buffer: vec![0; PART] };
        let answer = self.send_long(url, request.body(reqwest::Body::wrap(body)), pace).await?;
        match answer.status() {
            202 | 204 => answer.location(),
            _ => Err(answer.refusal().await),
        }
    }

    /// The state of an upload: the address to go on at, and how many bytes the registry has.
    async fn upload_state(&self, url: &Url) -> Result<(Url, u64), TransferError> {
        let answer = self.send(url, self.request(Method::GET, url)).await?;
        if answer.status() != 204 {
            return Err(answer.refusal().await);
        }
        let last: Option<u64> =
            answer.header("range").and_then(|range| range.rsplit('-').next()?.parse().ok());
        // `0-0` is what registries say of nothing, too.
        let received = last.filter(|last| *last > 0).map_or(0, |last| last + 1);
        Ok((answer.location()?, received))
    }

    /// Brings a blob into a file, which may have the first part of it from an earlier run.
    pub(crate) async fn download(
        &self,
        blob: &Descriptor,
        to: &Path,
        moved: &Counter,
    ) -> Result<(), TransferError> {
        let mut failures = 0;
        loop {
            match self.download_once(blob, to, moved).await {
                Ok(()) => return Ok(()),
                Err(error) => pause_or_fail(error, &mut failures).await?,
            }
        }
    }

    /// Reads a blob and compares it with its digest.
    pub(crate) async fn verify(&self, blob: &Descriptor, moved: &Counter) -> Result<(), TransferError> {
        let mut failures = 0;
        loop {
            match self.verify_once(blob, moved).await {
                Ok(()) => return Ok(()),
                Err(error) => pause_or_fail(error, &mut failures).await?,
            }
        }
    }

    async fn verify_once(&self, blob: &Descriptor, moved: &Counter) -> Result<(), TransferError> {
        let mut answer = self.get(&format!("blobs/{}", blob.digest), HeaderMap::new()).await?;
        if answer.status() != 200 {
            return Err(answer.refusal().await);
        }
        let (mut digest, mut size) = (PartsDigest::new(), 0);
        self.receive(&mut answer, blob, (&mut digest, &mut size), moved, |_| Ok(())).await?;
        if size < blob.size {
            return Err(TransferError::Odd(format!(
                "{} has {size} bytes, and the manifest says {}",
                shown(&answer.url),
                blob.size
            )));
        }
        self.compare(blob, digest)
    }

    /// Reads an answer to its end, and passes each part on: into the digest, and to `keep`. Ends where more comes than the blob
    /// has.
    async fn receive(
        &self,
        answer: &mut OpenAnswer,
        blob: &Descriptor,
        (digest, size): (&mut PartsDigest, &mut u64),
        moved: &Counter,
        mut keep: impl FnMut(&[u8]) -> Result<(), TransferError>,
    ) -> Result<(), TransferError> {
        let mut pace = self.pace(None);
        while let Some(part) = self.next_part(answer, &mut pace).await? {
            *size += part.len() as u64;
            if *size > blob.size {
                return Err(TransferError::Odd(format!(
                    "{} has more than the {} bytes that the manifest says",
                    shown(&answer.url),
                    blob.size
                )));
            }
            keep(&part)?;
            digest.update(&part);
            moved.fetch_add(part.len() as u64, Ordering::Relaxed);
        }
        Ok(())
    }

    fn compare(&self, blob: &Descriptor, digest: PartsDigest) -> Result<(), TransferError> {
        match digest.finish() {
            found if found == blob.digest => Ok(()),
            found => {
                Err(TransferError::damaged(&self.url(&format!("blobs/{}", blob.digest)), &blob.digest, found))
            }
        }
    }

    async fn download_once(
        &self,
        blob: &Descriptor,
        to: &Path,
        moved: &Counter,
    ) -> Result<(), TransferError> {
        let failed = TransferError::file(to);
        let (mut file, mut digest, mut size) = begun(to, blob.size).await?;
        let mut headers = HeaderMap::new();
        if size > 0 && size < blob.size {
            let range = HeaderValue::from_str(&format!("bytes={size}-"));
            headers.extend(range.ok().map(|range| (RANGE, range)));
        }
        if size < blob.size || blob.size == 0 {
            let mut answer = self.get(&format!("blobs/{}", blob.digest), headers).await?;
            match answer.status() {
                206 => {}
                200 => {
                    file.set_len(0).map_err(failed)?;
                    (digest, size) = (PartsDigest::new(), 0);
                }
                _ => return Err(answer.refusal().await),
            }
            let received = self
                .receive(&mut answer, blob, (&mut digest, &mut size), moved, |part| {
                    file.write_all(part).map_err(failed)
                })
                .await;
            if size > blob.size {
                file.set_len(0).map_err(failed)?;
            }
            received?;
        }
        if size < blob.size {
            let url = shown(&self.url(&format!("blobs/{}", blob.digest)));
            return Err(TransferError::Client(crate::http::ClientError::Broken {
                url,
                cause: format!("only {size} of {} bytes came", blob.size),
            }));
        }
        let compared = self.compare(blob, digest);
        if compared.is_err() {
            // What is there is of no use for the next attempt.
            file.set_len(0).map_err(failed)?;
        }
        compared
    }
}

/// Compares a blob with its digest before it is sent: the registry would say only that they differ.
fn prove(blob: &LocalBlob) -> Result<(), TransferError> {
    let failed = TransferError::file(&blob.range.path);
    match blob.range.digest().map_err(failed)? {
        found if found == blob.digest => Ok(()),
        found => Err(TransferError::Digest {
            what: "a blob of the archive".to_owned(),
            expected: blob.digest.clone(),
            found,
            advice: "the archive is damaged",
        }),
    }
}

/// The file of a download, with the digest and the size of what an earlier run has left in it.
async fn begun(to: &Path, size: u64) -> Result<(File, PartsDigest, u64), TransferError> {
    let to = to.to_owned();
    aside(move || {
        let failed = TransferError::file(&to);
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(&to).map_err(failed)?;
        let (digest, size) = digest_so_far(&mut file, size).map_err(failed)?;
        Ok((file, digest, size))
    })
    .await
}

/// The digest and the size of what an earlier run has left; more than there should be is thrown away.
fn digest_so_far(file: &mut File, size: u64) -> io::Result<(PartsDigest, u64)> {
    let mut digest = PartsDigest::new();
    let length = file.metadata()?.len();
    if length > size {
        file.set_len(0)?;
        return Ok((digest, 0));
    }
    let read = digest.read_all(file)?;
    Ok((digest, read))
}

/// A part of a file as the body of a request.
struct FileBody {
    content: io::Take<File>,
    left: u64,
    /// What counts the bytes that moved.
    counters: [Counter; 2],
    buffer: Vec<u8>,
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = &mut *self;
        if this.left == 0 {
            return Poll::Ready(None);
        }
        // Reading a local file does not block for long.
        match this.content.read(&mut this.buffer) {
            Ok(0) => Poll::Ready(Some(Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file has become shorter",
            )))),
            Ok(count) => {
                this.left = this.left.saturating_sub(count as u64);
                for counter in &this.counters {
                    counter.fetch_add(count as u64, Ordering::Relaxed);
                }
                Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(&this.buffer[..count])))))
            }
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
