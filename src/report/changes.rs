//! Rendering what a change of definitions changes.

use std::io::{self, Write};

use serde_json::{Value as Json, json};
use similar::TextDiff;

use crate::diff::{Changes, Difference, FieldChange, Impact, Mask, Picked, What, apply};
use crate::normalize::in_order;
use crate::source::{Kind, fitted, json_text};
use crate::util::text::{self, count};

use super::escape::{on_one_line, visible};

/// The version of the JSON.
const VERSION: u32 = 1;

/// Wider lines are broken where that is possible.
const WIDTH: usize = 80;

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// Writes the changes for people: each service with its changes and their effects. Colours are written; a stream that cannot show them strips
/// them.
///
/// # Errors
/// When the stream cannot be written to.
pub fn text(out: &mut dyn Write, changes: &Changes, mask: Mask) -> io::Result<()> {
    for (index, difference) in changes.differences.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        service(out, &mask.difference(difference))?;
    }
    Ok(())
}

fn service(out: &mut dyn Write, difference: &Difference) -> io::Result<()> {
    let Difference { id, kind, file, what } = difference;
    let file = file.as_ref().map(|file| format!(" in {file}")).unwrap_or_default();
    let (colour, sign) = match what {
        What::Added(_) => (GREEN, '+'),
        What::Removed(_) => (RED, '-'),
        What::Changed { .. } => (YELLOW, '~'),
    };
    writeln!(
        out,
        "{colour}{sign}{RESET} {BOLD}{}{RESET} ({}){}",
        on_one_line(id),
        kind.name(),
        on_one_line(&file)
    )?;
    match what {
        What::Added(value) => writeln!(out, "  starts {}", instances(*kind, value)),
        What::Removed(value) => writeln!(out, "  stops {}", instances(*kind, value)),
        What::Changed { changes, .. } => {
            for impact in [Impact::Another, Impact::Restart, Impact::Scale, Impact::Nothing] {
                let mut of_it = changes.iter().filter(|change| change.impact == impact).peekable();
                if of_it.peek().is_some() {
                    writeln!(out, "  {}", words(impact))?;
                }
                of_it.try_for_each(|change| line(out, change))?;
            }
            Ok(())
        }
    }
}

fn words(impact: Impact) -> &'static str {
    match impact {
        Impact::Another => "another service to Marathon, as the id differs:",
        Impact::Restart => "replaces all instances:",
        Impact::Scale => "starts or stops instances:",
        Impact::Nothing => "touches nothing that runs:",
    }
}

fn instances(kind: Kind, value: &Json) -> String {
    let number = match kind {
        Kind::Pod => value.pointer("/scaling/instances"),
        _ => value.get("instances"),
    };
    text::instances(number.and_then(Json::as_u64).unwrap_or(1))
}

/// A change on one line, or on three where one would be too wide.
fn line(out: &mut dyn Write, change: &FieldChange) -> io::Result<()> {
    let path = change.path.to_string();
    let path = on_one_line(&path);
    let spelt = |value: &Option<Json>| value.as_ref().map(|value| on_one_line(&inline(value)).into_owned());
    match (spelt(&change.old), spelt(&change.new)) {
        (Some(old), Some(new)) if path.len() + old.len() + new.len() + 12 <= WIDTH => {
            writeln!(out, "    {YELLOW}~{RESET} {path}  {RED}{old}{RESET} → {GREEN}{new}{RESET}")
        }
        (Some(old), Some(new)) => {
            writeln!(out, "    {YELLOW}~{RESET} {path}")?;
            writeln!(out, "        {RED}{old}{RESET}")?;
            writeln!(out, "      → {GREEN}{new}{RESET}")
        }
        (Some(old), None) => alone(out, (RED, '-'), &path, &old),
        (None, Some(new)) => alone(out, (GREEN, '+'), &path, &new),
        (None, None) => Ok(()),
    }
}

/// A value that only one side has, on one line, or on two where one would be too wide.
fn alone(out: &mut dyn Write, (colour, sign): (&str, char), path: &str, value: &str) -> io::Result<()> {
    let is_wide = path.len() + value.len() + 8 > WIDTH;
    let between = if is_wide { "\n        " } else { "  " };
    writeln!(out, "    {colour}{sign}{RESET} {path}{between}{colour}{value}{RESET}")
}

/// A value on one line, with spaces.
fn inline(value: &Json) -> String {
    fitted(value, usize::MAX)
}

