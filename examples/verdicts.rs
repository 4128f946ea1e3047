//! Holds milepost against a real Marathon's recorded answers: `cargo run --release --example verdicts -- DIR…`
//!
//! Prints, per file and class of answer, in how many records milepost agrees, and fails when it agrees in too few.
//! `--show N` lists N records of each kind of disagreement.

#![expect(clippy::disallowed_methods, reason = "recordings are larger than any definition")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use milepost::lint::Linter;
use milepost::source::{Document, Format, Kind, Value};
use milepost::target::Target;

/// The class of answer that the type layer alone has to give.
const TYPES: &str = "422 Invalid JSON";
/// The least share of it, in percent, on the profiles of Marathon 1.11.
const TYPES_AGREE: f64 = 99.5;

fn main() -> anyhow::Result<ExitCode> {
    let mut show = 0;
    let mut files = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--show" {
            show = args.next().context("--show takes a number")?.parse()?;
        } else {
            files.extend(recordings(Path::new(&arg))?);
        }
    }
    if files.is_empty() {
        bail!("usage: verdicts [--show N] DIR|FILE…");
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
            tally.add(&name, &record.root());
        }
    }
    let mut out = std::io::stdout().lock();
    tally.print(&mut out, show)?;
    Ok(if tally.is_good_enough(&mut out)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn recordings(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
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
    we_accept: Vec<String>,
    we_refuse: Vec<String>,
}

impl Count {
    fn all(&self) -> usize {
        self.agree + self.we_accept.len() + self.we_refuse.len()
    }

    fn percent(&self) -> f64 {
        let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        100.0 * number(self.agree) / number(self.all().max(1))
    }
}

#[derive(Default)]
struct Tally {
    linter: Linter,
    /// By file, profile and class of answer.
    counts: BTreeMap<(String, String, String), Count>,
}

impl Tally {
    fn add(&mut self, file: &str, record: &Value<'_>) {
        let text = |name| record.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        let accepted = record.get("accepted").and_then(|value| value.as_bool()).unwrap_or_default();
        let kind = match &*text("kind") {
            "pod" => Kind::Pod,
            "group" => Kind::Group,
            _ => Kind::App,
        };
        let status = record.get("status").map(|status| status.source()).unwrap_or_default();
        let class = match &*text("message") {
            _ if accepted => "accepted".to_owned(),
            message @ ("Invalid JSON" | "Object is not valid") => format!("{status} {message}"),
            _ => format!("{status} other"),
        };
        let profile = text("profile");
        let settings = profile
            .parse::<Target>()
            .map(|target| target.settings())
            .unwrap_or_else(|error| panic!("{error}"));
        let refused = self
            .linter
            .lint(text("text").into_owned().into_bytes(), Format::Json, Some(kind), &settings)
            .is_rejected();
        let count = self.counts.entry((file.to_owned(), text("profile").into_owned(), class)).or_default();
        match (refused, accepted) {
            (true, true) => count.we_refuse.push(text("id").into_owned()),
            (false, false) => count.we_accept.push(text("id").into_owned()),
            _ => count.agree += 1,
        }
    }

    fn print(&self, out: &mut impl std::io::Write, show: usize) -> std::io::Result<()> {
        writeln!(
            out,
            "{:22} {:11} {:24} {:>7} {:>7} {:>9} {:>9} {:>9}",
            "file", "profile", "Marathon's answer", "records", "agree", "we accept", "we refuse", "percent"
        )?;
        for ((file, profile, class), count) in &self.counts {
            writeln!(
                out,
                "{file:22} {profile:11} {class:24} {:7} {:7} {:9} {:9} {:9.3}",
                count.all(),
                count.agree,
                count.we_accept.len(),
                count.we_refuse.len(),
                count.percent()
            )?;
            for id in count.we_accept.iter().chain(&count.we_refuse).take(show) {
                writeln!(out, "    {id}")?;
            }
        }
        Ok(())
    }

    /// What this step of the work has to reach, said aloud where it does not.
    fn is_good_enough(&self, out: &mut impl std::io::Write) -> std::io::Result<bool> {
        let mut types = Count::default();
        let mut good = true;
        for ((file, profile, class), count) in &self.counts {
            let is_current = profile != "dcos-1.10";
            if is_current && (class == TYPES || class.starts_with("400")) {
                types.agree += count.agree;
                types.we_accept.extend(count.we_accept.iter().cloned());
            }
            if is_current && !count.we_refuse.is_empty() {
                writeln!(
                    out,
                    "FAIL: {file}, {profile}: {} accepted definitions are refused here",
                    count.we_refuse.len()
                )?;
                good = false;
            }
        }
        writeln!(
            out,
            "types and syntax on Marathon 1.11: {} of {} agree ({:.3} %, wanted {TYPES_AGREE} %)",
            types.agree,
            types.all(),
            types.percent()
        )?;
        Ok(good && types.percent() >= TYPES_AGREE)
    }
}
