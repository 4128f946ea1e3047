//! Parses YAML 1.2 (core schema) into the same tree. Anchors and merge keys are expanded, within a limit; what JSON cannot
//! hold (custom tags, several documents, infinities) is an error.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

use super::syntax::{SyntaxError, SyntaxProblem};
use super::tree::{Decoding, FieldCache, Node, Tree, Type, small};

/// Nodes that one text may expand to: limits a "billion laughs" of aliases.
const MAX_NODES: usize = 1_000_000;
/// Levels that one text may nest, aliases expanded.
const MAX_DEPTH: usize = 500;

/// A value before it becomes nodes; shared where an alias repeats it.
struct YamlItem {
    range: Range<usize>,
    kind: ItemKind,
}

enum ItemKind {
    Scalar(Type, String),
    Array(Vec<Rc<YamlItem>>),
    Object(Vec<(Rc<YamlItem>, Rc<YamlItem>)>),
}

/// An array or object that is not closed yet.
struct OpenNode {
    range: Range<usize>,
    anchor: usize,
    is_object: bool,
    items: Vec<Rc<YamlItem>>,
}

pub(super) fn parse(text: &str, tree: &mut Tree) -> Result<(), SyntaxError> {
    let root = build(text)?;
    YamlFlattener { tree }.flatten(&root, 0)
}

/// The ranges of the comments of a YAML text, without line breaks.
pub(crate) fn comments(text: &str) -> Vec<Range<usize>> {
    let events = Parser::new_from_str(text).map_while(Result::ok);
    let comments = events.filter(|(event, _)| matches!(event, Event::Comment(..)));
    comments.map(|(_, span)| range_of(&span, text)).collect()
}

/// A piece of a YAML text's notation, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum YamlMark {
    /// A mapping or sequence begins.
    Open {
        /// In block notation.
        is_block: bool,
        /// It is a mapping.
        is_map: bool,
        /// The offset of its first name, dash or bracket; of a sequence whose dashes are not indented, of what comes
        /// after the first dash.
        at: usize,
    },
    /// The innermost open collection ends.
    Close {
        /// Its offset; for a block, an offset after its content.
        end: usize,
    },
    /// A scalar.
    Scalar {
        /// Its bytes; for a literal or folded text, from the mark that begins it.
        range: Range<usize>,
        /// It is a literal or folded text.
        is_text: bool,
    },
    /// An alias.
    Alias {
        /// Its bytes.
        range: Range<usize>,
    },
}

/// The notation of a YAML text.
pub(crate) fn marks(text: &str) -> Vec<YamlMark> {
    let events = Parser::new_from_str(text).map_while(Result::ok);
    let mark = |(event, span): (Event<'_>, Span)| {
        let range = range_of(&span, text);
        Some(match event {
            Event::SequenceStart(style, ..) => {
                YamlMark::Open { is_block: style == StructureStyle::Block, is_map: false, at: range.start }
            }
            Event::MappingStart(style, ..) => {
                YamlMark::Open { is_block: style == StructureStyle::Block, is_map: true, at: range.start }
            }
            Event::SequenceEnd | Event::MappingEnd => YamlMark::Close { end: range.end },
            Event::Scalar(_, style, ..) => YamlMark::Scalar {
                range,
                is_text: matches!(style, ScalarStyle::Literal | ScalarStyle::Folded),
            },
            Event::Alias(_) => YamlMark::Alias { range },
            _ => return None,
        })
    };
    events.filter_map(mark).collect()
}

fn error(range: Range<usize>, message: impl Into<String>) -> SyntaxError {
    SyntaxError { range, problem: SyntaxProblem::Yaml(message.into()) }
}

fn range_of(span: &Span, text: &str) -> Range<usize> {
    let range = span.byte_range().unwrap_or_default();
    range.start.min(text.len())..range.end.min(text.len())
}

