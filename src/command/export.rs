//! `milepost export`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::Value as Json;

#[cfg(feature = "net")]
use super::connection::Connection;
use super::input::Input;
use super::output::{file_of, is_directory, make_parent, named_file, text_of, write_each, write_text};
use super::target::NamedTarget;
#[cfg(feature = "net")]
use super::target::{NO_FILES, WithoutAnswer};
use super::{Exit, Terminal};
use crate::export::{definition, is_the_same, minimal};
#[cfg(feature = "net")]
use crate::http::{Client, Endpoint};
#[cfg(feature = "net")]
use crate::marathon::{Resource, group_to_ask};
use crate::normalize::Normalized;
use crate::source::Kind;
#[cfg(feature = "net")]
use crate::source::{Document, Format, MAX_NESTING};
#[cfg(feature = "net")]
use crate::state::parts_or;
use crate::state::{ResponsePart, ServerState, is_below, parts};
use crate::target::Settings;
use crate::util::escape::shown_path;
use crate::util::text::count;

/// Turn what a server holds into files that can be sent again.
///
/// Fields that only a server fills in are left out, and values that an old server repeats are written once. Each
/// definition is compared with its source: sending it changes nothing. Service ports stay, because those that a server
/// picked look like those that were chosen; for another cluster they may have to be 0.
///
/// A file that contains what looks like a password is readable only for its owner.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost export /shop/web --url https://dcos.example/service/marathon
  milepost export /shop --url env -o services/
  milepost export --all --url env -o services/ --minimal
  milepost export /shop --group --url env -o shop.json
  dcos marathon app show /web | milepost export --from - --minimal

Exit codes: 0 everything was written and can be sent again; 1 a definition that is named on standard error cannot be \
sent again without a change; 2 wrong usage, an input that cannot be read, or an unknown id; 5 no answer in time.")]
pub(super) struct Args {
    /// Ids of apps, pods and groups
    #[arg(value_name = "ID", required_unless_present_any = ["all", "from"])]
    ids: Vec<String>,

    /// All apps and pods
    #[arg(long, conflicts_with = "ids")]
    all: bool,

    /// Read a server's answer from this file, or - for standard input
    ///
    /// That is the answer of GET /v2/apps, /v2/pods or /v2/groups, or of `dcos marathon app show`.
    #[arg(long, value_name = "FILE")]
    #[cfg_attr(feature = "net", arg(conflicts_with = "url"))]
    from: Option<String>,

    /// Write to this file, or a file for each service into this directory
    ///
    /// It is a directory if it exists as one or ends in a slash. The file of /shop/web is DIR/shop/web.json.
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,

    /// Write one definition of the group with all its apps instead of one for each
    ///
    /// It cannot contain pods.
    #[arg(long)]
    group: bool,

    /// Leave out values that Marathon fills in by default
    #[arg(hide_short_help = true, long)]
    minimal: bool,

    #[command(flatten)]
    target: NamedTarget,

    #[cfg(feature = "net")]
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (held, mut settings) = match &args.from {
        Some(file) => from_file(file, args)?,
        None => from_server(args, term)?,
    };
    // A service keeps the role it has, whatever its group says.
    settings.roles = ServerState::of(&held).known_roles();
    let ids: Vec<String> = args.ids.iter().map(|id| format!("/{}", id.trim_matches('/'))).collect();
    let chosen = if args.group { groups(&held, &ids)? } else { services(&held, &ids)? };
    if args.group {
        pods_left_out(&chosen, &held, term)?;
    }
    let (mut files, mut is_whole) = (Vec::new(), true);
    for chosen in chosen {
        let value = if args.minimal { least(&chosen, &settings) } else { chosen.value.clone() };
        if let Err(problem) = is_the_same(&value, &chosen, &settings) {
            writeln!(term.err(), "warning: {}: cannot be sent again as it is: {problem}", chosen.id())?;
            is_whole = false;
        }
        files.push(Normalized { value, ..chosen });
    }
    write(args, &files, term)?;
    Ok(if is_whole { Exit::Fine } else { Exit::Findings })
}

/// Names the pods of groups, which a request with a group cannot have.
fn pods_left_out(groups: &[Normalized], held: &[Normalized], term: &mut Terminal) -> anyhow::Result<()> {
    for group in groups {
        let is_inner = |one: &&Normalized| one.kind == Kind::Pod && is_below(one.id(), group.id());
        let mut pods = held.iter().filter(is_inner).map(Normalized::id);
        let Some(first) = pods.next() else { continue };
        let number = 1 + pods.count();
        let such = if number == 1 { format!(": {first}") } else { format!(", such as {first}") };
        writeln!(
            term.err(),
            "note: {}: a group's file cannot contain pods, so {} left out{such}; without --group they get files of their own",
            group.id(),
            if number == 1 { "1 pod is".to_owned() } else { format!("{number} pods are") }
        )?;
    }
    Ok(())
}

fn from_file(file: &str, args: &Args) -> anyhow::Result<(Vec<Normalized>, Settings)> {
    let settings = args.target.settings(&[file])?;
    let input = Input::read_as_marathon(file)?;
    let root = input.document.root();
    let parts = match parts(root) {
        Some(parts) => parts,
        None => vec![ResponsePart { kind: input.kind()?, value: root }],
    };
    Ok((parts.into_iter().map(|part| definition(part, &settings)).collect(), settings))
}

