//! The verdict of `java.util.regex.Pattern.compile`.
//!
//! The parser follows Java's, oddities included: it replaces quotes by escapes ([`quote`]), then reads a character at a
//! time and skips blanks and comments in comments mode ([`scan`]). Groups and classes are kept on stacks of their own
//! rather than on the thread's. Of what a group can match only the length is kept ([`length`]), which decides on
//! look-behinds.

mod class;
mod escape;
mod group;
mod length;
mod names;
mod property;
mod quote;
mod scan;

use std::collections::HashSet;

use escape::Escape;
use group::OpenGroup;
use length::PatternPiece;
use scan::{Flags, Scanner};

/// Whether `java.util.regex.Pattern.compile(text)` succeeds on JDK 17, without flags.
///
/// A JVM overflows its stack on deep nesting. The limits here are 900 groups or 4200 classes inside each other, where a
/// thread of 1 MiB (the JVM's default) gives up; the JVM's own limit depends on the thread.
#[must_use]
pub(crate) fn is_pattern(text: &str) -> bool {
    text.bytes().all(is_plain) || PatternParser::new(text).pattern().is_ok()
}

/// Whether a character is valid anywhere in a pattern. Most patterns have no others and need no parser.
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
    /// The number of capturing groups so far.
    captures: u32,
    /// The pieces of the open groups, in order.
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

    /// Reads anything but a group that a quantifier may follow. Returns whether Java takes it for a single character, which
    /// decides on the length of what a quantifier repeats.
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

    /// Adds a class or a property. With canonical equivalence (`(?c)`) it may match any number of characters.
    fn push_character_set(&mut self) -> bool {
        let is_character = !self.scanner.has(Flags::CANONICAL);
        self.pieces.push(if is_character { PatternPiece::Fixed(1) } else { PatternPiece::Loose });
        is_character
    }

    /// Reads literal characters, except one that a quantifier applies to, or one escape of another kind.
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
