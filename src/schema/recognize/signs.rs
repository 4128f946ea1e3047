//! Signs of a definition in a text that cannot be parsed.

use std::path::Path;

use crate::source::{Format, may_be_a_definition};

use super::evidence::is_of_marathon;
use super::{NotADefinition, foreign};

/// Fields of a definition that texts of any kind have: they are no sign.
const COMMON: &[&str] = &[
    "version",
    "user",
    "role",
    "networks",
    "volumes",
    "tasks",
    "deployments",
    "environment",
    "secrets",
    "groups",
];

/// Why a text that cannot be parsed is not a definition; nothing when it has the fields of one at its top: an `id` and
/// another field of an app, pod or group, and none of another tool's.
#[must_use]
pub fn unparsable(text: &str, format: Format) -> Option<NotADefinition> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Some(NotADefinition::Empty);
    }
    let is_json = format != Format::Yaml || text.trim_start().starts_with(['{', '[']);
    let (mut id, mut own, mut mark) = (false, false, None);
    let mut see = |name: &str, value: &str| {
        if name.eq_ignore_ascii_case("id") {
            id = true;
            own |= value.trim_start().trim_start_matches(['"', '\'']).starts_with('/');
        } else {
            own |= is_of_marathon(name) && !COMMON.contains(&name);
        }
        mark = foreign::what(name);
        mark.is_some()
    };
    if is_json {
        // Word processors put these where names and texts have plain quotes.
        let is_typographic = |c: char| matches!(c, '\u{201c}'..='\u{201f}');
        let plain = text.contains(is_typographic).then(|| text.replace(is_typographic, "\""));
        json_names(plain.as_deref().unwrap_or(text), &mut see)
    } else {
        yaml_names(text, &mut see)
    };
    match mark {
        Some(what) => Some(NotADefinition::Foreign(what)),
        None => (!(id && own)).then_some(NotADefinition::Unparsable),
    }
}

/// Why a text that cannot be parsed, of a file that the user named, is not a definition; nothing when it may be one.
#[must_use]
pub fn named_unparsable(path: &Path, text: &str) -> Option<NotADefinition> {
    if !may_be_a_definition(path) && !begins_as_json(text) {
        return Some(NotADefinition::OtherFile);
    }
    match unparsable(text, Format::of_path(path)) {
        Some(NotADefinition::Unparsable) if mentions_id(text) => None,
        Some(NotADefinition::Empty) => None,
        why => why,
    }
}

/// Whether a text begins with an object or a list of objects, whatever follows.
fn begins_as_json(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with('{')
        || text.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with(['{', ']']))
}

/// Whether a text that cannot be parsed has a field `id` anywhere: without one it is not a definition, whatever else is
/// wrong with it.
fn mentions_id(text: &str) -> bool {
    text.match_indices(['i', 'I']).any(|(start, _)| {
        let is_id = text[start..].get(..2).is_some_and(|name| name.eq_ignore_ascii_case("id"));
        let after = text.get(start + 2..).unwrap_or_default();
        let after = after.trim_start_matches(['"', '\'', '\u{201d}', '\u{2019}']).trim_start();
        let is_of_a_word = text[..start].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        is_id && !is_of_a_word && after.starts_with([':', '='])
    })
}

/// A name or its value while a text is gone through.
type SeeName<'s> = dyn FnMut(&str, &str) -> bool + 's;

/// Calls `see` with the names at the top of a text like JSON, and with what follows each, until it returns true.
fn json_names(text: &str, see: &mut SeeName<'_>) -> bool {
    let bytes = text.as_bytes();
    let (mut depth, mut top, mut at) = (0_usize, None, 0);
    while at < bytes.len() {
        let name = match bytes[at] {
            b'{' | b'[' => {
                depth += 1;
                None
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                None
            }
            quote @ (b'"' | b'\'') => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != quote && bytes[at] != b'\n' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                text.get(start..at.min(bytes.len()))
            }
            letter if letter.is_ascii_alphabetic() => {
                let start = at;
                while at + 1 < bytes.len() && bytes[at + 1].is_ascii_alphanumeric() {
                    at += 1;
                }
                text.get(start..=at)
            }
            _ => None,
        };
        at += 1;
        let value = text.get(at..).unwrap_or_default().trim_start();
        if let (Some(name), Some(value)) = (name, value.strip_prefix(':'))
            && *top.get_or_insert(depth) == depth
            && see(name, value)
        {
            return true;
        }
    }
    false
}

/// As [`json_names`], for YAML.
fn yaml_names(text: &str, see: &mut SeeName<'_>) -> bool {
    let mut top = None;
    for line in text.lines() {
        let name = line.trim_start_matches([' ', '-']);
        let indent = line.len() - name.len();
        let Some((name, value)) = name.split_once(':').filter(|_| !name.starts_with('#')) else { continue };
        if *top.get_or_insert(indent) == indent && see(name.trim().trim_matches(['"', '\'']), value) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_a_definition_are_seen_in_a_broken_text() {
        let signs = [
            (r#"{"id": "/a", "cmd": "x",}"#, Format::Json),
            (r#"{"id": "/a", "#, Format::Json),
            ("{'id': 'a', 'cmd': }", Format::Json),
            ("{id: \"a\", mem: 1", Format::Jsonc),
            (r#"[{"id": "a", "labels": {{ labels }} }]"#, Format::Json),
            ("id: a\ncmd: {{ cmd }}\n", Format::Yaml),
            ("- id: a\n  env: {{ a }}: b\n", Format::Yaml),
            ("id: /a\n  cmd: x\n", Format::Yaml),
            ("{\u{201c}id\u{201d}: \u{201c}/a\u{201d}, \u{201c}cmd\u{201d}: \"x\"}", Format::Json),
            ("{\u{201c}id\u{201d}:\"a\",\"cmd\":\"x\"}", Format::Json),
        ];
        for (text, format) in signs {
            assert_eq!(unparsable(text, format), None, "{text}");
        }
        let others = [
            ("{ // made by tsc\n \"compilerOptions\": { \"id\": 1, \"cmd\": 2, } }", Format::Json),
            ("apiVersion: v1\nid: a\ncmd: b\n---\n", Format::Yaml),
            ("Resources:\n  id: !Ref a\n  cmd: b\n", Format::Yaml),
            ("{\"schedule\": , \"id\": \"a\", \"cmd\": \"b\"}", Format::Json),
            ("# A readme with an id: a, and a cmd: b\n", Format::Yaml),
            ("", Format::Json),
        ];
        for (text, format) in others {
            assert!(unparsable(text, format).is_some(), "{text}");
        }
        assert!(mentions_id("{\u{201c}id\u{201d}: 1}") && mentions_id("{'id' : 1}") && mentions_id("id: a"));
        assert!(!mentions_id("{ // an id\n \"grid\": 1, \"ids\": 2 }") && !mentions_id(""));
    }
}
