//! Values as YAML, to be put into a text.

use std::borrow::Cow;

use granit_parser::ScalarStyle;
use serde_json::Value as Json;

use super::super::super::yaml::scalar;

/// A value as it is written after a name or a dash.
#[derive(Clone, Debug)]
pub(super) struct Content {
    /// What is on the line of the name or dash.
    pub(super) head: String,
    /// Further lines.
    pub(super) body: Vec<String>,
    pub(super) body_is: BodyKind,
    /// The last line is that of a literal or folded text: a comment behind it would be part of the text.
    pub(super) ends_as_text: bool,
}

/// What the further lines are, and what their indentation counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyKind {
    /// The entries of a block mapping; from the column of its names.
    Members,
    /// The entries of a block sequence; from the column of its dashes.
    Elements,
    /// The rest of a scalar or flow collection; from the column of the entry it belongs to.
    Rest,
}

impl Content {
    pub(super) fn inline(head: impl Into<String>) -> Self {
        Self { head: head.into(), body: Vec::new(), body_is: BodyKind::Rest, ends_as_text: false }
    }

    /// Whether the further lines are entries.
    pub(super) fn is_block(&self) -> bool {
        !self.body.is_empty() && self.body_is != BodyKind::Rest
    }
}

/// How blocks are indented.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockStyle {
    /// One level, in spaces.
    pub(super) unit: usize,
    /// Dashes below a name are indented.
    pub(super) indents_dashes: bool,
}

impl BlockStyle {
    /// The column of the lines of a block below a name at this column.
    pub(super) fn below(&self, column: usize, kind: BodyKind) -> usize {
        match kind {
            BodyKind::Members => column + self.unit,
            BodyKind::Elements => column + if self.indents_dashes { self.unit } else { 0 },
            BodyKind::Rest => column,
        }
    }

    /// A value in block notation; scalars and empty collections on the line.
    pub(super) fn block(&self, value: &Json) -> Content {
        let body_is = match value {
            Json::Object(members) if !members.is_empty() => BodyKind::Members,
            Json::Array(elements) if !elements.is_empty() => BodyKind::Elements,
            _ => return Content::inline(flow(value, false)),
        };
        Content { head: String::new(), body: self.lines(value), body_is, ends_as_text: false }
    }

    /// The entries of a collection, a line each, indented from the column of the first one.
    fn lines(&self, value: &Json) -> Vec<String> {
        let mut lines = Vec::new();
        match value {
            Json::Object(members) => {
                for (name, value) in members {
                    let content = self.block(value);
                    let space = if content.head.is_empty() { "" } else { " " };
                    lines.push(format!("{}:{space}{}", scalar::line(name, false), content.head));
                    let indent = self.below(0, content.body_is);
                    lines.extend(content.body.iter().map(|line| format!("{:indent$}{line}", "")));
                }
            }
            Json::Array(elements) => {
                for value in elements {
                    let content = self.block(value);
                    match content.body.split_first() {
                        None => lines.push(format!("- {}", content.head)),
                        Some((first, rest)) => {
                            lines.push(format!("- {first}"));
                            lines.extend(rest.iter().map(|line| format!("  {line}")));
                        }
                    }
                }
            }
            _ => {}
        }
        lines
    }
}

/// A value on one line; `in_flow` where it is inside a flow collection.
pub(super) fn flow(value: &Json, in_flow: bool) -> String {
    match value {
        Json::String(text) => scalar::line(text, in_flow).into_owned(),
        Json::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(|element| flow(element, true)).collect();
            format!("[{}]", elements.join(", "))
        }
        Json::Object(members) => {
            let member = |(name, value): (&String, &Json)| {
                format!("{}: {}", scalar::line(name, true), flow(value, true))
            };
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
        _ => value.to_string(),
    }
}

/// A string in the quotes that another one is written with.
pub(super) fn like(style: Option<ScalarStyle>, text: &str, in_flow: bool) -> Cow<'_, str> {
    match style {
        Some(ScalarStyle::DoubleQuoted) => Cow::Owned(scalar::quoted(text)),
        Some(ScalarStyle::SingleQuoted) if text.chars().all(|c| !c.is_control()) => {
            Cow::Owned(format!("'{}'", text.replace('\'', "''")))
        }
        _ => scalar::line(text, in_flow),
    }
}
