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

pub(super) static RULES: &[&Rule] = &[&MALFORMED_IMAGE];

pub(super) fn task(task: &Task<'_>, context: &mut Context<'_>) {
    let Some(at) = task.image else { return };
    let Some(text) = at.as_str().filter(|text| !is_open(text)) else { return };
    let Some(fault) = fault(&text) else { return };
    let is_docker = task.is_docker();
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
fn fault(text: &str) -> Option<String> {
    let parts = match ReferenceParts::parse(text) {
        Ok(parts) => parts,
        Err(fault) => return Some(fault.to_string()),
    };
    if text.starts_with('-') {
        return Some("it begins with `-`, so it is an option to `docker`".into());
    }
    let is_hex = |hex: &str| hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let digest = parts.digest.and_then(|digest| digest.strip_prefix("sha256:"));
    if digest.is_some_and(|hex| hex.len() != 64 || !is_hex(hex)) {
        return Some("its digest is not 64 hexadecimal digits in lower case".into());
    }
    let is_separator = |c: char| matches!(c, '.' | '_' | '-');
    if parts.name.split('/').any(|part| part.starts_with(is_separator) || part.ends_with(is_separator)) {
        return Some("a part of its name begins or ends with `.`, `_` or `-`".into());
    }
    let tag = parts.tag.unwrap_or_default();
    (tag.starts_with(['.', '-']) || tag.len() > 128)
        .then(|| "its tag begins with `.` or `-`, or has more than 128 characters".into())
}
