//! The tree that Marathon makes of a group, or of the apps of an array. The answers are those of Marathon 1.11 to
//! definitions of the same shape.

use milepost::finding::Severity;
use milepost::lint::Linter;
use milepost::normalize::normalize;
use milepost::source::{Document, Format, Kind};
use milepost::target::{Settings, Target};
use serde_json::{Value as Json, json};

use super::common::{TestDir, each_case};
use super::edge_cases::answer;

fn settings() -> Settings {
    "dcos".parse::<Target>().expect("a target").settings()
}

/// The errors of a definition that Marathon accepts, each as its rule and the text at its place.
fn errors(kind: Kind, text: &str) -> Vec<String> {
    let report = Linter::default().lint(text.as_bytes().to_vec(), Format::Json, Some(kind), &settings());
    let errors = report.findings.iter().filter(|finding| finding.severity() == Severity::Error);
    errors.map(|finding| format!("{} {}", finding.rule, &text[finding.range.clone()])).collect()
}

fn stored(kind: Kind, text: &str) -> Json {
    let document = Document::parse(text, Format::Json).expect("it is JSON");
    normalize(&document, kind, &settings()).expect("Marathon accepts it").value
}

/// The ids of all groups and apps, in the order of the text.
fn ids(group: &Json) -> Vec<String> {
    let members = |name: &str| group[name].as_array().cloned().unwrap_or_default();
    let own = group["id"].as_str().expect("a group has an id").to_owned();
    let apps =
        members("apps").into_iter().map(|app| format!("{} (app)", app["id"].as_str().unwrap_or_default()));
    let inner = members("groups").into_iter().flat_map(|inner| ids(&inner));
    std::iter::once(own).chain(apps).chain(inner).collect()
}

#[test]
fn a_group_that_is_no_direct_child_is_an_error_of_its_own() {
    each_case(
        [
            (
                r#"{"id": "/old", "groups": [{"id": "s/t", "apps": [{"id": "a", "cmd": "run", "portDefinitions": []}]}]}"#,
                &["s/t"][..],
            ),
            (r#"{"id": "/old", "groups": [{"id": "s/t", "apps": [{"id": "a", "cmd": "run"}]}]}"#, &["s/t"]),
            (
                r#"{"id": "/old", "groups": [{"id": "../c", "apps": [{"id": "a", "cmd": "run", "ports": [10500]}]}]}"#,
                &["../c"],
            ),
            (
                r#"{"id": "/old", "groups": [{"id": "s", "groups": [{"id": "/old/t", "apps": [{"id": "a", "cmd": "run"}]}]},
                {"id": "/x", "groups": [{"id": "y", "apps": [{"id": "b", "cmd": "run"}]}]}]}"#,
                &["/old/t", "/x"],
            ),
        ],
        |(text, places)| {
            assert_eq!(answer("dcos", Kind::Group, text), "accepted", "{text}");
            let wanted: Vec<String> = places.iter().map(|id| format!("misplaced-group \"{id}\"")).collect();
            assert_eq!(errors(Kind::Group, text), wanted, "{text}");
        },
    );
    let fine = r#"{"id": "/old", "groups": [{"id": "s", "groups": [{"id": "/old/s/t", "apps": [{"id": "a", "cmd": "run"}]}]}]}"#;
    assert_eq!(errors(Kind::Group, fine), [] as [&str; 0]);
}

