//! Syntax errors, with the distinctions that Jackson makes.

use std::fmt;
use std::ops::Range;

/// Why a text does not parse, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct SyntaxError {
    /// The bytes at fault.
    pub range: Range<usize>,
    /// What is wrong.
    pub problem: SyntaxProblem,
}

/// What the parser expected when it found something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Any value.
    Value,
    /// A value after `[` or a comma.
    Element,
    /// A member's name, in double quotes.
    Key,
    /// The colon between name and value.
    Colon,
    /// A comma or the end of the object.
    ObjectEntry,
    /// A comma or the end of the array.
    ArrayEntry,
    /// A digit in a number.
    Digit,
    /// Four hexadecimal digits after `\u`.
    HexDigit,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value | Self::Element => "a value",
            Self::Key => "a name in double quotes",
            Self::Colon => "a colon",
            Self::ObjectEntry => "a comma or `}`",
            Self::ArrayEntry => "a comma or `]`",
            Self::Digit => "a digit",
            Self::HexDigit => "four hexadecimal digits after `\\u`",
        })
    }
}

/// What is wrong with a text. The variants follow Jackson's own distinctions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyntaxProblem {
    /// Only white space.
    Empty,
    /// More than 4 GiB.
    TooLarge,
    /// The text ends inside a value; the offset of the innermost open object or array, if there is one.
    UnexpectedEnd(Option<usize>),
    /// A character that is not allowed there.
    Unexpected(char, Expected),
    /// A word that is not a JSON literal.
    UnknownWord(String),
    /// `NaN`, `Infinity` and similar.
    NotFinite(String),
    /// A comma before `}` or `]`.
    TrailingComma,
    /// A comment in strict JSON.
    Comment,
    /// `/*` without `*/`.
    UnclosedComment,
    /// `}` in place of `]`, or the reverse, or with nothing open.
    WrongClose(char),
    /// `01`.
    LeadingZero,
    /// A backslash before a character that is not one of `"\/bfnrtu`.
    UnknownEscape(char),
    /// A control character inside a string.
    ControlInString(char),
    /// A control character between tokens.
    Control(char),
    /// An error of the YAML parser, in its words.
    Yaml(String),
}

impl fmt::Display for SyntaxProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is only white space here"),
            Self::TooLarge => f.write_str("the text is larger than 4 GiB"),
            Self::UnexpectedEnd(_) => f.write_str("the text ends in the middle of a value"),
            Self::Unexpected(found, expected) => write!(f, "expected {expected}, found {found:?}"),
            Self::UnknownWord(word) => write!(f, "`{word}` is not a JSON value"),
            Self::NotFinite(word) => write!(f, "`{word}` is not a JSON number"),
            Self::TrailingComma => f.write_str("a comma with nothing after it"),
            Self::Comment => f.write_str("a comment, which JSON does not allow"),
            Self::UnclosedComment => f.write_str("this comment is never closed"),
            Self::WrongClose(found) => write!(f, "`{found}` matches no open bracket"),
            Self::LeadingZero => f.write_str("a number must not start with a zero"),
            Self::UnknownEscape(found) => write!(f, "`\\{}` is not a JSON escape", found.escape_default()),
            Self::ControlInString(found) => {
                write!(f, "the control character U+{:04X} is not escaped in this string", u32::from(*found))
            }
            Self::Control(found) => write!(f, "the control character U+{:04X}", u32::from(*found)),
            Self::Yaml(message) => f.write_str(message),
        }
    }
}

impl SyntaxProblem {
    /// What to do about it, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::Empty => "write a definition, or delete the file",
            Self::UnexpectedEnd(_) => "close what is still open, or restore what was cut off",
            Self::TrailingComma => "remove the comma",
            Self::Comment => "remove it, or name the file `.jsonc`: milepost then sends it without comments",
            Self::Unexpected('\'', _) => "put strings in double quotes",
            Self::Unexpected(_, Expected::Key) => "put the name in double quotes",
            Self::Unexpected(_, Expected::ObjectEntry | Expected::ArrayEntry) => {
                "a comma is missing before this, or a quote or bracket earlier on"
            }
            Self::UnknownWord(_) => "put it in double quotes if it is a string",
            Self::NotFinite(_) => "give a number",
            Self::LeadingZero => "remove the zero",
            Self::UnknownEscape(_) => "write a backslash itself as `\\\\`",
            Self::ControlInString(_) => "write it as an escape: `\\n`, `\\t`, `\\u0000`",
            _ => return None,
        })
    }
}
