//! The published JSON Schemas say what Marathon says, and `$schema` is fine in every command.

#[path = "../../examples/recordings/schemas.rs"]
mod compared;

use std::path::Path;

use milepost::finding::Rule;
use milepost::rule_docs;
use milepost::source::{Document, Kind};
use milepost::target::Target;

use super::common::{TestDir, each_case};
use super::verdicts;
use compared::{Differences, Sample, Schemas};

fn schemas() -> Schemas {
    Schemas::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the schemas are valid draft-07")
}

/// A sample; `examples/schemas.rs` compares all recordings, and also tells which reason none of them needs.
#[test]
fn recorded_definitions_are_valid_where_marathon_accepts_them() {
    let mut schemas = schemas();
    let mut differences = Differences::default();
    let (mut accepted, mut refused) = (0, 0);
    for record in verdicts::records() {
        if !record.accepted && record.message != "Invalid JSON" {
            continue;
        }
        *(if record.accepted { &mut accepted } else { &mut refused }) += 1;
        let sample = Sample {
            kind: record.kind,
            text: &record.text,
            settings: &record.settings,
            accepted: record.accepted,
        };
        differences.add(schemas.compare(&sample), &record.id);
    }
    assert!(accepted > 300 && refused > 150, "{accepted} and {refused} show nothing");
    let lines: Vec<_> = differences.lines().collect();
    assert_eq!(differences.unexplained(), Vec::<String>::new(), "{lines:#?}");
    assert!(differences.unneeded().len() < compared::REASONS.len(), "no reason was needed: {lines:#?}");
}

#[test]
fn good_examples_of_rules_are_valid() {
    let schemas = schemas();
    let mut wrong = Vec::new();
    let newest = "dcos".parse::<Target>().expect("a target").settings().release;
    // Others show what only an older release takes.
    let is_current =
        |rule: &&&Rule| rule.target.parse::<Target>().expect("a target").settings().release == newest;
    let rules = rule_docs::all().iter().filter(|rule| !rule.good.is_empty());
    for rule in rules.filter(is_current) {
        let document = Document::parse(rule.good, rule_docs::format_of(rule.good)).expect(rule.slug);
        let kind = Kind::detect(&document.root()).expect(rule.slug);
        let errors = schemas.errors(document.root(), kind);
        wrong.extend(errors.into_iter().map(|(at, error)| format!("{}: {at:?} {error}", rule.slug)));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

const APP: &str = r#"{"$schema": "app.schema.json", "id": "/web", "cmd": "sleep 100", "cpus": 0.1, "mem": 32,
    "container": {"type": "DOCKER", "docker": {"image": "registry.example.com/web:1"}}}"#;
const POD: &str = r#"{"$schema": "pod.schema.json", "id": "/pod", "containers": [{"name": "a",
    "exec": {"command": {"shell": "sleep 1"}}, "resources": {"cpus": 0.1, "mem": 32}}]}"#;
const GROUP: &str = r#"{"$schema": "group.schema.json", "id": "/g", "apps": [{"$schema": "app.schema.json",
    "id": "/g/web", "cmd": "sleep 100"}], "groups": [{"$schema": "group.schema.json", "id": "/g/h"}]}"#;
const APPS: &str = r#"[{"$schema": "app.schema.json", "id": "/web", "cmd": "sleep 100"}]"#;

fn test_dir() -> TestDir {
    let test = TestDir::new().file("app.json", APP).file("pod.json", POD);
    test.file("group.json", GROUP).file("apps.json", APPS)
}

const FILES: [&str; 4] = ["app.json", "pod.json", "group.json", "apps.json"];

