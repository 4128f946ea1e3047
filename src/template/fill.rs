//! From marked text to a definition: parses the structure, then fills in the values.

use std::collections::HashSet;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};

use crate::finding::Rule;
use crate::source::json_text::{self, AsWritten, JsonWriter};
use crate::source::{Document, Format, Note, SyntaxProblem, Type, Value};

use super::error::TemplateFault;
use super::rules;
use super::slot::{MAX_DEPTH, Slot, SlotRefusal, Slots, TemplatePiece};

mod bare;

type FillResult<T> = Result<T, TemplateFault>;

/// The name of a text in messages, and its notation.
pub(super) struct SlotOrigin {
    pub(super) name: String,
    pub(super) format: Format,
}

/// Parses marked text and writes it as JSON, with two spaces for each level and a line break at the end. Keeps the
/// order of members and the spelling of numbers.
pub(super) fn fill(marked: &str, slots: &Slots, origin: &SlotOrigin) -> FillResult<String> {
    let text = match origin.format {
        Format::Json | Format::Jsonc => bare::quote(marked, slots, origin)?,
        Format::Yaml => marked.to_owned(),
    };
    let report = FillReport { text: &text, slots, origin };
    let document = Document::parse(text.as_str(), origin.format).map_err(|error| {
        if error.problem == SyntaxProblem::Empty {
            return report.fault(&rules::RENDERED_NOTHING, 0..0, "the template renders to nothing", None);
        }
        let help = match error.problem {
            SyntaxProblem::TrailingComma | SyntaxProblem::Comment => {
                "remove it, or name the template `.jsonc.j2`, which takes comments and commas at the end"
                    .to_owned()
            }
            ref problem => {
                problem.help().unwrap_or("look at what the template writes around this place").to_owned()
            }
        };
        report.fault(
            &rules::RENDERED_SYNTAX_ERROR,
            error.range.clone(),
            &slots.display(&error.to_string()),
            Some(&help),
        )
    })?;
    for note in document.notes() {
        if let Note::TrailingContent(range) = note {
            let help = "put several definitions in an array: `[{…}, {…}]`";
            return Err(report.fault(
                &rules::RENDERED_SYNTAX_ERROR,
                range.clone(),
                "more text after the definition",
                Some(help),
            ));
        }
    }
    let plain = if origin.format == Format::Yaml { plain_scalars(&text) } else { HashSet::new() };
    let mut writer = SlotWriter { report, plain, out: JsonWriter::new(&json_text::SPACED, "") };
    writer.value(&document.root(), 0)?;
    Ok(writer.out.finish() + "\n")
}

/// Makes errors with locations in the text that users see.
struct FillReport<'a> {
    text: &'a str,
    slots: &'a Slots,
    origin: &'a SlotOrigin,
}

impl FillReport<'_> {
    fn fault(
        &self,
        rule: &'static Rule,
        range: Range<usize>,
        message: &str,
        help: Option<&str>,
    ) -> TemplateFault {
        let shown = |offset: usize| self.slots.display(&self.text[..self.outside_marks(offset)]).len();
        let (start, end) = (shown(range.start), shown(range.end));
        TemplateFault {
            rule,
            name: self.origin.name.as_str().into(),
            text: self.slots.display(self.text).into(),
            range: start..end.max(start),
            message: message.to_owned(),
            help: help.map(str::to_owned),
        }
    }

    fn refuse(&self, range: Range<usize>, refusal: &SlotRefusal) -> TemplateFault {
        self.fault(&rules::VALUE_OUT_OF_PLACE, range, refusal.message, Some(refusal.help))
    }

    /// The offset, or the start of the mark that contains it.
    fn outside_marks(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let containing = self.slots.pieces(self.text).into_iter().find_map(|piece| match piece {
            TemplatePiece::Slot { start, end, .. } if start < offset && offset < end => Some(start),
            _ => None,
        });
        containing.unwrap_or(offset)
    }
}

