//! Texts that only a shell would read as they are meant, where no shell reads them.

use memchr::memchr_iter;

use crate::rule::view::AppView;
use crate::schema::table;
use crate::source::{Type, Value};
use crate::util::suggest::MOST;

use super::{Context, Fields, Rule};

static SHELL_IN_ARGUMENTS: Rule =
    Rule::risky("shell-in-args", "`args` has nothing that only a shell understands")
        .why(
            "No shell reads `args` (of a pod: `argv`): the program gets `$PORT0`, `&&` and `>` as they are written. A line \
             for a shell is `cmd` (of a pod: `shell`), and a shell can be called by name: [\"sh\", \"-c\", \"…\"].",
        )
        .bad(r#"{"id": "/web", "args": ["serve", "--port=$PORT0"]}"#)
        .good(r#"{"id": "/web", "cmd": "serve --port=$PORT0"}"#);

static VARIABLE_IN_VARIABLE: Rule =
    Rule::risky("variable-in-env", "The value of a variable does not name other variables")
        .why(
            "Neither Marathon nor Mesos replaces `$PORT0` or `${MESOS_SANDBOX}` in the value of a variable, and a shell that \
             replaces the variable's own name does not look into its value: the service gets the text as it is.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "env": {"LISTEN": "0.0.0.0:$PORT0"}}"#)
        .good(r#"{"id": "/web", "cmd": "LISTEN=0.0.0.0:$PORT0 serve"}"#);

pub(super) static RULES: &[&Rule] = &[&SHELL_IN_ARGUMENTS, &VARIABLE_IN_VARIABLE];

/// Names of shells as the first argument: what follows is for them.
const SHELLS: &[&str] = &["sh", "bash", "ash", "dash", "ksh", "zsh", "busybox", "env"];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    if let Some(args) = app.fields.get("args") {
        arguments(args, app.fields.get("env"), context);
    }
    if let Some(docker) = app.container.as_ref().and_then(|container| container.docker.as_ref()) {
        docker.list("parameters").for_each(|entry| parameter(entry, context));
    }
    let cmd = app.fields.get("cmd");
    variables(app.fields.get("env"), cmd, context);
}

pub(super) fn pod(pod: &Fields<'_>, context: &mut Context<'_>) {
    variables(pod.get("environment"), None, context);
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context<'_>) {
    let exec = container.object("exec", &table::MESOS_EXEC);
    let command = exec.and_then(|exec| exec.get("command"));
    if let Some(argv) = command.and_then(|command| command.get("argv")) {
        arguments(argv, container.get("environment"), context);
    }
    let check = container.get("healthCheck").and_then(|check| check.get("exec")?.get("command")?.get("argv"));
    if let Some(argv) = check {
        arguments(argv, container.get("environment"), context);
    }
    variables(container.get("environment"), command.and_then(|command| command.get("shell")), context);
}

fn arguments(args: Value<'_>, own: Option<Value<'_>>, context: &mut Context<'_>) {
    let is_for_shell = |word: Value<'_>| {
        word.as_str()
            .is_some_and(|word| SHELLS.contains(&word.rsplit('/').next().unwrap_or_default()) || word == "-c")
    };
    if args.elements().any(is_for_shell) {
        return;
    }
    // Each of its names may be looked up for each argument.
    let own = own.filter(|own| own.members().nth(MOST).is_none());
    let are_several = args.elements().nth(1).is_some();
    for word in args.elements() {
        let Some(text) = word.as_str() else { continue };
        let message = if let Some(variable) = variable(&text, own) {
            format!("no shell reads this: the program gets `{variable}` as it is written")
        } else if is_operator(&text) {
            format!("no shell reads this: `{text}` is an argument of the program")
        } else if are_several && has_two_words(&text) {
            "this is one argument: no shell splits it at the blank".to_owned()
        } else {
            continue;
        };
        let found = context.warn(&SHELL_IN_ARGUMENTS, word);
        found.message = message;
        found.help = Some("write a line for a shell (`cmd`, `shell`), or each argument as an element".into());
    }
}

/// A parameter of the Docker Engine. A health command is for a shell in the container.
fn parameter(entry: Value<'_>, context: &mut Context<'_>) {
    let (Some(key), Some(at)) = (entry.get("key"), entry.get("value")) else { return };
    let Some(text) = at.as_str().filter(|_| !key.is_str("health-cmd")) else { return };
    if let Some(variable) = variable(&text, None) {
        let found = context.warn(&SHELL_IN_ARGUMENTS, at);
        found.message = format!("no shell reads this: Docker gets `{variable}` as it is written");
        found.help = Some("set it in `cmd`, where a shell reads it".into());
    }
}

fn is_operator(word: &str) -> bool {
    ["&&", "||", "|", ";", "&", ">", ">>", "<", "2>", "2>&1", "&>"].contains(&word)
}

/// Whether an argument is an option and its value: `--name web`.
fn has_two_words(text: &str) -> bool {
    let Some((option, value)) = text.split_once(' ') else { return false };
    let name = option.trim_start_matches('-');
    let is_option = name.len() < option.len() && option.len() - name.len() <= 2;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_option && is_name && !value.trim().is_empty()
}

/// Warns of values that name variables. `command` may read them again, as `eval` does.
fn variables(variables: Option<Value<'_>>, command: Option<Value<'_>>, context: &mut Context<'_>) {
    let Some(all) = variables else { return };
    let reads_again = |text: &str| text.contains("eval") || text.contains("envsubst");
    if command.is_some_and(|command| command.as_str().is_some_and(|text| reads_again(&text))) {
        return;
    }
    for (_, value) in all.members().filter(|(_, value)| value.kind() == Type::String) {
        let Some(text) = value.as_str() else { continue };
        let Some(variable) = variable(&text, None) else { continue };
        let found = context.warn(&VARIABLE_IN_VARIABLE, value);
        found.message = format!("nothing replaces `{variable}` in the value of a variable");
        found.help =
            Some("set it in `cmd`, where a shell reads it, or let the service read that variable".into());
    }
}

/// The first `$NAME` or `${NAME}` of a variable that Marathon or Mesos sets, or that is one of `own`.
fn variable<'t>(text: &'t str, own: Option<Value<'_>>) -> Option<&'t str> {
    memchr_iter(b'$', text.as_bytes()).find_map(|at| {
        let rest = &text[at + 1..];
        let (name, after) = if let Some(inner) = rest.strip_prefix('{') {
            (&inner[..inner.find('}')?], 3)
        } else {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            (&rest[..end], 1)
        };
        let is_own = own.is_some_and(|own| !name.is_empty() && own.get(name).is_some());
        (is_own || is_set(name)).then(|| &text[at..at + name.len() + after])
    })
}

/// Whether Marathon or Mesos sets a variable of this name for every task (`EnvironmentHelper`).
fn is_set(name: &str) -> bool {
    let is_port = name.strip_prefix("PORT").is_some_and(|rest| {
        rest.is_empty()
            || rest == "S"
            || rest.starts_with('_')
            || rest.bytes().all(|byte| byte.is_ascii_digit())
    });
    // The ports of a pod.
    let is_endpoint = ["ENDPOINT_", "EP_HOST_", "EP_CONTAINER_"].iter().any(|start| name.starts_with(start));
    is_port
        || is_endpoint
        || name == "HOST"
        || name.starts_with("MESOS_")
        || name.starts_with("MARATHON_APP_")
}

#[cfg(test)]
mod tests {
    use super::{has_two_words, variable};

    #[test]
    fn variables_of_a_task_are_found() {
        for (text, found) in [
            ("--port=$PORT0", Some("$PORT0")),
            ("${MESOS_SANDBOX}/conf", Some("${MESOS_SANDBOX}")),
            ("$HOST:$PORT_HTTP", Some("$HOST")),
            ("$ENDPOINT_HTTP", Some("$ENDPOINT_HTTP")),
            ("$PORTAL", None),
            ("^a$", None),
            ("${", None),
            ("$HOME", None),
        ] {
            assert_eq!(variable(text, None), found, "{text}");
        }
    }

    #[test]
    fn options_with_values_are_two_words() {
        for (text, are_two) in [
            ("--name 'n0'", true),
            ("-p 80", true),
            ("--name=a b", false),
            ("a b", false),
            ("- a", false),
            ("--x ", false),
        ] {
            assert_eq!(has_two_words(text), are_two, "{text}");
        }
    }
}
