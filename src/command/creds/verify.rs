//! `milepost creds verify`

use std::path::PathBuf;

use crate::credential::check::View;
use crate::credential::clock;
use crate::credential::inspect::inspect;
use crate::credential::unpack::listing;
use crate::definition::Containerizer;
use crate::source;

use super::common::{CredsFailOn, WantedRegistries, tell_failing};
use super::{Exit, Terminal};

const EXAMPLES: &str = "\
Standard output has the lines that `tar --utc -tvf FILE` prints, standard error has the problems. \
Nothing is unpacked, and reading stops at 16 MiB or 1,000 entries.

Examples:
    milepost creds verify docker.tar.gz
    milepost creds verify docker.tar.gz --for web.json

  In CI, also for risks, such as tokens that expire:
    milepost creds verify docker.tar.gz --fail-on warning

Exit codes: 0 no error found; 1 errors found, or what --fail-on names; 2 wrong usage or an unreadable file.";

/// Check an archive of credentials, and list it like tar.
///
/// It has to unpack to .docker/config.json in the sandbox, with modes that let Docker read it, and to hold credentials that
/// work on an agent: no helpers, base64 that decodes to user:password, no expired token.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Args {
    /// The archive: .tar.gz, .tar.bz2, .tar.xz, .tar or .zip
    #[arg(value_name = "FILE")]
    archive: PathBuf,

    #[command(flatten)]
    wanted: WantedRegistries,

    /// The mildest findings that make the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value = "error")]
    fail_on: CredsFailOn,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let registries = args.wanted.registries()?;
    let asked = (!args.wanted.is_empty()).then(|| registries.asked());
    let bytes = source::read_bytes(&args.archive)?;
    let inspected = inspect(
        &bytes,
        View { containerizer: Containerizer::Docker, asked: asked.as_ref(), now: clock::now() },
    );
    for line in listing(&inspected.members) {
        writeln!(term.report(), "{line}")?;
    }
    term.out().flush()?;
    let exit = tell_failing(&inspected.found, args.fail_on, term)?;
    if exit == Exit::Fine && !inspected.logins.is_empty() {
        let hosts: Vec<String> = inspected
            .logins
            .iter()
            .map(|(host, login)| {
                format!("{host} (user {}, {})", login.user().replace(char::is_control, "?"), login.kind())
            })
            .collect();
        writeln!(term.err(), "fine: {}", hosts.join(", "))?;
    }
    Ok(exit)
}
