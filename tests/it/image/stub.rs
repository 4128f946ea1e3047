//! A small registry that fails on purpose.

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::archives::sha256;
use crate::http::Head;

/// What goes wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    /// The connection breaks in the middle of so many uploads.
    pub(super) broken_uploads: u32,
    /// So many requests are answered by this status.
    pub(super) status: Option<(u32, u16)>,
    /// Every request is answered by a web page.
    pub(super) page: bool,
    /// Downloads end early so many times.
    pub(super) broken_downloads: u32,
    /// A proxy gives up in the middle of so many uploads: it answers 502, and the registry got nothing.
    pub(super) refused_uploads: u32,
    /// After each of these so many requests are answered by this status.
    pub(super) then: Option<(u32, u16)>,
    /// Manifests are neither stored nor deleted, and the answer is this.
    pub(super) odd_manifests: Option<(u16, &'static str)>,
    /// The token server that it sends clients to.
    pub(super) realm: Option<&'static str>,
    /// So many requests to the registry's base, and to its token server, are answered by this status with this header.
    pub(super) busy: Option<(u32, u16, &'static str)>,
    /// It is its own token server, and takes any token.
    pub(super) own_tokens: bool,
    /// What nobody may read: the beginnings of paths.
    pub(super) closed: &'static [&'static str],
    /// Lists of tags are answered so.
    pub(super) tags: Option<(u16, &'static str)>,
    /// Blobs come a byte now and then, without end.
    pub(super) drips: bool,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) faults: Faults,
    pub(super) blobs: BTreeMap<String, Vec<u8>>,
    pub(super) manifests: BTreeMap<String, (String, Vec<u8>)>,
    uploads: BTreeMap<String, Vec<u8>>,
    /// The bytes that came in bodies of uploads.
    received: usize,
    /// The ranges that downloads asked for, and how many bytes they got.
    pub(super) ranges: Vec<String>,
    pub(super) served: usize,
}

impl State {
    /// The answer to a request for a blob, and whether the connection ends in the middle of it.
    fn blob(&mut self, digest: &str, request: &Head) -> (Vec<u8>, bool) {
        let Some(blob) = self.blobs.get(digest) else { return (response(404, "", b""), false) };
        let range = request.header("range").strip_prefix("bytes=");
        let from: Option<usize> = range.and_then(|range| range.strip_suffix('-')?.parse().ok());
        let content = &blob[from.unwrap_or(0)..];
        let mut whole = response(if from.is_some() { 206 } else { 200 }, "", content);
        let is_read = request.method == "GET";
        let ends = is_read && content.len() > 1000 && self.faults.broken_downloads > 0;
        let missing = if ends { content.len() / 2 } else { 0 };
        whole.truncate(whole.len() - missing);
        if is_read {
            self.served += content.len() - missing;
            self.ranges.extend(range.map(str::to_owned));
        }
        if ends {
            self.faults.broken_downloads -= 1;
            self.broke();
        }
        (whole, ends)
    }

    /// Something broke off, and what follows begins.
    fn broke(&mut self) {
        if let Some(then) = self.faults.then {
            self.faults.status = Some(then);
        }
    }
}

/// A registry in a thread.
pub(super) struct Stub {
    pub(super) port: u16,
    pub(super) state: Arc<Mutex<State>>,
}

impl Stub {
    pub(super) fn start(faults: Faults) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State { faults, ..State::default() }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(&stream, &state));
            }
        });
        Self { port, state }
    }

    /// The tags.
    pub(super) fn manifests(&self) -> Vec<String> {
        self.state.lock().expect("no panic").tags()
    }

    /// Puts a manifest there as it is, under its digest.
    pub(super) fn put(&self, kind: &str, content: Vec<u8>) -> String {
        let digest = format!("sha256:{}", sha256(&content));
        self.state.lock().expect("no panic").manifests.insert(digest.clone(), (kind.to_owned(), content));
        digest
    }

    /// Whether there is something of this digest.
    pub(super) fn has(&self, digest: &str) -> bool {
        self.state.lock().expect("no panic").manifests.contains_key(digest)
    }

    pub(super) fn received(&self) -> usize {
        self.state.lock().expect("no panic").received
    }

    pub(super) fn blob_bytes(&self) -> usize {
        self.state.lock().expect("no panic").blobs.values().map(Vec::len).sum()
    }

    pub(super) fn set(&self, faults: Faults) {
        self.state.lock().expect("no panic").faults = faults;
    }
}

