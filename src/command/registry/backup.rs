//! `milepost registry backup` and `milepost registry restore`

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::choice::{ChoiceArgs, ImageChoice};
use super::unmatched::PatternSearch;
use super::{Exit, Terminal};
use crate::command::creds::registry;
use crate::command::image::bar::with_bar;
use crate::command::image::parts::{finish, pack, partial, refuse_packed};
use crate::command::image::targets::{TagTarget, collision};
use crate::command::image::{
    ErrandKind, RegistryArgs, SpeedArgs, failed, of_archive, reference, scratch, tally_in_words,
};
use crate::command::output::is_directory;
use crate::credential::Login;
use crate::http::Client;
use crate::image::archive::{ImageArchive, Layout, NamedRoot};
use crate::image::referrer::Chosen;
use crate::image::{Host, ReferenceParts};
use crate::registry_client::TransferError;
use crate::transfer::{BackupFault, BlobTally, Brought, RepositoryAccess, back_up, push_image};
use crate::util::escape::shown_path;
use crate::util::text::{count, listed};

/// Save all images of a registry: every repository, every tag, every platform, as an OCI layout.
///
/// Into a directory a backup is incremental: what is there is not read again, and index.json, which makes it a backup, is
/// written last, so that an interrupted run leaves the backup that was there. Each blob is compared with its digest. Each
/// tag leads to a whole image, also while others push.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost registry backup registry.example.com:5000 -o backup/
  milepost registry backup registry.example.com:5000 -o shop.tar --include 'shop/*' --exclude '*:latest'

Exit codes: 0 saved; 1 some images cannot be read, and there is no backup; 2 wrong usage, no connection, or a file that \
cannot be written; 3 the registry refuses; 5 no answer in time; 8 the registry fails.")]
pub(super) struct BackupArgs {
    /// The registry: HOST[:PORT]
    #[arg(value_name = "HOST")]
    host: String,

    /// The directory of the backup, or a tar file
    #[arg(short, long, value_name = "DIR|FILE.tar", value_parser = crate::command::output::parse_path)]
    output: PathBuf,

    #[command(flatten)]
    choice: ChoiceArgs,

    /// Remove from the directory what none of its images needs any more
    #[arg(long)]
    prune: bool,

    #[command(flatten)]
    speed: SpeedArgs,

    #[command(flatten)]
    registry: RegistryArgs,
}

/// Bring the images of a backup into a registry, which need not be the one that they are from.
///
/// What the registry has is not sent again; restoring twice changes nothing. A tag that leads to another image there is moved
/// to that of the backup.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost registry restore backup/ registry.example.com:5000
  milepost registry restore shop.tar registry.example.com:5000 --include 'shop/web:*'

Exit codes: 0 restored, or all there; 2 wrong usage, a backup that cannot be used, or no connection; 3 the registry refuses; 5 \
no answer in time; 8 the registry fails.")]
pub(super) struct RestoreArgs {
    /// The directory or tar file of the backup
    #[arg(value_name = "BACKUP")]
    backup: PathBuf,

    /// The registry: HOST[:PORT]
    #[arg(value_name = "HOST")]
    host: String,

    #[command(flatten)]
    choice: ChoiceArgs,

    #[command(flatten)]
    speed: SpeedArgs,

    #[command(flatten)]
    registry: RegistryArgs,
}

pub(super) fn backup(args: &BackupArgs, term: &mut Terminal) -> anyhow::Result<Exit> {
    save(args, term).or_else(|error| failed(&error, ErrandKind::Move, term))
}

pub(super) fn restore(args: &RestoreArgs, term: &mut Terminal) -> anyhow::Result<Exit> {
    bring_back(args, term).or_else(|error| failed(&error, ErrandKind::Move, term))
}

