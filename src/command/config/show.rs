//! `milepost config show`

use serde_json::{Value as Json, json};

use super::super::connection::Connection;
use super::super::{Exit, Terminal};
use crate::dcos::{Place, TracedSetting};

const ORDER: &str = "\
The order, for every command that talks to a server:
  1. options: --url, --service, --token-file, --service-account, --user, --ca-file
  2. the environment of -e in milepost.toml: [environment.NAME] with url, service, token-file,
     service-account, user and password-file, ca-file
  3. MARATHON_URL, which may hold a user and a password
  4. DCOS_MARATHON_URL, or DCOS_URL with /service/marathon; for them alone: DCOS_ACS_TOKEN,
     DCOS_SERVICE_ACCOUNT_CREDENTIAL, DCOS_USERNAME with DCOS_PASSWORD, DCOS_TLS_INSECURE,
     DCOS_TLS_CA_PATH, DCOS_SSL_VERIFY
  5. the cluster that the DC/OS CLI is attached to, in DCOS_DIR or ~/.dcos: the one that DCOS_CLUSTER
     names, the only one, or the one with the file `attached`; its file must have the permissions 0600
A token is sent to the scheme, host and port that it is for, and to no other: one of `milepost login` or
of the attached cluster also where the address comes from an option.

Exit codes: 0 done; 2 no address, or a file that cannot be used.";

/// Show which Marathon commands ask, and as whom.
///
/// Nothing is sent. Secrets are shown as ***.
#[derive(Debug, clap::Args)]
#[command(after_long_help = ORDER)]
pub(super) struct Args {
    /// Show where each setting comes from, and what does not count
    #[arg(long)]
    origin: bool,

    /// Print one JSON document
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let Place { settings, passed_over, .. } = args.connection.find()?;
    if args.json {
        let list = |settings: &[TracedSetting]| settings.iter().map(as_json).collect::<Vec<_>>();
        let both = json!({ "settings": list(&settings), "notUsed": list(&passed_over) });
        term.out_masked(&format!("{both:#}"))?;
        return Ok(Exit::Fine);
    }
    for setting in &settings {
        let origin = if args.origin { format!("  # {}", setting.origin) } else { String::new() };
        writeln!(term.report(), "{}{origin}", assignment(setting))?;
    }
    for setting in passed_over.iter().filter(|_| args.origin) {
        writeln!(term.report(), "# {}  # not used: {}", assignment(setting), setting.origin)?;
    }
    Ok(Exit::Fine)
}

/// The setting as `milepost.toml` has it.
fn assignment(setting: &TracedSetting) -> String {
    format!("{} = {}", setting.name, Json::from(setting.value.as_str()))
}

fn as_json(setting: &TracedSetting) -> Json {
    json!({ "name": setting.name, "value": setting.value, "origin": setting.origin })
}
