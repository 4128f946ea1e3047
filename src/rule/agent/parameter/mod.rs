//! `docker.parameters`: Mesos gives each to `docker run` as `--KEY=VALUE`, behind its own options and before the image (Mesos,
//! `src/docker/docker.cpp`), and only Docker looks at them.

mod device;
mod form;
mod host;
mod log;
mod mounting;
mod namespace;
mod number;
mod option;
mod port;
mod relation;
mod terminal;
mod word;

use std::borrow::Cow;

use crate::finding::{Change, Effect, Fix, FixKind, Refuser};
use crate::source::Value;
use crate::source::placeholder::{self, TextReader};
use crate::target::DockerRelease;
use crate::util::hash::Set;
use crate::util::suggest::suggest;

use super::task::{MountSource, Task};
use super::{Context, Rule, docker_run_failed, refuse};
use crate::rule::view::AppView;
use form::{Engine, RefusedValue, ValueForm};
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
        .fix(FixKind::Unsafe)
        .setting("[target.agents] docker");

static VALUE: Rule =
    Rule::fails("parameter-value", "The value of a parameter is one that its option takes")
        .why(
            "Only `docker run` looks at the values of `docker.parameters`, at each launch. An option without an argument \
             needs `true` or `false`, an address is one address, a size has a unit that Docker knows, and so on. No shell \
             reads a value: `$HOME:/data` names a volume `$HOME`, which cannot be. (docker/cli, `opts/`; moby, `daemon/`, \
             `volume/local/local.go` for the names of volumes).",
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
    &host::HOST_FILES,
    &terminal::TERMINAL,
];

/// A parameter as Docker reads it.
struct Parameter<'a> {
    key_at: Value<'a>,
    value_at: Value<'a>,
    option: &'static DockerOption,
    value: Cow<'a, str>,
    /// Whether a later one counts in its place.
    is_overridden: bool,
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

pub(super) fn app(app: &AppView<'_>, task: &Task<'_>, context: &mut Context<'_>) {
    let Some(docker) = task.docker.as_ref().filter(|docker| task.is_docker() && docker.has_any("parameters"))
    else {
        return;
    };
    for entry in docker.list("parameters") {
        key(entry, context);
    }
    let parameters = parameters(task);
    let engine =
        Engine { release: context.settings.agents.docker, has_driver: has_driver(task, &parameters) };
    let mut sound = Vec::new();
    for parameter in parameters {
        let is_sent = is_filled(&parameter.value) || names_volume_by_variable(&parameter);
        let is_refused = is_sent && value(&parameter, engine, context);
        if !is_refused && !parameter.is_overridden {
            sound.push(parameter);
        }
    }
    relation::check(task, &sound, context);
    port::taken(app, task, &sound, context);
}

/// Whether a value is all there: no template fills something in, except for Docker's own.
fn is_filled(text: &str) -> bool {
    placeholder::find(text, TextReader::Docker).is_none()
}

/// Whether it is the volume of a name with a variable in it, as in `$HOME:/data`: no shell reads it, and no name has a `$`.
fn names_volume_by_variable(parameter: &Parameter<'_>) -> bool {
    if parameter.option.form != ValueForm::Volume {
        return false;
    }
    let Some((mut name, target)) = parameter.value.rsplit_once(":/") else { return false };
    if name.starts_with('/') || !name.contains('$') || !is_filled(target) {
        return false;
    }
    while let Some(range) = placeholder::find(name, TextReader::Docker) {
        let found = &name[range.clone()];
        if !found.starts_with('$') || found.starts_with("${{") || found.contains(':') {
            return false;
        }
        name = &name[range.end..];
    }
    true
}

