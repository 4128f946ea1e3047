//! Credentials of registries among the fetched files.

use crate::definition::{CredentialsForm, FetchedCredentials, Unread};
use crate::rule::advice::{Context, Rule};
use crate::target::{Release, Settings};

use super::{FetchView, PulledBy, name, unextracted};

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

pub(super) static BARE_CONFIG: Rule =
    Rule::ignored("bare-docker-config", "The fetcher stores Docker credentials as `.docker/config.json`")
        .why(
            "The Docker Engine looks for `.docker/config.json` in the sandbox. Without a `destPath` the fetcher stores a \
             config.json beside that directory, where nothing reads it. The usual way is an archive that contains the \
             directory.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "https://files.example.com/.docker/config.json"}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1.4.2"}},
                "fetch": [{"uri": "https://files.example.com/docker.tar.gz"}]}"#);

pub(crate) static EXPOSED: Rule =
    Rule::style("credentials-in-sandbox", "The sandbox has no credentials of a registry")
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

pub(super) static OVER_HTTP: Rule = Rule::risky(
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

pub(crate) static CACHED: Rule = Rule::risky("cached-credentials", "Agents do not cache credentials of a registry")
    .why(
        "With `cache` an agent keeps the first copy of a URI until it needs the space for another. A new password under \
         the same address never reaches it, and its pulls fail when the old one ends.",
    )
    .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
            "docker": {"image": "registry.example.com/web:1.4.2"}},
            "fetch": [{"uri": "https://files.example.com/docker.tar.gz", "cache": true}]}"#)
    .good(r#"{"id": "/web", "container": {"type": "DOCKER",
            "docker": {"image": "registry.example.com/web:1.4.2"}},
            "fetch": [{"uri": "https://files.example.com/docker.tar.gz"}]}"#);

pub(super) static DOCKERCFG: Rule = Rule::deprecated("dockercfg-file", "Credentials are fetched as `.docker/config.json`")
    .why(
        "Docker 23 and later do not read `.dockercfg`, the form of Docker 1.6, and earlier ones only where there is no \
         `.docker/config.json`. On an agent whose Docker is updated a private image is `unauthorized`.",
    )
    .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
            "docker": {"image": "registry.example.com/web:1.4.2"}},
            "fetch": [{"uri": "https://files.example.com/.dockercfg"}]}"#)
    .good(r#"{"id": "/web", "container": {"type": "DOCKER",
            "docker": {"image": "registry.example.com/web:1.4.2"}},
            "fetch": [{"uri": "https://files.example.com/docker.tar.gz"}]}"#);

/// Reports what is wrong with fetched credentials.
pub(super) fn check(
    view: &FetchView<'_>,
    found: FetchedCredentials<'_>,
    puller: PulledBy,
    context: &mut Context<'_>,
) {
    match puller {
        PulledBy::Nothing => super::local(view, context),
        PulledBy::Ucr { has_config } => on_ucr(view, has_config, context),
        PulledBy::DockerEngine => {
            match found.unread {
                Some(Unread::Packed(why)) => unextracted(view, why, context),
                Some(Unread::Elsewhere) => bare(view, found.form, context),
                Some(Unread::Fault(_)) | None => {}
            }
            for_engine(view, found.form, context);
        }
    }
}

fn on_ucr(view: &FetchView<'_>, has_config: bool, context: &mut Context<'_>) {
    let settings = context.settings;
    let found = context.warn(&ARCHIVE_ON_UCR, view.at);
    found.message =
        format!("UCR does not read `{}`: it pulls the image without these credentials", name(view));
    found.help = Some(match (has_config, settings.secrets && settings.release >= Release::V1_5) {
        (true, _) => "remove it: UCR pulls the image with `pullConfig`".into(),
        (false, true) => {
            "put the config.json into the secret store, and run `milepost wire --secret PATH FILE`".into()
        }
        (false, false) => "run it with the Docker Engine (type DOCKER): this Marathon has no secrets".into(),
    });
}

/// What is wrong with credentials in the sandbox, whether the Docker Engine's client finds them or not.
fn for_engine(view: &FetchView<'_>, form: CredentialsForm, context: &mut Context<'_>) {
    let settings = context.settings;
    let name = name(view);
    if is_plain(&view.file.uri) {
        let found = context.warn(&OVER_HTTP, view.at);
        found.message = format!("the credentials in `{name}` go over the network in plain text");
        found.help = Some("serve it over https".into());
    }
    if view.file.cache {
        let found = context.warn(&CACHED, view.member("cache"));
        found.message =
            format!("agents keep the first copy of `{name}`, so a new password never reaches them");
        found.help = Some("leave out `cache`, or change the address with each password".into());
    }
    if form == CredentialsForm::Dockercfg {
        let found = context.warn(&DOCKERCFG, view.at);
        found.message = "Docker 23 and later do not read `.dockercfg`".into();
        found.help =
            Some("fetch an archive with `.docker/config.json`: `milepost creds archive` makes one".into());
    }
    let (message, help) = exposed(name, settings);
    let found = context.warn(&EXPOSED, view.at);
    found.message = message;
    found.help = Some(help.into());
}

/// The message and the help on credentials in the sandbox.
pub(crate) fn exposed(name: &str, settings: &Settings) -> (String, &'static str) {
    let help = if settings.secrets && settings.release >= Release::V1_5 {
        "the Docker Engine has no other way for one app; with UCR they can be a secret: \
         `milepost wire --secret PATH --convert FILE`"
    } else {
        "the Docker Engine has no other way for one app; keep only this registry's credentials in the archive"
    };
    (format!("the service can read the credentials in `{name}`, which are in its sandbox"), help)
}

fn bare(view: &FetchView<'_>, form: CredentialsForm, context: &mut Context<'_>) {
    let looked_for = if form == CredentialsForm::Dockercfg { ".dockercfg" } else { ".docker/config.json" };
    let found = context.warn(&BARE_CONFIG, view.at);
    found.message = format!(
        "the fetcher stores this as `{}` in the sandbox, where the Docker Engine does not look",
        super::without_query(&view.file.plain_path())
    );
    found.help = Some(
        format!(
            "fetch an archive: `tar -czf docker.tar.gz .docker`, or write \"destPath\": \"{looked_for}\""
        )
        .into(),
    );
}

fn is_plain(uri: &str) -> bool {
    uri.starts_with("http://") || uri.starts_with("ftp://")
}
