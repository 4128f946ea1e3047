//! Images that no agent can pull.

use crate::finding::Refuser;
use crate::image::ReferenceParts;

use super::task::Task;
use super::{Context, Rule, is_open, refuse};

static MALFORMED_IMAGE: Rule =
    Rule::fails("malformed-image", "An image is a reference that a registry can look up")
        .why(
            "Marathon accepts any text as an image. The agent then fails to pull it, every instance fails, and Marathon \
             retries with growing delays. A reference is [HOST[:PORT]/]NAME[:TAG][@DIGEST] without a scheme, and the \
             name is in lower case. (docker/distribution, `reference`; Mesos, `src/docker/spec.cpp`).",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "https://registry.example.com/Web:1.4.2"}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}}}"#);

static WITHOUT_FILE_SYSTEM: Rule =
    Rule::fails("image-without-isolator", "Agents that run images with UCR have the isolator `filesystem/linux`")
        .why(
            "UCR gives a container the file system of an image by the isolator `filesystem/linux`. Agents of DC/OS have it. \
             Others that run without it refuse each task with an image: `Container root filesystems not supported`. \
             `[target.agents]` in milepost.toml lists the isolators, and --target-from reads them from an agent.",
        )
        .example("an app of type MESOS with an image, with isolators = [\"posix/cpu\"] in [target.agents]")
        .setting("--isolation");

pub(super) static RULES: &[&Rule] = &[&MALFORMED_IMAGE, &WITHOUT_FILE_SYSTEM];

pub(super) fn task(task: &Task<'_>, context: &mut Context<'_>) {
    let Some(at) = task.image else { return };
    if !task.is_docker() && !context.settings.agents.may_have_isolator(&["filesystem/linux"]) {
        let said = "Failed to launch container: Container root filesystems not supported";
        let found = refuse(context, &WITHOUT_FILE_SYSTEM, at, Refuser::Agent, said);
        found.message =
            "no instance starts: UCR on these agents runs no images, without the isolator `filesystem/linux`"
                .into();
        found.help = Some("run it with the Docker Engine, or give agents the isolator".into());
    }
    let Some(text) = at.as_str().filter(|text| !is_open(text)) else { return };
    let is_docker = task.is_docker();
    let Some(fault) = fault(&text, is_docker) else { return };
    let (by, said) = if is_docker {
        let tag = if text.contains([':', '@']) { "" } else { ":latest" };
        let said = format!(
            "Failed to launch container: Failed to run 'docker pull {text}{tag}': exited with status 1; stderr='invalid \
             reference format'"
        );
        (Refuser::Docker, said)
    } else {
        (Refuser::Agent, format!("Failed to launch container: Failed to pull image '{text}'"))
    };
    let found = refuse(context, &MALFORMED_IMAGE, at, by, said);
    found.message = format!("no registry can look up `{text}`: {fault}");
    found.help = Some("write it as `docker pull` takes it: registry.example.com/team/name:1.4.2".into());
}

/// Why no registry can look up a text.
fn fault(text: &str, is_docker: bool) -> Option<String> {
    let parts = match ReferenceParts::parse(text) {
        Ok(parts) => parts,
        Err(fault) => return Some(fault.to_string()),
    };
    if text.starts_with('-') {
        return Some("it begins with `-`, so it is an option to `docker`".into());
    }
    if let Some(host) = parts.host {
        let (name, port) = split_port(host);
        if port.is_some_and(|port| port.parse::<u32>().is_err()) {
            return Some(format!("`{}` is no port of a registry", port.unwrap_or_default()));
        }
        // Mesos itself asks whatever name there is.
        if is_docker && !name.starts_with('[') && !name.split('.').all(is_host_part) {
            return Some(format!("`{name}` is no name of a registry"));
        }
    }
    if parts.digest.is_some_and(|digest| !is_digest(digest)) {
        return Some("its digest is not `sha256:` and 64 hexadecimal digits in lower case".into());
    }
    if !parts.name.split('/').all(is_component) {
        return Some(
            "a part of its name begins or ends with `.`, `_` or `-`, or has two of them in a row".into(),
        );
    }
    if parts.name.len() > LONGEST_NAME {
        return Some(format!("its name has more than {LONGEST_NAME} characters"));
    }
    if is_docker && text.len() == 64 && is_lower_hex(text) {
        return Some("it is the id of an image, which `docker pull` does not take".into());
    }
    let tag = parts.tag.unwrap_or_default();
    (tag.starts_with(['.', '-']) || tag.len() > 128)
        .then(|| "its tag begins with `.` or `-`, or has more than 128 characters".into())
}

/// `NameTotalLengthMax` of distribution/reference.
const LONGEST_NAME: usize = 255;

/// A host and its port; an IPv6 address has brackets.
fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some((name, port)) => (name, Some(port)),
        None => (host, None),
    }
}

/// Whether a text is a part of the name of a host: letters and digits, with dashes between them.
fn is_host_part(part: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    part.starts_with(is_word) && part.ends_with(is_word) && part.chars().all(|c| is_word(c) || c == '-')
}

fn is_digest(digest: &str) -> bool {
    const LENGTHS: [(&str, usize); 3] = [("sha256", 64), ("sha384", 96), ("sha512", 128)];
    digest
        .split_once(':')
        .is_some_and(|(algorithm, hex)| LENGTHS.contains(&(algorithm, hex.len())) && is_lower_hex(hex))
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Whether a text is a part of a name: letters and digits, with `.`, `_`, `__` or dashes between them.
fn is_component(part: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separators = part.split(is_word).filter(|between| !between.is_empty());
    part.starts_with(is_word)
        && part.ends_with(is_word)
        && separators
            .into_iter()
            .all(|between| matches!(between, "." | "_" | "__") || between.bytes().all(|byte| byte == b'-'))
}