/// Whether another driver than Docker's own makes the volumes.
fn has_driver(task: &Task<'_>, parameters: &[Parameter<'_>]) -> bool {
    let is_other = |of: &Parameter<'_>| of.is("volume-driver") && !matches!(of.value.as_ref(), "" | "local");
    parameters.iter().any(is_other)
        || task.mounts.iter().any(|mount| matches!(mount.source, MountSource::External { .. }))
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
        Some(Parameter { key_at, value_at, option, value, is_overridden: false })
    };
    let list = task.docker.iter().flat_map(|docker| docker.list("parameters"));
    let mut parameters: Vec<Parameter<'a>> = list.filter_map(read).collect();
    let mut seen: Set<&str> = Set::default();
    for parameter in parameters.iter_mut().rev().filter(|parameter| !parameter.option.is_list) {
        parameter.is_overridden = !seen.insert(parameter.option.name);
    }
    parameters
}

/// What a parameter mounts.
pub(super) struct ParameterMount<'a> {
    pub(super) at: Value<'a>,
    /// A path of the agent, or the name of a volume.
    pub(super) source: Option<String>,
    pub(super) target: String,
    pub(super) by: MountedBy,
}

/// The option that mounts something, in the order in which Docker looks at them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum MountedBy {
    Volume,
    Tmpfs,
    Mount,
}

/// What parameters mount, in the order in which Docker looks at it. A new volume is not made where something else is
/// mounted, and of equal texts Docker takes one.
pub(super) fn parameter_mounts<'a>(task: &Task<'a>) -> Vec<ParameterMount<'a>> {
    let parameters = parameters(task);
    let engine = Engine { release: None, has_driver: true };
    let mut texts: Set<&str> = Set::default();
    let mut mounts = Vec::new();
    for parameter in parameters.iter().filter(|parameter| is_filled(&parameter.value)) {
        let (by, mounted) = match parameter.option.form {
            ValueForm::Volume if texts.insert(&parameter.value) => {
                (MountedBy::Volume, mounting::volume(&parameter.value, engine).ok())
            }
            ValueForm::Mount => (MountedBy::Mount, mounting::mount(&parameter.value, engine).ok()),
            ValueForm::Tmpfs => (MountedBy::Tmpfs, mounting::tmpfs(&parameter.value).ok()),
            _ => continue,
        };
        let Some(mounted) = mounted.filter(|of| by != MountedBy::Volume || of.source.is_some()) else {
            continue;
        };
        mounts.push(ParameterMount {
            at: parameter.value_at,
            source: mounted.source.map(str::to_owned),
            target: mounted.target.to_owned(),
            by,
        });
    }
    mounts.sort_by_key(|mount| mount.by);
    mounts
}

/// Reports a key that is no option.
fn key(entry: Value<'_>, context: &mut Context<'_>) {
    let Some(at) = entry.get("key") else { return };
    let Some(key) = at.as_str().filter(|key| is_filled(key) && !key.is_empty()) else { return };
    let name = key.split('=').next().unwrap_or_default();
    if let Some(option) = DockerOption::of(name) {
        value_in_key(entry, (at, &key), option, context);
        experimental_option(option, at, context);
        return later_option(option, at, context);
    }
    let meant = meant(name);
    let said = if name.starts_with('-') || name.is_empty() {
        let value = entry.get("value").and_then(|value| value.as_str()).unwrap_or_default();
        format!("bad flag syntax: --{key}={value}")
    } else {
        format!("unknown flag: --{name}")
    };
    let engine = Engine { release: context.settings.agents.docker, has_driver: true };
    let found = refuse(context, &NOT_AN_OPTION, at, Refuser::Docker, docker_run_failed(&said));
    found.message = format!("`docker run` has no option `--{name}`, so no container starts");
    found.help = Some(match meant {
        Some(option) => format!("write {option:?}").into(),
        None => "write the long name of an option, without dashes".into(),
    });
    // A key with the value in it keeps its value. A value that the option does not take is for another one.
    let value = entry.get("value").and_then(|value| value.as_str()).unwrap_or_default();
    let is_taken = |option: &&str| {
        DockerOption::of(option).is_some_and(|option| option.form.fault(&value, engine).is_none())
    };
    found.fix = meant
        .filter(|option| !key.contains('=') && is_taken(option))
        .map(|option| Fix::unsafe_(format!("name the option `{option}`"), [Change::replace(at, option)]));
}

