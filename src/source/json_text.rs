//! Writing JSON. Punctuation, line breaks and quotes are decided here; the callers choose a [`JsonStyle`], where lines
//! break, and how numbers are spelled.
//!
//! `crate::format` has a printer of its own: it keeps comments and decides line breaks by what a whole line holds.

use std::borrow::Cow;
#[cfg(feature = "net")]
use std::io::{self, Write};

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Number, Value as Json};

use super::tree::{Type, Value};
use crate::util::escape;

/// How JSON is punctuated.
#[derive(Clone, Debug)]
pub(crate) struct JsonStyle {
    /// One level of indentation.
    pub(crate) indent: Cow<'static, str>,
    /// What ends a line.
    pub(crate) newline: &'static str,
    /// Spaces after colons and commas, and inside the braces of an object on one line.
    pub(crate) is_spaced: bool,
}

/// No white space.
pub(crate) static COMPACT: JsonStyle =
    JsonStyle { indent: Cow::Borrowed("  "), newline: "\n", is_spaced: false };

/// Spaces after punctuation, and two spaces for each level of indentation.
pub(crate) static SPACED: JsonStyle =
    JsonStyle { indent: Cow::Borrowed("  "), newline: "\n", is_spaced: true };

impl JsonStyle {
    /// The text between a name and its value.
    pub(crate) fn colon(&self) -> &'static str {
        if self.is_spaced { ": " } else { ":" }
    }
}

/// An array or object that is not closed yet.
struct OpenContainer {
    is_object: bool,
    /// Each entry is on a line of its own.
    breaks: bool,
    is_empty: bool,
}

/// Writes JSON piece by piece: scalars, names, the beginnings and ends of containers.
pub(crate) struct JsonWriter<'s> {
    style: &'s JsonStyle,
    /// The indentation of the line on which the text begins.
    base: &'s str,
    out: String,
    open: Vec<OpenContainer>,
    /// A name has been written, and its value comes next.
    after_name: bool,
}

impl<'s> JsonWriter<'s> {
    /// `base` is the indentation of the line on which the text begins.
    pub(crate) fn new(style: &'s JsonStyle, base: &'s str) -> Self {
        Self { style, base, out: String::new(), open: Vec::new(), after_name: false }
    }

    /// The text so far.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// Begins an array, whose elements are each on a line of their own where it `breaks`.
    pub(crate) fn begin_array(&mut self, breaks: bool) {
        self.begin(false, breaks);
    }

    /// Begins an object, whose members are each on a line of their own where it `breaks`.
    pub(crate) fn begin_object(&mut self, breaks: bool) {
        self.begin(true, breaks);
    }

    fn begin(&mut self, is_object: bool, breaks: bool) {
        self.separate();
        self.out.push(if is_object { '{' } else { '[' });
        self.open.push(OpenContainer { is_object, breaks, is_empty: true });
    }

    /// Ends the container begun last.
    pub(crate) fn end(&mut self) {
        let Some(container) = self.open.pop() else { return };
        if container.breaks && !container.is_empty {
            self.break_line();
        } else if container.is_object && !container.is_empty && self.style.is_spaced {
            self.out.push(' ');
        }
        self.out.push(if container.is_object { '}' } else { ']' });
    }

    /// Writes a member's name, given with its quotes.
    pub(crate) fn name(&mut self, quoted: &str) {
        self.separate();
        self.out.push_str(quoted);
        self.out.push_str(self.style.colon());
        self.after_name = true;
    }

    /// Writes a value that is JSON already.
    pub(crate) fn raw(&mut self, text: &str) {
        self.separate();
        self.out.push_str(text);
    }

    fn separate(&mut self) {
        if std::mem::take(&mut self.after_name) {
            return;
        }
        let Some(container) = self.open.last_mut() else { return };
        let is_first = std::mem::take(&mut container.is_empty);
        let (breaks, is_object) = (container.breaks, container.is_object);
        if !is_first {
            self.out.push(',');
        }
        if breaks {
            self.break_line();
        } else if self.style.is_spaced && (!is_first || is_object) {
            self.out.push(' ');
        }
    }

    fn break_line(&mut self) {
        self.out.push_str(self.style.newline);
        self.out.push_str(self.base);
        for _ in self.open.iter().filter(|container| container.breaks) {
            self.out.push_str(&self.style.indent);
        }
    }

    /// The width of the indentation of the current line, in characters.
    fn indentation(&self) -> usize {
        let levels = self.open.iter().filter(|container| container.breaks).count();
        self.base.chars().count() + levels * self.style.indent.chars().count()
    }

