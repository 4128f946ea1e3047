//! A layout keeps the value and is stable; a conversion keeps the value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost::format::{LayoutError, convert, layout};
use milepost::source::{Document, Format};
use milepost_fuzz::{KINDS, NOTATIONS};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for format in NOTATIONS {
        let Ok(document) = Document::parse(text, format) else { continue };
        for kind in KINDS {
            let laid = match layout(&document, kind) {
                Ok(laid) => laid.text,
                Err(LayoutError::Unproven(error)) if format != Format::Yaml => panic!("{error}"),
                Err(_) => continue,
            };
            let again = Document::parse(laid.as_str(), format).expect("it is still of the format");
            assert_eq!(layout(&again, kind).map(|laid| laid.text).as_deref(), Ok(laid.as_str()));
        }
        for to in NOTATIONS {
            let Ok(converted) = convert(&document, to) else { continue };
            let converted = Document::parse(converted.text, to).expect("it is of that format");
            assert_eq!(converted.root().to_json(), document.root().to_json());
        }
    }
});
