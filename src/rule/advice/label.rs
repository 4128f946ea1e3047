//! Labels that DC/OS's Admin Router and marathon-lb read, in forms that they do not.

use crate::finding::Finding;
use crate::rule::view::AppView;
use crate::source::Value;
use crate::source::placeholder::{self, TextReader};
use crate::util::suggest::suggest_within;
use crate::util::text::count;

use super::{Context, Rule};

static SERVICE_LABELS: Rule =
    Rule::ignored("service-labels-without-effect", "The labels DCOS_SERVICE_… are complete, and name a port of the app")
        .why(
            "Admin Router shows a service at /service/NAME only where DCOS_SERVICE_NAME, DCOS_SERVICE_SCHEME and \
             DCOS_SERVICE_PORT_INDEX are all there, and the index is that of a port. Otherwise it writes a line to its log, \
             and answers 404. (DC/OS, `adminrouter/extra/src/lib/cache.lua`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}], "labels": {
                "DCOS_SERVICE_NAME": "web", "DCOS_SERVICE_SCHEME": "http", "DCOS_SERVICE_PORT_INDEX": "1"}}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}], "labels": {
                "DCOS_SERVICE_NAME": "web", "DCOS_SERVICE_SCHEME": "http", "DCOS_SERVICE_PORT_INDEX": "0"}}"#);

static HAPROXY_LABEL: Rule =
    Rule::ignored("haproxy-label-without-effect", "A label HAPROXY_N_… is one that marathon-lb reads")
        .why(
            "marathon-lb reads HAPROXY_0_VHOST and the like for each service port, counted from 0. It ignores such a name \
             without its index, with the index of a port that the app does not have, and names that it does not know. \
             (marathon-lb, `config.py`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}], "labels": {
                "HAPROXY_GROUP": "external", "HAPROXY_VHOST": "web.example.com"}}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}], "labels": {
                "HAPROXY_GROUP": "external", "HAPROXY_0_VHOST": "web.example.com"}}"#);

static HAPROXY_VALUE: Rule =
    Rule::risky("haproxy-label-stops-updates", "marathon-lb can read the values of its labels")
        .why(
            "HAPROXY_N_AUTH is REALM:USER:PASSWORD; HAPROXY_N_PORT, HAPROXY_N_BACKEND_WEIGHT and \
             HAPROXY_N_BACKEND_HEALTHCHECK_PORT_INDEX are whole numbers. At any other value marathon-lb gives up what it is \
             reading: no service of the cluster gets a new configuration until the label is right. (marathon-lb, `config.py`, \
             `set_auth`, `set_port`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}], "labels": {
                "HAPROXY_GROUP": "external", "HAPROXY_0_PORT": "http"}}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}], "labels": {
                "HAPROXY_GROUP": "external", "HAPROXY_0_PORT": "9090"}}"#);

pub(super) static RULES: &[&Rule] = &[&SERVICE_LABELS, &HAPROXY_LABEL, &HAPROXY_VALUE];

/// What marathon-lb reads for each service port, behind `HAPROXY_N_`. Templates, whose names are made of these words, too,
/// are not listed.
const OF_A_PORT: &[&str] = &[
    "AUTH",
    "BACKEND_HEALTHCHECK_PORT_INDEX",
    "BACKEND_NETWORK_ALLOWED_ACL",
    "BACKEND_WEIGHT",
    "BALANCE",
    "BIND_ADDR",
    "BIND_OPTIONS",
    "ENABLED",
    "GROUP",
    "HTTP_BACKEND_PROXYPASS_PATH",
    "HTTP_BACKEND_REDIR",
    "HTTP_BACKEND_REVPROXY_PATH",
    "MODE",
    "PATH",
    "PORT",
    "REDIRECT_TO_HTTPS",
    "SSL_CERT",
    "STICKY",
    "USE_HSTS",
    "VHOST",
];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(labels) = app.fields.get("labels") else { return };
    service_labels(app, labels, context);
    for (key, value) in labels.members() {
        // Most labels are not read.
        if key.verbatim().is_some_and(|name| !name.starts_with(b"HAPROXY_")) {
            continue;
        }
        let Some(name) = key.as_str() else { continue };
        let Some(rest) = name.strip_prefix("HAPROXY_") else { continue };
        haproxy(app, key, rest, value, context);
    }
}

