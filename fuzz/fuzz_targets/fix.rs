//! A fixed text parses, and fixing it again changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost::finding::FixKind;
use milepost::fix::apply_fixes;
use milepost::lint::Linter;
use milepost::source::Document;
use milepost_fuzz::{KINDS, NOTATIONS, targets};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let target = &targets()[1];
    for (kind, format) in KINDS.into_iter().flat_map(|kind| NOTATIONS.map(|format| (kind, format))) {
        let find = |text: &str| Linter::default().lint(text.into(), format, kind, target).findings;
        let fixed = apply_fixes(text.to_owned(), format, FixKind::Unsafe, None, find);
        assert!(fixed.done.is_empty() || Document::parse(fixed.text.as_str(), format).is_ok());
        assert_eq!(apply_fixes(fixed.text.clone(), format, FixKind::Unsafe, None, find).text, fixed.text);
    }
});
