//! From bytes to findings: decoding, parsing, telling the kind, and every check there is.

mod server;

use crate::cross;
use crate::finding::{Answer, Effect, Finding, Rule, Stage};
use crate::rule::{self, Facts};
use crate::schema;
use crate::source::{
    Decoded, Document, Encoding, Format, Kind, Note, Pointer, SyntaxError, SyntaxProblem, Tree, Value,
};
use crate::target::Settings;

pub use server::{Detail, ServerAnswer};

static NOT_TEXT: Rule = Rule::verdict("not-text", "A file is text in UTF-8").why(
    "Marathon reads a body as UTF-8, or as UTF-16 or UTF-32 where its first bytes show it. Bytes that are none of these \
     are refused as malformed JSON.",
);

static ODD_ENCODING: Rule = Rule::risky("odd-encoding", "A file is in UTF-8, which every tool reads").why(
    "Marathon guesses the encoding of a body from its first bytes and guesses right, malformed UTF-8 included. Editors, \
     diff tools and other parsers mostly do not.",
);

static SYNTAX: Rule = Rule::verdict("syntax", "A file can be parsed")
    .why(
        "What is no JSON is refused with status 400 before anything is looked at. Marathon's parser is strict: no \
         trailing commas, no comments, no single quotes. With comments a file is JSONC (`.jsonc`), which milepost sends \
         as JSON.",
    )
    .bad("{\n  \"id\": \"/web\",\n  \"cmd\": \"sleep 100\",\n}")
    .good("{\n  \"id\": \"/web\",\n  \"cmd\": \"sleep 100\"\n}");

/// The rules that say that a text could not be checked at all.
pub static NOT_CHECKED: &[&Rule] = &[&NOT_TEXT, &SYNTAX];

/// Every rule a definition can break, in no order.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let of_texts = NOT_CHECKED.iter().copied().chain([&ODD_ENCODING]);
    of_texts.chain(schema::RULES.iter().copied()).chain(rule::all()).chain(cross::RULES.iter().copied())
}

/// What there is to say about one text.
#[derive(Debug)]
pub struct Report {
    /// The text, decoded; what the findings' ranges refer to.
    pub text: String,
    /// The text's tree, to come back to the places in `facts`; empty where there are none.
    pub tree: Tree,
    /// The kind it was checked as; nothing when it could not be told.
    pub kind: Option<Kind>,
    /// The findings, in the order of the text.
    pub findings: Vec<Finding>,
    /// What it shares with other definitions; nothing when Marathon would refuse it.
    pub facts: Facts,
}

impl Report {
    fn without_facts(text: String, kind: Option<Kind>, diagnostics: Vec<Finding>) -> Self {
        Self { text, tree: Tree::default(), kind, findings: diagnostics, facts: Facts::default() }
    }

    /// Whether Marathon would refuse the definition.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.findings.iter().any(|diagnostic| diagnostic.effect == Effect::Rejected)
    }

    /// What Marathon itself would answer: what fails at the first stage that anything fails at.
    pub fn answers(&self) -> impl Iterator<Item = &Answer> {
        let all = self.findings.iter().filter_map(|diagnostic| diagnostic.answer.as_deref());
        all.filter(|answer| !answer.later)
    }
}

/// Checks texts one after the other, keeping its memory from one to the next where no report takes it along.
#[derive(Debug, Default)]
pub struct Linter {
    tree: Tree,
}

impl Linter {
    /// Checks a file's bytes. Without a `kind` it is told from the shape; a text that shows none gives a report without
    /// a kind and without findings.
    pub fn lint(
        &mut self,
        bytes: Vec<u8>,
        format: Format,
        kind: Option<Kind>,
        settings: &Settings,
    ) -> Report {
        let decoded = match Decoded::from_bytes(bytes) {
            Ok(decoded) => decoded,
            Err((bytes, offset)) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                // Where that byte stands in the text: what was replaced before it has become longer.
                let at = String::from_utf8_lossy(&bytes[..offset]).len();
                let diagnostics = vec![not_text(offset, at)];
                return Report::without_facts(text, kind, diagnostics);
            }
        };
        let Decoded { text, encoding } = decoded;
        let mut diagnostics: Vec<Finding> = odd_encoding(encoding).into_iter().collect();
        if let Err(error) = self.tree.parse(&text, format) {
            diagnostics.push(syntax(&error));
            return Report::without_facts(text, kind, diagnostics);
        }
        let root = self.tree.root(&text);
        let kind = match kind {
            Some(kind) => Some(kind.of_shape(root)),
            None => Kind::detect(&root),
        };
        let facts = if let Some(kind) = kind {
            check_value(root, self.tree.notes(), kind, settings, &mut diagnostics)
        } else {
            diagnostics.clear();
            Facts::default()
        };
        if diagnostics.len() > 1 {
            diagnostics.sort_by_key(|diagnostic| diagnostic.range.start);
        }
        if facts == Facts::default() {
            return Report::without_facts(text, kind, diagnostics);
        }
        Report { text, tree: std::mem::take(&mut self.tree), kind, findings: diagnostics, facts }
    }
}

