//! Advice: what Marathon accepts, but ignores, or runs badly.

use std::collections::BTreeSet;

use milepost::finding::{Effect, Finding, FixKind, Rule};
use milepost::lint::Linter;
use milepost::rule_docs;
use milepost::source::Format;
use milepost::target::Target;

use super::common::{TestDir, each_case};

fn lint(rule: &Rule, text: &str) -> Vec<Finding> {
    let target: Target = rule.target.parse().unwrap_or_else(|error| panic!("{}: {error}", rule.slug));
    let report = Linter::default().lint(text.into(), Format::Json, None, &target.settings());
    assert!(report.kind.is_some(), "{}: the example shows no kind: {text}", rule.slug);
    report.findings
}

fn with_examples() -> impl Iterator<Item = &'static Rule> {
    rule_docs::all().iter().copied().filter(|rule| !rule.bad.is_empty())
}

#[test]
fn advice_is_documented() {
    let advice: Vec<&Rule> = with_examples().filter(|rule| rule.effect != Effect::Rejected).collect();
    assert!(advice.len() >= 40, "{}", advice.len());
    each_case(advice, |rule| {
        assert!(rule.why.ends_with('.'), "{}: no reason is given", rule.slug);
        for found in lint(rule, rule.bad).iter().filter(|found| found.rule == rule) {
            assert!(found.help.is_some(), "{}: nothing is said about what to do", rule.slug);
            assert_ne!(found.message, rule.title, "{}: nothing is said about this case", rule.slug);
            assert!(!found.range.is_empty(), "{}: points nowhere", rule.slug);
            assert_eq!(
                found.fix.as_ref().map_or(FixKind::None, |fix| fix.kind),
                rule.fix,
                "{}: the fix it declares is not the one it offers for its example",
                rule.slug
            );
        }
    });
}

#[test]
fn secrets_are_reported_and_not_shown() {
    let text = "{\n  \"id\": \"/web\",\n  \"cmd\": \"serve\",\n  \"env\": {\"DB_PASSWORD\": \"lètmein\", \"B_TOKEN\": \"open\\tsesame\"},\n  \
                \"labels\": {\"a\": 1}\n}";
    let test = TestDir::new()
        .file("web.json", text.replace("{\"a\": 1}", "{}"))
        .file("uri.json", r#"{"id": "/w", "cmd": "pull amqp://web:letmein@mq; true"}"#)
        .file(
            "minified.json",
            r#"{"id":"/w","cmd":"serve","env":{"A_SECRET":"letmein"},"uris":["https://example.com/a"]}"#,
        );
    each_case(["text", "json", "sarif", "junit", "github", "gitlab"], |format| {
        let output = test.run(&["lint", "--format", format, "."]);
        assert!(output.contains("plain-secret") && output.contains("password-in-uri"), "{output}");
        for secret in ["lètmein", "letmein", "sesame"] {
            assert!(!output.contains(secret), "{format} shows a secret:\n{output}");
        }
    });
    insta::assert_snapshot!(test.run(&["lint", "web.json"]), @r#"
    exit: 0
    ----- stdout -----
    warning[plain-secret]: everyone who sees the definition can read `DB_PASSWORD` in plain text
     --> web.json:4:26
      |
    4 |   "env": {"DB_PASSWORD": "***", "B_TOKEN": "***"},
      |                          ^^^^^ /env/DB_PASSWORD
      |
      = help: put it into the secret store, write {"secret":"NAME"} here and define NAME in `secrets`

    warning[plain-secret]: everyone who sees the definition can read `B_TOKEN` in plain text
     --> web.json:4:48
      |
    4 |   "env": {"DB_PASSWORD": "***", "B_TOKEN": "***"},
      |                                            ^^^^^ /env/B_TOKEN
      |
      = help: put it into the secret store, write {"secret":"NAME"} here and define NAME in `secrets`

    ----- stderr -----
    checked 1 file: 2 warnings; target dcos (Marathon 1.11)
    `milepost explain plain-secret` explains a rule
    "#);
}

/// `.dockercfg` holds credentials like an archive, but is a plain file, so `extract` does not matter.
#[test]
fn a_dockercfg_is_a_credential_and_never_packed() {
    each_case([("DOCKER", "credentials-in-sandbox"), ("MESOS", "archive-on-ucr")], |(engine, expected)| {
        let text = format!(
            r#"{{"id": "/web", "container": {{"type": "{engine}", "docker": {{"image": "r.example.com/web:1"}}}},
                "fetch": [{{"uri": "https://files.example.com/.dockercfg", "extract": false}}]}}"#
        );
        let output = TestDir::new().file("web.json", text).run(&["lint", "web.json"]);
        assert!(output.contains(expected), "{engine}: {output}");
        assert!(!output.contains("unextracted-archive"), "{engine}: {output}");
    });
}

