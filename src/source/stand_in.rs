//! Templates that no parser reads, because placeholders are not in quotes (`"cpus": {{ cpus }}`) or parts depend on
//! conditions (`{% if … %}`): a text of the same length with stand-ins for them, so that the rest can be checked.

use std::ops::Range;

use super::notation::Format;
use super::placeholder;
use super::tree::{Decoding, Tree, Type};

/// A text with stand-ins, and where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StandIn {
    /// The text, as long as the original.
    pub(super) text: String,
    /// The bytes of each placeholder and of each tag of a template engine, in the order of the text.
    pub(super) places: Vec<Range<usize>>,
}

/// How a template engine marks its parts, and how each ends. They may take several lines.
const TAGS: &[(&str, &str)] = &[("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("<%", "%>")];

/// The longest tag, in bytes.
const LONGEST: usize = 2_000;

/// Words in Go's and Terraform's tags that make no value.
const STATEMENTS: &[&str] =
    &["if", "else", "elif", "end", "endif", "for", "endfor", "range", "with", "define", "block", "template"];

/// A part of a template that is not in quotes.
struct UnquotedPart {
    length: usize,
    /// It makes no value of its own: a condition, the end of a loop, a comment.
    is_statement: bool,
}

impl StandIn {
    /// The text with stand-ins; nothing when it has no place for one.
    pub(super) fn of(text: &str, format: Format) -> Option<Self> {
        let mut cover = Cover { text, bytes: text.as_bytes().to_vec(), places: Vec::new() };
        match format {
            Format::Yaml => cover.yaml(),
            Format::Json | Format::Jsonc => cover.json(),
        }
        let Cover { bytes, places, .. } = cover;
        if bytes == text.as_bytes() {
            return None;
        }
        Some(Self { text: String::from_utf8(bytes).ok()?, places })
    }
}

impl Tree {
    /// Parses a template that [`Tree::parse`] does not: each placeholder outside of quotes counts as a string. Where they
    /// are; nothing when there are none, or when the text is malformed apart from them.
    pub(crate) fn parse_template(&mut self, text: &str, format: Format) -> Option<Vec<Range<usize>>> {
        let StandIn { text: covered, places } = StandIn::of(text, format)?;
        self.parse(&covered, format).ok()?;
        // What is decoded from the text itself needs nothing; the rest gets the placeholders back.
        for node in self.nodes.iter().filter(|node| node.kind == Type::String) {
            let range = node.start as usize..node.end as usize;
            let place = places.partition_point(|place| place.end <= range.start);
            if node.decoding == Decoding::Stored
                && places.get(place).is_some_and(|place| place.start < range.end)
                && let Some(value) = self.values.get_mut(node.next as usize)
            {
                text[range].clone_into(value);
            }
        }
        Some(places)
    }
}

/// The part of a template at the start of a text.
fn part(text: &str) -> Option<UnquotedPart> {
    if !text.starts_with(['{', '<', '@', '#', '$', '%', '_', 'R', 'C']) {
        return None;
    }
    let Some((open, close)) = TAGS.iter().find(|(open, _)| text.starts_with(open)) else {
        let length = placeholder::at_start(text)?;
        return Some(UnquotedPart { length, is_statement: is_statement("%{", &text[..length]) });
    };
    let most = placeholder::floor(text, text.len().min(LONGEST));
    let end = text[open.len()..most].find(close)? + open.len() + close.len();
    // Mustache's `{{{ name }}}`.
    let end = end + usize::from(text.starts_with("{{{") && text[end..].starts_with('}'));
    Some(UnquotedPart { length: end, is_statement: is_statement(open, &text[..end]) })
}

fn is_statement(open: &str, tag: &str) -> bool {
    let Some(inner) = tag.strip_prefix(open) else { return false };
    match open {
        "{%" | "{#" => true,
        "<%" => !inner.starts_with('='),
        _ => {
            let inner = inner.trim_start_matches(['-', '~', ' ', '{']);
            let word = inner.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
            inner.starts_with(['#', '/', '^', '!', '>']) || STATEMENTS.contains(&word)
        }
    }
}

/// The text while it is covered.
struct Cover<'t> {
    text: &'t str,
    bytes: Vec<u8>,
    places: Vec<Range<usize>>,
}

/// What was met last in a text like JSON.
#[derive(Clone, Copy)]
struct Last {
    byte: u8,
    at: usize,
}

impl Cover<'_> {
    fn fill(&mut self, range: Range<usize>, with: u8) {
        for byte in self.bytes[range].iter_mut().filter(|byte| **byte != b'\n') {
            *byte = with;
        }
    }

    /// Covers a value by a string.
    fn fill_with_string(&mut self, range: Range<usize>) {
        let is_plain = |at: usize| self.bytes[at].is_ascii();
        if range.len() < 2 || !is_plain(range.start) || !is_plain(range.end - 1) {
            return;
        }
        self.bytes[range.clone()].fill(b'_');
        self.bytes[range.start] = b'"';
        self.bytes[range.end - 1] = b'"';
        self.places.push(range);
    }

    fn json(&mut self) {
        let mut last = Last { byte: b' ', at: 0 };
        // Where statements begin that came after the last.
        let mut statement = None;
        let mut at = 0;
        while let Some(&byte) = self.text.as_bytes().get(at) {
            let rest = &self.text[at..];
            let start = at;
            let length = match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {
                    at += 1;
                    continue;
                }
                b'/' if rest.starts_with("//") => {
                    at += rest.find('\n').unwrap_or(rest.len());
                    continue;
                }
                b'"' => self.string(at),
                _ => match part(rest) {
                    Some(part) if part.is_statement && last.byte != b':' => {
                        self.places.push(at..at + part.length);
                        self.fill(at..at + part.length, b' ');
                        statement.get_or_insert(at);
                        at += part.length;
                        continue;
                    }
                    None if b"{}[],:".contains(&byte) => 1,
                    _ => self.token(at),
                },
            };
            at += length;
            if let Some(statement) = statement.take() {
                self.join(last, start, statement);
            }
            last = Last { byte: self.bytes[at - 1], at: at - 1 };
        }
        if statement.is_some() && last.byte == b',' {
            self.bytes[last.at] = b' ';
        }
    }

    /// Sets the commas right around statements: those that a loop writes between its rounds.
    fn join(&mut self, last: Last, next: usize, statement: usize) {
        let is_end = !b"{[,: ".contains(&last.byte);
        match self.bytes[next] {
            b'}' | b']' if last.byte == b',' => self.bytes[last.at] = b' ',
            b',' if b"{[,".contains(&last.byte) => self.bytes[next] = b' ',
            b'}' | b']' | b',' | b':' => {}
            _ if is_end => self.bytes[statement] = b',',
            _ => {}
        }
    }

    /// Goes past a string, and covers quotes in its placeholders; its length.
    fn string(&mut self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        while at < bytes.len() {
            match bytes[at] {
                b'"' => return at + 1 - start,
                b'\n' => break,
                b'\\' => at += 2,
                b'{' | b'<' => {
                    let part = part(&self.text[at..])
                        .filter(|part| !self.bytes[at..at + part.length].contains(&b'\n'));
                    let length = part.map_or(1, |part| part.length);
                    for byte in &mut self.bytes[at..at + length] {
                        if matches!(byte, b'"' | b'\\') {
                            *byte = b'_';
                        }
                    }
                    at += length;
                }
                _ => at += 1,
            }
        }
        at.min(bytes.len()) - start
    }

    /// Goes past a word or number with its placeholders, and covers it if there are any; its length.
    fn token(&mut self, start: usize) -> usize {
        let mut has_part = false;
        let mut at = start;
        while let Some(letter) = self.text[at..].chars().next() {
            if let Some(part) = part(&self.text[at..]) {
                has_part = true;
                at += part.length;
                if part.is_statement {
                    at = self.last_statement(at);
                }
            } else if letter.is_whitespace() || "{}[],:\"".contains(letter) {
                break;
            } else {
                at += letter.len_utf8();
            }
        }
        // What is no part of anything is left to the parser.
        let at = at.max(start + self.text[start..].chars().next().map_or(1, char::len_utf8));
        if has_part {
            self.fill_with_string(start..at);
        }
        at - start
    }

    /// The end of the last statement on the line of `at`: what is between them is a part of one value.
    fn last_statement(&self, at: usize) -> usize {
        let line = self.text[at..].lines().next().unwrap_or_default();
        let (mut last, mut next) = (0, 0);
        while let Some(letter) = line[next..].chars().next() {
            let part = part(&line[next..]);
            next += part.as_ref().map_or(letter.len_utf8(), |part| part.length);
            if part.is_some_and(|part| part.is_statement) {
                last = next;
            }
        }
        at + last
    }

    fn yaml(&mut self) {
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let begin = line.len() - line.trim_start().len();
            if !line[begin..].starts_with('#') || line[begin..].starts_with("#{") {
                self.yaml_line(start, line);
            }
            start += line.len();
        }
    }

    fn yaml_line(&mut self, start: usize, line: &str) {
        let mut parts = Vec::new();
        let mut at = 0;
        while at < line.len() {
            let found = line[at..].starts_with(['{', '<', '@', '%']).then(|| part(&line[at..])).flatten();
            if let Some(part) = found {
                parts.push((at..at + part.length, part.is_statement));
                at += part.length;
            } else {
                at += line[at..].chars().next().map_or(1, char::len_utf8);
            }
        }
        let Some((first, _)) = parts.first() else { return };
        let (first, last) = (first.clone(), parts.last().map_or(0, |(last, _)| last.end));
        let is_alone = line[..first.start].trim().is_empty() && line[last..].trim().is_empty();
        if is_alone || parts.iter().any(|(_, is_statement)| *is_statement) {
            let with = if line[..first.start].trim().is_empty() { b' ' } else { b'x' };
            self.fill(start + first.start..start + last, with);
        }
        for (range, _) in parts {
            let range = start + range.start..start + range.end;
            if self.bytes[range.start] == self.text.as_bytes()[range.start] {
                self.fill(range.clone(), b'x');
            }
            self.places.push(range);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::Tree;
    use super::*;

    fn read(text: &str, format: Format) -> (Json, Vec<&str>) {
        let mut tree = Tree::default();
        let places = tree.parse_template(text, format).unwrap_or_else(|| panic!("{text}"));
        (tree.root(text).to_json(), places.into_iter().map(|place| &text[place]).collect())
    }

    #[test]
    fn the_rest_of_a_template_is_read() {
        let cases = [
            (r#"{"a": {{ n }}, "b": 1}"#, json!({"a": "{ n }", "b": 1}), vec!["{{ n }}"]),
            (r#"{"a": {{{n}}}, "b": $N}"#, json!({"a": "{{n}}", "b": ""}), vec!["{{{n}}}", "$N"]),
            (
                r#"{"a": [1, @@n@@, <N>], "b": __N__}"#,
                json!({"a": [1, "@n@", "N"], "b": "_N_"}),
                vec!["@@n@@", "<N>", "__N__"],
            ),
            (r#"{"a": "{{ n["x"] }}", "b": 1}"#, json!({"a": "{{ n[\"x\"] }}", "b": 1}), vec![]),
            ("{\"a\": 1}}", Json::Null, vec![]),
            (
                "{\n{% if a %}\n\"a\": 1,\n{% endif %}\n\"b\": 2}",
                json!({"a": 1, "b": 2}),
                vec!["{% if a %}", "{% endif %}"],
            ),
            (
                "{\"a\": [{% for p in ps %}{{ p }},{% endfor %}]}",
                json!({"a": ["{ p }"]}),
                vec!["{% for p in ps %}", "{{ p }}", "{% endfor %}"],
            ),
            (
                "{\"a\": [{{#ps}}{\"p\": {{p}}}{{^last}},{{/last}}{{/ps}}]}",
                json!({"a": [{"p": "{p}"}]}),
                vec!["{{#ps}}", "{{p}}", "{{^last}}", "{{/last}}", "{{/ps}}"],
            ),
            (
                "{\"a\": {% if x %}1{% else %}2{% endif %}, \"b\": {\"c\": 1}}",
                json!({
                "a": "% if x %}1{% else %}2{% endif %", "b": {"c": 1}}),
                vec!["{% if x %}1{% else %}2{% endif %}"],
            ),
        ];
        for (text, value, places) in cases {
            if value.is_null() {
                assert!(Tree::default().parse_template(text, Format::Json).is_none(), "{text}");
            } else {
                assert_eq!(read(text, Format::Json), (value, places), "{text}");
            }
        }
    }

    #[test]
    fn the_rest_of_a_template_of_yaml_is_read() {
        let text =
            "id: /a\n{% if b %}\nn: {{ n }}\n{% endif %}\n- no\n".replace("- no\n", "l:\n- @X@\n# {{ c }}\n");
        let (value, places) = read(&text, Format::Yaml);
        assert_eq!(value, json!({"id": "/a", "n": "{{ n }}", "l": ["@X@"]}));
        assert_eq!(places, ["{% if b %}", "{{ n }}", "{% endif %}", "@X@"]);
    }

    #[test]
    fn a_text_without_placeholders_has_no_stand_ins() {
        for text in ["{\"a\": 1,}", "{\"a\": \"{{ b }}\"", "{{{{", "", "{\"a\": {% b"] {
            assert_eq!(StandIn::of(text, Format::Json), None, "{text}");
        }
        assert_eq!(StandIn::of("a: 1\n b", Format::Yaml), None);
    }
}
