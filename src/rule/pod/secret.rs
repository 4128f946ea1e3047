//! Secrets, and what refers to them: environments, images to be pulled, volumes.

use crate::finding::Stage::Canonical;
use crate::rule::shared::{DISABLED_FEATURE, EMPTY_SECRET_NAME, UNDEFINED_SECRET, feature_text};
use crate::rule::view::{Fields, Names, PodContainerView, PodView, PodVolumeView};
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::source::{Type, Value};
use crate::target::Release;
use crate::util::suggest::{MOST, suggest};

static APPC_PULL_CONFIG: Rule = Rule::verdict(
    "appc-pull-config",
    "An image of App Container has no pull config (up to Marathon 1.8)",
)
.why("Up to Marathon 1.8 the image of a pod's container may be one of App Container. Only Docker images have a pull config.")
.until(Release::V1_8)
.target("dcos-1.10")
.bad(
    r#"{"id": "/batch", "secrets": {"pull": {"source": "batch/pull"}}, "containers": [{"name": "job",
        "resources": {"cpus": 0.1, "mem": 32}, "image": {"kind": "APPC", "id": "example.com/job",
        "pullConfig": {"secret": "pull"}}}]}"#,
)
.good(
    r#"{"id": "/batch", "containers": [{"name": "job", "resources": {"cpus": 0.1, "mem": 32},
        "image": {"kind": "APPC", "id": "example.com/job"}}]}"#,
);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&APPC_PULL_CONFIG];

/// What to do where the feature is disabled.
const ENABLE: &str = "start Marathon with `--enable_features secrets`, or do without secrets";

pub(super) fn check(pod: &PodView<'_>, context: &mut Context<'_>) {
    definitions(pod, context);
    environment(pod, pod.environment, "", context);
    volumes(pod, context);
}

/// The names under `secrets`.
fn definitions(pod: &PodView<'_>, context: &mut Context<'_>) {
    let Some(secrets) = pod.secrets else { return };
    if secrets.members().next().is_none() {
        return;
    }
    if !context.settings.secrets {
        context
            .reject(&DISABLED_FEATURE, Canonical, secrets, "/secrets", feature_text("secrets"))
            .also_says("must be empty")
            .describe("this Marathon runs without the feature `secrets`", ENABLE);
    }
    if let Some((index, (name, _))) = secrets.members().enumerate().find(|(_, (name, _))| name.is_str("")) {
        // A Scala set of more than four is ordered by hashes, and the hash of the empty name comes first.
        const IN_ORDER: usize = 4;
        let index = if secrets.members().count() > IN_ORDER { 0 } else { index };
        context
            .reject(
                &EMPTY_SECRET_NAME,
                Canonical,
                name,
                format!("/secrets/keys({index})"),
                "must not be empty",
            )
            .also("/secrets", "must be empty")
            .points_at("/secrets")
            .describe("a secret without a name cannot be referred to", "name it");
    }
}

/// An environment of the pod or of the container at `place`.
pub(super) fn environment(
    pod: &PodView<'_>,
    environment: Option<Value<'_>>,
    place: &str,
    context: &mut Context<'_>,
) {
    let Some(environment) = environment else { return };
    let mut is_reported = context.settings.secrets;
    let names = Names::of(Some(environment));
    for (name, value) in environment.members() {
        if value.kind() != Type::Object || !is_last(&names, name, value) {
            continue;
        }
        if !is_reported {
            is_reported = true;
            context
                .reject(
                    &DISABLED_FEATURE,
                    Canonical,
                    value,
                    format!("{place}/environment"),
                    "use of secret-references in the environment requires the secrets feature to be enabled",
                )
                .describe(
                    "this Marathon runs without the feature `secrets`, and a variable refers to one",
                    ENABLE,
                );
        }
        let Some((at, secret)) = value.get("secret").and_then(|at| Some((at, at.as_str()?))) else {
            continue;
        };
        if is_defined(pod, &secret) {
            continue;
        }
        let name = name.as_str().unwrap_or_default();
        let now = format!("{place}/environment/{name}/secret");
        let path = if context.release() >= Release::V1_6 {
            now.clone()
        } else {
            format!("{place}/environment({name})/{}", secret.replace('.', "/"))
        };
        context
            .reject(&UNDEFINED_SECRET, Canonical, at, path, "references an undefined secret")
            .points_at(&now)
            .describe(
                format!("`{name}` refers to the secret `{secret}`, which is not defined"),
                define(pod, &secret),
            );
    }
}

