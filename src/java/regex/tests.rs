//! Verdicts of JDK 17's `java.util.regex.Pattern.compile`.

use proptest::prelude::*;

use super::is_pattern;

mod characters;
mod structure;

#[track_caller]
fn check(valid: &[&str], rejected: &[&str]) {
    for text in valid {
        assert!(is_pattern(text), "{text:?} is rejected");
    }
    for text in rejected {
        assert!(!is_pattern(text), "{text:?} passes");
    }
}

/// Java's answers to random patterns, one a line.
#[test]
fn random_patterns() {
    for line in include_str!("../../../fixtures/java/patterns.jsonl").lines() {
        let (text, valid): (String, bool) = serde_json::from_str(line).unwrap();
        assert_eq!(is_pattern(&text), valid, "{line}");
    }
}

#[test]
fn depth_has_a_limit_and_length_has_none() {
    let nested = |depth: usize, open: &str, inside: &str, close: &str| {
        is_pattern(&format!("{}{inside}{}", open.repeat(depth), close.repeat(depth)))
    };
    for open in ["(", "(?:", "(?=", "(?<=", "(?>", "(?<!a|"] {
        assert!(nested(800, open, "a", ")"), "{open}");
        assert!(!nested(100_000, open, "a", ")"), "{open}");
    }
    assert!(nested(4000, "[", "a", "]"));
    assert!(!nested(100_000, "[", "a", "]"));
    assert!(is_pattern(&"(a|b)*".repeat(100_000)));
    assert!(is_pattern(&format!("(?<={})", "(?:ab){3}".repeat(100_000))));
    assert!(!is_pattern(&"(".repeat(1_000_000)));
    assert!(!is_pattern(&"[a&&".repeat(1_000_000)));
    assert!(!is_pattern(&format!("[{}a]", "a&&".repeat(1_000_000))));
}

/// Concatenated pieces of patterns, which reach more of the parser than random characters.
fn pattern() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "(", "(?", "(?<", "(?<=", "(?x)", "(?c)", ")", "[", "[^", "]", "&&", "-", "{", "}", "1", ",", "*",
        "+", "?", "|", "\\", "\\Q", "\\E", "\\p{", "\\N{", "\\x{", "\\u", "\\0", "\\k<", "\\c", "\\b{", "g",
        "n", ">", "a", " ", "#", "\n", "\0", "😀",
    ];
    proptest::collection::vec(proptest::sample::select(PIECES), 0..20).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_dash_alone_is_no_name() {
    assert!(!is_pattern(r"\N{-}"));
}

proptest! {
    #[test]
    fn nothing_panics(text in any::<String>(), pattern in pattern()) {
        let _ = is_pattern(&text);
        let _ = is_pattern(&pattern);
        let _ = is_pattern(&format!("(?x){pattern}"));
        // Any quoted text is a pattern.
        let is_fine = is_pattern(&format!("\\Q{}", text.replace('\\', "")));
        prop_assert!(is_fine);
    }

    #[test]
    fn plain_patterns_need_no_parser(text in "[a-zA-Z0-9., /:_-]{0,20}") {
        prop_assert!(text.bytes().all(super::is_plain));
        prop_assert!(super::PatternParser::new(&text).pattern().is_ok());
    }
}
