//! A proxy before a server, which loses what clients send, or what the server answers.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value as Json;

/// What is lost of the requests that change something.
#[derive(Clone)]
pub(crate) enum Loses {
    Nothing,
    /// They do not reach the server, and this is answered.
    Requests(String),
    /// The server carries them out, and this is answered.
    Answers(String),
    /// All that is asked after the first of them was answered, and this is answered instead.
    AllAfterwards(String),
    /// All that is read after the first removal, and this is answered instead.
    ReadsAfterRemoval(String),
    /// The first of all requests to read one address, and this is answered instead.
    FirstReads(String),
    /// All requests of this method and path, and this is answered instead.
    AllOf(&'static str, String),
    /// This member of what they send; the server carries out the rest.
    Member(&'static str),
    /// All from the first request of this method and path on: nothing is answered any more.
    AllInSilenceFrom(&'static str),
    /// The same after the first change was answered.
    AllInSilenceAfterwards,
}

/// An answer with a body of this type.
pub(crate) fn page(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// What a proxy says of a server that it does not understand.
pub(crate) fn bad_gateway() -> String {
    page("502 Bad Gateway", "text/html", "<h1>sorry</h1>")
}

/// A proxy on a port of its own, for as long as the test runs.
pub(crate) struct Proxy {
    /// Its host and port.
    pub(crate) address: String,
    /// The requests that have come, each as its method and path, in order.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts one before this server.
    pub(crate) fn start(server: &str, loses: Loses) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let server = server.to_owned();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (server, seen, loses) = (server.clone(), seen.clone(), loses.clone());
                // A client that leaves ends its own connection only.
                thread::spawn(move || pass(client, &server, &loses, &seen));
            }
        });
        Self { address, requests }
    }

    /// The requests that have come, each as its method and path, in order.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }
}

/// Passes one request on, and its answer back. Each has a connection of its own.
fn pass(mut client: TcpStream, server: &str, loses: &Loses, seen: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut length, mut line) = (String::new(), 0, String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or(0);
        }
        // What is lost of a body makes it shorter.
        let is_kept = !matches!(loses, Loses::Member(_)) || !name.eq_ignore_ascii_case("content-length");
        if is_kept && !name.eq_ignore_ascii_case("connection") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let target = head.split([' ', '?']).take(2).collect::<Vec<_>>().join(" ");
    let (was_changed, was_removed, is_silent, is_first) = {
        let mut seen = seen.lock().expect("no panic");
        let was_changed = seen.iter().any(|target| !target.starts_with("GET "));
        let was_removed = seen.iter().any(|target| target.starts_with("DELETE "));
        let is_first = !seen.contains(&target);
        seen.push(target.clone());
        let is_silent =
            matches!(loses, Loses::AllInSilenceFrom(from) if seen.iter().any(|target| target == from));
        (was_changed, was_removed, is_silent, is_first)
    };
    if is_silent || was_changed && matches!(loses, Loses::AllInSilenceAfterwards) {
        // For as long as the client waits.
        client.read_to_end(&mut Vec::new())?;
        return Ok(());
    }
    let is_change = !head.starts_with("GET ");
    if let Loses::Member(name) = loses {
        if let Ok(Json::Object(mut sent)) = serde_json::from_slice(&body) {
            sent.remove(*name);
            body = Json::Object(sent).to_string().into_bytes();
        }
        writeln!(head, "Content-Length: {}\r", body.len()).expect("to a string");
    }
    match loses {
        Loses::Requests(page) if is_change => return client.write_all(page.as_bytes()),
        Loses::AllOf(lost, page) if target == *lost => return client.write_all(page.as_bytes()),
        Loses::FirstReads(page) if is_first && !is_change => return client.write_all(page.as_bytes()),
        Loses::AllAfterwards(page) if was_changed => return client.write_all(page.as_bytes()),
        Loses::ReadsAfterRemoval(page) if was_removed && !is_change => {
            return client.write_all(page.as_bytes());
        }
        _ => {}
    }
    let mut upstream = TcpStream::connect(server)?;
    write!(upstream, "{head}Connection: close\r\n\r\n")?;
    upstream.write_all(&body)?;
    if is_change && let Loses::Answers(page) = loses {
        upstream.read_to_end(&mut Vec::new())?;
        return client.write_all(page.as_bytes());
    }
    io::copy(&mut upstream, &mut client)?;
    Ok(())
}
