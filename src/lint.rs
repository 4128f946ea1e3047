//! From bytes to findings: decodes, parses, detects the kind, and runs every check.

mod placeholders;
mod quotes;
mod server;

use crate::cross;
use crate::finding::{Answer, Change, Effect, Finding, Fix, FixKind, Rule, Stage};
use crate::rule::{self, Facts};
use crate::schema::{self, recognize, recognize::NotADefinition};
use crate::source::unparsable::{self, Cause};
use crate::source::{
    Decoded, Document, Edit, Encoding, Format, Kind, Note, Pointer, SyntaxError, SyntaxProblem, Tree, Value,
};
use crate::target::Settings;

pub(crate) use placeholders::UNFILLED_PLACEHOLDER;
pub use placeholders::name_the_tool;
use placeholders::{PlaceholderExtent, Unquoted};
pub use server::{Detail, ServerAnswer};

static NOT_TEXT: Rule = Rule::verdict("not-text", "A file is text in UTF-8").why(
    "Marathon reads a body as UTF-8, or as UTF-16 or UTF-32 where its first bytes show it. Bytes in any other encoding \
     are rejected as malformed JSON.",
)
.example("printf '{\"id\": \"/caf\\xe9\"}' > web.json");

static ODD_ENCODING: Rule = Rule::risky("odd-encoding", "A file is in UTF-8, which every tool reads")
    .why(
        "Marathon detects the encoding of a body from its first bytes, and it is right even where UTF-8 is \
         malformed. Most editors, diff tools and other parsers are not.",
    )
    .example("iconv -t UTF-16 web.json > utf-16.json");

static SYNTAX_ERROR: Rule = Rule::verdict("syntax-error", "A file can be parsed").aliases(&["syntax"])
    .why(
        "What is not JSON is rejected with status 400 before anything is checked. Marathon's parser is strict: no \
         trailing commas, no comments, no single quotes. With comments a file is JSONC (`.jsonc`), which milepost sends \
         as JSON. Quotes and spaces that a word processor wrote become plain ones.",
    )
    .bad("{\n  \u{201c}id\u{201d}: \u{201c}/web\u{201d},\n  \u{201c}cmd\u{201d}: \u{201c}sleep 100\u{201d}\n}")
    .good("{\n  \"id\": \"/web\",\n  \"cmd\": \"sleep 100\"\n}")
    .fix(FixKind::Safe);

/// The rules about a text that could not be checked at all.
pub static NOT_CHECKED: &[&Rule] = &[&NOT_TEXT, &SYNTAX_ERROR];

/// Whether the rule is about a text that could not be checked at all. Selecting other rules does not silence it, and the
/// other findings of such a text are unknown.
#[must_use]
pub fn is_not_checked(rule: &Rule) -> bool {
    NOT_CHECKED.contains(&rule)
}

/// Every rule a definition can break, in no order.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let of_texts = NOT_CHECKED.iter().copied().chain([&ODD_ENCODING]);
    let of_texts = of_texts.chain([&placeholders::UNFILLED_PLACEHOLDER, &quotes::TYPOGRAPHIC_QUOTES]);
    of_texts.chain(schema::RULES.iter().copied()).chain(rule::all()).chain(cross::RULES.iter().copied())
}

/// The result of checking one text.
#[derive(Debug)]
pub struct Report {
    /// The decoded text, which the findings' ranges refer to.
    pub text: String,
    /// The text's tree, for the locations in `facts`; empty where there are no facts.
    pub tree: Tree,
    /// The kind it was checked as; nothing when the text shows none.
    pub kind: Option<Kind>,
    /// Why it was not checked; nothing when it was, or when it cannot be parsed.
    pub skipped: Option<NotADefinition>,
    /// Why it may be another tool's file, although it was checked: then nothing in it is fixed.
    pub(crate) doubt: Option<NotADefinition>,
    /// The findings, in the order of the text.
    pub findings: Vec<Finding>,
    /// What it shares with other definitions; nothing when Marathon would reject it.
    pub facts: Facts,
    /// The policies that it was not held against, because Marathon would reject it.
    pub(crate) unheld: Vec<&'static Rule>,
}

impl Report {
    fn without_facts(text: String, kind: Option<Kind>, findings: Vec<Finding>) -> Self {
        let (tree, facts) = (Tree::default(), Facts::default());
        Self { text, tree, kind, skipped: None, doubt: None, findings, facts, unheld: Vec::new() }
    }

