//! Health checks, readiness checks and checks (`AppValidation`, `HealthCheckConversion`, `CheckConversion`).

use std::borrow::Cow;

use crate::diagnostic::Stage::{Canonical, Conversion};
use crate::schema::table;
use crate::target::{Release, Settings};

use super::super::{Fields, Judge, Rule};
use super::view::{App, Engine, HealthCheck};

pub(super) static HEALTH_CHECK_PORT: Rule =
    Rule::verdict("health-check-port", "A health check points at a port of the app");
static IPV6_CHECK: Rule = Rule::verdict(
    "ipv6-check",
    "A health check over IPv6 is done by Mesos (MESOS_HTTP, MESOS_HTTPS, MESOS_TCP), of a Docker Engine container",
);
static ONE_MESOS_CHECK: Rule = Rule::verdict(
    "one-mesos-check",
    "An app has at most one health check that Mesos does, commands not counted",
);
static HEALTH_CHECK_FORM: Rule =
    Rule::verdict("health-check-form", "A health check has a protocol and the fields that go with it");
static ONE_READINESS_CHECK: Rule =
    Rule::verdict("one-readiness-check", "An app has at most one readiness check");
static READINESS_PORT: Rule = Rule::verdict("readiness-port", "A readiness check names a port of the app");
static READINESS_TIMEOUT: Rule =
    Rule::verdict("readiness-timeout", "A readiness check times out before the next one begins");
static CHECK_FORM: Rule = Rule::verdict(
    "check-form",
    "A check is one of `http`, `tcp` and `exec`, in a form Marathon can carry out",
);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[
    &HEALTH_CHECK_PORT,
    &IPV6_CHECK,
    &ONE_MESOS_CHECK,
    &HEALTH_CHECK_FORM,
    &ONE_READINESS_CHECK,
    &READINESS_PORT,
    &READINESS_TIMEOUT,
    &CHECK_FORM,
];

pub(super) fn judge(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    let ports = app.port_count();
    for (index, check) in app.health_checks.iter().enumerate() {
        let path = format!("/healthChecks({index})");
        let by_marathon = !check.has_command && matches!(check.protocol, "HTTP" | "HTTPS" | "TCP");
        if by_marathon && !has_port(check, ports) {
            refuse_port(check, ports, &path, crate::diagnostic::Stage::Canonical, judge);
        }
        let by_mesos = matches!(check.protocol, "MESOS_HTTP" | "MESOS_HTTPS" | "MESOS_TCP");
        if settings.release >= Release::V1_6
            && check.fields.word("ipProtocol") == Some("IPv6")
            && !(by_mesos && app.engine() == Some(Engine::Docker))
        {
            let text =
                "IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health checks";
            judge.refuse(&IPV6_CHECK, Canonical, check.fields.at("ipProtocol"), path, text);
        }
    }
    let is_mesos =
        |check: &&HealthCheck<'_>| check.has_command || !matches!(check.protocol, "HTTP" | "HTTPS" | "TCP");
    let mesos = app.health_checks.iter().filter(is_mesos).count();
    let commands = app.health_checks.iter().filter(|check| check.has_command).count();
    if mesos - commands > 1 {
        let text = "AppDefinition can contain at most one Mesos health check";
        judge.refuse(&ONE_MESOS_CHECK, Canonical, app.fields.at("healthChecks"), "/", text);
    }
    readiness(app, judge);
}

/// Whether a check finds its port among `ports`.
pub(super) fn has_port(check: &HealthCheck<'_>, ports: usize) -> bool {
    match check.port_index {
        Some(index) => usize::try_from(index).is_ok_and(|index| index < ports),
        None => check.has_port || ports == 1,
    }
}

pub(super) fn refuse_port(
    check: &HealthCheck<'_>,
    ports: usize,
    path: &str,
    stage: crate::diagnostic::Stage,
    judge: &mut Judge,
) {
    let text =
        "Health check port indices must address an element of the ports array or container port mappings.";
    judge.refuse(&HEALTH_CHECK_PORT, stage, check.fields.at("portIndex"), path, text).message =
        match check.port_index {
            Some(index) => format!("there is no port {index}: the app has {ports}, counted from 0"),
            None => format!("the app has {ports} ports: say which one by `portIndex`"),
        };
}

