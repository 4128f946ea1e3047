//! Placeholders that are left in a definition: it is a template, or came out of one unfilled.

mod filled;
mod protect;
mod signs;
mod words;

use std::collections::HashSet;
use std::ops::Range;

use crate::finding::{Answer, Effect, Finding, Rule};
use crate::rule::conclusions;
use crate::schema;
use crate::source::placeholder::{self, TextReader};
use crate::source::{Note, Pointer, Type, Value};

use filled::Filled;
use protect::Protected;
pub(super) use words::help;
pub use words::name_the_tool;

pub(crate) static UNFILLED_PLACEHOLDER: Rule =
    Rule::risky("unfilled-placeholder", "A definition has no unfilled placeholders")
        .why(
            "Neither Marathon nor the agent replaces placeholders, and outside of `cmd` no shell is involved. A \
             placeholder that a template left behind is taken literally: an image makes every instance fail with \
             `invalid reference format`, a URI with `Failed to fetch`, and a variable reaches the program as it is.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "env": {"DB": "{{ db }}", "LEVEL": "__LEVEL__"}}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "env": {"DB": "db.example.com", "LEVEL": "info"}}"#);

/// A value or a name with a placeholder, or a part of a template between values.
struct Unfilled<'a> {
    /// Its bytes.
    range: Range<usize>,
    /// The value or the name; nothing for a part between values.
    at: Option<Value<'a>>,
    /// The placeholder, as it is written.
    text: String,
}

/// A text that Marathon does not parse because placeholders are not in quotes.
pub(super) struct Unquoted {
    /// Where they are.
    pub(super) places: Vec<Range<usize>>,
    /// What Marathon answers to it.
    pub(super) answer: Box<Answer>,
}

/// Where the parser stops, and what Marathon answers.
struct SyntaxAnswer {
    at: Range<usize>,
    answer: Answer,
}

impl SyntaxAnswer {
    fn of(unquoted: Unquoted) -> Self {
        let Unquoted { mut places, answer } = unquoted;
        let at = if places.is_empty() { 0..0 } else { places.swap_remove(0) };
        Self { at, answer: *answer }
    }
}

/// Which findings of a document are put together.
#[derive(Clone, Copy)]
pub(super) enum PlaceholderExtent<'r> {
    /// All of them, and placeholders that do no harm. The function gives what Marathon rejects of another text, to tell
    /// what it would reject of values with placeholders anyway.
    All(&'r dyn Fn(String) -> Vec<Finding>),
    /// What Marathon rejects.
    Rejections,
}

