//! Secrets and the environment.

use crate::finding::Stage::Canonical;
use crate::rule::shared::{DISABLED_FEATURE, UNDEFINED_SECRET, feature_text};
use crate::rule::view::{AppView, has_members};
use crate::rule::{Context, Rule};
use crate::source::{Type, Value};
use crate::target::Release;
use crate::util::suggest::{MOST, suggest};

static EMPTY_NAME: Rule = Rule::verdict("empty-name", "A secret or environment variable has a name")
    .why("Nothing can refer to a secret without a name, and no process can have an environment variable without one.")
    .bad(r#"{"id": "/web", "cmd": "./web", "env": {"": "8080"}}"#)
    .good(r#"{"id": "/web", "cmd": "./web", "env": {"PORT": "8080"}}"#);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&EMPTY_NAME];

pub(super) fn check(app: &AppView<'_>, context: &mut Context<'_>) {
    if has_members(&app.fields, "secrets") && !context.settings.secrets {
        disabled(app.fields.at("secrets"), "/secrets", &feature_text("secrets"), context);
    }
    if context.settings.secrets {
        for (index, (key, _)) in app.fields.map("secrets").enumerate() {
            if key.is_str("") {
                let path = format!("/secrets/keys({index})");
                context
                    .reject(&EMPTY_NAME, Canonical, key, path, "must not be empty")
                    .describe("a secret without a name cannot be referred to", "name it");
            }
        }
    }
    let mut refers = false;
    for (index, (key, value)) in app.fields.map("env").enumerate() {
        if key.is_str("") {
            let place = format!("/env/keys({index})");
            let path = if context.release() < Release::V1_6 { "/env()" } else { &place };
            context
                .reject(&EMPTY_NAME, Canonical, key, path, "must not be empty")
                .points_at(&place)
                .describe("an environment variable has a name", "name it, or remove it");
        }
        if value.kind() != Type::Object {
            continue;
        }
        let Some(secret) = value.get("secret").and_then(|secret| secret.as_str()) else { continue };
        refers = true;
        if !app.has_secret(&secret) {
            let name = key.as_str().unwrap_or_default();
            let path = match context.release() {
                // The name of the secret is a part of the path.
                release if release < Release::V1_6 => format!("/env({name})/{secret}"),
                _ => format!("/env/{name}/secret"),
            };
            let at = value.get("secret").unwrap_or(value);
            let text = "references an undefined secret";
            undefined(app, &secret, at, &path, &format!("/env/{name}/secret"), text, context);
        }
    }
    if refers && !context.settings.secrets {
        let text = "use of secret-references in the environment requires the secrets feature to be enabled";
        disabled(app.fields.at("env"), "/env", text, context);
    }
}

/// Rejects a reference to a secret that the app does not define. `place` is where it is, should Marathon's `path` not lead
/// there.
pub(super) fn undefined(
    app: &AppView<'_>,
    secret: &str,
    at: Value<'_>,
    path: &str,
    place: &str,
    text: &str,
    context: &mut Context<'_>,
) {
    let names: Vec<_> = app.fields.map("secrets").filter_map(|(key, _)| key.as_str()).take(MOST).collect();
    let help = match suggest(secret, names.iter().map(AsRef::as_ref)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("add it: \"secrets\": {{\"{secret}\": {{\"source\": …}}}}"),
    };
    context
        .reject(&UNDEFINED_SECRET, Canonical, at, path, text)
        .points_at(place)
        .describe(format!("`secrets` defines no `{secret}`"), help);
}

/// Rejects the use of secrets where they are disabled.
pub(super) fn disabled(at: Value<'_>, path: &str, text: &str, context: &mut Context<'_>) {
    context.reject(&DISABLED_FEATURE, Canonical, at, path, text).describe(
        "this Marathon runs without secrets",
        "start it with --enable_features secrets (DC/OS Enterprise has them), or do without",
    );
}
