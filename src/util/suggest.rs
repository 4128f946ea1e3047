//! "Did you mean": the name closest to one that does not exist.

/// How many of a user's own names one that does not exist is compared with. A definition with more of them comes from a
/// program, and a finding must not cost more the more names there are.
pub(crate) const MOST: usize = 100;

/// The candidate closest to `name`, if it is close enough for a typing mistake: at most a third of the letters changed,
/// added, dropped or swapped with their neighbour, ignoring case.
///
/// Of names that a definition may have any number of, give the first [`MOST`].
#[must_use]
pub(crate) fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    suggest_within(name, candidates, |length| (length / 3).clamp(1, 4))
}

/// As [`suggest`], with at most this many letters changed for the length of the longer name.
#[must_use]
pub(crate) fn suggest_within<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    most: impl Fn(usize) -> usize,
) -> Option<&'a str> {
    let folded = fold(name);
    let most = |candidate: &str| most(name.len().max(candidate.len()));
    // Lengths that differ by more than the distance allows need no comparison.
    let may_be = |candidate: &str| {
        !(name.is_ascii() && candidate.is_ascii())
            || name.len().abs_diff(candidate.len()) <= most(candidate)
            // Letters beyond these are not compared.
            || name.len().min(candidate.len()) >= LETTERS
    };
    let letters = Letters::of(name);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name && may_be(candidate))
        // A letter that only one of them has is a change (`growth`, unknown fields).
        .filter(|candidate| letters.differ_at_least(Letters::of(candidate)) <= most(candidate))
        .map(|candidate| (strsim::osa_distance(&folded, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= most(candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters of a name are compared: the time grows with the product of both lengths.
const LETTERS: usize = 64;

/// The first letters of a name in lower case.
fn fold(name: &str) -> String {
    first_letters(name).collect()
}

fn first_letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().flat_map(char::to_lowercase).take(LETTERS)
}

/// The letters that a name has, a bit for each; some share one.
#[derive(Clone, Copy)]
struct Letters(u64);

impl Letters {
    fn of(name: &str) -> Self {
        Self(first_letters(name).fold(0, |letters, letter| letters | 1 << (u32::from(letter) % 64)))
    }

    /// The least number of changes that make one name of the other.
    fn differ_at_least(self, other: Self) -> usize {
        (self.0 & !other.0).count_ones().max((other.0 & !self.0).count_ones()) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_mistakes_are_found_and_other_names_are_not() {
        let names = ["image", "instances", "id", "web-docker"];
        assert_eq!(suggest("imgae", names), Some("image"));
        assert_eq!(suggest("instnaces", names), Some("instances"));
        assert_eq!(suggest("web-dockr", names), Some("web-docker"));
        assert_eq!(suggest("Imgae", names), Some("image"));
        assert_eq!(suggest("team", names), None);
        assert_eq!(suggest("image", names), None, "a name is no mistake for itself");
    }

    #[test]
    fn only_the_first_letters_of_long_names_are_compared() {
        let long = "a".repeat(LETTERS);
        let other = format!("{long}{}", "b".repeat(60_000));
        assert_eq!(suggest(&long, [other.as_str()]), Some(other.as_str()));
    }
}