/// The pull config of an image.
pub(super) fn image(
    pod: &PodView<'_>,
    container: &PodContainerView<'_>,
    place: &str,
    context: &mut Context<'_>,
) {
    let config = container.image.and_then(|image| image.get("pullConfig"));
    let Some(config) = config.filter(|config| !config.is_null()) else { return };
    let path = format!("{place}/image/pullConfig");
    if !context.settings.secrets {
        context
            .reject(&DISABLED_FEATURE, Canonical, config, &path, feature_text("secrets"))
            .also_says("must be empty")
            .describe("this Marathon runs without the feature `secrets`, which `pullConfig` needs", ENABLE);
    }
    // Up to 1.8 there is another kind.
    let kind = container.image.and_then(|image| image.get("kind")).and_then(|kind| kind.as_str());
    if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("APPC")) {
        context
            .reject(
                &APPC_PULL_CONFIG,
                Canonical,
                config,
                format!("{place}/image"),
                "pullConfig is supported only with Docker images",
            )
            .describe(
                "images of App Container are pulled without credentials",
                "leave `pullConfig` out, or use a Docker image",
            );
    }
    let secret = Fields::of(config, &table::DOCKER_PULL_CONFIG);
    let name = secret.text("secret").unwrap_or_default();
    if !is_defined(pod, &name) {
        context
            .reject(
                &UNDEFINED_SECRET,
                Canonical,
                secret.at("secret"),
                &path,
                "pullConfig.secret must refer to an existing secret",
            )
            .points_at(&format!("{path}/secret"))
            .describe(
                format!("the image is pulled with the secret `{name}`, which is not defined"),
                define(pod, &name),
            );
    }
}

/// Secret volumes.
fn volumes(pod: &PodView<'_>, context: &mut Context<'_>) {
    /// An expression of Marathon's source, which it answers as the path of all secret volumes.
    const TOGETHER: &str = "/podSecretVolumes(pod)";
    let secrets =
        || pod.volumes.iter().enumerate().filter_map(|(at, volume)| Some((at, volume, volume.secret()?)));
    if !context.settings.secrets
        && let Some((index, volume, _)) = secrets().next()
    {
        context
            .reject(&DISABLED_FEATURE, Canonical, volume.value, TOGETHER, feature_text("secrets"))
            .also_says("must be empty")
            .points_at(&format!("/volumes({index})"))
            .describe("this Marathon runs without the feature `secrets`, and a volume is one", ENABLE);
    }
    for (position, (index, volume, at)) in secrets().enumerate() {
        let secret = at.as_str().unwrap_or_default();
        if !is_defined(pod, &secret) {
            let PodVolumeView { name, .. } = volume;
            context
                .reject(
                    &UNDEFINED_SECRET,
                    Canonical,
                    at,
                    format!("{TOGETHER}({position})/secret"),
                    "volume.secret must refer to an existing secret",
                )
                .also(TOGETHER, "must be empty")
                .points_at(&format!("/volumes({index})/secret"))
                .describe(
                    format!("the volume `{name}` is the secret `{secret}`, which is not defined"),
                    define(pod, &secret),
                );
        }
    }
}

fn is_defined(pod: &PodView<'_>, secret: &str) -> bool {
    pod.secret_names.contains(secret)
}

fn define(pod: &PodView<'_>, secret: &str) -> String {
    let names = pod.secrets.iter().flat_map(Value::members).filter_map(|(name, _)| name.as_str());
    let names: Vec<_> = names.take(MOST).collect();
    match suggest(secret, names.iter().map(AsRef::as_ref)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("define it: \"secrets\": {{\"{secret}\": {{\"source\": \"…\"}}}}"),
    }
}

/// Whether a member is the last of its name, which is the one that counts.
fn is_last(names: &Names<'_>, name: Value<'_>, value: Value<'_>) -> bool {
    let last = name.as_str().and_then(|name| names.get(&name));
    last.is_some_and(|last| last.node_id() == value.node_id())
}
