//! `milepost image copy`

use anyhow::{Context as _, bail};

use super::bar::with_bar;
use super::{Exit, RegistryArgs, SpeedArgs, Terminal, operand, scratch, tally_in_words};
use crate::image::ReferenceParts;
use crate::transfer::{RepositoryAccess, copy_image, image_tree};

/// Copy an image from one registry to another, or within one.
///
/// The copy has the same digest: all platforms, all manifests, byte for byte. Credentials for both registries come from the
/// config file; -u is for the one that is written to.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost image copy docker.io/library/nginx:1.27 registry.example.com:5000/library/nginx:1.27
  milepost image copy registry.example.com:5000/shop/web:1 registry.example.com:5000/shop/web:stable

Exit codes: 0 done; 2 wrong usage, or no connection; 3 a registry refuses, or has no such image; 5 no answer in time; 8 a \
registry fails.")]
pub(super) struct Args {
    /// The image: HOST[:PORT]/REPOSITORY[:TAG|@DIGEST]
    #[arg(value_name = "FROM")]
    from: String,

    /// The copy: HOST[:PORT]/REPOSITORY[:TAG]; without a tag it gets that of the image
    #[arg(value_name = "TO")]
    to: String,

    /// Of an image for several platforms only this one: linux/amd64, linux/arm64/v8
    #[arg(long, value_name = "OS/ARCH")]
    platform: Option<String>,

    #[command(flatten)]
    speed: SpeedArgs,

    #[command(flatten)]
    registry: RegistryArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (source, target) = (operand(&args.from)?, operand(&args.to)?);
    if target.digest().is_some() {
        bail!("a copy gets a tag, and not a digest: {}", args.to);
    }
    let tag_of = |text: &str| -> anyhow::Result<Option<String>> {
        Ok(ReferenceParts::parse(text)?.tag.map(str::to_owned))
    };
    let given = tag_of(&args.to)?.or(tag_of(&args.from)?);
    let tag = match (given, source.digest()) {
        (Some(tag), _) => tag,
        // Nobody has called it latest.
        (None, Some(_)) => bail!("{} has no tag: give the copy one, {}:TAG", args.from, args.to),
        (None, None) => "latest".to_owned(),
    };
    let client = args.registry.client()?;
    let from_login = if source.host() == target.host() {
        args.registry.login(source.host())?
    } else {
        args.registry.stored_login(source.host())?
    };
    let to_login = if source.host() == target.host() {
        from_login.clone()
    } else {
        args.registry.login(target.host())?
    };
    let mut from =
        RepositoryAccess::open(&client, source.address(), source.repository(), "pull", from_login)?;
    let tree = image_tree(&mut from, source.version(), args.platform.as_deref())?;
    let mut to =
        RepositoryAccess::open(&client, target.address(), target.repository(), "pull,push", to_login)?;
    let scratch = scratch().context("cannot make a directory for the parts of the image")?;
    let tags = [tag.clone()];
    let tally = with_bar("copying", term, |progress| {
        copy_image(&mut from, &mut to, &tree, &tags, scratch.path(), args.speed.at_once(), progress)
    })?;
    let parts = ReferenceParts::parse(&args.to)?;
    let repository = parts.named();
    let root = tree.root().context("the image has no manifest")?;
    writeln!(term.out(), "{repository}:{tag}@{}", root.digest)?;
    writeln!(term.err(), "{}", tally_in_words(tally, "copied"))?;
    Ok(Exit::Fine)
}
