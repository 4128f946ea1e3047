//! Random YAML and random changes: the result is that of the same changes in JSON, and comments stay.

use std::fmt::Write as _;
use std::path::Path;

use milepost::credential::{Archive, Credential, WireOptions, wire};
use milepost::finding::FixKind;
use milepost::fix::apply_fixes;
use milepost::format;
use milepost::lint::Linter;
use milepost::source::{Document, EditError, Editor, Format, Kind, Pointer};
use milepost::target::{Release, Target};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::common::each_case;
use super::super::property::fixtures;

/// A source of small choices.
struct Choices<'c> {
    bytes: &'c [u8],
    at: usize,
}

impl Choices<'_> {
    fn below(&mut self, count: usize) -> usize {
        self.at += 1;
        usize::from(self.bytes[self.at % self.bytes.len()]) % count
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

const STRINGS: &[&str] = &[
    "a",
    "x y",
    "true",
    "1",
    "",
    "a: b",
    "a #b",
    "#",
    "one\ntwo",
    "one\ntwo\n",
    "one\n\n  two\n\n",
    " lead",
    "ünï",
    "- dash",
    "'q'",
    "\"dq\"",
    "tab\there",
    "{brace",
    "null",
    "*a",
    "/shop/web",
    "12:30:00",
    "a\\b",
    "%",
];
const NAMES: &[&str] = &["a", "id", "b c", "n1", "x-y", "80", "true", "é", "k:v", "env"];

fn value(depth: u32) -> BoxedStrategy<Value> {
    let scalar = prop_oneof![
        (0..STRINGS.len()).prop_map(|index| json!(STRINGS[index])),
        (-5..500).prop_map(|number| json!(number)),
        Just(json!(1.5)),
        Just(json!(true)),
        Just(Value::Null),
    ];
    if depth == 0 {
        return scalar.boxed();
    }
    let members = vec(((0..NAMES.len()), value(depth - 1)), 0..4);
    let object = members.prop_map(|members| {
        Value::Object(members.into_iter().map(|(name, value)| (NAMES[name].to_owned(), value)).collect())
    });
    let array = vec(value(depth - 1), 0..4).prop_map(Value::Array);
    prop_oneof![2 => scalar, 3 => object, 2 => array].boxed()
}

/// Writes YAML in many styles. Each comment names the pointer of the entry it is at.
struct Emitter<'c> {
    choices: Choices<'c>,
    unit: usize,
    indents_dashes: bool,
    out: String,
}

