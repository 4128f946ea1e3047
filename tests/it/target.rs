//! The target: from options, `milepost.toml` or a server, the same for every command.

mod every_command;
#[cfg(feature = "net")]
mod from_a_server;

use crate::common::TestDir;

/// Refused where secrets are off, where there is no default network, and where the role is another.
const APP: &str = r#"{
  "id": "/top/web",
  "cmd": "sleep 1",
  "secrets": {"a": {"source": "b"}},
  "networks": [{"mode": "container"}],
  "role": "prod"
}
"#;

/// The rules that refuse the app, with these arguments.
fn refused(test: &TestDir, args: &[&str]) -> Vec<String> {
    let args = [&["lint", "--format", "json", "web.json"], args].concat();
    let output = test.command(&args).output().expect("the program runs");
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{text}"));
    let findings = json["files"][0]["diagnostics"].as_array().expect("a list").iter();
    let refused = findings.filter(|finding| finding["effect"] == "rejected");
    refused.map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect()
}

#[test]
fn settings_change_those_of_the_target() {
    let test = TestDir::new().file("web.json", APP);
    let target = |args: &[&str]| refused(&test, args);
    assert_eq!(target(&[]), ["foreign-role"]);
    assert_eq!(target(&["--enforce-role", "off", "--mesos-role", "prod"]), [""; 0]);
    assert_eq!(target(&["--target", "dcos-1.13"]), [""; 0]);
    assert_eq!(target(&["--target", "dcos-1.13", "--no-feature", "vips,secrets"]), ["disabled-feature"]);
    assert_eq!(target(&["--target", "dcos-1.13", "--default-network", ""]), ["unnamed-network"]);
    let bare = ["--target", "bare", "--mesos-role", "prod", "--default-network", "x"];
    assert_eq!(target(&bare), ["disabled-feature"]);
    assert_eq!(target(&[&bare[..], &["--feature", "secrets"]].concat()), [""; 0]);
}

#[test]
fn milepost_toml_has_a_table_for_it() {
    let toml = "[target]\nname = \"dcos-2.1\"\nmesos-role = \"prod\"\nenforce-role = \"off\"\nno-features = [\"secrets\"]\n";
    let test = TestDir::new().file("web.json", APP).file("milepost.toml", toml);
    assert_eq!(refused(&test, &[]), ["disabled-feature"]);
    // The command line counts before it; with another target all of it is ignored.
    assert_eq!(refused(&test, &["--feature", "secrets"]), [""; 0]);
    assert_eq!(refused(&test, &["--target", "dcos-2.2"]), ["foreign-role"]);
    let test = TestDir::new().file("web.json", APP).file("milepost.toml", "[lint]\ntarget = \"dcos-1.13\"\n");
    assert_eq!(refused(&test, &[]), [""; 0]);
}

#[test]
fn what_cannot_be_a_target_is_reported_with_its_place() {
    let test = TestDir::new()
        .file("web.json", APP)
        .file("twice.toml", "[lint]\ntarget = \"dcos\"\n[target]\nname = \"dcos\"\n")
        .file("early.toml", "[target]\nname = \"dcos-1.13\"\nenforce-role = \"top\"\n")
        .file("feature.toml", "[target]\nfeatures = [\"vips\",\n  \"secret\"]\n")
        .file("key.toml", "[target]\nmesos_role = \"a\"\n");
    let run = |args: &[&str]| {
        let output =
            test.command(&[&["lint", "web.json"], args].concat()).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let all: Vec<String> = [
        &["--config", "twice.toml"][..],
        &["--config", "early.toml"],
        &["--config", "feature.toml"],
        &["--config", "key.toml"],
        &["--target", "dcos-1.13", "--enforce-role", "top"],
        &["--target", "marathon-1.4", "--default-network", "x"],
        &["--mesos-role", "a b"],
        &["--feature", "secrets", "--no-feature", "secrets"],
        &["--feature", "secrets,gpu"],
        &["--enforce-role", "on"],
    ]
    .into_iter()
    .map(run)
    .collect();
    insta::assert_snapshot!("a_target_that_cannot_be_is_shown", all.join("\n"));
}