#[cfg(feature = "net")]
fn from_server(args: &Args, term: &mut Terminal) -> anyhow::Result<(Vec<Normalized>, Settings)> {
    let (endpoint, client) = args.connection.open()?;
    let settings = args.target.settings_at(NO_FILES, &client, &endpoint, WithoutAnswer::Fail, term)?;
    let mut held = Vec::new();
    let root = ["/".to_owned()];
    for id in if args.all { &root[..] } else { &args.ids[..] } {
        let text = ask(&client, &endpoint, id, args.group)?;
        let document = Document::parse(text, Format::Json)
            .with_context(|| format!("{endpoint} does not answer with JSON"))?;
        if document.is_too_deep() {
            bail!("{endpoint} answers with JSON that is nested deeper than {MAX_NESTING} levels");
        }
        let root = document.root();
        let parts = parts_or(root, Kind::Pod);
        held.extend(parts.into_iter().map(|part| definition(part, &settings)));
    }
    Ok((held, settings))
}

/// The app, pod or group with an id, as JSON.
#[cfg(feature = "net")]
fn ask(client: &Client, endpoint: &Endpoint, id: &str, is_group: bool) -> anyhow::Result<String> {
    let id = id.trim_matches('/');
    if let Some(group) = group_to_ask(&format!("/{id}")) {
        return client.group(endpoint, group)?.with_context(|| format!("{endpoint} has no group {group}"));
    }
    if !is_group && !id.is_empty() {
        for resource in [Resource::App, Resource::Pod] {
            if let Some(text) = client.service(endpoint, resource, id)? {
                return Ok(text);
            }
        }
    }
    let kinds = if is_group { "group" } else { "app, pod or group" };
    client.group(endpoint, id)?.with_context(|| format!("{endpoint} has no {kinds} /{id}"))
}

#[cfg(not(feature = "net"))]
fn from_server(_: &Args, _: &mut Terminal) -> anyhow::Result<(Vec<Normalized>, Settings)> {
    bail!(
        "nothing to export: --from names a file with a server's answer (this milepost is built without networking)"
    )
}

/// The services with these ids or below them, each by itself.
fn services(held: &[Normalized], ids: &[String]) -> anyhow::Result<Vec<Normalized>> {
    let all = ServerState::of(held);
    for id in ids {
        if !all.services().any(|(service, _)| is_below(service, id)) {
            bail!("there is no app or pod with the id {id}, nor one below it");
        }
    }
    let is_wanted = |service: &str| ids.is_empty() || ids.iter().any(|id| is_below(service, id));
    let services = all.services().filter(|(id, _)| is_wanted(id));
    let services = services.map(|(_, service)| Normalized::stored(service.kind, service.value.clone()));
    Ok(services.collect())
}

/// The groups with these ids, each by itself; without ids the outermost ones.
fn groups(held: &[Normalized], ids: &[String]) -> anyhow::Result<Vec<Normalized>> {
    let all = ServerState::of(held);
    let outermost: Vec<String> = all.whole_groups().map(str::to_owned).collect();
    let wanted = if ids.is_empty() { &outermost[..] } else { ids };
    let groups = wanted.iter().map(|id| {
        let group = all.group_of(id).with_context(|| format!("there is no group with the id {id}"))?;
        Ok(Normalized::stored(Kind::Group, group.clone()))
    });
    groups.collect()
}

/// The definition without what Marathon fills in. The role stays, because its default depends on the group.
fn least(chosen: &Normalized, settings: &Settings) -> Json {
    fn visit(group: &mut Json, settings: &Settings) {
        let list = |group: &mut Json, name: &str, visit: &dyn Fn(&mut Json)| {
            group.get_mut(name).and_then(Json::as_array_mut).into_iter().flatten().for_each(visit);
        };
        list(group, "apps", &|app| *app = minimal(app, Kind::App, &["id", "role"], settings));
        list(group, "groups", &|inner| visit(inner, settings));
        if let Some(group) = group.as_object_mut() {
            group.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
        }
    }
    match chosen.kind {
        Kind::Group => {
            let mut group = chosen.value.clone();
            visit(&mut group, settings);
            group
        }
        kind => minimal(&chosen.value, kind, &["id", "role"], settings),
    }
}

fn write(args: &Args, files: &[Normalized], term: &mut Terminal) -> anyhow::Result<()> {
    let Some(output) = named_file(args.output.as_deref()) else {
        let [only] = files else {
            bail!(
                "{} need a directory: name it with -o DIR/, or write the group as one definition with --group",
                count(files.len(), "definition")
            );
        };
        write!(term.out(), "{}", text_of(&only.value, only.kind)?)?;
        return Ok(());
    };
    let is_directory = is_directory(output);
    if let ([only], false) = (files, is_directory) {
        return write_file(output, only, term);
    }
    if !is_directory {
        bail!(
            "{} need a directory: write `{}/`, or write the group as one definition with --group",
            count(files.len(), "definition"),
            shown_path(&output)
        );
    }
    let named = files.iter().map(|file| {
        let id = file.id();
        let name = file_of(id)
            .with_context(|| format!("no file can be named after {id:?}: name the file with -o"))?;
        Ok((output.join(name), file))
    });
    // All names are checked before the first file is written.
    let named = named.collect::<anyhow::Result<Vec<_>>>()?;
    write_each(&named, term, |(path, file), term| {
        make_parent(path)?;
        write_file(path, file, term)
    })
}

fn write_file(path: &Path, definition: &Normalized, term: &mut Terminal) -> anyhow::Result<()> {
    let text = text_of(&definition.value, definition.kind)?;
    write_text(path, &text, term)
}
