//! No bytes make lint panic, whatever they are taken for, and what it finds can be written in every format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost_fuzz::{assert_reportable, lint_all};

fuzz_target!(|bytes: &[u8]| {
    lint_all(bytes, |report, format, _, _| assert_reportable(report, format));
});
