//! Shared by the fuzz targets: the ways to read an input, and what must hold of every result.

use milepost::finding::RatedFinding;
use milepost::lint::{Linter, Report};
use milepost::report::{CheckedFile, FORMATS, MaskedFile, ReportContext, Summary};
use milepost::source::{Format, Kind, Value};
use milepost::target::{Settings, Target};

/// Every notation.
pub const NOTATIONS: [Format; 3] = [Format::Json, Format::Jsonc, Format::Yaml];

/// Every kind, and the one that the shape shows.
pub const KINDS: [Option<Kind>; 5] =
    [None, Some(Kind::App), Some(Kind::Apps), Some(Kind::Pod), Some(Kind::Group)];

/// The oldest, the newest and the barest target.
pub fn targets() -> Vec<Settings> {
    ["marathon-1.4", "dcos-2.2", "bare"]
        .into_iter()
        .map(|name| name.parse::<Target>().expect("a target by its name").settings())
        .collect()
}

/// Checks `bytes` in every way, and passes each report on.
pub fn lint_all(bytes: &[u8], mut each: impl FnMut(&Report, Format, Option<Kind>, &Settings)) {
    let mut linter = Linter::default();
    for target in &targets() {
        for format in NOTATIONS {
            for kind in KINDS {
                let report = linter.lint(bytes.to_vec(), format, kind, target);
                each(&report, format, kind, target);
            }
        }
    }
}

/// Every value is within its text, on whole characters, and can be read.
pub fn assert_in_place(root: Value<'_>, text: &str) {
    // Not by recursion: JSON may nest as deep as it likes.
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        assert!(text.get(value.range()).is_some(), "{:?} in {text:?}", value.range());
        let _ = (value.as_str(), value.as_number(), value.as_f64(), value.as_bool());
        for (key, member) in value.members() {
            assert!(key.as_str().is_some(), "a name is a string: {:?}", key.source());
            open.extend([key, member]);
        }
        open.extend(value.elements());
    }
}

/// Every finding is within the text, and every format can write it.
pub fn assert_reportable(report: &Report, format: Format) {
    let text = &report.text;
    for found in &report.findings {
        assert!(text.get(found.range.clone()).is_some(), "{found:?} in {text:?}");
    }
    let findings: Vec<RatedFinding> = report.findings.iter().cloned().map(RatedFinding::from).collect();
    let checked =
        CheckedFile { path: "fuzz.json", kind: report.kind, format, text, cuts: &[], findings: &findings };
    for format in FORMATS {
        let mut reporter =
            (format.reporter)(ReportContext { directory: "/".into(), colours: false, width: None });
        let mut out = Vec::new();
        reporter
            .begin(&mut out)
            .and_then(|()| reporter.file(&mut out, &MaskedFile::of(&checked, format.needs)))
            .and_then(|()| reporter.end(&mut out, &Summary::default()))
            .expect("memory can be written to");
        assert!(std::str::from_utf8(&out).is_ok(), "{} is text", format.name);
    }
}
