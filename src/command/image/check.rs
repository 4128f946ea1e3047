//! `milepost image check`

use serde_json::{Value as Json, json};

use super::super::format::DataFormat;
use super::bar::with_bar;
use super::{Exit, RegistryArgs, SpeedArgs, Terminal, operand};
use crate::transfer::{check_blobs, image_tree};
use crate::util::text::count;

/// Check that a registry has every part of an image, and whole: each blob is read and compared with its digest.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost image check registry.example.com:5000/shop/web:1
  milepost image check registry.example.com:5000/shop/web:1 --quick

Exit codes: 0 whole, or with --quick all there; 1 a part is missing or damaged; 2 wrong usage, or no connection; 3 the registry refuses, or has no such \
image; 5 no answer in time; 8 the registry fails.")]
pub(super) struct Args {
    /// The image: HOST[:PORT]/REPOSITORY[:TAG|@DIGEST]
    #[arg(value_name = "IMAGE")]
    image: String,

    /// Ask only whether each part is there, and for its size; do not compare it with its digest
    #[arg(long)]
    quick: bool,

    /// How the answer is written
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: DataFormat,

    #[command(flatten)]
    speed: SpeedArgs,

    #[command(flatten)]
    registry: RegistryArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let image = operand(&args.image)?;
    let client = args.registry.client()?;
    let mut of = args.registry.open(&client, &image, "pull")?;
    let tree = image_tree(&mut of, image.version(), None)?;
    let faults = with_bar("reading", term, |progress| {
        check_blobs(&mut of, &tree, !args.quick, args.speed.at_once(), progress)
    })?;
    let digest = tree.root().map(|root| root.digest).unwrap_or_default();
    if args.format == DataFormat::Json {
        let each =
            faults.iter().map(|fault| json!({ "digest": fault.blob.digest, "problem": fault.problem }));
        term.out_value(&json!({
            "version": 1, "image": args.image, "digest": digest, "whole": faults.is_empty(),
            "manifests": tree.manifests.len(), "blobs": tree.blobs.len(), "faults": each.collect::<Json>(),
        }))?;
        return Ok(if faults.is_empty() { Exit::Fine } else { Exit::Findings });
    }
    let mut report = term.report();
    for fault in &faults {
        writeln!(report, "{}: {}", fault.blob.digest, fault.problem)?;
    }
    let parts =
        format!("{} and {}", count(tree.manifests.len(), "manifest"), count(tree.blobs.len(), "blob"));
    if faults.is_empty() {
        let found = if args.quick {
            format!(
                "has all its parts: {parts}; --quick did not read the blobs, so whether they are what their digests say is \
                 not known"
            )
        } else {
            format!("is whole: {parts}")
        };
        writeln!(term.err(), "{} ({digest}) {found}", args.image)?;
        return Ok(Exit::Fine);
    }
    writeln!(
        term.err(),
        "error: {} ({digest}) is not whole: {} of {parts}",
        args.image,
        count(faults.len(), "fault")
    )?;
    writeln!(
        term.err(),
        "help: push the image again; a registry that says it has a damaged blob needs its storage repaired first"
    )?;
    Ok(Exit::Findings)
}
