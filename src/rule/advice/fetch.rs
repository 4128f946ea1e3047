//! Files that are fetched into the sandbox, as the Mesos fetcher treats them.

use crate::definition::{Containerizer, CredentialsForm, FetchFault, Fetched, Packed, Unpacking};
use crate::finding::{Change, Fix, FixKind};
use crate::rule::view::AppView;
use crate::schema::table;
use crate::source::placeholder::{self, TextReader};
use crate::source::{Type, Value};
use crate::util::hash::Map;

use super::{Context, Fields, Rule};

mod credentials;

pub(crate) use credentials::{ARCHIVE_ON_UCR, CACHED, EXPOSED, exposed};

pub(crate) static UNEXTRACTED_ARCHIVE: Rule =
    Rule::ignored("unextracted-archive", "The fetcher unpacks what is fetched as an archive")
        .why(
            "The fetcher tells an archive by the end of the name that the file gets in the sandbox: `destPath`, or what \
             follows the last slash of the URI, query included. It compares .tar, .tgz, .tar.gz, .tbz2, .tar.bz2, .txz, \
             .tar.xz and .zip in lower case, and never unpacks what is `executable`. Otherwise, and with `extract` false, \
             the archive stays packed: the Docker Engine finds no `.docker/config.json` and cannot pull a private image, \
             a program does not find its files.",
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

pub(crate) static OVERWRITTEN: Rule = Rule::ignored(
    "files-overwrite-each-other",
    "Fetched files do not overwrite each other",
)
.why(
    "All archives are unpacked into the sandbox's top directory, and the agent keeps the files to fetch in a hash \
     map: in which order they come cannot be told. Of two files with one name, and of two archives that hold \
     `.docker/config.json`, one is lost, and an image from the registry in it is `unauthorized`. Credentials for \
     several registries belong into one config.json.",
)
.bad(
    r#"{"id": "/web", "container": {"type": "DOCKER",
        "docker": {"image": "registry.example.com/web:1.4.2"}},
        "fetch": [{"uri": "https://files.example.com/docker.tar.gz"},
        {"uri": "https://files.example.com/docker-hub.tar.gz"}]}"#,
)
.good(
    r#"{"id": "/web", "container": {"type": "DOCKER",
        "docker": {"image": "registry.example.com/web:1.4.2"}},
        "fetch": [{"uri": "https://files.example.com/docker.tar.gz"}]}"#,
);

static LOCAL_FILE: Rule = Rule::risky("file-on-agents", "Every agent can fetch the files of a service")
    .why(
        "A `file://` URI is a path on the agent that runs the task. An agent without the file, such as a new one, fails \
         every instance with `Failed to fetch all URIs`. Credentials are the exception: a file on each agent is the way \
         to keep them off a web server.",
    )
    .bad(r#"{"id": "/job", "cmd": "./run", "fetch": [{"uri": "file:///opt/dist/job.tar.gz"}]}"#)
    .good(r#"{"id": "/job", "cmd": "./run", "fetch": [{"uri": "https://files.example.com/job.tar.gz"}]}"#);

pub(super) static RULES: &[&Rule] = &[
    &UNEXTRACTED_ARCHIVE,
    &OVERWRITTEN,
    &LOCAL_FILE,
    &ARCHIVE_ON_UCR,
    &credentials::BARE_CONFIG,
    &credentials::EXPOSED,
    &credentials::OVER_HTTP,
    &credentials::CACHED,
    &credentials::DOCKERCFG,
];

/// The program that pulls the image.
#[derive(Clone, Copy, PartialEq)]
enum PulledBy {
    DockerEngine,
    Ucr { has_config: bool },
    Nothing,
}

/// A fetched file and its place in the text.
struct FetchView<'a> {
    /// The URI.
    at: Value<'a>,
    /// The object that has it; the URI itself in `uris`.
    entry: Value<'a>,
    file: Fetched<'a>,
}

impl<'a> FetchView<'a> {
    /// A member of the entry, or the URI where the entry does not have it.
    fn member(&self, name: &str) -> Value<'a> {
        self.entry.get(name).filter(|value| !value.is_null()).unwrap_or(self.at)
    }
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
    files(app.fields.list("fetch").chain(app.fields.list("uris")), puller, context);
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context<'_>) {
    let Some(artifacts) = container.get("artifacts") else { return };
    let image = container.object("image", &table::IMAGE);
    let puller =
        image.map_or(PulledBy::Nothing, |image| PulledBy::Ucr { has_config: image.has("pullConfig") });
    files(artifacts.elements(), puller, context);
}

fn files<'a>(entries: impl Iterator<Item = Value<'a>>, puller: PulledBy, context: &mut Context<'_>) {
    let release = context.release();
    let mut views: Vec<FetchView<'a>> = Vec::new();
    for entry in entries {
        let Some(file) = Fetched::of(&entry, release) else { continue };
        let at = entry.get("uri").filter(|_| entry.kind() == Type::Object).unwrap_or(entry);
        let view = FetchView { at, entry, file };
        // The placeholder is reported for the whole definition.
        let is_filled = placeholder::find(&view.file.uri, TextReader::Literal).is_none();
        // What is never fetched is reported for that.
        let is_fetched = !view.file.fault().is_some_and(FetchFault::is_certain);
        if is_filled && is_fetched {
            views.push(view);
        }
    }
    for view in &views {
        if let Some(found) = view.file.credentials() {
            credentials::check(view, found, puller, context);
        } else {
            packed_by_accident(view, context);
            local(view, context);
        }
    }
    overwritten(&views, puller, context);
}

