//! The image of a container, and placeholders that a template left behind.

use crate::definition::Containerizer;
use crate::finding::Effect;
use crate::image::ReferenceParts;
use crate::rule::app::AppView;
use crate::schema::table;
use crate::source::Value;

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

static MALFORMED_IMAGE: Rule =
    Rule::risky("malformed-image", "An image is a reference that a registry can look up")
        .why(
            "Marathon accepts any text as an image. The agent then fails to pull it, every instance fails, and Marathon \
             retries with growing delays. A reference is [HOST[:PORT]/]NAME[:TAG][@DIGEST] without a scheme, and the \
             name is in lower case.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "https://registry.example.com/Web:1.4.2"}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}}}"#);

static UNFILLED_PLACEHOLDER: Rule =
    Rule::risky("unfilled-placeholder", "A definition has no unfilled placeholders")
        .why(
            "Neither Marathon nor the agent replaces placeholders in an image or a URI, and no shell is involved. A \
             placeholder that a template left behind makes every instance fail with `invalid reference format` or \
             `Failed to fetch`.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:${VERSION}"}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"}}}"#);

pub(super) static RULES: &[&Rule] = &[&UNPINNED_IMAGE, &MALFORMED_IMAGE, &UNFILLED_PLACEHOLDER];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    let docker = app.container.as_ref().and_then(|container| container.docker.as_ref());
    if let Some(image) = docker.and_then(|docker| docker.get("image")) {
        let by_engine = app.containerizer() == Some(Containerizer::Docker);
        self::image(image, by_engine, context);
    }
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context<'_>) {
    let image = container.object("image", &table::IMAGE);
    if let Some(id) = image.and_then(|image| image.get("id")) {
        self::image(id, false, context);
    }
}

/// `by_engine` says that the Docker Engine pulls it, which takes no other form.
fn image(at: Value<'_>, by_engine: bool, context: &mut Context<'_>) {
    let Some(text) = at.as_str() else { return };
    if warns_of_placeholder(&text, at, context) {
        return;
    }
    let parts = match ReferenceParts::parse(&text) {
        Ok(parts) => parts,
        Err(error) => {
            let found = context.warn(&MALFORMED_IMAGE, at);
            found.message = format!("no registry can look up `{text}`: {error}");
            if by_engine {
                found.effect = Effect::Ignored;
            }
            found.help =
                Some("write it as `docker pull` takes it: registry.example.com/team/name:1.4.2".into());
            return;
        }
    };
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

/// Warns of a placeholder that is left in a text that no shell sees; whether there is one.
pub(super) fn warns_of_placeholder(text: &str, at: Value<'_>, context: &mut Context<'_>) -> bool {
    let Some(placeholder) = placeholder(text) else { return false };
    let found = context.warn(&UNFILLED_PLACEHOLDER, at);
    found.message = format!("Marathon takes `{placeholder}` literally: nothing fills it in");
    found.help = Some("fill it in before sending the definition, as `milepost render` does".into());
    true
}

/// The first `{{…}}`, `${…}` or `%{…}`.
fn placeholder(text: &str) -> Option<&str> {
    if !text.as_bytes().contains(&b'{') {
        return None;
    }
    let openings = [("{{", "}}"), ("${", "}"), ("%{", "}")];
    let (start, closing) =
        openings.into_iter().filter_map(|(open, close)| Some((text.find(open)?, close))).min()?;
    let end = text[start..].find(closing).map_or(text.len(), |length| start + length + closing.len());
    Some(&text[start..end])
}

#[cfg(test)]
mod tests {
    use super::placeholder;

    #[test]
    fn placeholders() {
        assert_eq!(placeholder("web:${V}x"), Some("${V}"));
        assert_eq!(placeholder("%{r}/web:{{ v }}"), Some("%{r}"));
        assert_eq!(placeholder("{{ v"), Some("{{ v"));
        assert_eq!(placeholder("web:1{2}"), None);
    }
}
