//! Readiness checks (`AppValidation`).

use crate::finding::Stage::Canonical;
use crate::rule::view::{AppView, Fields, Seen};
use crate::rule::{Context, Rule};
use crate::schema::table;

static SEVERAL_READINESS_CHECKS: Rule =
    Rule::verdict("several-readiness-checks", "An app has at most one readiness check")
        .aliases(&["one-readiness-check"])
        .why("The field is a list, and Marathon carries out one check only.")
        .bad(
            r#"{"id": "/db", "cmd": "./db", "portDefinitions": [{"port": 0, "name": "api"}],
                "readinessChecks": [{"name": "one", "portName": "api"}, {"name": "two",
                "portName": "api"}]}"#,
        )
        .good(
            r#"{"id": "/db", "cmd": "./db", "portDefinitions": [{"port": 0, "name": "api"}],
                "readinessChecks": [{"name": "one", "portName": "api"}]}"#,
        );

static UNKNOWN_READINESS_PORT: Rule = Rule::verdict("unknown-readiness-port", "A readiness check names a port of the app").aliases(&["readiness-port"])
    .why(
        "A readiness check finds its port by name, which is `http-api` where it does not say. Port mappings count, or port \
         definitions where there are none.",
    )
    .bad(r#"{"id": "/db", "cmd": "./db", "portDefinitions": [{"port": 0, "name": "api"}],
            "readinessChecks": [{"name": "ready"}]}"#)
    .good(r#"{"id": "/db", "cmd": "./db", "portDefinitions": [{"port": 0, "name": "api"}],
            "readinessChecks": [{"name": "ready", "portName": "api"}]}"#);

static SLOW_READINESS_CHECK: Rule =
    Rule::verdict("slow-readiness-check", "A readiness check times out before the next one begins")
        .aliases(&["readiness-timeout"])
        .why("`timeoutSeconds` (10 by default) has to be less than `intervalSeconds` (30 by default).")
        .bad(
            r#"{"id": "/db", "cmd": "./db", "portDefinitions": [{"port": 0, "name": "api"}],
                "readinessChecks": [{"name": "ready", "portName": "api", "intervalSeconds": 10}]}"#,
        )
        .good(
            r#"{"id": "/db", "cmd": "./db", "portDefinitions": [{"port": 0, "name": "api"}],
                "readinessChecks": [{"name": "ready", "portName": "api", "intervalSeconds": 10,
                "timeoutSeconds": 5}]}"#,
        );

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] =
    &[&SEVERAL_READINESS_CHECKS, &UNKNOWN_READINESS_PORT, &SLOW_READINESS_CHECK];

pub(super) fn check(app: &AppView<'_>, context: &mut Context<'_>) {
    let count = app.fields.len("readinessChecks").unwrap_or(0);
    if count > 1 {
        let text = format!("got {count}, expected 1 or less");
        let at = app.fields.at("readinessChecks");
        context
            .reject(&SEVERAL_READINESS_CHECKS, Canonical, at, "/readinessChecks/size", text)
            .describe(format!("an app has one readiness check, and here are {count}"), "keep one of them");
    }
    if count == 0 {
        return;
    }
    let mappings = app.container.as_ref().and_then(|container| container.port_mappings.as_ref());
    let definitions = app.port_definitions.iter().flatten().filter(|_| mappings.is_none());
    let names = mappings.into_iter().flatten().map(|mapping| &mapping.name);
    let names: Seen<&str> =
        names.chain(definitions.map(|definition| &definition.name)).filter_map(Option::as_deref).collect();
    for (index, check) in app.fields.list("readinessChecks").enumerate() {
        let check = Fields::of(check, &table::READINESS_CHECK);
        let path = format!("/readinessChecks({index})");
        let name = check.text("portName").unwrap_or("http-api".into());
        if !names.contains(&*name) {
            let text = format!("No port definition reference for portName {name}");
            context
                .reject(
                    &UNKNOWN_READINESS_PORT,
                    Canonical,
                    check.at("portName"),
                    format!("{path}/portName"),
                    text,
                )
                .describe(
                    format!("no port of the app is named `{name}`"),
                    "give the port that name, or say another one in `portName`",
                );
        }
        let (timeout, interval) =
            (check.int_or_default("timeoutSeconds"), check.int_or_default("intervalSeconds"));
        if timeout >= interval {
            let text = format!("got {timeout}, expected less than {interval}");
            let (at, path) = (check.at("timeoutSeconds"), format!("{path}/timeoutSeconds"));
            context.reject(&SLOW_READINESS_CHECK, Canonical, at, path, text).describe(
                format!("a check that may take {timeout} s cannot begin anew every {interval} s"),
                format!("write less than {interval}"),
            );
        }
    }
}
