//! `milepost image pull`

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::bar::with_bar;
use super::parts::{extend, pack, partial, refuse_packed};
use super::{Exit, RegistryArgs, SpeedArgs, Terminal, operand, tally_in_words};
use crate::command::output::is_directory;
use crate::image::ReferenceParts;
use crate::image::archive::{Layout, NamedRoot};
use crate::transfer::{ImageTree, download, image_tree};
use crate::util::escape::shown_path;
use crate::util::text::first_of;

/// Pull an image of a registry into an archive.
///
/// The archive is an OCI layout, byte for byte what the registry has, so that digests stay; an image for one platform has
/// what `docker load` of any version needs as well. In a layout that is there the image is added to the others, under its tag,
/// and takes the place of one of the same tag; a tar file has one image, and one with others is replaced only with --force. What breaks off leaves FILE.partial, with which the next run goes on.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost image pull registry.example.com:5000/shop/web:1 -o web.tar
  milepost image pull registry.example.com:5000/shop/web:1 -o layout/ --platform linux/amd64

Exit codes: 0 done; 2 wrong usage, no connection, or a file that cannot be written; 3 the registry refuses, or has no such \
image; 5 no answer in time; 8 the registry fails.")]
pub(super) struct Args {
    /// The image: HOST[:PORT]/REPOSITORY[:TAG|@DIGEST]
    #[arg(value_name = "IMAGE")]
    image: String,

    /// The tar file; a directory, or a name that ends with a slash, gets the layout itself
    #[arg(short, long, value_name = "FILE|DIR/", value_parser = crate::command::output::parse_path)]
    output: PathBuf,

    /// Of an image for several platforms only this one: linux/amd64, linux/arm64/v8
    #[arg(long, value_name = "OS/ARCH")]
    platform: Option<String>,

    /// Replace FILE though it is no archive of images, or has other images
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    speed: SpeedArgs,

    #[command(flatten)]
    registry: RegistryArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let image = operand(&args.image)?;
    refuse_packed(&args.output)?;
    let client = args.registry.client()?;
    let mut from = args.registry.open(&client, &image, "pull")?;
    let tree = image_tree(&mut from, image.version(), args.platform.as_deref())?;
    let into_directory = is_directory(&args.output);
    let directory = if into_directory { args.output.clone() } else { partial(&args.output) };
    let shown = shown_path(&args.output);
    if let Some(registry) = Layout::registry_of(&args.output) {
        bail!("{shown} is a backup of {registry}, which an image would replace: give another name");
    }
    if !into_directory && !args.force && args.output.exists() && !Layout::is_archive(&args.output) {
        bail!("{shown} is no archive of images, and would be replaced: give another name, or --force");
    }
    let root = named_root(&args.image, &tree)?;
    refuse_loss(args, &root, into_directory)?;
    let layout = Layout::at(&directory).with_context(|| format!("cannot write {shown}"))?;
    let tally = with_bar("pulling", term, |progress| {
        download(&mut from, &tree, &layout, args.speed.at_once(), progress)
    })?;
    let roots = [root];
    let mut replaced = None;
    if into_directory {
        replaced = extend(&layout, &roots[0], &args.output)?;
    } else {
        // An earlier run may have left blobs of an older image of the same name.
        layout.prune(&roots).with_context(|| format!("cannot write {shown}"))?;
        pack(&layout, &roots, &args.output)?;
    }
    writeln!(term.err(), "wrote {shown}: {} {}", args.image, roots[0].descriptor.digest)?;
    if let (Some(replaced), Some(tag)) = (replaced, &roots[0].tag) {
        writeln!(term.err(), "note: `{tag}` was {replaced} in {shown} before")?;
    }
    writeln!(term.err(), "{}", tally_in_words(tally, "pulled"))?;
    Ok(Exit::Fine)
}

/// Refuses to replace an archive that has other images: a tar file has one.
fn refuse_loss(args: &Args, new: &NamedRoot, into_directory: bool) -> anyhow::Result<()> {
    if into_directory || args.force || !args.output.is_file() {
        return Ok(());
    }
    let lost = Layout::lost_with(&args.output, new);
    if lost.is_empty() {
        return Ok(());
    }
    let lost: Vec<&str> = lost.iter().map(String::as_str).collect();
    bail!(
        "{} has {}, which would be lost: give another name, a directory, in which all stay, or --force",
        shown_path(&args.output),
        first_of(&lost, 5)
    )
}

fn named_root(image: &str, tree: &ImageTree) -> anyhow::Result<NamedRoot> {
    let parts = ReferenceParts::parse(image)?;
    let descriptor = tree.root().context("the image has no manifest")?;
    let tag = match parts.digest {
        Some(_) => parts.tag.map(str::to_owned),
        None => Some(parts.tag.unwrap_or("latest").to_owned()),
    };
    let repository = parts.named();
    let full_name = tag.as_ref().map(|tag| format!("{repository}:{tag}"));
    Ok(NamedRoot { tag, full_name, descriptor })
}
