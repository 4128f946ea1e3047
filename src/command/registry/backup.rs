//! `milepost registry backup` and `milepost registry restore`

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::{Exit, Terminal};
use crate::command::creds::registry;
use crate::command::image::bar::with_bar;
use crate::command::image::parts::{finish, pack, partial, refuse_packed};
use crate::command::image::{
    ErrandKind, RegistryArgs, SpeedArgs, failed, of_archive, reference, scratch, tally_in_words,
};
use crate::command::output::is_directory;
use crate::image::archive::{ImageArchive, Layout};
use crate::image::referrer::{Chosen, repository_of, subject_of_tag};
use crate::image::{Host, ReferenceParts};
use crate::transfer::{BackupFault, BlobTally, Brought, RepositoryAccess, back_up, push_image};
use crate::util::escape::shown_path;
use crate::util::text::count;

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

/// Which images.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Selection")]
struct ChoiceArgs {
    /// Only what this pattern matches: REPOSITORY or REPOSITORY:TAG, with * for any characters; may be repeated
    ///
    /// What refers to an image, such as its signatures, stays with it, unless --exclude leaves it out.
    #[arg(long, value_name = "PATTERN")]
    include: Vec<String>,

    /// Not what this pattern matches; may be repeated
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
}

struct Choice {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl ChoiceArgs {
    fn read(&self) -> anyhow::Result<Choice> {
        let include = if self.include.is_empty() { None } else { Some(patterns(&self.include)?) };
        Ok(Choice { include, exclude: patterns(&self.exclude)? })
    }
}

fn patterns(texts: &[String]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for text in texts {
        let glob = GlobBuilder::new(text).build();
        set.add(glob.with_context(|| format!("`{text}` is not a pattern"))?);
    }
    Ok(set.build()?)
}

impl Choice {
    /// Whether not all images are chosen.
    fn is_partial(&self) -> bool {
        self.include.is_some() || !self.exclude.is_empty()
    }

    /// Whether an image is chosen: `shop/web:1`. What refers to an image goes with it, unless a pattern is for its own name.
    fn of(&self, name: &str) -> Chosen {
        let repository = repository_of(name);
        if self.exclude.is_match(name) || self.exclude.is_match(repository) {
            return Chosen::No;
        }
        let is_named = |set: &GlobSet| set.is_match(name) && !set.is_match(repository);
        let refers =
            name.contains('@') || name.rsplit_once(':').is_some_and(|(_, tag)| subject_of_tag(tag).is_some());
        if self.is_partial() && refers && !self.include.as_ref().is_some_and(is_named) {
            return Chosen::WithSubject;
        }
        let is_match = |set: &GlobSet| set.is_match(name) || set.is_match(repository);
        if self.include.as_ref().is_none_or(is_match) { Chosen::Yes } else { Chosen::No }
    }
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
    let mut catalog = RepositoryAccess::open(&client, host.address(), "", "*", login.clone())?;
    let repositories = catalog.run(|session| async move { session.repositories().await })?;
    let into_directory = is_directory(&args.output) || args.output.extension().is_none();
    let directory = if into_directory { args.output.clone() } else { partial(&args.output) };
    let shown = shown_path(&args.output);
    let is_there = args.output.is_file();
    match Layout::registry_of(&args.output) {
        Some(other) if other != host.to_string() && into_directory => bail!(
            "{shown} is a backup of {other}, which one of {host} would replace: give another directory, or remove \
             {}/index.json first",
            shown.trim_end_matches('/')
        ),
        Some(other) if other != host.to_string() => {
            bail!("{shown} is a backup of {other}, which one of {host} would replace: give another file")
        }
        None if is_there => {
            bail!("{shown} is not the backup of a registry, and is not replaced: give another file")
        }
        _ => {}
    }
    let layout =
        Layout::backup_of(&directory, &host.to_string()).with_context(|| format!("cannot write {shown}"))?;
    // What is in the file is not read again, and what this run does not choose stays.
    if is_there && Layout::registry_of(&directory).is_none() {
        layout.unpack(&args.output).with_context(|| format!("cannot unpack {shown}"))?;
    }
    let (mut roots, mut tally, mut faults) = (Vec::new(), BlobTally::default(), Vec::new());
    with_bar("saving", term, |progress| -> anyhow::Result<()> {
        for repository in repositories {
            let mut from =
                RepositoryAccess::open(&client, host.address(), &repository, "pull", login.clone())?;
            let saved = back_up(&mut from, |name| choice.of(name), &layout, args.speed.at_once(), progress)?;
            roots.extend(saved.roots);
            faults.extend(saved.faults);
            tally.add_all(saved.tally);
        }
        Ok(())
    })?;
    if !faults.is_empty() {
        return tell_faults(&faults, &shown, term);
    }
    if roots.is_empty() {
        if into_directory {
            layout.remove_if_empty();
        }
        bail!("there is no image to save in {host}, so {shown} was not written");
    }
    let saved = roots.len();
    if choice.is_partial() {
        let former = Layout::roots(&directory).with_context(|| shown.clone())?;
        let new: HashSet<&String> = roots.iter().filter_map(|root| root.tag.as_ref()).collect();
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
    writeln!(term.err(), "{}", tally_in_words(tally, "read"))?;
    Ok(Exit::Fine)
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

fn tell_faults(faults: &[BackupFault], shown: &str, term: &mut Terminal) -> anyhow::Result<Exit> {
    for fault in faults {
        writeln!(term.err(), "error: {}: {}", fault.name, fault.error)?;
    }
    writeln!(
        term.err(),
        "help: {shown} is not a backup of this registry: {} cannot be read; --exclude leaves it out",
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
    let chosen = choice.is_partial().then(|| archive.chosen(|name| choice.of(name))).transpose();
    let chosen = chosen.with_context(|| shown.clone())?;
    let is_chosen = |name: &&String| chosen.as_ref().is_none_or(|chosen| chosen.contains(*name));
    let names: Vec<Vec<String>> =
        archive.names().iter().map(|names| names.iter().filter(is_chosen).cloned().collect()).collect();
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
