//! Hides the secrets of a text: in the text itself, and wherever else their values are.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;
use serde_json::Value as Json;

use super::scan::{TextKind, secrets_in, secrets_of_file};
use super::tree::conceal;
use crate::finding::Finding;

/// Replaces a secret where its length does not matter.
pub(crate) const HIDDEN: &str = "***";

/// Shorter values are too common to be looked for elsewhere.
const SHORTEST: usize = 6;

/// The secrets of a text.
pub(crate) struct Secrets {
    /// Where they are in the text.
    ranges: Vec<Range<usize>>,
    /// Their values, to be found elsewhere.
    values: SecretValues,
}

/// Texts to be found in others.
#[derive(Default)]
struct SecretValues {
    all: Vec<String>,
    /// Finds all of them at once; made where there are many, because making it costs more than a few searches.
    finder: OnceLock<Option<AhoCorasick>>,
}

impl SecretValues {
    /// This many are searched for one after the other.
    const FEW: usize = 8;

    fn new(mut all: Vec<String>) -> Self {
        all.sort_unstable();
        all.dedup();
        Self { all, finder: OnceLock::new() }
    }

    /// The finder; nothing where there are few, or too many for its tables.
    fn finder(&self) -> Option<&AhoCorasick> {
        let make = || AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&self.all).ok();
        if self.all.len() > Self::FEW { self.finder.get_or_init(make).as_ref() } else { None }
    }

    fn are_in(&self, text: &str) -> bool {
        match self.finder() {
            Some(finder) => finder.is_match(text),
            None => self.few().any(|value| memmem::find(text.as_bytes(), value.as_bytes()).is_some()),
        }
    }

    /// Where they are in a text; ranges may overlap.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        if let Some(finder) = self.finder() {
            return finder.find_iter(text).map(|found| found.range()).collect();
        }
        let places = self.few().flat_map(|value| {
            let starts = memmem::find_iter(text.as_bytes(), value.as_bytes());
            starts.map(|start| start..start + value.len()).collect::<Vec<_>>()
        });
        places.collect()
    }

    fn few(&self) -> impl Iterator<Item = &String> {
        // Too many for a finder are not looked for; they stay hidden where they are.
        self.all.iter().filter(|_| self.all.len() <= Self::FEW)
    }
}

impl Secrets {
    /// Finds them. The text need not parse.
    pub(crate) fn of(text: &str) -> Self {
        let (ranges, tails) = secrets_of_file(text);
        let mut values: Vec<String> = Vec::new();
        // Of what is behind a quote too many a message may quote a part.
        let parts = tails.iter().flat_map(|tail| text[tail.clone()].split(['"', '\'']));
        values.extend(parts.map(str::trim).filter(|part| is_telling(part)).map(str::to_owned));
        for range in &ranges {
            let value = &text[range.clone()];
            // Of several lines each is a secret: a private key is quoted line by line.
            for line in value.lines().flat_map(|line| line.split("\\n")).map(str::trim) {
                values.extend(is_telling(line).then(|| line.to_owned()));
            }
            values.extend(without_marks(value).filter(|plain| is_telling(plain)).map(str::to_owned));
            // As a message writes it.
            if value.contains('"') && is_telling(value) {
                values.push(Json::from(value).to_string().trim_matches('"').to_owned());
            }
            if value.contains("''") {
                values.extend(Some(value.replace("''", "'")).filter(|plain| is_telling(plain)));
            }
            if value.contains('\\')
                && let Ok(plain) = serde_json::from_str::<String>(&format!("\"{value}\""))
            {
                values.extend(is_telling(&plain).then_some(plain));
            }
        }
        Self { ranges, values: SecretValues::new(values) }
    }

