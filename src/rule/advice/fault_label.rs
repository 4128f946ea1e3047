//! Labels for the embedded Marathon (`milepost serve`): each makes something go wrong with the tasks of its service. A
//! Marathon of a cluster takes them for any other label.

use std::borrow::Cow;

use crate::source::Value;
use crate::source::placeholder::{self, TextReader};
use crate::util::suggest::suggest;

use super::{Context, Fields, Rule};

static UNREAD_FAULT_LABEL: Rule =
    Rule::risky("unread-fault-label", "A label for the embedded Marathon is one that it reads")
        .why(
            "`milepost serve` reads some labels that begin with MILEPOST_, such as MILEPOST_READY, and makes the tasks of the \
             service fail, start slowly or stay unhealthy. A misspelt name, or a value that is none, does nothing: what was to \
             be tried was not tried. `GET /milepost/help` of the server lists the labels.",
        )
        .bad(r#"{"id": "/web", "cmd": "sleep 100", "labels": {"MILEPOST_REDAY": "never"}}"#)
        .good(r#"{"id": "/web", "cmd": "sleep 100", "labels": {"MILEPOST_READY": "never"}}"#);

pub(super) static RULES: &[&Rule] = &[&UNREAD_FAULT_LABEL];

/// The labels: name, what its value is, what it does.
pub(crate) const FAULT_LABELS: &[(&str, &str, &str)] = &[
    (
        "MILEPOST_FAULT_EXIT",
        "CODE",
        "tasks end with this code instead of running; 0 is an end without a failure",
    ),
    ("MILEPOST_FAULT_EXIT_AFTER", "SECONDS", "with MILEPOST_FAULT_EXIT: they run for so long first"),
    (
        "MILEPOST_FAULT_EXIT_TIMES",
        "COUNT",
        "with MILEPOST_FAULT_EXIT: only this many launches of an instance end so",
    ),
    ("MILEPOST_FAULT_MESSAGE", "TEXT", "the message of tasks that end so"),
    ("MILEPOST_START_SECONDS", "SECONDS", "tasks need so long until they run"),
    ("MILEPOST_KILL_SECONDS", "SECONDS", "tasks need so long to be killed"),
    ("MILEPOST_NEVER_PLACED", "1", "no offer is taken"),
    ("MILEPOST_HEALTHY", "never|always|SECONDS", "health checks fail, pass, or pass after so long"),
    ("MILEPOST_READY", "never|always|SECONDS", "readiness checks fail, pass, or pass after so long"),
    ("MILEPOST_LOST_AFTER", "SECONDS", "the agent of a task is unreachable after so long"),
];

/// What every such label begins with.
const PREFIX: &str = "MILEPOST_";

/// What to tell of a label that looks like one of [`FAULT_LABELS`], and does nothing: what to do about it.
pub(crate) fn fault_label_doubt(name: &str, value: &str) -> Option<Cow<'static, str>> {
    // Most labels are others: they cost nothing.
    if !name.starts_with(['M', 'm']) {
        return None;
    }
    let known = || FAULT_LABELS.iter().map(|(label, ..)| *label);
    let Some((_, wanted, _)) = FAULT_LABELS.iter().find(|(label, ..)| *label == name) else {
        let is_meant = name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
        return match suggest(name, known()) {
            Some(near) => Some(format!("did you mean {near}?").into()),
            None if is_meant => Some("GET /milepost/help lists those that do something".into()),
            None => None,
        };
    };
    let value = value.trim();
    let is_number = value.parse::<f64>().is_ok_and(|number| number >= 0.0);
    let is_fine = match *wanted {
        "TEXT" | "1" => true,
        "CODE" => value.parse::<i64>().is_ok(),
        "never|always|SECONDS" => matches!(value, "never" | "always") || is_number,
        _ => is_number,
    };
    (!is_fine).then(|| format!("its value is {wanted}").into())
}

/// The labels of an app or pod.
pub(super) fn check(fields: &Fields<'_>, context: &mut Context<'_>) {
    let Some(labels) = fields.get("labels") else { return };
    for (key, value) in labels.members() {
        if let (Some(name), Some(text)) = (key.as_str(), value.as_str()) {
            check_label(&name, (value, &*text), context);
        }
    }
}

fn check_label(name: &str, (value, text): (Value<'_>, &str), context: &mut Context<'_>) {
    // A text that is filled in later can be any.
    let is_filled = |text: &str| placeholder::find(text, TextReader::Plain).is_some();
    if is_filled(name) || is_filled(text) {
        return;
    }
    let Some(advice) = fault_label_doubt(name, text) else { return };
    let found = context.warn(&UNREAD_FAULT_LABEL, value);
    found.message = format!("the label {name} does nothing to the embedded Marathon");
    found.help = Some(advice);
}

#[cfg(test)]
mod tests {
    use super::fault_label_doubt;

    #[test]
    fn what_does_nothing_is_told() {
        for (name, value, advice) in [
            ("MILEPOST_READY", "never", None),
            ("MILEPOST_READY", "5", None),
            ("MILEPOST_READY", "soon", Some("its value is never|always|SECONDS")),
            ("MILEPOST_FAULT_EXIT", "x", Some("its value is CODE")),
            ("MILEPOST_REDAY", "never", Some("did you mean MILEPOST_READY?")),
            ("milepost_ready", "never", Some("did you mean MILEPOST_READY?")),
            ("MILEPOST_OWNER", "team-a", Some("GET /milepost/help lists those that do something")),
            ("owner", "team-a", None),
        ] {
            assert_eq!(fault_label_doubt(name, value).as_deref(), advice, "{name}={value}");
        }
    }
}