fn save(args: &BackupArgs, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (host, choice) = (whole_registry(&args.host)?, args.choice.read()?);
    refuse_packed(&args.output)?;
    let client = args.registry.client()?;
    let login = args.registry.login(&host)?;
    let catalog = catalog(&client, &host, login.as_ref(), &choice, term)?;
    refuse_unmatched(&client, &host, login.as_ref(), &choice, &catalog, term)?;
    let is_listed = catalog.is_whole;
    let repositories = catalog.names.into_iter().filter(|repository| choice.may_choose(repository));
    let into_directory = is_directory(&args.output) || args.output.extension().is_none();
    let directory = if into_directory { args.output.clone() } else { partial(&args.output) };
    let shown = shown_path(&args.output);
    refuse_other(args, &host, into_directory)?;
    let layout =
        Layout::backup_of(&directory, &host.to_string()).with_context(|| format!("cannot write {shown}"))?;
    // Another run may have written it since.
    refuse_other(args, &host, into_directory)?;
    // What is in the file is not read again, and what this run does not choose stays.
    if args.output.is_file() && Layout::registry_of(&directory).is_none() {
        layout.unpack(&args.output).with_context(|| format!("cannot unpack {shown}"))?;
    }
    let (mut roots, mut tally, mut faults) = (Vec::new(), BlobTally::default(), Vec::new());
    let mut untagged = Vec::new();
    with_bar("saving", term, |progress| -> anyhow::Result<()> {
        for repository in repositories {
            let mut from =
                RepositoryAccess::open(&client, host.address(), &repository, "pull", login.clone())?;
            let saved = back_up(&mut from, |name| choice.of(name), &layout, args.speed.at_once(), progress)?;
            roots.extend(saved.roots);
            faults.extend(saved.faults);
            tally.add_all(saved.tally);
            if saved.is_untagged && is_listed {
                untagged.push(repository);
            }
        }
        Ok(())
    })?;
    tell_untagged(&untagged, term)?;
    if !faults.is_empty() {
        return tell_faults(&faults, args, term);
    }
    if roots.is_empty() {
        if into_directory {
            layout.remove_if_empty();
        }
        bail!("there is no image to save in {host}, so {shown} was not written");
    }
    let saved = roots.len();
    let former = Layout::roots(&directory).with_context(|| shown.clone())?;
    let before = tags_of(&former);
    if choice.is_partial() {
        let new = tags_of(&roots);
        let stays = |name: &String| choice.of(name) != Chosen::Yes && !new.contains(name);
        let former = former.into_iter().filter(|root| root.tag.as_ref().is_none_or(stays));
        let former: Vec<_> = former.collect();
        roots.extend(former);
        roots.sort_by(|one, other| one.tag.cmp(&other.tag));
    }
    if args.prune || !into_directory {
        layout.prune(&roots).with_context(|| format!("cannot write {shown}"))?;
    }
    if into_directory {
        finish(&layout, &roots, &args.output)?;
    } else {
        pack(&layout, &roots, &args.output)?;
    }
    let kept = match roots.len() - saved {
        0 => String::new(),
        kept => format!("; {} of the former backup stay", count(kept, "image")),
    };
    writeln!(term.err(), "wrote {shown}: {} of {host}{kept}", count(saved, "image"))?;
    let gone: Vec<String> = before.difference(&tags_of(&roots)).cloned().collect();
    if !gone.is_empty() {
        let (images, are) = (count(gone.len(), "image"), if gone.len() == 1 { "is" } else { "are" });
        writeln!(
            term.err(),
            "warning: {images} of the former backup {are} no longer in {host}, and so not in {shown}: {}",
            listed(&gone)
        )?;
    }
    writeln!(term.err(), "{}", tally_in_words(tally, "read"))?;
    Ok(Exit::Fine)
}

/// The names of images.
fn tags_of(roots: &[NamedRoot]) -> BTreeSet<String> {
    roots.iter().filter_map(|root| root.tag.clone()).collect()
}

/// Refuses to replace what is no backup of this registry.
fn refuse_other(args: &BackupArgs, host: &Host, into_directory: bool) -> anyhow::Result<()> {
    let shown = shown_path(&args.output);
    match Layout::registry_of(&args.output) {
        Some(other) if other != host.to_string() && into_directory => bail!(
            "{shown} is a backup of {other}, which one of {host} would replace: give another directory, or remove \
             {}/index.json first",
            shown.trim_end_matches('/')
        ),
        Some(other) if other != host.to_string() => {
            bail!("{shown} is a backup of {other}, which one of {host} would replace: give another file")
        }
        None if into_directory && args.output.join("index.json").exists() => bail!(
            "{shown} is an OCI layout and not the backup of a registry, and is not made one: give another directory"
        ),
        None if args.output.is_file() && Layout::is_cut_backup(&args.output) => bail!(
            "{shown} is a damaged backup: it is cut short, and is not replaced: remove it to have it made anew, or give another file"
        ),
        None if args.output.is_file() => {
            bail!("{shown} is not the backup of a registry, and is not replaced: give another file")
        }
        _ => Ok(()),
    }
}

