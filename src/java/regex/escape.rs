//! Escapes: a backslash and the characters after it.

use super::scan::Flags;
use super::{NotAPattern, PatternParser, Read, names, property};

/// The meaning of an escape.
pub(super) enum Escape {
    /// A character, by its number, which may be half of a surrogate pair.
    Literal(u32),
    /// One character of several: `\d`.
    Set,
    /// `\R`.
    LineBreak,
    /// A grapheme cluster, `\X`.
    Cluster,
    /// The text that a group has matched: `\1`, `\k<name>`.
    Reference,
    /// A position between characters: `\b`.
    Boundary,
}

impl PatternParser {
    /// Reads an escape outside of classes, at its backslash.
    ///
    /// `is_first`: whether it begins an atom. Elsewhere an escape for more than a character ends the atom and is read
    /// again, so only its first letter counts now.
    pub(super) fn escape(&mut self, is_first: bool) -> Read<Escape> {
        let letter = self.scanner.skip()?;
        match letter {
            '1'..='9' => {
                if is_first {
                    self.reference(letter)?;
                }
                Ok(Escape::Reference)
            }
            'k' => {
                self.named_reference()?;
                Ok(Escape::Reference)
            }
            'b' if is_first => self.boundary(),
            'A' | 'B' | 'G' | 'Z' | 'b' | 'z' => Ok(Escape::Boundary),
            'R' => Ok(Escape::LineBreak),
            'X' => Ok(Escape::Cluster),
            _ => self.common_escape(letter, false),
        }
    }

    /// Reads an escape inside a class, at its backslash.
    ///
    /// As an end of a range `\v` is a vertical tab; elsewhere it is a set.
    pub(super) fn escape_in_class(&mut self, is_range: bool) -> Read<Escape> {
        let letter = self.scanner.skip()?;
        self.common_escape(letter, is_range)
    }

    /// The escapes that mean the same in a class and outside.
    fn common_escape(&mut self, letter: char, is_range: bool) -> Read<Escape> {
        let character = match letter {
            'D' | 'H' | 'S' | 'V' | 'W' | 'd' | 'h' | 's' | 'w' => return Ok(Escape::Set),
            'v' if !is_range => return Ok(Escape::Set),
            'v' => 0x0b,
            '0' => self.octal()?,
            'N' => self.named_character()?,
            'a' => 0x07,
            'c' => self.control()?,
            'e' => 0x1b,
            'f' => 0x0c,
            'n' => u32::from('\n'),
            'r' => u32::from('\r'),
            't' => u32::from('\t'),
            'u' => self.utf16()?,
            'x' => self.hexadecimal()?,
            // Java reserves other letters and digits for future escapes.
            _ if letter.is_ascii_alphanumeric() => return Err(NotAPattern),
            _ => u32::from(letter),
        };
        Ok(Escape::Literal(character))
    }

    /// Reads the digits after `\1`, as long as that many groups precede it. Java accepts a reference to a group that does
    /// not exist; it never matches.
    fn reference(&mut self, first: char) -> Read<()> {
        let mut number = first.to_digit(10).unwrap_or_default();
        while let Some(digit) = self.scanner.peek()?.to_digit(10) {
            number = number.saturating_mul(10).saturating_add(digit);
            if number > self.captures {
                break;
            }
            self.scanner.read()?;
        }
        Ok(())
    }

    fn named_reference(&mut self) -> Read<()> {
        if self.scanner.read()? != '<' {
            return Err(NotAPattern);
        }
        let first = self.scanner.read()?;
        let name = self.group_name(first)?;
        if self.names.contains(&name) { Ok(()) } else { Err(NotAPattern) }
    }

    /// Reads a group's name, from its first character past the `>`.
    pub(super) fn group_name(&mut self, first: char) -> Read<String> {
        if !first.is_ascii_alphabetic() {
            return Err(NotAPattern);
        }
        let mut name = String::from(first);
        loop {
            match self.scanner.read()? {
                '>' => return Ok(name),
                next if next.is_ascii_alphanumeric() => name.push(next),
                _ => return Err(NotAPattern),
            }
        }
    }

