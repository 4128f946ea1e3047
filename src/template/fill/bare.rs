//! Marks outside of JSON strings.

use serde_json::Value as Json;

use crate::source::Format;

use super::super::rules;
use super::super::slot::{Slot, Slots, TemplatePiece};
use super::{FillReport, FillResult, SlotOrigin};

/// The state of a scan of JSON text.
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

/// Puts quotes around every mark outside of a string, so that a JSON parser reads a value there.
///
/// Directly after a value, a mark whose value is a string of commas and white space is the separator of
/// `{{ "," if not loop.last }}`.
pub(super) fn quote(marked: &str, slots: &Slots, origin: &SlotOrigin) -> FillResult<String> {
    let comments = origin.format == Format::Jsonc;
    let mut text = String::with_capacity(marked.len() + 64);
    let mut state = State::Outside;
    // The last character outside of strings and comments, and whether white space has followed it.
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
            // A backslash directly before a mark is an error: the parser rejects it.
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
            // A separator is handled in the next turn.
            Some(TemplatePiece::Slot { slot, .. }) => separator(slot).is_none(),
            Some(TemplatePiece::Text(next)) => {
                !next.starts_with([',', '}', ']', ':', '/']) && !next.starts_with(char::is_whitespace)
            }
        };
        if glued_before || glued_after {
            let report = FillReport { text: marked, slots, origin };
            let message = "a value is directly beside other text, outside of quotes";
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
