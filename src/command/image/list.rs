//! `milepost image list` and `milepost image tags`

use super::super::creds::registry;
use super::{Exit, ListFormat, RegistryArgs, Terminal, operand};
use crate::transfer::RepositoryAccess;

/// List the repositories of a registry, a line each.
///
/// Docker Hub and most registries of clouds do not list them.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost image list registry.example.com:5000
  milepost image list registry.example.com:5000 --format json")]
pub(super) struct ImageListArgs {
    /// The registry: HOST[:PORT]
    #[arg(value_name = "HOST")]
    host: String,

    /// How to write them
    #[arg(long, value_enum, default_value = "text")]
    format: ListFormat,

    #[command(flatten)]
    registry: RegistryArgs,
}

/// List the tags of a repository, a line each.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost image tags registry.example.com:5000/shop/web")]
pub(super) struct TagsArgs {
    /// The repository: HOST[:PORT]/REPOSITORY
    #[arg(value_name = "REPOSITORY")]
    repository: String,

    /// How to write them
    #[arg(long, value_enum, default_value = "text")]
    format: ListFormat,

    #[command(flatten)]
    registry: RegistryArgs,
}

pub(super) fn repositories(args: &ImageListArgs, term: &mut Terminal) -> anyhow::Result<Exit> {
    let host = registry(&args.host)?;
    let client = args.registry.client()?;
    let login = args.registry.login(&host)?;
    let mut all = RepositoryAccess::open(&client, host.address(), "", "*", login)?;
    let names = all.run(|session| async move { session.repositories().await })?;
    write(&names, args.format, term)
}

pub(super) fn tags(args: &TagsArgs, term: &mut Terminal) -> anyhow::Result<Exit> {
    let image = operand(&args.repository)?;
    let client = args.registry.client()?;
    let mut of = args.registry.open(&client, &image, "pull")?;
    let names = of.run(|session| async move { session.all_tags().await })?;
    write(&names, args.format, term)
}

fn write(names: &[String], format: ListFormat, term: &mut Terminal) -> anyhow::Result<Exit> {
    match format {
        ListFormat::Json => term.out_json(&serde_json::to_string(names)?)?,
        ListFormat::Text => {
            let mut report = term.report();
            for name in names {
                writeln!(report, "{name}")?;
            }
        }
    }
    Ok(Exit::Fine)
}
