//! Compares milepost with a real Marathon's recorded answers: `cargo run --release --example verdicts -- DIR…`
//!
//! Prints, per file and class of answer, in how many records milepost agrees, and every kind of difference that is known
//! (`known.rs`); fails when there is any other, or more of a kind. `--show N` lists N records of each kind, `--kind app|pod|group` looks at one
//! kind of definition only. The columns `paths` and `texts` say how often the errors of the first failing stage are the same,
//! `answers` how often the whole answer is, status and message included. Of Marathon 1.5 only the verdicts are compared: its
//! texts are not ported.

#![expect(clippy::disallowed_methods, reason = "recordings are larger than any definition")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use milepost::lint::{Linter, Report};
use milepost::source::{Document, Format, Kind, Value};
use milepost::target::{Release, Target};

mod known;
#[path = "../recordings/mod.rs"]
mod recordings;

use known::{Difference, Known, Rejection};
use recordings::ServerAnswer;

fn main() -> anyhow::Result<ExitCode> {
    let mut show = 0;
    let mut only = None;
    let mut files = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--show" {
            show = args.next().context("--show takes a number")?.parse()?;
        } else if arg == "--kind" {
            only = args.next();
        } else {
            files.extend(recorded(Path::new(&arg))?);
        }
    }
    if files.is_empty() {
        bail!("usage: verdicts [--show N] [--kind KIND] DIR|FILE…");
    }
    files.sort();
    let mut tally = Tally::default();
    for file in &files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        for line in text.lines() {
            // Not serde_json: a body may hold half a surrogate pair, which its strings cannot.
            let record = Document::parse(line, Format::Json)
                .with_context(|| format!("{}: a bad line", file.display()))?;
            let kind = record.root().get("kind").and_then(|kind| kind.as_str());
            if only.is_none() || only.as_deref() == kind.as_deref() {
                tally.add(&name, &record.root());
            }
        }
    }
    let mut out = std::io::stdout().lock();
    tally.print(&mut out)?;
    tally.print_differences(&mut out, show)?;
    Ok(if tally.is_fine() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn recorded(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
    let files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    Ok(files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "jsonl"))
        .collect())
}

#[derive(Default)]
struct Count {
    agree: usize,
    we_accept: usize,
    we_reject: usize,
    /// Of the records that both reject, and Marathon with paths: how many there are, on how many the paths are the
    /// same, and on how many the texts too.
    compared: usize,
    same_paths: usize,
    same_texts: usize,
    /// Of all that both reject: how many there are, and on how many the whole answer is the same.
    rejected: usize,
    same_answer: usize,
}

impl Count {
    fn all(&self) -> usize {
        self.agree + self.we_accept + self.we_reject
    }

    fn percent(&self) -> f64 {
        percent(self.agree, self.all())
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    100.0 * number(part) / number(whole.max(1))
}

#[derive(Default)]
struct Tally {
    linter: Linter,
    /// By file, profile and class of answer.
    counts: BTreeMap<(String, String, String), Count>,
    /// Differences of a known kind, by its name.
    known: BTreeMap<&'static str, (&'static Known, Vec<String>)>,
    unknown: Vec<String>,
    /// Definitions that Marathon 1.5 rejects with another answer.
    of_1_5: Vec<String>,
}

impl Tally {
    /// Compares one record; others than of a server's verdict are left out.
    fn add(&mut self, file: &str, record: &Value<'_>) {
        let Some(answer) = ServerAnswer::of(*record) else { return };
        let text = |name| record.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        let kind = match &*text("kind") {
            "pod" => Kind::Pod,
            "group" => Kind::Group,
            _ => Kind::App,
        };
        let profile = text("profile");
        let target: Target = profile.parse().unwrap_or_else(|error| panic!("{error}"));
        let settings = target.settings();
        let body = text("text");
        let report =
            self.linter.lint(body.clone().into_owned().into_bytes(), Format::Json, Some(kind), &settings);
        let theirs = (!answer.accepted).then(|| theirs(answer));
        let ours = report.is_rejected().then(|| ours(&report, settings.release));
        let class = class(theirs.as_ref());
        let count = self.counts.entry((file.to_owned(), profile.into_owned(), class)).or_default();
        let is_same = count.add(ours.as_ref(), theirs.as_ref());
        if !is_same {
            let difference = Difference { kind, ours: ours.as_ref(), theirs: theirs.as_ref() };
            let line = format!("{file} {}\n{}", text("id"), described(&difference));
            if settings.release == Release::V1_5 && ours.is_some() == theirs.is_some() {
                self.of_1_5.push(line);
                return;
            }
            match known::of(&difference) {
                Some(known) => self.known.entry(known.name).or_insert((known, Vec::new())).1.push(line),
                None => self.unknown.push(line),
            }
        }
    }

    fn print(&self, out: &mut impl std::io::Write) -> std::io::Result<()> {
        writeln!(
            out,
            "{:22} {:11} {:24} {:>7} {:>7} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8}",
            "file",
            "profile",
            "Marathon's answer",
            "records",
            "agree",
            "we accept",
            "we reject",
            "percent",
            "paths",
            "texts",
            "answers"
        )?;
        for ((file, profile, class), count) in &self.counts {
            let share = |part, whole| {
                if whole > 0 { format!("{:8.3}", percent(part, whole)) } else { String::new() }
            };
            writeln!(
                out,
                "{file:22} {profile:11} {class:24} {:7} {:7} {:9} {:9} {:9.3} {:>8} {:>8} {:>8}",
                count.all(),
                count.agree,
                count.we_accept,
                count.we_reject,
                count.percent(),
                share(count.same_paths, count.compared),
                share(count.same_texts, count.compared),
                share(count.same_answer, count.rejected),
            )?;
        }
        Ok(())
    }

