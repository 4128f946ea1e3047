//! `java.util.regex.Pattern.compile`, for its verdict alone.
//!
//! The syntax is Java's, oddities included, so the reading follows Java's: the text with its quotes undone
//! ([`quote`]), read a character at a time with blanks and comments skipped in comments mode ([`scan`]). Groups and
//! classes are kept on stacks of their own rather than on the thread's. What a group can match is not built, only how
//! long it can be ([`length`]), which decides on look-behinds.

mod blocks;
mod class;
mod escape;
mod group;
mod length;
mod names;
mod property;
mod quote;
mod scan;
mod scripts;

use std::collections::HashSet;

use escape::Escape;
use group::OpenGroup;
use length::PatternPiece;
use scan::{Flags, Scanner};

/// Whether `java.util.regex.Pattern.compile(text)` succeeds on JDK 17, without flags.
///
/// What a JVM refuses for want of stack is refused here beyond 900 groups or 4200 classes inside each other, where a
/// thread of 1 MiB (the JVM's default) gives up; the JVM's own limit depends on the thread.
///
/// A name in `\N{…}` is known by a hash of 32 bits: one wrong name in 130 000 passes.
#[must_use]
pub(crate) fn is_pattern(text: &str) -> bool {
    text.bytes().all(is_plain) || PatternParser::new(text).pattern().is_ok()
}

/// Characters that mean no harm wherever they stand, which spare most patterns the parser.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-_/:, ".contains(&byte)
}

/// Java would throw a `PatternSyntaxException` here.
#[derive(Debug)]
struct NotAPattern;

type Read<T> = Result<T, NotAPattern>;

struct PatternParser {
    scanner: Scanner,
    /// The groups around the cursor; the first is the pattern itself.
    open: Vec<OpenGroup>,
    /// The names of the groups so far.
    names: HashSet<String>,
    /// How many groups capture so far.
    captures: u32,
    /// What has been read of the open groups, in order.
    pieces: Vec<PatternPiece>,
}

impl PatternParser {
    fn new(text: &str) -> Self {
        Self {
            scanner: Scanner::new(text),
            open: vec![OpenGroup::pattern()],
            names: HashSet::new(),
            captures: 0,
            pieces: vec![PatternPiece::Start],
        }
    }

    fn pattern(mut self) -> Read<()> {
        loop {
            match self.scanner.peek()? {
                '(' => self.open_group()?,
                ')' => self.close_group()?,
                '|' => {
                    self.scanner.next()?;
                    self.end_alternative();
                }
                '?' | '*' | '+' => return Err(NotAPattern),
                '\0' if self.scanner.is_past_end() => break,
                first => {
                    let start = self.pieces.len();
                    let is_character = self.node(first)?;
                    let quantifier = self.quantifier()?;
                    self.quantify(start, quantifier, is_character);
                }
            }
        }
        if self.open.len() == 1 && self.scanner.is_at_end() { Ok(()) } else { Err(NotAPattern) }
    }

    /// Reads what a quantifier may follow and is no group. Whether it is what Java takes for a single character: that
    /// makes a difference for the length of what a quantifier repeats.
    fn node(&mut self, first: char) -> Read<bool> {
        match first {
            '[' => {
                self.class()?;
                Ok(self.push_character_set())
            }
            '^' | '$' => {
                self.scanner.next()?;
                Ok(false)
            }
            '.' => {
                self.scanner.next()?;
                self.pieces.push(PatternPiece::Fixed(1));
                Ok(true)
            }
            _ => self.atom(),
        }
    }

    /// A class or a property, which in canonical equivalence (`(?c)`) may match any number of characters.
    fn push_character_set(&mut self) -> bool {
        let is_character = !self.scanner.has(Flags::CANONICAL);
        self.pieces.push(if is_character { PatternPiece::Fixed(1) } else { PatternPiece::Loose });
        is_character
    }

    /// As many characters as stand for themselves, but for one that a quantifier takes, or one escape of another kind.
    fn atom(&mut self) -> Read<bool> {
        let mut taken = 0;
        let mut last = self.scanner.cursor();
        let mut next = self.scanner.peek()?;
        loop {
            match next {
                '*' | '+' | '?' | '{' => {
                    if taken > 1 {
                        self.scanner.go_to(last);
                        taken -= 1;
                    }
                    break;
                }
                '$' | '.' | '^' | '(' | '[' | '|' | ')' => break,
                '\0' if self.scanner.is_past_end() => break,
                '\\' => {
                    let letter = self.scanner.next_raw()?;
                    if matches!(letter, 'p' | 'P') {
                        if taken > 0 {
                            self.scanner.back();
                            break;
                        }
                        self.family()?;
                        return Ok(self.push_character_set());
                    }
                    self.scanner.back();
                    last = self.scanner.cursor();
                    match self.escape(taken == 0)? {
                        Escape::Literal(_) => {
                            taken += 1;
                            next = self.scanner.peek()?;
                        }
                        other if taken == 0 => return Ok(self.push_escape(&other)),
                        _ => {
                            self.scanner.go_to(last);
                            break;
                        }
                    }
                }
                _ => {
                    last = self.scanner.cursor();
                    taken += 1;
                    next = self.scanner.next()?;
                }
            }
        }
        self.pieces.push(PatternPiece::Fixed(taken));
        Ok(taken == 1)
    }

    fn push_escape(&mut self, escape: &Escape) -> bool {
        match escape {
            Escape::Literal(_) | Escape::Set => self.pieces.push(PatternPiece::Fixed(1)),
            Escape::LineBreak => self.pieces.push(PatternPiece::Fixed(2)),
            Escape::Cluster => self.pieces.push(PatternPiece::Loose),
            Escape::Reference => self.pieces.push(PatternPiece::Unknown),
            Escape::Boundary => {}
        }
        matches!(escape, Escape::Literal(_) | Escape::Set)
    }
}

#[cfg(test)]
mod tests;
