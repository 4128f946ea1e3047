//! What holds for every definition, tried on the committed ones and random changes of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use milepost::definition::{App, Group, Pod};
use milepost::finding::Effect;
use milepost::schema;
use milepost::source::{Document, Editor, Format, Kind, Pointer};
use milepost::target::{Release, Target};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::common::each_case;

pub(crate) fn fixtures() -> Vec<(PathBuf, Kind, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/definitions");
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    let kind = |path: &Path| match path.file_stem().and_then(|stem| stem.to_str()?.split('-').next()) {
        Some("pod") => Kind::Pod,
        Some("group") => Kind::Group,
        _ => Kind::App,
    };
    files
        .into_iter()
        .map(|path| (path.clone(), kind(&path), std::fs::read_to_string(path).expect("readable")))
        .collect()
}

fn document(text: &str) -> Document {
    Document::parse(text, Format::Json).expect("valid JSON")
}

/// Whether two values are equal, numbers by what they come to.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| other.get(name).is_some_and(|other| is_same(one, other)))
        }
        _ => one == other,
    }
}

fn through_model<T: Serialize + DeserializeOwned>(read: &Value) -> Value {
    serde_json::to_value(T::deserialize(read).expect("accepted")).expect("a model is JSON")
}

#[test]
fn models_lose_nothing_of_what_is_read() {
    each_case(fixtures(), |(path, kind, text)| {
        let read = schema::canonical(&document(&text), kind);
        let written = match kind {
            Kind::Pod => through_model::<Pod>(&read),
            Kind::Group => through_model::<Group>(&read),
            _ => through_model::<App>(&read),
        };
        assert!(is_same(&read, &written), "{}: {written:#} instead of {read:#}", path.display());
    });
}

#[test]
fn a_change_changes_only_that_much_of_the_text() {
    each_case(fixtures().into_iter().filter(|(_, kind, _)| *kind == Kind::App), |(path, _, text)| {
        // What no model knows, and a spelling that no printer would choose.
        let text = text.replacen('{', "{ \"x-mine\": [1.50, 1e2, {\"\\u0061\": -0.0}],", 1);
        let mut editor = Editor::new(document(&text));
        editor.set(&Pointer::root().key("cmd"), &json!("changed")).expect("an app is an object");
        editor.remove(&Pointer::root().key("labels")).expect("not the root");
        let changed = editor.into_document();
        assert!(changed.text().starts_with("{ \"x-mine\": [1.50, 1e2, {\"\\u0061\": -0.0}],"));
        let mut wanted = document(&text).root().to_json();
        wanted["cmd"] = json!("changed");
        wanted.as_object_mut().expect("an app is an object").shift_remove("labels");
        assert_eq!(changed.root().to_json(), wanted, "{}", path.display());
    });
}

/// The pointers of all values below `value`, itself included.
fn pointers(value: &Value, at: String, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, member)| {
            pointers(member, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), into);
        }),
        Value::Array(elements) => elements.iter().enumerate().for_each(|(index, element)| {
            pointers(element, format!("{at}/{index}"), into);
        }),
        _ => {}
    }
    into.push(at);
}

fn replacements() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(70_000),
        json!(3_000_000_000_u64),
        json!(""),
        json!("x"),
        json!("http"),
        json!("DISABLED"),
        json!("2020-01-01T00:00:00Z"),
        json!([]),
        json!(["x"]),
        json!([1]),
        json!([null]),
        json!({}),
        json!({"secret": "x"}),
        json!({"kind": "fixed", "instances": "3"}),
        json!({"name": "x", "persistent": {"size": "1"}}),
    ]
}

/// Whether the model takes what the reader makes of the document.
fn model_takes(document: &Document, kind: Kind) -> bool {
    let value = schema::canonical(document, kind);
    match kind {
        Kind::App => serde_json::from_value::<App>(value).is_ok(),
        Kind::Pod => serde_json::from_value::<Pod>(value).is_ok(),
        Kind::Group => serde_json::from_value::<Group>(value).is_ok(),
        Kind::Apps => true,
    }
}

/// The names of all fields and the words of all enumerations there are, from the published schemas.
fn vocabulary() -> &'static (Vec<String>, Vec<String>) {
    static VOCABULARY: std::sync::OnceLock<(Vec<String>, Vec<String>)> = std::sync::OnceLock::new();
    VOCABULARY.get_or_init(|| {
        let (mut names, mut words) = (BTreeSet::new(), BTreeSet::new());
        for file in ["app", "pod", "group"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{file}.schema.json"));
            let text = std::fs::read_to_string(path).expect("the schemas are there");
            collect(&serde_json::from_str(&text).expect("JSON"), &mut names, &mut words);
        }
        assert!(
            names.contains("healthChecks") && words.contains("MESOS"),
            "the schemas tell names and words"
        );
        (names.into_iter().collect(), words.into_iter().collect())
    })
}

fn collect(schema: &Value, names: &mut BTreeSet<String>, words: &mut BTreeSet<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        names.extend(properties.keys().cloned());
    }
    let listed = schema["enum"].as_array().into_iter().flatten().chain(schema.get("const"));
    words.extend(listed.filter_map(Value::as_str).map(str::to_owned));
    match schema {
        Value::Object(members) => members.values().for_each(|member| collect(member, names, words)),
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, names, words)),
        _ => {}
    }
}

