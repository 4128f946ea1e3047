//! `docker.parameters`: Mesos gives each to `docker run` as `--KEY=VALUE`, behind its own options and before the image (Mesos,
//! `src/docker/docker.cpp`), and only Docker looks at them.

mod device;
mod form;
mod log;
mod mounting;
mod number;
mod option;
mod port;
mod relation;
mod word;

use std::borrow::Cow;

use crate::finding::{Change, Fix, FixKind, Refuser};
use crate::source::Value;
use crate::source::placeholder::{self, TextReader};
use crate::util::suggest::suggest;

use super::task::Task;
use super::{Context, Rule, docker_run_failed, refuse};
use form::Form;
use option::{DockerOption, SLIPS};

pub(super) use mounting::name_fault as volume_name_fault;

static NOT_AN_OPTION: Rule =
    Rule::fails("parameter-not-an-option", "A parameter is a long option of `docker run`")
        .why(
            "Mesos writes `--KEY=VALUE` for each of `docker.parameters`. The key is the option's long name, in its exact \
             spelling and without dashes: `docker` knows no `--e`, `---v` or `--cap_add`, and no container starts. (Mesos, \
             `src/docker/docker.cpp`; docker/cli, `cli/command/container/opts.go`).",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "-v", "value": "/etc/web:/data:ro"}]}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "volume", "value": "/etc/web:/data:ro"}]}}}"#)
        .fix(FixKind::Unsafe);

static VALUE: Rule =
    Rule::fails("parameter-value", "The value of a parameter is one that its option takes")
        .why(
            "Only `docker run` looks at the values of `docker.parameters`, at each launch. An option without an argument \
             needs `true` or `false`, an address is one address, a size has a unit that Docker knows, and so on: `docker \
             run --help` lists them. (docker/cli, `opts/`; moby, `daemon/`).",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "init", "value": ""}]}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "init", "value": "true"}]}}}"#)
        .fix(FixKind::Unsafe);

pub(super) static RULES: &[&Rule] = &[
    &NOT_AN_OPTION,
    &VALUE,
    &relation::NAME,
    &relation::NETWORK,
    &relation::CONFLICT,
    &log::LOG,
    &relation::ENDS,
    &relation::ENTRYPOINT,
    &relation::CPUS,
    &relation::HOST_FILES,
];

/// A parameter as Docker reads it.
struct Parameter<'a> {
    key_at: Value<'a>,
    value_at: Value<'a>,
    option: &'static DockerOption,
    value: Cow<'a, str>,
}

impl Parameter<'_> {
    fn is(&self, name: &str) -> bool {
        self.option.name == name
    }

    /// Whether it is a boolean option that is turned on.
    fn is_on(&self, name: &str) -> bool {
        self.is(name) && number::boolean(&self.value) == Some(true)
    }
}

pub(super) fn task(task: &Task<'_>, context: &mut Context<'_>) {
    let Some(docker) = task.docker.as_ref().filter(|docker| task.is_docker() && docker.has_any("parameters"))
    else {
        return;
    };
    for entry in docker.list("parameters") {
        key(entry, context);
    }
    let parameters = parameters(task);
    let mut sound = Vec::new();
    for parameter in parameters {
        if !is_filled(&parameter.value) || !value(&parameter, context) {
            sound.push(parameter);
        }
    }
    relation::check(task, &sound, context);
}

/// Whether a value is all there: no template fills something in, except for Docker's own.
fn is_filled(text: &str) -> bool {
    placeholder::find(text, TextReader::Docker).is_none()
}

/// The parameters whose keys Docker knows. It splits `--KEY=VALUE` at the first `=`.
fn parameters<'a>(task: &Task<'a>) -> Vec<Parameter<'a>> {
    let read = |entry: Value<'a>| {
        let (key_at, value_at) = (entry.get("key")?, entry.get("value")?);
        let (key, value) = (key_at.as_str()?, value_at.as_str()?);
        let (name, value) = match key.split_once('=') {
            Some((name, more)) => (Cow::Owned(name.to_owned()), Cow::Owned(format!("{more}={value}"))),
            None => (key, value),
        };
        let option = DockerOption::of(&name)?;
        Some(Parameter { key_at, value_at, option, value })
    };
    task.docker.iter().flat_map(|docker| docker.list("parameters")).filter_map(read).collect()
}

/// The paths that parameters mount something on.
pub(super) fn parameter_targets<'a>(task: &Task<'a>) -> Vec<(Value<'a>, String)> {
    let target = |parameter: Parameter<'a>| {
        let mounted = match parameter.option.form {
            Form::Volume => mounting::volume(&parameter.value).ok()?,
            Form::Mount => mounting::mount(&parameter.value).ok()?,
            _ => return None,
        };
        Some((parameter.value_at, mounted.target.to_owned()))
    };
    parameters(task).into_iter().filter_map(target).collect()
}

