//! Checks a value against the types of Marathon's API, as Marathon's parser does.

mod canonical;
mod check;
mod explain;
mod fast_path;
mod field_set;
mod fixes;
mod number;
mod pattern;
pub mod recognize;
mod rewrite;
mod rules;
mod server_json;
mod shape;
mod suggest;
#[rustfmt::skip]
pub(crate) mod table;
mod timestamp;
mod type_error;

use std::ops::Range;

use crate::finding::{Answer, Effect, Finding, Stage};
use crate::source::{Document, Format, Kind, Note, Pointer, Step, Value};
use crate::target::Release;

use canonical::Canonicalizer;
use check::Checker;
pub(crate) use check::fits;
pub(crate) use field_set::FieldSet;
pub(crate) use number::integer;
#[cfg(feature = "generate")]
pub(crate) use pattern::ALL as PATTERNS;
pub(crate) use rules::{MISSING_FIELD, RULES, UNKNOWN_VALUE, WRONG_TYPE};
#[cfg(feature = "generate")]
pub(crate) use shape::slot;
pub(crate) use shape::{ObjectShape, Shape, word};

/// The member that names a definition's JSON Schema, for editors. It may stand at the top of an app, a pod or a group;
/// milepost neither reports nor sends it.
pub(crate) const SCHEMA_FIELD: &str = "$schema";

static APP: Shape = Shape::Object(&table::APP);
static POD: Shape = Shape::Object(&table::POD);
static GROUP: Shape = Shape::Object(&table::GROUP);
static APPS: Shape = Shape::List { items: &Shape::Object(&table::APP_UPDATE), min: 0 };

/// The shape of a kind of definition.
pub(crate) fn shape_of(kind: Kind) -> &'static Shape {
    match kind {
        Kind::App => &APP,
        Kind::Pod => &POD,
        Kind::Group => &GROUP,
        Kind::Apps => &APPS,
    }
}

/// The document's value in the spelling of the models in [`crate::definition`], which serde can deserialise: the value that
/// Marathon's parser reads, without defaults. What Marathon rejects stays as it is, so deserialising it fails.
#[must_use]
pub fn canonical(document: &Document, kind: Kind) -> serde_json::Value {
    let speller = Canonicalizer { release: Release::LATEST, fills: false, without: FieldSet::EMPTY };
    speller.spell(document.root(), shape_of(kind))
}

/// As [`canonical`], as Marathon of this release reads it, with its defaults for absent fields. Elements of an array of
/// apps are read as whole apps. These fields are left out.
#[must_use]
pub(crate) fn filled(
    value: Value<'_>,
    kind: Kind,
    release: Release,
    without: &FieldSet,
) -> serde_json::Value {
    static WHOLE_APPS: Shape = Shape::List { items: &APP, min: 0 };
    let shape = if kind == Kind::Apps { &WHOLE_APPS } else { shape_of(kind) };
    Canonicalizer { release, fills: true, without }.spell(value, shape)
}

/// The type findings of a document of this kind, for a Marathon of this release, which ignores fields of later ones.
#[must_use]
pub fn check(document: &Document, kind: Kind, release: Release) -> Vec<Finding> {
    check_value(document.root(), document.notes(), kind, release)
}

/// As [`check`], for a tree that is not in a [`Document`].
#[must_use]
pub fn check_value(root: Value<'_>, notes: &[Note], kind: Kind, release: Release) -> Vec<Finding> {
    let shape = shape_of(kind);
    let mut checker = Checker::new(release);
    checker.read(root, shape);
    let mut found = checker.found;
    found.extend(notes.iter().filter_map(|note| self::note(root, note, release)));
    found
}

