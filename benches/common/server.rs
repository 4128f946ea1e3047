//! An embedded Marathon of its own for a benchmark, and a client that does as little as possible.

#![expect(dead_code, reason = "each benchmark uses a part")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program under test.
pub(crate) const MILEPOST: &str = env!("CARGO_BIN_EXE_milepost");

/// A server that ends with this value.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: String,
}

impl Server {
    /// Starts one on a free port and waits until it says that it listens.
    pub(crate) fn start(options: &[&str]) -> Self {
        let mut child = Command::new(MILEPOST)
            .args(["serve", "--port", "0", "--max_running_deployments", "100000"])
            .args(options)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut line = String::new();
        BufReader::new(child.stderr.take().expect("piped")).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit_once("http://").expect("an address").1.to_owned();
        Self { child, address }
    }

    /// A connection that is kept.
    pub(crate) fn connect(&self) -> Connection {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Connection(BufReader::new(stream))
    }

    /// Opens the event stream and waits for its headers.
    pub(crate) fn events(&self, query: &str) -> impl Iterator<Item = String> + use<> {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let request =
            format!("GET /v2/events{query} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
        lines.filter(|line| line.starts_with("data: "))
    }

    /// A line of `/proc/PID/status`, in KiB: `VmRSS` or `VmHWM`.
    pub(crate) fn memory(&self, name: &str) -> f64 {
        memory(self.child.id(), name).expect("the kernel tells")
    }

    /// The processor time that it has used, in seconds.
    pub(crate) fn processor_time(&self) -> f64 {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("the kernel tells");
        // The fields follow the name in parentheses; 14 and 15 are ticks, of which a second has 100 on Linux.
        let fields: Vec<&str> = stat.rsplit_once(')').expect("a name").1.split_whitespace().collect();
        let ticks = |at: usize| fields[at - 3].parse::<f64>().expect("a number");
        (ticks(14) + ticks(15)) / 100.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The one in the middle.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// A line of `/proc/PID/status`, in KiB, while there is such a process.
pub(crate) fn memory(process: u32, name: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A connection that is kept.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Sends a request and reads the answer: the status and the body.
    pub(crate) fn send(&mut self, method: &str, path: &str, body: &str) -> (u16, String) {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(request.as_bytes()).expect("sent");
        let (mut line, mut length, mut status) = (String::new(), 0, 0);
        loop {
            line.clear();
            self.0.read_line(&mut line).expect("an answer");
            let text = line.trim_end();
            if let Some(rest) = text.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse().expect("a status");
            } else if let Some((name, value)) = text.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().expect("a length");
                }
            } else {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("a body");
        (status, String::from_utf8(body).expect("UTF-8"))
    }
}
