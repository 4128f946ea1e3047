//! The names in `\p{…}`.

use super::blocks::BLOCKS;
use super::scripts::SCRIPTS;

/// Whether `name`, what stands in the braces of `\p{…}`, is known to JDK 17.
///
/// `has_unicode_classes` is the flag `U`, with which POSIX names are taken in any case.
pub(super) fn is_known(name: &str, has_unicode_classes: bool) -> bool {
    if let Some((name, value)) = name.split_once('=') {
        return match name.to_lowercase().as_str() {
            "sc" | "script" => is_script(value),
            "blk" | "block" => is_block(value),
            "gc" | "general_category" => is_property(value),
            _ => false,
        };
    }
    if let Some(block) = name.strip_prefix("In") {
        return is_block(block);
    }
    if let Some(name) = name.strip_prefix("Is") {
        let upper = name.to_uppercase();
        return contains(UNICODE, &upper) || contains(POSIX, &upper) || is_property(name) || is_script(name);
    }
    has_unicode_classes && contains(POSIX, &name.to_uppercase()) || is_property(name)
}

fn is_script(name: &str) -> bool {
    contains(SCRIPTS, &name.to_uppercase())
}

fn is_block(name: &str) -> bool {
    contains(BLOCKS, &name.to_uppercase())
}

/// The general categories, POSIX classes and methods of `java.lang.Character`, all in their one spelling.
fn is_property(name: &str) -> bool {
    contains(CATEGORIES, name) || contains(CLASSES, name) || name.strip_prefix("java").is_some_and(is_method)
}

fn is_method(name: &str) -> bool {
    contains(METHODS, name)
}

fn contains(sorted: &[&str], name: &str) -> bool {
    sorted.binary_search(&name).is_ok()
}

/// Unicode's general categories and their groups; `LD` is Java's, for letters and digits.
static CATEGORIES: &[&str] = &[
    "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "LC", "LD", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn",
    "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z",
    "Zl", "Zp", "Zs",
];

/// POSIX classes, and Java's `L1` (Latin-1), `all` and `ASCII`.
static CLASSES: &[&str] = &[
    "ASCII", "Alnum", "Alpha", "Blank", "Cntrl", "Digit", "Graph", "L1", "Lower", "Print", "Punct", "Space",
    "Upper", "XDigit", "all",
];

/// What follows `java`: `javaLowerCase` asks `Character.isLowerCase`.
static METHODS: &[&str] = &[
    "Alphabetic",
    "Defined",
    "Digit",
    "ISOControl",
    "IdentifierIgnorable",
    "Ideographic",
    "JavaIdentifierPart",
    "JavaIdentifierStart",
    "Letter",
    "LetterOrDigit",
    "LowerCase",
    "Mirrored",
    "SpaceChar",
    "TitleCase",
    "UnicodeIdentifierPart",
    "UnicodeIdentifierStart",
    "UpperCase",
    "Whitespace",
];

/// POSIX classes as they stand after `Is`, or anywhere under the flag `U`.
static POSIX: &[&str] = &[
    "ALNUM", "ALPHA", "BLANK", "CNTRL", "DIGIT", "GRAPH", "LOWER", "PRINT", "PUNCT", "SPACE", "UPPER",
    "XDIGIT",
];

/// Unicode's binary properties that Java knows after `Is`.
static UNICODE: &[&str] = &[
    "ALPHABETIC",
    "ASSIGNED",
    "CONTROL",
    "HEXDIGIT",
    "HEX_DIGIT",
    "IDEOGRAPHIC",
    "JOINCONTROL",
    "JOIN_CONTROL",
    "LETTER",
    "LOWERCASE",
    "NONCHARACTERCODEPOINT",
    "NONCHARACTER_CODE_POINT",
    "PUNCTUATION",
    "TITLECASE",
    "UPPERCASE",
    "WHITESPACE",
    "WHITE_SPACE",
    "WORD",
];
