//! Marks outside of JSON's strings.

use serde_json::Value as Json;

use crate::source::Format;

use super::super::rules;
use super::super::slot::{Slot, Slots, TemplatePiece};
use super::{FillReport, FillResult, SlotOrigin};

/// Where a scan of JSON text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between tokens, or in a number or literal.
    Outside,
    InString,
    /// After a backslash in a string.
    Escaped,
    LineComment,
    BlockComment,
}

/// Gives every mark that stands outside of a string quotes, so that a JSON parser sees a value there.
///
/// Where a value has just ended, no other can follow, and a string of commas and blanks is the separator that
/// `{{ "," if not loop.last }}` means.
pub(super) fn quote(marked: &str, slots: &Slots, origin: &SlotOrigin) -> FillResult<String> {
    let comments = origin.format == Format::Jsonc;
    let mut text = String::with_capacity(marked.len() + 64);
    let mut state = State::Outside;
    // The last character outside of strings and comments, and whether blanks have followed it.
    let (mut last, mut apart) = (' ', true);
    let pieces = slots.pieces(marked);
    let mut pieces = pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        let (slot, start, end) = match piece {
            TemplatePiece::Text(own) => {
                scan(own, comments, &mut state, &mut last, &mut apart);
                text.push_str(own);
                continue;
            }
            TemplatePiece::Slot { slot, start, end, .. } => (slot, *start, *end),
        };
        if state != State::Outside {
            // A backslash just before a value escapes nothing of it: the parser refuses the mark there.
            text.push_str(&marked[start..end]);
            continue;
        }
        let after_value = matches!(last, '"' | '}' | ']') || last.is_alphanumeric() || last == '.';
        if let (true, Some(separator)) = (after_value, separator(slot)) {
            text.push_str(separator);
            if separator.contains(',') {
                (last, apart) = (',', true);
            }
            continue;
        }
        let glued_before = !apart && !matches!(last, '{' | '[' | ',' | ':');
        let glued_after = match pieces.peek() {
            None => false,
            // A separator's turn comes next.
            Some(TemplatePiece::Slot { slot, .. }) => separator(slot).is_none(),
            Some(TemplatePiece::Text(next)) => {
                !next.starts_with([',', '}', ']', ':', '/']) && !next.starts_with(char::is_whitespace)
            }
        };
        if glued_before || glued_after {
            let report = FillReport { text: marked, slots, origin };
            let message = "a value stands right beside other text, outside of quotes";
            let help = "put the whole in quotes, or compute all of it in one expression: `{{ … }}`";
            return Err(report.fault(&rules::VALUE_OUT_OF_PLACE, start..end, message, Some(help)));
        }
        text.push_str(&Slots::quoted(&marked[start..end]));
        (last, apart) = ('"', false);
    }
    Ok(text)
}

fn separator(slot: &Slot) -> Option<&str> {
    match slot {
        Slot::Value(Json::String(text)) => text
            .chars()
            .all(|character| character == ',' || character.is_ascii_whitespace())
            .then_some(text.as_str()),
        _ => None,
    }
}

fn scan(text: &str, comments: bool, state: &mut State, last: &mut char, apart: &mut bool) {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        *state = match (*state, character) {
            (State::Outside, '"') | (State::Escaped, _) => State::InString,
            (State::Outside, '/') if comments && characters.peek() == Some(&'/') => State::LineComment,
            (State::Outside, '/') if comments && characters.peek() == Some(&'*') => {
                characters.next();
                State::BlockComment
            }
            (State::InString, '"') | (State::LineComment, '\n') => State::Outside,
            (State::InString, '\\') => State::Escaped,
            (State::BlockComment, '*') if characters.peek() == Some(&'/') => {
                characters.next();
                *apart = true;
                State::Outside
            }
            (state, _) => state,
        };
        if *state == State::Outside {
            if character.is_whitespace() {
                *apart = true;
            } else if !(comments && character == '*') {
                (*last, *apart) = (character, false);
            }
        }
    }
}
