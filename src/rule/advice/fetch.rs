//! Files fetched into the sandbox, mainly credentials of a registry.

use std::borrow::Cow;

use crate::definition::{Containerizer, FetchedCredentials, file_name};
use crate::finding::{Change, Fix, FixKind};
use crate::rule::app::AppView;
use crate::schema::table;
use crate::source::Value;
use crate::source::placeholder::{self, TextReader};
use crate::target::Release;

use super::{Context, Fields, Rule};

pub(crate) static ARCHIVE_ON_UCR: Rule =
    Rule::ignored("archive-on-ucr", "Only the Docker Engine reads an archive of Docker credentials")
        .why(
            "Only the Docker Engine looks for `.docker/config.json` in the sandbox. UCR (a MESOS container, and every \
             pod) pulls the image without it: a private image is `unauthorized`, and the credentials are in the \
             sandbox without a use. UCR takes them as a secret, by `pullConfig`.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "MESOS",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "file:///etc/docker.tar.gz"}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "MESOS",
                "docker": {"image": "registry.example.com/web:1.4.2",
                "pullConfig": {"secret": "pullConfigSecret"}}},
                "secrets": {"pullConfigSecret": {"source": "web/pull-config"}}}"#);

static UNPACKED_CONFIG: Rule =
    Rule::ignored("bare-docker-config", "The fetcher stores Docker credentials as `.docker/config.json`")
        .why(
            "The Docker Engine looks for `.docker/config.json` in the sandbox. The fetcher stores a config.json beside that \
             directory, where nothing reads it. The usual way is an archive that contains the directory.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "https://files.example.com/.docker/config.json"}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "https://files.example.com/docker.tar.gz"}]}"#);

static UNEXTRACTED_ARCHIVE: Rule =
    Rule::ignored("unextracted-archive", "The fetcher extracts an archive of Docker credentials")
        .why(
            "With `extract` false the archive stays packed, and the Docker Engine finds no `.docker/config.json`: it cannot \
             pull a private image.",
        )
        .bad(
            r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "https://files.example.com/docker.tar.gz", "extract": false}]}"#,
        )
        .good(
            r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "https://files.example.com/docker.tar.gz", "extract": true}]}"#,
        )
        .fix(FixKind::Unsafe);

static EXPOSED_ARCHIVE: Rule =
    Rule::risky("credentials-in-sandbox", "The sandbox has no credentials of a registry")
        .why(
            "Fetched files are in the sandbox, which is mounted into the container: the service, an attacker who takes it \
             over, and everyone who may browse sandboxes can read the registry's credentials. On the Docker Engine \
             there is no other way for one app; credentials that the whole cluster shares \
             (cluster_docker_credentials of DC/OS) or UCR with a `pullConfig` secret keep them out of it.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "https://files.example.com/docker.tar.gz"}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "MESOS",
                "docker": {"image": "registry.example.com/web:1.4.2",
                "pullConfig": {"secret": "pullConfigSecret"}}},
                "secrets": {"pullConfigSecret": {"source": "web/pull-config"}}}"#);

static ARCHIVE_OVER_HTTP: Rule = Rule::risky(
    "credentials-over-http",
    "The fetcher gets credentials of a registry over https",
)
.why(
    "An agent that fetches credentials over plain http or ftp shows them to everyone on the network path each time \
             an instance starts, and accepts whatever an attacker sends instead.",
)
.bad(
    r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "http://files.example.com/docker.tar.gz"}]}"#,
)
.good(
    r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "https://files.example.com/docker.tar.gz"}]}"#,
);

static LOCAL_FILE: Rule = Rule::risky("file-on-agents", "Every agent can fetch the files of a service")
    .why(
        "A `file://` URI is a path on the agent that runs the task. An agent without the file, such as a new one, fails \
         every instance with `Failed to fetch all URIs`.",
    )
    .bad(r#"{"id": "/job", "cmd": "./run", "fetch": [{"uri": "file:///opt/dist/job.tar.gz"}]}"#)
    .good(r#"{"id": "/job", "cmd": "./run", "fetch": [{"uri": "https://files.example.com/job.tar.gz"}]}"#);

pub(super) static RULES: &[&Rule] = &[
    &ARCHIVE_ON_UCR,
    &UNPACKED_CONFIG,
    &UNEXTRACTED_ARCHIVE,
    &EXPOSED_ARCHIVE,
    &ARCHIVE_OVER_HTTP,
    &LOCAL_FILE,
];

/// The program that pulls the image.
#[derive(Clone, Copy, PartialEq)]
enum PulledBy {
    DockerEngine,
    Ucr { has_config: bool },
    Nothing,
}

struct FetchView<'a> {
    uri: Value<'a>,
    text: Cow<'a, str>,
    fields: Option<Fields<'a>>,
}

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    if !app.fields.has("fetch") && !app.fields.has("uris") {
        return;
    }
    let docker = app.container.as_ref().and_then(|container| container.docker.as_ref());
    let puller = match (app.containerizer(), docker) {
        (Some(Containerizer::Docker), Some(_)) => PulledBy::DockerEngine,
        (Some(Containerizer::Mesos), Some(docker)) => PulledBy::Ucr { has_config: docker.has("pullConfig") },
        _ => PulledBy::Nothing,
    };
    for value in app.fields.list("fetch") {
        fetched(value, puller, context);
    }
    for uri in app.fields.list("uris") {
        let Some(text) = uri.as_str() else { continue };
        artifact(&FetchView { uri, text, fields: None }, puller, context);
    }
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context<'_>) {
    let Some(artifacts) = container.get("artifacts") else { return };
    let image = container.object("image", &table::IMAGE);
    let puller =
        image.map_or(PulledBy::Nothing, |image| PulledBy::Ucr { has_config: image.has("pullConfig") });
    for value in artifacts.elements() {
        fetched(value, puller, context);
    }
}

