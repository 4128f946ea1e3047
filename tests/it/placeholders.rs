//! Definitions that are templates, or came out of one unfilled.

use serde_json::Value as Json;

use crate::common::{TestDir, each_case};

fn findings(test: &TestDir, file: &str) -> Vec<Json> {
    let output = test.command(&["lint", "--format", "json", file]).output().expect("it runs");
    let report: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    report["files"][0]["diagnostics"].as_array().expect("a list").clone()
}

fn text<'a>(finding: &'a Json, name: &str) -> &'a str {
    finding[name].as_str().unwrap_or_default()
}

#[test]
fn a_placeholder_is_found_wherever_it_is() {
    let fields = [
        (r#""env": {"A": "{{ a }}"}"#, "{{ a }}", "/env/A"),
        (r#""env": {"A": "${DB_HOST}"}"#, "${DB_HOST}", "/env/A"),
        (r#""env": {"__NAME__": "a"}"#, "__NAME__", "/env/__NAME__"),
        (r#""labels": {"team": "<TEAM>"}"#, "<TEAM>", "/labels/team"),
        (r#""labels": {"a": "@@team@@"}"#, "@@team@@", "/labels/a"),
        (r#""constraints": [["%{rack}", "UNIQUE"]]"#, "%{rack}", "/constraints/0/0"),
        (r#""fetch": [{"uri": "https://example.com/<%= version %>.tgz"}]"#, "<%= version %>", "/fetch/0/uri"),
        (r#""user": "REPLACE_ME""#, "REPLACE_ME", "/user"),
        (
            r#""container": {"type": "DOCKER", "docker": {"image": "shop/web:$VERSION"}}"#,
            "$VERSION",
            "/container/docker/image",
        ),
        (
            r#""container": {"type": "DOCKER", "docker": {"image": "shop/web:1", "parameters": [{"key": "label", "value": "{{ x }}"}]}}"#,
            "{{ x }}",
            "/container/docker/parameters/0/value",
        ),
        (
            r#""container": {"type": "MESOS", "volumes": [{"containerPath": "a", "hostPath": "/{{ x }}", "mode": "RO"}]}"#,
            "{{ x }}",
            "/container/volumes/0/hostPath",
        ),
    ];
    each_case(fields, |(field, placeholder, pointer)| {
        let test = TestDir::new().file("a.json", format!(r#"{{"id": "/a", "cmd": "sleep 100", {field}}}"#));
        let found = findings(&test, "a.json");
        // Marathon's own rejection says it where there is one.
        let says_so = |one: &&Json| text(one, "message").contains(&format!("`{placeholder}`"));
        let found: Vec<&Json> = found.iter().filter(says_so).collect();
        assert_eq!(found.len(), 1, "{field}: one finding");
        assert!(text(found[0], "help").contains("milepost render"), "{}", found[0]);
        assert_eq!(text(found[0], "pointer"), pointer);
    });
}

#[test]
fn what_a_shell_reads_is_not_a_placeholder() {
    let fields = [
        r#""cmd": "echo $NAME ${NAME:-x} < IN > OUT; curl -w %{http_code} $HOST:$PORT0""#,
        r#""args": ["sh", "-c", "echo $NAME"]"#,
        r#""cmd": "a", "healthChecks": [{"protocol": "COMMAND", "command": {"value": "curl $HOST -w %{http_code}"}}]"#,
        r#""cmd": "a", "env": {"URL": "http://$HOST:${PORT0}/", "MAIL": "a@example.com", "X": "a__b__c", "Y": "5$"}"#,
        r#""cmd": "a", "labels": {"HAPROXY_0_BACKEND_HEAD": "log-format %{+Q}r {backend}"}"#,
        r#""cmd": "a", "_comment": "{{ x }}", "//b": "__TODO__""#,
    ];
    each_case(fields, |field| {
        let test = TestDir::new().file("a.json", format!(r#"{{"id": "/a", {field}}}"#));
        let found = findings(&test, "a.json");
        assert!(!found.iter().any(|one| text(one, "rule") == "unfilled-placeholder"), "{field}: {found:?}");
    });
}

#[test]
fn many_placeholders_are_one_finding_and_the_rest_is_checked() {
    let app = r#"{
  "id": "/{{ env }}/web",
  "cmd": "serve",
  "cpus": "${CPUS}",
  "mem": -1,
  "cpu": 1,
  "env": {"A": "__A__", "B": "__B__"},
  "container": {"type": "DOCKER", "docker": {"image": "shop/web:{{ tag }}"}}
}
"#;
    let test = TestDir::new().file("a.json", app);
    insta::assert_snapshot!(test.run(&["lint", "a.json"]));
}

#[test]
fn no_fix_touches_a_placeholder() {
    let app = r#"{"id": "/shop/janitor-__NAME__", "cmd": "a", "cpus": "{{ cpus }}", "instances": "2",
  "container": {"docker": {"image": "shop/web:1", "network": "${NETWORK}"}}, "upgradeStrategy": {"minimumHealthCapacity": "$CAPACITY"}}"#;
    let test = TestDir::new().file("a.json", app);
    test.command(&["lint", "--fix=unsafe", "a.json"]).output().expect("it runs");
    let fixed = test.read("a.json");
    for placeholder in ["/shop/janitor-__NAME__", "\"{{ cpus }}\"", "${NETWORK}", "\"$CAPACITY\""] {
        assert!(fixed.contains(placeholder), "{placeholder} is gone: {fixed}");
    }
    assert!(fixed.contains("\"instances\": 2"), "other fixes are made: {fixed}");
}

#[test]
fn a_template_that_cannot_be_parsed_is_named() {
    let cases = [
        ("bare.json", r#"{"id": "/a", "cpus": {{ cpus }}}"#, "nothing has filled in `{{ cpus }}`"),
        ("if.json", "{\n{% if a %}\n\"id\": \"/a\"\n{% endif %}\n}", "nothing has filled in `{% if a %}`"),
        ("shell.json", r#"{"id": "/a", "instances": $INSTANCES}"#, "nothing has filled in `$INSTANCES`"),
        ("at.json", r#"{"id": "/a", "instances": @@INSTANCES@@}"#, "nothing has filled in `@@INSTANCES@@`"),
        ("word.json", r#"{"id": "/a", "instances": __INSTANCES__}"#, "nothing has filled in `__INSTANCES__`"),
        ("angle.json", r#"{"id": "/a", "instances": <INSTANCES>}"#, "nothing has filled in `<INSTANCES>`"),
        ("erb.json", r#"{"id": "/a", "instances": <%= n %>}"#, "nothing has filled in `<%= n %>`"),
        ("web.yml", "id: /a\ncmd: serve\nenv:\n  HOST: {{db_host}}\n", "nothing has filled in `{{db_host}}`"),
        ("web.json.j2", r#"{"id": "/a", "cpus": {{ cpus }}}"#, "nothing has filled in `{{ cpus }}`"),
        (
            "conflict.json",
            "{\"id\": \"/a\",\n<<<<<<< HEAD\n\"cpus\": 1\n=======\n\"cpus\": 2\n>>>>>>> b\n}",
            "merge conflict",
        ),
        ("quotes.json", "{\u{201c}id\u{201d}: \u{201c}/a\u{201d}, \"cmd\": \"x\"}", "typographic quote"),
        ("nbsp.json", "{\"id\": \"/a\",\u{a0}\"cmd\": \"x\"}", "no-break space"),
    ];
    each_case(cases, |(name, content, message)| {
        let test = TestDir::new().file(name, content);
        for command in [&["lint", name][..], &["normalize", name]] {
            let output = test.run(command);
            assert!(output.starts_with("exit: 1"), "{output}");
            assert!(output.contains(message), "{output}");
            assert!(
                output.contains("error[syntax-error]") && output.contains(&format!("--> {name}:")),
                "{output}"
            );
            assert!(!output.contains("put the name in double quotes"), "{output}");
        }
    });
    let test = TestDir::new().file("README.md", "# A readme\n\nwith text\n");
    assert!(
        test.run(&["lint", "README.md"]).contains("this is not an app, pod or group"),
        "{}",
        test.run(&["lint", "README.md"])
    );
}