#[test]
fn groups_that_marathon_still_finds_elsewhere_only_are_rejected() {
    let text = "Group has to be child of groups with parent id";
    each_case(
        [
            // Without apps nothing moves them.
            (r#"{"id": "/g", "groups": [{"id": "x/y"}]}"#, format!("422 /groups(1): {text}")),
            (
                r#"{"id": "/g", "groups": [{"id": "x"}, {"id": "x", "groups": [{"id": "/x/y"}]}]}"#,
                format!("422 /groups(2): {text}"),
            ),
            (
                r#"{"id": "/g", "groups": [{"id": "/g/h/i", "groups": [{"id": "../k", "apps": [{"id": "b", "cmd": "run"}]}]}]}"#,
                format!("422 /groups(1): {text}"),
            ),
            // Of two groups of one id the last counts, with what is in it.
            (
                r#"{"id": "/g", "groups": [{"id": "x", "groups": [{"id": "/x/y"}]}, {"id": "x"}]}"#,
                "accepted".to_owned(),
            ),
        ],
        |(group, wanted)| assert_eq!(answer("dcos", Kind::Group, group), wanted, "{group}"),
    );
}

#[test]
fn a_misplaced_group_is_stored_twice() {
    let group = stored(
        Kind::Group,
        r#"{"id": "/old", "groups": [{"id": "s/t", "apps": [{"id": "a", "cmd": "run"}]}]}"#,
    );
    assert_eq!(
        ids(&group),
        ["/old", "/old/s/t", "/old/s/t/a (app)", "/old/s", "/old/s/t", "/old/s/t/a (app)"]
    );
    let plain = stored(
        Kind::Group,
        r#"{"id": "/old", "apps": [{"id": "s", "cmd": "run"}], "groups": [{"id": "s"}, {"id": "t", "apps": []}]}"#,
    );
    assert_eq!(ids(&plain), ["/old", "/old/s (app)", "/old/t"], "an app replaces an empty group of its id");
}

#[test]
fn copies_of_groups_are_limited() {
    let inner: Vec<Json> = (0..2_000)
        .map(|number| json!({"id": format!("../other/g{number}/x"), "apps": [{"id": "a", "cmd": "run"}]}))
        .collect();
    let text = json!({"id": "/old", "groups": inner}).to_string();
    assert_ne!(answer("dcos", Kind::Group, &text), "accepted");
    let long = format!(
        r#"{{"id": "/old", "groups": [{{"id": "{}x", "apps": [{{"id": "a", "cmd": "run"}}]}}]}}"#,
        "s/".repeat(5_000)
    );
    assert_eq!(answer("dcos", Kind::Group, &long), "accepted");
    assert_eq!(ids(&stored(Kind::Group, &long)).len(), 3, "a group for each of so many segments is not made");
}

#[test]
fn of_two_apps_of_one_id_the_last_counts() {
    each_case(
        [
            (
                r#"{"id": "h", "apps": [{"id": "c", "cmd": "run", "dependencies": ["./c"]}, {"id": "c", "cmd": "run"}]}"#,
                "accepted",
            ),
            (
                r#"{"id": "h", "apps": [{"id": "c", "cmd": "run"}, {"id": "c", "cmd": "run", "dependencies": ["./c"]}]}"#,
                "422 /: Dependency graph has cyclic dependencies.",
            ),
        ],
        |(text, wanted)| {
            assert_eq!(answer("dcos", Kind::Group, text), wanted, "{text}");
        },
    );
}

#[test]
fn groups_below_the_root_have_the_role_of_their_first_segment() {
    let text = r#"{"groups": [{"id": "/g/h", "apps": [{"id": "h", "cmd": "run", "role": "*"}]}]}"#;
    assert_eq!(answer("dcos", Kind::Group, text), "422 /role: got *, expected one of: [g]");
}

#[test]
fn the_apps_of_an_array_are_applied_one_after_another() {
    each_case(
        [
            (
                r#"[{"id": "/a", "cmd": "run"}, {"id": "/a/b", "cmd": "run"}]"#,
                "422 /: Groups and Applications may not have the same identifier.",
            ),
            (
                r#"[{"id": "/g/a", "cmd": "run"}, {"id": "/g/a/b", "cmd": "run"}]"#,
                "422 /groups(0): Groups and Applications may not have the same identifier.",
            ),
            (
                r#"[{"id": "/a/b", "cmd": "run", "dependencies": [".."]}]"#,
                "422 /: Dependency graph has cyclic dependencies.",
            ),
            (
                r#"[{"id": "/a", "cmd": "run", "dependencies": ["/b"]}, {"id": "/b", "cmd": "run", "dependencies": ["/a"]}]"#,
                "422 /: Dependency graph has cyclic dependencies.",
            ),
            (
                r#"[{"id": "/p", "container": {"docker": {"image": "x"}}}, {"id": "/p", "instances": 2}]"#,
                "accepted",
            ),
            (
                r#"[{"id": "/p", "instances": 2}, {"id": "/p", "cmd": "run"}]"#,
                "422 /: AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
            ),
            (
                r#"[{"id": "/x", "cmd": "run", "networks": [{"mode": "host"}, {"mode": "container", "name": "dcos"}]}]"#,
                "422 /networks: May specify a single host network, single bridge network, or else 1-to-n container networks",
            ),
            (
                r#"[{"id": "/x", "cmd": "run", "ports": [0, 0], "networks": [{"mode": "container"}]}]"#,
                "accepted",
            ),
        ],
        |(array, wanted)| assert_eq!(answer("dcos", Kind::Apps, array), wanted, "{array}"),
    );
}

#[test]
fn an_array_is_stored_as_its_updates_leave_it() {
    let apps = stored(
        Kind::Apps,
        r#"[{"id": "/p", "container": {"docker": {"image": "x"}}, "env": {"A": "1"}, "resourceLimits": {"cpus": 2}},
            {"id": "/q", "cmd": "run"}, {"id": "/p", "instances": 2}]"#,
    );
    assert_eq!(apps.as_array().map(Vec::len), Some(2));
    assert_eq!(
        (&apps[0]["instances"], &apps[0]["env"], apps[0].get("resourceLimits")),
        (&json!(2), &json!({"A": "1"}), None)
    );
    let joined = stored(
        Kind::Apps,
        r#"[{"id": "/x", "cmd": "run", "ports": [0, 0], "networks": [{"mode": "container"}]}]"#,
    );
    assert_eq!(joined[0]["container"]["portMappings"].as_array().map(Vec::len), Some(2));
    assert_eq!(joined[0]["container"]["portMappings"][0]["name"], "default");
}