impl Emitter<'_> {
    fn scalar(&mut self, value: &Value, in_flow: bool) -> String {
        let Value::String(text) = value else { return value.to_string() };
        let is_simple = text.chars().all(|c| c.is_alphanumeric() || c == '/')
            && text.starts_with(['a', 'x', 'o', 'ü', '/'])
            && !["null", "true"].contains(&text.as_str());
        match self.choices.below(3) {
            0 if is_simple => text.clone(),
            1 if !text.contains(['\n', '\t']) => format!("'{}'", text.replace('\'', "''")),
            _ if in_flow || !text.is_ascii() => format!("\"{}\"", text.escape_debug()).replace("\\'", "'"),
            _ => value.to_string(),
        }
    }

    fn flow(&mut self, value: &Value) -> String {
        let space = if self.choices.one_in(2) { " " } else { "" };
        match value {
            Value::Array(elements) => {
                let elements: Vec<String> = elements.iter().map(|element| self.flow(element)).collect();
                format!("[{}]", elements.join(&format!(",{space}")))
            }
            Value::Object(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{}: {}", self.scalar(&json!(name), true), self.flow(value)))
                    .collect();
                format!("{{{}}}", members.join(&format!(",{space}")))
            }
            _ => self.scalar(value, true),
        }
    }

    fn comment(&mut self, at: &str) {
        if self.choices.one_in(3) {
            let _ = write!(self.out, " # at {at};");
        }
    }

    /// The value of an entry, after its colon or dash, and the line break.
    fn value(&mut self, value: &Value, column: usize, is_member: bool, at: &str) {
        let is_empty = value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(serde_json::Map::is_empty);
        let is_container = value.is_array() || value.is_object();
        if value.is_null() && self.choices.one_in(2) {
            self.comment(at);
            self.out.push('\n');
        } else if !is_container || is_empty || self.choices.one_in(4) {
            if let Some(text) = value.as_str().filter(|text| text.starts_with("one\n")) {
                return self.text(text, column, at);
            }
            let text = self.flow(value);
            let _ = write!(self.out, " {text}");
            self.comment(at);
            self.out.push('\n');
        } else {
            self.comment(at);
            self.out.push('\n');
            let indents = value.is_object() || self.indents_dashes || !is_member;
            self.block(value, column + if indents { self.unit } else { 0 }, false, at);
        }
    }

    fn text(&mut self, text: &str, column: usize, at: &str) {
        let header = match text.len() - text.trim_end_matches('\n').len() {
            0 => "|-",
            1 => "|",
            _ => "|+",
        };
        let _ = write!(self.out, " {header}");
        self.comment(at);
        self.out.push('\n');
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                let _ = write!(self.out, "{:width$}{line}", "", width = column + self.unit);
            }
            self.out.push('\n');
        }
    }

    /// The entries of a collection; the first one on the present line if `begun`.
    fn block(&mut self, value: &Value, column: usize, mut begun: bool, at: &str) {
        let entries: Vec<(Option<String>, &Value)> = match value {
            Value::Object(members) => {
                members.iter().map(|(name, value)| (Some(name.clone()), value)).collect()
            }
            Value::Array(elements) => elements.iter().map(|value| (None, value)).collect(),
            _ => Vec::new(),
        };
        for (index, (name, value)) in entries.into_iter().enumerate() {
            let step = name.clone().unwrap_or_else(|| index.to_string());
            let at = format!("{at}/{}", step.replace(' ', "_"));
            if !std::mem::take(&mut begun) {
                if self.choices.one_in(5) {
                    let _ = writeln!(self.out, "{:column$}# above {at};", "");
                }
                // After a text that keeps its last line breaks, an empty line would be one more of them.
                if self.choices.one_in(8) && !self.out.is_empty() && !self.out.ends_with("\n\n") {
                    self.out.push('\n');
                }
                let _ = write!(self.out, "{:column$}", "");
            }
            if let Some(name) = name {
                let name = self.scalar(&json!(name), false);
                let _ = write!(self.out, "{name}:");
                self.value(value, column, true, &at);
            } else {
                self.out.push('-');
                let is_full = value.as_object().is_some_and(|members| !members.is_empty())
                    || value.as_array().is_some_and(|elements| !elements.is_empty());
                if is_full && self.choices.below(4) > 0 {
                    self.out.push(' ');
                    self.block(value, column + 2, true, &at);
                } else {
                    self.value(value, column, false, &at);
                }
            }
        }
    }
}

fn yaml(value: &Value, bytes: &[u8]) -> String {
    let mut choices = Choices { bytes, at: 0 };
    let (unit, indents_dashes) = (1 + choices.below(4), !choices.one_in(2));
    let (is_windows, has_end) = (choices.one_in(5), !choices.one_in(5));
    let mut emitter = Emitter { choices, unit, indents_dashes, out: String::new() };
    let is_full = value.as_object().is_some_and(|members| !members.is_empty())
        || value.as_array().is_some_and(|elements| !elements.is_empty());
    if is_full {
        emitter.block(value, 0, false, "");
    } else {
        emitter.out = emitter.flow(value) + "\n";
    }
    let mut text = emitter.out;
    if !has_end && !text.ends_with("\n\n") {
        text.pop();
    }
    if is_windows { text.replace('\n', "\r\n") } else { text }
}

#[derive(Clone, Debug)]
enum Change {
    Set(usize, Value),
    Insert(usize, usize, Value),
    Push(usize, Value),
    Remove(usize),
    Relocate(usize, usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = || 0..1000_usize;
    prop_oneof![
        (at(), value(2)).prop_map(|(at, value)| Change::Set(at, value)),
        (at(), 0..NAMES.len(), value(2)).prop_map(|(at, name, value)| Change::Insert(at, name, value)),
        (at(), value(2)).prop_map(|(at, value)| Change::Push(at, value)),
        at().prop_map(Change::Remove),
        (at(), at(), 0..NAMES.len()).prop_map(|(from, to, name)| Change::Relocate(from, to, name)),
    ]
}

/// The pointers of all values.
fn pointers(value: &Value) -> Vec<Pointer> {
    let mut all = vec![Pointer::root()];
    let mut next = 0;
    while let Some(pointer) = all.get(next).cloned() {
        next += 1;
        match at(value, &pointer) {
            Value::Object(members) => all.extend(members.keys().map(|name| pointer.key(name))),
            Value::Array(elements) => all.extend((0..elements.len()).map(|index| pointer.index(index))),
            _ => {}
        }
    }
    all
}

fn at<'v>(value: &'v Value, pointer: &Pointer) -> &'v Value {
    value.pointer(pointer.as_str()).expect("a pointer of the value")
}

