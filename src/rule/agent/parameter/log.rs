//! The log driver of a container and its options (moby `daemon/logger/`).

use std::borrow::Cow;
use std::num::IntErrorKind;

use crate::finding::{Effect, Refuser};
use crate::rule::agent::{docker_run_failed, engine_error, engine_failed, refuse};
use crate::rule::{Context, Rule};

use super::{Parameter, is_filled, number};
use crate::util::suggest::suggest;

pub(super) static LOG: Rule =
    Rule::fails("parameter-log", "Log options are ones that the log driver knows")
        .why(
            "A log driver refuses options that it does not know. Without the parameter `log-driver` it is the one of the \
             agent's Docker Engine, json-file unless that is configured (`[target.agents]` in milepost.toml). (moby, \
             `daemon/logger/`).",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "log-opt", "value": "max-sizes=10m"}]}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "log-opt", "value": "max-size=10m"}]}}}"#)
        .setting("[target.agents] log-driver");

/// Options that each log driver knows; those of others are not known here.
const LOG_OPTIONS: &[(&str, &[&str])] = &[
    ("json-file", &["max-size", "max-file", "labels", "labels-regex", "env", "env-regex", "tag", "compress"]),
    ("local", &["max-size", "max-file", "compress"]),
    (
        "syslog",
        &[
            "syslog-address",
            "syslog-facility",
            "syslog-tls-ca-cert",
            "syslog-tls-cert",
            "syslog-tls-key",
            "syslog-tls-skip-verify",
            "syslog-format",
            "env",
            "env-regex",
            "labels",
            "labels-regex",
            "tag",
        ],
    ),
    ("journald", &["labels", "labels-regex", "env", "env-regex", "tag"]),
    (
        "gelf",
        &[
            "gelf-address",
            "gelf-compression-type",
            "gelf-compression-level",
            "gelf-tcp-max-reconnect",
            "gelf-tcp-reconnect-delay",
            "tag",
            "labels",
            "labels-regex",
            "env",
            "env-regex",
        ],
    ),
    ("none", &[]),
];

/// Options without which a log driver does not start, with what it says then.
const REQUIRED: &[(&str, &str, &str)] = &[
    ("awslogs", "awslogs-group", "must specify a value for log opt 'awslogs-group'"),
    ("gelf", "gelf-address", "gelf-address is a required parameter"),
    ("logentries", "logentries-token", "Missing logentries token"),
    ("splunk", "splunk-url", "failed to initialize logging driver: splunk: splunk-url is expected"),
    ("splunk", "splunk-token", "failed to initialize logging driver: splunk: splunk-token is expected"),
];

/// Checks the log driver and its options.
pub(super) fn check(parameters: &[Parameter<'_>], context: &mut Context<'_>) {
    let driver = parameters.iter().rfind(|parameter| parameter.is("log-driver"));
    let own = driver.map(|driver| driver.value.as_ref()).filter(|driver| !driver.is_empty());
    if let Some((driver, name)) = driver.zip(own) {
        unknown_driver(driver, name, context);
    }
    let settings = context.settings;
    let Some(name) = own.or(settings.agents.log_driver.as_deref()) else { return };
    together(name, driver, parameters, context);
    let Some((_, known)) = LOG_OPTIONS.iter().find(|(driver, _)| *driver == name) else { return };
    for parameter in parameters.iter().filter(|parameter| parameter.is("log-opt")) {
        let (key, value) = parameter.value.split_once('=').unwrap_or((&parameter.value, ""));
        if !is_filled(key) {
            continue;
        }
        let (said, help): (String, Cow<'static, str>) = if name == "none" {
            let said = "docker: invalid logging opts for driver none.".to_owned();
            (said, "remove it: this driver keeps no log".into())
        } else if !known.contains(&key) && !matches!(key, "mode" | "max-buffer-size") {
            let said = engine_error(&format!("unknown log opt '{key}' for {name} log driver"));
            (said, format!("options of {name} are {}", known.join(", ")).into())
        } else if let Some(why) = log_value_fault(name, key, value) {
            let help = format!("write {key}={}, or leave it out", example(key));
            (engine_error(&why), help.into())
        } else {
            continue;
        };
        let found = refuse(context, &LOG, parameter.value_at, Refuser::Docker, docker_run_failed(&said));
        found.message = format!("Docker creates no container with this option for the log driver {name}");
        found.help = Some(help);
    }
}

/// A value that a log option takes.
fn example(key: &str) -> &'static str {
    match key {
        "mode" => "non-blocking",
        "max-buffer-size" => "4m",
        "compress" => "true",
        "max-size" => "10m",
        "max-file" => "3",
        "syslog-address" => "udp://HOST:514",
        "syslog-facility" => "daemon",
        "syslog-format" => "rfc5424",
        "gelf-address" => "udp://HOST:12201",
        _ => "VALUE",
    }
}

