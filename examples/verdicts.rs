//! Holds milepost against a real Marathon's recorded answers: `cargo run --release --example verdicts -- DIR…`
//!
//! Prints, per file and class of answer, in how many records milepost agrees, and fails when it agrees in too few.
//! `--show N` lists N records of each kind of disagreement, `--kind app|pod|group` looks at one kind only. The columns
//! `paths` and `texts` tell how often the errors of the first failing stage are the very same, `answers` how often the
//! whole answer is, status and message included.

#![expect(clippy::disallowed_methods, reason = "recordings are larger than any definition")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use milepost::lint::{Linter, Report};
use milepost::source::{Document, Format, Kind, Value};
use milepost::target::{Release, Target};

/// The least share, in percent, of records on which milepost and a Marathon of the current release agree, …
const AGREE: f64 = 100.0;
/// … or one of the release line 1.5.
const AGREE_1_5: f64 = 99.8;
/// Of what both refuse, on the current release: the least share with the same paths, …
const SAME_PATHS: f64 = 99.5;
/// … and with the same texts at them.
const SAME_TEXTS: f64 = 99.0;
/// Of all that both refuse, on the current release: the least share with the same status, message, paths and texts.
const SAME_ANSWER: f64 = 99.0;

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
            files.extend(recordings(Path::new(&arg))?);
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
    /// Of the records that both refuse, and Marathon with paths: how many there are, on how many the paths are the
    /// same, and on how many the texts too.
    compared: usize,
    same_paths: usize,
    same_texts: usize,
    /// Of all that both refuse: how many there are, and on how many the whole answer is the same.
    refused: usize,
    same_answer: usize,
    differ: Vec<String>,
}

impl Count {
    fn all(&self) -> usize {
        self.agree + self.we_accept.len() + self.we_refuse.len()
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
        let message = text("message");
        let class = match &*message {
            _ if accepted => "accepted".to_owned(),
            "Invalid JSON" | "Object is not valid" => format!("{status} {message}"),
            _ => format!("{status} other"),
        };
        let profile = text("profile");
        let target: Target = profile.parse().unwrap_or_else(|error| panic!("{error}"));
        let settings = target.settings();
        let body = text("text").into_owned().into_bytes();
        let report = self.linter.lint(body, Format::Json, Some(kind), &settings);
        let id = text("id").into_owned();
        let count = self.counts.entry((file.to_owned(), profile.into_owned(), class)).or_default();
        match (report.is_rejected(), accepted) {
            (true, true) => {
                let ours: Vec<String> = report
                    .findings
                    .iter()
                    .filter_map(|diagnostic| diagnostic.answer.as_ref())
                    .map(|answer| format!("{}: {}", answer.path, answer.error))
                    .collect();
                count.we_refuse.push(format!("{id}  {}", ours.join(" | ")));
            }
            (false, false) => {
                count.we_accept.push(format!("{id}  {message}  {}", theirs(record).join(" | ")));
            }
            (refused, _) => {
                count.agree += 1;
                if refused {
                    compare(count, record, &report, &id);
                    count.refused += 1;
                    count.same_answer += usize::from(is_same_answer(record, &report, settings.release));
                }
            }
        }
    }