    fn skipped(text: String, why: NotADefinition) -> Self {
        Self { skipped: Some(why), ..Self::without_facts(text, None, Vec::new()) }
    }

    /// Makes it the report of a skipped file if the text cannot be parsed and this says why it is not a definition's.
    pub(crate) fn skip_unparsable(&mut self, reason: impl FnOnce(&str) -> Option<NotADefinition>) {
        let is_unparsable = self.findings.iter().any(|finding| is_not_checked(finding.rule));
        if let Some(why) = is_unparsable.then(|| reason(&self.text)).flatten() {
            *self = Self::skipped(std::mem::take(&mut self.text), why);
        }
    }

    /// Whether Marathon would reject the definition.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.findings.iter().any(|finding| finding.effect == Effect::Rejected)
    }

    /// Marathon's own answer: the errors of the first stage that fails.
    pub fn answers(&self) -> impl Iterator<Item = &Answer> {
        let all = self.findings.iter().filter_map(|finding| finding.answer.as_deref());
        all.flat_map(Answer::all).filter(|answer| !answer.later)
    }
}

/// How a text came to be checked, which decides what it has to show to be a definition.
#[derive(Clone, Copy, Debug)]
enum TextOrigin {
    /// The user says that it is this kind.
    Given(Kind),
    /// The user named it.
    Named,
    /// The user named it among others.
    NamedAmongOthers,
    /// It was found in a directory.
    Found,
}

impl TextOrigin {
    fn kind_of(self, root: Value<'_>) -> Result<Kind, NotADefinition> {
        match self {
            Self::Given(kind) => Ok(kind.of_shape(root)),
            Self::Named => recognize::named(root),
            Self::NamedAmongOthers => recognize::named_among_others(root),
            Self::Found => recognize::found(root),
        }
    }

    /// See [`Report::doubt`].
    fn doubt(self, root: Value<'_>, kind: Kind) -> Option<NotADefinition> {
        match self {
            Self::Named | Self::NamedAmongOthers => recognize::doubt(root, kind),
            _ => (!recognize::has_own_id(root, kind)).then_some(NotADefinition::NoId),
        }
    }
}

/// Checks texts one after the other, and reuses its memory unless a report takes it along.
#[derive(Debug, Default)]
pub struct Linter {
    tree: Tree,
    keeps_trees: bool,
}

impl Linter {
    /// Whether reports without facts have their trees too.
    pub(crate) fn keep_trees(&mut self, keeps_trees: bool) {
        self.keeps_trees = keeps_trees;
    }

    /// Takes back the memory of a report's tree, where nothing refers to it any more.
    pub(crate) fn recycle(&mut self, report: &mut Report) {
        if report.facts == Facts::default() {
            self.tree = std::mem::take(&mut report.tree);
        }
    }

    /// Checks a file's bytes. Without a `kind` it is detected from the shape; a text without the shape of any kind gives a
    /// report without a kind and without findings, which says why.
    pub fn lint(
        &mut self,
        bytes: Vec<u8>,
        format: Format,
        kind: Option<Kind>,
        settings: &Settings,
    ) -> Report {
        let mut report =
            self.read(bytes, format, settings, kind.map_or(TextOrigin::Named, TextOrigin::Given));
        if report.skipped.is_none() {
            report.kind = report.kind.or(kind);
        }
        report
    }

    /// Checks the bytes of a file that was named among others and need not be a definition.
    pub(crate) fn lint_among_others(
        &mut self,
        bytes: Vec<u8>,
        format: Format,
        settings: &Settings,
    ) -> Report {
        self.read(bytes, format, settings, TextOrigin::NamedAmongOthers)
    }

    /// Checks the bytes of a file that was found in a directory and need not be a definition: one that is not surely
    /// Marathon's is skipped, and so is a text that cannot be parsed and shows no sign of it.
    pub fn lint_found(&mut self, bytes: Vec<u8>, format: Format, settings: &Settings) -> Report {
        let mut report = self.read(bytes, format, settings, TextOrigin::Found);
        report.skip_unparsable(|text| recognize::unparsable(text, format));
        report
    }

