//! Groups, alternatives and quantifiers.

use super::length::{Length, NO_END, Piece, measure};
use super::scan::Flags;
use super::{Parser, Read, Refused};

/// How many groups may stand in each other, see [`is_pattern`](super::is_pattern).
const DEPTH: usize = 900;

/// A group that has been begun.
pub(super) struct Open {
    kind: Kind,
    /// The flags around it.
    flags: Flags,
    /// Its first piece.
    start: usize,
    /// What was found of the alternatives before the last `|`: the longest, and whether all their lengths are known.
    alternatives: Option<(i32, bool)>,
}

impl Open {
    /// The pattern itself.
    pub(super) fn pattern() -> Self {
        Self { kind: Kind::Plain, flags: Flags::default(), start: 0, alternatives: None }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `(…)`, `(?<name>…)`, `(?:…)`.
    Plain,
    /// `(?=…)`, `(?!…)`.
    LookAhead,
    /// `(?<=…)`, `(?<!…)`.
    LookBehind,
    /// `(?>…)`.
    Independent,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Greedy,
    Lazy,
    Possessive,
}

#[derive(Clone, Copy)]
pub(super) enum Quantifier {
    None,
    /// `?`, `{0,1}`.
    Optional(Mode),
    /// All others. `has_no_end`: `*`, `+`, `{3,}`.
    Repeat {
        least: i32,
        most: i32,
        has_no_end: bool,
        mode: Mode,
    },
}

impl Parser {
    /// Reads the beginning of a group, at its parenthesis, or all of a group that is nothing but flags.
    pub(super) fn open_group(&mut self) -> Read<()> {
        let flags = self.scanner.flags();
        let kind = if self.scanner.next()? == '?' {
            match self.scanner.skip()? {
                ':' => Kind::Plain,
                '=' | '!' => Kind::LookAhead,
                '>' => Kind::Independent,
                '<' => self.look_behind_or_name()?,
                _ => {
                    self.scanner.back();
                    self.inline_flags()?;
                    match self.scanner.read()? {
                        ')' => return Ok(()),
                        ':' => Kind::Plain,
                        _ => return Err(Refused),
                    }
                }
            }
        } else {
            self.captures += 1;
            Kind::Plain
        };
        let start = self.pieces.len();
        self.pieces.push(if kind == Kind::Independent { Piece::Enter } else { Piece::Start });
        self.open.push(Open { kind, flags, start, alternatives: None });
        if self.open.len() > DEPTH { Err(Refused) } else { Ok(()) }
    }

    fn look_behind_or_name(&mut self) -> Read<Kind> {
        let first = self.scanner.read()?;
        if matches!(first, '=' | '!') {
            return Ok(Kind::LookBehind);
        }
        let name = self.group_name(first)?;
        self.captures += 1;
        if self.names.insert(name) { Ok(Kind::Plain) } else { Err(Refused) }
    }

    /// Letters, and letters after a `-`. What ends them is looked at elsewhere.
    fn inline_flags(&mut self) -> Read<()> {
        let mut is_off = false;
        let mut next = self.scanner.peek()?;
        loop {
            match Flags::of(next) {
                Some(flag) if is_off => self.scanner.remove_flag(flag),
                Some(flag) => self.scanner.add_flag(flag),
                None if next == '-' && !is_off => is_off = true,
                None => return Ok(()),
            }
            next = self.scanner.next()?;
        }
    }

    /// Ends an alternative of the group around the cursor, and begins the next.
    pub(super) fn end_alternative(&mut self) {
        let Some(group) = self.open.last_mut() else { return };
        let length = measure(&self.pieces[group.start + 1..]);
        self.pieces.truncate(group.start + 1);
        let (longest, is_known) = group.alternatives.unwrap_or((-1, true));
        group.alternatives = Some((longest.max(length.most), is_known && length.is_known));
    }

    /// Reads the end of a group, at its parenthesis, and its quantifier.
    pub(super) fn close_group(&mut self) -> Read<()> {
        if self.open.len() == 1 {
            return Err(Refused);
        }
        if self.open.last().is_some_and(|group| group.alternatives.is_some()) {
            self.end_alternative();
        }
        let Some(Open { kind, flags, start, alternatives }) = self.open.pop() else { return Err(Refused) };
        if let Some((longest, is_known)) = alternatives {
            self.pieces.push(Piece::Choice { longest, is_known });
        }
        // The flags of the group hold up to its parenthesis, those around it from there on.
        self.scanner.read()?;
        self.scanner.set_flags(flags);
        match kind {
            Kind::Plain => {}
            Kind::LookAhead => self.pieces.truncate(start),
            Kind::LookBehind if measure(&self.pieces[start..]).is_known => self.pieces.truncate(start),
            Kind::LookBehind => return Err(Refused),
            Kind::Independent => self.pieces.push(Piece::Leave),
        }
        let quantifier = self.quantifier()?;
        if kind == Kind::Plain {
            self.quantify_group(start, quantifier);
        } else {
            self.quantify(start, quantifier, false);
        }
        Ok(())
    }

