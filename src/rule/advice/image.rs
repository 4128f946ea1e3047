//! The image a container runs, and what no one filled in.

use memchr::memchr_iter;

use crate::rule::app::AppView;
use crate::schema::table;
use crate::source::Value;

use super::{Context, Fields, Rule};

static UNPINNED_IMAGE: Rule = Rule::risky("unpinned-image", "An image is named with its version")
    .why(
        "An image without a tag is `latest`, and what that is changes under a running service: agents that have an \
         older one keep it, instances of one service differ, a restart after a crash runs code nobody deployed, and a \
         rollback rolls nothing back. Marathon sees no change in the definition, so pushing the same tag again \
         deploys nothing.",
    )
    .bad(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER",
            "docker": {"image": "example/web"}}}"#)
    .good(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER",
            "docker": {"image": "example/web:1.4.2"}}}"#);

static MALFORMED_IMAGE: Rule =
    Rule::risky("malformed-image", "An image is a reference that a registry can look up")
        .why(
            "Marathon takes any text for an image. The agent then fails to pull it, every instance fails, and Marathon \
             tries again with growing delays. A reference is [HOST[:PORT]/]NAME[:TAG][@DIGEST] without a scheme, and \
             the name is in lower case.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "https://registry.example.com/Web:1.4.2"}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}}}"#);

static UNFILLED_PLACEHOLDER: Rule =
    Rule::risky("unfilled-placeholder", "A template's placeholders are filled in")
        .why(
            "Neither Marathon nor the agent replaces placeholders in an image or a URI; there is no shell in between. \
             What is left of a template makes every instance fail with `invalid reference format` or `Failed to fetch`.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:${VERSION}"}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"}}}"#);

pub(super) static RULES: &[&Rule] = &[&UNPINNED_IMAGE, &MALFORMED_IMAGE, &UNFILLED_PLACEHOLDER];

pub(super) fn app(app: &AppView<'_>, context: &mut Context) {
    let docker = app.container.as_ref().and_then(|container| container.docker.as_ref());
    if let Some(image) = docker.and_then(|docker| docker.get("image")) {
        self::image(image, context);
    }
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context) {
    let image = container.object("image", &table::IMAGE);
    if let Some(id) = image.and_then(|image| image.get("id")) {
        self::image(id, context);
    }
}

fn image(at: Value<'_>, context: &mut Context) {
    let Some(text) = at.as_str() else { return };
    if is_told_of_placeholder(&text, at, context) {
        return;
    }
    if let Some(fault) = fault(&text) {
        let found = context.warn(&MALFORMED_IMAGE, at);
        found.message = format!("no registry can look up `{text}`: {fault}");
        found.help = Some("write it as `docker pull` takes it: registry.example.com/team/name:1.4.2".into());
        return;
    }
    let name = text.rsplit('/').next().unwrap_or_default();
    if name.contains('@') {
        return;
    }
    let message = match name.split_once(':') {
        None => format!("`{text}` has no tag, so whatever is `latest` when an agent pulls it"),
        Some((_, "latest")) => format!("`{text}` is whatever is `latest` when an agent pulls it"),
        Some(_) => return,
    };
    let found = context.warn(&UNPINNED_IMAGE, at);
    found.message = message;
    found.help = Some("name a tag that is pushed once, or a digest (@sha256:…)".into());
}

/// Tells of a placeholder that is left in a text that no shell sees.
pub(super) fn is_told_of_placeholder(text: &str, at: Value<'_>, context: &mut Context) -> bool {
    let Some(placeholder) = placeholder(text) else { return false };
    let found = context.warn(&UNFILLED_PLACEHOLDER, at);
    found.message = format!("`{placeholder}` is taken as it stands: nothing fills it in");
    found.help = Some("fill it in before the definition is sent, as `milepost render` does".into());
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

/// The host that an image names, and the rest: what stands before the first slash where that has a dot or a colon or is
/// `localhost` (distribution/reference, `splitDockerDomain`).
pub(crate) fn split_host(image: &str) -> (Option<&str>, &str) {
    match image.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), path),
        _ => (None, image),
    }
}

/// What keeps a text from being a reference to an image (distribution/reference).
pub(crate) fn fault(text: &str) -> Option<String> {
    if let Some(at) = memchr_iter(b':', text.as_bytes()).find(|at| text[*at..].starts_with("://")) {
        let scheme = &text[..at];
        return Some(format!("it begins with a scheme, `{scheme}://`"));
    }
    let (named, digest) = text.split_once('@').map_or((text, None), |(named, digest)| (named, Some(digest)));
    if digest.is_some_and(|digest| !digest.contains(':')) {
        return Some("what follows `@` is no digest".to_owned());
    }
    let (host, path) = split_host(named);
    let host = host.unwrap_or_default();
    let (name, tag) = path.split_once(':').unwrap_or((path, "latest"));
    let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let odd = |text: &str, allowed: &dyn Fn(u8) -> bool| {
        text.chars().find(|&c| !u8::try_from(c).is_ok_and(allowed))
    };
    let is_host = |byte: u8| is_tag(byte) || matches!(byte, b':' | b'[' | b']');
    let is_name = |byte: u8| byte == b'/' || (is_tag(byte) && !byte.is_ascii_uppercase());
    if name.is_empty() || name.split('/').any(str::is_empty) {
        return Some("a part of its name is empty".to_owned());
    }
    if tag.is_empty() {
        return Some("its tag is empty".to_owned());
    }
    let odd = odd(host, &is_host).or_else(|| odd(name, &is_name)).or_else(|| odd(tag, &is_tag))?;
    Some(match odd {
        odd if odd.is_whitespace() => "there is a blank in it".to_owned(),
        odd if odd.is_ascii_uppercase() => format!("its name has a capital letter, `{odd}`"),
        odd => format!("there is a `{}` in it", odd.escape_default()),
    })
}

#[cfg(test)]
mod tests {
    use super::{fault, placeholder};

    #[test]
    fn references() {
        for fine in [
            "nginx",
            "nginx:1.25-alpine",
            "library/nginx:1.25",
            "localhost/App_1".to_lowercase().as_str(),
            "registry.example.com:5000/team/web:V1.4",
            "Registry.example.com/web",
            "web@sha256:0123",
            "web:1@sha256:0123",
            "192.168.0.1/web:1",
        ] {
            assert_eq!(fault(fine), None, "{fine}");
        }
        for bad in [
            "",
            "http://nginx",
            "Nginx",
            "team/Web:1",
            "web:",
            "web: 1",
            " web",
            "a//b",
            "web@1.2",
            "web:1:2",
            "<image>",
            "wéb",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn placeholders() {
        assert_eq!(placeholder("web:${V}x"), Some("${V}"));
        assert_eq!(placeholder("%{r}/web:{{ v }}"), Some("%{r}"));
        assert_eq!(placeholder("{{ v"), Some("{{ v"));
        assert_eq!(placeholder("web:1{2}"), None);
    }
}
