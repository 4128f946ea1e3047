//! The two output streams: data as it is, messages without anything that a terminal or a CI server acts on.

use super::common::{TestDir, each_case};

#[test]
fn data_is_never_filtered() {
    let test = TestDir::new()
        .file("del.json", "{\n  \"id\": \"/a\",\n  \"cmd\": \"printf \u{7f}\",\n  \"labels\": {\n    \"k\": \"a\u{7f}b\u{9b}\"\n  }\n}\n")
        .file("esc.jsonc", "{\n  // color \u{1b}]0;title\n  \"id\": \"/a\",\n  \"cmd\": \"sleep 1\" // end \u{1b}[31m\n}\n");
    each_case(["del.json", "esc.jsonc"], |name| {
        let text = test.read(name);
        let output = test.command(&["fmt", "-", "--stdin-filename", name]).write_stdin(text.clone()).output();
        let output = output.expect("the program runs");
        assert_eq!(String::from_utf8_lossy(&output.stdout), text, "{name}");
    });
    each_case(
        [
            &["normalize", "del.json"][..],
            &["convert", "--to", "jsonc", "del.json"],
            &["migrate", "--to", "1.11", "del.json"],
        ],
        |args| {
            let output = test.run(args);
            assert!(
                output.contains("printf \u{7f}") && output.contains("a\u{7f}b\u{9b}"),
                "{args:?}: {output}"
            );
        },
    );
}

/// Everything that something reading a log acts on, in one name.
const HOSTILE: &str = "a\u{1b}[31m\u{202e}\n::error::x\n##[command]y\u{200f}.json";

#[test]
fn names_from_outside_are_escaped_wherever_they_are_said() {
    let accepted = r#"{"id": "/a", "cmd": "sleep 1", "cpu": 1, "uris": ["https://example.com/a.tgz"]}"#;
    let hostile_id =
        serde_json::json!({"id": format!("/{HOSTILE}"), "cmd": "sleep 1", HOSTILE: 1}).to_string();
    each_case([accepted, &hostile_id, "{", "", "[1]", "{\"id\": 5}"], |text| {
        let test = TestDir::new().file(HOSTILE, text).file("ok.json", r#"{"id": "/a", "cmd": "sleep 2"}"#);
        for args in [
            &["lint", HOSTILE][..],
            &["lint", "."],
            &["lint", "--fix", "--diff", HOSTILE],
            &["lint", "--format", "github", "."],
            &["lint", "--baseline", HOSTILE, "ok.json"],
            &["lint", "--config", HOSTILE, "ok.json"],
            &["normalize", HOSTILE],
            &["diff", HOSTILE, "ok.json"],
            &["diff", "--format", "unified", HOSTILE, "ok.json"],
            &["fmt", "--diff", HOSTILE],
            &["fmt", "--check", HOSTILE],
            &["convert", "--to", "yaml", HOSTILE, "-o", HOSTILE],
            &["migrate", "--to", "1.11", "--diff", HOSTILE],
            &["migrate", "--to", "1.11", "--write", HOSTILE],
            &["wire", "--archive", "file:///x.tgz", "--diff", HOSTILE],
            &["wire", "--archive", "file:///x.tgz", HOSTILE],
            &["export", "--from", HOSTILE, "-o", HOSTILE],
            &["render", HOSTILE],
            &["creds", "show", "--config", HOSTILE],
            &["creds", "verify", HOSTILE],
        ] {
            let output = test.command(args).output().expect("the program runs");
            let is_data = matches!(args[0], "normalize" | "convert" | "export" | "render" | "migrate")
                && !args.contains(&"--diff");
            let stdout = if is_data { &[][..] } else { &output.stdout[..] };
            for said in [stdout, &output.stderr] {
                let said = String::from_utf8_lossy(said);
                let is_control =
                    |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{200f}');
                assert!(!said.contains(is_control), "{args:?} of {text}: {said:?}");
                let is_command = |line: &str| {
                    let line = line.trim_start();
                    let is_own = ["error", "warning", "notice"]
                        .iter()
                        .any(|word| line.starts_with(&format!("::{word} file=")));
                    line.starts_with("##") || (line.starts_with("::") && !is_own)
                };
                assert!(!said.lines().any(is_command), "{args:?} of {text}: {said}");
            }
        }
    });
}

/// A shell puts names of files among the arguments, and clap quotes them.
#[test]
fn errors_of_the_command_line_are_escaped() {
    let test = TestDir::new();
    let name = "--x\u{1b}[31m\u{202e}\n::error::pwn";
    each_case(
        [
            &["lint", name][..],
            &["lint", &format!("{name}=password=letmein1")],
            &["lint", "--format", name],
            &["lint", "--threads", &name[2..]],
            &[&name[2..]],
            &["creds", &name[2..]],
            &["explain", "a", name],
        ],
        |args| {
            let output = test.command(args).output().expect("the program runs");
            assert_eq!(output.status.code(), Some(2), "{args:?}");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("x\\u{1b}[31m\\u{202e}\\n::error::pwn"), "{args:?}: {said}");
            assert!(!said.contains(['\u{1b}', '\u{202e}']) && !said.contains("letmein"), "{args:?}: {said}");
            assert!(!said.lines().any(|line| line.starts_with("::")), "{args:?}: {said}");
        },
    );
}
