//! How long a match can be, as far as Java keeps account of it.
//!
//! Java refuses a look-behind that has no "obvious maximum length". Its account wraps around in 32 bits and takes some
//! repetitions without end for very long ones, so that `(?<=a+)b` and `(?<=a{1,})b` pass and `(?<=(a|b)+)` does not.

/// What counts as no end in a quantifier: Java's `MAX_REPS`.
pub(super) const NO_END: i32 = i32::MAX;

/// A part of a sequence.
#[derive(Clone, Copy)]
pub(super) enum PatternPiece {
    /// So many characters.
    Fixed(i32),
    /// A character with `*` or `+`.
    Greedy,
    /// A length that nobody knows: a back reference.
    Unknown,
    /// What adds nothing but can match in several ways.
    Loose,
    /// The same again and again.
    Repeated { once: Length, times: i32, is_exact: bool },
    /// One of several.
    Choice { longest: i32, is_known: bool },
    /// A repeated group that can match in several ways: no length, and Java looks no further.
    Loop,
    /// Where a group begins; says nothing.
    Start,
    /// Where a group begins that Java looks at for itself, …
    Enter,
    /// … and where it ends.
    Leave,
}

/// The account of a sequence.
#[derive(Clone, Copy)]
pub(super) struct Length {
    /// The greatest number of characters, wrapped around.
    pub(super) most: i32,
    /// Whether there is a greatest number.
    pub(super) is_known: bool,
    /// Whether there is one way to match.
    pub(super) is_certain: bool,
}

impl Length {
    pub(super) const NONE: Self = Self { most: 0, is_known: true, is_certain: true };

    /// Adds what was found of a sequence before its last choice.
    fn follow(&mut self, before: (i32, bool)) {
        self.most = self.most.wrapping_add(before.0);
        self.is_known &= before.1;
        self.is_certain = false;
    }

    fn repeat(&mut self, once: Self, times: i32, is_exact: bool) {
        let most = once.most.wrapping_mul(times).wrapping_add(self.most);
        self.is_known &= once.is_known && most >= self.most;
        self.most = most;
        self.is_certain &= once.is_certain && is_exact;
    }
}

/// The account of a sequence of pieces.
pub(super) fn measure(pieces: &[PatternPiece]) -> Length {
    let mut length = Length::NONE;
    // What is before each choice, which Java begins anew after; `None` where a group is entered.
    let mut before: Vec<Option<(i32, bool)>> = Vec::new();
    for piece in pieces {
        match *piece {
            PatternPiece::Fixed(count) => length.most = length.most.wrapping_add(count),
            PatternPiece::Greedy => {
                if length.is_known {
                    length.most = length.most.wrapping_add(NO_END);
                }
                length.is_certain = false;
            }
            PatternPiece::Unknown => length.is_known = false,
            PatternPiece::Loose => length.is_certain = false,
            PatternPiece::Repeated { once, times, is_exact } => length.repeat(once, times, is_exact),
            PatternPiece::Choice { longest, is_known } => {
                before.push(Some((length.most.wrapping_add(longest), length.is_known && is_known)));
                length = Length::NONE;
            }
            // Whatever follows, this stays so.
            PatternPiece::Loop => return Length { is_known: false, is_certain: false, ..length },
            PatternPiece::Start => {}
            PatternPiece::Enter => before.push(None),
            PatternPiece::Leave => leave(&mut length, &mut before),
        }
    }
    for choice in before.into_iter().rev().flatten() {
        length.follow(choice);
    }
    length
}

/// Ends the group that was entered last.
fn leave(length: &mut Length, before: &mut Vec<Option<(i32, bool)>>) {
    while let Some(Some(choice)) = before.pop() {
        length.follow(choice);
    }
}
