//! Counts in words.

/// A count with its noun: `1 file`, `2 files`. Only for nouns whose plural takes an `s`.
#[must_use]
pub(crate) fn count(count: usize, noun: &str) -> String {
    format!("{count} {}", plural(count, noun))
}

/// The noun as it follows a count: `file` after 1, else `files`.
#[must_use]
pub(crate) fn plural(count: usize, noun: &str) -> String {
    format!("{noun}{}", if count == 1 { "" } else { "s" })
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
