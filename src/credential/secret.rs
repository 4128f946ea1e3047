//! Wires the secret that the Universal Container Runtime pulls with.

use serde_json::json;

use crate::definition::Containerizer;
use crate::definition::secret_path;
use crate::finding::Effect;
use crate::source::{Pointer, Type, Value};
use crate::target::Release;

use super::container;
use super::definitions::{self, LocatedService};
use super::dropped::{self, ArchiveReader};
use super::plan::{RefusalReason, WireChange, WirePlan, WireRefusal};
use super::{WireOptions, choice, convert, rules, template};

/// A secret that holds a Docker `config.json`: its name in the definition, and its path in the secret store. Neither is
/// confidential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    name: String,
    source: String,
}

/// Why a definition cannot refer to a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Marathon rejects an empty `source`.
    #[error(
        "the secret's source is empty; give its path in the secret store, such as mesos-docker/pullConfig"
    )]
    NoSource,
    /// `.`, `..` or nothing for a part of the path.
    #[error("the secret's source {0:?} {1}; write the whole path")]
    Path(String, &'static str),
    /// Marathon rejects an empty name.
    #[error("the secret's name is empty")]
    NoName,
    /// `pullConfig` came with Marathon 1.5.
    #[error("Marathon {0} does not know `pullConfig`, which came with 1.5; use `--archive URI`")]
    TooOld(Release),
}

impl Secret {
    /// A secret from `source`, called `name` in the definition, for this Marathon.
    ///
    /// # Errors
    /// When Marathon would reject or ignore it.
    pub fn new(
        source: impl Into<String>,
        name: impl Into<String>,
        release: Release,
    ) -> Result<Self, SecretError> {
        let (source, name) = (source.into(), name.into());
        if source.is_empty() {
            Err(SecretError::NoSource)
        } else if let Some(why) = secret_path::fault(&source) {
            Err(SecretError::Path(source, why))
        } else if name.is_empty() {
            Err(SecretError::NoName)
        } else if release < Release::V1_5 {
            Err(SecretError::TooOld(release))
        } else {
            Ok(Self { name, source })
        }
    }
}

/// Plans the pull config of one definition.
pub(super) fn plan(
    definition: &LocatedService<'_>,
    secret: &Secret,
    convert: bool,
    options: &WireOptions,
) -> Result<WirePlan, WireRefusal> {
    if definition.is_pod {
        plan_pod(definition, secret, options)
    } else {
        plan_app(definition, secret, convert, options)
    }
}

fn plan_app(
    definition: &LocatedService<'_>,
    secret: &Secret,
    convert: bool,
    options: &WireOptions,
) -> Result<WirePlan, WireRefusal> {
    container::only_one(definition, options)?;
    let container = container::of(definition)?;
    let mut plan = match container.containerizer {
        Containerizer::Mesos => WirePlan::default(),
        Containerizer::Docker if convert => convert::plan(definition, &container, options.look)?,
        Containerizer::Docker => {
            return Err(WireRefusal::not_for(RefusalReason {
                rule: &crate::rule::PULL_CONFIG_NEEDS_UCR,
                effect: Effect::Rejected,
                pointer: definition.pointer.key("container"),
                range: container.type_range,
                message: format!(
                    "{} runs on the Docker Engine, for which Marathon rejects a pull config",
                    definition.name()
                ),
                help: "give it the credentials as an archive, `--archive URI`, or move it to the Universal Container \
                       Runtime with `--convert`"
                    .to_owned(),
            }));
        }
    };
    pull_with(definition, &container, secret, &mut plan)?;
    if container.containerizer == Containerizer::Mesos {
        dropped::drop_of_app(definition, options.look, ArchiveReader::Ucr, &mut plan);
    }
    Ok(plan)
}

/// Plans the pull config of an app on the Universal Container Runtime.
pub(super) fn pull_with(
    definition: &LocatedService<'_>,
    container: &container::ContainerRef<'_>,
    secret: &Secret,
    plan: &mut WirePlan,
) -> Result<(), WireRefusal> {
    let holder = definition.pointer.key("container").key("docker");
    let before = plan.changes.len();
    if pull_config(definition, &container.docker, &holder, secret, plan)? == SecretUse::OfThisName {
        define(definition, secret, plan)?;
    }
    if plan.changes.len() > before {
        plan.done.push(format!("secret {} from {}", secret.name, secret.source));
    }
    Ok(())
}