/// The finding of a note; `None` for a number that this release reads.
fn note(root: Value<'_>, note: &Note, release: Release) -> Option<Finding> {
    Some(match note {
        Note::TrailingContent(range) => Finding {
            rule: &rules::TRAILING_CONTENT,
            effect: Effect::Ignored,
            pointer: Pointer::root(),
            message: "Marathon reads the first value and ignores everything after it".to_owned(),
            help: Some("remove it, or put several apps into one array".into()),
            range: range.start..range.start + 1,
            answer: None,
            refusal: None,
            fix: None,
        },
        // The play-json of 1.9 and before (2.6) had no limits.
        Note::OutsizeNumber(_) if release < Release::V1_10 => return None,
        Note::OutsizeNumber(range) => {
            let (pointer, answer) = outsize_place(root, range.start);
            Finding { pointer, ..outsize(range.clone(), Some(answer?)) }
        }
    })
}

fn outsize(range: Range<usize>, answer: Option<Answer>) -> Finding {
    Finding {
        rule: &rules::OUTSIZE_NUMBER,
        effect: Effect::Rejected,
        pointer: Pointer::root(),
        message: "Marathon does not read a number this large".to_owned(),
        help: Some("write a number of at most 310 characters and a moderate exponent".into()),
        range,
        answer: answer.map(Box::new),
        refusal: None,
        fix: None,
    }
}

/// The pointer of the number that begins at this byte, and the error of play-json for it, if it rejects it (2.8:
/// `JsValueDeserializer.parseBigDecimal`).
fn outsize_place(root: Value<'_>, start: usize) -> (Pointer, Option<Answer>) {
    let (mut name, mut value) = (None, root);
    let mut pointer = Pointer::root();
    while value.range().start != start {
        let holds = |value: &Value<'_>| value.range().contains(&start);
        if let Some((key, member)) = value.members().find(|(_, member)| holds(member)) {
            (name, value) = (key.as_str(), member);
            pointer.extend(name.as_deref().map(|name| Step::Key(name.to_owned())));
        } else if let Some((index, element)) = value.elements().enumerate().find(|(_, value)| holds(value)) {
            (name, value) = (None, element);
            pointer.extend([Step::Index(index)]);
        } else {
            break;
        }
    }
    let answer = outsize_error(value.as_number().unwrap_or_default(), name.as_deref());
    (pointer, answer)
}

/// The error for this number in a field, or in a list, if play-json rejects it.
fn outsize_error(number: &str, field: Option<&str>) -> Option<Answer> {
    /// `play.json.parser.digitsLimit`
    const MOST_DIGITS: usize = 310;
    /// `play.json.parser.scaleLimit`
    const MOST_SCALE: u64 = 6178;
    let field = field.unwrap_or("null");
    let error = if number.len() > MOST_DIGITS {
        format!("Number is larger than supported for field \"{field}\"")
    } else {
        let scale = number::Decimal::of(number).scale;
        if scale.unsigned_abs() <= MOST_SCALE {
            return None;
        }
        format!("Number scale ({scale}) is out of limits for field \"{field}\"")
    };
    Some(Answer { stage: Stage::Number, path: String::new(), error, later: false, others: Vec::new() })
}

/// The finding of the first number that Marathon rejects before it gets to a syntax error further on in the text.
#[must_use]
pub(crate) fn outsize_before_error(text: &str, notes: &[Note], release: Release) -> Option<Finding> {
    let numbers = notes.iter().filter(|_| release >= Release::V1_10);
    let mut answers = numbers.filter_map(|note| {
        let Note::OutsizeNumber(range) = note else { return None };
        let answer = outsize_error(&text[range.clone()], name_before(&text[..range.start]).as_deref())?;
        Some(outsize(range.clone(), Some(answer)))
    });
    answers.next()
}

/// The name of the member whose value begins after this text.
fn name_before(text: &str) -> Option<String> {
    const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];
    let before = text.trim_end_matches(BLANK).strip_suffix(':')?.trim_end_matches(BLANK);
    let inside = before.strip_suffix('"')?;
    let is_start = |quote: &usize| {
        let escapes = inside[..*quote].bytes().rev().take_while(|byte| *byte == b'\\').count();
        escapes % 2 == 0
    };
    let start = inside.rmatch_indices('"').map(|(at, _)| at).find(is_start)?;
    let name = Document::parse(&before[start..], Format::Json).ok()?;
    Some(name.root().as_str()?.into_owned())
}
