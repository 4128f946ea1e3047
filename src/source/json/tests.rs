//! The parser, held to what Marathon's takes.

use super::super::{Document, Format};
use super::scan::PLAIN;
use super::*;

fn problem(text: &str) -> SyntaxProblem {
    Document::parse(text, Format::Json).expect_err(text).problem
}

#[test]
fn strings_are_decoded() {
    let document = Document::parse(r#"["a\n\"\\\/\u00e4\ud83d\ude00\ud800x", "plain"]"#, Format::Json);
    let document = document.expect("valid JSON");
    let strings: Vec<_> = document.root().elements().filter_map(|element| element.as_str()).collect();
    assert_eq!(strings, ["a\n\"\\/ä😀\u{fffd}x", "plain"]);
}

proptest::proptest! {
    #[test]
    fn eight_at_a_time_is_one_at_a_time(text in r#"([ \n\t\r]{0,20}|[a-z ä€😀"\\\x00\x1f\x7f]{0,20})*"#, at in 0_usize..8) {
        let bytes = text.as_bytes();
        let at = at.min(bytes.len());
        let find = |stop: &dyn Fn(u8) -> bool| {
            bytes[at..].iter().position(|byte| stop(*byte)).map_or(bytes.len(), |found| at + found)
        };
        proptest::prop_assert_eq!(after_blank(bytes, at), find(&|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')));
        proptest::prop_assert_eq!(after_plain(bytes, at), find(&|byte| !PLAIN[byte as usize]));
    }
}

#[test]
fn jackson_forgets_what_follows_the_first_value() {
    for text in ["{} {}", "{}[", "{} 5", "{} \"", "{}\n{\"a\":"] {
        let document = Document::parse(text, Format::Json).expect(text);
        assert!(matches!(document.notes(), [Note::TrailingContent(_)]), "{text}");
    }
    assert_eq!(problem("{}}"), SyntaxProblem::WrongClose('}'));
    assert_eq!(problem("{} garbage"), SyntaxProblem::UnknownWord("garbage".into()));
    assert_eq!(problem("{},"), SyntaxProblem::Unexpected(',', Expected::Value));
}

#[test]
fn slips_have_names() {
    assert_eq!(problem(" \n"), SyntaxProblem::Empty);
    assert_eq!(problem("[1,]"), SyntaxProblem::TrailingComma);
    assert_eq!(problem("{\"a\": 01}"), SyntaxProblem::LeadingZero);
    assert_eq!(problem("// x\n{}"), SyntaxProblem::Comment);
    assert_eq!(problem("{a: 1}"), SyntaxProblem::Unexpected('a', Expected::Key));
    assert_eq!(problem("[NaN]"), SyntaxProblem::NotFinite("NaN".into()));
    assert_eq!(problem("[1}"), SyntaxProblem::WrongClose('}'));
    assert_eq!(problem("[\"a\tb\"]"), SyntaxProblem::ControlInString('\t'));
    assert_eq!(problem("{\"a\""), SyntaxProblem::UnexpectedEnd(Some(0)));
    assert_eq!(problem("[nulls]"), SyntaxProblem::UnknownWord("nulls".into()));
}

#[test]
fn depth_is_no_limit() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let document = Document::parse(deep, Format::Json).expect("any depth is fine");
    assert_eq!(document.root().elements().count(), 1);
}

#[test]
fn jsonc_takes_comments_and_trailing_commas() {
    let text = "// one\n{ /* two */ \"a\": [1, 2,], // three\n}";
    let document = Document::parse(text, Format::Jsonc).expect("valid JSONC");
    assert_eq!(document.root().get("a").map(|a| a.elements().count()), Some(2));
}
