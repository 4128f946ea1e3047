//! The real openssl, where the machine has it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::common::has_program;

/// Whether openssl is there.
pub(crate) fn is_there() -> bool {
    has_program("openssl", "version", "Debian: apt-get install openssl")
}

/// Runs openssl in a directory: whether it was content, and all it said.
pub(crate) fn run(directory: &Path, args: &[&str]) -> (bool, String) {
    let output = Command::new("openssl")
        .args(args)
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .expect("openssl runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// What openssl says when it is content.
pub(crate) fn say(directory: &Path, args: &[&str]) -> String {
    let (is_content, said) = run(directory, args);
    assert!(is_content, "openssl {}:\n{said}", args.join(" "));
    said
}

/// `openssl s_server`, as long as it is kept.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Server {
    /// Serves with the certificate and the key of a directory. Answers `GET /` with a page about the connection.
    pub(crate) fn start(directory: &Path, certificate: &str, key: &str) -> Self {
        let mut child = Command::new("openssl")
            .args([
                "s_server",
                "-accept",
                "127.0.0.1:0",
                "-www",
                "-cert",
                certificate,
                "-cert_chain",
                certificate,
            ])
            .args(["-key", key])
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl runs");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let port = lines
            .find_map(|line| line.ok()?.strip_prefix("ACCEPT 127.0.0.1:")?.trim().parse().ok())
            .expect("openssl says where it listens");
        // The pipe has to stay open, or the server stops at its next line.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
