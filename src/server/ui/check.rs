//! `/milepost/check`: what a target says of a definition, what it stores of it, and what a migration changes.

use serde_json::{Value as Json, json};

use crate::finding::{CheckedFile, Finding, RatedFinding};
use crate::format;
use crate::lint::{Linter, ServerAnswer};
use crate::migrate::{self, LeftForm, LeftReason, MigrateError, MigrationPlan};
use crate::normalize::normalize;
use crate::report::{MaskedFile, Needs, diagnostics, unified};
use crate::secret_scan::Secrets;
use crate::server::api::answer::ApiReply;
use crate::server::api::request::ApiQuery;
use crate::source::{Document, Format, Kind};
use crate::target::{Release, Settings, Target};

/// The largest definition that is checked, in bytes: as large as what Marathon keeps in a node of `ZooKeeper`.
pub(crate) const MOST: usize = 1024 * 1024;

/// The formats by name.
const FORMATS: &[(&str, Format)] =
    &[("json", Format::Json), ("jsonc", Format::Jsonc), ("yaml", Format::Yaml)];

/// What a definition is checked for.
#[derive(Clone, Debug)]
pub(crate) struct CheckRequest {
    /// The target's name; nothing for the server's own settings.
    target: Option<&'static str>,
    settings: Settings,
    /// Nothing where the text shows it.
    format: Option<Format>,
}

impl CheckRequest {
    /// Reads a query: `target`, which is the server itself where it is left out, and `format`.
    pub(crate) fn read(query: &ApiQuery, own: &Settings) -> Result<Self, ApiReply> {
        let named = |name| query.first(name).filter(|value| !value.is_empty());
        let target = named("target").map(str::parse::<Target>).transpose();
        let target = target.map_err(|error| ApiReply::message(422, error.to_string()))?;
        let format = match named("format") {
            None => None,
            Some(name) => Some(format_of(name)?),
        };
        let settings = target.map_or_else(|| own.clone(), |target| target.settings());
        Ok(Self { target: target.map(|target| target.name()), settings, format })
    }
}

fn format_of(name: &str) -> Result<Format, ApiReply> {
    let found = FORMATS.iter().find(|(known, _)| *known == name);
    let names: Vec<&str> = FORMATS.iter().map(|(known, _)| *known).collect();
    let unknown =
        || ApiReply::message(422, format!("there is no format `{name}`; there are {}", names.join(", ")));
    found.map(|(_, format)| *format).ok_or_else(unknown)
}

/// What can be asked for.
pub(crate) fn choices(own: &Settings) -> Json {
    let formats: Json = FORMATS.iter().map(|(name, _)| *name).collect();
    let targets: Json = Target::names().collect();
    json!({"targets": targets, "formats": formats, "release": own.release.to_string()})
}

/// The format that a text shows: JSON begins with a bracket, JSON with comments may begin with one of those.
fn guessed(bytes: &[u8]) -> Format {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match text.first() {
        Some(b'/') => Format::Jsonc,
        // A zero byte: UTF-16 or UTF-32, in which only JSON is read.
        Some(b'{' | b'[' | b'"' | 0 | 0xfe | 0xff) | None => Format::Json,
        Some(_) => Format::Yaml,
    }
}

/// Checks a definition.
pub(crate) fn judge(bytes: Vec<u8>, asked: &CheckRequest) -> Json {
    let settings = &asked.settings;
    let format = asked.format.unwrap_or_else(|| guessed(&bytes));
    let report = Linter::default().lint(bytes, format, None, settings);
    let findings: Vec<RatedFinding> = report.findings.iter().cloned().map(RatedFinding::from).collect();
    let text = &*report.text;
    let checked =
        CheckedFile { path: "definition", kind: report.kind, format, text, cuts: &[], findings: &findings };
    let masked = MaskedFile::of(&checked, Needs::Edits);
    let shown: Vec<Finding> = masked.checked().findings.iter().map(|rated| rated.finding.clone()).collect();
    let mut said = json!({
        "target": asked.target,
        "release": settings.release.to_string(),
        "kind": report.kind.map(Kind::name),
        "accepted": report.skipped.is_none() && !report.is_rejected(),
        "skipped": report.skipped.map(|why| format!("this is not an app, pod or group ({why})")),
        "diagnostics": diagnostics(&masked),
        "answer": ServerAnswer::of(&shown, settings.release).map(|answer| answered(&answer)),
    });
    if let (Some(kind), Ok(document)) = (report.kind, Document::parse(text, format)) {
        said["normalized"] = normalized(&document, kind, settings);
        said["migration"] = migrated(&document, kind, settings);
    }
    said
}

/// What the server would answer, with its status.
fn answered(answer: &ServerAnswer) -> Json {
    json!({"status": answer.status, "body": answer})
}

/// What is stored, as a text; nothing where it is rejected.
fn normalized(document: &Document, kind: Kind, settings: &Settings) -> Json {
    if document.is_too_deep() {
        return Json::Null;
    }
    let stored = normalize(document, kind, settings).ok();
    stored.and_then(|stored| format::text_of(&stored.value, stored.kind).ok()).into()
}

/// The steps of a migration, or why there are none.
fn migrated(document: &Document, kind: Kind, settings: &Settings) -> Json {
    if settings.release < Release::V1_5 {
        return json!({"why": "Marathon 1.4 knows only the old forms: the releases to migrate to are 1.5 to 1.11"});
    }
    let text = document.text();
    let plan = MigrationPlan::new(settings.clone());
    let migration = match migrate::migrate(text, document.format(), Some(kind), &plan) {
        Ok(migration) => migration,
        Err(MigrateError::Refused(_)) => {
            let release = settings.release;
            return json!({"why": format!("Marathon {release} would reject it, even without its old forms")});
        }
        Err(error) => return json!({"why": error.to_string()}),
    };
    let secrets = Secrets::of(text);
    let mut diff = Vec::new();
    // Writing to memory cannot fail.
    let _ = unified::write_diff(&mut diff, "definition", text, &migration.text);
    let steps: Json = migration
        .steps
        .iter()
        .map(|step| {
            let [why, what] = [&step.why, &step.what].map(|said| secrets.hide(said).into_owned());
            json!({"rule": step.rule.slug, "pointer": step.pointer.to_string(), "why": why, "what": what})
        })
        .collect();
    let notes: Json = migration
        .notes
        .iter()
        .map(|note| json!({"pointer": note.pointer.to_string(), "text": secrets.hide(&note.text)}))
        .collect();
    let left: Json = migration.left.iter().map(|form| left(form, &secrets)).collect();
    json!({
        "text": migration.text,
        "diff": String::from_utf8_lossy(&diff),
        "steps": steps,
        "left": left,
        "notes": notes,
    })
}

/// An old form that is left, and why.
fn left(form: &LeftForm, secrets: &Secrets) -> Json {
    let help = || form.help.clone().unwrap_or_default();
    let why = match &form.reason {
        LeftReason::Unsafe(Some(what)) => format!("`milepost migrate --unsafe` would {what}"),
        LeftReason::Unsafe(None) | LeftReason::ByHand => help(),
        LeftReason::Unproven(why) | LeftReason::Notation(why) => why.clone(),
    };
    json!({
        "rule": form.rule.slug,
        "pointer": form.pointer.to_string(),
        "message": secrets.hide(&form.message),
        "why": secrets.hide(&why),
    })
}
