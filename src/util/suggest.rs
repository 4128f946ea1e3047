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
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name && may_be(candidate))
        .map(|candidate| (strsim::osa_distance(&folded, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= most(candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters of a name are compared: the time grows with the product of both lengths.
const LETTERS: usize = 64;

/// The first letters of a name in lower case.
fn fold(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).take(LETTERS).collect()
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