/// Any tree of the API's own names and words, and of what people put there instead.
pub(crate) fn tree() -> impl Strategy<Value = Value> {
    let (names, words) = vocabulary();
    let name = prop_oneof![8 => prop::sample::select(names.as_slice()), 1 => "[a-zA-Z_/é]{0,6}"];
    let leaf = prop_oneof![
        4 => prop::sample::select(words.as_slice()).prop_map(Value::from),
        4 => prop::sample::select(replacements()),
        1 => "[ -~é世]{0,12}".prop_map(Value::from),
        1 => "(/?[a-z.]{1,3}){0,4}".prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 96, 8, move |inner| {
        prop_oneof![
            3 => prop::collection::vec((name.clone(), inner.clone()), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::Array),
        ]
    })
}

/// Checks a text as every kind for several targets: every finding lies within it, and every format can say it.
fn check_everywhere(bytes: &[u8], format: Format) -> Result<(), TestCaseError> {
    let kinds = [None, Some(Kind::App), Some(Kind::Apps), Some(Kind::Pod), Some(Kind::Group)];
    for target in ["dcos-2.2", "marathon-1.5", "bare"] {
        let target = target.parse::<Target>().expect("a target").settings();
        for kind in kinds {
            let report = milepost::lint::Linter::default().lint(bytes.to_vec(), format, kind, &target);
            for finding in &report.findings {
                prop_assert!(report.text.get(finding.range.clone()).is_some(), "{finding:?}");
            }
            let mut text = Vec::new();
            milepost::report::text::write(&mut text, None, "a.json", &report.text, &report.findings)
                .expect("written");
            prop_assert_eq!(text.is_empty(), report.findings.is_empty());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// The two ways of reading, by the tables and by serde, take and refuse the same. Bounds and patterns, which serde
    /// does not know, are the only difference.
    #[test]
    fn tables_and_models_agree(file in any::<prop::sample::Index>(), places in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 1..4)) {
        let fixtures = fixtures();
        let (path, kind, text) = file.get(&fixtures);
        let mut value: Value = document(text).root().to_json();
        for (place, replacement) in places {
            let mut all = Vec::new();
            pointers(&value, String::new(), &mut all);
            let at = place.get(&all).clone();
            if let Some(target) = value.pointer_mut(&at) {
                *target = replacement.get(&replacements()).clone();
            }
        }
        let document = document(&value.to_string());
        let found = schema::check(&document, *kind, Release::LATEST);
        let by_type = |rule: &str| matches!(rule, "wrong-type" | "missing-field" | "unknown-value");
        let refused: Vec<_> = found.iter().filter(|finding| finding.effect == Effect::Rejected).collect();
        let takes = model_takes(&document, *kind);
        if refused.is_empty() {
            prop_assert!(takes, "{}: the model refuses what the tables take: {value}", path.display());
        }
        // A bound can keep an alternative of a union from fitting, and what is missing for the next one is then a
        // matter of types that serde does not see.
        if !refused.is_empty() && refused.iter().all(|finding| by_type(finding.rule.slug)) {
            prop_assert!(!takes, "{}: the model takes what the tables refuse: {refused:?} {value}", path.display());
        }
    }

    /// No text makes the reader panic, and every finding lies within it.
    #[test]
    fn findings_lie_within_the_text(file in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(), put in "[\\[\\]{}\",:0-9a-z\\\\ \u{0}\u{e9}]{0,4}") {
        let fixtures = fixtures();
        let (_, _, text) = file.get(&fixtures);
        let at = text.floor_char_boundary(cut.index(text.len()));
        let changed = format!("{}{put}{}", &text[..at], text.get(at + 1..).unwrap_or_default());
        for format in [Format::Json, Format::Jsonc, Format::Yaml] {
            let report = milepost::lint::Linter::default().lint(changed.clone().into_bytes(), format, None, &"dcos".parse::<Target>().expect("a target").settings());
            for finding in &report.findings {
                prop_assert!(finding.range.start <= finding.range.end && finding.range.end <= report.text.len());
                prop_assert!(report.text.get(finding.range.clone()).is_some());
            }
        }
    }
}

proptest! {
    // Each is checked fifteen times over.
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// No tree of the API's own names and words makes lint panic, whatever it is taken for and whatever is aimed at.
    #[test]
    fn no_tree_makes_lint_panic(value in tree()) {
        check_everywhere(value.to_string().as_bytes(), Format::Json)?;
    }

    /// Nor does a definition with one of its parts replaced by such a tree.
    #[test]
    fn no_changed_definition_makes_lint_panic(file in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), part in tree(), pretty in any::<bool>()) {
        let fixtures = fixtures();
        let (_, _, text) = file.get(&fixtures);
        let mut value: Value = document(text).root().to_json();
        let mut all = Vec::new();
        pointers(&value, String::new(), &mut all);
        let at: &String = place.get(&all);
        if let Some(target) = value.pointer_mut(at) {
            *target = part;
        }
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        check_everywhere(text.as_bytes(), Format::Json)?;
    }

    /// Nor do any bytes at all, in any notation.
    #[test]
    fn no_bytes_make_lint_panic(bytes in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        "[\\[\\]{}\",:0-9a-z\\\\ \u{0}\u{e9}&*#<>|\\-\\n]{0,64}".prop_map(String::into_bytes),
    ]) {
        for format in [Format::Json, Format::Jsonc, Format::Yaml] {
            check_everywhere(&bytes, format)?;
        }
    }
}