    fn read(&mut self, bytes: Vec<u8>, format: Format, settings: &Settings, origin: TextOrigin) -> Report {
        let decoded = match Decoded::from_bytes(bytes) {
            Ok(decoded) => decoded,
            Err((bytes, offset)) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                // The offset of that byte in the text: what was replaced before it has become longer.
                let at = String::from_utf8_lossy(&bytes[..offset]).len();
                return Report::without_facts(text, None, vec![not_text(offset, at)]);
            }
        };
        let Decoded { text, encoding } = decoded;
        let mut findings: Vec<Finding> = odd_encoding(encoding).into_iter().collect();
        let (mut unquoted, mut unparsed) = (None, None);
        if let Err(error) = self.tree.parse(&text, format) {
            let mut error = plain_syntax(&text, format, &error);
            let earlier = schema::outsize_before_error(&text, self.tree.notes(), settings.release);
            if let Some((earlier, answer)) = earlier.zip(error.answer.as_mut()) {
                answer.later = true;
                findings.push(earlier);
            }
            let places = self.tree.parse_template(&text, format);
            unquoted = places.zip(error.answer.clone()).map(|(places, answer)| Unquoted { places, answer });
            unparsed = Some(error);
        }
        let is_template = unquoted.is_some();
        if let (Some(error), false) = (&unparsed, is_template) {
            findings.push(error.clone());
            return Report::without_facts(text, None, findings);
        }
        let root = self.tree.root(&text);
        let kind = match (origin.kind_of(root), unparsed) {
            (Ok(kind), _) => kind,
            // What else it could be is not known.
            (Err(why), Some(error)) if !matches!(why, NotADefinition::Foreign(_)) => {
                findings.push(error);
                return Report::without_facts(text, None, findings);
            }
            (Err(why), _) => return Report::skipped(text, why),
        };
        let doubt = origin.doubt(root, kind);
        let mut facts = check_value(root, self.tree.notes(), kind, settings, unquoted, &mut findings);
        if is_template {
            facts = Facts::default();
        }
        if findings.len() > 1 {
            findings.sort_by_key(|finding| finding.range.start);
        }
        if facts == Facts::default() && !self.keeps_trees {
            return Report { doubt, ..Report::without_facts(text, Some(kind), findings) };
        }
        let tree = std::mem::take(&mut self.tree);
        Report { text, tree, kind: Some(kind), skipped: None, doubt, findings, facts, unheld: Vec::new() }
    }
}

/// All findings about a document of a kind, in the order of the text.
#[must_use]
pub fn check(document: &Document, kind: Kind, settings: &Settings) -> Vec<Finding> {
    let mut found = Vec::new();
    check_value(document.root(), document.notes(), kind, settings, None, &mut found);
    found.sort_by_key(|finding| finding.range.start);
    found
}

/// What Marathon would reject of a document of a kind, in the order of the text: faster than [`check`].
#[must_use]
pub fn refusals(document: &Document, kind: Kind, settings: &Settings) -> Vec<Finding> {
    let root = document.root();
    let mut found = schema::check_value(root, document.notes(), kind, settings.release);
    found.extend(rule::check(root, kind, settings, ill_typed(&found), true).found);
    mark_later(&mut found);
    found.retain(|finding| finding.effect == Effect::Rejected);
    found.sort_by_key(|finding| finding.range.start);
    found
}

/// Why the tasks of a document fail that Marathon accepts, in the order of the text.
#[must_use]
pub fn failures(document: &Document, kind: Kind, settings: &Settings) -> Vec<Finding> {
    let mut found = check(document, kind, settings);
    found.retain(|finding| finding.effect == Effect::Fails);
    found
}

/// Puts the rejections at placeholders into one finding, as [`check`] does, for those who show them.
pub(crate) fn put_placeholders_together(root: Value<'_>, refusals: &mut Vec<Finding>) {
    placeholders::apply(root, &[], None, PlaceholderExtent::Rejections, refusals);
    refusals.sort_by_key(|finding| finding.range.start);
}

/// Where values begin that the parser rejects. They are not checked by rules, which rely on well-typed values.
fn ill_typed(found: &[Finding]) -> Vec<usize> {
    let refused = found.iter().filter(|finding| finding.effect == Effect::Rejected);
    refused.map(|finding| finding.range.start).collect()
}

