//! Files that are fetched into the sandbox, the credentials of a registry above all.

use std::borrow::Cow;

use crate::definition::Containerizer;
use crate::finding::{Change, Fix, FixKind};
use crate::rule::app::AppView;
use crate::schema::table;
use crate::source::Value;
use crate::target::{Release, Settings};

use super::image::is_told_of_placeholder;
use super::{Context, Fields, Rule};

static ARCHIVE_ON_UCR: Rule =
    Rule::ignored("archive-on-ucr", "An archive of Docker credentials is for the Docker Engine")
        .why(
            "Only the Docker Engine looks for `.docker/config.json` in the sandbox. UCR (a MESOS container, and every \
             pod) pulls the image without it: a private image is `unauthorized`, and the credentials lie in the \
             sandbox for nothing. UCR takes them as a secret, by `pullConfig`.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "MESOS",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "file:///etc/docker.tar.gz"}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "MESOS",
                "docker": {"image": "registry.example.com/web:1.4.2",
                "pullConfig": {"secret": "pullConfigSecret"}}},
                "secrets": {"pullConfigSecret": {"source": "web/pull-config"}}}"#);

static UNPACKED_CONFIG: Rule =
    Rule::ignored("bare-docker-config", "Docker credentials are fetched as `.docker/config.json`")
        .why(
            "The Docker Engine looks for `.docker/config.json` in the sandbox. A config.json that is fetched as a file \
             lies beside, where nothing reads it. An archive that has the directory in it is the usual way.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "https://files.example.com/.docker/config.json"}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "https://files.example.com/docker.tar.gz"}]}"#);

static UNEXTRACTED_ARCHIVE: Rule =
    Rule::ignored("unextracted-archive", "An archive of Docker credentials is extracted")
        .why(
            "With `extract` false the archive lies in the sandbox as it is, and the Docker Engine finds no \
             `.docker/config.json`: a private image cannot be pulled.",
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
        .fix(FixKind::Safe);

static EXPOSED_ARCHIVE: Rule =
    Rule::risky("credentials-in-sandbox", "Credentials of a registry are not put into the sandbox")
        .why(
            "What is fetched lies in the sandbox, which is mounted into the container: the service, whoever takes it \
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
    "Credentials of a registry are fetched by https",
)
.why(
    "An agent that fetches credentials by plain http or ftp shows them to everyone on the way, each time an \
             instance starts, and takes whatever it is given in their place.",
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

static LOCAL_FILE: Rule = Rule::risky("file-on-agents", "What is fetched can be fetched by every agent")
    .why(
        "A `file://` URI is a path on the agent that the task comes to run on. An agent without the file, such as one \
         that was added yesterday, fails every instance it is given with `Failed to fetch all URIs`.",
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

/// What pulls the image that credentials would be for.
#[derive(Clone, Copy, PartialEq)]
enum Puller {
    DockerEngine,
    Ucr { has_config: bool },
    Nothing,
}

struct FetchView<'a> {
    uri: Value<'a>,
    text: Cow<'a, str>,
    fields: Option<Fields<'a>>,
}

pub(super) fn app(app: &AppView<'_>, settings: &Settings, context: &mut Context) {
    if !app.fields.has("fetch") && !app.fields.has("uris") {
        return;
    }
    let docker = app.container.as_ref().and_then(|container| container.docker.as_ref());
    let puller = match (app.containerizer(), docker) {
        (Some(Containerizer::Docker), Some(_)) => Puller::DockerEngine,
        (Some(Containerizer::Mesos), Some(docker)) => Puller::Ucr { has_config: docker.has("pullConfig") },
        _ => Puller::Nothing,
    };
    for value in app.fields.list("fetch") {
        fetched(value, puller, settings, context);
    }
    for uri in app.fields.list("uris") {
        let Some(text) = uri.as_str() else { continue };
        artifact(&FetchView { uri, text, fields: None }, puller, settings, context);
    }
}

pub(super) fn container(container: &Fields<'_>, settings: &Settings, context: &mut Context) {
    let Some(artifacts) = container.get("artifacts") else { return };
    let image = container.object("image", &table::IMAGE);
    let puller = image.map_or(Puller::Nothing, |image| Puller::Ucr { has_config: image.has("pullConfig") });
    for value in artifacts.elements() {
        fetched(value, puller, settings, context);
    }
}

fn fetched(value: Value<'_>, puller: Puller, settings: &Settings, context: &mut Context) {
    let fields = Fields::of(value, &table::ARTIFACT);
    let Some(uri) = fields.get("uri") else { return };
    let Some(text) = uri.as_str() else { return };
    artifact(&FetchView { uri, text, fields: Some(fields) }, puller, settings, context);
}

fn artifact(artifact: &FetchView<'_>, puller: Puller, settings: &Settings, context: &mut Context) {
    let text = artifact.text.as_ref();
    if is_told_of_placeholder(text, artifact.uri, context) {
        return;
    }
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    if is_credentials(name) {
        credentials(artifact, name, puller, settings, context);
    } else if puller == Puller::DockerEngine && path.ends_with(".docker/config.json") {
        bare_config(artifact, context);
    }
    if text.starts_with("file:") || text.starts_with('/') {
        let found = context.warn(&LOCAL_FILE, artifact.uri);
        found.message = "every agent that may run this needs this file on its disk".into();
        found.help = Some(
            "put it where all agents can fetch it (https), or name it as an exception once they have it"
                .into(),
        );
    }
}

fn credentials(
    artifact: &FetchView<'_>,
    name: &str,
    puller: Puller,
    settings: &Settings,
    context: &mut Context,
) {
    if let Puller::Ucr { has_config } = puller {
        let found = context.warn(&ARCHIVE_ON_UCR, artifact.uri);
        found.message = format!("UCR does not read `{name}`: it pulls the image without what is in it");
        found.help = Some(match (has_config, settings.secrets && settings.release >= Release::V1_5) {
            (true, _) => "remove it: the image is pulled with `pullConfig`".into(),
            (false, true) => {
                "put the config.json into the secret store, and `milepost wire --secret PATH FILE`".into()
            }
            (false, false) => {
                "run it by the Docker Engine (type DOCKER): this Marathon has no secrets".into()
            }
        });
        return;
    }
    if puller != Puller::DockerEngine {
        return;
    }
    let extract = artifact.fields.as_ref().and_then(|fields| fields.get("extract"));
    if let Some(extract) = extract.filter(|extract| extract.as_bool() == Some(false)) {
        let found = context.warn(&UNEXTRACTED_ARCHIVE, extract);
        found.message = format!("`{name}` is not extracted, so the Docker Engine finds no credentials");
        found.help = Some("write \"extract\": true, or nothing".into());
        found.fix = Some(Fix::safe("extract the archive", [Change::replace(extract, true)]));
    }
    if text_is_plain(&artifact.text) {
        let found = context.warn(&ARCHIVE_OVER_HTTP, artifact.uri);
        found.message = format!("`{name}` has credentials in it, and goes over the network in plain text");
        found.help = Some("serve it by https".into());
    }
    let found = context.warn(&EXPOSED_ARCHIVE, artifact.uri);
    found.message = format!("the service can read what is in `{name}`: its sandbox has the credentials");
    found.help = Some(if settings.secrets && settings.release >= Release::V1_5 {
        "the Docker Engine has no other way for one app; with UCR they can be a secret: \
         `milepost wire --secret PATH --convert FILE`"
            .into()
    } else {
        "the Docker Engine has no other way for one app; keep no more than this registry's in the archive"
            .into()
    });
}

fn bare_config(artifact: &FetchView<'_>, context: &mut Context) {
    let destination = artifact.fields.as_ref().and_then(|fields| fields.text("destPath"));
    if destination.is_some_and(|path| path.trim_start_matches("./") == ".docker/config.json") {
        return;
    }
    let found = context.warn(&UNPACKED_CONFIG, artifact.uri);
    found.message =
        "this lands as `config.json` in the sandbox, where the Docker Engine does not look".into();
    found.help = Some("fetch an archive: `tar -czf docker.tar.gz .docker`".into());
}

fn text_is_plain(uri: &str) -> bool {
    ["http://", "ftp://"]
        .iter()
        .any(|scheme| uri.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme)))
}

/// Whether a file name is one that archives of Docker's credentials go by: `docker.tar.gz`, `dockercfg.tgz`,
/// `docker-credentials.tar`.
pub(crate) fn is_credentials(name: &str) -> bool {
    const ARCHIVES: [&str; 6] = [".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz", ".zip"];
    const WORDS: [&str; 6] = ["auth", "cfg", "config", "cred", "login", "registry"];
    let name = name.strip_prefix('.').unwrap_or(name);
    if !name.starts_with("docker") {
        return false;
    }
    let Some(stem) = ARCHIVES.iter().find_map(|suffix| name.strip_suffix(suffix)) else { return false };
    stem == "docker" || WORDS.iter().any(|word| stem.contains(word))
}

#[cfg(test)]
mod tests {
    use super::is_credentials;

    #[test]
    fn names_of_archives() {
        for name in ["docker.tar.gz", ".docker.tgz", "dockercfg.tar.gz", "docker-registry-credentials.zip"] {
            assert!(is_credentials(name), "{name}");
        }
        for name in [
            "docker-27.3.1.tgz",
            "docker",
            "docker.txt",
            "app.tar.gz",
            "docker-compose.tar.gz",
            "mydocker.tar.gz",
        ] {
            assert!(!is_credentials(name), "{name}");
        }
    }
}