/// Puts everything that was found at the placeholders of a definition into one finding, with Marathon's answers; fixes that
/// would touch a placeholder go. Other findings stay.
pub(super) fn apply(
    root: Value<'_>,
    notes: &[Note],
    unquoted: Option<Unquoted>,
    wanted: PlaceholderExtent<'_>,
    found: &mut Vec<Finding>,
) {
    if unquoted.is_none() && !signs::may_be_in(root.text()) {
        return;
    }
    let mut unfilled = unfilled(root);
    let places = unquoted.iter().flat_map(|unquoted| unquoted.places.iter().cloned());
    add_places(root, &mut unfilled, places.chain(trailing(root.text(), notes)));
    let mut protected = Protected::default();
    if found.iter().any(|finding| finding.fix.is_some()) {
        protected = Protected::of(root, unfilled.iter().map(|unfilled| unfilled.range.clone()));
    }
    for finding in &mut *found {
        if finding
            .fix
            .as_ref()
            .is_some_and(|fix| unquoted.is_some() || protected.touches(root, &finding.range, fix))
        {
            finding.fix = None;
        }
    }
    if unfilled.is_empty() {
        return;
    }
    let ranges: Vec<Range<usize>> = unfilled.iter().map(|unfilled| unfilled.range.clone()).collect();
    let is_at = |finding: &Finding| index_within(&ranges, &finding.range).is_some();
    let (mut anyway, mut filled) = (Vec::new(), HashSet::new());
    if let (PlaceholderExtent::All(refusals), None) = (wanted, &unquoted)
        && found.iter().any(|one| one.effect == Effect::Rejected && is_at(one))
        && let Some(Filled { text, values }) = Filled::of(root.text(), &unfilled)
    {
        (anyway, filled) = (refusals(text), values);
    }
    let is_anyway = |one: &Finding| {
        let is_filled = index_within(&ranges, &one.range).is_some_and(|index| filled.contains(&index));
        // Whoever fills in a template fills in the type, too.
        let is_same = |other: &Finding| {
            (other.rule, &other.range) == (one.rule, &one.range) && *one.rule != schema::WRONG_TYPE
        };
        is_filled && anyway.iter().any(is_same)
    };
    let mut follows = conclusions(root, &open(&unfilled), found).into_iter();
    let is_at_one = |finding: &mut Finding| {
        let follows = follows.next().unwrap_or_default() && finding.effect == Effect::Rejected;
        (is_at(finding) || follows) && !is_anyway(finding)
    };
    let at_them: Vec<Finding> = found.extract_if(.., is_at_one).collect();
    let has = |effect| at_them.iter().any(|finding| finding.effect == effect);
    let is_rejected = unquoted.is_some() || has(Effect::Rejected);
    if is_rejected || has(Effect::Fails) || matches!(wanted, PlaceholderExtent::All(_)) {
        let text = words::message(root, &unfilled, is_rejected);
        found.push(together(&unfilled, &ranges, at_them, unquoted.map(SyntaxAnswer::of), text, root));
    }
}

/// Where values begin that are placeholders and nothing else: what follows from them is open.
fn open(unfilled: &[Unfilled<'_>]) -> Vec<usize> {
    let is_open = |unfilled: &&Unfilled<'_>| {
        let text = unfilled.at.and_then(|at| at.as_str()).unwrap_or_default();
        let range = placeholder::find(&text, TextReader::Literal);
        let is_whole = range.is_some_and(|range| {
            range.start == 0 && (range.end == text.len() || placeholder::is_of_a_block(&text[range]))
        });
        is_whole || placeholder::is_variable(&text)
    };
    unfilled.iter().filter(is_open).map(|unfilled| unfilled.range.start).collect()
}

