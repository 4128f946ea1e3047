//! `milepost serve` as a child process, and requests to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::common::PATIENCE;

/// A running server, which ends with this value.
pub(crate) struct Server {
    child: Child,
    /// Its host and port.
    pub(crate) address: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let line =
            |line: &&str| line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name));
        self.head.lines().find(line).and_then(|line| line.split_once(':')).map(|(_, value)| value.trim())
    }

    /// The id of the deployment that a change began.
    pub(crate) fn deployment(&self) -> String {
        self.header("marathon-deployment-id").unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }
}

impl Server {
    /// Ends it by this signal, and waits until it has ended.
    pub(crate) fn end(&mut self, name: &str) {
        crate::common::signal(&self.child, name);
        self.child.wait().expect("it ends");
    }

    /// Starts one with these options, quick and on a free port.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::start_and_listen(options).0
    }

    /// As [`Self::start`], with the lines that it writes from then on.
    pub(crate) fn start_and_listen(options: &[&str]) -> (Self, Receiver<String>) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_milepost"))
            .args(["serve", "--port", "0", "--speed", "10"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut line = String::new();
        let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
        stderr.read_line(&mut line).expect("a line");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let address = line.trim().rsplit_once("http://").unwrap_or_else(|| panic!("{line}")).1.to_owned();
        (Self { child, address }, lines)
    }

    /// Sends a request.
    pub(crate) fn send(&self, method: &str, target: &str, headers: &[&str], body: &str) -> Answer {
        self.send_to(&self.address, method, target, headers, body)
    }

    /// Sends a request to the server under this name.
    pub(crate) fn send_to(
        &self,
        host: &str,
        method: &str,
        target: &str,
        headers: &[&str],
        body: &str,
    ) -> Answer {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let headers = headers.iter().fold(String::new(), |all, header| all + header + "\r\n");
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let (head, text) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text:?}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Answer { status, head: head.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn get(&self, target: &str) -> Json {
        let answer = self.send("GET", target, &[], "");
        assert_eq!(answer.status, 200, "{target}: {}", answer.text);
        answer.json()
    }

    pub(crate) fn post(&self, target: &str, body: &str) -> Answer {
        self.send("POST", target, &["Content-Type: application/json"], body)
    }

    pub(crate) fn put(&self, target: &str, body: &str) -> Answer {
        self.send("PUT", target, &["Content-Type: application/json"], body)
    }

    pub(crate) fn delete(&self, target: &str) -> Answer {
        self.send("DELETE", target, &[], "")
    }

    /// Asks until this holds.
    pub(crate) fn until(&self, target: &str, holds: impl Fn(&Json) -> bool) -> Json {
        let end = Instant::now() + PATIENCE;
        loop {
            let now = self.get(target);
            if holds(&now) {
                return now;
            }
            assert!(Instant::now() < end, "{target} stays {now}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until no deployment runs.
    pub(crate) fn settled(&self) {
        self.until("/v2/deployments", |running| *running == serde_json::json!([]));
    }

    /// Opens the event stream, and gives its events in a thread of its own.
    pub(crate) fn events(&self, query: &str) -> std::sync::mpsc::Receiver<(String, Json)> {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let request = format!(
            "GET /v2/events{query} HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let (sender, receiver) = std::sync::mpsc::channel();
        let mut lines = BufReader::new(stream).lines();
        // The stream is open once its headers are there.
        for line in lines.by_ref() {
            if line.expect("a line").trim().is_empty() {
                break;
            }
        }
        std::thread::spawn(move || {
            let mut name = String::new();
            for line in lines.map_while(Result::ok) {
                if let Some(event) = line.strip_prefix("event: ") {
                    event.trim().clone_into(&mut name);
                } else if let Some(data) = line.strip_prefix("data: ") {
                    let data = serde_json::from_str(data.trim()).expect("JSON");
                    if sender.send((name.clone(), data)).is_err() {
                        return;
                    }
                }
            }
        });
        receiver
    }

    /// Whether the server ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if self.child.try_wait().expect("a child").is_some() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
