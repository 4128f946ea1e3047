//! The published JSON Schemas, held against what a real Marathon accepted and what its parser refused.

use std::collections::BTreeMap;
use std::path::Path;

use jsonschema::{PatternOptions, Validator};
use milepost::finding::{Effect, Finding, Stage};
use milepost::lint::Linter;
use milepost::source::{Document, Format, Kind, Value};
use milepost::target::{Settings, Target};

/// How a schema differs from Marathon, by the name that [`Schemas::compare`] gives it: on purpose, and why.
pub(crate) const REASONS: &[(&str, &str)] = &[
    ("accepted: unknown-field", "Marathon ignores the field; an editor should show that it does nothing"),
    ("accepted: removed-field", "Marathon ignores a field that only an older release read"),
    ("accepted: newer-field", "an older release ignores the field, and with it whatever value it has"),
    ("accepted: response-field", "Marathon ignores what it fills in itself"),
    (
        "accepted: read-as-defaults",
        "Marathon reads what was not meant so: any non-object as `{}`, any word as another",
    ),
    (
        "accepted: another form",
        "Marathon reads what does not fit one form of a union as another, without the rest",
    ),
    ("accepted: large number", "1e309 is no number to whatever reads JSON numbers as doubles"),
    ("refused: older release", "the schemas are those of the newest release"),
    ("refused: inexact number", "1.0000000000000000000001 is 1 to whatever reads JSON numbers as doubles"),
];

/// A definition and what a server said of it.
pub(crate) struct Sample<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    pub(crate) settings: &'a Settings,
    /// Whether Marathon accepts it; otherwise its parser refuses it.
    pub(crate) accepted: bool,
}

/// The schemas, one for each kind.
pub(crate) struct Schemas {
    by_kind: BTreeMap<Kind, Validator>,
    linter: Linter,
}

impl Schemas {
    /// Reads the published schemas below `root`.
    ///
    /// # Errors
    /// When one of them cannot be read, or is not valid draft-07.
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let names =
            [(Kind::App, "app"), (Kind::Apps, "definition"), (Kind::Pod, "pod"), (Kind::Group, "group")];
        let by_kind = names.into_iter().map(|(kind, name)| Ok((kind, validator(root, name)?)));
        Ok(Self { by_kind: by_kind.collect::<Result<_, String>>()?, linter: Linter::default() })
    }

    /// Where a value is not valid for its kind, as JSON pointers, and what is wrong there.
    pub(crate) fn errors(&self, root: Value<'_>, kind: Kind) -> Vec<(String, String)> {
        let json = root.to_json();
        let errors = self.by_kind[&kind].iter_errors(&json);
        errors.map(|error| (error.instance_path().to_string(), error.to_string())).collect()
    }

    /// How a schema and Marathon differ about a definition: a name of [`REASONS`] or a description for each difference.
    pub(crate) fn compare(&mut self, sample: &Sample<'_>) -> Vec<String> {
        let text = sample.text.strip_prefix('\u{feff}').unwrap_or(sample.text);
        let Ok(document) = Document::parse(text, Format::Json) else { return Vec::new() };
        let root = document.root();
        let kind = sample.kind.of_shape(root);
        let errors = self.errors(root, kind);
        if sample.accepted == errors.is_empty() {
            return Vec::new();
        }
        if sample.accepted {
            let report = self.linter.lint(text.into(), Format::Json, Some(kind), sample.settings);
            let explained = |(path, error): (String, String)| {
                let is_at = |pointer: &str| {
                    pointer.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                let names = report.findings.iter().filter(|found| is_at(found.pointer.as_str())).map(name);
                let known = names.into_iter().find(|name| REASONS.iter().any(|(reason, _)| reason == name));
                let is_large = || has_large_number(root, &path);
                match known {
                    Some(known) => known,
                    None if is_large() => "accepted: large number".to_owned(),
                    None => format!("accepted, and at {path:?} {error}"),
                }
            };
            return errors.into_iter().map(explained).collect();
        }
        let newest = "dcos".parse::<Target>().expect("a target").settings();
        let report = self.linter.lint(text.into(), Format::Json, Some(kind), &newest);
        let refused: Vec<_> = report
            .findings
            .iter()
            .filter(|found| found.answer.as_ref().is_some_and(|answer| answer.stage <= Stage::Parse))
            .collect();
        let is_whole = |found: &&Finding| {
            text[found.range.clone()].parse::<f64>().is_ok_and(|number| number.fract() == 0.0)
        };
        vec![match &refused[..] {
            [] => "refused: older release".to_owned(),
            all if all.iter().all(is_whole) => "refused: inexact number".to_owned(),
            [first, ..] => format!("refused, and valid: {:?} {}", first.pointer.to_string(), first.message),
        }]
    }
}

/// The name in [`REASONS`] of what Marathon takes and makes nothing of.
fn name(found: &Finding) -> String {
    let is_refused_otherwise =
        ["missing-field", "out-of-range", "wrong-type", "wrong-length", "malformed-value", "unknown-value"];
    match found.effect {
        Effect::Rejected => String::new(),
        _ if is_refused_otherwise.contains(&found.rule.slug) => "accepted: another form".to_owned(),
        _ => format!("accepted: {}", found.rule.slug),
    }
}

/// Whether there is a number beyond a double's range at a JSON pointer or below it.
fn has_large_number(root: Value<'_>, pointer: &str) -> bool {
    fn step<'a>(value: Value<'a>, step: &str) -> Option<Value<'a>> {
        value.get(step).or_else(|| value.elements().nth(step.parse().ok()?))
    }
    let mut open: Vec<_> = pointer.split('/').skip(1).try_fold(root, step).into_iter().collect();
    while let Some(value) = open.pop() {
        if value.as_f64().is_some_and(f64::is_infinite) {
            return true;
        }
        open.extend(value.elements().chain(value.members().map(|(_, member)| member)));
    }
    false
}

fn validator(root: &Path, name: &str) -> Result<Validator, String> {
    let path = root.join(format!("schemas/{name}.schema.json"));
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let schema = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    jsonschema::draft7::meta::validate(&schema).map_err(|error| format!("{}: {error}", path.display()))?;
    let options = jsonschema::draft7::options().with_pattern_options(PatternOptions::regex());
    options.build(&schema).map_err(|error| format!("{}: {error}", path.display()))
}

/// How often each difference was met, with an example.
#[derive(Default)]
pub(crate) struct Differences(BTreeMap<String, (usize, String)>);

impl Differences {
    pub(crate) fn add(&mut self, differences: Vec<String>, id: &str) {
        for difference in differences {
            self.0.entry(difference).or_insert_with(|| (0, id.to_owned())).0 += 1;
        }
    }

    /// A line for each difference.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(difference, (count, id))| format!("{count:6} {difference}, such as {id}"))
    }

    /// What is not in [`REASONS`].
    pub(crate) fn unexplained(&self) -> Vec<String> {
        let is_known = |name: &str| REASONS.iter().any(|(reason, _)| *reason == name);
        let unknown = self.0.iter().filter(|(name, _)| !is_known(name));
        unknown.map(|(name, (count, id))| format!("{count} × {name}, such as {id}")).collect()
    }

    /// What is in [`REASONS`] and was not met.
    pub(crate) fn unneeded(&self) -> Vec<&'static str> {
        REASONS.iter().map(|(name, _)| *name).filter(|name| !self.0.contains_key(*name)).collect()
    }
}
