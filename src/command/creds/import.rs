//! `milepost creds import`

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use secrecy::zeroize::Zeroizing;

use crate::credential::config::{Config, Form, Logins};
use crate::credential::import::{Imported, flatten, flatten_podman, manifest};
use crate::credential::unpack::is_archive;
use crate::credential::{clock, given};
use crate::source::{self, FileError, Format};
use crate::util::escape::shown_path;
use crate::util::text::listed;

use super::super::input::read_stdin_bytes;
use super::super::output::named_file;
use super::common::{WantedRegistries, docker_config, hand_out, parse};
use super::login::put;
use super::{Exit, Terminal};

const EXAMPLES: &str = "\
Default files: docker reads $DOCKER_CONFIG/config.json or ~/.docker/config.json; podman reads the first \
that exists of $REGISTRY_AUTH_FILE, $XDG_RUNTIME_DIR/containers/auth.json and \
~/.config/containers/auth.json. Credentials kept by a helper (credsStore, credHelpers) are read from the \
program docker-credential-NAME, which has to be in a directory of PATH. kubernetes reads a Secret of \
type kubernetes.io/dockerconfigjson, a List of them, or several documents, YAML or JSON.

Podman's keys may name a part of a registry, such as quay.io/team. Agents look credentials up by the \
registry alone, so one entry is taken for each: the one of the longest key that the images of --for begin with.

With -o FILE credentials are put into that file, and everything else in it stays.

Examples:
    milepost creds import -o config.json
    milepost creds import docker.tar.gz -o config.json
    milepost creds import --from podman --registry quay.io -o config.json
    kubectl get secret regcred -o yaml | milepost creds import --from kubernetes - -o config.json

Exit codes: 0 done; 1 some entries have no usable credentials, and are reported; 2 wrong usage, a file \
that cannot be read or written, a helper that fails, nothing to import, or none for a registry of --registry.";

/// Import credentials from Docker, Podman, helpers and Kubernetes into one flat config file.
///
/// Agents have no keychain and no helper: the file that they read has to hold the credentials.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Args {
    /// The files; `-` is standard input
    #[arg(value_name = "FILE")]
    files: Vec<String>,

    /// The format of the files
    #[arg(long, value_enum, default_value = "docker")]
    from: ImportOrigin,

    #[command(flatten)]
    wanted: WantedRegistries,

    /// Give up on a helper that has not answered after this many seconds; some ask to unlock a keychain
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    helper_timeout: u64,

    /// Put them into this config file, new or existing; `-` is standard output, and so is a file that it is redirected to
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ImportOrigin {
    /// Docker's config.json, a .dockercfg, or an archive of one, as agents unpack it
    Docker,
    /// The auth.json of Podman, Buildah and Skopeo
    Podman,
    /// A manifest of a Kubernetes Secret
    Kubernetes,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let registries = args.wanted.registries(term)?;
    let wanted = |host: &crate::image::Host| args.wanted.is_empty() || registries.has(host);
    let images = if args.from == ImportOrigin::Podman { args.wanted.image_names()? } else { Vec::new() };
    let patience = Duration::from_secs(args.helper_timeout);
    let (mut logins, mut exit) = (Logins::default(), Exit::Fine);
    let files = if args.files.is_empty() { vec![default_file(args.from)?] } else { args.files.clone() };
    for name in &files {
        for config in configs(name, args.from)? {
            let imported = match args.from {
                ImportOrigin::Podman => flatten_podman(&config, &images, &wanted, patience),
                ImportOrigin::Docker | ImportOrigin::Kubernetes => flatten(&config, &wanted, patience),
            };
            let imported = imported.with_context(|| format!("cannot import {name}"))?;
            for reason in &imported.left_out {
                writeln!(term.err(), "warning: {name}: left out: {}", reason.replace(char::is_control, "?"))?;
                exit = Exit::Findings;
            }
            if args.from == ImportOrigin::Podman {
                tell_of_keys(args, name, &config, &imported, term)?;
            }
            for (host, login) in imported.logins.iter() {
                logins.insert(host.clone(), login.clone());
            }
        }
    }
    if logins.is_empty() {
        bail!("there is nothing to import from {}", files.join(", "));
    }
    exit = exit.max(registries.tell_missing(&logins, &files.join(", "), term)?);
    if args.from != ImportOrigin::Podman {
        args.wanted.tell_of_parts(term)?;
    }
    match named_file(args.output.as_deref()) {
        Some(path) => {
            let what = if put(path, &logins, term)? { "wrote" } else { "unchanged" };
            let hosts: Vec<String> = logins.iter().map(|(host, _)| host.to_string()).collect();
            writeln!(term.err(), "{what} {}: credentials for {}", shown_path(&path), listed(&hosts))?;
        }
        None => hand_out(args.output.as_deref(), logins.to_text(Form::Config).as_bytes(), term)?,
    }
    Ok(exit)
}

