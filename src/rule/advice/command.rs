//! The command of a service.

use crate::rule::view::AppView;
use crate::schema::table;
use crate::source::Value;
use crate::target::Release;

use super::{Context, Fields, Rule};

static BLANKS_IN_ARGUMENT: Rule =
    Rule::risky("one-argument-with-blanks", "`args` has one element per argument")
        .why(
            "No shell splits `args`. One element with blanks is one argument, or the name of a program with blanks in it, \
             and the task fails with `executable file not found`. A line for a shell is `cmd`.",
        )
        .bad(r#"{"id": "/web", "args": ["serve --port 80"], "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2"}}}"#)
        .good(r#"{"id": "/web", "args": ["serve", "--port", "80"], "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2"}}}"#);

static MARATHON_WITHOUT_SECRETS: Rule =
    Rule::risky("marathon-without-secrets", "A Marathon on Marathon has the feature `secrets`")
        .why(
            "A Marathon without `--enable_features secrets` rejects every definition that uses a secret: no passwords from \
             the secret store, and no `pullConfig` for private images. The basic Marathon on Marathon of DC/OS lacks the \
             feature.",
        )
        .bad(r#"{"id": "/marathon-user",
                "cmd": "bin/marathon --master zk://zk-1.zk:2181/mesos --framework_name marathon-user",
                "container": {"type": "DOCKER",
                "docker": {"image": "mesosphere/marathon:v1.11.24"}}}"#)
        .good(r#"{"id": "/marathon-user",
                "cmd": "bin/marathon --master zk://zk-1.zk:2181/mesos --framework_name marathon-user --enable_features secrets",
                "container": {"type": "DOCKER",
                "docker": {"image": "mesosphere/marathon:v1.11.24"}}}"#)
        .since(Release::V1_5);

pub(super) static RULES: &[&Rule] = &[&BLANKS_IN_ARGUMENT, &MARATHON_WITHOUT_SECRETS];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    if let Some(args) = app.fields.get("args") {
        one_argument(args, context);
    }
    if context.release() >= Release::V1_5 {
        marathon(app, context);
    }
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context<'_>) {
    let exec = container.object("exec", &table::MESOS_EXEC);
    if let Some(argv) = exec.and_then(|exec| exec.get("command")).and_then(|command| command.get("argv")) {
        one_argument(argv, context);
    }
}

fn one_argument(args: Value<'_>, context: &mut Context<'_>) {
    let mut elements = args.elements();
    let (Some(only), None) = (elements.next(), elements.next()) else { return };
    let Some(text) = only.as_str().filter(|text| text.trim().contains(char::is_whitespace)) else { return };
    let count = text.split_whitespace().count();
    let found = context.warn(&BLANKS_IN_ARGUMENT, only);
    found.message = format!("this is one argument, not {count}: no shell splits it");
    found.help = Some("make each word an element, or write a line for a shell (`cmd`, `shell`)".into());
}

fn marathon(app: &AppView<'_>, context: &mut Context<'_>) {
    let docker = app.container.as_ref().and_then(|container| container.docker.as_ref());
    let image = docker.and_then(|docker| docker.get("image"));
    let is_image = image.is_some_and(|image| image.as_str().is_some_and(|image| is_marathon(&image)));
    if !is_image && app.label("DCOS_PACKAGE_NAME").is_none_or(|name| name != "marathon") {
        return;
    }
    let words = app.fields.get("cmd").into_iter().chain(app.fields.list("args"));
    let variables = app.fields.map("env").filter(|(name, _)| name.is_str("MARATHON_ENABLE_FEATURES"));
    let mut words = words.chain(variables.map(|(_, value)| value)).filter_map(|value| value.as_str());
    if words.any(|text| text.contains("secrets")) {
        return;
    }
    let label = app.fields.get("labels").and_then(|labels| labels.get("DCOS_PACKAGE_NAME"));
    let at = image.filter(|_| is_image).or(label).unwrap_or(app.fields.value);
    let found = context.warn(&MARATHON_WITHOUT_SECRETS, at);
    found.message =
        "this Marathon lacks the feature `secrets`, so it rejects every definition with secrets".into();
    found.help =
        Some("start it with `--enable_features secrets`, or MARATHON_ENABLE_FEATURES in `env`".into());
}

/// Whether an image is Marathon itself, from any registry. The tag may still be a placeholder.
fn is_marathon(image: &str) -> bool {
    let named = image.split('@').next().unwrap_or_default();
    let name = named.rsplit('/').next().unwrap_or_default();
    matches!(name.split(':').next(), Some("marathon" | "marathon-dcos-ee"))
}
