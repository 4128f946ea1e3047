//! `milepost creds secret`

use std::path::PathBuf;

use crate::credential::usage::out_of_reach;
use crate::definition::Containerizer;
use crate::definition::secret_path as path_of_secret;
use crate::source::{Document, Kind};
use crate::util::escape::shown_path;

use super::super::output::named_file;
#[cfg(feature = "net")]
use super::common::Registries;
use super::common::{ConfigArg, WantedRegistries, hand_out, tell_of};
use super::{Exit, Terminal};

const EXAMPLES: &str = "\
The value is a config.json with the requested credentials and no others. Its path decides who may read \
it: shop/pullConfig is for the service /shop and those below it, pullConfig for all. A warning names the \
definitions of --for that may not.

Examples:
  Into a file (0600), and from there into the secret store:
    milepost creds secret shop/pullConfig --for web.json -o config.json
    dcos security secrets create --file=config.json shop/pullConfig

{store}  Then name it in the definitions:
    milepost wire web.json --secret shop/pullConfig --convert --write

Exit codes: 0 done; 1 done, but with problems, which are reported; 2 wrong usage, an unreadable file, or \
no credentials for a registry; 3 the secret store rejected it; 5 no answer in time.";

const STORE: &str = "  Directly into the store of DC/OS Enterprise, new or existing:
    milepost creds secret shop/pullConfig --for web.json --create --update

";

/// The examples that this build can run.
fn examples() -> String {
    EXAMPLES.replace("{store}", if cfg!(feature = "net") { STORE } else { "" })
}

/// Make the secret that UCR and pods pull with.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples())]
#[command(override_usage = "milepost creds secret [OPTIONS] <--registry <HOST>|--for <FILE>> <PATH>")]
#[command(group = clap::ArgGroup::new("registries").required(true).multiple(true).args(["registry", "definitions"]))]
pub(super) struct Args {
    /// Its path in the secret store, such as shop/pullConfig
    #[arg(value_name = "PATH", value_parser = secret_path)]
    path: String,

    #[command(flatten)]
    wanted: WantedRegistries,

    #[command(flatten)]
    config: ConfigArg,

    /// Write the value to this file; `-` is standard output, and so is a file that it is redirected to
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[cfg(feature = "net")]
    #[command(flatten)]
    store: super::store::StoreArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let path = args.path.as_str();
    let registries = args.wanted.registries(term)?;
    let (file, config) = args.config.read()?;
    let logins = registries.select(&file, &config, term)?;
    args.wanted.tell_of_parts(term)?;
    let (text, mut exit) = tell_of(&logins, Containerizer::Mesos, term)?;
    for (input, kind) in args.wanted.documents()? {
        exit = exit.max(tell_reach(&input.name, &input.document, kind, path, term)?);
    }
    #[cfg(feature = "net")]
    if let Some(storing) = args.store.storing() {
        if let Some(output) = named_file(args.output.as_deref()) {
            hand_out(Some(output), text.as_bytes(), term)?;
        }
        return Ok(exit.max(args.store.store(path, &text, storing, term)?));
    }
    hand_out(args.output.as_deref(), text.as_bytes(), term)?;
    if let Some(output) = named_file(args.output.as_deref()) {
        writeln!(term.err(), "wrote {}; store it, then delete the file:", shown_path(&output))?;
        writeln!(term.err(), "  dcos security secrets create --file={} {path}", shown_path(&output))?;
    }
    Ok(exit)
}

/// Warns about services that may not read the secret.
fn tell_reach(
    name: &str,
    document: &Document,
    kind: Kind,
    path: &str,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    let mut exit = Exit::Fine;
    for who in out_of_reach(document, kind, path) {
        writeln!(
            term.err(),
            "warning[unreachable-secret]: {name}: {who} may not read {path}, which is for the services in its space"
        )?;
        exit = Exit::Findings;
    }
    Ok(exit)
}

/// Makes the secret for some definitions, and stores it.
#[cfg(feature = "net")]
pub(super) fn store_for(
    documents: &[(&str, &Document)],
    path: &str,
    config: &ConfigArg,
    store: &super::store::StoreArgs,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    let Some(storing) = store.storing() else { return Ok(Exit::Fine) };
    let path = secret_path(path).map_err(anyhow::Error::msg)?;
    let path = path.as_str();
    let with_kind = || {
        documents.iter().filter_map(|(name, document)| {
            Kind::detect(&document.root()).map(|kind| (*name, *document, kind))
        })
    };
    let (file, config) = config.read()?;
    let logins = Registries::of(with_kind()).select(&file, &config, term)?;
    let (text, mut exit) = tell_of(&logins, Containerizer::Mesos, term)?;
    for (name, document, kind) in with_kind() {
        exit = exit.max(tell_reach(name, document, kind, path, term)?);
    }
    Ok(exit.max(store.store(path, &text, storing, term)?))
}

/// The path as the store has it: without a leading slash.
pub(in crate::command) fn secret_path(path: &str) -> Result<String, String> {
    let whole = path;
    let path = path.strip_prefix('/').unwrap_or(path);
    let is_fine = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    if let Some(why) = path_of_secret::fault(whole).filter(|_| !path.is_empty()) {
        return Err(format!("{whole:?} {why}"));
    }
    if path.is_empty() || !path.chars().all(is_fine) {
        return Err(format!(
            "{path:?} is not a path for a secret: names of letters, digits, `-`, `_` and `.` with slashes between"
        ));
    }
    Ok(path.to_owned())
}
