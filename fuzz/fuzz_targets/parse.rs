//! No text makes a parser panic, and every place is within the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost::source::{Decoded, Document};
use milepost_fuzz::{NOTATIONS, assert_in_place};

fuzz_target!(|bytes: &[u8]| {
    let Ok(Decoded { text, .. }) = Decoded::from_bytes(bytes.to_vec()) else { return };
    for format in NOTATIONS {
        match Document::parse(text.as_str(), format) {
            Ok(document) => assert_in_place(document.root(), document.text()),
            Err(error) => assert!(error.range.start <= error.range.end && error.range.end <= text.len()),
        }
    }
});
