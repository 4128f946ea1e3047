//! Text for people: the source underlined, with line, column and JSON pointer.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::finding::{Finding, RatedFinding, Severity};
use crate::secret_scan::Secrets;
use crate::source::{Cut, LineIndex};
use crate::util::escape::cut;
use crate::util::text::columns;

use super::concise;
use super::escape::on_one_line;
use super::excerpt::Excerpt;
use super::snippet::{Palette, Snippet};
use super::{LONGEST_SENTENCE, MaskedFile, ReportContext, Reporter, Summary};

/// The columns of an excerpt where no terminal says how many it has.
const WIDTH: usize = 140;

/// The most findings of one rule that are shown with their source in a run, and that are shown at all of one file.
const MOST_ALIKE: usize = 20;

/// The most bytes of output that are gathered before they are written.
const MOST_AT_ONCE: usize = 16 << 10;

/// The note of an error that Marathon does not get as far as.
const LATER: &str = "Marathon reports this only after the errors before it are fixed";

pub(super) fn reporter(ReportContext { colours, width, .. }: ReportContext) -> Box<dyn Reporter> {
    let palette = if colours { Palette::coloured() } else { Palette::plain() };
    Box::new(Text {
        palette,
        width,
        rendered: String::new(),
        shown: RuleCounts::default(),
        is_in_lines: false,
    })
}

struct Text {
    palette: Palette,
    /// The columns of the reader, where they are known.
    width: Option<usize>,
    /// Buffer for rendered findings, kept from one file to the next.
    rendered: String,
    /// The findings of each rule that were shown with their source.
    shown: RuleCounts,
    /// The last findings were written in a line each: what is longer begins behind an empty line.
    is_in_lines: bool,
}

