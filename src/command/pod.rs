//! `milepost pod` (being built)

use super::{Exit, Terminal};

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: Args, _term: &mut Terminal) -> anyhow::Result<Exit> {
    anyhow::bail!("not built yet")
}
