//! `milepost normalize`, and what a real server stored.

use milepost::normalize::normalize;
use milepost::source::{Document, Format, Kind};
use milepost::target::Target;
use serde_json::Value as Json;

use super::common::{TestDir, each_case};

/// A sample of what a real Marathon stored. Where all the recordings are at hand, `examples/stored.rs` compares them.
#[test]
fn it_is_what_a_server_stored() {
    let path = format!("{}/fixtures/verdicts/stored.jsonl", env!("CARGO_MANIFEST_DIR"));
    let recordings = std::fs::read_to_string(path).expect("the recordings are committed");
    let mut count = 0;
    each_case(recordings.lines(), |line| {
        let record: Json = serde_json::from_str(line).expect("a recording is JSON");
        let text = |name: &str| record[name].as_str().expect("a string");
        let kind = if text("kind") == "pod" { Kind::Pod } else { Kind::App };
        let settings = text("profile").parse::<Target>().expect("a target").settings();
        let of = |text: &str| {
            let document = Document::parse(text, Format::Json).expect("a definition");
            normalize(&document, kind, &settings).expect("it was accepted").value
        };
        let ours = of(text("text"));
        let (mut here, mut there) = (ours.clone(), record["stored"].clone());
        even_out(&mut here);
        even_out(&mut there);
        assert_eq!(here, there, "{}", text("id"));
        let (mut once, mut twice) = (ours.clone(), of(&ours.to_string()));
        for value in [&mut once, &mut twice] {
            point_checks(value);
            even_out(value);
        }
        assert_eq!(twice, once, "{}: once is not twice", text("id"));
        count += 1;
    });
    assert!(count > 100, "{count} are too few to show anything");
}

/// Makes all numbers doubles, and service ports from where the server picks them 0.
fn even_out(value: &mut Json) {
    match value {
        Json::Array(elements) => elements.iter_mut().for_each(even_out),
        Json::Object(members) => {
            for (name, member) in members {
                even_out(member);
                let is_port = name == "port" || name == "servicePort";
                if is_port && member.as_f64().is_some_and(|port| (10_000.0..10_100.0).contains(&port)) {
                    *member = 0.0.into();
                }
            }
        }
        Json::Number(number) => *value = number.as_f64().into(),
        _ => {}
    }
}

/// Gives health checks without a port the port they use. Marathon does so itself when it gets back what it has stored,
/// as the ports it made are given then.
fn point_checks(app: &mut Json) {
    for check in app.get_mut("healthChecks").and_then(Json::as_array_mut).into_iter().flatten() {
        if check["protocol"] != "COMMAND" && check.get("port").is_none() && check.get("portIndex").is_none() {
            check["portIndex"] = 0.into();
        }
    }
}

#[test]
fn old_forms_and_defaults_are_shown_in_their_places() {
    let old = r#"{"id": "shop/web", "cmd": "./run", "uris": ["https://example.com/web.tgz"], "ports": [0, 8080],
        "dependencies": ["../db"], "constraints": [["hostname", "UNIQUE"], ["hostname", "UNIQUE"]]}"#;
    let test = TestDir::new().file("web.json", old);
    insta::assert_snapshot!(test.run(&["normalize", "web.json"]));
    insta::assert_snapshot!(test.run(&[
        "normalize",
        "web.json",
        "--target",
        "dcos-1.10",
        "--format",
        "lines"
    ]));
}

#[test]
fn what_would_be_rejected_is_reported() {
    let test = TestDir::new().file("web.json", r#"{"id": "/web", "cmd": "sleep 1", "instances": -1}"#);
    insta::assert_snapshot!(test.run(&["normalize", "web.json"]));
}

#[test]
fn a_directory_gives_the_definitions_in_it() {
    let test = TestDir::new()
        .file("all/a.json", r#"{"id": "/a", "cmd": "sleep 1"}"#)
        .file("all/b/b.yaml", "id: /b\ncmd: sleep 1\n")
        .file("all/package.json", r#"{"name": "left-pad"}"#)
        .file("all/broken.json", "{");
    let told = test.run(&["normalize", "all", "--format", "lines"]);
    assert!(told.starts_with("exit: 0"), "{told}");
    assert_eq!(told.lines().filter(|line| line.starts_with("{\"id\":")).count(), 2, "{told}");
}
