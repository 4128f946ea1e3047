//! Secrets in plain text, unused secrets, and secrets that a service may not read.

use crate::util::hash::Set;
use std::borrow::Cow;

use crate::definition::id::AbsoluteId;
use crate::definition::secret_path::{leads_elsewhere, may_read, space};
use crate::rule::view::AppView;
use crate::schema::table;
use crate::source::{Type, Value};
use crate::target::{Release, Settings};

use super::{Context, Fields, Rule};
use crate::secret_scan::{Sign, has_password, sign};

static PLAIN_SECRET: Rule = Rule::risky("plain-secret", "Passwords, tokens and keys are secrets")
    .why(
        "A value in `env` is in the repository, in Marathon's state and answers, in the dashboard, in `docker inspect` \
         on the agent and in every log of the definition. The agent fetches a secret when an instance starts, and the \
         definition has only its name.",
    )
    .bad(r#"{"id": "/shop/web", "cmd": "serve", "env": {"DB_PASSWORD": "letmein"}}"#)
    .good(r#"{"id": "/shop/web", "cmd": "serve", "env": {"DB_PASSWORD": {"secret": "db"}},
            "secrets": {"db": {"source": "shop/db-password"}}}"#);

static PASSWORD_IN_URI: Rule = Rule::risky("password-in-uri", "A URI has no password")
    .why(
        "A password in a URI is in plain text and spreads: programs print the addresses they connect to, and the agent \
         writes every URI it fetches to the task's log.",
    )
    .bad(r#"{"id": "/shop/web", "cmd": "serve",
            "env": {"DATABASE_URL": "postgres://web:letmein@db.example.com/web"}}"#)
    .good(r#"{"id": "/shop/web", "cmd": "serve", "env": {"DATABASE_URL": {"secret": "db-url"}},
            "secrets": {"db-url": {"source": "shop/db-url"}}}"#);

static UNUSED_SECRET: Rule = Rule::risky("unused-secret", "A definition uses the secrets it defines")
    .why(
        "A secret in `secrets` that no variable, volume or `pullConfig` names has no effect. Either its user is missing, \
         or the definition asks the secret store for more than it needs.",
    )
    .bad(r#"{"id": "/shop/web", "cmd": "serve", "secrets": {"db": {"source": "shop/db-password"}}}"#)
    .good(r#"{"id": "/shop/web", "cmd": "serve", "env": {"DB_PASSWORD": {"secret": "db"}},
            "secrets": {"db": {"source": "shop/db-password"}}}"#);

static UNREACHABLE_SECRET: Rule =
    Rule::risky("unreachable-secret", "The service may read the paths of its secrets")
        .why(
            "In DC/OS Enterprise a secret's path decides who may read it (spaces): `group/name` is for the service /group \
             and those below it, a name without a path is for all. Marathon accepts any path, and the secret store then \
             rejects the instances.",
        )
        .bad(r#"{"id": "/shop/web", "cmd": "serve", "env": {"DB_PASSWORD": {"secret": "db"}},
                "secrets": {"db": {"source": "billing/db-password"}}}"#)
        .good(r#"{"id": "/shop/web", "cmd": "serve", "env": {"DB_PASSWORD": {"secret": "db"}},
                "secrets": {"db": {"source": "shop/db-password"}}}"#)
        .setting("the secret store of DC/OS Enterprise");

static ODD_SECRET_PATH: Rule = Rule::ignored("odd-secret-path", "The path of a secret has no part `.` or `..`")
    .why(
        "A secret store has no such paths: a client or a proxy resolves them, and asks for the secret of another service, \
         or the store refuses, and the instances do not start. Marathon accepts any path.",
    )
    .bad(r#"{"id": "/shop/web", "cmd": "serve", "env": {"DB_PASSWORD": {"secret": "db"}},
            "secrets": {"db": {"source": "shop/../db-password"}}}"#)
    .good(r#"{"id": "/shop/web", "cmd": "serve", "env": {"DB_PASSWORD": {"secret": "db"}},
            "secrets": {"db": {"source": "shop/db-password"}}}"#);

pub(super) static RULES: &[&Rule] =
    &[&PLAIN_SECRET, &PASSWORD_IN_URI, &UNUSED_SECRET, &UNREACHABLE_SECRET, &ODD_SECRET_PATH];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    environment(app.fields.get("env"), context);
    for artifact in app.fields.list("fetch") {
        artifact.get("uri").into_iter().for_each(|uri| uri_in(uri, "a fetched URI", context));
    }
    app.fields.list("uris").for_each(|uri| uri_in(uri, "a fetched URI", context));
    app.fields.get("cmd").into_iter().for_each(|cmd| uri_in(cmd, "`cmd`", context));
    app.fields.list("args").for_each(|arg| uri_in(arg, "`args`", context));
    // Without the feature Marathon rejects them all.
    let Some(secrets) = app.fields.get("secrets").filter(|_| context.settings.secrets) else { return };
    let mut used = Set::default();
    collect(app.fields.get("env"), &mut used);
    let docker = app.container.as_ref().and_then(|container| container.docker.as_ref());
    reference(docker.and_then(|docker| docker.get("pullConfig")), &mut used);
    let volumes = app.container.as_ref().and_then(|container| container.fields.as_ref());
    volumes
        .iter()
        .flat_map(|container| container.list("volumes"))
        .for_each(|v| reference(Some(v), &mut used));
    self::secrets(secrets, &used, &app.id, context);
}

pub(super) fn pod(pod: &Fields<'_>, context: &mut Context<'_>) {
    environment(pod.get("environment"), context);
    for container in pod.list("containers") {
        environment(container.get("environment"), context);
        for artifact in container.get("artifacts").iter().flat_map(Value::elements) {
            artifact.get("uri").into_iter().for_each(|uri| uri_in(uri, "a fetched URI", context));
        }
    }
    let Some(secrets) = pod.get("secrets").filter(|_| context.settings.secrets) else { return };
    let mut used = Set::default();
    collect(pod.get("environment"), &mut used);
    pod.list("volumes").for_each(|volume| reference(Some(volume), &mut used));
    for container in pod.list("containers") {
        collect(container.get("environment"), &mut used);
        reference(container.get("image").and_then(|image| image.get("pullConfig")), &mut used);
    }
    let id = AbsoluteId::parse(&pod.text("id").unwrap_or_default());
    self::secrets(secrets, &used, &id, context);
}

fn environment(variables: Option<Value<'_>>, context: &mut Context<'_>) {
    let settings = context.settings;
    let Some(variables) = variables else { return };
    for (name, value) in variables.members() {
        if value.kind() != Type::String {
            continue;
        }
        let (Some(name), Some(text)) = (name.as_str(), value.as_str()) else { continue };
        let Some(sign) = sign(&name, &text) else { continue };
        let found = context.warn(if sign == Sign::Uri { &PASSWORD_IN_URI } else { &PLAIN_SECRET }, value);
        found.message = match sign {
            Sign::Name => format!("everyone who sees the definition can read `{name}` in plain text"),
            Sign::Kind(kind) => format!("`{name}` has {kind} in plain text"),
            Sign::Uri => format!("`{name}` has a URI with a password in plain text"),
            Sign::Random => format!("`{name}` looks like a key or token in plain text"),
        };
        found.help = Some(help(settings).into());
    }
}

fn help(settings: &Settings) -> String {
    if settings.secrets && settings.release >= Release::V1_5 {
        let member = serde_json::json!({"secret": "NAME"});
        format!("put it into the secret store, write {member} here and define NAME in `secrets`")
    } else {
        "this Marathon has no secrets: let the service read it from elsewhere".to_owned()
    }
}

fn uri_in(at: Value<'_>, what: &str, context: &mut Context<'_>) {
    if at.as_str().is_some_and(|text| has_password(&text)) {
        let found = context.warn(&PASSWORD_IN_URI, at);
        found.message = format!("{what} has a password");
        found.help = Some("take it from a secret, or use an address that needs no password".into());
    }
}

/// Adds the secrets that variables refer to.
fn collect<'a>(variables: Option<Value<'a>>, used: &mut Set<Cow<'a, str>>) {
    for (_, value) in variables.iter().flat_map(Value::members) {
        reference(Some(value), used);
    }
}

