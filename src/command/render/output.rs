//! Writing rendered definitions.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::source::{Format, Kind, Type};
use crate::util::escape::shown_path;

use super::super::Terminal;
use super::super::input::Input;
use super::super::output::{file_of, is_directory, make_parent, write_each, write_text};

/// One of the definitions that a template rendered to.
pub(super) struct RenderedDefinition {
    /// The definition by itself.
    pub(super) input: Input,
    pub(super) kind: Kind,
}

/// The definitions in a rendered text: one, or the elements of an array.
///
/// # Errors
/// When the text, or an element, is not a definition.
pub(super) fn definitions(whole: &Input) -> anyhow::Result<Vec<RenderedDefinition>> {
    let root = whole.document.root();
    if root.kind() != Type::Array {
        let kind = whole.kind()?;
        let input = Input::parse(&whole.name, whole.document.text(), Format::Json)?;
        return Ok(vec![RenderedDefinition { input, kind }]);
    }
    let elements: Vec<_> = root.elements().collect();
    if elements.is_empty() {
        bail!("{}: the array is empty: there is nothing to write", whole.name);
    }
    elements
        .iter()
        .enumerate()
        .map(|(index, element)| {
            let input =
                Input::parse(&format!("{} [{index}]", whole.name), &outdent(element.source()), Format::Json)?;
            let kind = input.kind()?;
            Ok(RenderedDefinition { input, kind })
        })
        .collect()
}

/// An element of the printed array as it would be printed by itself: indented one level less, with a line break at its
/// end. Strings contain no line breaks, so every line begins with its indentation.
fn outdent(element: &str) -> String {
    let lines = element.split('\n').map(|line| line.strip_prefix("  ").unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// Writes to a file, or, into a directory, a file for each definition.
///
/// # Errors
/// When a file cannot be named after an id, or cannot be written. All names are checked before the first file is written.
pub(super) fn write(
    path: &Path,
    text: &str,
    definitions: &[RenderedDefinition],
    term: &mut Terminal,
) -> anyhow::Result<()> {
    if !is_directory(path) {
        let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
        if let Some(directory) = directory.filter(|directory| !directory.is_dir()) {
            bail!("cannot write {}: there is no directory {}", shown_path(&path), shown_path(&directory));
        }
        return write_text(path, text, term);
    }
    let mut files: Vec<(PathBuf, &RenderedDefinition)> = Vec::new();
    let mut used: HashMap<PathBuf, &str> = HashMap::new();
    for definition in definitions {
        let file = path.join(file_name(definition)?);
        if let Some(other) = used.insert(file.clone(), &definition.input.name) {
            bail!(
                "{} and {other} have the same id: both would be {}",
                definition.input.name,
                shown_path(&file)
            );
        }
        files.push((file, definition));
    }
    write_each(&files, term, |(file, definition), term| {
        make_parent(file)?;
        let text = definition.input.document.text();
        write_text(file, text, term)
    })
}

/// The file for `/shop/web`: `shop/web.json`. Always of the whole id, so that definitions with other ids, written by
/// another run, are not replaced.
fn file_name(definition: &RenderedDefinition) -> anyhow::Result<PathBuf> {
    let name = &definition.input.name;
    let root = definition.input.document.root();
    let id = root.get("id").and_then(|id| id.as_str()).unwrap_or_default();
    file_of(&id).with_context(|| {
        format!(
            "{name}: no file can be named after its id; give the id segments of small letters, digits, `-` and `.`, or name the file with -o"
        )
    })
}
