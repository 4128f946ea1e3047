//! Placeholders that are left in a definition: it is a template, or came out of one unfilled.

use std::ops::Range;

use memchr::{memchr2, memchr3, memmem};

use crate::finding::{Change, Effect, Finding, Rule};
use crate::source::placeholder::{self, TextReader};
use crate::source::{Pointer, Type, Value, pointers};

pub(super) static UNFILLED_PLACEHOLDER: Rule =
    Rule::risky("unfilled-placeholder", "A definition has no unfilled placeholders")
        .why(
            "Neither Marathon nor the agent replaces placeholders, and outside of `cmd` no shell is involved. A \
             placeholder that a template left behind is taken literally: an image makes every instance fail with \
             `invalid reference format`, a URI with `Failed to fetch`, and a variable reaches the program as it is.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "env": {"DB": "{{ db }}", "LEVEL": "__LEVEL__"}}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "env": {"DB": "db.example.com", "LEVEL": "info"}}"#);

const HELP: &str = "render it before Marathon sees it: `milepost render` takes Jinja's form, `{{ name }}`";

/// A value or a name with a placeholder.
struct Unfilled<'a> {
    at: Value<'a>,
    /// The placeholder, as it is written.
    text: String,
}

/// Reports the placeholders of a definition with one finding. What else is found at them is worded for them: Marathon's
/// rejections stay, advice goes, and so do fixes that would touch them.
pub(super) fn apply(root: Value<'_>, found: &mut Vec<Finding>) {
    if !may_have_one(root.source()) {
        return;
    }
    let unfilled = unfilled(root);
    if unfilled.is_empty() {
        return;
    }
    let ranges: Vec<Range<usize>> = unfilled.iter().map(|unfilled| unfilled.at.range()).collect();
    let index_at = |range: &Range<usize>| index_within(&ranges, range);
    let is_loss = |finding: &Finding| matches!(finding.effect, Effect::Rejected | Effect::Ignored);
    found.retain(|finding| is_loss(finding) || index_at(&finding.range).is_none());
    let mut is_reported = vec![false; unfilled.len()];
    for finding in found.iter_mut() {
        if finding.fix.as_ref().is_some_and(|fix| fix.changes.iter().any(|change| touches(change, &ranges))) {
            finding.fix = None;
        }
        let Some(index) = index_at(&finding.range) else { continue };
        if finding.effect == Effect::Rejected {
            finding.message =
                format!("`{}` is a placeholder that nothing has filled in", unfilled[index].text);
            finding.help = Some(HELP.into());
            is_reported[index] = true;
        }
    }
    let mut others =
        unfilled.iter().zip(is_reported).filter(|(_, is_reported)| !is_reported).map(|(one, _)| one);
    if let Some(first) = others.next() {
        found.push(finding(root, first, others.count()));
    }
}

/// The finding of a placeholder, and of `more` after it.
fn finding(root: Value<'_>, first: &Unfilled<'_>, more: usize) -> Finding {
    let more = match more {
        0 => String::new(),
        1 => ", nor 1 other placeholder".to_owned(),
        more => format!(", nor {more} other placeholders"),
    };
    let mut pointer = pointers(root, &[first.at.node_id()]);
    Finding {
        rule: &UNFILLED_PLACEHOLDER,
        effect: UNFILLED_PLACEHOLDER.effect,
        pointer: pointer.pop().unwrap_or_else(Pointer::root),
        message: format!("this looks like a template: nothing has filled in `{}`{more}", first.text),
        help: Some(HELP.into()),
        range: first.at.first_line(),
        answer: None,
        fix: None,
    }
}

/// Whether a text has what placeholders begin with.
fn may_have_one(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr3(b'$', b'<', b'@', bytes).is_some()
        || memchr2(b'%', b'#', bytes).is_some()
        || ["{{", "__", "REPLACE", "CHANGE"].iter().any(|sign| memmem::find(bytes, sign.as_bytes()).is_some())
}

/// The values and names with placeholders, in the order of the text.
fn unfilled(root: Value<'_>) -> Vec<Unfilled<'_>> {
    let mut found = Vec::new();
    let mut waiting = vec![(root, TextReader::Nobody)];
    while let Some((value, reader)) = waiting.pop() {
        match value.kind() {
            Type::String => found.extend(of_text(value, reader)),
            Type::Array => waiting.extend(value.elements().map(|element| (element, reader))),
            Type::Object => {
                for (key, member) in value.members() {
                    let name = key.as_str().unwrap_or_default();
                    found.extend(of_text(key, TextReader::Nobody));
                    if is_note(&name) {
                        continue;
                    }
                    waiting.push((member, reader_of(&name, reader)));
                }
            }
            _ => {}
        }
    }
    found.sort_by_key(|unfilled| unfilled.at.range().start);
    found
}

fn of_text(at: Value<'_>, reader: TextReader) -> Option<Unfilled<'_>> {
    let text = at.as_str()?;
    let range = placeholder::find(&text, reader)?;
    Some(Unfilled { at, text: text[range].chars().take(60).collect() })
}

/// A field that keeps a note, or that is turned off.
fn is_note(name: &str) -> bool {
    name.starts_with(['_', '#']) || name.starts_with("//")
}

/// Who reads the value of a field. Commands go to a shell or a program with a language of its own, as do the templates of
/// load balancers in labels.
fn reader_of(name: &str, around: TextReader) -> TextReader {
    match name {
        "cmd" | "command" | "args" | "argv" | "shell" => TextReader::Shell,
        name if name.starts_with("HAPROXY_") || name.starts_with("traefik.") => TextReader::Shell,
        _ => around,
    }
}

/// The index of the range that holds this one, or of one that it is a part of.
fn index_within(ranges: &[Range<usize>], range: &Range<usize>) -> Option<usize> {
    let index = ranges.partition_point(|one| one.end <= range.start);
    ranges.get(index).filter(|one| one.start <= range.start && range.end <= one.end).map(|_| index)
}

fn touches(change: &Change, ranges: &[Range<usize>]) -> bool {
    let meets = |range: &Range<usize>| {
        let index = ranges.partition_point(|one| one.end <= range.start);
        ranges.get(index).is_some_and(|one| one.start < range.end)
    };
    match change {
        Change::Rename { key, .. } => meets(key),
        Change::Replace { value, .. } => meets(value),
        Change::Remove { item, .. } | Change::Move { item, .. } => meets(&(*item..*item + 1)),
        Change::Insert { value, .. } => placeholder::find(&value.to_string(), TextReader::Nobody).is_some(),
    }
}