/// Makes a change; the pointers whose values it changes.
fn make(editor: &mut Editor, value: &Value, change: &Change) -> Result<Vec<Pointer>, EditError> {
    let all = pointers(value);
    let one = |of: &[Pointer], index: usize| (!of.is_empty()).then(|| of[index % of.len()].clone());
    let of_type = |is: fn(&Value) -> bool| -> Vec<Pointer> {
        all.iter().filter(|pointer| is(at(value, pointer))).cloned().collect()
    };
    let below: Vec<Pointer> = all[1..].to_vec();
    Ok(match change {
        Change::Set(index, new) => match one(&below, *index) {
            Some(pointer) => editor.set(&pointer, new).map(|()| vec![pointer])?,
            None => Vec::new(),
        },
        Change::Insert(index, name, new) => match one(&of_type(Value::is_object), *index) {
            Some(pointer) => {
                let pointer = pointer.key(NAMES[*name]);
                editor.set(&pointer, new).map(|()| vec![pointer])?
            }
            None => Vec::new(),
        },
        Change::Push(index, new) => match one(&of_type(Value::is_array), *index) {
            Some(pointer) => editor.push(&pointer, new).map(|()| Vec::new())?,
            None => Vec::new(),
        },
        Change::Remove(index) => match one(&below, *index) {
            Some(pointer) => editor.remove(&pointer).map(|()| vec![pointer])?,
            None => Vec::new(),
        },
        Change::Relocate(from, to, name) => {
            match (one(&below, *from), one(&of_type(Value::is_object), *to)) {
                (Some(from), Some(object)) => {
                    let to = object.key(NAMES[*name]);
                    let is_apart = |one: &Pointer, other: &Pointer| !one.steps().starts_with(other.steps());
                    if is_apart(&to, &from) && is_apart(&from, &to) {
                        editor.relocate(&from, &to).map(|()| vec![to, from])?
                    } else {
                        Vec::new()
                    }
                }
                _ => Vec::new(),
            }
        }
    })
}

fn editor(text: &str, format: Format) -> Editor {
    Editor::new(Document::parse(text, format).expect(text))
}

/// The pointers that the comments of a text name.
fn comments(text: &str) -> Vec<&str> {
    let mut all: Vec<&str> = text
        .split("# ")
        .skip(1)
        .filter_map(|comment| comment.strip_prefix("at ").or_else(|| comment.strip_prefix("above ")))
        .filter_map(|rest| rest.split(';').next())
        .collect();
    all.sort_unstable();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_yaml_reads_as_the_changed_json(
        value in value(4), bytes in vec(any::<u8>(), 40..120), change in change(),
    ) {
        let text = yaml(&value, &bytes);
        let mut before = editor(&text, Format::Yaml);
        prop_assert_eq!(before.document().root().to_json(), value.clone(), "{}", text);
        let mut json = editor(&value.to_string(), Format::Json);
        let Ok(changed) = make(&mut json, &value, &change) else { return Ok(()) };
        let result = make(&mut before, &value, &change);
        prop_assert!(result.is_ok(), "{:?}\n{}\n{:?}", result, text, change);
        let after = before.into_document();
        prop_assert_eq!(after.root().to_json(), json.document().root().to_json(), "{}", after.text());
        // What is removed takes along what is between the lines of its value.
        let is_long = |pointer: &Pointer| match value.pointer(pointer.as_str()) {
            Some(Value::String(text)) => text.contains('\n'),
            Some(value) => value.is_array() || value.is_object(),
            None => false,
        };
        let is_removed = matches!(change, Change::Remove(_) | Change::Relocate(..));
        let is_inside = |comment: &&str| changed.iter().any(|pointer| {
            let name = pointer.as_str().replace(' ', "_");
            let rest = comment.strip_prefix(&*name);
            rest.is_some_and(|rest| rest.starts_with('/') || rest.is_empty() && is_removed && is_long(pointer))
        });
        let kept = |text| comments(text).into_iter().filter(|comment| !is_inside(comment)).collect::<Vec<_>>();
        prop_assert_eq!(kept(&text), kept(after.text()), "{}\n=====\n{}\n{:?}", text, after.text(), change);
    }
}

/// A text that keeps its last line breaks is moved in many layouts, comments after it included.
#[test]
fn a_text_that_keeps_its_last_line_breaks_can_be_moved() {
    let value = json!(["one\n\n  two\n\n", {"a": [0, 0, " lead"], "id": 0}, []]);
    let layouts = (0..2000_u32).map(|seed| {
        let bytes = (0..60).scan(seed, |state, _| {
            *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Some((*state >> 24) as u8)
        });
        yaml(&value, &bytes.collect::<Vec<_>>())
    });
    let expected = json!([{"a": value[0], "id": 0}, []]);
    each_case(layouts, |text| {
        let mut editor = editor(&text, Format::Yaml);
        let (from, to) = (Pointer::root().index(0), Pointer::root().index(1).key("a"));
        let result = editor.relocate(&from, &to);
        assert!(result.is_ok(), "{result:?}\n{text}");
        assert_eq!(editor.document().root().to_json(), expected, "{text}");
    });
}