fn plan_pod(
    definition: &LocatedService<'_>,
    secret: &Secret,
    options: &WireOptions,
) -> Result<WirePlan, WireRefusal> {
    let chosen = chosen_containers(definition, options)?;
    let mut plan = WirePlan::default();
    let mut names = Vec::new();
    let (mut needs_definition, mut fetched) = (false, Vec::new());
    let (mut elsewhere, mut unfilled) = (None, None);
    for (pointer, container) in chosen {
        let Some(image) = image_of(definition, &container, &pointer, options)? else {
            continue;
        };
        if let Some(id) = definitions::get(&image, "id")
            && let Some(name) = id.as_str().filter(|name| !choice::is_for(name, options))
        {
            if let Err(refusal) = choice::is_filled_in(definition, id, &name, options) {
                unfilled.get_or_insert(refusal);
                continue;
            }
            elsewhere.get_or_insert_with(|| choice::elsewhere(definition, id, &name, options));
            continue;
        }
        let before = plan.changes.len();
        let holder = pointer.key("image");
        let name = container.get("name").and_then(|name| name.as_str()).unwrap_or_default();
        needs_definition |=
            pull_config(definition, &image, &holder, secret, &mut plan)? == SecretUse::OfThisName;
        names.push((plan.changes.len() > before, name.into_owned()));
        fetched.extend(
            definitions::get(&container, "artifacts")
                .map(|entries| ((container, entries), pointer.key("artifacts"))),
        );
    }
    match (unfilled.or(elsewhere), names.is_empty()) {
        (Some(refusal), true) => return Err(refusal),
        (Some(WireRefusal::NotFor(reasons)), false) => {
            // The other containers get the credentials.
            for reason in reasons {
                plan.note(reason.range.start, format!("left out, in part: {}", reason.message));
            }
        }
        _ => {}
    }
    if names.is_empty() {
        return Err(WireRefusal::not_for(RefusalReason {
            rule: &rules::NOTHING_TO_PULL,
            effect: Effect::Ignored,
            pointer: definition.pointer.key("containers"),
            range: definitions::key_range(&definition.value, "containers"),
            message: format!("no container of {} has an image to pull", definition.name()),
            help: String::new(),
        }));
    }
    if needs_definition {
        define(definition, secret, &mut plan)?;
    }
    if !plan.changes.is_empty() {
        let new: Vec<String> = names.into_iter().filter(|(new, _)| *new).map(|(_, name)| name).collect();
        let containers = if new.is_empty() { String::new() } else { format!(" for {}", new.join(", ")) };
        plan.done.push(format!("secret {} from {}{containers}", secret.name, secret.source));
    }
    for (entries, pointer) in fetched {
        dropped::drop_from(entries, pointer, (options.look, ArchiveReader::Ucr), &mut plan);
    }
    Ok(plan)
}

/// The containers to wire: all, or the named ones.
fn chosen_containers<'a>(
    definition: &LocatedService<'a>,
    options: &WireOptions,
) -> Result<Vec<(Pointer, Value<'a>)>, WireRefusal> {
    let list = definition.pointer.key("containers");
    let all = definition.get("containers").into_iter().flat_map(|containers| containers.elements());
    let all: Vec<(Pointer, Value<'a>)> =
        all.enumerate().map(|(index, container)| (list.index(index), container)).collect();
    let Some(wanted) = &options.containers else {
        return Ok(all);
    };
    let name = |container: &Value<'_>| container.get("name").and_then(|name| name.as_str().map(String::from));
    let there: Vec<String> = all.iter().filter_map(|(_, container)| name(container)).collect();
    if let Some(missing) = wanted.iter().find(|wanted| !there.contains(wanted)) {
        return Err(WireRefusal::clash(RefusalReason {
            rule: &rules::NO_SUCH_CONTAINER,
            effect: Effect::Ignored,
            pointer: list,
            range: definitions::key_range(&definition.value, "containers"),
            message: format!("{} has no container \"{missing}\"", definition.name()),
            help: format!("it has: {}", there.join(", ")),
        }));
    }
    Ok(all.into_iter().filter(|(_, it)| name(it).is_some_and(|name| wanted.contains(&name))).collect())
}

/// The image of a pod's container, if it has one.
fn image_of<'a>(
    definition: &LocatedService<'_>,
    container: &Value<'a>,
    pointer: &Pointer,
    options: &WireOptions,
) -> Result<Option<Value<'a>>, WireRefusal> {
    let refuse = |range, effect, message, help: &str| {
        let pointer = pointer.key("image");
        Err(WireRefusal::clash(RefusalReason {
            rule: &rules::PULL_CONFIG_NEEDS_IMAGE,
            effect,
            pointer,
            range,
            message,
            help: help.to_owned(),
        }))
    };
    let name = container.get("name").map_or("without a name", |name| name.source());
    let of = format!("container {name} of {}", definition.name());
    let Some(image) = definitions::get(container, "image") else {
        if options.containers.is_none() {
            return Ok(None);
        }
        let start = container.range().start;
        let range = container.get("name").map_or(start..start + 1, |name| name.range());
        return refuse(
            range,
            Effect::Ignored,
            format!("{of} has no image to pull"),
            "leave it out of `--containers`",
        );
    };
    let key = definitions::key_range(container, "image");
    match definitions::get(&image, "kind") {
        None => refuse(
            key,
            Effect::Rejected,
            format!("the image of {of} has no `kind`"),
            "a pull config is for `\"kind\": \"DOCKER\"`, and Marathon rejects an image without kind",
        ),
        Some(kind) if kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("DOCKER")) => {
            Ok(Some(image))
        }
        Some(kind) => match template::refuse(definition, kind) {
            Some(refusal) => Err(refusal),
            None => refuse(
                kind.range(),
                Effect::Rejected,
                format!("the image of {of} is of kind {}", kind.source()),
                "a pull config is for `\"kind\": \"DOCKER\"` only",
            ),
        },
    }
}

