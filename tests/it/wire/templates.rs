//! Placeholders in what decides on the credentials: a template is told as one.

use crate::common::{TestDir, each_case};

const TOLD: &str = "is a template: nothing has filled in `";

#[test]
fn a_placeholder_in_what_is_pulled_is_told() {
    let app = |container: &str| format!(r#"{{"id": "/a", "container": {container}}}"#);
    let pod = |image: &str| {
        format!(
            r#"{{"id": "/p", "containers": [{{"name": "c", "resources": {{"cpus": 0.1, "mem": 32}}, "image": {image}}}]}}"#
        )
    };
    let (archive, secret) = (["--archive", "file:///etc/docker.tar.gz"], ["--secret", "a/b"]);
    each_case(
        [
            (app(r#"{"type": "DOCKER", "docker": {"image": "${REGISTRY}/x:1"}}"#), archive, "${REGISTRY}"),
            (app(r#"{"type": "DOCKER", "docker": {"image": "{{image}}"}}"#), archive, "{{image}}"),
            (app(r#"{"type": "DOCKER", "docker": {"image": "__IMAGE__"}}"#), archive, "__IMAGE__"),
            (app(r#"{"type": "{{type}}", "docker": {"image": "reg.example.com/x:1"}}"#), archive, "{{type}}"),
            (app(r#"{"type": "DOCKER", "docker": "{{docker}}"}"#), archive, "{{docker}}"),
            (app(r#""{{container}}""#), archive, "{{container}}"),
            (pod(r#"{"kind": "DOCKER", "id": "{{image}}"}"#), secret, "{{image}}"),
            (pod(r#"{"kind": "{{kind}}", "id": "reg.example.com/x"}"#), secret, "{{kind}}"),
        ],
        |(text, credentials, placeholder)| {
            let test = TestDir::new().file("a.json", &text).file("all/a.json", &text).file(
                "all/b.json",
                r#"{"id": "/b", "container": {"docker": {"image": "reg.example.com/b:1"}}}"#,
            );
            let options = [&credentials[..], &["--registry", "reg.example.com"]].concat();
            let named = test.run(&[&["wire", "a.json"], &*options].concat());
            let told = format!("{TOLD}{placeholder}`");
            assert!(named.starts_with("exit: 1") && named.contains(&told), "{named}");
            assert!(named.contains("milepost render"), "{named}");
            let found = test.run(&[&["wire", "all", "--diff"], &*options].concat());
            assert!(found.contains(&told), "{found}");
            assert!(found.contains("left out 1 template that nothing has filled in"), "{found}");
        },
    );
    // Where the registry is written, the rest may be open.
    let test = TestDir::new()
        .file("a.json", app(r#"{"type": "DOCKER", "docker": {"image": "reg.example.com/{{name}}:{{tag}}"}}"#))
        .file("b.json", app(r#"{"type": "DOCKER", "docker": {"image": "nginx:{{tag}}"}}"#));
    let options = [&archive[..], &["--registry", "reg.example.com", "--no-check"]].concat();
    let said = test.run(&[&["wire", "a.json"], &*options].concat());
    assert!(said.contains("docker.tar.gz") && !said.contains(TOLD), "{said}");
    let said = test.run(&[&["wire", "b.json"], &*options].concat());
    assert!(said.contains("is not from reg.example.com") && !said.contains(TOLD), "{said}");
}

#[test]
fn credentials_for_a_template_are_told() {
    let config = r#"{"auths": {"reg.example.com": {"auth": "bWU6bGV0bWVpbg=="}}}"#;
    let image = r#"{"id": "/a", "container": {"docker": {"image": "{{image}}"}}}"#;
    let kind =
        r#"{"id": "/k", "container": {"type": "{{type}}", "docker": {"image": "reg.example.com/k:1"}}}"#;
    let plain = r#"{"id": "/b", "container": {"docker": {"image": "reg.example.com/b:1"}}}"#;
    let test = TestDir::new()
        .file("config.json", config)
        .file("image.json", image)
        .file("kind.json", kind)
        .file("both.json", format!("[{image}, {plain}]"));
    for (file, placeholder) in [("image.json", "{{image}}"), ("kind.json", "{{type}}")] {
        for command in [&["creds", "archive"][..], &["creds", "secret", "a/b"]] {
            let args = [command, &["--config", "config.json", "--for", file, "-o", "out"]].concat();
            let said = test.run(&args);
            assert!(said.starts_with("exit: 2") && said.contains(&format!("{TOLD}{placeholder}`")), "{said}");
        }
    }
    let said = test.run(&["creds", "archive", "--config", "config.json", "--for", "both.json", "-o", "out"]);
    assert!(said.contains(&format!("{TOLD}{{{{image}}}}`")), "{said}");
    #[cfg(feature = "net")]
    {
        let said = test.run(&["creds", "check", "image.json"]);
        assert!(
            said.contains(&format!("{TOLD}{{{{image}}}}`")) && said.contains("milepost render"),
            "{said}"
        );
        let said = test.run(&["creds", "check", "kind.json"]);
        assert!(said.contains(&format!("{TOLD}{{{{type}}}}`")), "{said}");
    }
}