/// Reports options that need others beside them. Where the driver is the agents' own, their Docker Engine may have them.
fn together(
    name: &str,
    driver: Option<&Parameter<'_>>,
    parameters: &[Parameter<'_>],
    context: &mut Context<'_>,
) {
    let options: Vec<(&Parameter<'_>, &str, &str)> = parameters
        .iter()
        .filter(|parameter| parameter.is("log-opt"))
        .filter_map(|parameter| parameter.value.split_once('=').map(|(key, value)| (parameter, key, value)))
        .collect();
    let find = |name: &str| options.iter().rfind(|(_, key, _)| *key == name);
    let is_on = |value: &str| number::boolean(value) == Some(true);
    let at_most_one = |value: &str| value.parse::<i64>().is_ok_and(|count| count < 2);
    let mut wrong = Vec::new();
    if let Some(driver) = driver {
        let missing = REQUIRED.iter().filter(|(of, option, _)| *of == name && find(option).is_none());
        let help = |option: &str| format!("add the parameter log-opt with {option}=VALUE");
        wrong.extend(missing.map(|(_, option, said)| (driver, *said, help(option))));
    }
    if let Some((parameter, ..)) = find("max-buffer-size")
        && find("mode").is_none_or(|(.., mode)| *mode == "blocking")
        && name != "none"
    {
        let said = "logger: max-buffer-size option is only supported with 'mode=non-blocking'";
        let help = "add the parameter log-opt with mode=non-blocking, or leave this one out";
        wrong.push((*parameter, said, help.to_owned()));
    }
    if let Some((parameter, ..)) = find("compress").filter(|(.., value)| is_on(value) && name == "json-file")
        && (find("max-size").is_none() || find("max-file").is_none_or(|(.., count)| at_most_one(count)))
    {
        let said = "failed to initialize logging driver: compress cannot be true when max-file is less than 2 or max-size is \
                    not set";
        let help = "add the parameters log-opt with max-size=10m and max-file=3, or leave this one out";
        wrong.push((*parameter, said, help.to_owned()));
    }
    // This driver compresses unless that is turned off.
    let keeps_one = find("max-file").filter(|(.., count)| matches!(count.parse::<i64>(), Ok(0 | 1)));
    if let Some((parameter, ..)) = keeps_one.filter(|_| name == "local")
        && find("compress").is_none_or(|(.., value)| is_on(value))
    {
        let said =
            "failed to initialize logging driver: compression cannot be enabled when max file count is 1";
        let help = "write max-file=2 or more, or add the parameter log-opt with compress=false";
        wrong.push((*parameter, said, help.to_owned()));
    }
    let agents = &context.settings.agents;
    let is_theirs = agents.log_driver.as_deref().is_none_or(|own| own == name);
    for (parameter, why, help) in wrong {
        let said = engine_failed(why);
        let found = refuse(context, &LOG, parameter.value_at, Refuser::Docker, said);
        if is_theirs {
            found.effect = Effect::Risky;
        }
        found.message =
            format!("Docker creates no container with these options for the log driver {name}: {why}");
        found.help = Some(help.into());
    }
}

/// Log drivers that are part of the Docker Engine; others are plugins.
const DRIVERS: [&str; 11] = [
    "awslogs",
    "fluentd",
    "gcplogs",
    "gelf",
    "journald",
    "json-file",
    "local",
    "logentries",
    "none",
    "splunk",
    "syslog",
];

/// Reports a log driver that the Docker Engine has only as a plugin.
fn unknown_driver(driver: &Parameter<'_>, name: &str, context: &mut Context<'_>) {
    if DRIVERS.contains(&name)
        || !is_filled(name)
        || context.settings.agents.log_driver.as_deref() == Some(name)
    {
        return;
    }
    // The Engine of Windows alone has this one; what is nearly the name of one of its own is no plugin.
    let is_short = |known: &&&str| name.len() > 3 && known.starts_with(name);
    let meant = if name == "etwlogs" {
        Some("json-file")
    } else {
        DRIVERS.iter().find(is_short).copied().or_else(|| suggest(name, DRIVERS))
    };
    let said = engine_failed(&format!(
        "failed to initialize logging driver: error looking up logging plugin {name}: plugin {name:?} not found"
    ));
    let found = refuse(context, &LOG, driver.value_at, Refuser::Docker, said);
    if meant.is_none() {
        found.effect = Effect::Risky;
    }
    found.message = format!("no container starts on an agent whose Docker Engine has no log driver `{name}`");
    found.help = Some(match meant {
        Some(known) => format!("write {known:?}").into(),
        None => format!("without plugins it has {}", DRIVERS.join(", ")).into(),
    });
}

/// What is wrong with the value of a log option.
fn log_value_fault(driver: &str, key: &str, value: &str) -> Option<String> {
    match key {
        _ if !is_filled(value) => None,
        "mode" => (!matches!(value, "" | "blocking" | "non-blocking"))
            .then(|| format!("logger: logging mode not supported: {value}")),
        "max-buffer-size" => number::size(value)
            .is_none()
            .then(|| format!("error parsing option max-buffer-size: invalid size: '{value}'")),
        "compress" | "max-size" | "max-file" => {
            let why = file_fault(driver == "local", key, value)?;
            Some(format!("failed to initialize logging driver: {why}"))
        }
        "syslog-address" => (!value.contains("://"))
            .then(|| format!("syslog-address should be in form proto://address, got {value}")),
        "syslog-facility" => (!FACILITIES.contains(&value)
            && !value.parse::<i64>().is_ok_and(|number| (0..=23).contains(&number)))
        .then(|| "invalid syslog facility".into()),
        "syslog-format" => (!matches!(value, "" | "rfc3164" | "rfc5424" | "rfc5424micro"))
            .then(|| "Invalid syslog format".into()),
        "gelf-address" => (!value.starts_with("udp://") && !value.starts_with("tcp://"))
            .then(|| format!("gelf-address should be in form proto://address, got {value}")),
        _ => None,
    }
}

/// What is wrong with the value of an option for the files of a driver, in its own words (moby `daemon/logger/jsonfilelog/`,
/// `daemon/logger/local/`).
fn file_fault(is_local: bool, key: &str, value: &str) -> Option<String> {
    let of_local = |why: String| match key {
        _ if !is_local => why,
        "compress" => format!("error reading compress log option: {why}"),
        _ => format!("invalid value for {key}: {value}: {why}"),
    };
    match key {
        "compress" => number::boolean(value)
            .is_none()
            .then(|| of_local(format!("strconv.ParseBool: parsing {value:?}: invalid syntax"))),
        "max-size" => match number::size(value) {
            None => Some(of_local(format!("invalid size: '{value}'"))),
            Some(size) => (size <= 0.0 && !is_local).then(|| "max-size must be a positive number".into()),
        },
        _ => match value.parse::<i64>() {
            Err(error) => {
                let why = match error.kind() {
                    IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "value out of range",
                    _ => "invalid syntax",
                };
                Some(of_local(format!("strconv.Atoi: parsing {value:?}: {why}")))
            }
            Ok(count) if is_local => (count < 0).then(|| "max file count cannot be less than 0".into()),
            Ok(count) => (count < 1).then(|| "max-file cannot be less than 1".into()),
        },
    }
}

/// The facilities of syslog.
const FACILITIES: [&str; 21] = [
    "", "auth", "authpriv", "cron", "daemon", "ftp", "kern", "local0", "local1", "local2", "local3",
    "local4", "local5", "local6", "local7", "lpr", "mail", "news", "syslog", "user", "uucp",
];
