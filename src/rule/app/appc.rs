//! Images of the kind `appc`, which Marathon has up to 1.8 and the models do not have.

use crate::definition::Containerizer;
use crate::finding::Stage::{self, Canonical, Conversion, Parse};
use crate::rule::view::AppView;
use crate::rule::{Context, Rule};
use crate::source::{Type, Value};
use crate::target::Release;

use super::command::NOTHING_TO_RUN;

static APPC_IMAGE: Rule = Rule::verdict(
    "appc-image",
    "An appc image has a name, stands alone, and is run by UCR (up to Marathon 1.8)",
)
.why(
    "`container.appc` is an image of the format App Container. UCR runs it where there is no Docker image beside it, its \
     name is needed, and an id begins with `sha512-`. Later releases do not know the field.",
)
.until(Release::V1_8)
.target("dcos-1.10")
.bad(r#"{"id": "/web", "cmd": "./web", "container": {"type": "MESOS", "docker": {"image": "nginx:1.27"},
        "appc": {"image": "example.com/web"}}}"#)
.good(r#"{"id": "/web", "cmd": "./web", "container": {"type": "MESOS",
        "appc": {"image": "example.com/web"}}}"#);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&APPC_IMAGE];

/// The start of an image's id.
const PREFIX: &str = "sha512-";
const HELP: &str = "write the `image`, and an `id` only with \"sha512-\" in front";

pub(super) fn check(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(container) = app.container.as_ref().filter(|_| context.release() < Release::V1_9) else {
        return;
    };
    let appc = container.fields.and_then(|fields| fields.value.get("appc"));
    let Some(appc) = appc.filter(|appc| !appc.is_null()) else { return };
    if let Some((at, path, text)) = ill_typed(appc) {
        context
            .reject(&APPC_IMAGE, Parse, at, format!("/container/appc/{path}"), text)
            .describe("this is not an appc image", HELP);
        return;
    }
    let mut reject = |stage: Stage, at: Value<'_>, path: &str, text: &str, message: &str| {
        context.reject(&APPC_IMAGE, stage, at, path, text).describe(message, HELP);
    };
    let id = appc.get("id").filter(|id| !id.is_null()).and_then(|id| id.as_str());
    match (container.containerizer, container.docker.is_some()) {
        (Containerizer::Docker, _) => {
            let text = "illegal container specification (";
            reject(Conversion, appc, "", text, "the Docker Engine runs no appc images");
        }
        (Containerizer::Mesos, true) => {
            let text = "mesos containers should specify, at most, a single image type";
            reject(Canonical, appc, "/container", text, "here are two images, and one container");
        }
        (Containerizer::Mesos, false) if id.as_deref().is_some_and(|id| !id.starts_with(PREFIX)) => {
            let text = "id must begin with 'sha512-',";
            reject(Canonical, appc, "/container/appc/id", text, "the id of an appc image is a hash");
        }
        (Containerizer::Mesos, false) if id.as_deref() == Some(PREFIX) => {
            let text = "id must contain non-empty digest after 'sha512-'.";
            reject(Canonical, appc, "/container/appc/id", text, "the id of an appc image is a hash");
        }
        (Containerizer::Mesos, false) => {}
    }
    let args = app.fields.has_any("args");
    if container.docker.is_some() && !app.fields.has("cmd") && !args {
        let text = "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
        context
            .reject(&NOTHING_TO_RUN, Canonical, app.fields.value, "/", text)
            .describe("which of the two images to run is not said", "keep one of them");
    }
}

/// What the parser of those releases rejects: where, the end of the path, and the words.
fn ill_typed(appc: Value<'_>) -> Option<(Value<'_>, &'static str, String)> {
    let given = |name: &str| appc.get(name).filter(|value| !value.is_null());
    if appc.kind() != Type::Object {
        return Some((appc, "image", format!("{} is not an object", appc.source())));
    }
    let Some(image) = appc.get("image") else {
        return Some((appc, "image", format!("'image' is undefined on object: {}", appc.source())));
    };
    let at_least = |value: Value<'_>, least: usize| match value.as_str() {
        None => Some("error.expected.jsstring"),
        Some(text) => (text.encode_utf16().count() < least).then_some("error.minLength"),
    };
    if let Some(text) = at_least(image, 1) {
        return Some((image, "image", text.to_owned()));
    }
    if let Some(id) = given("id")
        && let Some(text) = at_least(id, 7)
    {
        return Some((id, "id", text.to_owned()));
    }
    if let Some(labels) = given("labels")
        && (labels.kind() != Type::Object || labels.members().any(|(_, label)| label.as_str().is_none()))
    {
        return Some((labels, "labels", "error.expected.jsobject".to_owned()));
    }
    let pull = given("forcePullImage").filter(|pull| pull.as_bool().is_none());
    pull.map(|pull| (pull, "forcePullImage", "error.expected.jsboolean".to_owned()))
}