fn fetched(value: Value<'_>, puller: PulledBy, context: &mut Context<'_>) {
    let fields = Fields::of(value, &table::ARTIFACT);
    let Some(uri) = fields.get("uri") else { return };
    let Some(text) = uri.as_str() else { return };
    artifact(&FetchView { uri, text, fields: Some(fields) }, puller, context);
}

fn artifact(artifact: &FetchView<'_>, puller: PulledBy, context: &mut Context<'_>) {
    let text = artifact.text.as_ref();
    if placeholder::find(text, TextReader::Nobody).is_some() {
        return;
    }
    let path = text.split(['?', '#']).next().unwrap_or_default();
    if let Some(form) = FetchedCredentials::of(text) {
        credentials(artifact, form, puller, context);
    } else if puller == PulledBy::DockerEngine && path.ends_with(".docker/config.json") {
        bare_config(artifact, context);
    }
    if text.starts_with("file:") || text.starts_with('/') {
        let found = context.warn(&LOCAL_FILE, artifact.uri);
        found.message = "every agent that may run this service needs this file on its disk".into();
        found.help = Some("serve it to all agents (https), or except it once they all have it".into());
    }
}

fn credentials(
    artifact: &FetchView<'_>,
    form: FetchedCredentials,
    puller: PulledBy,
    context: &mut Context<'_>,
) {
    let settings = context.settings;
    let name = file_name(&artifact.text);
    if let PulledBy::Ucr { has_config } = puller {
        let found = context.warn(&ARCHIVE_ON_UCR, artifact.uri);
        found.message = format!("UCR does not read `{name}`: it pulls the image without these credentials");
        found.help = Some(match (has_config, settings.secrets && settings.release >= Release::V1_5) {
            (true, _) => "remove it: UCR pulls the image with `pullConfig`".into(),
            (false, true) => {
                "put the config.json into the secret store, and run `milepost wire --secret PATH FILE`".into()
            }
            (false, false) => {
                "run it with the Docker Engine (type DOCKER): this Marathon has no secrets".into()
            }
        });
        return;
    }
    if puller != PulledBy::DockerEngine {
        return;
    }
    let extract = artifact.fields.as_ref().and_then(|fields| fields.get("extract"));
    if let Some(extract) = extract.filter(|extract| extract.as_bool() == Some(false))
        && form == FetchedCredentials::Archive
    {
        let found = context.warn(&UNEXTRACTED_ARCHIVE, extract);
        found.message =
            format!("the fetcher leaves `{name}` packed, so the Docker Engine finds no credentials");
        found.help = Some("write \"extract\": true, or leave it out".into());
        found.fix = Some(Fix::unsafe_("extract the archive", [Change::replace(extract, true)]));
    }
    if text_is_plain(&artifact.text) {
        let found = context.warn(&ARCHIVE_OVER_HTTP, artifact.uri);
        found.message = format!("the credentials in `{name}` go over the network in plain text");
        found.help = Some("serve it over https".into());
    }
    let found = context.warn(&EXPOSED_ARCHIVE, artifact.uri);
    found.message = format!("the service can read the credentials in `{name}`, which are in its sandbox");
    found.help = Some(if settings.secrets && settings.release >= Release::V1_5 {
        "the Docker Engine has no other way for one app; with UCR they can be a secret: \
         `milepost wire --secret PATH --convert FILE`"
            .into()
    } else {
        "the Docker Engine has no other way for one app; keep only this registry's credentials in the archive"
            .into()
    });
}

fn bare_config(artifact: &FetchView<'_>, context: &mut Context<'_>) {
    let destination = artifact.fields.as_ref().and_then(|fields| fields.text("destPath"));
    if destination.is_some_and(|path| path.trim_start_matches("./") == ".docker/config.json") {
        return;
    }
    let found = context.warn(&UNPACKED_CONFIG, artifact.uri);
    found.message =
        "the fetcher stores this as `config.json` in the sandbox, where the Docker Engine does not look"
            .into();
    found.help = Some("fetch an archive: `tar -czf docker.tar.gz .docker`".into());
}

fn text_is_plain(uri: &str) -> bool {
    ["http://", "ftp://"]
        .iter()
        .any(|scheme| uri.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme)))
}