/// Reports a key that is no option.
fn key(entry: Value<'_>, context: &mut Context<'_>) {
    let Some(at) = entry.get("key") else { return };
    let Some(key) = at.as_str().filter(|key| is_filled(key) && !key.is_empty()) else { return };
    let name = key.split('=').next().unwrap_or_default();
    if DockerOption::of(name).is_some() {
        return;
    }
    let meant = meant(name);
    let said = if name.starts_with('-') || name.is_empty() {
        let value = entry.get("value").and_then(|value| value.as_str()).unwrap_or_default();
        format!("bad flag syntax: --{key}={value}")
    } else {
        format!("unknown flag: --{name}")
    };
    let docker = context.settings.agents.docker;
    let found = refuse(context, &NOT_AN_OPTION, at, Refuser::Docker, docker_run_failed(&said));
    found.message = format!("`docker run` has no option `--{name}`, so no container starts");
    found.help = Some(match meant {
        Some(option) => format!("write {option:?}").into(),
        None => "write the long name of an option, without dashes".into(),
    });
    // A key with the value in it keeps its value. A value that the option does not take is for another one.
    let value = entry.get("value").and_then(|value| value.as_str()).unwrap_or_default();
    let is_taken = |option: &&str| {
        DockerOption::of(option).is_some_and(|option| option.form.fault(&value, docker).is_none())
    };
    found.fix = meant
        .filter(|option| !key.contains('=') && is_taken(option))
        .map(|option| Fix::unsafe_(format!("name the option `{option}`"), [Change::replace(at, option)]));
}

/// The option that is meant by a name that is none.
fn meant(name: &str) -> Option<&'static str> {
    let bare = name.trim_matches(|c: char| c == '-' || c.is_whitespace());
    let mut letters = bare.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return DockerOption::of_letter(letter).map(|option| option.name);
    }
    let mut dashed = String::new();
    let mut before = None;
    for c in bare.chars() {
        if c.is_ascii_uppercase() && before.is_some_and(|before: char| before.is_ascii_lowercase()) {
            dashed.push('-');
        }
        dashed.push(if c == '_' || c == ' ' { '-' } else { c.to_ascii_lowercase() });
        before = Some(c);
    }
    let slip = SLIPS.iter().find(|(slip, _)| *slip == dashed).map(|(_, option)| *option);
    let exact = || DockerOption::of(&dashed).map(|option| option.name);
    slip.or_else(exact).or_else(|| {
        let near = suggest(&dashed, DockerOption::names())?;
        DockerOption::of(near).map(|option| option.name)
    })
}

/// Reports a value that the option does not take.
fn value(parameter: &Parameter<'_>, context: &mut Context<'_>) -> bool {
    let Parameter { option, value, .. } = parameter;
    let Some(fault) = option.form.fault(value, context.settings.agents.docker) else { return false };
    let said = docker_run_failed(&fault.said(&option.flag(), value));
    let found = refuse(context, &VALUE, parameter.value_at, Refuser::Docker, said);
    found.message =
        format!("Docker refuses this value of `--{}`, so no container starts: {}", option.name, fault.why());
    found.help = Some(help(option.form).into());
    if option.form == Form::Boolean && value.is_empty() && !matches!(option.name, "detach" | "help") {
        found.fix = Some(Fix::unsafe_("write \"true\"", [Change::replace(parameter.value_at, "true")]));
    }
    true
}

fn help(form: Form) -> &'static str {
    match form {
        Form::Boolean => "write \"true\" or \"false\"",
        Form::Size | Form::SwapSize => "write a number and a unit: 64m, 1g",
        Form::Duration => "write a number and a unit: 5s, 1m30s",
        Form::Ulimit => "write NAME=SOFT or NAME=SOFT:HARD, as in nofile=1024:2048",
        Form::Address => "write one IP address; several are several parameters",
        Form::AddHost => "write NAME:ADDRESS; several are several parameters",
        Form::Capability(_) => "name one capability, as in NET_ADMIN; several are several parameters",
        Form::Volume => {
            "write SOURCE:/TARGET:MODE with an absolute path or the name of a volume, or use `container.volumes`"
        }
        Form::Mount => "write type=bind,src=/SOURCE,dst=/TARGET, without blanks",
        Form::Tmpfs | Form::AbsolutePath => "write an absolute path",
        Form::Restart => "leave it out: Marathon starts tasks again",
        Form::Sysctl => "set it on the agents; a container has only net.* and those of its own IPC",
        Form::Label => "write NAME=VALUE, without blanks in the name",
        Form::Gpus => "write all, a number, or device=0; see `docker run --help`",
        Form::Rate | Form::Operations => "write /dev/NAME and a number: /dev/sda:1mb, or /dev/sda:1000",
        Form::WeightOfDevice => "write /dev/NAME and a weight of 10 to 1000: /dev/sda:500",
        Form::VolumesFrom => "write the name of a container, with :ro or :rw where needed",
        Form::Publish => "write [ADDRESS:][PORT:]PORT[/PROTOCOL], or use `portMappings`",
        _ => "write it as `docker run --help` shows it",
    }
}
