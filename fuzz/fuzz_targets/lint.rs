//! No bytes make lint panic, in any notation and kind, and every finding can be written in every format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost_fuzz::{assert_reportable, lint_all};

fuzz_target!(|bytes: &[u8]| {
    lint_all(bytes, |report, format, _, _| assert_reportable(report, format));
});