/// The services and groups that differ, with their changes, for programs.
pub(crate) fn differences_json(changes: &Changes, mask: Mask) -> Json {
    let change = |FieldChange { path, old, new, impact }: &FieldChange| {
        let mut entry = json!({"path": path.to_string(), "causes": impact.name()});
        for (name, value) in [("old", old), ("new", new)] {
            if let Some(value) = value {
                entry[name] = value.clone();
            }
        }
        entry
    };
    let service = |difference: &Difference| {
        let Difference { id, kind, file, what } = mask.difference(difference);
        let mut entry = json!({"id": id, "kind": kind.name()});
        if let Some(file) = file {
            entry["file"] = file.into();
        }
        match what {
            What::Added(new) => (entry["difference"], entry["new"]) = ("added".into(), new),
            What::Removed(old) => (entry["difference"], entry["old"]) = ("removed".into(), old),
            What::Changed { changes, .. } => {
                entry["difference"] = "changed".into();
                entry["changes"] = changes.iter().map(change).collect();
            }
        }
        entry
    };
    changes.differences.iter().map(service).collect()
}

/// Writes the changes for programs: one JSON document.
///
/// # Errors
/// When the stream cannot be written to.
pub fn json(out: &mut dyn Write, changes: &Changes, mask: Mask) -> io::Result<()> {
    let picked =
        |Picked { id, path, port }: &Picked| json!({"id": id, "path": path.to_string(), "port": port});
    let mut not_compared = json!({"old": changes.only_old, "new": changes.only_new});
    if changes.unread.iter().any(|files| !files.is_empty()) {
        let [old, new] = &changes.unread;
        not_compared["files"] = json!({"old": old, "new": new});
    }
    let document = json!({
        "version": VERSION,
        "compared": changes.compared,
        "differences": differences_json(changes, mask),
        "picked": changes.picked.iter().map(picked).collect::<Json>(),
        "notCompared": not_compared,
    });
    writeln!(out, "{}", json_text::of_serialized(&document)?)
}

/// Both sides of a difference as texts in the same layout. Equal values have the same spelling, so the texts differ only
/// where the values differ. The text of a side without the service is empty.
#[must_use]
pub fn sides(difference: &Difference, mask: Mask) -> (String, String) {
    let Difference { kind, what, .. } = mask.difference(difference);
    let spelt = |value: &Json| {
        let ordered = if kind == Kind::Group { value.clone() } else { in_order(value.clone(), kind) };
        format!("{ordered:#}\n")
    };
    match what {
        What::Added(new) => (String::new(), spelt(&new)),
        What::Removed(old) => (spelt(&old), String::new()),
        What::Changed { old, changes } => (spelt(&old), spelt(&apply(&old, &changes))),
    }
}

/// Writes both sides, as Marathon stores them, in the form of `diff -u`; `old` and `new` are their names.
///
/// # Errors
/// When the stream cannot be written to.
pub fn unified(out: &mut dyn Write, changes: &Changes, mask: Mask, old: &str, new: &str) -> io::Result<()> {
    for difference in &changes.differences {
        let (before, after) = sides(difference, mask);
        let file = difference.file.as_ref().map(|file| format!(" in {file}")).unwrap_or_default();
        let header = |side: &str| on_one_line(&format!("{side} {}{file}", difference.id)).into_owned();
        let diff = TextDiff::from_lines(&before, &after);
        for line in diff.unified_diff().header(&header(old), &header(new)).to_string().lines() {
            let colour = match line.as_bytes() {
                [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => BOLD,
                [b'-', ..] => RED,
                [b'+', ..] => GREEN,
                [b'@', ..] => DIM,
                _ => "",
            };
            let reset = if colour.is_empty() { "" } else { RESET };
            writeln!(out, "{colour}{}{reset}", visible(line))?;
        }
    }
    Ok(())
}

/// A summary on one line: `2 of 41 services differ: 1 is replaced, 1 is scaled`.
#[must_use]
pub fn summary(changes: &Changes) -> String {
    let services = changes.differences.iter().filter(|difference| difference.kind != Kind::Group);
    let groups = changes.differences.len() - services.clone().count();
    let causes = |difference: &Difference| match &difference.what {
        What::Added(_) => "new",
        What::Removed(_) => "gone",
        What::Changed { changes, .. } => {
            let is = |impact| changes.iter().any(|change| change.impact == impact);
            if is(Impact::Another) {
                "under another id"
            } else if is(Impact::Restart) {
                "replaced"
            } else if is(Impact::Scale) {
                "scaled"
            } else {
                "changed without effect"
            }
        }
    };
    let kinds = ["new", "gone", "under another id", "replaced", "scaled", "changed without effect"];
    let mut parts: Vec<String> = kinds
        .iter()
        .map(|kind| (services.clone().filter(|difference| causes(difference) == *kind).count(), kind))
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| format!("{count} {kind}"))
        .collect();
    if groups > 0 {
        parts.push(format!("{} changed", count(groups, "group")));
    }
    let compared = count(changes.compared, "service");
    match services.count() {
        0 if groups == 0 => format!("no difference in {compared}"),
        differing => format!(
            "{differing} of {compared} differ{}: {}",
            if differing == 1 { "s" } else { "" },
            parts.join(", ")
        ),
    }
}