    /// After `\b`: an optional `{g}`. A brace with anything else in it is a quantifier.
    fn boundary(&mut self) -> Read<Escape> {
        if self.scanner.peek()? == '{' {
            if self.scanner.skip()? == 'g' {
                if self.scanner.read()? != '}' {
                    return Err(NotAPattern);
                }
            } else {
                self.scanner.back();
                self.scanner.back();
            }
        }
        Ok(Escape::Boundary)
    }

    /// After `\c`: any character.
    fn control(&mut self) -> Read<u32> {
        if self.scanner.is_past_end() {
            return Err(NotAPattern);
        }
        Ok(u32::from(self.scanner.read()?) ^ 64)
    }

    /// After `\0`: one to three digits, of at most `377`.
    fn octal(&mut self) -> Read<u32> {
        let mut number = self.scanner.read()?.to_digit(8).ok_or(NotAPattern)?;
        for _ in 0..2 {
            match self.scanner.read()?.to_digit(8) {
                Some(digit) if number <= 0o37 => number = number * 8 + digit,
                _ => {
                    self.scanner.back();
                    break;
                }
            }
        }
        Ok(number)
    }

    /// After `\x`: two digits, or any number of them in braces.
    fn hexadecimal(&mut self) -> Read<u32> {
        match self.scanner.read()? {
            '{' => {}
            first => {
                let second = self.scanner.read()?.to_digit(16);
                let digits = first.to_digit(16).zip(second).ok_or(NotAPattern)?;
                return Ok(digits.0 * 16 + digits.1);
            }
        }
        if !self.scanner.peek()?.is_ascii_hexdigit() {
            return Err(NotAPattern);
        }
        let mut number = 0;
        loop {
            let next = self.scanner.read()?;
            match next.to_digit(16) {
                Some(digit) => number = number * 16 + digit,
                None if next == '}' => return Ok(number),
                None => return Err(NotAPattern),
            }
            if number > u32::from(char::MAX) {
                return Err(NotAPattern);
            }
        }
    }

    /// After `\u`: four digits; two such escapes if they are a surrogate pair.
    fn utf16(&mut self) -> Read<u32> {
        let high = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&high) {
            return Ok(high);
        }
        let after = self.scanner.cursor();
        if self.scanner.read()? == '\\' && self.scanner.read()? == 'u' {
            let low = self.four_digits()?;
            if (0xdc00..0xe000).contains(&low) {
                return Ok(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00));
            }
        }
        self.scanner.go_to(after);
        Ok(high)
    }

    fn four_digits(&mut self) -> Read<u32> {
        let mut number = 0;
        for _ in 0..4 {
            number = number * 16 + self.scanner.read()?.to_digit(16).ok_or(NotAPattern)?;
        }
        Ok(number)
    }

    /// After `\N`: a character's name in braces.
    fn named_character(&mut self) -> Read<u32> {
        if self.scanner.read()? != '{' {
            return Err(NotAPattern);
        }
        let start = self.scanner.cursor();
        while self.scanner.read()? != '}' {
            if self.scanner.is_past_end() {
                return Err(NotAPattern);
            }
        }
        let name = self.scanner.between(start, self.scanner.cursor() - 1);
        names::code_point(&name).ok_or(NotAPattern)
    }

    /// Reads a property at the `p` of `\p`: a letter or a name in braces.
    pub(super) fn family(&mut self) -> Read<()> {
        let name = if self.scanner.next()? == '{' {
            self.scanner.next()?;
            let start = self.scanner.cursor();
            while self.scanner.read()? != '}' {}
            self.scanner.between(start, self.scanner.cursor() - 1)
        } else {
            self.scanner.back();
            let letter = self.scanner.next()?;
            self.scanner.read()?;
            String::from(letter)
        };
        if property::is_known(&name, self.scanner.has(Flags::UNICODE_CLASSES)) {
            Ok(())
        } else {
            Err(NotAPattern)
        }
    }
}