/// Reports a key with the whole of `KEY=VALUE` in it: Mesos writes a `=` behind it, which Docker takes as part of the value.
fn value_in_key(
    entry: Value<'_>,
    (at, key): (Value<'_>, &str),
    option: &DockerOption,
    context: &mut Context<'_>,
) {
    let Some(value_at) =
        entry.get("value").filter(|value| value.as_str().is_some_and(|value| value.is_empty()))
    else {
        return;
    };
    let Some((name, inner)) = key.split_once('=').filter(|(_, inner)| !inner.is_empty()) else { return };
    // `env=A` and nothing is `--env=A=`: a variable that is empty.
    if matches!(option.form, ValueForm::Variable | ValueForm::Label) && !inner.contains('=') {
        return;
    }
    let found = context.warn(&NOT_AN_OPTION, at);
    found.effect = Effect::Risky;
    found.message =
        format!("`docker run` takes the value `{inner}=` for `--{name}`, with the `=` at its end");
    found.help = Some("write what follows the `=` in `value`".into());
    found.fix = Some(Fix::unsafe_(
        "write the value in `value`",
        [Change::replace(at, name), Change::replace(value_at, inner)],
    ));
}

/// Reports an option that agents with this Docker release have only where experimental features are on.
fn experimental_option(option: &DockerOption, at: Value<'_>, context: &mut Context<'_>) {
    let Some((before, docker)) = option.experimental_before.zip(context.settings.agents.docker) else {
        return;
    };
    if docker >= before {
        return;
    }
    let name = option.name;
    let said =
        format!("\"--{name}\" is only supported on a Docker daemon with experimental features enabled");
    let said = format!("Container exited with status 1; stderr: {said}");
    let found = refuse(context, &NOT_AN_OPTION, at, Refuser::Docker, said);
    found.effect = Effect::Risky;
    found.message = format!(
        "before {before} `docker run` takes `--{name}` only where the Docker Engine has experimental features on"
    );
    found.help = Some(format!("remove it: `[target.agents]` says that agents have Docker {docker}").into());
}

/// Reports an option that the Docker release on the agents may not have.
fn later_option(option: &DockerOption, at: Value<'_>, context: &mut Context<'_>) {
    /// The last release that DC/OS supports.
    const USUAL: DockerRelease = DockerRelease::new(20, 10);
    let known = context.settings.agents.docker;
    let Some(since) = option.since.filter(|since| known.unwrap_or(USUAL) < *since) else { return };
    let said = docker_run_failed(&format!("unknown flag: --{}", option.name));
    let found = refuse(context, &NOT_AN_OPTION, at, Refuser::Docker, said);
    if known.is_none() {
        found.effect = Effect::Risky;
    }
    found.message = format!("`docker run` has the option `--{}` from Docker {since} on", option.name);
    found.help = Some(match known {
        Some(docker) => format!("remove it: `[target.agents]` says that agents have Docker {docker}").into(),
        None => {
            "remove it, or say which Docker agents have: `docker` of [target.agents] in milepost.toml".into()
        }
    });
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
fn value(parameter: &Parameter<'_>, engine: Engine, context: &mut Context<'_>) -> bool {
    let Parameter { option, value, .. } = parameter;
    let Some(fault) = option.form.fault(value, engine) else { return false };
    // Only what cannot be read at all is refused before the last one counts.
    if parameter.is_overridden && !matches!(fault, RefusedValue::Flag(_)) {
        return false;
    }
    let said = docker_run_failed(&fault.said(&option.flag(), value));
    let found = refuse(context, &VALUE, parameter.value_at, Refuser::Docker, said);
    found.message =
        format!("Docker refuses this value of `--{}`, so no container starts: {}", option.name, fault.why());
    found.help = Some(help(option.form).into());
    if option.form == ValueForm::Boolean && value.is_empty() && !matches!(option.name, "detach" | "help") {
        found.fix = Some(Fix::unsafe_("write \"true\"", [Change::replace(parameter.value_at, "true")]));
    }
    true
}

fn help(form: ValueForm) -> &'static str {
    match form {
        ValueForm::Boolean => "write \"true\" or \"false\"",
        ValueForm::Size | ValueForm::SwapSize => "write a number and a unit: 64m, 1g",
        ValueForm::Pause => "write a number and a unit: 5s, 1m30s",
        ValueForm::Ulimit => "write NAME=SOFT or NAME=SOFT:HARD, as in nofile=1024:2048",
        ValueForm::Address => "write one IP address; several are several parameters",
        ValueForm::AddHost => "write NAME:ADDRESS; several are several parameters",
        ValueForm::Capability(_) => "name one capability, as in NET_ADMIN; several are several parameters",
        ValueForm::Volume => {
            "write SOURCE:/TARGET:MODE with an absolute path or the name of a volume, or use `container.volumes`"
        }
        ValueForm::Mount => "write type=bind,src=/SOURCE,dst=/TARGET, without blanks",
        ValueForm::Tmpfs | ValueForm::AbsolutePath => "write an absolute path",
        ValueForm::Restart => "leave it out: Marathon starts tasks again",
        ValueForm::Sysctl => "set it on the agents; a container has only net.* and those of its own IPC",
        ValueForm::Label => "write NAME=VALUE, without blanks in the name",
        ValueForm::Gpus => "write all, a number, or device=0",
        ValueForm::Rate | ValueForm::Operations => {
            "write /dev/NAME and a number: /dev/sda:1mb, or /dev/sda:1000"
        }
        ValueForm::WeightOfDevice => "write /dev/NAME and a weight of 10 to 1000: /dev/sda:500",
        ValueForm::VolumesFrom => "write the name of a container, with :ro or :rw where needed",
        ValueForm::Platform => "write linux/amd64, or what the agents are",
        ValueForm::Publish => "write [ADDRESS:][PORT:]PORT[/PROTOCOL], or use `portMappings`",
        ValueForm::Text => "write another value, or leave it out",
        ValueForm::Integer | ValueForm::Shares | ValueForm::Period | ValueForm::Quota => {
            "write a whole number, such as 1024"
        }
        ValueForm::Swappiness => "write a whole number of 0 to 100",
        ValueForm::OomScore => "write a whole number of -1000 to 1000",
        ValueForm::Weight => "write a whole number of 10 to 1000, or 0 for none",
        ValueForm::Cpus => "write a number of CPUs, such as 0.5",
        ValueForm::CpuSet(_) => "write numbers and ranges of them, as in 0-3,5",
        ValueForm::Domain => {
            "write one domain, as in example.com, or . for none; several are several parameters"
        }
        ValueForm::MacAddress => "write six pairs of hexadecimal digits, as in 92:d0:c6:0a:29:33",
        ValueForm::Link => "write NAME or NAME:ALIAS",
        ValueForm::Stream => "write stdin, stdout or stderr",
        ValueForm::Namespace { words, .. } => {
            if words.contains(&"private") {
                "write host or private, or leave it out"
            } else {
                "write host, or leave it out"
            }
        }
        ValueForm::Isolation => "leave it out: only Windows has another than the default",
        ValueForm::Device => {
            "write /dev/NAME, /dev/NAME:/dev/IN_CONTAINER or /dev/NAME:/dev/IN_CONTAINER:rwm"
        }
        ValueForm::DeviceRule => {
            "write a, b or c, the numbers of the device and what is allowed, as in c 189:* rwm"
        }
        ValueForm::StorageOption => "write size=10G, which only some storage drivers take",
        ValueForm::Variable => "write NAME=VALUE, or use `env` of the app",
        ValueForm::Expose => "write a port or a range of ports, as in 8080, 8080/udp or 8080-8090",
        ValueForm::Security => {
            "write no-new-privileges, or NAME=VALUE, as in seccomp=unconfined, apparmor=PROFILE or label=disable"
        }
        ValueForm::Signal => "write the name or number of a signal, as in SIGTERM or 15",
        ValueForm::HostName => "write a name of at most 64 characters",
        ValueForm::File => "write the path of a file",
        ValueForm::Group => "write the name of a group of the image, or a number up to 2147483647",
        ValueForm::User => "write a user of the image, and perhaps a group, as in nobody or 1000:1000",
        ValueForm::LinkLocal => "write a link-local address, as in 169.254.34.22",
    }
}