/// The comment beside an empty collection does not become part of a text that is moved into it.
#[test]
fn a_text_is_moved_to_where_a_comment_follows() {
    let cases = [
        (
            "a: # a\n- {} # here\nb:\n- x: |- # text\n   one\n   two\n",
            "a: # a\n- c: |- # text # here\n   one\n   two\nb:\n- {}\n",
        ),
        ("a:\n- {} # here\nb:\n- x: {y: 1}\n", "a:\n- c: {y: 1} # here\nb:\n- {}\n"),
    ];
    each_case(cases, |(text, expected)| {
        let mut editor = editor(text, Format::Yaml);
        let root = Pointer::root();
        let (from, to) = (root.key("b").index(0).key("x"), root.key("a").index(0).key("c"));
        editor.relocate(&from, &to).expect(text);
        assert_eq!(editor.document().text(), expected, "{text}");
    });
}

#[test]
fn every_value_of_the_fixtures_can_be_changed() {
    let new = [json!("x: y"), json!(1), json!({"a": [{"b": 1, "c": []}]}), json!([])];
    let mut count = 0;
    each_case(fixtures(), |(path, _, text)| {
        let document = Document::parse(text, Format::Json).expect("valid JSON");
        let value = document.root().to_json();
        let yaml = format::convert(&document, Format::Yaml).expect("it can be converted").text;
        for (index, pointer) in pointers(&value).into_iter().enumerate().skip(1).step_by(3) {
            type MakeChange<'c> = &'c dyn Fn(&mut Editor) -> Result<(), EditError>;
            let changes: [MakeChange<'_>; 3] = [
                &|editor| editor.set(&pointer, &new[index % new.len()]),
                &|editor| editor.remove(&pointer),
                &|editor| editor.set(&Pointer::root().key("new"), &new[index % new.len()]),
            ];
            for change in changes {
                let (mut json, mut editor) =
                    (editor(&value.to_string(), Format::Json), editor(&yaml, Format::Yaml));
                change(&mut json).expect("JSON can be edited");
                if let Err(error) = change(&mut editor) {
                    panic!("{}: {pointer:?}: {error}\n{yaml}", path.display());
                }
                assert_eq!(
                    editor.document().root().to_json(),
                    json.document().root().to_json(),
                    "{}: {pointer:?}",
                    path.display()
                );
                count += 1;
            }
        }
    });
    assert!(count > 1000, "{count} are too few to show anything");
}

/// What fuzzers begin with: a fixed or wired text parses, and doing it again changes nothing.
#[test]
fn the_seeds_of_the_fuzzers_hold_in_yaml() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let seeds = ["fix", "format", "lint", "parse", "wire"].into_iter().flat_map(|target| {
        let files = std::fs::read_dir(corpus.join(target)).expect("the seeds are there");
        files.map(|file| file.expect("readable").path())
    });
    let settings = "dcos".parse::<Target>().expect("a target").settings();
    let archive = Archive::new("file:///etc/docker.tar.gz").expect("sound");
    let options = WireOptions::new(Credential::Archive(archive), Release::LATEST);
    let (mut fixed, mut wired) = (0, 0);
    each_case(seeds, |path| {
        let Ok(text) = std::fs::read_to_string(&path) else { return };
        let Ok(document) = Document::parse(text.as_str(), Format::Yaml) else { return };
        let find = |text: &str| Linter::default().lint(text.into(), Format::Yaml, None, &settings).findings;
        let once = apply_fixes(text.clone(), Format::Yaml, FixKind::Unsafe, None, find);
        assert!(Document::parse(once.text.as_str(), Format::Yaml).is_ok(), "{}", path.display());
        let twice = apply_fixes(once.text.clone(), Format::Yaml, FixKind::Unsafe, None, find);
        assert_eq!(twice.text, once.text, "{}", path.display());
        fixed += usize::from(!once.done.is_empty());
        let Some(kind) = Kind::detect(&document.root()) else { return };
        let Ok(once) = wire(document, kind, &options) else { return };
        let again = Document::parse(once.document.text(), Format::Yaml).expect("it is still YAML");
        assert!(!wire(again, kind, &options).expect("it is wired already").changed(), "{}", path.display());
        wired += usize::from(once.changed());
    });
    assert!(fixed > 5 && wired > 5, "{fixed} and {wired} are too few to show anything");
}
