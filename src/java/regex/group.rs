//! Groups, alternatives and quantifiers.

use super::length::{Length, NO_END, PatternPiece, measure};
use super::scan::Flags;
use super::{NotAPattern, PatternParser, Read};

/// The deepest nesting of groups, see [`is_pattern`](super::is_pattern).
const DEPTH: usize = 900;

/// A group that has been begun.
pub(super) struct OpenGroup {
    kind: GroupKind,
    /// The flags around it.
    flags: Flags,
    /// Its first piece.
    start: usize,
    /// The longest of the alternatives before the last `|`, and whether all their lengths are known.
    alternatives: Option<(i32, bool)>,
}

impl OpenGroup {
    /// The pattern itself.
    pub(super) fn pattern() -> Self {
        Self { kind: GroupKind::Plain, flags: Flags::default(), start: 0, alternatives: None }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GroupKind {
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
pub(super) enum PatternFlags {
    Greedy,
    Lazy,
    Possessive,
}

#[derive(Clone, Copy)]
pub(super) enum Quantifier {
    None,
    /// `?`, `{0,1}`.
    Optional(PatternFlags),
    /// All others. `has_no_end`: `*`, `+`, `{3,}`.
    Repeat {
        least: i32,
        most: i32,
        has_no_end: bool,
        mode: PatternFlags,
    },
}

impl PatternParser {
    /// Reads the beginning of a group, at its parenthesis, or a whole group that has only flags.
    pub(super) fn open_group(&mut self) -> Read<()> {
        let flags = self.scanner.flags();
        let kind = if self.scanner.next()? == '?' {
            match self.scanner.skip()? {
                ':' => GroupKind::Plain,
                '=' | '!' => GroupKind::LookAhead,
                '>' => GroupKind::Independent,
                '<' => self.look_behind_or_name()?,
                _ => {
                    self.scanner.back();
                    self.inline_flags()?;
                    match self.scanner.read()? {
                        ')' => return Ok(()),
                        ':' => GroupKind::Plain,
                        _ => return Err(NotAPattern),
                    }
                }
            }
        } else {
            self.captures += 1;
            GroupKind::Plain
        };
        let start = self.pieces.len();
        self.pieces.push(if kind == GroupKind::Independent {
            PatternPiece::Enter
        } else {
            PatternPiece::Start
        });
        self.open.push(OpenGroup { kind, flags, start, alternatives: None });
        if self.open.len() > DEPTH { Err(NotAPattern) } else { Ok(()) }
    }

    fn look_behind_or_name(&mut self) -> Read<GroupKind> {
        let first = self.scanner.read()?;
        if matches!(first, '=' | '!') {
            return Ok(GroupKind::LookBehind);
        }
        let name = self.group_name(first)?;
        self.captures += 1;
        if self.names.insert(name) { Ok(GroupKind::Plain) } else { Err(NotAPattern) }
    }

    /// Reads letters, and letters after a `-`. The caller checks what follows them.
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
            return Err(NotAPattern);
        }
        if self.open.last().is_some_and(|group| group.alternatives.is_some()) {
            self.end_alternative();
        }
        let Some(OpenGroup { kind, flags, start, alternatives }) = self.open.pop() else {
            return Err(NotAPattern);
        };
        if let Some((longest, is_known)) = alternatives {
            self.pieces.push(PatternPiece::Choice { longest, is_known });
        }
        // The flags of the group apply up to its parenthesis, the outer flags after it.
        self.scanner.read()?;
        self.scanner.set_flags(flags);
        match kind {
            GroupKind::Plain => {}
            GroupKind::LookAhead => self.pieces.truncate(start),
            GroupKind::LookBehind if measure(&self.pieces[start..]).is_known => self.pieces.truncate(start),
            GroupKind::LookBehind => return Err(NotAPattern),
            GroupKind::Independent => self.pieces.push(PatternPiece::Leave),
        }
        let quantifier = self.quantifier()?;
        if kind == GroupKind::Plain {
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
            return Err(NotAPattern);
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
            return Err(NotAPattern);
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
            let digit = i32::try_from(digit).map_err(|_| NotAPattern)?;
            number = number.checked_mul(10).and_then(|tens| tens.checked_add(digit)).ok_or(NotAPattern)?;
            next = self.scanner.read()?;
        }
        Ok((number, next))
    }

    fn endless(&mut self, least: i32) -> Read<Quantifier> {
        Ok(Quantifier::Repeat { least, most: NO_END, has_no_end: true, mode: self.mode()? })
    }

    /// The mode of a quantifier, from its last character on.
    fn mode(&mut self) -> Read<PatternFlags> {
        let mode = match self.scanner.next()? {
            '?' => PatternFlags::Lazy,
            '+' => PatternFlags::Possessive,
            _ => return Ok(PatternFlags::Greedy),
        };
        self.scanner.next()?;
        Ok(mode)
    }

    /// Applies a quantifier to the pieces from `start` on, which are not a plain group.
    pub(super) fn quantify(&mut self, start: usize, quantifier: Quantifier, is_character: bool) {
        match quantifier {
            Quantifier::None => {}
            Quantifier::Optional(_) => self.pieces.push(PatternPiece::Loose),
            Quantifier::Repeat { has_no_end: true, mode: PatternFlags::Greedy, .. } if is_character => {
                self.replace(start, PatternPiece::Greedy);
            }
            Quantifier::Repeat { least, most, .. } => {
                let once = measure(&self.pieces[start..]);
                self.replace(start, PatternPiece::Repeated { once, times: most, is_exact: least == most });
            }
        }
    }

    /// As [`Self::quantify`] for a plain group. Java treats a possessive group as a unit, an optional one as alternatives,
    /// and one that can match in several ways as a loop.
    fn quantify_group(&mut self, start: usize, quantifier: Quantifier) {
        match quantifier {
            Quantifier::Optional(PatternFlags::Possessive) => {
                self.pieces[start] = PatternPiece::Enter;
                self.pieces.extend([PatternPiece::Leave, PatternPiece::Loose]);
            }
            Quantifier::Optional(_) => {
                let Length { most, is_known, .. } = measure(&self.pieces[start..]);
                self.replace(start, PatternPiece::Choice { longest: most.max(0), is_known });
            }
            Quantifier::Repeat { mode: PatternFlags::Greedy | PatternFlags::Lazy, .. }
                if !measure(&self.pieces[start..]).is_certain =>
            {
                self.replace(start, PatternPiece::Loop);
            }
            _ => self.quantify(start, quantifier, false),
        }
    }

    fn replace(&mut self, start: usize, piece: PatternPiece) {
        self.pieces.truncate(start);
        self.pieces.push(piece);
    }
}