fn check_value(
    root: Value<'_>,
    notes: &[Note],
    kind: Kind,
    settings: &Settings,
    unquoted: Option<Unquoted>,
    found: &mut Vec<Finding>,
) -> Facts {
    found.append(&mut schema::check_value(root, notes, kind, settings.release));
    let mut outcome = rule::check(root, kind, settings, ill_typed(found), false);
    if found.is_empty() {
        *found = outcome.found;
    } else {
        found.append(&mut outcome.found);
    }
    found.extend(cross::check_document(root, &outcome.facts));
    quotes::check(root, found);
    let refusals = |text: String| {
        let document = Document::parse(text, Format::Json).ok();
        document.map(|document| self::refusals(&document, kind, settings)).unwrap_or_default()
    };
    placeholders::apply(root, notes, unquoted, PlaceholderExtent::All(&refusals), found);
    mark_later(found);
    outcome.facts
}

/// Marks the answers that Marathon does not get as far as: a request stops at the first stage that fails. Where that
/// depends on more than the stage, as in a group, the rules have marked them.
fn mark_later(found: &mut [Finding]) {
    let answers = found.iter().filter_map(|finding| finding.answer.as_ref()).flat_map(|answer| answer.all());
    let Some(first) = answers.filter(|answer| !answer.later).map(|answer| answer.stage).min() else { return };
    for answer in found.iter_mut().filter_map(|finding| finding.answer.as_mut()) {
        answer.later |= answer.stage > first;
        answer.others.iter_mut().for_each(|other| other.later |= other.stage > first);
    }
}

fn not_text(offset: usize, at: usize) -> Finding {
    Finding {
        rule: &NOT_TEXT,
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
            others: Vec::new(),
        })),
        refusal: None,
        fix: None,
    }
}

fn odd_encoding(encoding: Encoding) -> Option<Finding> {
    if matches!(encoding, Encoding::Utf8 | Encoding::Utf8WithMark) {
        return None;
    }
    Some(Finding {
        rule: &ODD_ENCODING,
        effect: Effect::Risky,
        pointer: Pointer::root(),
        message: format!("this is {encoding}: Marathon guesses right, most tools do not"),
        help: Some("save the file as UTF-8".into()),
        range: 0..0,
        answer: None,
        refusal: None,
        fix: None,
    })
}

/// What to do about a placeholder that nothing has filled in.
pub(crate) fn template_help(placeholder: &str) -> &'static str {
    placeholders::help(std::iter::once(placeholder))
}

/// The finding of a text that cannot be parsed, as [`Linter::lint`] words it.
pub(crate) fn syntax(text: &str, format: Format, error: &SyntaxError) -> Finding {
    let plain = plain_syntax(text, format, error);
    let mut tree = Tree::default();
    let Some((places, answer)) = tree.parse_template(text, format).zip(plain.answer.clone()) else {
        return plain;
    };
    if recognize::named(tree.root(text)).is_err() {
        return plain;
    }
    let mut found = Vec::new();
    let unquoted = Some(Unquoted { places, answer });
    placeholders::apply(tree.root(text), tree.notes(), unquoted, PlaceholderExtent::Rejections, &mut found);
    found.pop().unwrap_or(plain)
}

fn plain_syntax(text: &str, format: Format, error: &SyntaxError) -> Finding {
    let server = match error.problem {
        SyntaxProblem::Empty => "Please specify data in JSON format",
        _ => "Invalid JSON",
    };
    let mut range = error.range.clone();
    let (message, help) = match unparsable::cause(text, error) {
        Some(Cause { range: place, message, help, placeholder }) => {
            range = place.unwrap_or(range);
            let of_template = || placeholder.map(|text| placeholders::help(std::iter::once(&*text)));
            (message, help.or_else(of_template).map(Into::into))
        }
        None => (error.problem.to_string(), error.problem.help().map(Into::into)),
    };
    Finding {
        rule: &SYNTAX_ERROR,
        effect: Effect::Rejected,
        pointer: Pointer::root(),
        message,
        help,
        range,
        answer: Some(Box::new(Answer {
            stage: Stage::Syntax,
            path: String::new(),
            error: server.to_owned(),
            later: false,
            others: Vec::new(),
        })),
        refusal: None,
        fix: respelling(text, format),
    }
}

/// The fix of a text that only typographic quotes and spaces keep from being parsed.
fn respelling(text: &str, format: Format) -> Option<Box<Fix>> {
    if format == Format::Yaml {
        return None;
    }
    let edits = unparsable::respelling(text)?;
    Document::parse(Edit::apply(text, &edits), format).ok()?;
    let changes: Vec<Change> = edits.into_iter().map(Change::Respell).collect();
    Some(Fix::safe("write plain quotes and spaces", changes))
}
