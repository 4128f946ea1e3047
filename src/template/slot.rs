//! Slots: the engine prints a mark in place of each value, so that the structure of a text is parsed without the
//! values.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use minijinja::value::{Object, ObjectRepr, Value, ValueKind};
use serde_json::Value as Json;

use super::values::Spellings;

/// Starts a mark. Unicode reserves these noncharacters, so that no text uses them.
const OPEN: char = '\u{fdd0}';
/// Starts a mark that is outside of any string and was put in quotes for the parser.
const OPEN_BARE: char = '\u{fdd3}';
/// Ends the random number of the run, and starts the number of the slot.
const MIDDLE: char = '\u{fdd1}';
const CLOSE: char = '\u{fdd2}';
/// The deepest value, in levels.
pub(super) const MAX_DEPTH: usize = 200;
/// The most values, nested ones included, that one run prints. Forty steps are enough to nest a list in itself forty
/// times, twice each time.
const MAX_PRINTED: usize = 2_000_000;

/// What a template printed at one place.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    /// A value.
    Value(Json),
    /// The JSON text of a value (`| tojson`): within a string it is that text.
    Text(Json),
}

/// A piece of marked text.
#[derive(Debug)]
pub(super) enum TemplatePiece<'t> {
    /// Text of the template.
    Text(&'t str),
    /// A value.
    Slot {
        slot: Slot,
        /// It was outside of any string.
        bare: bool,
        /// Where the mark starts in the text.
        start: usize,
        /// Where it ends.
        end: usize,
    },
}

/// What is printed for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlotMode {
    /// A mark.
    Mark,
    /// Its characters.
    Plain,
}

/// The slots of one rendering.
pub(super) struct Slots {
    secret: String,
    spellings: Spellings,
    state: Mutex<(SlotMode, Vec<Slot>)>,
    printed: AtomicUsize,
}

impl Slots {
    /// No slots yet, with a new random number.
    pub(super) fn new(spellings: Spellings) -> Result<Self, getrandom::Error> {
        // Only digits, which no filter for letters changes.
        let secret = getrandom::u64()?.to_string();
        Ok(Self {
            secret,
            spellings,
            state: Mutex::new((SlotMode::Mark, Vec::new())),
            printed: AtomicUsize::new(0),
        })
    }

    fn state(&self) -> MutexGuard<'_, (SlotMode, Vec<Slot>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets what is printed from now on.
    pub(super) fn set_mode(&self, mode: SlotMode) {
        self.state().0 = mode;
        self.printed.store(0, Ordering::Relaxed);
    }

    /// The text for a value that a template prints.
    pub(super) fn print(&self, value: &Value) -> Result<String, String> {
        if value.is_safe() {
            // Text with marks, which a macro or `set` block of the template put together.
            return Ok(value.as_str().unwrap_or_default().to_owned());
        }
        if value.is_undefined() {
            // In strict mode only an `if` without `else` gets here, which prints nothing.
            return Ok(String::new());
        }
        let slot = match value.downcast_object_ref::<JsonText>() {
            Some(JsonText(inner)) => Slot::Text(inner.clone()),
            None => Slot::Value(self.json(value)?),
        };
        let mut state = self.state();
        if state.0 == SlotMode::Plain {
            return Ok(self.characters(&slot));
        }
        state.1.push(slot);
        Ok(format!("{OPEN}{}{MIDDLE}{}{CLOSE}", self.secret, state.1.len() - 1))
    }

    /// A template's value as JSON; marks within its strings become characters.
    pub(super) fn json(&self, value: &Value) -> Result<Json, String> {
        self.json_below(value, 0)
    }

    fn json_below(&self, value: &Value, depth: usize) -> Result<Json, String> {
        if depth > MAX_DEPTH {
            return Err(format!("a value nests deeper than {MAX_DEPTH} levels"));
        }
        if self.printed.fetch_add(1, Ordering::Relaxed) > MAX_PRINTED {
            return Err(format!("the template prints more than {MAX_PRINTED} values"));
        }
        let iterate = || value.try_iter().map_err(|_| "a value cannot be read to its end".to_owned());
        match value.kind() {
            ValueKind::None => Ok(Json::Null),
            ValueKind::Bool => Ok(Json::Bool(value.is_true())),
            ValueKind::Number => number(value).ok_or_else(|| "JSON cannot represent this number".to_owned()),
            ValueKind::String => Ok(Json::String(self.unmark(value.as_str().unwrap_or_default()))),
            ValueKind::Seq | ValueKind::Iterable => {
                iterate()?.map(|item| self.json_below(&item, depth + 1)).collect()
            }
            ValueKind::Map => iterate()?
                .map(|key| {
                    let item =
                        value.get_item(&key).map_err(|_| "a map changed while it was read".to_owned())?;
                    let name = self.characters(&Slot::Value(self.json_below(&key, depth + 1)?));
                    Ok((name, self.json_below(&item, depth + 1)?))
                })
                .collect::<Result<serde_json::Map<_, _>, _>>()
                .map(Json::Object),
            ValueKind::Undefined => Err("a list or map holds a value that is not given".to_owned()),
            _ => match (value.downcast_object_ref::<JsonText>(), value.downcast_object_ref::<Spelled>()) {
                (Some(JsonText(json)), _) => Ok(Json::String(json.to_string())),
                (_, Some(Spelled { number, .. })) => Ok(Json::from(*number)),
                _ => Err("this is a function or macro, not a value: call it with `(…)`".to_owned()),
            },
        }
    }

