//! One finding with its line of source underlined.
//!
//! The crate annotate-snippets decides on the layout. The layout of the plain case is written here directly, because the
//! crate takes as long for one finding as the check of a whole file takes. All other cases are left to the crate.

use std::ops::Range;

use annotate_snippets::renderer::{
    DEFAULT_EMPHASIS_STYLE, DEFAULT_ERROR_STYLE, DEFAULT_INFO_STYLE, DEFAULT_LINE_NUM_STYLE,
    DEFAULT_WARNING_STYLE, Style,
};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer};

use crate::finding::Severity;

use super::escape::{is_printable_ascii, on_one_line};

/// A finding, and what of its text is shown.
pub(super) struct Snippet<'a> {
    pub(super) severity: Severity,
    /// The rule that is broken; empty for none.
    pub(super) rule: &'a str,
    pub(super) message: &'a str,
    pub(super) path: &'a str,
    /// The number of the line, from 1.
    pub(super) line: usize,
    /// The column of the first underlined character in the line, from 1; `source` may be a part of the line.
    pub(super) column: usize,
    /// The line, or what is shown of it.
    pub(super) source: &'a str,
    /// The bytes of `source` to underline.
    pub(super) span: Range<usize>,
    pub(super) label: &'a str,
    /// Where it is, if that is not the label.
    pub(super) at: Option<&'a str>,
    pub(super) help: Option<&'a str>,
    /// A remark below the help.
    pub(super) note: Option<&'a str>,
}

/// What switches a style on and off.
#[derive(Default)]
struct StyleCodes {
    on: String,
    off: String,
}

impl StyleCodes {
    fn of(style: Style) -> Self {
        Self { on: style.to_string(), off: format!("{style:#}") }
    }

    #[inline]
    fn put(&self, out: &mut String, text: &str) {
        if self.on.is_empty() {
            return out.push_str(text);
        }
        push(out, [&self.on, text, &self.off]);
    }
}

/// The styles of a finding.
#[derive(Default)]
pub(super) struct Palette {
    error: StyleCodes,
    warning: StyleCodes,
    info: StyleCodes,
    gutter: StyleCodes,
    strong: StyleCodes,
}

impl Palette {
    pub(super) fn coloured() -> Self {
        Self {
            error: StyleCodes::of(DEFAULT_ERROR_STYLE),
            warning: StyleCodes::of(DEFAULT_WARNING_STYLE),
            info: StyleCodes::of(DEFAULT_INFO_STYLE),
            gutter: StyleCodes::of(DEFAULT_LINE_NUM_STYLE),
            strong: StyleCodes::of(DEFAULT_EMPHASIS_STYLE),
        }
    }

    /// For a stream without colours: the same text without escape sequences.
    pub(super) fn plain() -> Self {
        Self::default()
    }

    fn is_plain(&self) -> bool {
        self.error.on.is_empty()
    }
}

impl Snippet<'_> {
    /// Adds the finding to `out`, without a line break at its end. Colours are those of the palette.
    pub(super) fn render(&self, palette: &Palette, out: &mut String) {
        if self.is_plain() {
            self.lay_out(palette, out);
        } else {
            out.push_str(&self.render_any(palette.is_plain()));
        }
    }

    /// Whether one byte is one column everywhere and the line is shown as it is: no tabs, nothing wide, nothing that has to
    /// be escaped or is shown as something else, and not too much space before it.
    fn is_plain(&self) -> bool {
        /// More space than this before a line is cut away.
        const MOST_SPACE: usize = 26;
        // Of the characters that are not ASCII some are shown otherwise or not at all.
        let is_shown = |text: &str| {
            is_printable_ascii(text)
                || text.chars().all(|c| matches!(c, ' '..='~' | '\u{a0}'..='\u{2ff}' | '…' | '→' | '≤'))
        };
        is_printable_ascii(self.source)
            && self.source.bytes().take_while(|byte| *byte == b' ').count() <= MOST_SPACE
            && [
                self.message,
                self.path,
                self.label,
                self.at.unwrap_or_default(),
                self.help.unwrap_or_default(),
                self.note.unwrap_or_default(),
            ]
            .into_iter()
            .all(is_shown)
    }

    /// Piece by piece: `format!` would take half the time of a finding.
    fn lay_out(&self, palette: &Palette, out: &mut String) {
        let Palette { gutter, strong, .. } = palette;
        let (level, word) = match self.severity {
            Severity::Error => (&palette.error, "error"),
            Severity::Warning => (&palette.warning, "warning"),
            Severity::Info => (&palette.info, "info"),
        };
        let margin = digits(self.line);
        push(out, [&level.on, word]);
        if !self.rule.is_empty() {
            push(out, ["[", self.rule, "]"]);
        }
        out.push_str(&level.off);
        push(out, [&strong.on, ": ", self.message, &strong.off]);
        line(out, margin);
        gutter.put(out, "--> ");
        push(out, [self.path, ":"]);
        number(out, self.line);
        out.push(':');
        number(out, self.column);
        line(out, margin + 1);
        gutter.put(out, "|");
        push(out, ["\n", &gutter.on]);
        number(out, self.line);
        push(out, [&gutter.off, " "]);
        gutter.put(out, "|");
        if !self.source.is_empty() {
            push(out, [" ", self.source]);
        }
        line(out, margin + 1);
        gutter.put(out, "|");
        fill(out, SPACES, self.span.start + 1);
        out.push_str(&level.on);
        fill(out, MARKS, self.span.len().max(1));
        out.push_str(&level.off);
        if !self.label.is_empty() {
            out.push(' ');
            level.put(out, self.label);
        }
        let more = [("note", self.at), ("help", self.help), ("note", self.note)];
        for (index, (word, text)) in
            more.into_iter().filter_map(|(word, text)| Some((word, text?))).enumerate()
        {
            if index == 0 {
                line(out, margin + 1);
                gutter.put(out, "|");
            }
            line(out, margin + 1);
            gutter.put(out, "= ");
            strong.put(out, word);
            push(out, [": ", text]);
        }
    }

    /// Texts come from hostile files and are brought on one line each.
    fn render_any(&self, without_colours: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::INFO,
        };
        let [message, path, label] = [self.message, self.path, self.label].map(on_one_line);
        let [at, help] = [self.at, self.help].map(|text| text.map(on_one_line));
        let under = AnnotationKind::Primary.span(self.span.clone());
        // The crate shows control characters as pictures, and lets the marks of a direction through. As many bytes each.
        let mark = |c: char| match c {
            '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' => '\u{fffd}',
            '\u{61c}' => '\u{b7}',
            c => c,
        };
        let shown: String = self.source.chars().map(mark).collect();
        let source = annotate_snippets::Snippet::source(&*shown)
            .path(&*path)
            .line_start(self.line)
            .annotation(under.label(&*label));
        let title = level.primary_title(&*message);
        let title = if self.rule.is_empty() { title } else { title.id(self.rule) };
        let mut group: Group<'_> = title.element(source);
        if let Some(at) = &at {
            group = group.element(Level::NOTE.message(&**at));
        }
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(&**help));
        }
        if let Some(note) = self.note {
            group = group.element(Level::NOTE.message(note));
        }
        // The excerpt is as wide as its reader already.
        let painter = if without_colours { Renderer::plain() } else { Renderer::styled() };
        let painter = painter.term_width(usize::MAX / 4);
        let rendered = painter.render(&[group]);
        self.with_column(rendered)
    }

    /// The rendered finding with the column of the line in place of that of the excerpt.
    fn with_column(&self, rendered: String) -> String {
        let Some(arrow) = rendered.find("--> ") else { return rendered };
        let end = rendered[arrow..].find('\n').map_or(rendered.len(), |length| arrow + length);
        let Some(colon) = rendered[arrow..end].rfind(':') else { return rendered };
        [&rendered[..=arrow + colon], &self.column.to_string(), &rendered[end..]].concat()
    }
}