/// The one finding of all placeholders.
fn together(
    unfilled: &[Unfilled<'_>],
    ranges: &[Range<usize>],
    at_them: Vec<Finding>,
    syntax: Option<SyntaxAnswer>,
    message: String,
    root: Value<'_>,
) -> Finding {
    let is_loss =
        |finding: &Finding| matches!(finding.effect, Effect::Rejected | Effect::Fails | Effect::Ignored);
    let mut losses: Vec<Finding> = at_them.into_iter().filter(is_loss).collect();
    // What Marathon answers first comes first.
    losses.sort_by_key(|finding| {
        let stage = finding.answer.as_ref().map(|answer| (answer.later, answer.stage));
        (finding.effect, stage, finding.range.start)
    });
    let first = losses.first().filter(|_| syntax.is_none());
    let at_one = first.and_then(|first| index_within(ranges, &first.range));
    let index = match (first, &syntax) {
        (Some(_), _) => at_one,
        (None, Some(syntax)) => index_within(ranges, &syntax.at),
        (None, None) => None,
    };
    // What follows from a placeholder is found around it, or beside it.
    let around = |first: &Finding| ranges.iter().position(|range| first.range.contains(&range.start));
    let index = index.or_else(|| first.and_then(around)).unwrap_or_default();
    let pointer = match first.filter(|_| at_one.is_some()) {
        Some(first) => first.pointer.clone(),
        None => {
            words::pointers_of(root, &unfilled[index..=index]).pop().flatten().unwrap_or_else(Pointer::root)
        }
    };
    let effect = match (&syntax, first) {
        (Some(_), _) => Effect::Rejected,
        (None, Some(first)) => first.effect,
        (None, None) => UNFILLED_PLACEHOLDER.effect,
    };
    let refusal = first.and_then(|first| first.refusal.clone());
    let answers = losses.into_iter().filter_map(|finding| finding.answer).flat_map(|answer| {
        let mut first = *answer;
        let others = std::mem::take(&mut first.others);
        std::iter::once(first).chain(others)
    });
    let mut answers = syntax.map(|syntax| syntax.answer).into_iter().chain(answers);
    let answer = answers.next().map(|first| Box::new(Answer { others: answers.collect(), ..first }));
    let range = unfilled[index].at.map_or_else(|| unfilled[index].range.clone(), |at| at.first_line());
    let help = words::help(unfilled.iter().map(|unfilled| &*unfilled.text));
    Finding {
        rule: &UNFILLED_PLACEHOLDER,
        effect,
        pointer,
        message,
        help: Some(help.into()),
        range,
        answer,
        refusal,
        fix: None,
    }
}

/// Adds placeholders that are no strings of their own.
fn add_places<'a>(
    root: Value<'a>,
    unfilled: &mut Vec<Unfilled<'a>>,
    places: impl Iterator<Item = Range<usize>>,
) {
    let text = root.text();
    let places: Vec<Range<usize>> = places.collect();
    // A stand-in's string lacks what was around it.
    let is_a_place = |range: &Range<usize>| {
        places
            .binary_search_by_key(&range.start, |place| place.start)
            .is_ok_and(|index| places[index] == *range)
    };
    unfilled.retain(|unfilled| !is_a_place(&unfilled.range));
    let strings: Vec<Range<usize>> = unfilled.iter().map(|unfilled| unfilled.range.clone()).collect();
    for range in places.into_iter().filter(|place| index_within(&strings, place).is_none()) {
        let source = &text[range.clone()];
        let shown = placeholder::find(source, TextReader::Plain).map_or(source, |found| &source[found]);
        let at = root.at_offset(range.start).filter(|value| value.range() == range);
        unfilled.push(Unfilled { at, text: shortened(shown), range });
    }
    unfilled.sort_by_key(|unfilled| unfilled.range.start);
}

/// The part of a template that follows the definition, where Marathon ignores what follows.
fn trailing(text: &str, notes: &[Note]) -> Option<Range<usize>> {
    let is_of_a_template = |text: &str| ["{%", "{{", "{#", "<%"].iter().any(|open| text.starts_with(open));
    notes.iter().find_map(|note| match note {
        Note::TrailingContent(range) if is_of_a_template(&text[range.start..]) => {
            let length = placeholder::find(&text[range.start..], TextReader::Plain)?.end;
            Some(range.start..range.start + length)
        }
        _ => None,
    })
}

/// What else than Marathon reads a value.
#[derive(Clone, Copy)]
struct TextField {
    reader: TextReader,
    /// A task's variables mean something there.
    is_of_the_task: bool,
}