/// What a command writes to standard output; its exit code has to be 0.
fn output(test: &TestDir, args: &[&str]) -> String {
    let output = test.command(args).output().expect("the program runs");
    let said = test.describe(&output);
    assert!(output.status.success(), "{args:?}\n{said}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_schema_may_be_named_in_every_command() {
    let test = test_dir();
    for file in FILES {
        let lint = output(&test, &["lint", file, "--select", "unknown-field"]);
        assert_eq!(lint, "", "{file}");
        assert_eq!(output(&test, &["lint", file, "--as-server"]), "{}\n", "{file}");
        assert!(!output(&test, &["normalize", file]).contains("$schema"), "{file}");
        assert!(output(&test, &["convert", file, "--to", "yaml"]).contains("$schema"), "{file}");
        output(&test, &["fmt", file]);
        assert!(test.read(file).contains("\"$schema\""), "{file}");
        output(&test, &["fmt", file, "--check"]);
        output(&test, &["migrate", file, "--write"]);
        assert!(test.read(file).contains("\"$schema\""), "{file}");
    }
    let wired = output(&test, &["wire", "app.json", "--archive", "file:///etc/docker.tar.gz"]);
    assert!(wired.contains("$schema") && wired.contains("docker.tar.gz"), "{wired}");
}

#[test]
fn a_schema_is_no_difference() {
    for file in FILES {
        let without = test_dir().read(file).replace("\"$schema\"", "\"$other\"");
        let test = test_dir().file(&format!("without/{file}"), without);
        let old = format!("without/{file}");
        for (one, other) in [(file, old.as_str()), (&old, file)] {
            output(&test, &["diff", one, other]);
        }
    }
}

#[test]
fn a_template_may_name_a_schema() {
    let test = TestDir::new().file("web.json.j2", APP.replace("/web\"", "/{{ name }}\""));
    let rendered = output(&test, &["render", "web.json.j2", "--set", "name=shop"]);
    assert!(rendered.contains("$schema") && rendered.contains("/shop"), "{rendered}");
}

#[cfg(feature = "net")]
#[test]
fn a_schema_is_not_sent() {
    use super::send::{Server, accepted};
    each_case([("app", "app.json"), ("pod", "pod.json")], |(command, file)| {
        let server = Server::start(accepted());
        output(&test_dir(), &[command, "add", file, "--target", "dcos", "--url", &server.url()]);
        let request = server.request();
        let sent: serde_json::Value = serde_json::from_str(request.body()).expect("JSON");
        let mut wanted: serde_json::Value = serde_json::from_str(&test_dir().read(file)).expect("JSON");
        wanted.as_object_mut().expect("an object").shift_remove("$schema");
        assert_eq!(sent, wanted, "{file}");
    });
}

/// Whether `lint` takes a text for its settings.
fn is_taken(settings: &str) -> bool {
    let app = r#"{"id": "/a", "cmd": "sleep 100", "cpus": 0.1, "mem": 32}"#;
    let test =
        TestDir::new().file("milepost.toml", settings).file("a.json", app).file("baseline.json", BASELINE);
    let schema = r#"{"title": "Anything goes"}"#;
    let test = [
        "team-label.json",
        "own-registry.json",
        "memory-bound.json",
        "not-privileged.json",
        "health-check.json",
        "team.json",
        "two-instances.yaml",
    ]
    .into_iter()
    .fold(test, |test, name| test.file(name, schema));
    test.command(&["lint", "a.json"]).output().expect("the program runs").status.code() != Some(2)
}

const BASELINE: &str = r#"{"version": 1, "findings": []}"#;

fn settings_errors(settings: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/milepost.schema.json");
    let schema = std::fs::read_to_string(path).expect("the schema is committed");
    let schema = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::draft7::new(&schema).expect("valid draft-07");
    let value: serde_json::Value = toml::from_str(settings).expect("TOML");
    validator
        .iter_errors(&value)
        .map(|error| format!("{:?} {error}", error.instance_path().as_str()))
        .collect()
}

/// What the schema of `milepost.toml` takes, the program takes, and the other way round.
#[test]
fn the_schema_and_the_program_take_the_same_settings() {
    let target = |line: &str| format!("[target]\n{line}\n");
    let agents = |line: &str| format!("[target.agents]\n{line}\n");
    let policy = |line: &str| format!("[[policy]]\nschema = \"team.json\"\n{line}\n");
    let named = |line: &str| policy(&format!("name = \"team\"\n{line}"));
    let exception = |line: &str| {
        format!(
            "[[lint.exception]]\npath = \"a.json\"\nrule = \"syntax-error\"\nreason = \"because\"\n{line}\n"
        )
    };
    each_case(
        [
            (target("name = \"dcos-2.1\""), true),
            (target("name = \"1.9\""), true),
            (target("name = \"marathon-1.11.24\""), true),
            (target("name = \"nonsense\""), false),
            (target("name = \"dcos-1x9\""), false),
            (target("name = \"2.1\""), false),
            (target("name = \"v1.9.136\""), true),
            (target("name = \"v1.4\""), true),
            (target("name = \"1.04\""), true),
            (target("name = \"marathon-v1.11\""), true),
            (target("name = \"1.11.99999999999\""), false),
            ("[lint]\ntarget = \"v1.9.136\"\n".to_owned(), true),
            ("[lint]\ntarget = \"1.+9\"\n".to_owned(), false),
            (target("mesos-role = \"prod\""), true),
            (target("mesos-role = \"\""), false),
            (target("mesos-role = \"a b\""), false),
            (target("mesos-role = \"-a\""), false),
            ("[lint]\ntarget = \"standalone\"\n".to_owned(), true),
            ("[lint]\ntarget = \"nonsense\"\n".to_owned(), false),
            (target("features = [\"secrets\"]"), true),
            (target("no-features = [\"vips\"]"), true),
            (target("features = [\"secret\"]"), false),
            (target("enforce-role = \"Top\""), true),
            (target("enforce-role = \"all\""), false),
            (agents("ports = \"1025-2180, 31000 - 32000,8080\""), true),
            (agents("ports = [\"80\", \"1025-2180\"]"), true),
            (agents("ports = \"x\""), false),
            (agents("ports = [\"80-\"]"), false),
            (agents("roles = {slave_public = \"x\"}"), false),
            (agents("roles = {x = \"\", y = [], z = [\"1-21\", \"80\"]}"), true),
            (agents("roles = {x = [\"\", \"\"]}"), false),
            (agents("roles = {x = [\"80\", \"\"]}"), false),
            (agents("ports = \"1-99999\""), false),
            (agents("ports = \"\""), false),
            (agents("ports = []"), false),
            (agents("users = [\"root\"]"), true),
            (agents("users = [\"\"]"), false),
            (agents("paths = [\"/srv/\"]"), true),
            (agents("paths = [\"a\"]"), false),
            (agents("created-paths = [\"a\"]"), false),
            (agents("cpus = 4294967295"), true),
            (agents("cpus = 4294967296"), false),
            (agents("cpus = -1"), false),
            (agents("docker = \"99999\""), false),
            (exception("pointer = \"/labels\""), true),
            (exception("pointer = \"\""), true),
            (exception("pointer = \"labels\""), false),
            ("exclude = [\" \"]\n".to_owned(), false),
            ("[environment.prod]\npaths = [\"\"]\n".to_owned(), false),
            (named("paths = [\"\"]"), false),
            ("[[policy]]\nname = \"team\"\nschema = \"\"\n".to_owned(), false),
            (agents("docker = \"20.10.24\""), true),
            (agents("docker = \"25\""), true),
            (agents("docker = \"new\""), false),
            (named("effect = \"forbidden\""), true),
            (named("effect = \"rejected\""), false),
            (named("kinds = []"), false),
            (named("paths = []"), false),
            (policy("name = \"a b\""), false),
        ],
        |(settings, is_good)| {
            let errors = settings_errors(&settings);
            let program = is_taken(&settings);
            assert!(errors.is_empty() == is_good && program == is_good, "{settings}{errors:?} {program}");
        },
    );
}

/// What the program refuses and the schema cannot, with the reason.
#[test]
fn some_settings_only_the_program_refuses() {
    each_case(
        [
            ("two numbers are compared", "[target.agents]\nports = \"2-1\"\n"),
            (
                "one list is compared with another",
                "[target]\nfeatures = [\"secrets\"]\nno-features = [\"secrets\"]\n",
            ),
            ("one table depends on another", "[lint]\ntarget = \"bare\"\n[target]\nname = \"bare\"\n"),
            (
                "the release of a target is known to the program",
                "[target]\nname = \"1.4\"\ndefault-network = \"dcos\"\n",
            ),
            ("the rules are known to the program", "[lint]\nignore = [\"sintax-error\"]\n"),
            ("a pattern has a grammar of its own", "exclude = [\"a[\"]\n"),
            ("a file is read", "[[policy]]\nname = \"team\"\nschema = \"none.json\"\n"),
            ("names are compared", "[[policy]]\nname = \"syntax-error\"\nschema = \"team.json\"\n"),
        ],
        |(reason, settings)| {
            assert!(!is_taken(settings), "{reason}: {settings}");
            assert_eq!(settings_errors(settings), Vec::<String>::new(), "{reason}: {settings}");
        },
    );
}

/// Every text in the documentation, the help and the tests that is a `milepost.toml`.
fn examples_of_settings() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &Path| std::fs::read_to_string(path).expect("a file of the repository");
    let mut texts = Vec::new();
    let pages = ["docs/policies.md", "docs/cli.md", "README.md"].map(|page| read(&root.join(page)));
    for page in &pages {
        texts.extend(
            page.split("```toml\n")
                .skip(1)
                .filter_map(|rest| rest.split_once("```"))
                .map(|(text, _)| text.to_owned()),
        );
        let helps = page.split("\nmilepost.toml:\n").skip(1);
        texts.extend(helps.map(|rest| {
            let lines = rest.lines().take_while(|line| line.is_empty() || line.starts_with("  "));
            lines.flat_map(|line| [line.trim_start(), "\n"]).collect::<String>()
        }));
    }
    let literal = regex::Regex::new(r##"(?s)r#"(.*?)"#|"((?:[^"\\]|\\.)*)""##).expect("a pattern");
    for entry in std::fs::read_dir(root.join("tests/it")).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        for literal in literal.captures_iter(&read(&path)) {
            let escaped = |text: &str| text.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\n", "\n");
            let text = literal.get(1).map(|raw| raw.as_str().to_owned());
            texts.push(text.unwrap_or_else(|| escaped(&literal[2])));
        }
    }
    let is_settings = |text: &String| {
        let tables = text.lines().map(str::trim).filter(|line| line.starts_with('['));
        let is_known = |line: &str| {
            ["[lint", "[[lint.", "[target]", "[[policy]]"].iter().any(|known| line.starts_with(known))
        };
        tables.clone().count() > 0 && tables.clone().all(is_known)
    };
    texts.retain(|text| is_settings(text) && toml::from_str::<toml::Table>(text).is_ok());
    texts.sort();
    texts.dedup();
    texts
}

