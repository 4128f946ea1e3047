//! Labels for marathon-lb in forms that it does not read. It looks for `HAPROXY_GROUP` and, for each service port, for
//! `HAPROXY_0_VHOST` and the like, letter by letter (`config.py`, `marathon_lb.py` of marathon-lb 1.15).

use std::borrow::Cow;

use crate::rule::view::AppView;
use crate::source::Value;
use crate::source::placeholder::{self, TextReader};
use crate::util::suggest::suggest;
use crate::util::text::count;

use super::{Context, Rule};

static UNREAD_BALANCER_LABEL: Rule = Rule::ignored("unread-balancer-label", "A label for marathon-lb is one that it reads")
    .aliases(&["haproxy-label-without-effect"])
    .why(
        "marathon-lb reads HAPROXY_GROUP and, for each port of an app, labels with the number of the port from 0, such as \
         HAPROXY_0_VHOST. One without a number, with a number that no port has, or with another name does nothing, and no \
         log tells of it: the app is not reachable by its host name, or without its certificate or its redirect.",
    )
    .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "labels": {"HAPROXY_GROUP": "external", "HAPROXY_VHOST": "web.example.com"}}"#)
    .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "labels": {"HAPROXY_GROUP": "external", "HAPROXY_0_VHOST": "web.example.com"}}"#);

static NO_BALANCER_GROUP: Rule = Rule::risky("no-balancer-group", "An app behind marathon-lb names the group of balancers")
    .why(
        "A marathon-lb serves the apps of its own groups (--group external): those with that word in HAPROXY_GROUP, or for \
         one port in HAPROXY_0_GROUP. An app without any is served only by one that runs with --group '*'; its other \
         labels for marathon-lb do nothing.",
    )
    .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "labels": {"HAPROXY_0_VHOST": "web.example.com"}}"#)
    .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "labels": {"HAPROXY_GROUP": "external", "HAPROXY_0_VHOST": "web.example.com"}}"#);

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

pub(super) static RULES: &[&Rule] = &[&UNREAD_BALANCER_LABEL, &NO_BALANCER_GROUP, &HAPROXY_VALUE];

/// How the labels begin.
const PREFIX: &str = "HAPROXY_";

/// Labels of the whole app, after the prefix.
const OF_APP: &[&str] = &[
    "GROUP",
    "DEPLOYMENT_GROUP",
    "DEPLOYMENT_ALT_PORT",
    "DEPLOYMENT_COLOUR",
    "DEPLOYMENT_STARTED_AT",
    "DEPLOYMENT_TARGET_INSTANCES",
    "DEPLOYMENT_NEW_INSTANCES",
];

/// Labels of a port, after the prefix and its number.
const OF_PORT: &[&str] = &[
    "AUTH",
    "BACKEND_HEAD",
    "BACKEND_HEALTHCHECK_PORT_INDEX",
    "BACKEND_HSTS_OPTIONS",
    "BACKEND_HTTP_HEALTHCHECK_OPTIONS",
    "BACKEND_HTTP_OPTIONS",
    "BACKEND_NETWORK_ALLOWED_ACL",
    "BACKEND_REDIRECT_HTTP_TO_HTTPS",
    "BACKEND_REDIRECT_HTTP_TO_HTTPS_WITH_PATH",
    "BACKEND_SERVER_HTTP_HEALTHCHECK_OPTIONS",
    "BACKEND_SERVER_OPTIONS",
    "BACKEND_SERVER_TCP_HEALTHCHECK_OPTIONS",
    "BACKEND_STICKY_OPTIONS",
    "BACKEND_TCP_HEALTHCHECK_OPTIONS",
    "BACKEND_WEIGHT",
    "BALANCE",
    "BIND_ADDR",
    "BIND_OPTIONS",
    "ENABLED",
    "FRONTEND_BACKEND_GLUE",
    "FRONTEND_HEAD",
    "GROUP",
    "HTTPS_FRONTEND_ACL",
    "HTTPS_FRONTEND_ACL_ONLY_WITH_PATH",
    "HTTPS_FRONTEND_ACL_WITH_AUTH",
    "HTTPS_FRONTEND_ACL_WITH_AUTH_AND_PATH",
    "HTTPS_FRONTEND_ACL_WITH_PATH",
    "HTTP_BACKEND_NETWORK_ALLOWED_ACL",
    "HTTP_BACKEND_PROXYPASS_GLUE",
    "HTTP_BACKEND_PROXYPASS_PATH",
    "HTTP_BACKEND_REDIR",
    "HTTP_BACKEND_REVPROXY_GLUE",
    "HTTP_BACKEND_REVPROXY_PATH",
    "HTTP_FRONTEND_ACL",
    "HTTP_FRONTEND_ACL_ONLY",
    "HTTP_FRONTEND_ACL_ONLY_WITH_PATH",
    "HTTP_FRONTEND_ACL_ONLY_WITH_PATH_AND_AUTH",
    "HTTP_FRONTEND_ACL_WITH_AUTH",
    "HTTP_FRONTEND_ACL_WITH_AUTH_AND_PATH",
    "HTTP_FRONTEND_ACL_WITH_PATH",
    "HTTP_FRONTEND_APPID_ACL",
    "HTTP_FRONTEND_ROUTING_ONLY",
    "HTTP_FRONTEND_ROUTING_ONLY_WITH_AUTH",
    "HTTP_FRONTEND_ROUTING_ONLY_WITH_PATH",
    "HTTP_FRONTEND_ROUTING_ONLY_WITH_PATH_AND_AUTH",
    "MAP_HTTPS_FRONTEND_ACL",
    "MAP_HTTP_FRONTEND_ACL",
    "MAP_HTTP_FRONTEND_ACL_ONLY",
    "MAP_HTTP_FRONTEND_APPID_ACL",
    "MODE",
    "PATH",
    "PORT",
    "REDIRECT_TO_HTTPS",
    "SSL_CERT",
    "STICKY",
    "TCP_BACKEND_NETWORK_ALLOWED_ACL",
    "USERLIST_HEAD",
    "USE_HSTS",
    "VHOST",
];