/// Everything there is to say about a document that is to be `kind`, in the order of the text.
#[must_use]
pub fn check(document: &Document, kind: Kind, settings: &Settings) -> Vec<Finding> {
    let mut found = Vec::new();
    check_value(document.root(), document.notes(), kind, settings, &mut found);
    found.sort_by_key(|diagnostic| diagnostic.range.start);
    found
}

/// What Marathon would refuse of a document that is to be `kind`, in the order of the text: the quick way for who does
/// not ask for more.
#[must_use]
pub fn refusals(document: &Document, kind: Kind, settings: &Settings) -> Vec<Finding> {
    let root = document.root();
    let mut found = schema::check_value(root, document.notes(), kind, settings.release);
    found.extend(rule::check(root, kind, settings, ill_typed(&found), true).found);
    mark_later(&mut found);
    found.retain(|diagnostic| diagnostic.effect == Effect::Rejected);
    found.sort_by_key(|diagnostic| diagnostic.range.start);
    found
}

/// Where values begin that the parser refuses. They never get as far as the rules, which count on well-typed values.
fn ill_typed(found: &[Finding]) -> Vec<usize> {
    let refused = found.iter().filter(|diagnostic| diagnostic.effect == Effect::Rejected);
    refused.map(|diagnostic| diagnostic.range.start).collect()
}

fn check_value(
    root: Value<'_>,
    notes: &[Note],
    kind: Kind,
    settings: &Settings,
    found: &mut Vec<Finding>,
) -> Facts {
    found.append(&mut schema::check_value(root, notes, kind, settings.release));
    let mut judged = rule::check(root, kind, settings, ill_typed(found), false);
    if found.is_empty() {
        *found = judged.found;
    } else {
        found.append(&mut judged.found);
    }
    found.extend(cross::check_document(root, &judged.facts));
    mark_later(found);
    judged.facts
}

/// Marks what Marathon does not get as far as: a request stops at the first stage that anything fails at. Where that
/// depends on more than the stage, as in a group, the rules have marked it.
fn mark_later(found: &mut [Finding]) {
    let answers = found.iter().filter_map(|diagnostic| diagnostic.answer.as_ref());
    let Some(first) = answers.filter(|answer| !answer.later).map(|answer| answer.stage).min() else { return };
    for answer in found.iter_mut().filter_map(|diagnostic| diagnostic.answer.as_mut()) {
        answer.later |= answer.stage > first;
    }
}

fn not_text(offset: usize, at: usize) -> Finding {
    Finding {
        rule: NOT_TEXT.slug,
        effect: Effect::Rejected,
        pointer: Pointer::root(),
        message: format!("byte {offset} is not UTF-8"),
        help: Some("save the file as UTF-8".into()),
        range: at..at,
        answer: Some(Box::new(Answer {
            stage: Stage::Syntax,
            path: String::new(),
            error: "Invalid JSON".to_owned(),
            later: false,
        })),
        fix: None,
    }
}

fn odd_encoding(encoding: Encoding) -> Option<Finding> {
    if matches!(encoding, Encoding::Utf8 | Encoding::Utf8WithMark) {
        return None;
    }
    Some(Finding {
        rule: ODD_ENCODING.slug,
        effect: Effect::Risky,
        pointer: Pointer::root(),
        message: format!("this is {encoding}: Marathon guesses right, most tools do not"),
        help: Some("save the file as UTF-8".into()),
        range: 0..0,
        answer: None,
        fix: None,
    })
}

fn syntax(error: &SyntaxError) -> Finding {
    let server = match error.problem {
        SyntaxProblem::Empty => "Please specify data in JSON format",
        _ => "Invalid JSON",
    };
    Finding {
        rule: SYNTAX.slug,
        effect: Effect::Rejected,
        pointer: Pointer::root(),
        message: error.problem.to_string(),
        help: error.problem.help().map(Into::into),
        range: error.range.clone(),
        answer: Some(Box::new(Answer {
            stage: Stage::Syntax,
            path: String::new(),
            error: server.to_owned(),
            later: false,
        })),
        fix: None,
    }
}
