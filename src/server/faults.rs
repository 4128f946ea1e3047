//! Things that go wrong on demand: labels of an app or pod that tell the simulated cluster what to do with its tasks.

use super::world::spec::{Spec, milliseconds};
use crate::rule::fault_label_doubt;

/// What to tell of the labels of a service that look like one of [`FAULT_LABELS`], and do nothing.
pub(crate) fn doubts(spec: &Spec) -> Vec<String> {
    spec.labels().filter_map(|(name, value)| doubt(&spec.id, name, value)).collect()
}

fn doubt(id: &str, name: &str, value: &str) -> Option<String> {
    let advice = fault_label_doubt(name, value)?;
    Some(format!("{id}: the label {name} does nothing: {advice}"))
}

/// What goes wrong between the server and its clients.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trouble {
    /// This many answers are replaced by this status.
    pub(crate) refuse: u64,
    pub(crate) status: u16,
    /// They are a proxy's page.
    pub(crate) is_html: bool,
    /// This many answers end in the middle.
    pub(crate) truncate: u64,
    /// This many answers are slow: milliseconds.
    pub(crate) slow: u64,
    pub(crate) delay: u64,
}

/// How a task ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaskExit {
    pub(crate) code: i64,
    /// After this many milliseconds; nothing for at once.
    pub(crate) after: Option<u64>,
}

/// When checks pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passes {
    Never,
    Always,
    /// After this many milliseconds.
    After(u64),
}

fn seconds(spec: &Spec, label: &str) -> Option<f64> {
    spec.label(label)?.trim().parse().ok().filter(|seconds: &f64| *seconds >= 0.0)
}

/// How tasks of a service end by themselves: as its label says, or its command where that is only `exit`.
pub(crate) fn exit(spec: &Spec, incarnation: u32) -> Option<TaskExit> {
    let after = seconds(spec, "MILEPOST_FAULT_EXIT_AFTER").map(milliseconds);
    let times = seconds(spec, "MILEPOST_FAULT_EXIT_TIMES");
    if let Some(code) = spec.label("MILEPOST_FAULT_EXIT").and_then(|code| code.trim().parse().ok()) {
        let is_left = times.is_none_or(|times| f64::from(incarnation) <= times);
        return is_left.then_some(TaskExit { code, after });
    }
    let command = spec.text("cmd").map(str::to_owned).or_else(|| {
        let of_pod = spec.list(&["containers"]).filter_map(|each| each.pointer("/exec/command/shell"));
        of_pod.filter_map(|shell| shell.as_str()).find(|shell| exit_code(shell).is_some()).map(str::to_owned)
    });
    Some(TaskExit { code: exit_code(&command?)?, after: None })
}

/// The number of a pod's container whose command is only `exit`.
pub(crate) fn exiting_container(spec: &Spec) -> Option<usize> {
    let shell = |each: &serde_json::Value| each.pointer("/exec/command/shell")?.as_str().map(str::to_owned);
    spec.list(&["containers"]).position(|each| shell(each).is_some_and(|shell| exit_code(&shell).is_some()))
}

/// The code of a command that does nothing but exit.
fn exit_code(command: &str) -> Option<i64> {
    let rest = command.trim().strip_prefix("exit")?;
    let code = rest.split('#').next()?.trim().trim_end_matches(';');
    code.parse().ok().filter(|_| rest.starts_with(' '))
}

/// Milliseconds from the report that tasks start until they run, where a label says so.
pub(crate) fn start_delay(spec: &Spec) -> Option<u64> {
    seconds(spec, "MILEPOST_START_SECONDS").map(milliseconds)
}

/// Milliseconds that a kill takes.
pub(crate) fn kill_delay(spec: &Spec) -> u64 {
    seconds(spec, "MILEPOST_KILL_SECONDS").map_or(100, milliseconds)
}

/// Seconds after which the agent of a task is lost.
pub(crate) fn lost_after(spec: &Spec) -> Option<f64> {
    seconds(spec, "MILEPOST_LOST_AFTER")
}

/// When the health checks (or the readiness checks) of a service pass, where a label says so.
pub(crate) fn passes(spec: &Spec, is_readiness: bool) -> Option<Passes> {
    let label = if is_readiness { "MILEPOST_READY" } else { "MILEPOST_HEALTHY" };
    match spec.label(label)?.trim() {
        "never" => Some(Passes::Never),
        "always" => Some(Passes::Always),
        _ => seconds(spec, label).map(milliseconds).map(Passes::After),
    }
}

#[cfg(test)]
mod tests {
    use super::{doubt, exit_code};

    #[test]
    fn labels_that_do_nothing_are_told() {
        let told = |name: &str, value: &str| doubt("/a", name, value);
        for (name, value) in [
            ("MILEPOST_HEALTHY", "never"),
            ("MILEPOST_FAULT_EXIT", "1"),
            ("team", "x"),
            ("HAPROXY_GROUP", ""),
        ] {
            assert_eq!(told(name, value), None);
        }
        let near = "/a: the label milepost_heathy does nothing: did you mean MILEPOST_HEALTHY?";
        assert_eq!(told("milepost_heathy", "never").as_deref(), Some(near));
        let none = "/a: the label MILEPOST_X does nothing: GET /milepost/help lists those that do something";
        assert_eq!(told("MILEPOST_X", "1").as_deref(), Some(none));
        let value = "/a: the label MILEPOST_READY does nothing: its value is never|always|SECONDS";
        assert_eq!(told("MILEPOST_READY", "nevr").as_deref(), Some(value));
    }

    #[test]
    fn only_a_bare_exit_is_one() {
        let codes = ["exit 1", "exit 0", " exit 3 # again", "exit", "exit1", "sleep 1; exit 1", "exitcode 1"];
        assert_eq!(codes.map(exit_code), [Some(1), Some(0), Some(3), None, None, None, None]);
    }
}