/// What a label is to marathon-lb.
enum Reading {
    /// It reads it.
    Read,
    /// It does not: what is wrong, and what to do.
    Unread(String, Option<String>),
    /// It is another program's.
    Foreign,
}

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    let labels = app.fields.get("labels").into_iter().flat_map(|labels| labels.members());
    // An app that is updated may have ports that are not written here.
    let ports = Some(app.port_count()).filter(|ports| *ports > 0 || !app.is_update);
    let (mut first, mut has_group): (Option<Value<'_>>, bool) = (None, false);
    for (key, value) in labels {
        let Some(name) = key.as_str() else { continue };
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        let reading = reading(rest, ports);
        if matches!(reading, Reading::Foreign) {
            continue;
        }
        first = first.or(Some(key));
        // One that is switched off needs no group.
        let is_off = rest.ends_with("_ENABLED") && value.as_str().is_some_and(|value| value == "false");
        let is_group = rest == "GROUP" || rest.strip_suffix("_GROUP").is_some_and(is_number);
        has_group |= is_group || is_off;
        if let Reading::Unread(message, help) = reading {
            let found = context.warn(&UNREAD_BALANCER_LABEL, key);
            found.message = message;
            found.help = help.map(Cow::from);
        } else {
            self::value(rest, value, context);
        }
    }
    if let (Some(first), false) = (first, has_group) {
        let found = context.warn(&NO_BALANCER_GROUP, first);
        found.message = "no HAPROXY_GROUP: no marathon-lb serves this app, except one for all groups".into();
        found.help =
            Some("add the group of the balancers, in most clusters HAPROXY_GROUP \"external\"".into());
    }
}

/// Reports a value that stops marathon-lb.
fn value(rest: &str, at: Value<'_>, context: &mut Context<'_>) {
    let name = rest.split_once('_').filter(|(number, _)| is_number(number)).map(|(_, name)| name);
    let Some(text) = at.as_str() else { return };
    let help = match name {
        Some("AUTH") if text.matches(':').count() != 2 => "write REALM:USER:PASSWORD",
        Some("PORT" | "BACKEND_WEIGHT" | "BACKEND_HEALTHCHECK_PORT_INDEX") if !is_whole(&text) => {
            "write a whole number"
        }
        _ => return,
    };
    if placeholder::find(&text, TextReader::Plain).is_some() {
        return;
    }
    let found = context.warn(&HAPROXY_VALUE, at);
    found.message =
        "marathon-lb cannot read this value, and updates no service of the cluster while it is there".into();
    found.help = Some(help.into());
}

/// Whether Python reads a text as a whole number.
fn is_whole(text: &str) -> bool {
    let text = text.trim();
    is_number(text.strip_prefix(['-', '+']).unwrap_or(text))
}

/// What a label is, by what follows the prefix.
fn reading(rest: &str, ports: Option<usize>) -> Reading {
    let is_plain = rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_plain {
        return Reading::Foreign;
    }
    if OF_APP.contains(&rest) {
        return Reading::Read;
    }
    if OF_PORT.contains(&rest) {
        let help = format!("write HAPROXY_0_{rest} for the first port");
        return Reading::Unread(
            format!("marathon-lb reads HAPROXY_{rest} only with the number of a port"),
            Some(help),
        );
    }
    match rest.split_once('_') {
        Some((number, name)) if is_number(number) => of_port(number, name, ports),
        Some((other, name)) if OF_PORT.contains(&name) => Reading::Unread(
            format!("`{other}` is no number of a port, and marathon-lb reads no other word here"),
            Some(format!("write HAPROXY_0_{name} for the first port")),
        ),
        _ => match suggest(rest, OF_APP.iter().copied()) {
            Some(right) => Reading::Unread(
                format!("marathon-lb reads no label HAPROXY_{rest}"),
                Some(format!("did you mean HAPROXY_{right}?")),
            ),
            None => Reading::Foreign,
        },
    }
}

/// Whether a text is a number as marathon-lb writes it.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
        && !text.is_empty()
}

fn of_port(number: &str, name: &str, ports: Option<usize>) -> Reading {
    if !OF_PORT.contains(&name) {
        let right = suggest(name, OF_PORT.iter().copied()).map(|right| format!("HAPROXY_{number}_{right}"));
        let of_app = OF_APP.contains(&name).then(|| format!("HAPROXY_{name}"));
        let help = of_app.or(right).map(|right| format!("did you mean {right}?"));
        return Reading::Unread(format!("marathon-lb reads no label HAPROXY_{number}_{name}"), help);
    }
    let index: usize = number.parse().unwrap_or(usize::MAX);
    match ports {
        Some(ports) if index >= ports => {
            let has = if ports == 0 { "no port".to_owned() } else { count(ports, "port") };
            let help = (ports > 0).then(|| "the first port is 0".to_owned());
            Reading::Unread(format!("there is no port {number}: the app has {has}"), help)
        }
        _ => Reading::Read,
    }
}
