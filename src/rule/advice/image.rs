//! The image of a container.

use crate::image::ReferenceParts;
use crate::rule::view::AppView;
use crate::schema::table;
use crate::source::Value;
use crate::source::placeholder::{self, TextReader};

use super::{Context, Fields, Rule};

static UNPINNED_IMAGE: Rule = Rule::risky("unpinned-image", "An image has a tag or a digest")
    .why(
        "An image without a tag is `latest`, which changes under a running service: agents with an older one keep it, \
         instances of one service differ, a restart after a crash runs code that was never deployed, and a rollback \
         changes nothing. Marathon sees no change in the definition, so pushing the same tag again deploys nothing.",
    )
    .bad(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER",
            "docker": {"image": "example/web"}}}"#)
    .good(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER",
            "docker": {"image": "example/web:1.4.2"}}}"#);

pub(super) static RULES: &[&Rule] = &[&UNPINNED_IMAGE];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    let docker = app.container.as_ref().and_then(|container| container.docker.as_ref());
    if let Some(image) = docker.and_then(|docker| docker.get("image")) {
        self::image(image, context);
    }
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context<'_>) {
    let image = container.object("image", &table::IMAGE);
    if let Some(id) = image.and_then(|image| image.get("id")) {
        self::image(id, context);
    }
}

fn image(at: Value<'_>, context: &mut Context<'_>) {
    let Some(text) = at.as_str() else { return };
    // What fills it in makes another reference of it; the placeholder is reported for the whole definition.
    if placeholder::find(&text, TextReader::Literal).is_some() {
        return;
    }
    // What no registry can look up is reported for that.
    let Ok(parts) = ReferenceParts::parse(&text) else { return };
    let message = match (parts.tag, parts.digest) {
        (None, None) => format!("`{text}` has no tag, so each agent pulls whatever is `latest` at the time"),
        (Some("latest"), None) => {
            format!("`{text}` changes: each agent pulls whatever is `latest` at the time")
        }
        _ => return,
    };
    let found = context.warn(&UNPINNED_IMAGE, at);
    found.message = message;
    found.help = Some("name a tag that never changes, or a digest (@sha256:…)".into());
}
