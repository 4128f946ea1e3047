//! Recognising a finding in a later run: by its location in the definition, not in the text.
//!
//! A fingerprint holds no value, because a secret could be guessed from it, and no message, because a better wording
//! would make a known finding new.

use std::collections::HashMap;

use crate::source::{Document, Pointer, Step, Value};

use super::CheckedFile;

/// Members that tell the elements of an array apart, however the array is ordered.
const NAMES: &[&str] = &["id", "name", "containerPath"];

/// For each finding its pointer, with the index of an element replaced by the element's own name where it has one:
/// `/apps/[id=/web]/env/A`. It stays the same when lines are inserted, and when elements are.
#[must_use]
pub fn anchors(file: &CheckedFile<'_>) -> Vec<String> {
    // The text is parsed again only where a pointer has an index.
    let wanted = file.findings.iter().any(|finding| last_index(&finding.finding.pointer).is_some());
    let document = wanted.then(|| Document::parse(file.text, file.format).ok()).flatten();
    let root = document.as_ref().map(Document::root);
    let mut names = AnchorNames { root, below: HashMap::new(), own: HashMap::new() };
    file.findings.iter().map(|finding| names.anchor(&finding.finding.pointer)).collect()
}

fn last_index(pointer: &Pointer) -> Option<usize> {
    pointer.steps().iter().rposition(|step| matches!(step, Step::Index(_)))
}

/// A tree, with the children of the values that were visited so far: a long array is indexed once, not once for each
/// finding in it.
struct AnchorNames<'a> {
    root: Option<Value<'a>>,
    below: HashMap<u32, HashMap<Step, Value<'a>>>,
    /// The names of the elements that were visited.
    own: HashMap<u32, Option<String>>,
}

impl<'a> AnchorNames<'a> {
    fn anchor(&mut self, pointer: &Pointer) -> String {
        let mut anchor = String::new();
        let mut at = self.root.filter(|_| last_index(pointer).is_some());
        for (position, step) in pointer.steps().iter().enumerate() {
            at =
                at.filter(|_| Some(position) <= last_index(pointer)).and_then(|value| self.step(value, step));
            let element = at.filter(|_| matches!(step, Step::Index(_)));
            let name = element.and_then(|element| {
                self.own.entry(element.node_id()).or_insert_with(|| name_of(element)).as_deref()
            });
            match name {
                Some(name) => anchor.extend(["/[", name, "]"]),
                None => anchor.push_str(&Pointer::from_iter([step.clone()]).to_string()),
            }
        }
        anchor
    }

    fn step(&mut self, value: Value<'a>, step: &Step) -> Option<Value<'a>> {
        let below = self.below.entry(value.node_id()).or_insert_with(|| {
            let key = |key: Value<'_>| Step::Key(key.as_str().unwrap_or_default().into_owned());
            let members = value.members().map(|(name, value)| (key(name), value));
            let elements = value.elements().enumerate().map(|(index, value)| (Step::Index(index), value));
            members.chain(elements).collect()
        });
        below.get(step).copied()
    }
}

fn name_of(element: Value<'_>) -> Option<String> {
    NAMES.iter().find_map(|name| {
        let value = element.get(name)?;
        value.as_str().map(|value| format!("{name}={value}"))
    })
}

/// For each finding a number of 32 hexadecimal digits: the same in every run, and unique in a document.
pub(crate) fn fingerprints(path: &str, file: &CheckedFile<'_>) -> Vec<String> {
    let mut seen: HashMap<(&'static str, String), u32> = HashMap::new();
    let mut number = |(finding, anchor): (&super::RatedFinding, String)| {
        let rule = finding.finding.rule.first_name();
        let hash = fnv(&[path, rule, &anchor]);
        let count = seen.entry((rule, anchor)).or_insert(0);
        *count += 1;
        format!("{:032x}", fnv_more(hash, &count.to_be_bytes()))
    };
    file.findings.iter().zip(anchors(file)).map(&mut number).collect()
}

/// The fingerprint of a finding that a file can have only once.
pub(crate) fn of_file(path: &str, what: &str) -> String {
    format!("{:032x}", fnv(&[path, what]))
}

/// FNV-1a of 128 bits. The standard library's hash may change with its release, and a fingerprint must not.
fn fnv(parts: &[&str]) -> u128 {
    let basis = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    // A zero byte between them, so that no two lists of parts read the same.
    parts.iter().fold(basis, |hash, part| fnv_more(fnv_more(hash, part.as_bytes()), &[0]))
}

fn fnv_more(hash: u128, bytes: &[u8]) -> u128 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Effect, Finding, RatedFinding, Rule};
    use crate::source::Format;

    fn file_of<'a>(text: &'a str, findings: &'a [RatedFinding]) -> CheckedFile<'a> {
        CheckedFile { path: "a.json", kind: None, format: Format::Json, text, cuts: &[], findings }
    }

    static SOME_RULE: Rule = Rule::risky("some-rule", "Something holds");

    fn finding(pointer: Pointer) -> RatedFinding {
        RatedFinding::from(Finding {
            rule: &SOME_RULE,
            effect: Effect::Risky,
            pointer,
            message: String::new(),
            help: None,
            range: 0..0,
            answer: None,
            refusal: None,
            fix: None,
        })
    }

    #[test]
    fn elements_go_by_their_names() {
        let text = r#"{"apps": [{"id": "/x"}, {"id": "/web", "ports": [1, 2]}]}"#;
        let second = Pointer::root().key("apps").index(1);
        let findings = [finding(second.key("ports").index(1)), finding(Pointer::root())];
        assert_eq!(anchors(&file_of(text, &findings)), ["/apps/[id=/web]/ports/1", ""]);
        let broken = &text[..20];
        assert_eq!(anchors(&file_of(broken, &findings))[0], "/apps/1/ports/1");
    }

    #[test]
    fn fingerprints_stay_and_differ() {
        assert_eq!(format!("{:x}", fnv(&[])), "6c62272e07bb014262b821756295c58d");
        // The reference's value for FNV-1a 128 of "a".
        let basis = fnv(&[]);
        assert_eq!(format!("{:x}", fnv_more(basis, b"a")), "d228cb696f1a8caf78912b704e4a8964");
        let same = [finding(Pointer::root()), finding(Pointer::root())];
        let numbers = fingerprints("a.json", &file_of("{}", &same));
        assert_ne!(numbers[0], numbers[1]);
        assert_eq!(numbers, fingerprints("a.json", &file_of("\n\n{}", &same)));
        assert_ne!(numbers, fingerprints("b.json", &file_of("{}", &same)));
    }
}