    /// The text with each character of a secret replaced by one of the same length, so that offsets and columns stay. Before
    /// it is shown [`as_shown`] makes it as long for every secret.
    pub(crate) fn cover<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.ranges.is_empty() {
            return Cow::Borrowed(text);
        }
        self.cover_ranges(text, self.ranges.clone())
    }

    /// The same for another text, such as a changed one, which may have the secrets at other places.
    pub(crate) fn cover_in<'t>(&self, other: &'t str) -> Cow<'t, str> {
        self.cover_ranges(other, Vec::new())
    }

    fn cover_ranges<'t>(&self, text: &'t str, mut ranges: Vec<Range<usize>>) -> Cow<'t, str> {
        ranges.extend(self.values.places(text));
        if ranges.is_empty() {
            return Cow::Borrowed(text);
        }
        ranges.sort_unstable_by_key(|range| range.start);
        let mut covered = String::with_capacity(text.len());
        let mut at = 0;
        for range in ranges.into_iter().filter(|range| range.end <= text.len()) {
            let start = range.start.max(at);
            if start < range.end {
                covered.push_str(&text[at..start]);
                covered.extend(text[start..range.end].chars().map(star));
                at = range.end;
            }
        }
        covered.push_str(&text[at..]);
        Cow::Owned(covered)
    }

    /// What is said about the text, without the secrets that it quotes.
    pub(crate) fn hide<'s>(&self, said: &'s str) -> Cow<'s, str> {
        let mut places = self.values.places(said);
        if places.is_empty() {
            return hide_in(Cow::Borrowed(said));
        }
        places.sort_unstable_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
        let (mut hidden, mut at) = (String::with_capacity(said.len()), 0);
        for place in places {
            if place.start >= at {
                hidden.push_str(&said[at..place.start]);
                hidden.push_str(HIDDEN);
            }
            at = at.max(place.end);
        }
        hidden.push_str(&said[at..]);
        hide_in(Cow::Owned(hidden))
    }

    /// Hides in what was made of the text its secrets, and those that show by their places.
    pub(crate) fn conceal(&self, value: &mut Json) {
        conceal(value, &[], HIDDEN);
        // With a stack of its own, as there.
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match value {
                Json::String(text) => {
                    if let Cow::Owned(hidden) = self.hide(text) {
                        *text = hidden;
                    }
                }
                Json::Array(elements) => open.extend(elements),
                Json::Object(members) => open.extend(members.values_mut()),
                _ => {}
            }
        }
    }

    /// Whether what is said would show a secret of the text.
    pub(crate) fn are_in(&self, said: &str) -> bool {
        self.values.are_in(said) || !secrets_in(said, TextKind::File).is_empty()
    }

    /// Hides them in what a finding says.
    pub(crate) fn hide_in_finding(&self, text: &str, finding: &mut Finding) {
        let own: Vec<&str> = self.short_ones(text, &finding.range);
        let hide = |said: &mut String| {
            if let Cow::Owned(hidden) = self.hide(said) {
                *said = hidden;
            }
            for value in &own {
                replace_words(said, value);
            }
        };
        hide(&mut finding.message);
        if let Some(Cow::Owned(help)) = &mut finding.help {
            hide(help);
        }
        if let Some(answer) = &mut finding.answer {
            hide(&mut answer.error);
            answer.others.iter_mut().for_each(|other| hide(&mut other.error));
        }
        if let Some(refusal) = &mut finding.refusal {
            hide(&mut refusal.message);
        }
        if let Some(fix) = &mut finding.fix {
            hide(&mut fix.title);
        }
    }

    /// The values a finding is about that are too short or too common to be looked for everywhere.
    fn short_ones<'t>(&self, text: &'t str, about: &Range<usize>) -> Vec<&'t str> {
        // A finding about a whole object quotes none of its values.
        const MOST: usize = 4;
        let first = self.ranges.partition_point(|range| range.end <= about.start);
        let ranges = self.ranges[first..].iter().take_while(|range| range.start < about.end);
        ranges
            .take(MOST)
            .filter_map(|range| text.get(range.clone()))
            .flat_map(|value| iter::once(value).chain(without_marks(value)))
            .filter(|value| value.len() > 1 && !is_telling(value))
            .collect()
    }
}

/// A value of YAML, and its first word, without the marks that they begin with as if it were a tag, an anchor or a list: messages
/// name a tag without them.
fn without_marks(value: &str) -> impl Iterator<Item = &str> {
    const MARKS: [char; 10] = ['!', '&', '<', '{', '[', '|', '>', '@', '%', '`'];
    let word = value.split_whitespace().next().filter(|word| word.len() < value.len());
    let texts = iter::once(value).chain(word).filter(|text| text.starts_with(MARKS));
    texts.map(|text| text.trim_start_matches(MARKS).trim_end_matches(['}', ']', '>']))
}

/// Whether a value is distinct enough to be hidden wherever it is: no word such as `postgres`.
fn is_telling(value: &str) -> bool {
    let is_plain =
        value.bytes().all(|byte| byte.is_ascii_lowercase()) || value.bytes().all(|b| b.is_ascii_digit());
    let is_hidden = value.chars().all(|c| matches!(c, '*' | 'x' | '.') || is_cover(c));
    !is_hidden && if is_plain { value.len() >= 12 } else { value.len() >= SHORTEST }
}

