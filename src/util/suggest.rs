//! "Did you mean": the name closest to one that does not exist.

/// So many of a user's own names are held against one that does not exist: somebody who has more than these has made them
/// by a program, and a finding must not cost more the more names there are.
pub(crate) const MOST: usize = 100;

/// The candidate closest to `name`, if one is close enough to be a slip of the fingers: at most a third of the
/// letters changed, added, dropped or swapped with their neighbour. Upper and lower case are the same.
///
/// Of names that a definition may have any number of, give the first [`MOST`].
#[must_use]
pub(crate) fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = Letters::of(name);
    let most = |candidate: &str| (name.len().max(candidate.len()) / 3).clamp(1, 4);
    // Too many letters more or less: no need to look at them.
    let may_be = |candidate: &str| {
        !(name.is_ascii() && candidate.is_ascii())
            || name.len().abs_diff(candidate.len()) <= most(candidate)
            // Beyond so many letters names count as equal.
            || name.len().min(candidate.len()) >= LETTERS
    };
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name && may_be(candidate))
        .map(|candidate| (distance(&letters, &Letters::of(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= most(candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

/// So many letters of a name are compared: one of 60,000 characters is no slip of a short one.
const LETTERS: usize = 64;

/// The first letters of a name, small. A name is held against dozens of others, and every unknown field asks for it: nothing
/// is allocated here.
struct Letters {
    letters: [char; LETTERS],
    len: usize,
}

impl Letters {
    fn of(name: &str) -> Self {
        let mut first = Self { letters: ['\0'; LETTERS], len: 0 };
        for (place, letter) in first.letters.iter_mut().zip(name.chars().flat_map(char::to_lowercase)) {
            *place = letter;
            first.len += 1;
        }
        first
    }

    fn get(&self) -> &[char] {
        &self.letters[..self.len]
    }
}

/// Optimal string alignment distance: changes, insertions, deletions and swaps of neighbours each count one.
fn distance(left: &Letters, right: &Letters) -> usize {
    let (left, right) = (left.get(), right.get());
    let mut before = [0; LETTERS + 1];
    let mut above: [usize; LETTERS + 1] = std::array::from_fn(|at| at);
    for (i, a) in left.iter().enumerate() {
        let mut row = [0; LETTERS + 1];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let mut best = (above[j] + usize::from(a != b)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row[j + 1] = best;
        }
        before = std::mem::replace(&mut above, row);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let names = ["image", "instances", "id", "web-docker"];
        assert_eq!(suggest("imgae", names), Some("image"));
        assert_eq!(suggest("instnaces", names), Some("instances"));
        assert_eq!(suggest("web-dockr", names), Some("web-docker"));
        assert_eq!(suggest("Imgae", names), Some("image"));
        assert_eq!(suggest("team", names), None);
        assert_eq!(suggest("image", names), None, "a name is no slip of itself");
    }
}
