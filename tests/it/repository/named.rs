//! Files that are named among others, hidden or linked, and what is counted.

use super::APP;
use crate::common::{TestDir, each_case};

/// Prose, scripts and images beside definitions, as a shell or a hook names them.
#[test]
fn a_named_file_that_cannot_be_a_definition_is_skipped() {
    let prose = "# Deploy\n\n```json\n{\"id\": \"/a\", \"cmd\": \"x\"}\n```\n";
    let test = TestDir::new()
        .file("web.json", APP)
        .file("README.md", prose)
        .file("run.sh", "#!/bin/sh\nid: x\n")
        .file("logo.png", b"\x89PNG\r\n\x1a\n\xff".as_slice());
    let others = ["README.md", "run.sh", "logo.png"];
    each_case(
        [
            &["lint", "--ignore", "no-health-check", "web.json"][..],
            &["fmt", "--diff", "web.json"],
            &["normalize", "web.json"],
            &["migrate", "--to", "1.11", "--diff", "web.json"],
        ],
        |command| {
            let said = test.run(&[command, &others].concat());
            assert!(!said.contains("error"), "{command:?}: {said}");
            for other in others {
                let warning = format!(
                    "warning: skipped {other}: this is not an app, pod or group (it is neither JSON nor YAML)"
                );
                assert!(said.contains(&warning), "{command:?}: {said}");
            }
        },
    );
    // Alone it is what was asked for.
    each_case([&["lint", "README.md"][..], &["normalize", "README.md"]], |command| {
        let said = test.run(command);
        assert!(said.starts_with("exit: 2\n") && said.contains("it is neither JSON nor YAML"), "{said}");
    });
    // What may be a definition by its first character is an error.
    std::fs::write(test.path().join("app.txt"), "{\"id\": \"/a\", \"cmd\": }").expect("it is written");
    let said = test.run(&["lint", "web.json", "app.txt"]);
    assert!(said.starts_with("exit: 1\n") && said.contains("error[syntax-error]"), "{said}");
}

#[test]
fn what_is_hidden_or_linked_is_counted() {
    let test = TestDir::new()
        .file(".web.json", APP)
        .file(".old/deep/web.yaml", "id: /a\n")
        .file(".git/web.json", APP)
        .file(".idea/notes.txt", "x");
    let said = test.run(&["lint", "."]);
    assert!(said.contains("found no definitions: hidden and not read: 1 file and 1 directory"), "{said}");
    let test = test.file("WEB.JSON", APP);
    let said = test.run(&["lint", "--ignore", "no-health-check", "."]);
    assert!(said.contains("checked 1 file: ") || said.contains("checked 1 file;"), "{said}");
    assert!(said.contains("; hidden and not read: 1 file and 1 directory"), "{said}");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("WEB.JSON", test.path().join("link.json")).expect("a link");
        let said = test.run(&["lint", "--ignore", "no-health-check", "-v", "."]);
        assert!(said.contains("skipped ./link.json: it is a symbolic link"), "{said}");
        std::os::unix::fs::symlink("/dev/zero", test.path().join("zero.json")).expect("a link");
        let _socket = std::os::unix::net::UnixListener::bind(test.path().join("s.json")).expect("a socket");
        let said = test.run(&["lint", "--ignore", "no-health-check", "-v", "."]);
        assert!(said.contains("skipped ./s.json: it is not a regular file"), "{said}");
        assert!(said.contains("skipped ./zero.json: it is a symbolic link to something that"), "{said}");
    }
}

/// YAML says what JSON says of the same definition: an object begins where its first key does.
#[test]
fn a_yaml_app_without_an_id_has_no_empty_one() {
    let test = TestDir::new().file("a.yaml", "Id: /y\ncmd: sleep 1\nmem: 32\nrequirePorts: yes\n");
    let said = test.run(&["lint", "a.yaml"]);
    assert!(said.contains("this app lacks `id`") && !said.contains("empty-id"), "{said}");
    assert!(said.contains("= help: write true\n"), "nothing is in quotes: {said}");
}

/// A shell and hooks name every file: what a walk would not check is skipped with a warning, what it checks is checked.
#[test]
fn what_is_named_among_others_is_judged_as_in_a_walk() {
    let settings = r#"{"name": "app", "mem": 512, "container": "x", "instances": 3}"#;
    let broker = r#"{"id": "0", "cpus": 1, "mem": 2048, "heap": 1024, "port": "31000", "active": true}"#;
    let near = [r#"{"Id": "/shop/x", "cmd": "sleep 1"}"#, r#"{"cmd": "sleep 1", "cpus": 0.1, "mem": 32}"#];
    each_case(
        [(settings, true), (broker, true), (near[0], false), (near[1], false)],
        |(text, is_skipped)| {
            let test = TestDir::new().file("web.json", APP).file("other.json", text);
            let linted = test.run(&["lint", "--ignore", "no-health-check", "web.json", "other.json"]);
            assert_eq!(
                linted.contains("warning: skipped other.json: this is not an app"),
                is_skipped,
                "{linted}"
            );
            assert_eq!(linted.starts_with("exit: 0\n"), is_skipped, "{linted}");
            let formatted = test.run(&["fmt", "web.json", "other.json"]);
            assert_eq!(test.read("other.json") == text, is_skipped, "{formatted}");
        },
    );
    // Alone, it is what was asked for.
    let test = TestDir::new().file("near.json", near[0]);
    let alone = test.run(&["lint", "near.json"]);
    assert!(alone.starts_with("exit: 1\n") && alone.contains("error[missing-field]"), "{alone}");
}

/// Every command that walks says at its end what it did not look at.
#[test]
fn all_commands_count_what_they_leave_out() {
    let ugly = "{\"id\": \"/a\",\"cmd\": \"sleep 1\"}";
    each_case(
        [
            (&["fmt"][..], "1 file formatted, 0 already formatted"),
            (&["fmt", "--diff"], "1 file to format, 0 already formatted"),
            (&["normalize"], "read 1 file"),
            (&["convert", "--to", "yaml", "-o", "out"], "converted 1 file"),
        ],
        |(command, done)| {
            let test = TestDir::new().file("web.json", ugly).file("settings.json", "{\"a\": 1}");
            let test = test.file("gone.json", ugly).file(".gitignore", "gone.json\n");
            let said = test.run(&[command, &["."]].concat());
            let skipped =
                "skipped 1 file that is not a definition (-v lists them); .gitignore leaves out 1 file";
            assert!(said.contains(&format!("{done}; {skipped}\n")), "{command:?}: {said}");
        },
    );
}

/// Beside an absolute path and a command, two misspelt resources are an app's.
#[test]
fn an_app_with_misspelt_resources_is_checked_in_a_walk() {
    let test = TestDir::new()
        .file("ok.json", APP)
        .file("near.json", r#"{"id": "/bl", "cmd": "sleep 1", "cpuss": 1, "memm": 2}"#);
    let said = test.run(&["lint", "--ignore", "no-health-check", "."]);
    assert!(said.starts_with("exit: 1\n") && said.contains("did you mean `cpus`?"), "{said}");
    assert!(said.contains("checked 2 files"), "{said}");
}