/// Reports an archive that stays packed because of a query, of capitals, or because it is made executable.
fn packed_by_accident(view: &FetchView<'_>, context: &mut Context<'_>) {
    let file = &view.file;
    if !file.is_archive_by_uri() && !file.is_archive_in_vain() {
        return;
    }
    match file.unpacking() {
        Unpacking::Packed(why @ Packed::Executable) if file.extract => unextracted(view, why, context),
        // Another name in `destPath` may be there to keep it packed.
        Unpacking::Packed(why @ Packed::Name) if file.destination.is_none() || file.cache => {
            unextracted(view, why, context);
        }
        _ => {}
    }
}

/// Reports an archive that stays packed.
fn unextracted(view: &FetchView<'_>, why: Packed, context: &mut Context<'_>) {
    let file = &view.file;
    let name = crate::definition::file_name(&file.uri);
    let (at, reason, help) = match why {
        Packed::NotAsked => {
            let extract = view.member("extract");
            let help = match extract.as_bool() {
                Some(_) => "write \"extract\": true, or leave it out",
                None => "write it in `fetch`, which takes `extract` and `destPath`",
            };
            (extract, "it is not asked to unpack it".to_owned(), help.to_owned())
        }
        Packed::Executable => (
            view.member("executable"),
            "it does not unpack what is `executable`".to_owned(),
            "leave out `executable`: files in an archive keep their modes".to_owned(),
        ),
        Packed::Name => {
            let at = if file.cache { view.at } else { view.member("destPath") };
            let judged = without_query(file.judged_name());
            let reason =
                format!("the name that it looks at, `{judged}`, does not end like that of an archive");
            let cache = if file.cache { "leave out `cache`, and " } else { "" };
            // The archive's own name: another ending would have it unpacked as what it is not.
            let own = name.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
            let help = if file.is_archive_in_vain() {
                "leave out `cache`: of a cached file the fetcher looks at the URI only".to_owned()
            } else {
                format!(
                    "{cache}give a `destPath` that ends like the archive, in lower case: \"destPath\": \"{own}\""
                )
            };
            (at, reason, help)
        }
    };
    let found = context.warn(&UNEXTRACTED_ARCHIVE, at);
    found.message = format!("the fetcher leaves `{name}` packed: {reason}");
    found.help = Some(help.into());
    found.fix = match (why, at.as_bool()) {
        (Packed::NotAsked, Some(_)) => Some(Fix::unsafe_("unpack the archive", [Change::replace(at, true)])),
        (Packed::Executable, Some(_)) => {
            Some(Fix::unsafe_("unpack the archive", [Change::replace(at, false)]))
        }
        _ => None,
    };
}

fn local(view: &FetchView<'_>, context: &mut Context<'_>) {
    let uri = view.file.uri.as_ref();
    if uri.starts_with("file:") || uri.starts_with('/') {
        let found = context.warn(&LOCAL_FILE, view.at);
        found.message = "every agent that may run this service needs this file on its disk".into();
        found.help = Some("serve it to all agents (https), or except it once they all have it".into());
    }
}

/// Reports the files that overwrite an earlier one of the list: those of one name, and credentials for the Docker Engine.
fn overwritten(views: &[FetchView<'_>], puller: PulledBy, context: &mut Context<'_>) {
    if views.len() < 2 {
        return;
    }
    let is_engine = puller == PulledBy::DockerEngine;
    let mut written: Map<String, &Fetched<'_>> = Map::default();
    for view in views {
        // An archive is unpacked before the next file is fetched, so that its own name does not matter.
        if view.file.unpacking() == Unpacking::Archive || is_engine && view.file.credentials().is_some() {
            continue;
        }
        let path = view.file.plain_path();
        if let Some(other) = written.get(&path) {
            // The agent fetches files once that are equal in everything.
            if **other != view.file {
                let found = context.warn(&OVERWRITTEN, view.at);
                found.message = format!(
                    "two files are fetched to `{}`, and which one stays cannot be told",
                    without_query(&path)
                );
                found.help = Some("give one of them another `destPath`".into());
            }
            continue;
        }
        written.insert(path, &view.file);
    }
    if is_engine {
        overwritten_credentials(views, context);
    }
}

/// Reports all credentials for the Docker Engine but the first, unless they are the same once more.
fn overwritten_credentials(views: &[FetchView<'_>], context: &mut Context<'_>) {
    let is_read = |view: &&FetchView<'_>| {
        view.file
            .credentials()
            .is_some_and(|found| found.unread.is_none() && found.form != CredentialsForm::Dockercfg)
    };
    let mut read = views.iter().filter(is_read);
    let Some(first) = read.next() else { return };
    for view in read.filter(|view| view.file != first.file) {
        let (one, other) = (name(first), name(view));
        let found = context.warn(&OVERWRITTEN, view.at);
        found.message = format!(
            "`{one}` and `{other}` both put `.docker/config.json` into the sandbox, and which one stays cannot be told"
        );
        found.help =
            Some("put the credentials of all registries into one archive, and fetch only that".into());
    }
}

/// A name without its query, which may hold a signature.
fn without_query(name: &str) -> String {
    name.split_once('?').map_or_else(|| name.to_owned(), |(name, _)| format!("{name}?…"))
}

/// The name of a file in messages, without its query.
fn name<'v>(view: &'v FetchView<'_>) -> &'v str {
    let name = crate::definition::file_name(&view.file.uri);
    if name.is_empty() { view.file.written_path() } else { name }
}
