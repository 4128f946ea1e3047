//! The greatest length of a match, as Java computes it.
//!
//! Java rejects a look-behind that has no "obvious maximum length". The length wraps around in 32 bits, and some unbounded
//! repetitions count as very long ones, so `(?<=a+)b` and `(?<=a{1,})b` pass and `(?<=(a|b)+)` does not.

/// The upper bound of an unbounded quantifier: Java's `MAX_REPS`.
pub(super) const NO_END: i32 = i32::MAX;

/// A part of a sequence.
#[derive(Clone, Copy)]
pub(super) enum PatternPiece {
    /// This number of characters.
    Fixed(i32),
    /// A character with `*` or `+`.
    Greedy,
    /// An unknown length: a back reference.
    Unknown,
    /// Adds no length, and can match in several ways.
    Loose,
    /// A repetition.
    Repeated { once: Length, times: i32, is_exact: bool },
    /// One of several.
    Choice { longest: i32, is_known: bool },
    /// A repeated group that can match in several ways: it has no length, and Java stops there.
    Loop,
    /// The beginning of a group, without a meaning of its own.
    Start,
    /// The beginning of a group that Java measures separately, …
    Enter,
    /// … and its end.
    Leave,
}

/// The length of a sequence.
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

    /// Adds the length of the part before a choice.
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

/// The length of a sequence of pieces.
pub(super) fn measure(pieces: &[PatternPiece]) -> Length {
    let mut length = Length::NONE;
    // The length before each choice, after which Java starts from zero; `None` where a group is entered.
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
            // Nothing that follows changes this.
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
