//! Counts in words, columns of tables, and how wide a terminal shows a text.

use unicode_width::UnicodeWidthChar as _;

/// A count with its noun: `1 file`, `2 files`. Only for nouns whose plural takes an `s`.
#[must_use]
pub(crate) fn count(count: usize, noun: &str) -> String {
    format!("{count} {}", plural(count, noun))
}

/// A number of instances: `1 instance`, `2 instances`.
#[must_use]
pub(crate) fn instances(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), "instance")
}

/// The noun as it follows a count: `file` after 1, else `files`.
#[must_use]
pub(crate) fn plural(count: usize, noun: &str) -> String {
    format!("{noun}{}", if count == 1 { "" } else { "s" })
}

/// Names in a message, the first of many: `a, b and 98 more`.
#[must_use]
pub(crate) fn listed(names: &[String]) -> String {
    const MOST: usize = 20;
    match names.get(..MOST).filter(|_| names.len() > MOST + 1) {
        Some(first) => format!("{} and {} more", first.join(", "), names.len() - MOST),
        None => names.join(", "),
    }
}

/// So many names in a message, and the number of the others: `a, b, and 98 more`.
#[cfg(feature = "net")]
#[must_use]
pub(crate) fn first_of(names: &[&str], most: usize) -> String {
    match names.get(..most).filter(|_| names.len() > most) {
        Some(first) => format!("{}, and {} more", first.join(", "), names.len() - most),
        None => names.join(", "),
    }
}

/// The widest column of a table, in characters. A longer cell sticks out: names from outside have no limit, and formatting
/// has one.
const WIDEST: usize = 80;

/// The width of a column with these cells, in characters.
#[must_use]
pub(crate) fn column<'c>(cells: impl Iterator<Item = &'c str>) -> usize {
    cells.map(|cell| cell.chars().count()).max().unwrap_or_default().min(WIDEST)
}

/// The columns of a character: of a tab as annotate-snippets shows it, and of a control character those of its picture.
pub(crate) fn width(c: char) -> usize {
    if c == '\t' { 4 } else { c.width().unwrap_or(1) }
}

/// The columns of a text.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// The length of the longest start of a text that fits into this many columns, in bytes.
pub(crate) fn prefix(text: &str, most: usize) -> usize {
    let mut used = 0;
    let fits = |c: &char| {
        used += width(*c);
        used <= most
    };
    text.chars().take_while(fits).map(char::len_utf8).sum()
}

/// A duration in words: `1 h 2 min`, `3 min 4 s`, `5 s`.
#[cfg(feature = "net")]
pub(crate) fn time(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_singular() {
        assert_eq!([0, 1, 2].map(|number| count(number, "file")), ["0 files", "1 file", "2 files"]);
        assert_eq!(plural(1, "port"), "port");
    }
}
