//! `milepost creds login`

use std::path::Path;

use anyhow::Context as _;
use secrecy::zeroize::Zeroizing;

use crate::credential::Login;
use crate::credential::config::Logins;
use crate::credential::merge::{self, merge};
use crate::source;
use crate::util::escape::shown_path;

use super::common::{ConfigArg, parse, registry};
use super::password::PasswordInput;
use super::{Exit, Terminal};

#[cfg(feature = "net")]
const ASKED: &str = "\
The registry is asked first whether they are right; without a yes nothing is written.";

#[cfg(not(feature = "net"))]
const ASKED: &str = "\
The registry is not asked whether they are right.";

const EXAMPLES: &str = "\
Everything else in the file stays as it is; entries for the same registry under another key \
(https://HOST/v1/, docker.io, …) are replaced by the key that Docker looks up. Only its owner can read the file (0600), whatever its mode was before; \
owner, group and access control lists stay.

Examples:
    milepost creds login registry.example.com:5000 -u foo --password-stdin < password.txt
    milepost creds login docker.io -u foo --password-file token.txt --config config.json

At a terminal the password is asked for, and not shown, unless one of the options gives it.

Exit codes: 0 done, or nothing to do; 2 wrong usage, a registry that cannot be reached, or a file that \
cannot be read or written; 3 the registry rejected them; 5 no answer in time.";

/// Write a user and password into a Docker config file, as `docker login` does, but never into a keychain.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{ASKED} {EXAMPLES}"))]
pub(super) struct Args {
    /// The registry: its host, with the port if images have one; docker.io for Docker Hub
    #[arg(value_name = "HOST")]
    host: String,

    /// The user
    #[arg(short, long, value_name = "USER")]
    username: String,

    #[command(flatten)]
    password: PasswordInput,

    #[command(flatten)]
    config: ConfigArg,

    #[cfg(feature = "net")]
    #[command(flatten)]
    check: super::probe::CheckArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let host = registry(&args.host)?;
    let path = args.config.path()?;
    let user = args.username.replace(char::is_control, "?");
    let password = args.password.read(&format!("Password of {user} at {host}: "), term)?;
    let login = Login::new(&args.username, password)
        .with_context(|| format!("these credentials for {host} cannot be used"))?;
    #[cfg(feature = "net")]
    let asked = match args.check.probe(&host, &login, term)? {
        Ok(asked) => asked,
        Err(exit) => return Ok(exit),
    };
    #[cfg(not(feature = "net"))]
    let asked = "the registry was not asked";
    let mut logins = Logins::default();
    logins.insert(host.clone(), login);
    let done = put(&path, &logins, term)?;
    let what = if done { "wrote" } else { "unchanged" };
    writeln!(term.err(), "{what} {}: {} at {host}; {asked}", shown_path(&path), args.username)?;
    Ok(Exit::Fine)
}

/// Puts credentials into a config file, new or existing. Returns whether the file changed.
pub(super) fn put(path: &Path, logins: &Logins, term: &mut Terminal) -> anyhow::Result<bool> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        source::make_private_directory(directory)
            .with_context(|| format!("cannot make the directory {}", shown_path(&directory)))?;
    }
    // Another login at the same time must not be lost.
    source::alone(path, || put_alone(path, logins, term))?
}

fn put_alone(path: &Path, logins: &Logins, term: &mut Terminal) -> anyhow::Result<bool> {
    let before = if is_kept(path) { Some(Zeroizing::new(source::read(path)?)) } else { None };
    let name = shown_path(&path);
    let (document, config) = parse(&name, before.as_ref().map_or(merge::NEW, |text| text.as_str()))?;
    for (host, _) in logins.iter() {
        if let Some(program) = config.helper(host) {
            let program = program.replace(char::is_control, "?");
            writeln!(
                term.err(),
                "warning: {name} leaves {host} to docker-credential-{program}: Docker on this machine asks that \
                 program and ignores the file"
            )?;
        }
    }
    let after = merge(document, logins).with_context(|| format!("cannot put credentials into {name}"))?;
    if before.as_ref().is_some_and(|before| before.as_str() == after.text()) && is_private(path) {
        return Ok(false);
    }
    source::write_privately(path, after.text().as_bytes())?;
    Ok(true)
}

/// Whether there is a file whose content stays: what is written to a pipe or a device is not read from there.
fn is_kept(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() || found.is_dir()) && !source::is_descriptor(path)
}

/// Whether only its owner can read the file.
fn is_private(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o777 == 0o600)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        true
    }
}
