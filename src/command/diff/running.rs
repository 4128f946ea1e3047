//! `milepost diff --url`: compares with what runs.

use super::super::target::WithoutAnswer;
use super::super::{Exit, Terminal};
use super::pairs::Comparison;
use super::side::{Rejections, Side, Texts};
use super::{Args, show};
use crate::marathon::StateReader;
use crate::source::Kind;
use crate::state::ServerState;

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (endpoint, client) = args.connection.open()?;
    let mut settings = args.target.settings_at(&args.paths, &client, &endpoint, WithoutAnswer::Fail, term)?;
    let paths: Vec<&String> = args.paths.iter().collect();
    let texts = Texts::read(&paths, args.kind, &args.walk, term)?;
    let wanted = texts.unchecked(&settings)?;
    let wanted = ServerState::of(&wanted);
    let reader = StateReader { client: &client, endpoint: &endpoint, settings: &settings };
    let running = reader.read(&wanted)?;
    settings.roles = reader.roles(&wanted, &running)?;
    let old = ServerState::of(&running).exhaustive();
    let held = |id: &str| {
        old.get(id).filter(|service| service.kind == Kind::App).map(|service| service.value.clone())
    };
    let mut new = Side::of(texts, &settings, Rejections::Fail, &held, term)?;
    if !new.failed.is_empty() {
        return Ok(Exit::Usage);
    }
    new.is_list = false;
    let mut found = Comparison::of([&old, &new.held().as_updates()], None, &new);
    // The server was asked for more than the files name; that is no difference.
    found.changes.only_old.clear();
    let server = endpoint.to_string();
    let exit = show(args, &found.changes, [&server, &new.name], term)?;
    new.warn_of_failures(None, &settings, term)?;
    let is_partial = new.list_not_compared(term)? | found.list_unpaired([&server, &new.name], term)?;
    Ok(if is_partial { Exit::Usage } else { exit })
}