impl Reporter for Text {
    fn file(&mut self, out: &mut dyn Write, file: &MaskedFile<'_>) -> io::Result<()> {
        let (file, text) = (&file.checked(), file.shown());
        if file.findings.is_empty() {
            return Ok(());
        }
        let alike = Alike::of(file.findings);
        let shown = file.findings.iter().enumerate().filter(|(index, _)| alike.shows(*index));
        let (full, brief): (Vec<_>, Vec<_>) =
            shown.map(|(_, finding)| finding).partition(|finding| self.shown.add(finding) <= MOST_ALIKE);
        let layout = TextLayout { palette: &self.palette, width: self.width };
        if std::mem::take(&mut self.is_in_lines) && !full.is_empty() {
            writeln!(out)?;
        }
        let findings = full.into_iter().map(|finding| (&finding.finding, finding.severity));
        write_all(out, &layout, &mut self.rendered, file.path, (text, file.cuts), findings)?;
        self.is_in_lines = !brief.is_empty();
        out.write_all(concise::lines(file, brief.into_iter()).as_bytes())?;
        for line in alike.left_out(file.path) {
            let before = if std::mem::take(&mut self.is_in_lines) { "\n" } else { "" };
            writeln!(out, "{before}{line}\n")?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, _: &Summary) -> io::Result<()> {
        if self.is_in_lines { writeln!(out) } else { Ok(()) }
    }
}

/// Writes the findings in one text, each with its range underlined, for a reader of this many columns if it is known.
/// Colours are written; a stream without colours strips them.
///
/// # Errors
/// When the stream cannot be written to.
pub fn write(
    out: &mut dyn Write,
    width: Option<usize>,
    path: &str,
    text: &str,
    diagnostics: &[Finding],
) -> io::Result<()> {
    if diagnostics.is_empty() {
        return Ok(());
    }
    let mut diagnostics = diagnostics.to_vec();
    let secrets = Secrets::of(text);
    for diagnostic in &mut diagnostics {
        secrets.hide_in_finding(text, diagnostic);
    }
    let own = diagnostics.iter().map(|diagnostic| (diagnostic, diagnostic.severity()));
    let layout = TextLayout { palette: &Palette::coloured(), width };
    write_all(out, &layout, &mut String::new(), path, (&secrets.cover(text), &[]), own)
}

/// The number of findings of each rule.
#[derive(Default)]
struct RuleCounts(Vec<(&'static str, usize)>);

impl RuleCounts {
    /// Counts a finding; the number of those of its rule, with this one.
    fn add(&mut self, finding: &RatedFinding) -> usize {
        let rule = finding.finding.rule.slug;
        let known = self.0.iter().position(|(known, _)| *known == rule).unwrap_or_else(|| {
            self.0.push((rule, 0));
            self.0.len() - 1
        });
        self.0[known].1 += 1;
        self.0[known].1
    }
}

/// Which of many findings of one rule in one file are shown.
#[derive(Default)]
struct Alike {
    /// Empty where there are few findings.
    rules: RuleCounts,
    /// The findings that are not shown, in order.
    hidden: Vec<usize>,
}

impl Alike {
    fn of(findings: &[RatedFinding]) -> Self {
        let mut alike = Self::default();
        if findings.len() <= MOST_ALIKE {
            return alike;
        }
        for (index, finding) in findings.iter().enumerate() {
            if alike.rules.add(finding) > MOST_ALIKE {
                alike.hidden.push(index);
            }
        }
        alike
    }

    fn shows(&self, index: usize) -> bool {
        self.hidden.binary_search(&index).is_err()
    }

    fn left_out(&self, path: &str) -> impl Iterator<Item = String> {
        let many = self.rules.0.iter().filter(|(_, count)| *count > MOST_ALIKE);
        many.map(move |(rule, count)| {
            format!(
                "… {} more of {rule} in {} (--format concise lists all)",
                count - MOST_ALIKE,
                on_one_line(path)
            )
        })
    }
}

/// How findings are laid out.
struct TextLayout<'p> {
    palette: &'p Palette,
    /// The columns of the reader, where they are known.
    width: Option<usize>,
}

/// `text` is without its secrets.
fn write_all<'d>(
    out: &mut dyn Write,
    layout: &TextLayout<'_>,
    rendered: &mut String,
    path: &str,
    (text, cuts): (&str, &[Cut]),
    diagnostics: impl Iterator<Item = (&'d Finding, Severity)>,
) -> io::Result<()> {
    let lines = LineIndex::of_excerpt(text, cuts);
    for (diagnostic, severity) in diagnostics {
        render(rendered, layout, path, text, &lines, diagnostic, severity);
        rendered.push_str("\n\n");
        if rendered.len() > MOST_AT_ONCE {
            out.write_all(rendered.as_bytes())?;
            rendered.clear();
        }
    }
    out.write_all(rendered.as_bytes())?;
    rendered.clear();
    Ok(())
}

/// `path:line:column`, for one-line messages.
#[must_use]
pub fn place(path: &str, text: &str, offset: usize) -> String {
    place_in(path, text, &LineIndex::new(text), offset)
}

/// As [`place`], for several of one text.
#[must_use]
pub fn place_in(path: &str, text: &str, lines: &LineIndex, offset: usize) -> String {
    let position = lines.position(text, offset);
    format!("{}:{}:{}", on_one_line(path), position.line, position.column)
}

/// A finding in one line: `path:line:column: severity[rule]: message; help`.
pub(super) fn line(path: &str, text: &str, lines: &LineIndex, finding: &RatedFinding) -> String {
    let position = lines.position(text, finding.finding.range.start);
    format!(
        "{path}:{}:{}: {}[{}]: {}",
        position.line,
        position.column,
        finding.severity.name(),
        finding.finding.rule,
        super::sentence(finding)
    )
}

/// The columns for an excerpt of this line, for a reader of `width` columns if it is known.
pub(super) fn excerpt_width(width: Option<usize>, line: usize) -> usize {
    let gutter = line.checked_ilog10().unwrap_or_default() as usize + 4;
    width.unwrap_or(WIDTH).saturating_sub(gutter)
}

/// The longest pointer that is shown whole, in bytes.
const LONGEST_POINTER: usize = 400;

fn render(
    out: &mut String,
    layout: &TextLayout<'_>,
    path: &str,
    text: &str,
    lines: &LineIndex,
    diagnostic: &Finding,
    severity: Severity,
) {
    let position = lines.position(text, diagnostic.range.start);
    let (line, range) = lines.line_of(text, &diagnostic.range);
    // Only the line is passed on, so that the cost of a finding does not grow with the file.
    let most = excerpt_width(layout.width, position.line);
    let Excerpt { source, range } = Excerpt::of(&text[line], range, most);
    let message = cut(&diagnostic.message, LONGEST_SENTENCE);
    let help = diagnostic.help.as_deref().map(|help| cut(help, LONGEST_SENTENCE));
    let label = cut(diagnostic.pointer.as_str(), LONGEST_POINTER);
    // Beside the marks, where the terminal has room for it there.
    let used = columns(&source[..range.start]) + columns(&source[range.clone()]).max(1) + 1;
    let has_room = layout.width.is_none() || label.is_empty() || used + columns(&label) <= most;
    let (label, at) = if has_room { (label, None) } else { (Cow::Borrowed(""), Some(format!("at {label}"))) };
    let refusal = diagnostic.refusal.as_ref().map(ToString::to_string);
    let note = refusal.as_deref().map(|refusal| cut(refusal, LONGEST_SENTENCE));
    let is_later = diagnostic.answer.as_ref().is_some_and(|answer| answer.later);
    let snippet = Snippet {
        severity,
        rule: diagnostic.rule.slug,
        message: &message,
        path,
        line: position.line,
        column: position.column,
        source: &source,
        span: range,
        label: &label,
        at: at.as_deref(),
        help: help.as_deref(),
        note: is_later.then_some(LATER).or(note.as_deref()),
    };
    snippet.render(layout.palette, out);
}