fn readiness(app: &App<'_>, judge: &mut Judge) {
    let count = app.fields.len("readinessChecks").unwrap_or(0);
    if count > 1 {
        let text = format!("got {count}, expected 1 or less");
        judge.refuse(
            &ONE_READINESS_CHECK,
            Canonical,
            app.fields.at("readinessChecks"),
            "/readinessChecks/size",
            text,
        );
    }
    for (index, check) in app.fields.list("readinessChecks").enumerate() {
        let check = Fields::of(check, &table::READINESS_CHECK);
        let path = format!("/readinessChecks({index})");
        let name = check.text("portName").unwrap_or("http-api".into());
        let mappings = app.container.as_ref().and_then(|container| container.port_mappings.as_ref());
        let is_known = match mappings {
            Some(mappings) => mappings.iter().any(|mapping| mapping.name.as_ref() == Some(&name)),
            None => app
                .port_definitions
                .iter()
                .flatten()
                .any(|definition| definition.name.as_ref() == Some(&name)),
        };
        if !is_known {
            let text = format!("No port definition reference for portName {name}");
            judge
                .refuse(&READINESS_PORT, Canonical, check.at("portName"), format!("{path}/portName"), text)
                .message = format!("no port of the app is named `{name}`");
        }
        let (timeout, interval) =
            (check.int("timeoutSeconds").unwrap_or(10), check.int("intervalSeconds").unwrap_or(30));
        if timeout >= interval {
            let text = format!("got {timeout}, expected less than {interval}");
            judge.refuse(
                &READINESS_TIMEOUT,
                Canonical,
                check.at("timeoutSeconds"),
                format!("{path}/timeoutSeconds"),
                text,
            );
        }
    }
}

/// What fails when checks are converted: answered with status 500.
pub(super) fn convert(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    for check in &app.health_checks {
        let at = check.fields.value;
        if check.has_command {
            if check.fields.has("path") || check.has_port {
                let text = format!("Invalid combination of HealthCheck parameters in {}", printed(check));
                judge.refuse(&HEALTH_CHECK_FORM, Conversion, at, "", text).message =
                    "a check with a `command` has neither `path` nor `port`".into();
            } else if check.protocol != "COMMAND" {
                let text = format!("illegal protocol {} specified with command", check.protocol);
                judge.refuse(&HEALTH_CHECK_FORM, Conversion, check.fields.at("protocol"), "", text).message =
                    format!("a check with a `command` has the protocol COMMAND, not {}", check.protocol);
            }
        } else if check.protocol == "COMMAND" {
            let text = "illegal protocol COMMAND for non-command health check";
            judge.refuse(&HEALTH_CHECK_FORM, Conversion, check.fields.at("protocol"), "", text).message =
                "a check of protocol COMMAND needs a `command`".into();
        }
    }
    if settings.release < Release::V1_8 {
        return;
    }
    let Some(check) = app.fields.object("check", &table::APP_CHECK) else { return };
    let forms = ["http", "tcp", "exec"].iter().filter(|form| check.has(form)).count();
    if forms != 1 {
        let text = "illegal RAML Check: expected one of http, tcp or exec checks";
        judge.refuse(&CHECK_FORM, Conversion, check.value, "", text);
        return;
    }
    if let Some(http) =
        check.object("http", &table::APP_HTTP_CHECK).filter(|http| http.word("scheme") == Some("HTTPS"))
    {
        let text = "HTTPS (of class mesosphere.marathon.raml.HttpScheme$Https$)";
        judge.refuse(&CHECK_FORM, Conversion, http.at("scheme"), "", text).message =
            "a check's scheme is HTTP: Marathon cannot carry out HTTPS".into();
    }
    if let Some(exec) = check.object("exec", &table::COMMAND_CHECK) {
        argv(&exec, judge);
    }
}

/// A check as Scala prints it (1.8 and later; before, Marathon said other words around a similar text).
fn printed(check: &HealthCheck<'_>) -> String {
    let fields = &check.fields;
    let number = |name, default| fields.int(name).unwrap_or(default);
    let option = |value: Option<String>| value.map_or("None".to_owned(), |value| format!("Some({value})"));
    let command = fields.object("command", &table::APP_COMMAND_CHECK);
    let command = command.and_then(|command| Some(format!("AppCommandCheck({})", command.text("value")?)));
    let ignores = fields.get("ignoreHttp1xx").and_then(|value| value.as_bool());
    format!(
        "AppHealthCheck({},{},{},{},{},{},{},{},{},{},{},{})",
        option(command),
        number("gracePeriodSeconds", 300),
        option(ignores.map(|given| given.to_string())),
        number("intervalSeconds", 60),
        number("maxConsecutiveFailures", 3),
        option(fields.text("path").map(Cow::into_owned)),
        option(fields.int("port").map(|port| port.to_string())),
        option(check.port_index.map(|index| index.to_string())),
        check.protocol,
        fields.word("ipProtocol").unwrap_or("IPv4"),
        number("timeoutSeconds", 20),
        number("delaySeconds", 15),
    )
}

/// A command check in the form of `argv` is stored and can then never be read again.
fn argv(exec: &Fields<'_>, judge: &mut Judge) {
    use crate::schema::{Shape, fits};
    static SHELL: Shape = Shape::Object(&table::SHELL_COMMAND);
    let Some(command) = exec.get("command").filter(|command| !fits(*command, &SHELL)) else { return };
    let words: Vec<_> =
        Fields::of(command, &table::ARGV_COMMAND).list("argv").filter_map(|word| word.as_str()).collect();
    let text = format!("ArgvList(List({})) (of class mesosphere.marathon.state.ArgvList)", words.join(", "));
    let found = judge.refuse(&CHECK_FORM, Conversion, command, "", text);
    found.message =
        "a check's command is a `shell` line: with `argv` Marathon stores an app it can no longer read"
            .into();
    found.help = Some("write {\"shell\": …}".to_owned());
}
