//! Typographic quotes around a text of YAML, which are a part of it there.

use crate::finding::{Change, Effect, Finding, Fix, FixKind, Rule};
use crate::source::{Pointer, Type, Value};

pub(super) static TYPOGRAPHIC_QUOTES: Rule =
    Rule::risky("typographic-quotes", "Texts of YAML are in plain quotes, or in none")
        .why(
            "YAML knows the quotes \" and ' only. The quotes that word processors put in their place become a part of \
             the text: a shell is asked to run a program whose name begins with one.",
        )
        .example("cmd: \u{201c}sleep 100\u{201d}")
        .fix(FixKind::Unsafe);

/// Typographic quotes of both kinds, as they open and close a text in many languages.
fn is_quote(c: char) -> bool {
    matches!(c, '\u{2018}'..='\u{201f}')
}

/// The text between typographic quotes, where a value is one.
fn unquoted(text: &str) -> Option<&str> {
    let inner = text.strip_prefix(is_quote)?.strip_suffix(is_quote)?;
    // Otherwise it is several quotations, which belong to the text.
    (!inner.contains(is_quote)).then_some(inner)
}

/// Finds texts in typographic quotes that are in no others: in JSON, and in plain quotes, they are meant.
pub(super) fn check(root: Value<'_>, found: &mut Vec<Finding>) {
    // All of them begin with this byte, and few texts have it.
    let source = root.source();
    if memchr::memchr(0xe2, source.as_bytes()).is_none() || !source.contains(is_quote) {
        return;
    }
    let mut waiting = vec![(root, Pointer::root())];
    while let Some((value, pointer)) = waiting.pop() {
        match value.kind() {
            Type::Array => {
                let elements = value.elements().enumerate();
                waiting.extend(elements.map(|(index, element)| (element, pointer.index(index))));
            }
            Type::Object => {
                let members = value.members();
                waiting.extend(members.map(|(name, member)| {
                    (member, pointer.key(name.as_str().unwrap_or_default().into_owned()))
                }));
            }
            Type::String => found.extend(finding(value, pointer)),
            _ => {}
        }
    }
}

fn finding(value: Value<'_>, pointer: Pointer) -> Option<Finding> {
    let inner = unquoted(value.source())?;
    Some(Finding {
        rule: &TYPOGRAPHIC_QUOTES,
        effect: Effect::Risky,
        pointer,
        message: "the typographic quotes are a part of this text".into(),
        help: Some("write \" or ', or leave the quotes out".into()),
        range: value.range(),
        answer: None,
        refusal: None,
        fix: Some(Fix::unsafe_("leave out the typographic quotes", [Change::replace(value, inner)])),
    })
}