    /// The characters of a slot.
    fn characters(&self, slot: &Slot) -> String {
        match slot {
            Slot::Value(Json::String(text)) => text.clone(),
            Slot::Value(Json::Number(number)) => {
                self.spellings.of(number).ok().flatten().map_or_else(|| number.to_string(), str::to_owned)
            }
            Slot::Value(json) | Slot::Text(json) => json.to_string(),
        }
    }

    /// The characters of a slot inside a string, or why it cannot be there.
    pub(super) fn within_string(&self, slot: &Slot) -> Result<String, SlotRefusal> {
        match slot {
            Slot::Value(Json::Array(_) | Json::Object(_)) => Err(SlotRefusal {
                message: "a list or map is inside a string",
                help: "remove the quotes, or write its JSON text with `| tojson`, or its items with `| join(\",\")`",
            }),
            Slot::Value(Json::Null) => Err(SlotRefusal {
                message: "null is inside a string",
                help: "give the variable a value, or a text for null with `| default(\"…\", true)`",
            }),
            Slot::Value(Json::Number(number)) if self.spellings.of(number).is_err() => Err(SlotRefusal {
                message: "a number that the values spell in several ways is inside a string",
                help: "write it in quotes in the values, so that its spelling is kept",
            }),
            slot => Ok(self.characters(slot)),
        }
    }

    /// A number as it was given, if known.
    pub(super) fn spelling(&self, number: &serde_json::Number) -> String {
        self.spellings.of(number).ok().flatten().map_or_else(|| number.to_string(), str::to_owned)
    }

    /// Marked text with characters in place of the marks, as an engine without marks would print it.
    pub(super) fn unmark(&self, text: &str) -> String {
        if !text.contains([OPEN, OPEN_BARE]) {
            return text.to_owned();
        }
        let pieces = self.pieces(text).into_iter().map(|piece| match piece {
            TemplatePiece::Text(text) => text.to_owned(),
            TemplatePiece::Slot { slot, .. } => self.characters(&slot),
        });
        pieces.collect()
    }

    /// Marked text for users, without the values.
    pub(super) fn display(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut after_bare = false;
        for piece in self.pieces(text) {
            match piece {
                // The quotes around a bare mark are not part of the template.
                TemplatePiece::Text(text) if after_bare => {
                    shown.push_str(text.strip_prefix('"').unwrap_or(text));
                }
                TemplatePiece::Text(text) => shown.push_str(text),
                TemplatePiece::Slot { bare, .. } => {
                    if bare {
                        shown.pop();
                    }
                    shown.push_str("{{…}}");
                }
            }
            after_bare = matches!(piece, TemplatePiece::Slot { bare: true, .. });
        }
        shown
    }

    /// Splits a text at its marks. Text that only looks like a mark is text.
    pub(super) fn pieces<'t>(&self, text: &'t str) -> Vec<TemplatePiece<'t>> {
        let state = self.state();
        let mut pieces = Vec::new();
        let (mut done, mut from) = (0, 0);
        while let Some(found) = text[from..].find([OPEN, OPEN_BARE]) {
            let start = from + found;
            from = start + OPEN.len_utf8();
            let Some((index, end)) = self.mark_at(text, from) else {
                continue;
            };
            let Some(slot) = state.1.get(index).cloned() else {
                continue;
            };
            if done < start {
                pieces.push(TemplatePiece::Text(&text[done..start]));
            }
            pieces.push(TemplatePiece::Slot { slot, bare: text[start..].starts_with(OPEN_BARE), start, end });
            (done, from) = (end, end);
        }
        if done < text.len() {
            pieces.push(TemplatePiece::Text(&text[done..]));
        }
        pieces
    }

    /// The index of the slot, and the end of the mark, whose first character ends at `at`.
    fn mark_at(&self, text: &str, at: usize) -> Option<(usize, usize)> {
        let rest = text[at..].strip_prefix(self.secret.as_str())?.strip_prefix(MIDDLE)?;
        let (digits, after) = rest.split_once(CLOSE)?;
        Some((digits.parse().ok()?, text.len() - after.len()))
    }

    /// The mark as a value of its own, in quotes for a JSON parser.
    pub(super) fn quoted(mark: &str) -> String {
        let mut quoted = String::with_capacity(mark.len() + 2);
        let _ = write!(quoted, "\"{OPEN_BARE}{}\"", mark.strip_prefix(OPEN).unwrap_or(mark));
        quoted
    }
}

/// Why a value cannot be where it is.
pub(super) struct SlotRefusal {
    pub(super) message: &'static str,
    pub(super) help: &'static str,
}

fn number(value: &Value) -> Option<Json> {
    if !value.is_integer() {
        return f64::try_from(value.clone()).ok().and_then(serde_json::Number::from_f64).map(Json::Number);
    }
    i64::try_from(value.clone())
        .map(Json::from)
        .or_else(|_| u64::try_from(value.clone()).map(Json::from))
        .ok()
}

/// The result of `| tojson`: a value that is printed as JSON text everywhere.
#[derive(Debug)]
pub(super) struct JsonText(pub(super) Json);

impl Object for JsonText {
    fn repr(self: &std::sync::Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &std::sync::Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A number with the spelling in which it was given; used only to find out whether the spelling matters.
#[derive(Debug)]
pub(super) struct Spelled {
    pub(super) number: f64,
    pub(super) text: String,
}

impl Object for Spelled {
    fn repr(self: &std::sync::Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &std::sync::Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
