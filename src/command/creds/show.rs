//! `milepost creds show`

use clap::ValueEnum;
use serde_json::json;

use crate::credential::clock;
use crate::credential::config::{AuthEntry, Config};
use crate::credential::expiry::{Lifetime, lifetime};
use crate::util::escape::{quoted, shown_path};
use crate::util::text::column;

use super::common::ConfigArg;
use super::{Exit, Terminal};

const EXAMPLES: &str = "\
Examples:
    milepost creds show
    milepost creds show --config config.json --format json

Exit codes: 0 shown; 2 wrong usage or an unreadable file.";

/// List the credentials of a Docker config file, without showing them.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArg,

    /// The format of the list
    #[arg(long, value_enum, default_value = "text")]
    format: ShowFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ShowFormat {
    /// For people: columns
    Text,
    /// For programs: an array
    Json,
}

/// One line: registry, user, kind, end.
struct CredentialRow {
    registry: String,
    user: String,
    kind: String,
    ends: String,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (path, config) = args.config.read()?;
    let rows = rows(&config);
    if rows.is_empty() {
        writeln!(term.err(), "{} has no credentials", shown_path(&path))?;
    }
    match args.format {
        ShowFormat::Json => {
            let rows: Vec<_> = rows
                .iter()
                .map(|row| {
                    let or_null = |text: &str| (!text.is_empty()).then(|| text.to_owned());
                    json!({
                        "registry": row.registry, "user": or_null(&row.user), "kind": row.kind, "ends": or_null(&row.ends),
                    })
                })
                .collect();
            term.out_value(&rows)?;
        }
        ShowFormat::Text if rows.is_empty() => {}
        ShowFormat::Text => columns(&rows, term)?,
    }
    Ok(Exit::Fine)
}

fn rows(config: &Config) -> Vec<CredentialRow> {
    let mut rows: Vec<CredentialRow> = config.entries.iter().filter_map(|entry| row(entry, config)).collect();
    for (key, program) in &config.helpers {
        rows.push(kept(key, program));
    }
    if let Some(program) = &config.store {
        rows.push(kept("(all others)", program));
    }
    for row in &mut rows {
        for text in [&mut row.registry, &mut row.user, &mut row.kind] {
            *text = text.replace(char::is_control, "?");
        }
    }
    rows
}

fn kept(key: &str, program: &str) -> CredentialRow {
    let registry = key.parse::<crate::image::Host>().map_or_else(|_| key.to_owned(), |host| host.to_string());
    CredentialRow { registry, user: String::new(), kind: format!("helper {program}"), ends: String::new() }
}

fn row(entry: &AuthEntry, config: &Config) -> Option<CredentialRow> {
    let registry = match &entry.host {
        Ok(host) => host.to_string(),
        Err(_) => crate::credential::check::shown(&entry.key),
    };
    let helper = entry.host.as_ref().ok().and_then(|host| config.helper(host));
    Some(match &entry.login {
        Ok(login) => {
            let ends = match entry.host.as_ref().map(|host| lifetime(host, login)) {
                Ok(Lifetime::Until(end)) => format!("{} UTC", clock::minute(end)),
                Ok(Lifetime::Short(_, long)) => format!("after {long}"),
                _ => String::new(),
            };
            CredentialRow { registry, user: login.user().to_owned(), kind: login.kind().to_owned(), ends }
        }
        // Entries of `credHelpers` follow, under their own keys.
        Err(_) if helper.is_some() && helper != config.store.as_deref() => return None,
        Err(_) if helper.is_some() => kept(&entry.key, helper.unwrap_or_default()),
        Err(fault) => CredentialRow {
            registry,
            user: String::new(),
            kind: format!("unusable: {fault}"),
            ends: String::new(),
        },
    })
}

fn columns(rows: &[CredentialRow], term: &mut Terminal) -> anyhow::Result<()> {
    let head = CredentialRow {
        registry: "REGISTRY".into(),
        user: "USER".into(),
        kind: "KIND".into(),
        ends: "ENDS".into(),
    };
    let width = |cell: fn(&CredentialRow) -> &str| column(rows.iter().chain([&head]).map(cell));
    let (registry, user, kind) = (width(|row| &row.registry), width(|row| &row.user), width(|row| &row.kind));
    for row in [&head].into_iter().chain(rows) {
        let line = format!(
            "{:registry$}  {:user$}  {:kind$}  {}",
            row.registry,
            quoted(&row.user),
            row.kind,
            row.ends
        );
        writeln!(term.report(), "{}", line.trim_end())?;
    }
    Ok(())
}
