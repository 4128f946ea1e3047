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
}

#[derive(Default)]
struct State {
    faults: Faults,
    blobs: BTreeMap<String, Vec<u8>>,
    manifests: BTreeMap<String, (String, Vec<u8>)>,
    uploads: BTreeMap<String, Vec<u8>>,
    /// The bytes that came in bodies of uploads.
    received: usize,
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

    pub(super) fn manifests(&self) -> Vec<String> {
        self.state.lock().expect("no panic").manifests.keys().cloned().collect()
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
                let from = range.and_then(|range| range.strip_suffix('-')?.parse().ok());
                let content = &blob[from.unwrap_or(0)..];
                let mut whole = response(if from.is_some() { 206 } else { 200 }, "", content);
                if method == "GET" && content.len() > 1000 && state.faults.broken_downloads > 0 {
                    state.faults.broken_downloads -= 1;
                    whole.truncate(whole.len() - content.len() / 2);
                    return (whole, true);
                }
                whole
            }
        },
        ("PUT", path) if path.contains("/manifests/") => {
            let kind = request.header("content-type").to_owned();
            state.manifests.insert(last, (kind, body));
            response(201, "", b"")
        }
        ("GET", path) if path.contains("/manifests/") => match state.manifests.get(&last) {
            Some((kind, manifest)) => response(200, &format!("Content-Type: {kind}\r\n"), manifest),
            None => response(404, "", b""),
        },
        _ => response(404, "", b""),
    };
    (answer, false)
}

fn run(stub: &Stub, test: &TestDir, args: &[&str]) -> String {
    let args: Vec<String> =
        args.iter().map(|arg| arg.replace("[HOST]", &format!("localhost:{}", stub.port))).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let output = test.command(&args).output().expect("it runs");
    test.describe(&output).replace(&format!("localhost:{}", stub.port), "[HOST]")
}

/// An upload that breaks off goes on where the registry stopped, and sends no byte twice.
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