    fn is_fine(&self) -> bool {
        self.unknown.is_empty() && self.known.values().all(|(known, lines)| lines.len() <= known.most)
    }

    /// Prints the differences: of each kind `show` records, and all of no known kind.
    fn print_differences(&self, out: &mut impl std::io::Write, show: usize) -> std::io::Result<()> {
        for (name, (known, lines)) in &self.known {
            let word = if lines.len() > known.most { "FAIL" } else { "known" };
            writeln!(out, "{word}: {} (at most {}) × {name}: {}", lines.len(), known.most, known.why)?;
            for line in lines.iter().take(show) {
                writeln!(out, "    {line}")?;
            }
        }
        for line in &self.unknown {
            writeln!(out, "FAIL: {line}")?;
        }
        if !self.of_1_5.is_empty() {
            writeln!(out, "{} rejections by Marathon 1.5 have other texts or paths", self.of_1_5.len())?;
            for line in self.of_1_5.iter().take(show) {
                writeln!(out, "    {line}")?;
            }
        }
        let all: usize = self.counts.values().map(Count::all).sum();
        let known: usize = self.known.values().map(|(_, lines)| lines.len()).sum();
        let unknown = self.unknown.len();
        writeln!(out, "{all} records: {known} differ in a known way, {unknown} in another (wanted: 0)")
    }
}

impl Count {
    /// Whether both answers are the same, as far as they are compared.
    fn add(&mut self, ours: Option<&Rejection>, theirs: Option<&Rejection>) -> bool {
        let (ours, theirs) = match (ours, theirs) {
            (None, None) => {
                self.agree += 1;
                return true;
            }
            (Some(_), None) => {
                self.we_reject += 1;
                return false;
            }
            (None, Some(_)) => {
                self.we_accept += 1;
                return false;
            }
            (Some(ours), Some(theirs)) => (ours, theirs),
        };
        self.agree += 1;
        self.rejected += 1;
        let is_same = are_same(&ours.lines, &theirs.lines);
        if !theirs.lines.is_empty() {
            self.compared += 1;
            self.same_paths += usize::from(paths(&ours.lines) == paths(&theirs.lines));
            self.same_texts += usize::from(is_same);
        }
        let is_same = is_same && ours.status == theirs.status && is_same_text(&ours.message, &theirs.message);
        self.same_answer += usize::from(is_same);
        is_same
    }
}

/// The class of an answer, for the table.
fn class(theirs: Option<&Rejection>) -> String {
    let Some(Rejection { status, message, .. }) = theirs else { return "accepted".to_owned() };
    let status = status.map_or_else(String::new, |status| status.to_string());
    match message.as_str() {
        "Invalid JSON" | "Object is not valid" => format!("{status} {message}"),
        _ => format!("{status} other"),
    }
}

/// A difference in words, a line for each side.
fn described(difference: &Difference<'_>) -> String {
    let side = |name, side: Option<&Rejection>| match side {
        None => format!("        {name} accepts\n"),
        Some(Rejection { status, message, lines }) => {
            format!("        {name} rejects: {status:?} {message}: {}\n", lines.join(" | "))
        }
    };
    side("Marathon", difference.theirs) + &side("milepost", difference.ours)
}

/// Marathon's answer.
fn theirs(answer: ServerAnswer<'_>) -> Rejection {
    let mut lines = Vec::new();
    for entry in answer.errors.into_iter().flat_map(|errors| errors.elements()) {
        let path = entry.get("path").and_then(|path| path.as_str()).unwrap_or_default();
        for text in entry.get("errors").into_iter().flat_map(|texts| texts.elements()) {
            lines.push(format!("{path}: {}", text.as_str().unwrap_or_default()));
        }
    }
    lines.sort();
    lines.dedup();
    Rejection { status: answer.status, message: answer.message, lines }
}

/// What `--as-server` would answer.
fn ours(report: &Report, release: Release) -> Rejection {
    let Some(answer) = report.server_answer(release) else {
        return Rejection { status: None, message: String::new(), lines: Vec::new() };
    };
    let details = answer.details.iter();
    let lines =
        details.flat_map(|detail| detail.errors.iter().map(move |error| format!("{}: {error}", detail.path)));
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines.dedup();
    Rejection { status: answer.status, message: answer.message, lines }
}

fn paths(lines: &[String]) -> BTreeSet<&str> {
    lines.iter().filter_map(|line| Some(line.split_once(": ")?.0)).collect()
}

/// A text in which Marathon prints an object of its own is compared by its beginning.
fn is_same_text(ours: &str, theirs: &str) -> bool {
    ours == theirs || (ours.ends_with('[') && theirs.starts_with(ours))
}

fn are_same(ours: &[String], theirs: &[String]) -> bool {
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(our, their)| is_same_text(our, their))
}
