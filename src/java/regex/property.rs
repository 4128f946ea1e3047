//! The names in `\p{…}`.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The blocks of Unicode 13, a line each in capitals: every key of `java.lang.Character.UnicodeBlock` of JDK 17. A block has
/// up to three, with blanks, without, with underscores.
static BLOCKS: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("blocks.txt").lines().collect());

/// The scripts of Unicode 13, a line each in capitals: every constant of `java.lang.Character.UnicodeScript` of JDK 17 and
/// every ISO 15924 code that it knows.
static SCRIPTS: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("scripts.txt").lines().collect());

/// Whether JDK 17 knows `name`, the text in the braces of `\p{…}`.
///
/// `has_unicode_classes` is the flag `U`, which makes the case of POSIX names irrelevant.
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
    SCRIPTS.contains(name.to_uppercase().as_str())
}

fn is_block(name: &str) -> bool {
    BLOCKS.contains(name.to_uppercase().as_str())
}

/// The general categories, POSIX classes and methods of `java.lang.Character`, which have one spelling each.
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

/// What follows `java`: `javaLowerCase` calls `Character.isLowerCase`.
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

/// POSIX classes after `Is`, or anywhere under the flag `U`.
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
