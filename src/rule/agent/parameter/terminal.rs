//! A terminal for a task: `docker run` has none to give.

use crate::finding::Refuser;
use crate::rule::agent::refuse;
use crate::rule::{Context, Rule};

use super::Parameter;

pub(super) static TERMINAL: Rule =
    Rule::fails("parameter-terminal", "No parameters ask for the terminal of `docker run`")
        .why(
            "Mesos starts `docker run` with /dev/null as its standard input. With `tty` beside `interactive`, or beside \
             `attach` with stdin, `docker run` wants to connect the container to a terminal, and ends. Either one alone works. \
             (Mesos, `src/docker/docker.cpp`, `Docker::run`; docker/cli, `cli/streams/in.go`, `CheckTty`).",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "interactive", "value": "true"}, {"key": "tty", "value": "true"}]}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "tty", "value": "true"}]}}}"#);

/// Reports a terminal that `docker run` cannot connect to.
pub(super) fn check(parameters: &[Parameter<'_>], context: &mut Context<'_>) {
    let is_on = |name: &str| parameters.iter().any(|parameter| parameter.is_on(name));
    // It does not look for a terminal then, and the task ends, as another rule says.
    if is_on("detach") || is_on("help") {
        return;
    }
    let Some(tty) = parameters.iter().find(|parameter| parameter.is_on("tty")) else { return };
    let is_stdin = |parameter: &Parameter<'_>| {
        parameter.is_on("interactive")
            || parameter.is("attach") && parameter.value.eq_ignore_ascii_case("stdin")
    };
    let Some(stdin) = parameters.iter().find(|parameter| is_stdin(parameter)) else { return };
    let said = "Container exited with status 1; stderr: the input device is not a TTY";
    let found = refuse(context, &TERMINAL, tty.value_at, Refuser::Docker, said);
    found.message = format!(
        "`docker run` ends at once: with `--{}` beside `--tty` it needs a terminal, and Mesos gives it none",
        stdin.option.name
    );
    found.help = Some(format!("remove `{}`, or `tty`", stdin.option.name).into());
}