/// Reads the parser's events into one value.
fn build(text: &str) -> Result<Rc<YamlItem>, SyntaxError> {
    let mut open: Vec<OpenNode> = Vec::new();
    let mut anchors: HashMap<usize, Rc<YamlItem>> = HashMap::new();
    let mut root: Option<Rc<YamlItem>> = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| {
            let at = e.marker().byte_offset().unwrap_or_default().min(text.len());
            error(at..at, e.info())
        })?;
        let range = range_of(&span, text);
        let (item, anchor) = match event {
            Event::Scalar(value, style, anchor, tag) => {
                let forced = tag.as_deref().is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                if let Some(tag) = tag.as_deref().filter(|tag| !tag.is_yaml_core_schema()) {
                    return Err(error(range, format!("the tag {tag} has no meaning in JSON")));
                }
                (Rc::new(scalar(range, value, forced || style != ScalarStyle::Plain)?), anchor)
            }
            Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => {
                let is_object = matches!(event, Event::MappingStart(..));
                open.push(OpenNode { range, anchor, is_object, items: Vec::new() });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(done) = open.pop() else { continue };
                let anchor = done.anchor;
                (Rc::new(close(done, range.end, text)?), anchor)
            }
            Event::Alias(anchor) => {
                let target = anchors.get(&anchor).cloned();
                (target.ok_or_else(|| error(range, "an alias of something that contains it"))?, 0)
            }
            _ => continue,
        };
        if anchor != 0 {
            anchors.insert(anchor, Rc::clone(&item));
        }
        match open.last_mut() {
            Some(container) => container.items.push(item),
            None if root.is_some() => {
                return Err(error(
                    item.range.clone(),
                    "a second document: a file holds one definition or one list",
                ));
            }
            None => root = Some(item),
        }
    }
    root.ok_or(SyntaxError { range: 0..text.len().min(1), problem: SyntaxProblem::Empty })
}

fn close(open: OpenNode, end: usize, text: &str) -> Result<YamlItem, SyntaxError> {
    // A block collection's span may end early; the end of its last item is exact.
    let last = open.items.last().map_or(open.range.end, |item| item.range.end);
    let end = if text.as_bytes().get(end.saturating_sub(1)).is_some_and(|b| matches!(b, b'}' | b']')) {
        end.max(last)
    } else {
        last
    };
    let range = open.range.start..end.max(open.range.start);
    if !open.is_object {
        return Ok(YamlItem { range, kind: ItemKind::Array(open.items) });
    }
    let mut members: Vec<(Rc<YamlItem>, Rc<YamlItem>)> = Vec::new();
    let mut merged = Vec::new();
    let mut items = open.items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        match &key.kind {
            ItemKind::Scalar(_, name) if name == "<<" => merge(&value, &mut merged)?,
            ItemKind::Scalar(..) => members.push((key, value)),
            _ => return Err(error(key.range.clone(), "a name must be a plain value")),
        }
    }
    merged.retain(|(name, _)| !members.iter().any(|(own, _)| name_of(own) == name_of(name)));
    merged.extend(members);
    Ok(YamlItem { range, kind: ItemKind::Object(merged) })
}

/// The members that a merge key (`<<`) adds: those of one mapping, or of several, of which the first one wins.
fn merge(value: &Rc<YamlItem>, into: &mut Vec<(Rc<YamlItem>, Rc<YamlItem>)>) -> Result<(), SyntaxError> {
    match &value.kind {
        ItemKind::Object(members) => {
            for (key, value) in members {
                if !into.iter().any(|(name, _)| name_of(name) == name_of(key)) {
                    into.push((Rc::clone(key), Rc::clone(value)));
                }
            }
            Ok(())
        }
        ItemKind::Array(items) => items.iter().try_for_each(|item| merge(item, into)),
        ItemKind::Scalar(..) => Err(error(value.range.clone(), "`<<` takes a mapping, or a list of them")),
    }
}

fn name_of(item: &YamlItem) -> &str {
    match &item.kind {
        ItemKind::Scalar(_, name) => name,
        _ => "",
    }
}

/// Resolves a scalar by the core schema (YAML 1.2.2, section 10.3.2).
fn scalar(range: Range<usize>, value: Cow<'_, str>, is_string: bool) -> Result<YamlItem, SyntaxError> {
    let (kind, text) = if is_string {
        (Type::String, value.into_owned())
    } else {
        match &*value {
            "" | "~" | "null" | "Null" | "NULL" => (Type::Null, "null".to_owned()),
            "true" | "True" | "TRUE" => (Type::Boolean, "true".to_owned()),
            "false" | "False" | "FALSE" => (Type::Boolean, "false".to_owned()),
            plain => match number(plain) {
                Some(number) => (Type::Number, number),
                None if is_not_finite(plain) => {
                    return Err(error(range, format!("{plain} has no counterpart in JSON")));
                }
                None => (Type::String, value.into_owned()),
            },
        }
    };
    Ok(YamlItem { range, kind: ItemKind::Scalar(kind, text) })
}

fn is_not_finite(plain: &str) -> bool {
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(plain);
    matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
}

