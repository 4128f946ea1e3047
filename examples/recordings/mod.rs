//! Reading recordings of a real server: JSON Lines in a directory.
#![allow(dead_code, reason = "each example uses a part of it")]

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

/// What a server answered. Some recordings hold its answer as it came, others its parts.
pub(crate) struct ServerAnswer<'a> {
    pub(crate) accepted: bool,
    pub(crate) status: Option<u16>,
    pub(crate) message: String,
    /// `[{path, errors: [text]}]`
    pub(crate) errors: Option<Value<'a>>,
    /// What a following `GET` answered.
    pub(crate) stored: Option<Value<'a>>,
}

impl<'a> ServerAnswer<'a> {
    /// Nothing where the record has none.
    pub(crate) fn of(record: Value<'a>) -> Option<Self> {
        let status =
            |of: Value<'_>| of.get("status").and_then(|status| status.as_number()?.parse::<u16>().ok());
        let stored = |of: Value<'a>| of.get("stored").filter(|stored| !stored.is_null());
        if let Some(answer) = record.get("marathon") {
            let (status, body) = (status(answer), answer.get("body"));
            return Some(Self {
                accepted: status.is_some_and(|status| status < 300),
                status,
                message: body.map(|body| text(body, "message")).unwrap_or_default(),
                errors: body.and_then(|body| body.get("details")),
                stored: stored(answer),
            });
        }
        Some(Self {
            accepted: record.get("accepted")?.as_bool()?,
            status: status(record),
            message: text(record, "message"),
            errors: record.get("errors"),
            stored: stored(record),
        })
    }
}
