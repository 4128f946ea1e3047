//! What is said about placeholders.

use std::path::Path;

use crate::finding::Finding;
use crate::source::{Pointer, Value, is_template_of_another_engine, pointers};

use super::Unfilled;

const OF_JINJA: &str =
    "render it before Marathon sees it: `milepost render` takes Jinja's form, `{{ name }}`";
const OF_ANOTHER: &str =
    "fill it with the tool it was written for; `milepost render` takes Jinja's form only, `{{ name }}`";

/// The most placeholders that a message names.
const MOST: usize = 4;

/// What is wrong: the placeholders and where they are.
pub(super) fn message(root: Value<'_>, unfilled: &[Unfilled<'_>], is_rejected: bool) -> String {
    let first = &unfilled[..unfilled.len().min(MOST)];
    let is_alone = unfilled.len() == 1;
    let places = pointers_of(root, first);
    let said = first.iter().zip(places).map(|(unfilled, pointer)| match pointer {
        Some(pointer) if !is_alone => format!("`{}` ({pointer})", unfilled.text),
        _ => format!("`{}`", unfilled.text),
    });
    let said: Vec<String> = said.collect();
    let list = match (&*said, unfilled.len() - first.len()) {
        (said, more @ 1..) => format!("{} and {more} more", said.join(", ")),
        ([others @ .., last], 0) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        (said, 0) => said.concat(),
    };
    let is_surely = is_rejected || unfilled.iter().any(|unfilled| is_of_an_engine(&unfilled.text));
    let what = if is_surely { "this is a template" } else { "this looks like a template" };
    format!("{what}: nothing has filled in {list}")
}

/// The locations of placeholders; nothing for those between values.
pub(super) fn pointers_of(root: Value<'_>, unfilled: &[Unfilled<'_>]) -> Vec<Option<Pointer>> {
    let mut ids: Vec<u32> = unfilled.iter().filter_map(|unfilled| Some(unfilled.at?.node_id())).collect();
    ids.sort_unstable();
    let found = pointers(root, &ids);
    let pointer = |value: Value<'_>| found.get(ids.binary_search(&value.node_id()).ok()?).cloned();
    unfilled.iter().map(|unfilled| unfilled.at.and_then(pointer)).collect()
}

/// What to do, by the form of the placeholders.
pub(in crate::lint) fn help<'t>(placeholders: impl Iterator<Item = &'t str>) -> &'static str {
    let mut is_of_jinja = false;
    for text in placeholders {
        if is_of_another(text) {
            return OF_ANOTHER;
        }
        is_of_jinja |= is_of_an_engine(text);
    }
    if is_of_jinja { OF_JINJA } else { OF_ANOTHER }
}

fn is_of_an_engine(text: &str) -> bool {
    ["{{", "{%", "{#", "<%"].iter().any(|open| text.starts_with(open))
}

/// Whether Jinja does not take this: it is ERB, Mustache or Go's.
fn is_of_another(text: &str) -> bool {
    const GO: &[&str] = &["if ", "else", "end", "range ", "with ", "template ", "define ", "include "];
    let Some(inner) = text.strip_prefix("{{") else { return text.starts_with("<%") };
    let inner = inner.trim_start_matches(['-', ' ']);
    let is_go = GO.iter().any(|word| inner.starts_with(word)) || inner.starts_with(['.', '$']);
    is_go || inner.contains(" .") || inner.starts_with(['{', '#', '/', '^', '!', '>', '&'])
}

/// Says what fills in a template of this name.
pub fn name_the_tool(path: &Path, findings: &mut [Finding]) {
    if is_template_of_another_engine(path) {
        for finding in findings.iter_mut().filter(|finding| finding.help.as_deref() == Some(OF_JINJA)) {
            finding.help = Some(OF_ANOTHER.into());
        }
    }
}
