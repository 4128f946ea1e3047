//! Images that no agent can pull.

use crate::finding::Refuser;
use crate::image::grammar_fault;
use crate::target::DockerRelease;

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
    let is_docker = task.is_docker();
    // `docker pull` takes no placeholder as it is; of UCR that was not seen.
    let Some(text) = at.as_str().filter(|text| is_docker || !is_open(text)) else { return };
    let Some(fault) = grammar_fault(&text, is_docker) else { return };
    if is_docker && may_name_host(context) && names_host(&text) {
        return;
    }
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

/// Whether the Docker Engine on the agents is known to take what has a capital letter for a registry (docker/cli 25,
/// `reference/normalize.go`).
fn may_name_host(context: &Context<'_>) -> bool {
    context.settings.agents.docker.is_some_and(|docker| docker >= DockerRelease::new(25, 0))
}

/// Whether the first part of an image's name has a capital letter, and the image is sound where that is a registry.
fn names_host(text: &str) -> bool {
    let Some((first, rest)) = text.split_once('/') else { return false };
    let has_capital = first.contains(char::is_uppercase);
    // A dot is what earlier releases look for.
    has_capital && grammar_fault(&format!("{first}.local/{rest}"), true).is_none()
}
