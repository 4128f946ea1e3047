//! `milepost fmt`: one layout, and nothing lost on the way to it.

use milepost::format;
use milepost::source::{Document, Format, Kind};
use proptest::prelude::*;

use super::common::{TestDir, each_case};
use super::property::{fixtures, tree};
use super::verdicts::records;

/// The text laid out, if it can be; laying it out again changes nothing, and the value is the same.
fn lay(text: &str, format: Format, kind: Option<Kind>) -> Option<String> {
    let before = Document::parse(text, format).expect("it is of the format");
    let laid = format::layout(&before, kind).ok()?.text;
    let after = Document::parse(laid.as_str(), format).expect("it still is");
    assert_eq!(after.root().to_json(), before.root().to_json(), "{text}\n{laid}");
    let again = format::layout(&after, kind).expect("what is laid out can be").text;
    assert_eq!(again, laid, "twice is not once:\n{text}");
    Some(laid)
}

#[test]
fn recorded_definitions_keep_their_values_and_are_laid_out_once() {
    let mut count = 0;
    for record in records() {
        if Document::parse(record.text.as_str(), Format::Json).is_ok() {
            count += usize::from(lay(&record.text, Format::Json, Some(record.kind)).is_some());
        }
    }
    assert!(count > 500, "{count} are too few to show anything");
}

#[test]
fn comments_stay_with_what_they_are_about() {
    let test = TestDir::new().fixture("fmt/comments.jsonc").fixture("fmt/comments.yaml");
    insta::assert_snapshot!(test.run(&["fmt", "comments.jsonc", "comments.yaml"]));
    insta::assert_snapshot!("comments.jsonc", test.read("comments.jsonc"));
    insta::assert_snapshot!("comments.yaml", test.read("comments.yaml"));
    insta::assert_snapshot!(test.run(&["fmt", "comments.jsonc", "comments.yaml", "--check"]));
}

#[test]
fn a_definition_is_written_as_people_read_it() {
    let text = r#"{"env":{"B":"1","A":"2"},"x-mine":[1.50,1e2,"\u0061"],"container":{"portMappings":[
        {"name":"http","containerPort":80,"hostPort":0},{"name":"admin","containerPort":8081}],
        "docker":{"forcePullImage":true,"image":"nginx:1.27.3"},"type":"DOCKER"},"mem":128,"cpus":0.10,
        "healthChecks":[{"path":"/","protocol":"MESOS_HTTP","portIndex":0,"gracePeriodSeconds":300,
        "intervalSeconds":60,"timeoutSeconds":20}],"networks":[{"mode":"container/bridge"}],
        "constraints":[["hostname","UNIQUE"]],"id":"/web","$schema":"app.schema.json"}"#;
    let test = TestDir::new();
    insta::assert_snapshot!(test.run_with_stdin(&["fmt", "-"], text));
}

