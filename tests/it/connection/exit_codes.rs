//! What a server's failure, its refusal and no server at all exit with: the same in all words that talk to one.

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpListener;

use crate::common::TestDir;
use crate::http::Head;

/// Words that only ask.
const QUESTIONS: &[&str] = &[
    "about",
    "ping",
    "plugin list",
    "leader show",
    "app list",
    "app list --json",
    "app show /a",
    "app version list /a",
    "pod list",
    "pod show /p",
    "group list",
    "group show /g",
    "deployment list",
    "deployment watch d",
    "task list",
    "task show t",
    "debug list",
    "debug summary /a",
    "debug details /a",
    "status",
    "history /a",
    "wait d",
    "secret list",
    "secret get shop/db",
    "export --all",
    "plan web.json",
    "diff web.json --url env",
    // These ask before they change something.
    "app update /a cpus=1",
    "app start /a",
    "app restart /a",
    "app kill /a",
    "task kill t",
    "group scale /g 2",
    "deployment rollback d",
    "deploy web.json --yes",
    "rollback /a --yes",
];

/// Words that send a change first of all.
const CHANGES: &[&str] = &[
    "app remove /a",
    "pod remove /p",
    "group remove /g --yes",
    "deployment stop d",
    "task stop t",
    "secret put shop/db -f web.json",
    "secret delete shop/db --yes",
    "leader delete",
    "delay reset /a",
];

/// A server that answers everything like this: its address.
fn server(status: u16, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
            let Some(head) = Head::read(&mut reader) else { continue };
            let _ = std::io::copy(&mut reader.by_ref().take(head.length() as u64), &mut std::io::sink());
            let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    url
}

/// The exit codes of a question and of a change.
#[test]
fn failures_and_refusals_exit_alike_in_all_words() {
    let app = r#"{"id": "/a", "cmd": "sleep 1", "cpus": 0.1, "mem": 32, "instances": 1}"#;
    let test = TestDir::new().file("web.json", app);
    let page = "<html>no</html>";
    let json = r#"{"message": "no"}"#;
    let table = [
        ("no server", "http://127.0.0.1:1".to_owned(), (2, 2)),
        ("401", server(401, json), (3, 3)),
        ("403", server(403, json), (3, 3)),
        ("500 of a proxy", server(500, page), (2, 8)),
        ("502", server(502, page), (2, 8)),
        ("503", server(503, page), (2, 8)),
        ("504", server(504, page), (2, 8)),
    ];
    let mut wrong = Vec::new();
    for (name, url, codes) in &table {
        for (words, code) in [(QUESTIONS, codes.0), (CHANGES, codes.1)] {
            for word in words {
                let mut command = test.command(&word.split(' ').collect::<Vec<_>>());
                let command = command.env("HOME", test.path()).env("MARATHON_URL", url).env("DCOS_URL", url);
                let output = command.output().expect("the program runs");
                if output.status.code() != Some(code) {
                    let said = String::from_utf8_lossy(&output.stderr).into_owned();
                    wrong.push(format!("{name}: {word}: {:?}, not {code}: {said}", output.status.code()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
