//! Whether time is linear: lint and every output format over definitions of 10 to 10,000 elements, without and with a
//! finding at every element, pretty and on one line; wiring and migrating such definitions; and reading, converting and
//! editing YAML; and commands over files of as many elements.
//!
//! `cargo bench --bench growth [-- NAME]` prints the cost of an element at each size, and fails when one among 10,000 costs
//! several times as much as one among 1,000.

#![expect(clippy::disallowed_methods, reason = "a benchmark writes plain files of its own")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::cast_precision_loss, reason = "nanoseconds of small numbers of elements")]

use std::time::{Duration, Instant};

use milepost::finding::{RatedFinding, Severity};
use milepost::lint::Linter;
use milepost::report::{CheckedFile, FORMATS, MaskedFile, ReportContext, Summary};
use milepost::source::{Format, Kind};
use milepost::target::{Settings, Target};
use serde_json::{Value, json};

#[path = "growth/agents.rs"]
mod agents;
#[path = "growth/changes.rs"]
mod changes;
#[path = "growth/commands.rs"]
mod commands;
#[path = "growth/definitions.rs"]
mod definitions;
#[path = "growth/yaml.rs"]
mod yaml;

use changes::changes;
use definitions::{Case, cases};

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
/// How much more an element may cost among 10,000 than among 1,000: quadratic would be 10.
const TOLERANCE: f64 = 3.0;
/// Quicker than this says nothing about growth.
const NOISE: Duration = Duration::from_micros(200);
/// The quickest of these runs counts; a suspicious case is measured again before it fails.
const RUNS: usize = 3;
const ATTEMPTS: usize = 3;

fn main() {
    let filter: Option<String> = std::env::args().skip(1).find(|arg| arg != "--bench");
    let target = "dcos".parse::<Target>().expect("a target").settings();
    let mut failures = Vec::new();
    println!(
        "ns per element, and findings or changes among the most\n{:48} {:>10} {:>10} {:>10} {:>10}",
        "", 10, 100, 1_000, 10_000
    );
    let mut try_one = |name: String, texts: &dyn Fn() -> [String; 4], measure: &Measure<'_>| {
        let is_chosen = filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()));
        if is_chosen && !is_linear(&name, &texts(), measure) {
            failures.push(name);
        }
    };
    for case in cases() {
        for (layout, format) in LAYOUTS {
            let measure = |text: &str| cost(text, *format, &case, &target);
            try_one(format!("{}, {layout}", case.name), &|| texts(layout, case.definition), &measure);
        }
    }
    for change in changes() {
        for (layout, _) in LAYOUTS.iter().filter(|(_, format)| *format == Format::Json) {
            let measure = |text: &str| least(|| change.cost(text));
            try_one(format!("{}, {layout}", change.name), &|| texts(layout, change.definition), &measure);
        }
    }
    for case in yaml::cases() {
        let measure = |text: &str| least(|| case.cost(text));
        try_one(case.name.to_owned(), &|| SIZES.map(case.text), &measure);
    }
    for case in commands::cases() {
        let measure = |count: &str| least(|| case.cost(count.parse().expect("a number")));
        try_one(case.name.to_owned(), &|| SIZES.map(|size| size.to_string()), &measure);
    }
    if !failures.is_empty() {
        println!("\nmore than linear:\n  {}", failures.join("\n  "));
        std::process::exit(1);
    }
}

/// How the same definition is laid out.
static LAYOUTS: &[(&str, Format)] =
    &[("pretty", Format::Json), ("one line", Format::Json), ("YAML flow", Format::Yaml)];

/// How long a text takes, and how much was found in it, or done to it.
type Measure<'m> = dyn Fn(&str) -> (Duration, usize) + 'm;

fn texts(layout: &str, definition: fn(usize) -> Value) -> [String; 4] {
    SIZES.map(|size| {
        let value = definition(size);
        if layout == "pretty" { format!("{value:#}") } else { value.to_string() }
    })
}

fn is_linear(name: &str, texts: &[String; 4], measure: &Measure<'_>) -> bool {
    for attempt in 1..=ATTEMPTS {
        let costs = texts.each_ref().map(|text| measure(text));
        let each: Vec<f64> =
            costs.iter().zip(SIZES).map(|((cost, _), size)| cost.as_secs_f64() * 1e9 / size as f64).collect();
        let is_linear = costs[3].0 < NOISE || each[3] <= TOLERANCE * each[2];
        if is_linear || attempt == ATTEMPTS {
            println!(
                "{name:48} {:10.0} {:10.0} {:10.0} {:10.0} {:9}{}",
                each[0],
                each[1],
                each[2],
                each[3],
                costs[3].1,
                if is_linear { "" } else { "  MORE THAN LINEAR" }
            );
            return is_linear;
        }
    }
    true
}

/// The least time it took to check a text and to write what was found, and how much that was.
fn cost(text: &str, format: Format, case: &Case, target: &Settings) -> (Duration, usize) {
    let mut linter = Linter::default();
    let run = || {
        let bytes = text.as_bytes().to_vec();
        let start = Instant::now();
        let report = linter.lint(bytes, format, Some(case.kind), target);
        let findings: Vec<RatedFinding> = report.findings.into_iter().map(RatedFinding::from).collect();
        write(&report.text, format, case.kind, &findings);
        let elapsed = start.elapsed();
        // Warnings a fine definition may have, for what is not of the sort that grows.
        let error = findings.iter().find(|finding| finding.severity == Severity::Error);
        assert_eq!(case.is_fine, error.is_none(), "{}: {error:?}", case.name);
        (elapsed, findings.len())
    };
    least(run)
}

fn least(run: impl FnMut() -> (Duration, usize)) -> (Duration, usize) {
    std::iter::repeat_with(run).take(RUNS).min().unwrap_or_default()
}

/// Writes the findings in every format there is, to nowhere.
fn write(text: &str, format: Format, kind: Kind, findings: &[RatedFinding]) {
    if findings.is_empty() {
        return;
    }
    let checked = CheckedFile { path: "growth.json", kind: Some(kind), format, text, cuts: &[], findings };
    for format in FORMATS {
        let mut reporter =
            (format.reporter)(ReportContext { directory: "/".into(), colours: false, width: None });
        let mut out = std::io::sink();
        let written = reporter
            .begin(&mut out)
            .and_then(|()| reporter.file(&mut out, &MaskedFile::of(&checked, format.needs)))
            .and_then(|()| reporter.end(&mut out, &Summary::default()));
        written.expect("nowhere can always be written to");
    }
}

/// An app that is fine by itself.
fn app(id: &str) -> Value {
    json!({"id": id, "cmd": "sleep 1", "container": {"type": "MESOS", "docker": {"image": "a/b:1"}}})
}