#[test]
fn check_and_diff_write_nothing() {
    let text = "{\"cmd\": \"x\",\n \"id\": \"/a\"}";
    let test = TestDir::new()
        .file("services/a.json", text)
        .file("services/b.json", "{\n  \"id\": \"/b\",\n  \"cmd\": \"x\"\n}\n")
        .file("services/package.json", "{\"name\": \"left-pad\"}");
    insta::assert_snapshot!(test.run(&["fmt", "services", "--check"]), @r"
    exit: 1
    ----- stdout -----
    services/a.json
    ----- stderr -----
    1 file to format, 1 already formatted; skipped 1 file that is not a definition (-v lists them)
    ");
    insta::assert_snapshot!(test.run(&["fmt", "services", "--diff"]), @r#"
    exit: 1
    ----- stdout -----
    --- services/a.json
    +++ services/a.json
    @@ -1,2 +1,4 @@
    -{"cmd": "x",
    - "id": "/a"}
    \ No newline at end of file
    +{
    +  "id": "/a",
    +  "cmd": "x"
    +}
    ----- stderr -----
    1 file to format, 1 already formatted; skipped 1 file that is not a definition (-v lists them)
    "#);
    assert_eq!(test.read("services/a.json"), text);
    insta::assert_snapshot!(test.run(&["fmt", "services"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    formatted services/a.json
    1 file formatted, 1 already formatted; skipped 1 file that is not a definition (-v lists them)
    ");
    insta::assert_snapshot!(test.run(&["fmt", "services", "--check"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    0 files to format, 2 already formatted; skipped 1 file that is not a definition (-v lists them)
    ");
}

#[test]
fn what_cannot_be_laid_out_is_named_and_left_alone() {
    let texts = [
        ("comment.json", "{\"id\": \"/a\", // the id\n \"cmd\": \"x\"}"),
        ("flow.yaml", "{cmd: x, id: /a}\n"),
        ("other.json", "{\"name\": \"left-pad\"}"),
        ("template.json", "{\"id\": {{ id }}, \"cmd\": \"x\"}"),
        ("two.json", "{\"id\": \"/a\", \"cmd\": \"x\"} {\"id\": \"/b\"}"),
    ];
    let test = texts.iter().fold(TestDir::new(), |test, (name, text)| test.file(name, text));
    let fine = test.file("z.json", "{\"id\":\"/z\",\"cmd\":\"x\"}");
    let names: Vec<&str> = texts.iter().map(|(name, _)| *name).chain(["z.json"]).collect();
    insta::assert_snapshot!(fine.run(&[&["fmt"], names.as_slice()].concat()));
    each_case(texts, |(name, text)| {
        assert_eq!(fine.read(name), text, "{name}");
    });
    assert_eq!(fine.read("z.json"), "{\n  \"id\": \"/z\",\n  \"cmd\": \"x\"\n}\n");
}

#[test]
fn duplicate_keys_are_all_kept_and_the_last_still_counts() {
    let laid = lay(r#"{"cmd": "1", "id": "/a", "cmd": "2", "x": 1, "x": 2}"#, Format::Json, Some(Kind::App));
    let wanted = "{\n  \"id\": \"/a\",\n  \"cmd\": \"1\",\n  \"cmd\": \"2\",\n  \"x\": 1,\n  \"x\": 2\n}\n";
    assert_eq!(laid.as_deref(), Some(wanted));
}

#[test]
fn line_breaks_and_the_mark_of_windows_stay() {
    let test = TestDir::new().file("a.json", "\u{feff}{\"cmd\": \"x\",\r\n \"id\": \"/a\"}");
    test.run(&["fmt", "a.json"]);
    assert_eq!(test.read("a.json"), "\u{feff}{\r\n  \"id\": \"/a\",\r\n  \"cmd\": \"x\"\r\n}\r\n");
}

#[test]
fn a_rewritten_file_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt as _;
    let test = TestDir::new().file("a.json", "{\"cmd\": \"x\", \"id\": \"/a\"}");
    let path = test.path().join("a.json");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("mode set");
    test.run(&["fmt", "a.json"]);
    assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o640);
    assert!(test.read("a.json").starts_with("{\n  \"id\""));
}

#[test]
fn yaml_keeps_what_it_says() {
    let cases = [
        // An alias stays behind its anchor.
        "labels:\n    a: &a x\nid: /a\nenv:\n    b: *a\ncmd: x\n",
        "x-base: &base\n    mem: 5\nid: /a\n<<: *base\ncmd: x\n",
        // Texts of several lines.
        "cmd: |2\n    two more\n  a\nid: /a\n",
        "cmd: |+\n      a\n\n        b\n\n\nid: /a\n",
        "id: /a\ncmd: |+\n      a\n\n\n",
        "cmd: >-\n  a\n\n  # b\n   c\n\n\n# id\nid: /a\n",
        "cmd: \"a\n  b\\\n    c\"\nid: 'x\n\n  y'\n",
        "cmd: a\n  b\n  c\nid: /a\n",
        // Flow collections and tags.
        "env: {A: '1',\n  B: x\n}\ncmd: !!str 5\nid: /a\n",
        "args:\n- - a\n  -   b\n-\n  - c\n-\n- d: 1\n  # e\n  c: 2\nid: /a\ncmd: x\n",
        "%YAML 1.2\n---\n# a\ncmd: x\nid: /a\n...\n# b\n",
        "cmd: x\r\nid: /a\r\nenv:\r\n    A: |\r\n        b\r\n        c\r\n",
        "\"cmd\"  : x # c\n'id': /a\n80: x\n? y\n: z\n",
    ];
    each_case(cases, |text| {
        let document = Document::parse(text, Format::Yaml).expect(text);
        match format::layout(&document, Some(Kind::App)) {
            Ok(_) => assert!(lay(text, Format::Yaml, Some(Kind::App)).is_some()),
            Err(error) => assert!(text.contains("? "), "{error}:\n{text}"),
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Any tree of the API's own names and words keeps its value, in JSON and in YAML.
    #[test]
    fn any_tree_keeps_its_value(value in tree(), kind in prop::sample::select(vec![Kind::App, Kind::Pod, Kind::Group, Kind::Apps])) {
        let text = value.to_string();
        prop_assert!(lay(&text, Format::Json, Some(kind)).is_some(), "{}", text);
        let document = Document::parse(text.as_str(), Format::Json).expect("JSON");
        let yaml = format::convert(&document, Format::Yaml).expect("it can be YAML").text;
        let is_block = document.root().members().next().or(document.root().elements().next().map(|e| (e, e))).is_some();
        prop_assert!(lay(&yaml, Format::Yaml, Some(kind)).is_some() || !is_block || yaml.starts_with('['), "{}", yaml);
    }

    /// Comments anywhere between the lines are all there afterwards.
    #[test]
    fn comments_anywhere_are_kept(file in any::<prop::sample::Index>(), places in prop::collection::vec((any::<prop::sample::Index>(), 0..5_usize), 1..12)) {
        let fixtures = fixtures();
        let (_, kind, text) = file.get(&fixtures);
        let pretty = format!("{:#}", Document::parse(text.as_str(), Format::Json).expect("JSON").root().to_json());
        let mut lines: Vec<String> = pretty.lines().map(str::to_owned).collect();
        for (number, (place, form)) in places.iter().enumerate() {
            let at = place.index(lines.len());
            let line = &mut lines[at];
            match form {
                0 => *line = format!("{line} // c{number}"),
                1 => line.insert_str(0, &format!("/* c{number} */ ")),
                2 if !line.contains(" // ") => *line = format!("{line} /* c{number}\n  more */"),
                2 => line.insert_str(0, &format!("/* c{number}\n * more */ ")),
                3 => line.insert_str(0, &format!("// c{number}\n\n")),
                _ => *line = format!("{line}\n\n/* c{number} */ // d{number}"),
            }
        }
        let text = lines.join("\n");
        let laid = lay(&text, Format::Jsonc, Some(*kind)).expect("comments are no obstacle");
        for number in 0..places.len() {
            let name = format!("c{number}");
            prop_assert_eq!(laid.matches(&name).count(), text.matches(&name).count(), "{}\n{}", text, laid);
        }
        let document = Document::parse(text.as_str(), Format::Jsonc).expect("JSONC");
        let yaml = format::convert(&document, Format::Yaml).expect("it can be YAML").text;
        prop_assert!(lay(&yaml, Format::Yaml, Some(*kind)).is_some(), "{}", yaml);
    }
}