/// Adds the secret that an object refers to: a variable, a volume, a pull config.
fn reference<'a>(object: Option<Value<'a>>, used: &mut Set<Cow<'a, str>>) {
    used.extend(object.and_then(|object| object.get("secret")).and_then(|name| name.as_str()));
}

fn secrets(secrets: Value<'_>, used: &Set<Cow<'_, str>>, id: &AbsoluteId, context: &mut Context<'_>) {
    let settings = context.settings;
    for (key, value) in secrets.members() {
        let Some(name) = key.as_str() else { continue };
        if !used.contains(&name) {
            let found = context.warn(&UNUSED_SECRET, key);
            found.message = format!("nothing uses the secret `{name}`");
            found.help = Some(
                "remove it, or name it where it is needed: in a variable, a volume or `pullConfig`".into(),
            );
        }
        let source = Fields::of(value, &table::SECRET_DEF);
        let Some(path) = source.text("source") else { continue };
        if leads_elsewhere(&path) {
            let found = context.warn(&ODD_SECRET_PATH, source.at("source"));
            found.message = format!("`{path}` has a part `.` or `..`, which leads to another secret");
            found.help = Some("write the whole path".into());
        } else if settings.spaces {
            reach(source.at("source"), &path, id, context);
        }
    }
}

/// Warns of a secret that is in another space than the service.
fn reach(at: Value<'_>, path: &str, id: &AbsoluteId, context: &mut Context<'_>) {
    let Some((space, name)) = space(path).filter(|_| !may_read(path, id)) else { return };
    let found = context.warn(&UNREACHABLE_SECRET, at);
    let service = id.as_str().trim_start_matches('/');
    found.message =
        ["/", service, " may not read `", path, "`, which is for /", space, " and services below it"]
            .concat();
    found.help = Some(match id.first() {
        "" => format!("store it as `{name}`").into(),
        top => format!("store it as `{top}/{name}`, or as `{name}` for every service").into(),
    });
}
