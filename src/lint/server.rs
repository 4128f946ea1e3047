//! Marathon's answer to a request that creates a definition, made from the findings.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Report;
use crate::finding::{Answer, Effect, Finding, Stage};
use crate::target::Release;

/// The body of Marathon's answer to a definition that it refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServerAnswer {
    /// The HTTP status, which is not a part of the body (`MarathonExceptionMapper`, 1.4 … 1.11). Nothing where Marathon's
    /// answer is not known.
    #[serde(skip)]
    pub status: Option<u16>,
    /// The message.
    pub message: String,
    /// The errors, sorted by path. Empty where Marathon answers with a message alone. The words of Marathon's JSON parser
    /// about a malformed text are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
}

/// The errors at one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// In Marathon's notation: `/container/volumes(0)/mode`.
    pub path: String,
    /// The texts, sorted, without repetitions.
    pub errors: Vec<String>,
}

impl Report {
    /// The answer of a Marathon of this release; nothing when it accepts the definition.
    #[must_use]
    pub fn server_answer(&self, release: Release) -> Option<ServerAnswer> {
        ServerAnswer::of(&self.findings, release)
    }
}

impl ServerAnswer {
    /// What a Marathon of this release answers to a definition with these findings; nothing when it accepts it.
    #[must_use]
    pub fn of(findings: &[Finding], release: Release) -> Option<Self> {
        if !findings.iter().any(|finding| finding.effect == Effect::Rejected) {
            return None;
        }
        let answers = || {
            let all = findings.iter().filter_map(|finding| finding.answer.as_deref()).flat_map(Answer::all);
            all.filter(|answer| !answer.later)
        };
        let Some(first) = answers().next() else {
            // Marathon has no words for some reasons, such as a text that is nested too deep for it.
            let message = "Invalid JSON".to_owned();
            return Some(Self { status: None, message, details: Vec::new() });
        };
        let with_details = match first.stage {
            Stage::Parse => Some("Invalid JSON"),
            Stage::Deprecated | Stage::Canonical | Stage::Model | Stage::Tree => Some("Object is not valid"),
            Stage::Syntax | Stage::Number | Stage::Migration | Stage::Conflict | Stage::Conversion => None,
        };
        let details = if with_details.is_some() { details(answers()) } else { Vec::new() };
        let message = with_details.map_or_else(|| first.error.clone(), str::to_owned);
        Some(Self { status: Some(status(first, release)), message, details })
    }
}

fn details<'a>(answers: impl Iterator<Item = &'a Answer>) -> Vec<Detail> {
    let mut paths: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for answer in answers {
        paths.entry(&answer.path).or_default().insert(&answer.error);
    }
    let detail = |(path, errors): (&str, BTreeSet<&str>)| Detail {
        path: path.to_owned(),
        errors: errors.into_iter().map(str::to_owned).collect(),
    };
    paths.into_iter().map(detail).collect()
}

fn status(first: &Answer, release: Release) -> u16 {
    match first.stage {
        Stage::Syntax => 400,
        // Marathon 1.4 had another parser.
        Stage::Parse if release < Release::V1_5 => 400,
        Stage::Migration => 500,
        Stage::Conflict => 409,
        Stage::Conversion if !is_illegal_argument(&first.error) => 500,
        Stage::Conversion
        | Stage::Number
        | Stage::Parse
        | Stage::Deprecated
        | Stage::Canonical
        | Stage::Model
        | Stage::Tree => 422,
    }
}

/// Whether this is the text of an `IllegalArgumentException`, which Marathon answers as a mistake of the caller. `require`,
/// Scala's durations, Java's `BigDecimal` and a version that does not exist raise it.
fn is_illegal_argument(text: &str) -> bool {
    let beginnings =
        ["requirement failed: ", "Duration DSL ", "trying to construct too large ", "Character ", "Group "];
    beginnings.iter().any(|beginning| text.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use crate::lint::Linter;
    use crate::source::{Format, Kind};
    use crate::target::Target;

    fn answer(target: &str, text: &str) -> Option<(Option<u16>, String)> {
        let settings = target.parse::<Target>().expect("the test's target").settings();
        let report =
            Linter::default().lint(text.as_bytes().to_vec(), Format::Json, Some(Kind::App), &settings);
        let answer = report.server_answer(settings.release)?;
        Some((answer.status, serde_json::to_string(&answer).expect("plain data")))
    }

    #[test]
    fn each_stage_has_its_form() {
        let says = |text: &str| answer("dcos", text).map(|(status, body)| format!("{status:?} {body}"));
        assert_eq!(says(r#"{"id": "/a", "cmd": "sleep 1"}"#), None);
        assert_eq!(says("{").as_deref(), Some(r#"Some(400) {"message":"Invalid JSON"}"#));
        assert_eq!(
            says("").as_deref(),
            Some(r#"Some(400) {"message":"Please specify data in JSON format"}"#)
        );
        assert_eq!(
            says(r#"{"id": "/a", "cmd": 5, "cpus": "x"}"#).as_deref(),
            Some(
                r#"Some(422) {"message":"Invalid JSON","details":[{"path":"/cmd","errors":["error.expected.jsstring"]},{"path":"/cpus","errors":["error.expected.jsnumber"]}]}"#
            )
        );
        let exception =
            r#"{"id": "/a", "cmd": "sleep 1", "constraints": [["a", "is", "x"], ["b", "unlike", "y"]]}"#;
        assert_eq!(
            says(exception).as_deref(),
            Some(r#"Some(500) {"message":"illegal constraint specification a,is,x"}"#)
        );
        let too_long = r#"{"id": "/a", "cmd": "sleep 1", "unreachableStrategy": {"inactiveAfterSeconds": 0, "expungeAfterSeconds": 9999999999}}"#;
        assert_eq!(
            says(too_long).as_deref(),
            Some(
                r#"Some(422) {"message":"requirement failed: Duration is limited to +-(2^63-1)ns (ca. 292 years)"}"#
            )
        );
    }

    #[test]
    fn the_oldest_release_answers_400_to_types() {
        assert_eq!(answer("marathon-1.4", r#"{"id": 5}"#).map(|(status, _)| status), Some(Some(400)));
    }
}
