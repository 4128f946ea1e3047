//! Where rendered definitions go.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};

use crate::source::{self, Format, Kind, Type};

use super::super::Terminal;
use super::super::input::Input;
use super::super::output::{file_of, is_directory, make_parent};

/// One of the definitions that a template rendered to.
pub(super) struct RenderedDefinition {
    /// Its text by itself.
    pub(super) input: Input,
    pub(super) kind: Kind,
}

/// The definitions in a rendered text: the one it is, or those in its array.
///
/// # Errors
/// When something in it is no definition.
pub(super) fn definitions(whole: &Input) -> anyhow::Result<Vec<RenderedDefinition>> {
    let root = whole.document.root();
    if root.kind() != Type::Array {
        let kind = whole.kind()?;
        let input = Input::parse(&whole.name, whole.document.text(), Format::Json)?;
        return Ok(vec![RenderedDefinition { input, kind }]);
    }
    let elements: Vec<_> = root.elements().collect();
    if elements.is_empty() {
        bail!("{}: an empty array: there is no definition in it", whole.name);
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

/// An element of the printed array as it is printed by itself: one level less, and a line break at its end. Strings
/// have no line breaks, so every line begins with its level.
fn outdent(element: &str) -> String {
    let lines = element.split('\n').map(|line| line.strip_prefix("  ").unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// Writes to a file, or, into a directory, a file for each definition.
///
/// # Errors
/// When an id makes no file name, or the disk does not take it. All names are settled before the first file is written.
pub(super) fn write(
    path: &Path,
    text: &str,
    definitions: &[RenderedDefinition],
    term: &mut Terminal,
) -> anyhow::Result<()> {
    if !is_directory(path) {
        let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
        if let Some(directory) = directory.filter(|directory| !directory.is_dir()) {
            bail!("cannot write {}: there is no directory {}", path.display(), directory.display());
        }
        source::write_atomically(path, text.as_bytes()).map_err(|error| anyhow!("{error}"))?;
        writeln!(term.err(), "wrote {}", path.display())?;
        return Ok(());
    }
    let mut files: Vec<(PathBuf, &RenderedDefinition)> = Vec::new();
    let mut taken: HashMap<PathBuf, &str> = HashMap::new();
    for definition in definitions {
        let file = path.join(file_name(definition, definitions.len() == 1)?);
        if let Some(other) = taken.insert(file.clone(), &definition.input.name) {
            bail!("{} and {other} have the same id: both would be {}", definition.input.name, file.display());
        }
        files.push((file, definition));
    }
    for (file, definition) in files {
        make_parent(&file)?;
        let text = definition.input.document.text();
        source::write_atomically(&file, text.as_bytes()).map_err(|error| anyhow!("{error}"))?;
        writeln!(term.err(), "wrote {}", file.display())?;
    }
    Ok(())
}

/// `/shop/web` is `shop/web.json`; a definition that is alone is `web.json`.
fn file_name(definition: &RenderedDefinition, alone: bool) -> anyhow::Result<PathBuf> {
    let name = &definition.input.name;
    let root = definition.input.document.root();
    let id = root.get("id").and_then(|id| id.as_str()).unwrap_or_default();
    let Some(file) = file_of(&id) else {
        bail!(
            "{name}: the id makes no file name; give it segments of small letters, digits, `-` and `.`, or name the file with -o"
        );
    };
    Ok(if alone { file.file_name().map(PathBuf::from).unwrap_or_default() } else { file })
}