/// The repositories of a registry, as far as it tells.
struct CatalogAnswer {
    names: Vec<String>,
    /// Whether these are all.
    is_whole: bool,
}

/// The repositories of a registry. Where it has no list of them for this user, those that --include names.
fn catalog(
    client: &Client,
    host: &Host,
    login: Option<&Login>,
    choice: &ImageChoice,
    term: &mut Terminal,
) -> anyhow::Result<CatalogAnswer> {
    let listed = RepositoryAccess::open(client, host.address(), "", "*", login.cloned())
        .and_then(|mut catalog| catalog.run(|session| async move { session.repositories().await }));
    match listed {
        Ok(names) => Ok(CatalogAnswer { names, is_whole: true }),
        Err(TransferError::Denied { status: 401 | 403, .. } | TransferError::Missing(_))
            if let Some(names) = choice.named_repositories() =>
        {
            writeln!(
                term.err(),
                "note: {host} gives no list of its repositories: only those that --include names are saved"
            )?;
            Ok(CatalogAnswer { names, is_whole: false })
        }
        Err(error @ TransferError::Denied { status: 403, .. }) => {
            let help = "the list of all repositories cannot be read; --include with names and no patterns needs none";
            Err(anyhow::Error::new(error).context(help))
        }
        Err(error) => Err(error.into()),
    }
}

/// Refuses patterns that match nothing. Tags are asked for only where the names of the repositories do not tell, and first in
/// repositories that are asked anyway.
fn refuse_unmatched(
    client: &Client,
    host: &Host,
    login: Option<&Login>,
    choice: &ImageChoice,
    catalog: &CatalogAnswer,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    let mut search = PatternSearch::new(choice);
    if catalog.is_whole {
        catalog.names.iter().for_each(|repository| search.see_repository(repository));
    } else {
        search.judge_only(&catalog.names);
    }
    let (asked, others): (Vec<&String>, Vec<&String>) =
        catalog.names.iter().partition(|repository| choice.may_choose(repository));
    for repository in asked.into_iter().chain(others) {
        if search.is_done() {
            return Ok(());
        }
        if !search.wants_tags_of(repository) {
            continue;
        }
        let tags = RepositoryAccess::open(client, host.address(), repository, "pull", login.cloned())
            .and_then(|mut access| access.run(|session| async move { session.all_tags().await }));
        match tags {
            Ok(tags) => tags.iter().for_each(|tag| search.see(&format!("{repository}:{tag}"))),
            Err(TransferError::Missing(_)) => {}
            // What keeps a repository from being saved is told when it is.
            Err(_) => search.cannot_see(repository),
        }
    }
    search.finish(&host.to_string(), term)
}

/// Reads the name of a registry; a repository in it would be dropped without a word.
fn whole_registry(text: &str) -> anyhow::Result<Host> {
    let host = registry(text)?;
    let address = text.split_once("://").map_or(text, |(_, address)| address);
    if address.trim_end_matches('/').contains('/') {
        bail!("give the registry alone, {host}: --include 'shop/*' chooses images of it");
    }
    Ok(host)
}

/// Tells repositories without tags: they may have been emptied, or lost them.
fn tell_untagged(repositories: &[String], term: &mut Terminal) -> anyhow::Result<()> {
    let what = match repositories.len() {
        0 => return Ok(()),
        1 => "1 repository is listed and has no tags".to_owned(),
        several => format!("{several} repositories are listed and have no tags"),
    };
    writeln!(term.err(), "note: {what}: {}", listed(repositories))?;
    Ok(())
}