    /// Writes a value. `breaks` decides for each container whether its entries are on lines of their own; `number`
    /// spells numbers.
    pub(crate) fn json(
        &mut self,
        value: &Json,
        breaks: &impl Fn(&Json) -> bool,
        number: &impl Fn(&Number) -> String,
    ) {
        match value {
            Json::Array(elements) => {
                self.begin_array(breaks(value));
                for element in elements {
                    self.json(element, breaks, number);
                }
                self.end();
            }
            Json::Object(members) => {
                self.begin_object(breaks(value));
                for (name, member) in members {
                    self.name(&quoted(name));
                    self.json(member, breaks, number);
                }
                self.end();
            }
            Json::Number(value) => self.raw(&number(value)),
            Json::String(text) => self.raw(&quoted(text)),
            Json::Bool(_) | Json::Null => self.raw(&value.to_string()),
        }
    }

    /// Writes a value of a tree, on one line or with each entry on a line of its own. Not by recursion: it may nest as deep
    /// as memory allows.
    fn tree(&mut self, value: Value<'_>, spelling: &impl JsonSpelling, breaks: bool) {
        let mut rest = vec![Rest::Value(value)];
        while let Some(next) = rest.pop() {
            match next {
                Rest::End => self.end(),
                Rest::Name(name) => self.name(&spelling.string(name)),
                Rest::Value(value) => match value.kind() {
                    Type::Array => {
                        self.begin_array(breaks);
                        rest.push(Rest::End);
                        let before = rest.len();
                        rest.extend(value.elements().map(Rest::Value));
                        rest[before..].reverse();
                    }
                    Type::Object => {
                        self.begin_object(breaks);
                        rest.push(Rest::End);
                        let before = rest.len();
                        let members = spelling.members(value).into_iter();
                        rest.extend(members.flat_map(|(name, value)| [Rest::Name(name), Rest::Value(value)]));
                        rest[before..].reverse();
                    }
                    _ => self.raw(&scalar(value, spelling)),
                },
            }
        }
    }
}

/// What is still to be written of a tree.
enum Rest<'a> {
    Value(Value<'a>),
    Name(Value<'a>),
    End,
}

/// How the values of a tree are spelled.
pub(crate) trait JsonSpelling {
    /// A number; as it was written, unless the implementation says otherwise.
    fn number<'a>(&self, value: Value<'a>) -> Cow<'a, str> {
        Cow::Borrowed(value.as_number().unwrap_or_default())
    }

    /// A string or name, in quotes.
    fn string(&self, value: Value<'_>) -> String {
        quoted(&value.as_str().unwrap_or_default())
    }

    /// The members of an object to write; all of them, unless the implementation says otherwise.
    fn members<'a>(&self, object: Value<'a>) -> Vec<(Value<'a>, Value<'a>)> {
        object.members().collect()
    }
}

/// Numbers as they were written, names in their order, duplicates included.
pub(crate) struct AsWritten;

impl JsonSpelling for AsWritten {}

/// The last of duplicate names, each at the place of the first.
pub(crate) fn last_of_duplicates(object: Value<'_>) -> Vec<(Value<'_>, Value<'_>)> {
    let mut members = IndexMap::new();
    for (name, member) in object.members() {
        members.entry(name.as_str().unwrap_or_default()).or_insert((name, member)).1 = member;
    }
    members.into_values().collect()
}

/// A value of a tree on one line, without white space.
pub(crate) fn compact(value: Value<'_>, spelling: &impl JsonSpelling) -> String {
    let mut writer = JsonWriter::new(&COMPACT, "");
    writer.tree(value, spelling, false);
    writer.finish()
}

/// A value of a tree as it was written, each entry on a line of its own.
#[cfg(feature = "net")]
pub(crate) fn expanded(value: Value<'_>) -> String {
    let mut writer = JsonWriter::new(&SPACED, "");
    writer.tree(value, &AsWritten, true);
    writer.finish()
}

/// As [`expanded`]: writes these values as the elements of one array, one after the other, because a list may be long.
/// Characters that a terminal acts on are escaped.
///
/// # Errors
/// When it cannot be written.
#[cfg(feature = "net")]
pub(crate) fn write_expanded_array<'a>(
    out: &mut dyn Write,
    elements: impl Iterator<Item = Value<'a>>,
) -> io::Result<()> {
    let mut writer = JsonWriter::new(&SPACED, "");
    writer.begin_array(true);
    for element in elements {
        writer.tree(element, &AsWritten, true);
        out.write_all(escape::json(&writer.out).as_bytes())?;
        writer.out.clear();
    }
    writer.end();
    out.write_all(writer.out.as_bytes())
}