#[test]
fn csi_volumes_have_six_access_modes() {
    let volume = |capability: &str| {
        format!(
            r#"{{"id": "/c", "cmd": "run", "container": {{"type": "MESOS", "volumes": [{{"containerPath": "d", "mode": "RO",
                "external": {{"provider": "csi", "name": "b", "options": {{"pluginName": "p", "capability": {capability}}}}}}}]}}}}"#
        )
    };
    let unknown = volume(r#"{"accessMode": "UNKNOWN", "accessType": "mount", "fsType": "xfs"}"#);
    assert_eq!(answer("dcos", Kind::App, &unknown), "accepted");
    assert_eq!(
        answer("dcos", Kind::App, &unknown.replace(r#""RO""#, r#""RW""#)),
        "422 /container/volumes(0)/volume: CSI volume must be mounted readonly with a read-only access mode"
    );
    assert_eq!(
        answer("dcos", Kind::App, &unknown.replacen(r#""cmd""#, r#""instances": 2, "cmd""#, 1)),
        "422 /instances: got 2, expected 1 or less while non-shareable CSI volumes are defined"
    );
    let block = volume(
        r#"{"accessMode": "SINGLE_NODE_READER_ONLY", "accessType": "block", "fsType": "ext4", "mountFlags": ["ro"]}"#,
    );
    let kept = &stored(Kind::App, &block)["container"]["volumes"][0]["external"]["options"]["capability"];
    assert_eq!(kept, &json!({"accessMode": "SINGLE_NODE_READER_ONLY", "accessType": "block"}));
}

#[test]
fn a_reader_of_a_csi_volume_is_not_checked() {
    let app = |id: &str, mode: &str| {
        json!({"id": id, "cmd": "run", "container": {"type": "MESOS", "volumes": [{"containerPath": "d", "mode": mode,
            "external": {"provider": "csi", "name": "data", "options": {"pluginName": "p", "capability":
            {"accessMode": "MULTI_NODE_SINGLE_WRITER", "accessType": "mount", "fsType": "xfs"}}}}]}})
    };
    let group =
        |modes: [&str; 2]| json!({"id": "/g", "apps": [app("a", modes[0]), app("b", modes[1])]}).to_string();
    assert_eq!(answer("dcos", Kind::Group, &group(["RO", "RW"])), "accepted");
    assert_eq!(
        answer("dcos", Kind::Group, &group(["RW", "RW"])),
        "422 /groups(0)/apps(0)/container: Volume name 'data' in /g/a conflicts with volume(s) of same name in app(s): /g/b | \
         /groups(0)/apps(1)/container: Volume name 'data' in /g/b conflicts with volume(s) of same name in app(s): /g/a"
    );
}

#[test]
fn names_of_options_may_end_with_a_line_terminator() {
    each_case(
        [
            ("dvdi/a\\n", "accepted"),
            ("dvdi/a\\n\\n", "422"),
            ("dvdi/a b", "422"),
            ("dvdi/a\\r\\n", "accepted"),
        ],
        |(key, wanted)| {
            let text = format!(
                r#"{{"id": "/n", "cmd": "run", "container": {{"type": "MESOS", "volumes": [{{"containerPath": "d", "mode": "RW",
                "external": {{"name": "n", "provider": "dvdi", "options": {{"dvdi/driver": "x", "{key}": "1"}}}}}}]}}}}"#
            );
            let answered = answer("dcos", Kind::App, &text);
            assert!(answered.starts_with(wanted), "{key}: {answered}");
        },
    );
}

