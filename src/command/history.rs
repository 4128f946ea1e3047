//! `milepost history`

use std::io::Write as _;

use super::deploy::{Server, ServerArgs};
use super::{Exit, Terminal, ids};
use crate::deploy::stored;
use crate::diff::{Mask, between};
use crate::normalize::Normalized;
use crate::report::changes;
use crate::source::Kind;
use crate::state::ServerState;

/// Show the versions of an app or pod, newest first, and what each has changed.
///
/// A version in this list was not necessarily deployed: Marathon also keeps the definition of a request that it refused
/// because of a lock. The version that is stored now is marked. After a roll back by Marathon itself it may be older than
/// others.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost history /shop/web --url http://marathon.example:8080
  milepost history /shop/web --max 3

Exit codes: 0 shown; 2 wrong usage, no such service, or no connection; 3 refused; 5 no answer in time.")]
pub(super) struct Args {
    /// The app or pod
    #[arg(value_name = "ID", value_parser = ids::service)]
    id: String,

    /// Show this many versions at most
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    max: u16,

    /// Show what looks like a secret, too
    #[arg(long)]
    show_secrets: bool,

    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let server = args.server.open(term)?;
    let (kind, running) = server.service(&args.id)?;
    let id = running.id();
    let mut versions = server.client.versions(&server.endpoint, id, kind)?.unwrap_or_default();
    versions.reverse();
    let mask = if args.show_secrets { Mask::Nothing } else { Mask::Secrets };
    let shown = usize::from(args.max);
    let mut newer: Option<(String, Option<Normalized>)> = None;
    let mut out = Vec::new();
    // The oldest one that is shown is compared with the one before.
    for version in versions.iter().take(shown + 1) {
        let definition = definition(&server, id, kind, version)?;
        if let Some((newer, newer_definition)) = newer.take() {
            entry(
                &mut out,
                &newer,
                &running.version,
                (definition.as_ref(), newer_definition.as_ref()),
                mask,
            )?;
        }
        newer = Some((version.clone(), definition));
    }
    if let (Some((version, definition)), true) = (newer, versions.len() <= shown) {
        entry(&mut out, &version, &running.version, (None, definition.as_ref()), mask)?;
    }
    term.out_styled(&out)?;
    if versions.len() > shown {
        let more = versions.len() - shown;
        writeln!(term.err(), "note: {more} older versions are not shown (--max)")?;
    }
    Ok(Exit::Fine)
}

fn definition(server: &Server, id: &str, kind: Kind, version: &str) -> anyhow::Result<Option<Normalized>> {
    let found = server.client.version(&server.endpoint, id, kind, version)?;
    Ok(found.map(|found| stored(&found, kind, &server.settings)))
}

/// A version and what it has changed.
fn entry(
    out: &mut Vec<u8>,
    version: &str,
    current: &str,
    (older, newer): (Option<&Normalized>, Option<&Normalized>),
    mask: Mask,
) -> anyhow::Result<()> {
    let label = if version == current { "  (stored now)" } else { "" };
    writeln!(out, "\x1b[1m{version}\x1b[0m{label}")?;
    match (older, newer) {
        (_, None) => writeln!(out, "  its definition is not kept any more")?,
        (None, Some(_)) => writeln!(out, "  the oldest version that is known")?,
        (Some(older), Some(newer)) => {
            let found = between(&ServerState::of([older]), &ServerState::of([newer]));
            if found.is_empty() {
                writeln!(out, "  the same definition: a restart, or a roll back")?;
            } else {
                changes::text(out, &found, mask)?;
            }
        }
    }
    writeln!(out)?;
    Ok(())
}