/// A plain scalar's spelling as a JSON number; `None` if it is not a number.
fn number(plain: &str) -> Option<String> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = plain.strip_prefix(prefix) {
            return i64::from_str_radix(digits, radix).ok().filter(|n| *n >= 0).map(|n| n.to_string());
        }
    }
    let (sign, unsigned) = match plain.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", plain.strip_prefix('+').unwrap_or(plain)),
    };
    let mantissa_end = unsigned.find(['e', 'E']).unwrap_or(unsigned.len());
    let (mantissa, exponent) = unsigned.split_at(mantissa_end);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_digits = exponent.get(1..).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
    let is_number = all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent_digits.is_none_or(|digits| !digits.is_empty() && all_digits(digits));
    if !is_number {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}{exponent}"))
}

/// Appends the nodes of items to a tree.
struct YamlFlattener<'t> {
    tree: &'t mut Tree,
}

impl YamlFlattener<'_> {
    fn flatten(&mut self, item: &YamlItem, depth: usize) -> Result<(), SyntaxError> {
        if self.tree.nodes.len() > MAX_NODES || depth > MAX_DEPTH {
            return Err(error(
                item.range.clone(),
                "aliases and nesting expand beyond the limit of 1,000,000 values and 500 levels",
            ));
        }
        let index = self.tree.nodes.len();
        let (start, end) = (small(item.range.start), small(item.range.end));
        let kind = match &item.kind {
            ItemKind::Scalar(kind, _) => *kind,
            ItemKind::Array(_) => Type::Array,
            ItemKind::Object(_) => Type::Object,
        };
        let (decoding, known) = (Decoding::Stored, FieldCache::default());
        let mut node = Node { start, end, next: 0, kind, decoding, known };
        if let ItemKind::Scalar(_, value) = &item.kind {
            node.next = small(self.tree.values.len());
            self.tree.values.push(value.clone());
        }
        self.tree.nodes.push(node);
        match &item.kind {
            ItemKind::Scalar(..) => return Ok(()),
            ItemKind::Array(items) => items.iter().try_for_each(|item| self.flatten(item, depth + 1))?,
            ItemKind::Object(members) => {
                for (key, value) in members {
                    self.flatten_name(key);
                    self.flatten(value, depth + 1)?;
                }
            }
        }
        self.tree.nodes[index].next = small(self.tree.nodes.len());
        Ok(())
    }

    /// A member's name is a string in JSON, whatever type it has in YAML (`80: http`).
    fn flatten_name(&mut self, key: &YamlItem) {
        let (start, end) = (small(key.range.start), small(key.range.end));
        let next = small(self.tree.values.len());
        self.tree.values.push(name_of(key).to_owned());
        let (decoding, known) = (Decoding::Stored, FieldCache::default());
        self.tree.nodes.push(Node { start, end, next, kind: Type::String, decoding, known });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Document, Format};

    fn value(text: &str) -> serde_json::Value {
        Document::parse(text, Format::Yaml).expect(text).root().to_json()
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let text = "a: 1\nb: 0x1F\nc: yes\nd: ~\ne: 1.50\nf: '1'\ng: True\nh: 1.2.3\ni: -.5e3\nj: !!str 5\nk:\n80: x\n";
        assert_eq!(
            value(text),
            json!({"a": 1, "b": 31, "c": "yes", "d": null, "e": 1.5, "f": "1", "g": true, "h": "1.2.3",
                   "i": -500.0, "j": "5", "k": null, "80": "x"})
        );
    }

    #[test]
    fn anchors_and_merge_keys_are_expanded() {
        let text = "base: &b {cpus: 1, mem: 2}\napp:\n  <<: *b\n  mem: 3\nlist: [*b]\n";
        assert_eq!(
            value(text),
            json!({"base": {"cpus": 1, "mem": 2}, "app": {"cpus": 1, "mem": 3}, "list": [{"cpus": 1, "mem": 2}]})
        );
    }

    #[test]
    fn ranges_are_kept() {
        let text = "id: /web\ncontainer:\n  docker:\n    image: nginx\n";
        let document = Document::parse(text, Format::Yaml).expect("valid YAML");
        let docker = document.root().get("container").and_then(|c| c.get("docker")).expect("it is there");
        assert_eq!(docker.source(), "image: nginx");
        assert_eq!(docker.get("image").map(|image| image.source()), Some("nginx"));
    }

    #[test]
    fn bombs_and_cycles_are_errors() {
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..9 {
            let below = format!("*a{},", level - 1).repeat(10);
            bomb.extend([format!("a{level}: &a{level} [{below}]\n")]);
        }
        for text in [bomb.as_str(), "a: &a [*a]", "a: 1\n---\nb: 2\n", "a: .inf", "a: !mine x", "a: [1", "\t"]
        {
            assert!(Document::parse(text, Format::Yaml).is_err(), "{text:.40}");
        }
    }
}
