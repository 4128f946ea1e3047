//! Classes: `[a-z&&[^aeiou]]`.

use super::escape::Escape;
use super::{NotAPattern, PatternParser, Read};

/// The deepest nesting of classes and operands of `&&`, see [`is_pattern`](super::is_pattern).
const DEPTH: usize = 4200;

/// An open class, or an open right operand of `&&` without brackets.
struct Class {
    has_bracket: bool,
    /// Whether it has any content. A `]` before that is a literal.
    is_filled: bool,
    /// Set while a right operand of `&&` is read: whether it has any content.
    operand: Option<bool>,
}

impl Class {
    fn new(has_bracket: bool) -> Self {
        Self { has_bracket, is_filled: false, operand: None }
    }

    /// Adds a class that ended inside of this one.
    fn take(&mut self) {
        match &mut self.operand {
            Some(is_there) => *is_there = true,
            None => self.is_filled = true,
        }
    }
}

impl PatternParser {
    /// Reads a class, at its bracket.
    pub(super) fn class(&mut self) -> Read<()> {
        let mut around: Vec<Class> = Vec::new();
        let mut class = Class::new(true);
        let mut next = self.begin_class()?;
        loop {
            if around.len() >= DEPTH {
                return Err(NotAPattern);
            }
            if let Some(is_there) = class.operand {
                if !matches!(next, ']' | '&') {
                    // Each operand without a bracket is read as a class that ends where the one around it does.
                    let has_bracket = next == '[';
                    if !has_bracket {
                        self.scanner.back();
                    }
                    around.push(std::mem::replace(&mut class, Class::new(has_bracket)));
                    next = self.begin_class()?;
                    continue;
                }
                class.operand = None;
                class.is_filled |= is_there;
                if !class.is_filled {
                    return Err(NotAPattern);
                }
            }
            match next {
                '[' => {
                    around.push(std::mem::replace(&mut class, Class::new(true)));
                    next = self.begin_class()?;
                    continue;
                }
                '&' => {
                    if self.scanner.next()? == '&' {
                        next = self.scanner.next()?;
                        class.operand = Some(false);
                        continue;
                    }
                    self.scanner.back();
                }
                ']' if class.is_filled => {
                    if class.has_bracket {
                        self.scanner.next()?;
                    }
                    let Some(outer) = around.pop() else { return Ok(()) };
                    class = outer;
                    class.take();
                    next = self.scanner.peek()?;
                    continue;
                }
                '\0' if self.scanner.is_past_end() => return Err(NotAPattern),
                _ => {}
            }
            self.range()?;
            class.is_filled = true;
            next = self.scanner.peek()?;
        }
    }

    /// Steps over the bracket, or the character before an operand, and over a `^`.
    fn begin_class(&mut self) -> Read<char> {
        let first = self.scanner.next()?;
        if first == '^' && self.scanner.at(self.scanner.cursor() - 1)? == '[' {
            self.scanner.next()
        } else {
            Ok(first)
        }
    }

    /// Reads a character, a range or a set of characters.
    fn range(&mut self) -> Read<()> {
        let first = self.scanner.peek()?;
        let low = if first == '\\' {
            if matches!(self.scanner.next_raw()?, 'p' | 'P') {
                return self.family();
            }
            let is_range = self.scanner.at(self.scanner.cursor() + 1)? == '-';
            self.scanner.back();
            match self.escape_in_class(is_range)? {
                Escape::Literal(character) => character,
                _ => return Ok(()),
            }
        } else {
            self.scanner.next()?;
            u32::from(first)
        };
        if self.scanner.peek()? != '-' || matches!(self.scanner.at(self.scanner.cursor() + 1)?, '[' | ']') {
            return Ok(());
        }
        self.scanner.next()?;
        let last = self.scanner.peek()?;
        let high = if last == '\\' {
            match self.escape_in_class(true)? {
                Escape::Literal(character) => character,
                _ => return Err(NotAPattern),
            }
        } else {
            self.scanner.next()?;
            u32::from(last)
        };
        if high < low { Err(NotAPattern) } else { Ok(()) }
    }
}
