//! `milepost diff --url`: compares with what runs.

use super::super::target::WithoutAnswer;
use super::super::{Exit, Terminal};
use super::side::{Rejections, Side};
use super::{Args, show};
use crate::diff::between;
use crate::marathon::{StateReader, as_updates};
use crate::state::ServerState;

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (endpoint, client) = args.connection.open()?;
    let settings = args.target.settings_at(&args.paths, &client, &endpoint, WithoutAnswer::Fail, term)?;
    let paths: Vec<&String> = args.paths.iter().collect();
    let new = Side::read(&paths, args.kind, &settings, (&args.walk, Rejections::Fail), term)?;
    if !new.failed.is_empty() {
        return Ok(Exit::Usage);
    }
    let mut new = Side { is_list: false, ..new };
    let reader = StateReader { client: &client, endpoint: &endpoint, settings: &settings };
    let running = reader.read(&new.held()?)?;
    let old = ServerState::of(&running).exhaustive();
    for (index, array) in &new.arrays {
        as_updates(&mut new.definitions[*index], array, &old, &settings);
    }
    let wanted = new.held()?;
    let mut found = between(&old, &wanted);
    // The server was asked for more than the files name; that is no difference.
    found.only_old.clear();
    show(args, &found, [&endpoint.to_string(), &new.name], term)
}