fn push<const N: usize>(out: &mut String, pieces: [&str; N]) {
    for piece in pieces {
        out.push_str(piece);
    }
}

/// A new line that begins with this many spaces.
fn line(out: &mut String, spaces: usize) {
    out.push('\n');
    fill(out, SPACES, spaces);
}

/// Adds the first `count` characters of `many`, repeated.
fn fill(out: &mut String, many: &str, mut count: usize) {
    while count > 0 {
        let now = count.min(many.len());
        out.push_str(&many[..now]);
        count -= now;
    }
}

const SPACES: &str = "                                                                ";
const MARKS: &str = "^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^";

fn number(out: &mut String, number: usize) {
    if number >= 10 {
        self::number(out, number / 10);
    }
    out.push(char::from(b"0123456789"[number % 10]));
}

fn digits(number: usize) -> usize {
    number.checked_ilog10().unwrap_or_default() as usize + 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn severity() -> impl Strategy<Value = Severity> {
        prop_oneof![Just(Severity::Error), Just(Severity::Warning), Just(Severity::Info)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn plain_ones_look_as_all_others_do(
            severity in severity(),
            rule in "|some-rule",
            message in "[ -~…→≤äß]{0,60}",
            path in "[a-z./ä]{1,20}",
            line in prop_oneof![1_usize..12, 95_usize..105, 9_998_usize..10_002],
            source in r" {0,30}[ -~]{0,120} {0,3}|[ -~\t世é]{0,20}",
            start in 0.0..=1.0_f64,
            len in 0_usize..30,
            label in "(/[a-z0-9~ä]{1,8}){0,4}",
            at in proptest::option::of("at (/[a-z0-9~ä]{1,8}){0,4}"),
            help in proptest::option::of("[ -~…`]{0,80}"),
            note in proptest::option::of("[ -~]{0,40}"),
        ) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short text")]
            #[expect(clippy::cast_precision_loss, reason = "a place in a short text")]
            let start = source.floor_char_boundary((start * source.len() as f64) as usize);
            let end = source.floor_char_boundary((start + len).min(source.len()));
            let (rule, message, path, source, label) = (&*rule, &*message, &*path, &*source, &*label);
            let snippet =
                Snippet { severity, rule, message, path, line, column: start + 1, source, span: start..end, label, at: at.as_deref(), help: help.as_deref(), note: note.as_deref() };
            let mut own = String::new();
            snippet.render(&Palette::coloured(), &mut own);
            let any = snippet.render_any(false);
            prop_assert_eq!(&own, &any);
            own.clear();
            snippet.render(&Palette::plain(), &mut own);
            prop_assert_eq!(&own, &snippet.render_any(true));
            prop_assert_eq!(own, anstream::adapter::strip_str(&any).to_string());
        }
    }

    #[test]
    fn most_findings_are_plain() {
        let snippet = Snippet {
            severity: Severity::Error,
            rule: "unknown-field",
            message: "Marathon knows no field `foo`: it is ignored",
            path: "web.json",
            line: 12,
            column: 7,
            source: "      \"foo\": 1,",
            span: 6..11,
            label: "/container/foo",
            at: None,
            help: Some("remove it"),
            note: None,
        };
        assert!(snippet.is_plain());
        assert!(!Snippet { source: "\t\"foo\": 1,", span: 1..6, ..snippet }.is_plain());
    }
}
