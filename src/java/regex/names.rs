//! The names of characters in `\N{…}`, as `java.lang.Character.codePointOf` of JDK 17 (Unicode 13) knows them.

/// The character of this name; case and blanks around the name do not count.
pub(super) fn code_point(name: &str) -> Option<u32> {
    // `String.trim` removes all characters up to U+0020.
    let name = name.trim_matches(|character: char| character <= ' ').to_uppercase();
    listed(&name).or_else(|| numbered(&name)).or_else(|| control(&name))
}

/// A character with its own name. The library knows a later Unicode than JDK 17 (13), so it accepts names that JDK 17
/// rejects.
fn listed(name: &str) -> Option<u32> {
    // No name begins with a dash, and the library panics on one that does when overflows are checked.
    if name.starts_with('-') {
        return None;
    }
    let character = unicode_names2::character(name)?;
    // Java names these by block and number.
    if NUMBERED.iter().any(|&(first, last, _)| (first..=last).contains(&u32::from(character))) {
        return None;
    }
    // The library ignores blanks, dashes and underscores; Java does not.
    let own: String = unicode_names2::name(character)?.collect();
    (own == name).then_some(u32::from(character))
}

/// A character that Java names by block and number: `CJK UNIFIED IDEOGRAPHS 4E00`.
fn numbered(name: &str) -> Option<u32> {
    let (block, digits) = name.rsplit_once(' ')?;
    let number = u32::from_str_radix(digits, 16).ok().filter(|number| format!("{number:X}") == digits)?;
    NUMBERED
        .iter()
        .any(|&(first, last, named)| named == block && (first..=last).contains(&number))
        .then_some(number)
}

static NUMBERED: &[(u32, u32, &str)] = &[
    (0x84, 0x84, "LATIN 1 SUPPLEMENT"),
    (0x3400, 0x4dbf, "CJK UNIFIED IDEOGRAPHS EXTENSION A"),
    (0x4e00, 0x9ffc, "CJK UNIFIED IDEOGRAPHS"),
    (0xac00, 0xd7a3, "HANGUL SYLLABLES"),
    (0xd800, 0xdb7f, "HIGH SURROGATES"),
    (0xdb80, 0xdbff, "HIGH PRIVATE USE SURROGATES"),
    (0xdc00, 0xdfff, "LOW SURROGATES"),
    (0xe000, 0xf8ff, "PRIVATE USE AREA"),
    (0x1_7000, 0x1_87f7, "TANGUT"),
    (0x1_8d00, 0x1_8d08, "TANGUT SUPPLEMENT"),
    (0x2_0000, 0x2_a6dd, "CJK UNIFIED IDEOGRAPHS EXTENSION B"),
    (0x2_a700, 0x2_b734, "CJK UNIFIED IDEOGRAPHS EXTENSION C"),
    (0x2_b740, 0x2_b81d, "CJK UNIFIED IDEOGRAPHS EXTENSION D"),
    (0x2_b820, 0x2_cea1, "CJK UNIFIED IDEOGRAPHS EXTENSION E"),
    (0x2_ceb0, 0x2_ebe0, "CJK UNIFIED IDEOGRAPHS EXTENSION F"),
    (0x3_0000, 0x3_134a, "CJK UNIFIED IDEOGRAPHS EXTENSION G"),
    (0xf_0000, 0xf_fffd, "SUPPLEMENTARY PRIVATE USE AREA A"),
    (0x10_0000, 0x10_fffd, "SUPPLEMENTARY PRIVATE USE AREA B"),
];

/// A control character, by its name in Unicode 1, which Java keeps.
fn control(name: &str) -> Option<u32> {
    let index = CONTROLS.iter().position(|control| *control == name)?;
    u32::try_from(index).ok()
}

static CONTROLS: [&str; 32] = [
    "NULL",
    "START OF HEADING",
    "START OF TEXT",
    "END OF TEXT",
    "END OF TRANSMISSION",
    "ENQUIRY",
    "ACKNOWLEDGE",
    "BELL",
    "BACKSPACE",
    "CHARACTER TABULATION",
    "LINE FEED (LF)",
    "LINE TABULATION",
    "FORM FEED (FF)",
    "CARRIAGE RETURN (CR)",
    "SHIFT OUT",
    "SHIFT IN",
    "DATA LINK ESCAPE",
    "DEVICE CONTROL ONE",
    "DEVICE CONTROL TWO",
    "DEVICE CONTROL THREE",
    "DEVICE CONTROL FOUR",
    "NEGATIVE ACKNOWLEDGE",
    "SYNCHRONOUS IDLE",
    "END OF TRANSMISSION BLOCK",
    "CANCEL",
    "END OF MEDIUM",
    "SUBSTITUTE",
    "ESCAPE",
    "INFORMATION SEPARATOR FOUR",
    "INFORMATION SEPARATOR THREE",
    "INFORMATION SEPARATOR TWO",
    "INFORMATION SEPARATOR ONE",
];