#[test]
fn examples_of_settings_are_valid() {
    let (mut taken, mut wrong) = (0, Vec::new());
    for settings in examples_of_settings().into_iter().filter(|settings| is_taken(settings)) {
        taken += 1;
        wrong.extend(settings_errors(&settings).into_iter().map(|error| format!("{error}\n{settings}")));
    }
    assert!(taken >= 10, "{taken} are too few to show anything");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn settings_without_a_meaning_are_not_valid() {
    let policy = "[[policy]]\nname = \"team\"\nschema = \"team.json\"\n";
    assert!(is_taken(policy) && settings_errors(policy).is_empty());
    each_case(
        [
            "[lnit]\n",
            "[lint]\nselct = []\n",
            "[lint]\nignore = \"syntax\"\n",
            "[lint]\nfail-on = \"errors\"\n",
            "[lint.severity]\nsyntax = \"warn\"\n",
            "[[lint.exception]]\npath = \"a.json\"\nrule = \"syntax\"\n",
            "[target]\nfeature = []\n",
            "[[policy]]\nname = \"team\"\n",
            &format!("{policy}effect = \"bad\"\n"),
            &format!("{policy}kinds = [\"apps\"]\n"),
            &format!("{policy}on = \"file\"\n"),
            &format!("{policy}paths = \"a\"\n"),
        ],
        |settings| {
            assert!(!is_taken(settings), "{settings}");
            assert_ne!(settings_errors(settings), Vec::<String>::new(), "{settings}");
        },
    );
}
