//! `milepost creds verify`

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::credential::check::View;
use crate::credential::clock;
use crate::credential::inspect::{Inspected, inspect};
use crate::credential::unpack::listing;
use crate::definition::Containerizer;
use crate::source;

use super::super::format::DataFormat;
use super::common::{CredsFailOn, JsonCredentials, WantedRegistries, tell_failing};
use super::{Exit, Terminal};

const EXAMPLES: &str = "\
Standard output has the lines that `tar --utc -tvf FILE` prints, standard error has the problems. \
Nothing is unpacked, and reading stops at 16 MiB or 1,000 entries. \
With --format json all of it is one document on standard output.

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

    /// How it is written
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: DataFormat,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let registries = args.wanted.registries(term)?;
    let asked = (!args.wanted.is_empty()).then(|| registries.asked());
    let bytes = source::read_bytes(&args.archive)?;
    let inspected = inspect(
        &bytes,
        View { containerizer: Containerizer::Docker, asked: asked.as_ref(), now: clock::now() },
    );
    if args.format == DataFormat::Json {
        term.out_value(&as_json(&args.archive, &inspected))?;
        let fails = inspected.found.iter().any(|found| args.fail_on.includes(found.severity));
        return Ok(if fails { Exit::Findings } else { Exit::Fine });
    }
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

/// What is known of an archive.
fn as_json(archive: &Path, inspected: &Inspected) -> Json {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let members = inspected.members.iter().map(|member| {
        json!({
            "path": text(&member.path), "mode": format!("{:04o}", member.mode & 0o7777), "size": member.size,
            "user": member.user, "group": member.group, "modified": clock::minute(member.mtime), "link": member.link.as_deref().map(text),
        })
    });
    let findings: Vec<JsonCredentials<'_>> = inspected.found.iter().map(JsonCredentials::of).collect();
    let logins = inspected.logins.iter();
    let logins = logins.map(
        |(host, login)| json!({ "registry": host.to_string(), "user": login.user(), "kind": login.kind() }),
    );
    json!({
        "version": 1, "path": archive.to_string_lossy(), "members": members.collect::<Json>(), "findings": findings,
        "credentials": logins.collect::<Json>(),
    })
}