/// The offsets of plain scalars without a string tag. The document's tree does not distinguish them from strings.
fn plain_scalars(text: &str) -> HashSet<usize> {
    Parser::new_from_str(text)
        .filter_map(|event| match event.ok()? {
            (Event::Scalar(_, ScalarStyle::Plain, _, tag), span) => {
                let is_string = tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                span.byte_range().filter(|_| !is_string).map(|range| range.start)
            }
            _ => None,
        })
        .collect()
}

/// Writes a tree as JSON, with values in place of marks.
struct SlotWriter<'a> {
    report: FillReport<'a>,
    /// Offsets of scalars without quotes, which only YAML has: a mark that is a whole one is the value itself.
    plain: HashSet<usize>,
    out: JsonWriter<'static>,
}

impl SlotWriter<'_> {
    fn value(&mut self, value: &Value<'_>, level: usize) -> FillResult<()> {
        if level > MAX_DEPTH {
            let message = format!("the definition nests deeper than {MAX_DEPTH} levels");
            return Err(self.report.fault(&rules::RENDERED_SYNTAX_ERROR, value.range(), &message, None));
        }
        match value.kind() {
            Type::Null | Type::Boolean | Type::Number => {
                self.out.raw(&json_text::scalar(*value, &AsWritten));
            }
            Type::String => self.string(value)?,
            Type::Array => {
                self.out.begin_array(true);
                for element in value.elements() {
                    self.value(&element, level + 1)?;
                }
                self.out.end();
            }
            Type::Object => self.object(value, level)?,
        }
        Ok(())
    }

    fn object(&mut self, value: &Value<'_>, level: usize) -> FillResult<()> {
        let mut names = HashSet::new();
        let mut members = Vec::new();
        for (key, member) in value.members() {
            let name = self.characters(&key, &key.as_str().unwrap_or_default())?;
            if !names.insert(name.clone()) {
                let message = "this name occurs twice in one object";
                let help = "Marathon takes the last one and drops the others: keep one";
                return Err(self.report.fault(&rules::DUPLICATE_NAME, key.range(), message, Some(help)));
            }
            members.push((name, member));
        }
        self.out.begin_object(true);
        for (name, member) in members {
            self.out.name(&json_text::quoted(&name));
            self.value(&member, level + 1)?;
        }
        self.out.end();
        Ok(())
    }

    fn string(&mut self, value: &Value<'_>) -> FillResult<()> {
        let text = value.as_str().unwrap_or_default();
        let plain = self.plain.contains(&value.range().start);
        if let [TemplatePiece::Slot { slot, bare, .. }] = self.report.slots.pieces(&text).as_slice()
            && (*bare || plain)
        {
            let (Slot::Value(json) | Slot::Text(json)) = slot;
            self.out.json(json, &|_| true, &|number| self.report.slots.spelling(number));
            return Ok(());
        }
        let filled = self.characters(value, &text)?;
        if plain && filled != *text && reads_as_scalar(&filled) {
            let message =
                "a value and the text beside it make up a number, a boolean or null, and would be a string";
            let help = "put the whole in quotes if a string is meant, or compute all of it in one expression: `{{ … }}`";
            return Err(self.report.fault(&rules::VALUE_OUT_OF_PLACE, value.range(), message, Some(help)));
        }
        self.out.raw(&json_text::quoted(&filled));
        Ok(())
    }

    /// A string's characters with those of the values in it.
    fn characters(&self, value: &Value<'_>, text: &str) -> FillResult<String> {
        let pieces = self.report.slots.pieces(text).into_iter().map(|piece| match piece {
            TemplatePiece::Text(text) => Ok(text.to_owned()),
            TemplatePiece::Slot { slot, .. } => self.report.slots.within_string(&slot),
        });
        pieces.collect::<Result<_, _>>().map_err(|refusal| self.report.refuse(value.range(), &refusal))
    }
}

/// Whether YAML reads these characters, without quotes, as another type than a string.
fn reads_as_scalar(text: &str) -> bool {
    let Ok(document) = Document::parse(text, Format::Yaml) else {
        return false;
    };
    let root = document.root();
    matches!(root.kind(), Type::Null | Type::Boolean | Type::Number) && root.source() == text
}

#[cfg(test)]
mod tests;