/// A scalar of a tree.
pub(crate) fn scalar<'a>(value: Value<'a>, spelling: &impl JsonSpelling) -> Cow<'a, str> {
    match value.kind() {
        Type::String => Cow::Owned(spelling.string(value)),
        Type::Number => spelling.number(value),
        Type::Boolean => Cow::Borrowed(if value.as_bool() == Some(true) { "true" } else { "false" }),
        Type::Null | Type::Array | Type::Object => Cow::Borrowed("null"),
    }
}

/// What a program prints about something, each entry on a line of its own. Characters that a terminal acts on are escaped.
///
/// # Errors
/// When it is none of JSON, such as a map whose names are no texts.
pub(crate) fn of_serialized(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string_pretty(value)?;
    Ok(match escape::json(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(escaped) => escaped,
    })
}

/// A string in quotes, with the escapes that JSON needs.
pub(crate) fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

/// A value on one line.
pub(crate) fn inline(value: &Json, style: &JsonStyle) -> String {
    let mut writer = JsonWriter::new(style, "");
    writer.json(value, &|_| false, &Number::to_string);
    writer.finish()
}

/// A value in lines of at most `width` characters where that is possible: what fits stays on its line, other containers
/// have an entry on each line.
#[must_use]
pub fn fitted(value: &Json, width: usize) -> String {
    let mut writer = JsonWriter::new(&SPACED, "");
    fit(&mut writer, value, 0, width);
    writer.finish()
}

/// Writes a value where `used` characters of the line are taken already.
fn fit(writer: &mut JsonWriter<'_>, value: &Json, used: usize, width: usize) {
    // For the comma that may follow an entry.
    const COMMA: usize = 1;
    let line = inline(value, writer.style);
    if used + line.chars().count() <= width {
        return writer.raw(&line);
    }
    match value {
        Json::Array(elements) => {
            writer.begin_array(true);
            for element in elements {
                fit(writer, element, writer.indentation() + COMMA, width);
            }
            writer.end();
        }
        Json::Object(members) => {
            writer.begin_object(true);
            for (name, member) in members {
                let name = quoted(name);
                let used = name.chars().count() + writer.style.colon().len();
                writer.name(&name);
                fit(writer, member, writer.indentation() + used + COMMA, width);
            }
            writer.end();
        }
        _ => writer.raw(&line),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Document, Format};
    use super::*;

    #[test]
    fn a_tree_keeps_its_spelling_and_order() {
        let text = r#"{"b": 1.50, "a": [true, null, {}, [], "\u00e4"], "b": 1e3}"#;
        let document = Document::parse(text, Format::Json).expect("valid JSON");
        assert_eq!(compact(document.root(), &AsWritten), r#"{"b":1.50,"a":[true,null,{},[],"ä"],"b":1e3}"#);
    }

    #[cfg(feature = "net")]
    #[test]
    fn an_answer_is_shown_with_an_entry_on_each_line() {
        let text = r#"{"b": 1.50, "a": [true, {}, []]}"#;
        let document = Document::parse(text, Format::Json).expect("valid JSON");
        let shown = "{\n  \"b\": 1.50,\n  \"a\": [\n    true,\n    {},\n    []\n  ]\n}";
        assert_eq!(expanded(document.root()), shown);
    }

    #[test]
    fn what_nests_deep_is_written() {
        let text = "[".repeat(100_000) + &"]".repeat(100_000);
        let document = Document::parse(text.as_str(), Format::Json).expect("valid JSON");
        assert_eq!(compact(document.root(), &AsWritten), text);
    }

    #[test]
    fn what_fits_stays_on_its_line() {
        let value = json!({"id": "/web", "args": ["serve", "--port", "8080"], "env": {}});
        assert_eq!(fitted(&value, 80), r#"{ "id": "/web", "args": ["serve", "--port", "8080"], "env": {} }"#);
        assert_eq!(
            fitted(&value, 40),
            "{\n  \"id\": \"/web\",\n  \"args\": [\"serve\", \"--port\", \"8080\"],\n  \"env\": {}\n}"
        );
        assert_eq!(fitted(&json!(["a long text"]), 5), "[\n  \"a long text\"\n]");
    }
}