    fn print(&self, out: &mut impl std::io::Write, show: usize) -> std::io::Result<()> {
        writeln!(
            out,
            "{:22} {:11} {:24} {:>7} {:>7} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8}",
            "file",
            "profile",
            "Marathon's answer",
            "records",
            "agree",
            "we accept",
            "we refuse",
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
                count.we_accept.len(),
                count.we_refuse.len(),
                count.percent(),
                share(count.same_paths, count.compared),
                share(count.same_texts, count.compared),
                share(count.same_answer, count.refused),
            )?;
            let lists = [
                ("we accept", &count.we_accept),
                ("we refuse", &count.we_refuse),
                ("differs", &count.differ),
            ];
            for (what, list) in lists {
                for line in list.iter().take(show) {
                    writeln!(out, "    {what}: {line}")?;
                }
            }
        }
        Ok(())
    }

    /// Sums up, and tells whether milepost agrees as often as it has to.
    fn is_good_enough(&self, out: &mut impl std::io::Write) -> std::io::Result<bool> {
        let mut good = true;
        for (name, is_old) in [("Marathon 1.11", false), ("Marathon 1.5", true)] {
            let counts: Vec<&Count> = self
                .counts
                .iter()
                .filter(|((_, profile, _), _)| (profile == "dcos-1.10") == is_old)
                .map(|(_, count)| count)
                .collect();
            let sum = |of: fn(&Count) -> usize| counts.iter().map(|count| of(count)).sum::<usize>();
            let compared = sum(|count| count.compared);
            let mut lines = vec![(
                "accepted or refused alike",
                sum(|count| count.agree),
                sum(Count::all),
                if is_old { AGREE_1_5 } else { AGREE },
            )];
            if !is_old {
                lines.push(("with the same paths", sum(|count| count.same_paths), compared, SAME_PATHS));
                lines.push(("with the same texts", sum(|count| count.same_texts), compared, SAME_TEXTS));
                let refused = sum(|count| count.refused);
                lines.push((
                    "with the same answer whole",
                    sum(|count| count.same_answer),
                    refused,
                    SAME_ANSWER,
                ));
            }
            for (what, part, whole, wanted) in lines.into_iter().filter(|(_, _, whole, _)| *whole > 0) {
                let reached = percent(part, whole);
                good &= reached >= wanted;
                let verdict = if reached >= wanted { "ok" } else { "FAIL" };
                writeln!(
                    out,
                    "{verdict}: {name}, {what}: {part} of {whole} ({reached:.3} %, wanted {wanted} %)"
                )?;
            }
        }
        Ok(good)
    }
}

/// Marathon's errors, each as `path: text`.
fn theirs(record: &Value<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for entry in record.get("errors").into_iter().flat_map(|errors| errors.elements()) {
        let path = entry.get("path").and_then(|path| path.as_str()).unwrap_or_default();
        for text in entry.get("errors").into_iter().flat_map(|texts| texts.elements()) {
            all.push(format!("{path}: {}", text.as_str().unwrap_or_default()));
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Whether `--as-server` would say what Marathon said: status, message, paths and texts.
fn is_same_answer(record: &Value<'_>, report: &Report, release: Release) -> bool {
    let Some(ours) = report.server_answer(release) else { return false };
    let theirs = record.get("message").and_then(|message| message.as_str()).unwrap_or_default();
    let status = record.get("status").and_then(|status| status.as_number()?.parse().ok());
    let lines = ours
        .details
        .iter()
        .flat_map(|detail| detail.errors.iter().map(move |error| format!("{}: {error}", detail.path)));
    let lines: Vec<String> = lines.collect();
    status == ours.status && is_same_text(&ours.message, &theirs) && are_same(lines, &self::theirs(record))
}

/// A text in which Marathon prints an object of its own is compared by its beginning.
fn is_same_text(ours: &str, theirs: &str) -> bool {
    ours == theirs || (ours.ends_with('[') && theirs.starts_with(ours))
}

fn are_same(mut ours: Vec<String>, theirs: &[String]) -> bool {
    ours.sort();
    ours.dedup();
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(our, their)| is_same_text(our, their))
}

/// Whether both answer the same errors, of the first stage that fails.
fn compare(count: &mut Count, record: &Value<'_>, report: &Report, id: &str) {
    let theirs = theirs(record);
    if theirs.is_empty() {
        return;
    }
    let mut ours: Vec<String> =
        report.answers().map(|answer| format!("{}: {}", answer.path, answer.error)).collect();
    ours.sort();
    ours.dedup();
    let paths = |list: &[String]| -> BTreeSet<String> {
        list.iter().filter_map(|line| Some(line.split_once(": ")?.0.to_owned())).collect()
    };
    count.compared += 1;
    count.same_paths += usize::from(paths(&ours) == paths(&theirs));
    let same = are_same(ours.clone(), &theirs);
    count.same_texts += usize::from(same);
    if !same {
        count.differ.push(format!(
            "{id}\n        Marathon {}\n        milepost {}",
            theirs.join(" | "),
            ours.join(" | ")
        ));
    }
}