/// Replaces a value where it is a word of its own.
fn replace_words(said: &mut String, value: &str) {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let places: Vec<usize> = said
        .match_indices(value)
        .map(|(at, _)| at)
        .filter(|at| {
            !is_part(said[..*at].chars().next_back()) && !is_part(said[at + value.len()..].chars().next())
        })
        .collect();
    for at in places.into_iter().rev() {
        said.replace_range(at..at + value.len(), HIDDEN);
    }
}

/// Stand for characters of one byte to four bytes that are covered. Definitions have none of them.
const COVERS: [char; 4] = ['\u{1}', '\u{81}', '\u{e001}', '\u{f0001}'];

/// A character that takes as many bytes. Lines stay lines.
fn star(c: char) -> char {
    if matches!(c, '\n' | '\r') { c } else { COVERS[c.len_utf8() - 1] }
}

fn is_cover(c: char) -> bool {
    COVERS.contains(&c)
}

/// A covered text as it is shown: each secret as [`HIDDEN`], however long it is. The offsets become those of the result; one
/// in a secret goes to its start, or to its end where it is the end of something.
pub(crate) fn as_shown<'t>(covered: &'t str, range: &mut Range<usize>) -> Cow<'t, str> {
    if !covered.contains(is_cover) {
        return Cow::Borrowed(covered);
    }
    let mut shown = String::with_capacity(covered.len());
    let (mut rest, mut start, mut end) = (covered, None, None);
    while let Some(at) = rest.find(is_cover) {
        let before = covered.len() - rest.len();
        let len = rest[at..].find(|c| !is_cover(c)).unwrap_or(rest.len() - at);
        for (place, found) in [(range.start, &mut start), (range.end, &mut end)] {
            if place <= before + at && found.is_none() {
                *found = Some(shown.len() + (place - before));
            }
        }
        shown.push_str(&rest[..at]);
        let is_in = |place: usize| (before + at + 1..before + at + len).contains(&place);
        start = start.or_else(|| is_in(range.start).then_some(shown.len()));
        shown.push_str(HIDDEN);
        end = end.or_else(|| is_in(range.end).then_some(shown.len()));
        rest = &rest[at + len..];
    }
    let before = covered.len() - rest.len();
    let last = |place: usize| shown.len() + (place - before);
    *range = start.unwrap_or_else(|| last(range.start))..end.unwrap_or_else(|| last(range.end));
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Whether a text, such as a definition, has what looks like a secret.
pub(crate) fn has_secrets(text: &str) -> bool {
    !secrets_in(text, TextKind::File).is_empty()
}

/// Hides the secrets that show by their names or forms.
fn hide_in(said: Cow<'_, str>) -> Cow<'_, str> {
    let ranges = secrets_in(&said, TextKind::Words);
    if ranges.is_empty() {
        return said;
    }
    let mut hidden = said.into_owned();
    for range in ranges.into_iter().rev() {
        hidden.replace_range(range, HIDDEN);
    }
    Cow::Owned(hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_as_long_for_every_secret() {
        let shown = |secret: &str, about: fn(usize) -> Range<usize>| {
            let text = format!(r#"{{"env": {{"DB_PASSWORD": "{secret}"}}, "x": 1}}"#);
            let covered = Secrets::of(&text).cover(&text).into_owned();
            assert_eq!(covered.len(), text.len());
            let mut range = about(secret.len());
            let shown = as_shown(&covered, &mut range).into_owned();
            let under = shown[range].to_owned();
            (shown, under)
        };
        for secret in
            ["hunter2", "a much longer secret, of words", "\u{e4}\u{20ac}\u{1f600}\u{e4}\u{20ac}\u{1f600}"]
        {
            let whole = r#"{"env": {"DB_PASSWORD": "***"}, "x": 1}"#.to_owned();
            let of = |about, under: &str| {
                assert_eq!(shown(secret, about), (whole.clone(), under.to_owned()), "{secret}");
            };
            of(|_| 9..22, "\"DB_PASSWORD\"");
            of(|len| 24..26 + len, "\"***\"");
            of(|len| 25..25 + len, "***");
            of(|_| 26..28, "***");
            of(|len| 29 + len..32 + len, "\"x\"");
            of(|len| 36 + len..36 + len, "");
        }
    }
}
