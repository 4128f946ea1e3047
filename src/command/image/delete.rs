//! `milepost image delete`

use anyhow::bail;

use super::super::confirm::confirm;
use super::{Exit, RegistryArgs, Terminal, operand};
use crate::image::digest::is_sha256;
use crate::registry_client::TransferError;
use crate::util::text::listed;

/// Delete an image from a registry.
///
/// A registry deletes a manifest, and with it every tag that it has. Where the image has other tags too, they are named, and
/// nothing is deleted without --all-tags. The space is free only after the registry's garbage collection.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost image delete registry.example.com:5000/shop/web:1
  milepost image delete registry.example.com:5000/shop/web:1 --yes

Exit codes: 0 deleted; 2 wrong usage, no connection, or not confirmed; 3 the registry refuses, or has no such image; 5 no \
answer in time; 8 the registry fails.")]
pub(super) struct Args {
    /// The image: HOST[:PORT]/REPOSITORY:TAG, or @DIGEST
    #[arg(value_name = "IMAGE")]
    image: String,

    /// Do not ask
    #[arg(short, long)]
    yes: bool,

    /// Delete it although it has other tags, which go with it
    #[arg(long)]
    all_tags: bool,

    #[command(flatten)]
    registry: RegistryArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let image = operand(&args.image)?;
    let version = image.version().to_owned();
    let client = args.registry.client()?;
    let mut of = args.registry.open(&client, &image, "pull,push,delete")?;
    let digest = of.run(|session| {
        let version = version.clone();
        async move { Ok(session.raw_manifest(&version).await?.digest) }
    })?;
    let tags = of.run(|session| async move { session.all_tags().await })?;
    let others: Vec<String> = of
        .run_all(tags, 8, |session, tag| async move { Ok((session.manifest_digest(&tag).await?, tag)) })?
        .into_iter()
        .filter(|(of_tag, tag)| of_tag.as_ref() == Some(&digest) && (*tag != version || is_sha256(&version)))
        .map(|(_, tag)| tag)
        .collect();
    if !others.is_empty() && !args.all_tags {
        bail!(
            "nothing was deleted: {digest} has the tags {} too, which would go with it; --all-tags deletes them all",
            listed(&others)
        );
    }
    let question = format!("delete {} ({digest})?", args.image);
    if !args.yes && confirm(&question, ("nothing was deleted", "deletes"), term)? != Some(true) {
        return Ok(Exit::Usage);
    }
    let deleted = of.run(|session| {
        let digest = digest.clone();
        async move { session.delete_manifest(&digest).await }
    });
    match deleted {
        Ok(()) => writeln!(term.err(), "deleted {} ({digest})", args.image)?,
        Err(error @ TransferError::Refused { status: 405, .. }) => {
            writeln!(term.err(), "error: {error}")?;
            writeln!(
                term.err(),
                "help: this registry deletes nothing: it needs REGISTRY_STORAGE_DELETE_ENABLED=true in its environment, or it is \
                 read-only, or a cache of another one"
            )?;
            return Ok(Exit::Refused);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Exit::Fine)
}