fn is_filled(text: &str) -> bool {
    placeholder::find(text, TextReader::Nobody).is_none()
}

fn service_labels(app: &AppView<'_>, labels: Value<'_>, context: &mut Context<'_>) {
    const NAMES: [&str; 3] = ["DCOS_SERVICE_NAME", "DCOS_SERVICE_SCHEME", "DCOS_SERVICE_PORT_INDEX"];
    // Frameworks register themselves: their name alone is usual.
    let [_, scheme, index] = NAMES.map(|name| app.label(name));
    if scheme.is_none() && index.is_none() {
        return;
    }
    if let Some(missing) = NAMES.into_iter().find(|name| app.label(name).is_none()) {
        let found = context.warn(&SERVICE_LABELS, labels);
        found.message = format!("Admin Router does not show this service: it has no label {missing}");
        found.help = Some("write all three labels, or none".into());
        return;
    }
    let Some(index) = index.filter(|index| is_filled(index)) else { return };
    let ports = app.port_count();
    let is_known = !app.is_update || ports > 0;
    if !is_known || index.trim().parse::<usize>().is_ok_and(|index| index < ports) {
        return;
    }
    let found = context.warn(&SERVICE_LABELS, labels.get(NAMES[2]).unwrap_or(labels));
    found.message = format!(
        "Admin Router does not show this service: it has {}, and none with the index `{index}`",
        count(ports, "port")
    );
    found.help = Some("write the index of a port, the first is 0".into());
}

/// A label `HAPROXY_REST`.
fn haproxy(app: &AppView<'_>, key: Value<'_>, rest: &str, value: Value<'_>, context: &mut Context<'_>) {
    let Some((index, name)) = rest.split_once('_').filter(|(index, _)| is_number(index)) else {
        if rest != "GROUP" && OF_A_PORT.contains(&rest) {
            let found = context.warn(&HAPROXY_LABEL, key);
            found.message = "marathon-lb ignores this label: it does not say for which port it is".into();
            found.help = Some(format!("write \"HAPROXY_0_{rest}\" for the first port").into());
        }
        return;
    };
    let ports = app.port_count();
    if (ports > 0 || !app.is_update) && index.parse::<usize>().is_ok_and(|index| index >= ports) {
        let found = context.warn(&HAPROXY_LABEL, key);
        found.message = format!(
            "marathon-lb ignores this label: the app has {}, counted from 0",
            count(ports, "service port")
        );
        found.help = Some("write the index of a port that it has, or remove the label".into());
        return;
    }
    if !OF_A_PORT.contains(&name) {
        // One letter, or the order of two: longer slips may be names of templates.
        if let Some(meant) = suggest_within(name, OF_A_PORT.iter().copied(), |_| 1) {
            let found = context.warn(&HAPROXY_LABEL, key);
            found.message = format!("marathon-lb ignores this label: it knows no HAPROXY_{index}_{name}");
            found.help = Some(format!("write \"HAPROXY_{index}_{meant}\"").into());
        }
        return;
    }
    let Some(text) = value.as_str().filter(|text| is_filled(text)) else { return };
    let help = match name {
        "AUTH" if text.matches(':').count() != 2 => "write REALM:USER:PASSWORD",
        "PORT" | "BACKEND_WEIGHT" | "BACKEND_HEALTHCHECK_PORT_INDEX" if !is_whole(&text) => {
            "write a whole number"
        }
        _ => return,
    };
    unreadable(context.warn(&HAPROXY_VALUE, value), help);
}

fn unreadable(found: &mut Finding, help: &'static str) {
    found.message =
        "marathon-lb cannot read this value, and updates no service of the cluster while it is there".into();
    found.help = Some(help.into());
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether Python reads a text as a whole number.
fn is_whole(text: &str) -> bool {
    let text = text.trim();
    is_number(text.strip_prefix(['-', '+']).unwrap_or(text))
}