#[test]
fn rules_hold_from_and_until_the_releases_they_name() {
    let before = |target: &str| -> Option<String> {
        let minor: u16 =
            target.parse::<Target>().ok()?.release().to_string().strip_prefix("1.")?.parse().ok()?;
        let line = format!("marathon-1.{}", minor.checked_sub(1)?);
        line.parse::<Target>().is_ok().then_some(line)
    };
    each_case(with_examples(), |rule| {
        let Some(line) = rule.since.and_then(|since| before(&format!("marathon-{since}"))) else { return };
        let settings = line.parse::<Target>().expect("a target").settings();
        let report = Linter::default().lint(rule.bad.into(), Format::Json, None, &settings);
        assert!(
            !report.findings.iter().any(|found| found.rule == rule),
            "{}: found for {line}, before its release",
            rule.slug
        );
    });
}

#[test]
fn no_two_rules_have_one_title() {
    let titles: BTreeSet<&str> = rule_docs::all().iter().map(|rule| rule.title).collect();
    assert_eq!(titles.len(), rule_docs::all().len());
}

/// The secret of a path with `.` or `..` is never what it says.
#[test]
fn paths_of_secrets_have_no_dots() {
    each_case(
        [("shop/db", false), ("shop/.db", false), ("shop/../db", true), ("./db", true)],
        |(source, is_odd)| {
            let text = format!(
                r#"{{"id": "/shop/web", "cmd": "serve", "env": {{"A": {{"secret": "s"}}}}, "secrets": {{"s": {{"source": "{source}"}}}}}}"#
            );
            let test = TestDir::new().file("a.json", text);
            let said = test.run(&["lint", "--format", "concise", "a.json"]);
            assert_eq!(said.contains("error[odd-secret-path]"), is_odd, "{source}: {said}");
        },
    );
}

/// What marathon-lb reads: its group, and labels with the number of a port, by name.
#[test]
fn labels_of_marathon_lb_are_those_that_it_reads() {
    let found = |labels: &str| -> Vec<(String, Option<String>)> {
        let text = format!(
            r#"{{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{{"port": 0}}, {{"port": 0}}], "labels": {labels}}}"#
        );
        let target: Target = "dcos".parse().expect("a target");
        let report = Linter::default().lint(text.into(), Format::Json, None, &target.settings());
        let is_meant = |found: &Finding| found.rule.slug.contains("balancer");
        report
            .findings
            .into_iter()
            .filter(is_meant)
            .map(|found| (found.message, found.help.map(std::borrow::Cow::into_owned)))
            .collect()
    };
    each_case(
        [
            "{}",
            r#"{"HAPROXY_GROUP": "external", "HAPROXY_0_VHOST": "a", "HAPROXY_1_REDIRECT_TO_HTTPS": "true"}"#,
            r#"{"HAPROXY_0_GROUP": "external", "HAPROXY_0_BACKEND_HEAD": "x"}"#,
            r#"{"HAPROXY_0_VHOST": "a", "HAPROXY_0_ENABLED": "false"}"#,
            r#"{"HAPROXY_GROUP": "external", "HAPROXY_DEPLOYMENT_GROUP": "a", "HAPROXY_DEPLOYMENT_NEW_INSTANCES": "0"}"#,
            // Another program's, and a template's.
            r#"{"HAPROXY_SYSCTL_PARAMS": "x"}"#,
            r#"{"HAPROXY_{{ n }}_VHOST": "a"}"#,
        ],
        |read| {
            assert_eq!(found(read), [], "{read}");
        },
    );
    each_case(
        [
            ("VHOST", "only with the number of a port", Some("HAPROXY_0_VHOST")),
            ("external_STICKY", "`external` is no number of a port", Some("HAPROXY_0_STICKY")),
            ("2_VHOST", "there is no port 2: the app has 2 ports", Some("the first port is 0")),
            ("00_VHOST", "`00` is no number of a port", Some("HAPROXY_0_VHOST")),
            (
                "99999999999999999999_VHOST",
                "there is no port 99999999999999999999",
                Some("the first port is 0"),
            ),
            ("0_REDIRECT_TO_HTTP", "reads no label", Some("did you mean HAPROXY_0_REDIRECT_TO_HTTPS?")),
            ("0_vhost", "reads no label", Some("did you mean HAPROXY_0_VHOST?")),
            ("0_SOMETHING_ELSE", "reads no label HAPROXY_0_SOMETHING_ELSE", None),
            ("1_DEPLOYMENT_GROUP", "reads no label", Some("did you mean HAPROXY_DEPLOYMENT_GROUP?")),
            ("DENLOYMENT_ALT_PORT", "reads no label", Some("did you mean HAPROXY_DEPLOYMENT_ALT_PORT?")),
        ],
        |(name, message, help)| {
            let labels = format!(r#"{{"HAPROXY_GROUP": "external", "HAPROXY_{name}": "x"}}"#);
            let all = found(&labels);
            let [(said, advice)] = &all[..] else { panic!("{labels}: {all:?}") };
            assert!(said.contains(message), "{labels}: {said}");
            let is_right = match (advice, help) {
                (Some(advice), Some(help)) => advice.contains(help),
                (advice, help) => advice.is_none() && help.is_none(),
            };
            assert!(is_right, "{labels}: {advice:?}");
        },
    );
    let all = found(r#"{"HAPROXY_VHOST": "a", "HAPROXY_0_VHOST": "a"}"#);
    assert!(all.iter().any(|(said, _)| said.starts_with("no HAPROXY_GROUP")), "{all:?}");
}