/// The values and names with placeholders, in the order of the text.
fn unfilled(root: Value<'_>) -> Vec<Unfilled<'_>> {
    let mut found = Vec::new();
    let top = TextField { reader: TextReader::Literal, is_of_the_task: false };
    let mut waiting = vec![(root, top)];
    while let Some((value, field)) = waiting.pop() {
        match value.kind() {
            Type::String => found.extend(of_text(value, field)),
            Type::Array => {
                let of_elements = field.of_elements(value);
                waiting.extend(
                    of_elements
                        .into_iter()
                        .flat_map(|field| value.elements().map(move |element| (element, field))),
                );
            }
            Type::Object => {
                for (key, member) in value.members() {
                    let name = key.as_str().unwrap_or_default();
                    let of_name = of_text(key, TextField { reader: TextReader::Plain, is_of_the_task: true });
                    found.extend(of_name.filter(|unfilled| !is_special(&unfilled.text)));
                    if !is_note(&name) {
                        waiting.push((member, field.below(&name)));
                    }
                }
            }
            _ => {}
        }
    }
    found.sort_by_key(|unfilled| unfilled.range.start);
    found
}

fn of_text(at: Value<'_>, field: TextField) -> Option<Unfilled<'_>> {
    let text = at.as_str()?;
    let is_variable = || !field.is_of_the_task && placeholder::is_variable(&text);
    let range = placeholder::find(&text, field.reader).or_else(|| is_variable().then_some(0..text.len()))?;
    Some(Unfilled { range: at.range(), at: Some(at), text: shortened(&text[range]) })
}

/// The first line of a placeholder, not too long.
fn shortened(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(60).collect()
}

/// A name that editors and JSON tools read (`$schema`, `@type`), and no variable.
fn is_special(name: &str) -> bool {
    let name = name.strip_prefix(['$', '@']);
    name.is_some_and(|name| name.starts_with(|first: char| first.is_ascii_lowercase()))
}

/// A field that keeps a note, or that is turned off.
fn is_note(name: &str) -> bool {
    name.starts_with(['_', '#']) || name.starts_with("//")
}

impl TextField {
    /// The same for the elements of a list; nothing where they are arguments of a program that replaces placeholders, such
    /// as `["sed", "s/@@A@@/b/", "file"]`.
    fn of_elements(self, list: Value<'_>) -> Option<Self> {
        let is_replacer = || {
            let first = list.elements().next().and_then(|first| first.as_str());
            first.is_some_and(|first| placeholder::is_replacer(&first))
        };
        (self.reader != TextReader::Shell || !is_replacer()).then_some(self)
    }

    /// A field in this one. Commands go to a shell or a program with a language of its own, as do the templates of load
    /// balancers in labels.
    fn below(self, name: &str) -> Self {
        match name {
            "cmd" | "command" | "args" | "argv" | "shell" => {
                Self { reader: TextReader::Shell, is_of_the_task: true }
            }
            "env" | "environment" => {
                Self { reader: self.reader_or(TextReader::Program), is_of_the_task: true }
            }
            "labels" | "options" | "secrets" => {
                Self { reader: self.reader_or(TextReader::Plain), is_of_the_task: true }
            }
            "parameters" => Self { reader: TextReader::Docker, is_of_the_task: true },
            name if is_template_of_a_balancer(name) => {
                Self { reader: TextReader::Shell, is_of_the_task: true }
            }
            _ => self,
        }
    }

    /// Who reads a field of a definition that goes to another reader than Marathon.
    fn reader_or(self, reader: TextReader) -> TextReader {
        if matches!(self.reader, TextReader::Literal | TextReader::Plain) { reader } else { self.reader }
    }
}

/// Whether a label holds a part of a load balancer's configuration, which has variables of its own. Hosts, ports, paths and
/// rules of Traefik have none.
fn is_template_of_a_balancer(name: &str) -> bool {
    const PLAIN: [&str; 9] =
        ["VHOST", "GROUP", "PORT", "PATH", "MODE", "ENABLED", "STICKY", "BIND_ADDR", "SSL_CERT"];
    match name.strip_prefix("HAPROXY_") {
        Some(rest) => !PLAIN.iter().any(|plain| {
            rest.strip_suffix(plain).is_some_and(|before| before.is_empty() || before.ends_with('_'))
        }),
        None => name.starts_with("traefik.") && name.rsplit('.').next() != Some("rule"),
    }
}

/// The index of the range that holds this one, or of one that it is a part of.
fn index_within(ranges: &[Range<usize>], range: &Range<usize>) -> Option<usize> {
    let index = ranges.partition_point(|one| one.end <= range.start);
    ranges.get(index).filter(|one| one.start <= range.start && range.end <= one.end).map(|_| index)
}