fn tell_faults(faults: &[BackupFault], args: &BackupArgs, term: &mut Terminal) -> anyhow::Result<Exit> {
    for fault in faults {
        writeln!(term.err(), "error: {}: {}", fault.name, fault.error)?;
    }
    let shown = shown_path(&args.output);
    // Whose it is was looked at before.
    let what = if Layout::registry_of(&args.output).is_some() {
        format!("{shown} stays the backup that it was before, and can be restored")
    } else {
        format!("{shown} is not a backup of this registry")
    };
    writeln!(
        term.err(),
        "help: {what}: {} cannot be read; --exclude leaves it out",
        count(faults.len(), "image")
    )?;
    Ok(Exit::Findings)
}

fn bring_back(args: &RestoreArgs, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (host, choice) = (whole_registry(&args.host)?, args.choice.read()?);
    if args.backup.as_os_str() == "-" {
        bail!("a backup is not read from standard input: give its file or directory");
    }
    let shown = shown_path(&args.backup);
    let scratch = scratch().context("cannot make a directory for the parts of the images")?;
    let archive = ImageArchive::open(&args.backup, scratch.path()).with_context(|| shown.clone())?;
    let client = args.registry.client()?;
    let login = args.registry.login(&host)?;
    let mut search = PatternSearch::new(&choice);
    archive.names().into_iter().flatten().for_each(|name| search.see(name));
    search.finish(&shown, term)?;
    let chosen = choice.is_partial().then(|| archive.chosen(|name| choice.of(name))).transpose();
    let chosen = chosen.with_context(|| shown.clone())?;
    let is_chosen = |name: &&String| chosen.as_ref().is_none_or(|chosen| chosen.contains(*name));
    let names: Vec<Vec<String>> =
        archive.names().iter().map(|names| names.iter().filter(is_chosen).cloned().collect()).collect();
    let targets = names.iter().enumerate().flat_map(|(index, names)| {
        names.iter().map(move |name| TagTarget { tag: name.clone(), index, name })
    });
    if let Some(problem) = collision(&archive, targets) {
        bail!("{shown}: {problem}: `milepost image push` with --image pushes one of them");
    }
    let to_restore = names.iter().enumerate().filter(|(_, names)| !names.is_empty());
    archive.check(to_restore.map(|(index, _)| index)).with_context(|| shown.clone())?;
    let (mut tally, mut tags, brought) = (BlobTally::default(), 0, Brought::default());
    // Signing in again for each image would take longer than the image.
    let mut repositories: BTreeMap<String, RepositoryAccess<'_>> = BTreeMap::new();
    let open = |repository: &str| {
        RepositoryAccess::open(&client, host.address(), repository, "pull,push", login.clone())
    };
    with_bar("restoring", term, |progress| -> anyhow::Result<()> {
        for (index, names) in names.iter().enumerate() {
            let mut image = None;
            for (repository, of_it) in by_repository(names, &shown)? {
                let to = match repositories.entry(repository) {
                    Entry::Occupied(open) => open.into_mut(),
                    Entry::Vacant(place) => {
                        let open = open(place.key())?;
                        place.insert(open)
                    }
                };
                let image = match &mut image {
                    Some(image) => image,
                    None => {
                        image.insert(archive.image(index, scratch.path()).with_context(|| shown.clone())?)
                    }
                };
                let pushed = push_image(to, image, &of_it, args.speed.at_once(), (progress, &brought));
                tally.add_all(pushed.map_err(|error| of_archive(error, &shown))?.tally);
                tags += of_it.len().max(1);
            }
        }
        Ok(())
    })?;
    if tags == 0 {
        bail!("there is no image to restore in {shown}");
    }
    writeln!(term.err(), "restored {} to {host}", count(tags, "image"))?;
    writeln!(term.err(), "{}", tally_in_words(tally, "sent"))?;
    Ok(Exit::Fine)
}

/// The tags of an image in each of its repositories: none where it is known there by its digest alone.
fn by_repository(names: &[String], shown: &str) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names {
        reference(name).with_context(|| format!("{shown}: it is no backup of a registry"))?;
        let parts = ReferenceParts::parse(name)?;
        if parts.tag.is_none() && parts.digest.is_none() {
            bail!(
                "{shown}: it is no backup of a registry: `{name}` is only a tag; `milepost image push` pushes one image"
            );
        }
        let tags = found.entry(parts.named()).or_default();
        tags.extend(parts.tag.map(str::to_owned));
    }
    Ok(found)
}