#[test]
fn the_error_says_what_becomes_of_the_group() {
    let test = TestDir::new().file(
        "group.json",
        "{\n  \"id\": \"/shop\",\n  \"groups\": [\n    { \"id\": \"front/web\", \"apps\": [{ \"id\": \"one\", \"cmd\": \"./one\" }] }\n  ]\n}\n",
    );
    insta::assert_snapshot!(test.run(&["lint", "group.json", "--select", "misplaced-group"]), @r#"
    exit: 1
    ----- stdout -----
    error[misplaced-group]: /shop/front/web is not a direct child of /shop: Marathon accepts this, runs its apps twice, cannot delete the group, and refuses every later change of any app
     --> group.json:4:13
      |
    4 |     { "id": "front/web", "apps": [{ "id": "one", "cmd": "./one" }] }
      |             ^^^^^^^^^^^ /groups/0/id
      |
      = help: write every group on the way: front, web, each in the `groups` of the one before

    ----- stderr -----
    checked 1 file: 1 error; target dcos (Marathon 1.11)
    `milepost explain misplaced-group` explains a rule
    "#);
}

#[test]
fn of_apps_of_one_id_only_the_last_depends_on_others() {
    let test = TestDir::new().file(
        "g.json",
        r#"{"id": "/g", "apps": [{"id": "x", "cmd": "run a", "dependencies": ["gone"]}, {"id": "x", "cmd": "run b"}]}"#,
    );
    let shown = test.run(&["lint", "g.json"]);
    assert!(shown.contains("duplicate-id") && !shown.contains("unknown-dependency"), "{shown}");
    let test = TestDir::new().file(
        "g.json",
        r#"{"id": "/g", "apps": [{"id": "x", "cmd": "run a"}, {"id": "x", "cmd": "run b", "dependencies": ["gone"]}]}"#,
    );
    assert!(test.run(&["lint", "g.json"]).contains("unknown-dependency"));
}

#[test]
fn a_misplaced_group_that_says_nothing_of_roles_is_told_of_its_id() {
    let group = |role: &str| {
        format!(
            r#"{{"id": "/", "groups": [{{"id": "a/b", {role}"apps": [{{"id": "x", "cmd": "run a"}}]}}]}}"#
        )
    };
    let found = |text: &str| -> Vec<String> {
        let report =
            Linter::default().lint(text.as_bytes().to_vec(), Format::Json, Some(Kind::Group), &settings());
        let rejected = report.findings.iter().filter(|finding| finding.severity() == Severity::Error);
        rejected.map(|finding| format!("{} {}", finding.rule, finding.pointer)).collect()
    };
    let (silent, says) = (found(&group("")), found(&group(r#""enforceRole": true, "#)));
    assert!(silent.contains(&"id-outside-group /groups/0/id".to_owned()), "{silent:?}");
    assert!(!silent.iter().any(|found| found.starts_with("misplaced-")), "{silent:?}");
    assert!(says.contains(&"misplaced-enforce-role /groups/0/enforceRole".to_owned()), "{says:?}");
}
