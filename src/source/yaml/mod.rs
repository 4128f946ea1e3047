//! Parses YAML 1.2 (core schema) into the same tree. Anchors and merge keys are expanded, within a limit; what JSON cannot
//! hold (custom tags, several documents, infinities) is an error.

mod expand;
mod nodes;
pub(crate) mod scalar;
mod schema;

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

use super::syntax::{SyntaxError, SyntaxProblem};
use super::tree::Tree;

pub(super) use expand::{Origin, expand};
pub(super) use nodes::{NodeKind, YamlNode, YamlNodes};

/// Nodes that one text may expand to: limits a "billion laughs" of aliases.
const MAX_NODES: usize = 1_000_000;
/// Levels that one text may nest, aliases expanded.
const MAX_DEPTH: usize = 500;
const TOO_MANY: &str = "aliases and nesting expand beyond the limit of 1,000,000 values and 500 levels";

pub(super) fn parse(text: &str, tree: &mut Tree) -> Result<(), SyntaxError> {
    let nodes = YamlNodes::read(text)?;
    if let Some(at) = text.find('\u{a0}').and_then(|_| misread_space(text, &nodes)) {
        return Err(error(at..at + '\u{a0}'.len_utf8(), "this is no white space"));
    }
    expand(&nodes, tree, &mut |_| {})
}

/// A no-break space where white space was meant: before a name, or after the colon of a text that is no mapping then.
fn misread_space(text: &str, nodes: &YamlNodes<'_>) -> Option<usize> {
    if let NodeKind::Scalar { .. } = nodes.get(nodes.root).kind {
        return text.find(":\u{a0}").map(|colon| colon + 1);
    }
    let names = nodes.nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::Object { children, .. } => Some(children.iter().step_by(2)),
        _ => None,
    });
    let starts = names.flatten().map(|name| nodes.get(*name).range.start);
    starts.filter(|start| text[*start..].starts_with('\u{a0}')).min()
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