    /// Reads a quantifier, if there is one.
    pub(super) fn quantifier(&mut self) -> Read<Quantifier> {
        match self.scanner.peek()? {
            '?' => Ok(Quantifier::Optional(self.mode()?)),
            '*' => self.endless(0),
            '+' => self.endless(1),
            '{' => self.counted(),
            _ => Ok(Quantifier::None),
        }
    }

    /// After the first brace.
    fn counted(&mut self) -> Read<Quantifier> {
        let first = self.scanner.skip()?;
        if !first.is_ascii_digit() {
            return Err(Refused);
        }
        let (least, mut next) = self.count(first)?;
        let mut most = least;
        if next == ',' {
            next = self.scanner.read()?;
            if next == '}' {
                self.scanner.back();
                return self.endless(least);
            }
            (most, next) = self.count(next)?;
        }
        if next != '}' || most < least {
            return Err(Refused);
        }
        self.scanner.back();
        let mode = self.mode()?;
        if (least, most) == (0, 1) {
            return Ok(Quantifier::Optional(mode));
        }
        Ok(Quantifier::Repeat { least, most, has_no_end: false, mode })
    }

    /// A number of 31 bits from its first digit on, and the character after it.
    fn count(&mut self, mut next: char) -> Read<(i32, char)> {
        let mut number: i32 = 0;
        while let Some(digit) = next.to_digit(10) {
            let digit = i32::try_from(digit).map_err(|_| Refused)?;
            number = number.checked_mul(10).and_then(|tens| tens.checked_add(digit)).ok_or(Refused)?;
            next = self.scanner.read()?;
        }
        Ok((number, next))
    }

    fn endless(&mut self, least: i32) -> Read<Quantifier> {
        Ok(Quantifier::Repeat { least, most: NO_END, has_no_end: true, mode: self.mode()? })
    }

    /// What is at the last character of a quantifier and after it.
    fn mode(&mut self) -> Read<Mode> {
        let mode = match self.scanner.next()? {
            '?' => Mode::Lazy,
            '+' => Mode::Possessive,
            _ => return Ok(Mode::Greedy),
        };
        self.scanner.next()?;
        Ok(mode)
    }

    /// Puts a quantifier to the account of the pieces from `start` on, which are no group that Java takes apart.
    pub(super) fn quantify(&mut self, start: usize, quantifier: Quantifier, is_character: bool) {
        match quantifier {
            Quantifier::None => {}
            Quantifier::Optional(_) => self.pieces.push(Piece::Loose),
            Quantifier::Repeat { has_no_end: true, mode: Mode::Greedy, .. } if is_character => {
                self.replace(start, Piece::Greedy);
            }
            Quantifier::Repeat { least, most, .. } => {
                let once = measure(&self.pieces[start..]);
                self.replace(start, Piece::Repeated { once, times: most, is_exact: least == most });
            }
        }
    }

    /// The same for a group. Java keeps a possessive group whole, makes alternatives of an optional one, and takes
    /// one that can match in several ways for a loop.
    fn quantify_group(&mut self, start: usize, quantifier: Quantifier) {
        match quantifier {
            Quantifier::Optional(Mode::Possessive) => {
                self.pieces[start] = Piece::Enter;
                self.pieces.extend([Piece::Leave, Piece::Loose]);
            }
            Quantifier::Optional(_) => {
                let Length { most, is_known, .. } = measure(&self.pieces[start..]);
                self.replace(start, Piece::Choice { longest: most.max(0), is_known });
            }
            Quantifier::Repeat { mode: Mode::Greedy | Mode::Lazy, .. }
                if !measure(&self.pieces[start..]).is_certain =>
            {
                self.replace(start, Piece::Loop);
            }
            _ => self.quantify(start, quantifier, false),
        }
    }

    fn replace(&mut self, start: usize, piece: Piece) {
        self.pieces.truncate(start);
        self.pieces.push(piece);
    }
}