/// Says which key the credentials were under where `--registry` names a part of a registry.
fn tell_of_keys(
    args: &Args,
    name: &str,
    config: &Config,
    imported: &Imported,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    for (part, host) in args.wanted.parts().filter(|(_, host)| imported.logins.get(host).is_some()) {
        let key = imported.key(config, &host);
        writeln!(
            term.err(),
            "note: {name}: the credentials for {part} are those under `{key}`; agents use them for all of {host}"
        )?;
    }
    Ok(())
}

/// The config files in an input.
fn configs(name: &str, from: ImportOrigin) -> anyhow::Result<Vec<Config>> {
    let bytes =
        Zeroizing::new(if name == "-" { read_stdin_bytes()? } else { source::read_bytes(Path::new(name))? });
    if from == ImportOrigin::Docker && is_archive(&bytes) {
        let config = given::of_bytes(name, &bytes, clock::now())?.config;
        return Ok(vec![config]);
    }
    let texts = texts(name, &bytes, from)?;
    texts.iter().map(|text| Ok(parse(name, text)?.1)).collect()
}

/// The texts of config files in an input.
fn texts(name: &str, bytes: &[u8], from: ImportOrigin) -> anyhow::Result<Vec<Zeroizing<String>>> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        match name {
            "-" => anyhow::anyhow!("standard input is not UTF-8"),
            _ => FileError::NotText { path: name.into(), offset }.into(),
        }
    })?;
    let text = Zeroizing::new(text.trim_start_matches('\u{feff}').to_owned());
    if from != ImportOrigin::Kubernetes {
        return Ok(vec![text]);
    }
    // The errors of JSON say more than those of YAML.
    let format = if text.trim_start().starts_with('{') { Format::Json } else { Format::Yaml };
    manifest(&text, format).map_err(|error| match error {
        crate::credential::import::KubernetesManifestError::Syntax(error) => {
            error.in_file(name, &text).into()
        }
        error => anyhow::anyhow!("{name}: {error}"),
    })
}

fn default_file(from: ImportOrigin) -> anyhow::Result<String> {
    let path = match from {
        ImportOrigin::Docker => docker_config()?,
        ImportOrigin::Podman => podman_file().context("no auth file of Podman found: name one")?,
        ImportOrigin::Kubernetes => bail!("name the manifest, or `-` for standard input"),
    };
    Ok(path.to_string_lossy().into_owned())
}

/// Podman's auth file (containers-auth.json(5)).
fn podman_file() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = variable("REGISTRY_AUTH_FILE") {
        return Some(path);
    }
    let runtime = variable("XDG_RUNTIME_DIR").map(|directory| directory.join("containers/auth.json"));
    let own = variable("XDG_CONFIG_HOME").or_else(|| variable("HOME").map(|home| home.join(".config")));
    let own = own.map(|directory| directory.join("containers/auth.json"));
    runtime.into_iter().chain(own).find(|path| path.exists())
}
