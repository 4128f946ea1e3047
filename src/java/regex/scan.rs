//! The cursor over a pattern.

use super::quote::unquoted;
use super::{NotAPattern, Read};

/// The inline flags of a pattern that change how it is parsed.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags(u8);

impl Flags {
    /// `d`: only a line feed ends a line.
    pub(super) const UNIX_LINES: Self = Self(1);
    /// `x`: blanks and `#…` to the end of the line are skipped.
    pub(super) const COMMENTS: Self = Self(2);
    /// `c`, which Java does not document.
    pub(super) const CANONICAL: Self = Self(4);
    /// `U`: POSIX names are taken in any case.
    pub(super) const UNICODE_CLASSES: Self = Self(8);

    /// The flag of a letter, if it is one.
    pub(super) fn of(letter: char) -> Option<Self> {
        match letter {
            'd' => Some(Self::UNIX_LINES),
            'x' => Some(Self::COMMENTS),
            'c' => Some(Self::CANONICAL),
            'U' => Some(Self::UNICODE_CLASSES),
            'i' | 'm' | 's' | 'u' => Some(Self::default()),
            _ => None,
        }
    }
}

/// A pattern and a position in it.
///
/// Java appends two NUL characters instead of checking the length, and steps past them and back; so does this. A read past
/// both is an error.
pub(super) struct Scanner {
    text: Vec<char>,
    /// The position of the first NUL after the text.
    end: usize,
    cursor: usize,
    flags: Flags,
}

impl Scanner {
    pub(super) fn new(pattern: &str) -> Self {
        let mut text = unquoted(pattern);
        let end = text.len();
        text.extend(['\0', '\0']);
        Self { text, end, cursor: 0, flags: Flags::default() }
    }

    pub(super) fn has(&self, flag: Flags) -> bool {
        self.flags.0 & flag.0 != 0
    }

    pub(super) fn flags(&self) -> Flags {
        self.flags
    }

    pub(super) fn set_flags(&mut self, flags: Flags) {
        self.flags = flags;
    }

    pub(super) fn add_flag(&mut self, flag: Flags) {
        self.flags.0 |= flag.0;
    }

    pub(super) fn remove_flag(&mut self, flag: Flags) {
        self.flags.0 &= !flag.0;
    }

    pub(super) fn cursor(&self) -> usize {
        self.cursor
    }

    pub(super) fn go_to(&mut self, cursor: usize) {
        self.cursor = cursor;
    }

    pub(super) fn back(&mut self) {
        self.cursor -= 1;
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.cursor == self.end
    }

    pub(super) fn is_past_end(&self) -> bool {
        self.cursor >= self.end
    }

    pub(super) fn at(&self, index: usize) -> Read<char> {
        self.text.get(index).copied().ok_or(NotAPattern)
    }

    pub(super) fn between(&self, start: usize, end: usize) -> String {
        self.text.get(start..end).unwrap_or_default().iter().collect()
    }

    /// Moves past blanks and comments in comments mode, and returns the character there.
    pub(super) fn peek(&mut self) -> Read<char> {
        let next = self.at(self.cursor)?;
        if !self.has(Flags::COMMENTS) {
            return Ok(next);
        }
        self.skip_blanks(next)
    }

    /// Steps over the character at the cursor, and returns the next.
    pub(super) fn next(&mut self) -> Read<char> {
        self.cursor += 1;
        self.peek()
    }

    /// As [`Self::next`], but does not skip blanks.
    pub(super) fn next_raw(&mut self) -> Read<char> {
        self.cursor += 1;
        self.at(self.cursor)
    }

    /// As [`Self::peek`], then steps over the character.
    pub(super) fn read(&mut self) -> Read<char> {
        let next = self.peek()?;
        self.cursor += 1;
        Ok(next)
    }

    /// Steps over two characters, and returns the second.
    pub(super) fn skip(&mut self) -> Read<char> {
        let next = self.at(self.cursor + 1)?;
        self.cursor += 2;
        Ok(next)
    }

    fn skip_blanks(&mut self, mut next: char) -> Read<char> {
        loop {
            while matches!(next, '\t'..='\r' | ' ') {
                next = self.next_raw()?;
            }
            if next != '#' {
                return Ok(next);
            }
            while next != '\0' && !self.is_line_end(next) {
                next = self.next_raw()?;
            }
        }
    }

    fn is_line_end(&self, character: char) -> bool {
        if self.has(Flags::UNIX_LINES) {
            character == '\n'
        } else {
            matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}')
        }
    }
}
