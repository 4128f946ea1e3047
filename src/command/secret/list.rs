//! `milepost secret list`

use super::super::connection::DcosConnection;
use super::super::{Exit, Terminal};
use super::{refused, secret_path};
use crate::dcos::SecretList;

/// List the paths of secrets, without their values.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit codes: 0 done, also where there are none; 2 wrong usage, no connection, or a store that fails; 3 the store refused \
                             it; 5 no answer in time."
)]
pub(super) struct Args {
    /// Only those below this path, such as shop
    #[arg(value_name = "PATH")]
    path: Option<String>,

    /// Print one JSON array
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: DcosConnection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let given = args.path.as_deref().unwrap_or_default().trim_matches('/');
    let path =
        if given.is_empty() { String::new() } else { secret_path(given).map_err(anyhow::Error::msg)? };
    let (endpoint, client) = args.connection.open()?;
    let mut names = match client.secrets(&endpoint, &path)? {
        SecretList::Names(names) => names,
        SecretList::Missing => Vec::new(),
        SecretList::Refused(status) => {
            writeln!(term.err(), "error: {endpoint} does not list its secrets: it answers {status}")?;
            return refused(status, "list", &endpoint, term);
        }
    };
    names.sort();
    // The store leaves out the path that it was asked for.
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    let names: Vec<String> = names.into_iter().map(|name| format!("{prefix}{name}")).collect();
    if args.json {
        term.out_masked(&format!("{:#}", serde_json::Value::from(names)))?;
        return Ok(Exit::Fine);
    }
    for name in &names {
        writeln!(term.report(), "{name}")?;
    }
    if names.is_empty() {
        writeln!(
            term.err(),
            "there are no secrets{} at {endpoint}",
            if path.is_empty() { String::new() } else { format!(" below {path}") }
        )?;
    }
    Ok(Exit::Fine)
}
