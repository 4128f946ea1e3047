//! Reading recordings of a real server: JSON Lines in a directory.

use std::path::PathBuf;

use milepost::source::{Document, Format, Value};

/// Calls `take` for every record of the files that the command line names; of a directory, for those of all its files.
pub(crate) fn each(mut take: impl FnMut(Value<'_>)) -> std::io::Result<()> {
    let mut files = Vec::new();
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path)?.filter_map(|entry| Some(entry.ok()?.path())));
        } else {
            files.push(path);
        }
    }
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "jsonl")) {
        for line in std::fs::read_to_string(file)?.lines() {
            if let Ok(record) = Document::parse(line, Format::Json) {
                take(record.root());
            }
        }
    }
    Ok(())
}

/// A text of a record; empty where there is none.
pub(crate) fn text(record: Value<'_>, name: &str) -> String {
    record.get(name).and_then(|value| value.as_str()).map(std::borrow::Cow::into_owned).unwrap_or_default()
}
