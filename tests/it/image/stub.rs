//! A small registry that fails on purpose, and tests of what milepost makes of it.

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::archives::{Saved, large_image, saved_image, sha256};
use crate::common::{TestDir, each_case};
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
}

#[derive(Default)]
struct State {
    faults: Faults,
    blobs: BTreeMap<String, Vec<u8>>,
    manifests: BTreeMap<String, (String, Vec<u8>)>,
    uploads: BTreeMap<String, Vec<u8>>,
    /// The bytes that came in bodies of uploads.
    received: usize,
    /// The ranges that downloads asked for, and how many bytes they got.
    ranges: Vec<String>,
    served: usize,
}

impl State {
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
    state: Arc<Mutex<State>>,
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

    fn received(&self) -> usize {
        self.state.lock().expect("no panic").received
    }

    fn blob_bytes(&self) -> usize {
        self.state.lock().expect("no panic").blobs.values().map(Vec::len).sum()
    }

    fn set(&self, faults: Faults) {
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
        drop(state);
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
        ("GET" | "HEAD", path) if path.contains("/blobs/") => match state.blobs.get(&last) {
            None => response(404, "", b""),
            Some(blob) => {
                let range = request.header("range").strip_prefix("bytes=");
                let from: Option<usize> = range.and_then(|range| range.strip_suffix('-')?.parse().ok());
                let content = &blob[from.unwrap_or(0)..];
                let mut whole = response(if from.is_some() { 206 } else { 200 }, "", content);
                let ends = method == "GET" && content.len() > 1000 && state.faults.broken_downloads > 0;
                let missing = if ends { content.len() / 2 } else { 0 };
                whole.truncate(whole.len() - missing);
                if method == "GET" {
                    let served = content.len() - missing;
                    state.served += served;
                    state.ranges.extend(range.map(str::to_owned));
                }
                if ends {
                    state.faults.broken_downloads -= 1;
                    state.broke();
                    return (whole, true);
                }
                whole
            }
        },
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
        ("GET", path) if path.ends_with("/tags/list") => state.page_of_tags(query),
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

fn run(stub: &Stub, test: &TestDir, args: &[&str]) -> String {
    let args: Vec<String> =
        args.iter().map(|arg| arg.replace("[HOST]", &format!("localhost:{}", stub.port))).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let output = test.command(&args).output().expect("it runs");
    test.describe(&output).replace(&format!("localhost:{}", stub.port), "[HOST]")
}

/// An upload that breaks off goes on where the registry stopped, and sends no byte twice.
/// A proxy's answer is no proof that an image is stored or deleted.
#[test]
fn what_a_proxy_answers_is_not_taken_for_done() {
    let Saved { tar, .. } = saved_image(&["web:1"], 1);
    let test = TestDir::new().file("web.tar", tar);
    let other =
        "Docker-Content-Digest: sha256:0000000000000000000000000000000000000000000000000000000000000000\r\n";
    each_case([(200, "Content-Type: text/html\r\n"), (201, ""), (201, other)], |(status, headers)| {
        let stub = Stub::start(Faults::default());
        let image = format!("localhost:{}/web:1", stub.port);
        stub.set(Faults { odd_manifests: Some((status, headers)), ..Faults::default() });
        let pushed = test.run(&["image", "push", "web.tar", &image]);
        assert!(!pushed.starts_with("exit: 0\n") && !pushed.contains("pushed"), "{pushed}");
        assert!(stub.manifests().is_empty());
        stub.set(Faults::default());
        let pushed = test.run(&["image", "push", "web.tar", &image]);
        assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
        stub.set(Faults { odd_manifests: Some((200, headers)), ..Faults::default() });
        let deleted = test.run(&["image", "delete", &image, "--yes"]);
        assert!(!deleted.starts_with("exit: 0\n") && deleted.contains("is there afterwards"), "{deleted}");
    });
}

#[test]
fn an_upload_goes_on_where_it_broke_off() {
    let Saved { tar, .. } = large_image(&["web:1"]);
    let test = TestDir::new().file("web.tar", tar);
    let stub = Stub::start(Faults { broken_uploads: 3, ..Faults::default() });
    let said = run(&stub, &test, &["image", "push", "web.tar", "[HOST]/web:1", "--at-once", "1"]);
    assert!(said.starts_with("exit: 0\n"), "{said}");
    assert_eq!(stub.received(), stub.blob_bytes());
    assert_eq!(stub.manifests(), ["1"]);
    // A download, too.
    stub.set(Faults { broken_downloads: 3, ..Faults::default() });
    let pulled = run(&stub, &test, &["image", "pull", "[HOST]/web:1", "-o", "out.tar"]);
    assert!(pulled.starts_with("exit: 0\n"), "{pulled}");
}

/// A pull that was killed in the middle of a blob goes on there, and asks for the rest of it only.
#[test]
fn a_part_of_a_blob_is_not_pulled_again() {
    let Saved { tar, .. } = large_image(&["web:1"]);
    let test = TestDir::new().file("web.tar", tar);
    let stub = Stub::start(Faults::default());
    let pushed = run(&stub, &test, &["image", "push", "web.tar", "[HOST]/web:1"]);
    assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
    let (digest, half) = {
        let state = stub.state.lock().expect("no panic");
        let (digest, blob) = state.blobs.iter().max_by_key(|(_, blob)| blob.len()).expect("a blob");
        (digest.clone(), blob[..blob.len() / 2].to_vec())
    };
    let hex = digest.strip_prefix("sha256:").expect("a digest");
    let test = test.file(&format!("out.tar.partial/blobs/sha256/{hex}.part"), &half);
    let pulled = run(&stub, &test, &["image", "pull", "[HOST]/web:1", "-o", "out.tar"]);
    assert!(pulled.starts_with("exit: 0\n"), "{pulled}");
    let state = stub.state.lock().expect("no panic");
    assert_eq!(state.ranges, [format!("{}-", half.len())]);
    let all: usize = state.blobs.values().map(Vec::len).sum();
    assert_eq!(state.served, all - half.len());
}

/// A registry that fails in the middle of a blob: the push ends well where it comes back, and leaves no tag where it does not.
#[test]
fn a_registry_that_fails_in_the_middle_of_a_blob() {
    let Saved { tar, .. } = large_image(&["web:1"]);
    let test = TestDir::new().file("web.tar", tar);
    let push =
        |stub: &Stub| run(stub, &test, &["image", "push", "web.tar", "[HOST]/web:1", "--at-once", "1"]);
    let passing = [
        Faults { refused_uploads: 2, ..Faults::default() },
        Faults { refused_uploads: 1, then: Some((2, 503)), ..Faults::default() },
        Faults { broken_uploads: 2, then: Some((1, 429)), ..Faults::default() },
        Faults { broken_uploads: 1, then: Some((2, 500)), ..Faults::default() },
    ];
    each_case(passing, |faults| {
        let stub = Stub::start(faults);
        let said = push(&stub);
        assert!(said.starts_with("exit: 0\n"), "{faults:?}: {said}");
        // The same of a pull.
        stub.set(Faults { broken_downloads: 2, then: Some((1, 503)), ..Faults::default() });
        let out = format!("{}.tar", stub.port);
        let pulled = run(&stub, &test, &["image", "pull", "[HOST]/web:1", "-o", &out]);
        assert!(pulled.starts_with("exit: 0\n"), "{faults:?}: {pulled}");
    });
    let stub = Stub::start(Faults { broken_uploads: 1, then: Some((1000, 500)), ..Faults::default() });
    let said = push(&stub);
    assert!(said.starts_with("exit: 8\n") && said.contains("the next run goes on"), "{said}");
    assert_eq!(stub.manifests(), [""; 0]);
    stub.set(Faults::default());
    assert!(push(&stub).starts_with("exit: 0\n"));
    stub.set(Faults { broken_downloads: 1, then: Some((1000, 502)), ..Faults::default() });
    let pulled = run(&stub, &test, &["image", "pull", "[HOST]/web:1", "-o", "out.tar"]);
    assert!(pulled.starts_with("exit: 8\n") && !test.path().join("out.tar").exists(), "{pulled}");
    stub.set(Faults::default());
    let pulled = run(&stub, &test, &["image", "pull", "[HOST]/web:1", "-o", "out.tar"]);
    assert!(pulled.starts_with("exit: 0\n") && test.path().join("out.tar").exists(), "{pulled}");
}

/// A web page is no registry, whatever is asked; a login page of a proxy answers 200.
#[test]
fn a_web_page_is_no_registry() {
    let stub = Stub::start(Faults { page: true, ..Faults::default() });
    let test = TestDir::new().file("web.tar", saved_image(&["web:1"], 1).tar);
    let commands: [&[&str]; 9] = [
        &["image", "push", "web.tar", "[HOST]/web:1"],
        &["image", "pull", "[HOST]/web:1", "-o", "out.tar"],
        &["image", "copy", "[HOST]/web:1", "[HOST]/other:1"],
        &["image", "list", "[HOST]"],
        &["image", "tags", "[HOST]/web"],
        &["image", "inspect", "[HOST]/web:1"],
        &["image", "delete", "[HOST]/web:1", "--yes"],
        &["image", "check", "[HOST]/web:1"],
        &["registry", "backup", "[HOST]", "-o", "backup/"],
    ];
    each_case(commands, |args| {
        let said = run(&stub, &test, args);
        assert!(said.starts_with("exit: 2\n") && said.contains("with a web page"), "{args:?}: {said}");
    });
}

/// A backup has every page of the list of tags, what refers to an image, and what refers to that.
#[test]
fn a_backup_has_all_pages_and_all_referrers() {
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let test = TestDir::new().file("web.tar", saved_image(&["web:1", "web:2", "web:3"], 1).tar);
    let stub = Stub::start(Faults { status: Some((1, 429)), ..Faults::default() });
    let pushed = run(&stub, &test, &["image", "push", "web.tar", "[HOST]/web"]);
    assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
    let mut subject = super::digest_of(&pushed);
    let manifest = stub.state.lock().expect("no panic").manifests[&subject].1.clone();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
    let signatures: Vec<String> = (0..2)
        .map(|_| {
            let signature = serde_json::json!({
                "schemaVersion": 2, "mediaType": kind, "artifactType": "application/vnd.example.signature",
                "config": manifest["config"], "layers": [],
                "subject": {"mediaType": kind, "digest": subject, "size": 1},
            });
            subject = stub.put(kind, signature.to_string().into_bytes());
            subject.clone()
        })
        .collect();
    stub.set(Faults { status: Some((2, 503)), ..Faults::default() });
    let saved = run(&stub, &test, &["registry", "backup", "[HOST]", "-o", "backup/"]);
    assert!(saved.starts_with("exit: 0\n") && saved.contains("wrote backup/: 5 images"), "{saved}");
    let empty = Stub::start(Faults::default());
    let restored = run(&empty, &test, &["registry", "restore", "backup", "[HOST]"]);
    assert!(restored.starts_with("exit: 0\n"), "{restored}");
    assert_eq!(empty.manifests(), ["1", "2", "3"]);
    for signature in signatures {
        assert!(empty.has(&signature), "{signature}");
    }
}

#[test]
fn failures_of_the_registry_have_their_exit_codes() {
    let Saved { tar, .. } = saved_image(&["web:1"], 2);
    let test = TestDir::new().file("web.tar", tar);
    let cases = [
        (Faults { status: Some((2, 503)), ..Faults::default() }, "exit: 0\n", "pushed 3 blobs"),
        (Faults { status: Some((2, 429)), ..Faults::default() }, "exit: 0\n", "pushed 3 blobs"),
        (Faults { status: Some((1000, 500)), ..Faults::default() }, "exit: 8\n", "answers 500"),
        (Faults { status: Some((1000, 403)), ..Faults::default() }, "exit: 3\n", "answers 403"),
        (Faults { status: Some((1000, 400)), ..Faults::default() }, "exit: 3\n", "answers 400"),
        (Faults { page: true, ..Faults::default() }, "exit: 2\n", "answers 200 with a web page"),
    ];
    each_case(cases, |(faults, exit, error)| {
        let stub = Stub::start(faults);
        let said = run(&stub, &test, &["image", "push", "web.tar", "[HOST]/web:1", "--at-once", "1"]);
        assert!(said.starts_with(exit) && said.contains(error), "{faults:?}: {said}");
        assert_eq!(
            stub.manifests().is_empty(),
            exit != "exit: 0\n",
            "{faults:?}: a tag means that all is there"
        );
    });
}

/// A password goes to no token server of another domain that a registry names, unless that is asked for.
#[test]
fn a_password_is_for_the_registrys_own_token_server() {
    // Nothing is at this address, so that a request to it fails.
    let realm = "https://tokens.invalid:1/auth";
    let stub = Stub::start(Faults { realm: Some(realm), ..Faults::default() });
    let config = format!(r#"{{"auths": {{"localhost:{}": {{"auth": "am9lOmh1bnRlcjI="}}}}}}"#, stub.port);
    let Saved { tar, .. } = saved_image(&["web:1"], 1);
    let test = TestDir::new().file("config.json", config).file("web.tar", tar);
    each_case(
        [
            &["image", "list", "[HOST]"][..],
            &["image", "push", "web.tar", "[HOST]/web:1"],
            &["image", "copy", "[HOST]/web:1", "[HOST]/web:2"],
            &["registry", "backup", "[HOST]", "-o", "backup/"],
        ],
        |args| {
            let with =
                |more: &[&str]| run(&stub, &test, &[args, &["--config", "config.json"], more].concat());
            let refused = with(&[]);
            assert!(refused.starts_with("exit: 2\n"), "{args:?}: {refused}");
            assert!(
                refused.contains("which is not of its domain: --token-server tokens.invalid allows it"),
                "{args:?}: {refused}"
            );
            let asked = with(&["--token-server", "tokens.invalid", "--timeout", "5"]);
            assert!(
                !asked.starts_with("exit: 0\n") && !asked.contains("not of its domain"),
                "{args:?}: {asked}"
            );
            assert!(asked.contains("tokens.invalid"), "{args:?}: {asked}");
        },
    );
}