/// Serves one connection until it breaks.
fn serve(stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let request = Head::read(&mut reader)?;
        let length = request.length();
        let is_upload = request.method == "PATCH";
        let cut = {
            let mut state = state.lock().expect("no panic");
            let cut = is_upload && length > 10 && state.faults.broken_uploads > 0;
            state.faults.broken_uploads -= u32::from(cut);
            if is_upload && length > 10 && state.faults.refused_uploads > 0 {
                state.faults.refused_uploads -= 1;
                state.broke();
                drop(state);
                reader.by_ref().take(length as u64 / 2).read_to_end(&mut Vec::new()).ok()?;
                (&*stream)
                    .write_all(&response(502, "Content-Type: text/html\r\n", b"<html>Bad Gateway</html>"))
                    .ok()?;
                return None;
            }
            cut
        };
        let mut body = vec![0; if cut { length / 2 } else { length }];
        reader.read_exact(&mut body).ok()?;
        let mut state = state.lock().expect("no panic");
        if is_upload {
            state.received += body.len();
        }
        if cut {
            let id = request.parts().0.rsplit('/').next().unwrap_or_default().to_owned();
            state.uploads.entry(id).or_default().extend(body);
            state.broke();
            return None;
        }
        let (mut answer, ends) = answer(&mut state, &request, body);
        let drips = state.faults.drips && request.method == "GET" && request.parts().0.contains("/blobs/");
        drop(state);
        if drips {
            return drip(stream, &answer);
        }
        if request.method == "HEAD" {
            let end = answer.windows(4).position(|part| part == b"\r\n\r\n").expect("headers");
            answer.truncate(end + 4);
        }
        (&*stream).write_all(&answer).ok()?;
        if ends {
            return None;
        }
    }
}

/// The head of an answer, and then its body, a byte now and then, until the client has enough of it.
fn drip(mut stream: &TcpStream, answer: &[u8]) -> Option<()> {
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n").expect("headers") + 4;
    stream.write_all(&answer[..end]).ok()?;
    for byte in &answer[end..] {
        stream.write_all(&[*byte]).ok()?;
        thread::sleep(Duration::from_millis(50));
    }
    None
}

fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// The answer, and whether the connection ends after it.
fn answer(state: &mut State, request: &Head, body: Vec<u8>) -> (Vec<u8>, bool) {
    let (method, (path, query)) = (request.method.as_str(), request.parts());
    if state.faults.page {
        return (response(200, "Content-Type: text/html\r\n", b"<html>log in</html>"), false);
    }
    if let Some((times, status, header)) = &mut state.faults.busy
        && *times > 0
        && ["/v2/", "/token"].contains(&path)
        // With a token server the first answer sends the client there.
        && (path == "/token" || !state.faults.own_tokens)
    {
        *times -= 1;
        return (response(*status, header, b""), false);
    }
    if state.faults.own_tokens && path == "/token" {
        return (response(200, "Content-Type: application/json\r\n", br#"{"token": "t"}"#), false);
    }
    if state.faults.own_tokens && request.header("authorization").is_empty() {
        let realm = format!("http://{}/token", request.header("host"));
        let headers = format!("WWW-Authenticate: Bearer realm=\"{realm}\",service=\"x\"\r\n");
        return (response(401, &headers, b""), false);
    }
    if let Some((times, status)) = &mut state.faults.status
        && *times > 0
        && path != "/v2/"
    {
        *times -= 1;
        let said = br#"{"errors": [{"code": "UNKNOWN", "message": "out of order"}]}"#;
        return (response(*status, "Content-Type: application/json\r\n", said), false);
    }
    if let Some(realm) = state.faults.realm {
        let headers = format!("WWW-Authenticate: Bearer realm=\"{realm}\",service=\"x\"\r\n");
        return (response(401, &headers, b""), false);
    }
    if let Some((status, headers)) = state.faults.odd_manifests
        && matches!(method, "PUT" | "DELETE")
        && path.contains("/manifests/")
    {
        return (response(status, headers, b"<html>ok</html>"), false);
    }
    if let Some((status, said)) = state.faults.tags
        && path.ends_with("/tags/list")
    {
        return (response(status, "", said.as_bytes()), false);
    }
    if state.faults.closed.iter().any(|closed| path.starts_with(closed)) {
        return (response(403, "", b""), false);
    }
    if !state.faults.closed.is_empty() && path == "/v2/_catalog" {
        return (response(200, "", br#"{"repositories": ["../odd", "secret", "web"]}"#), false);
    }
    let last = path.rsplit('/').next().unwrap_or_default().to_owned();
    let answer = match (method, path) {
        (_, "/v2/") => response(200, "", b"{}"),
        ("POST", path) if path.ends_with("/blobs/uploads/") => {
            let id = format!("u{}", state.uploads.len());
            state.uploads.insert(id.clone(), Vec::new());
            response(202, &format!("Location: {path}{id}\r\n"), b"")
        }
        ("GET" | "PATCH" | "PUT", path) if path.contains("/uploads/") => {
            let Some(upload) = state.uploads.get_mut(&last) else { return (response(404, "", b""), false) };
            upload.extend(body);
            let range = format!("Location: {path}\r\nRange: 0-{}\r\n", upload.len().saturating_sub(1));
            match method {
                "GET" => response(204, &range, b""),
                "PATCH" => response(202, &range, b""),
                _ => {
                    let digest = query.strip_prefix("digest=").unwrap_or_default().replace("%3A", ":");
                    let is_right = digest == format!("sha256:{}", sha256(upload));
                    let content = std::mem::take(upload);
                    if is_right {
                        state.blobs.insert(digest, content);
                    }
                    response(if is_right { 201 } else { 400 }, "", b"")
                }
            }
        }
        ("GET" | "HEAD", path) if path.contains("/blobs/") => return state.blob(&last, request),
        ("PUT", path) if path.contains("/manifests/") => {
            let kind = request.header("content-type").to_owned();
            state.manifests.insert(format!("sha256:{}", sha256(&body)), (kind.clone(), body.clone()));
            state.manifests.insert(last, (kind, body));
            response(201, "", b"")
        }
        ("GET", path) if path.contains("/manifests/") => match state.manifests.get(&last) {
            Some((kind, manifest)) => response(200, &format!("Content-Type: {kind}\r\n"), manifest),
            None => response(404, "", b""),
        },
        ("GET", "/v2/_catalog") => response(200, "", br#"{"repositories": ["web"]}"#),
        ("GET", "/v2/web/tags/list") => state.page_of_tags(query),
        ("GET", path) if path.contains("/referrers/") => state.referrers(&last),
        _ => response(404, "", b""),
    };
    (answer, false)
}

impl State {
    fn tags(&self) -> Vec<String> {
        self.manifests.keys().filter(|name| !name.contains(':')).cloned().collect()
    }

    /// One tag a page. A registry behind a proxy names the next page by an address of its own.
    fn page_of_tags(&self, query: &str) -> Vec<u8> {
        let last = query.split('&').find_map(|part| part.strip_prefix("last=")).unwrap_or_default();
        let mut later = self.tags().into_iter().filter(|tag| last < &**tag);
        let (tag, more) = (later.next(), later.next().is_some());
        let page = serde_json::json!({"name": "web", "tags": tag.iter().collect::<Vec<_>>()}).to_string();
        let link = match tag {
            Some(tag) if more => {
                format!(
                    "Link: <http://registry.internal:5000/v2/web/tags/list?n=1&last={tag}>; rel=\"next\"\r\n"
                )
            }
            _ => String::new(),
        };
        response(200, &link, page.as_bytes())
    }

    /// The manifests whose subject this is.
    fn referrers(&self, digest: &str) -> Vec<u8> {
        let is_one = |manifest: &serde_json::Value| manifest["subject"]["digest"] == digest;
        let found: Vec<_> = self
            .manifests
            .iter()
            .filter(|(name, (_, content))| {
                name.contains(':') && serde_json::from_slice::<serde_json::Value>(content).is_ok_and(|manifest| is_one(&manifest))
            })
            .map(|(name, (kind, content))| {
                serde_json::json!({"mediaType": kind, "digest": name, "size": content.len()})
            })
            .collect();
        let kind = "application/vnd.oci.image.index.v1+json";
        let index = serde_json::json!({"schemaVersion": 2, "mediaType": kind, "manifests": found});
        response(200, &format!("Content-Type: {kind}\r\n"), index.to_string().as_bytes())
    }
}