/// The secret that an image's pull config refers to when the plan is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SecretUse {
    /// The secret under the given name, which must be defined.
    OfThisName,
    /// A secret with the same source under another name, which is defined already.
    OfAnotherName,
}

/// Plans `pullConfig` in the object that holds an image.
fn pull_config(
    definition: &LocatedService<'_>,
    holder: &Value<'_>,
    pointer: &Pointer,
    secret: &Secret,
    plan: &mut WirePlan,
) -> Result<SecretUse, WireRefusal> {
    let pointer = pointer.key("pullConfig");
    let Some(present) = definitions::get(holder, "pullConfig") else {
        plan.changes.push(WireChange::Set(pointer, json!({ "secret": secret.name })));
        return Ok(SecretUse::OfThisName);
    };
    let name = present.get("secret").and_then(|name| name.as_str());
    if name.as_deref() == Some(secret.name.as_str()) {
        return Ok(SecretUse::OfThisName);
    }
    let source = name.as_deref().and_then(|name| source_of(definition, name));
    if source.as_deref() == Some(secret.source.as_str()) {
        return Ok(SecretUse::OfAnotherName);
    }
    let who = definition.name();
    let (message, help) = match (name, source) {
        (Some(name), Some(source)) => (
            format!(
                "{who} pulls with secret \"{name}\" from \"{source}\" already, not from \"{}\"",
                secret.source
            ),
            "remove that `pullConfig` first if this one is to replace it".to_owned(),
        ),
        (Some(name), None) => (
            format!("{who} pulls with secret \"{name}\" already, which is not defined"),
            format!("define it: `--name {name}`"),
        ),
        (None, _) => {
            (format!("{who} has a `pullConfig` that does not name a secret"), "remove it first".to_owned())
        }
    };
    let range = definitions::key_range(holder, "pullConfig");
    let range = present.get("secret").map_or(range, |name| name.range());
    Err(WireRefusal::clash(RefusalReason {
        rule: &rules::PULL_CONFIG_CLASH,
        effect: Effect::Ignored,
        pointer,
        range,
        message,
        help,
    }))
}

fn source_of(definition: &LocatedService<'_>, name: &str) -> Option<String> {
    Some(definition.get("secrets")?.get(name)?.get("source")?.as_str()?.into_owned())
}

/// Plans `secrets.<name>.source`.
fn define(definition: &LocatedService<'_>, secret: &Secret, plan: &mut WirePlan) -> Result<(), WireRefusal> {
    let pointer = definition.pointer.key("secrets");
    let value = json!({ "source": secret.source });
    let clash = |range, message, help| {
        let pointer = definition.pointer.key("secrets").key(&secret.name);
        Err(WireRefusal::clash(RefusalReason {
            rule: &rules::SECRET_CLASH,
            effect: Effect::Ignored,
            pointer,
            range,
            message,
            help,
        }))
    };
    let who = definition.name();
    let Some(secrets) = definition.get("secrets") else {
        let mut all = serde_json::Map::new();
        all.insert(secret.name.clone(), value);
        plan.changes.push(WireChange::Set(pointer, all.into()));
        return Ok(());
    };
    if secrets.kind() != Type::Object {
        let message = format!("`secrets` of {who} is {}, not an object", secrets.kind().with_article());
        return clash(secrets.range(), message, String::new());
    }
    let Some(present) = definitions::get(&secrets, &secret.name) else {
        plan.changes.push(WireChange::Set(pointer.key(&secret.name), value));
        return Ok(());
    };
    let range =
        present.get("source").map_or(definitions::key_range(&secrets, &secret.name), |source| source.range());
    match present.get("source").and_then(|source| source.as_str()) {
        Some(source) if source == secret.source => Ok(()),
        Some(source) => clash(
            range,
            format!(
                "secret \"{}\" of {who} comes from \"{source}\", not from \"{}\"",
                secret.name, secret.source
            ),
            "give this one another name: `wire --name NAME`".to_owned(),
        ),
        None => clash(
            range,
            format!("secret \"{}\" of {who} has no `source`", secret.name),
            "add the `source`, or give this one another name: `wire --name NAME`".to_owned(),
        ),
    }
}
