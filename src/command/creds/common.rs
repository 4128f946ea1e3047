//! Shared by the commands about credentials.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use secrecy::zeroize::Zeroizing;

use crate::credential::check::{CheckOptions, ConfigFinding, View, check, shown};
use crate::credential::clock;
use crate::credential::config::{self, Config, Form, Logins};
use crate::credential::import::registry_part;
use crate::credential::usage::{self, UsedImage};
use crate::credential::{UnfilledService, unfilled};
use crate::definition::Containerizer;
use crate::finding::Severity;
use crate::image::{Host, Reference};
use crate::source::{self, Document, Kind};

use super::super::discover::WalkArgs;
use super::super::input::{FoundFile, Input};
use super::super::output::named_file;
use super::super::{Exit, Terminal};
use crate::util::escape::{on_one_line, shown_path};

/// The option that names a config file.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
pub(in crate::command) struct ConfigArg {
    /// The Docker config file; by default $DOCKER_CONFIG/config.json or ~/.docker/config.json
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

impl ConfigArg {
    /// Whether the option names it.
    #[cfg(feature = "net")]
    pub(in crate::command) fn is_named(&self) -> bool {
        self.config.is_some()
    }

    /// The path of the file.
    pub(in crate::command) fn path(&self) -> anyhow::Result<PathBuf> {
        match &self.config {
            Some(path) => Ok(path.clone()),
            None => docker_config(),
        }
    }

    /// Reads the file.
    pub(in crate::command) fn read(&self) -> anyhow::Result<(PathBuf, Config)> {
        let path = self.path()?;
        let config = read_config(&path)?;
        Ok((path, config))
    }
}

fn read_config(path: &Path) -> anyhow::Result<Config> {
    let text = Zeroizing::new(source::read(path)?);
    Ok(parse(&shown_path(&path), &text)?.1)
}

/// Where Docker keeps its config file.
pub(super) fn docker_config() -> anyhow::Result<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    match (variable("DOCKER_CONFIG"), variable("HOME")) {
        (Some(directory), _) => Ok(directory.join("config.json")),
        (None, Some(home)) => Ok(home.join(".docker/config.json")),
        (None, None) => {
            bail!("neither DOCKER_CONFIG nor HOME is set: name the config file with --config PATH")
        }
    }
}

/// Reads a config file's text. No message quotes any of it.
pub(super) fn parse(name: &str, text: &str) -> anyhow::Result<(Document, Config)> {
    Ok(Config::of_text(name, text)?)
}

/// The user whose credentials for a registry a config file has.
#[cfg(all(feature = "net", feature = "cert"))]
pub(in crate::command) fn stored_user(path: &Path, host: &str) -> anyhow::Result<Option<String>> {
    let config = read_config(path)?;
    Ok(config.logins().0.get(&registry(host)?).map(|login| login.user().to_owned()))
}

/// Parses a registry of the command line. Not a clap parser: clap would quote a wrong one, which may hold a password.
pub(in crate::command) fn registry(text: &str) -> anyhow::Result<Host> {
    Host::parse(text).with_context(|| format!("`{}` does not name a registry", shown(text)))
}

/// The options that name registries.
#[derive(Debug, clap::Args)]
pub(super) struct WantedRegistries {
    /// The registry of this host, and port where images have one; may be repeated
    #[arg(long, value_name = "HOST")]
    registry: Vec<String>,

    /// The registries that the images in these definitions come from: files, or directories
    #[arg(long = "for", value_name = "FILE", num_args = 1..)]
    definitions: Vec<String>,
}

/// The registries that the options name.
pub(super) struct Registries {
    /// Named by `--registry`.
    named: Vec<Host>,
    /// Named by the images of `--for`, with the first image and its file.
    pulled: BTreeMap<Host, String>,
}

impl WantedRegistries {
    /// Whether none is named.
    pub(super) fn is_empty(&self) -> bool {
        self.registry.is_empty() && self.definitions.is_empty()
    }

    /// The definitions of `--for`.
    pub(super) fn documents(&self) -> anyhow::Result<Vec<(Input, Kind)>> {
        documents(&self.definitions, Input::read_as_marathon)
    }

    /// The images of `--for`, and what `--registry` names, without tags: `docker.io/library/nginx`, `quay.io/team`.
    pub(super) fn image_names(&self) -> anyhow::Result<Vec<String>> {
        let mut names: Vec<String> = self.registry.clone();
        for (input, kind) in self.documents()? {
            let images = usage::images(&input.document, kind).into_iter();
            names.extend(images.filter_map(|image| {
                let reference = Reference::parse(&image.name).ok()?;
                Some(format!("{}/{}", reference.host(), reference.repository()))
            }));
        }
        Ok(names)
    }

    /// The parts of registries that `--registry` names, such as `quay.io/team`, with their registries.
    pub(super) fn parts(&self) -> impl Iterator<Item = (String, Host)> + '_ {
        let parts = self.registry.iter().filter(|name| registry_part(name).is_some());
        parts.filter_map(|name| Some((shown(name), Host::parse(name).ok()?)))
    }

    /// Says that the credentials of a whole registry are taken where `--registry` names a part of it.
    pub(super) fn tell_of_parts(&self, term: &mut Terminal) -> anyhow::Result<()> {
        for (part, host) in self.parts() {
            writeln!(
                term.err(),
                "note: --registry {part}: a config file of Docker has no credentials for a part of a registry; those of \
                 {host} are taken"
            )?;
        }
        Ok(())
    }

    /// The registries of both options.
    pub(super) fn registries(&self, term: &mut Terminal) -> anyhow::Result<Registries> {
        let named = self.registry.iter().map(|text| registry(text)).collect::<anyhow::Result<_>>()?;
        let documents = self.documents()?;
        let templates = tell_of_templates(&documents, term)?;
        let documents = documents.iter().map(|(input, kind)| (input.name.as_str(), &input.document, *kind));
        let registries = Registries { named, ..Registries::of(documents) };
        if !self.definitions.is_empty() && registries.pulled.is_empty() && self.registry.is_empty() {
            bail!("{}", no_image(&self.definitions, templates));
        }
        Ok(registries)
    }
}

/// Names the definitions whose images are left out because nothing has filled in their placeholders; how many there are.
pub(super) fn tell_of_templates(documents: &[(Input, Kind)], term: &mut Terminal) -> anyhow::Result<usize> {
    let mut count = 0;
    for (input, kind) in documents {
        for UnfilledService { message, help } in unfilled(&input.document, *kind) {
            let name = on_one_line(&input.name);
            writeln!(term.err(), "note: {name}: left out: {}; {help}", on_one_line(&message))?;
            count += 1;
        }
    }
    Ok(count)
}

/// What is said where no image was found.
pub(super) fn no_image(names: &[String], templates: usize) -> String {
    let all = names.join(", ");
    match templates {
        0 => format!("there is no image in {all}"),
        _ => format!("there is no image in {all} without a placeholder that nothing has filled in"),
    }
}

/// Reads the named definitions, and those below the named directories that milepost.toml does not exclude.
pub(super) fn documents(
    names: &[String],
    read: impl Fn(&str) -> anyhow::Result<Input>,
) -> anyhow::Result<Vec<(Input, Kind)>> {
    let mut found = Vec::new();
    for name in names {
        if !Path::new(name).is_dir() {
            let input = read(name)?;
            let kind = input.kind()?;
            found.push((input, kind));
            continue;
        }
        let walk = WalkArgs::default().walk(&[name.into()])?;
        if let Some(unreadable) = walk.unreadable.first() {
            bail!("{}", unreadable.reason);
        }
        for file in walk.files {
            // Other files in the directory are skipped.
            if let FoundFile::Definition(..) = FoundFile::read(&file.path)? {
                let input = read(&file.path.to_string_lossy())?;
                found.extend(input.kind().ok().map(|kind| (input, kind)));
            }
        }
    }
    Ok(found)
}

impl Registries {
    /// Those that the images in these definitions come from.
    pub(super) fn of<'d>(documents: impl Iterator<Item = (&'d str, &'d Document, Kind)>) -> Self {
        let mut pulled = BTreeMap::new();
        for (file, document, kind) in documents {
            for UsedImage { name, host } in usage::images(document, kind) {
                let from = format!("{file}: {}", name.replace(char::is_control, "?"));
                pulled.entry(host).or_insert(from);
            }
        }
        Self { named: Vec::new(), pulled }
    }

    /// Whether this one is among them.
    pub(super) fn has(&self, host: &Host) -> bool {
        self.named.contains(host) || self.pulled.contains_key(host)
    }

    /// The same for a check: credentials for the named ones are needed, and for those that images come from except Docker
    /// Hub, where most images are public.
    pub(super) fn asked(&self) -> CheckOptions {
        let pulled = self.pulled.keys().filter(|host| !host.is_hub());
        CheckOptions {
            allowed: self.named.iter().chain(self.pulled.keys()).cloned().collect(),
            needed: self.named.iter().chain(pulled).cloned().collect(),
        }
    }

    /// Reports registries without credentials.
    ///
    /// # Errors
    /// When one that is named is without.
    pub(super) fn tell_missing(
        &self,
        logins: &Logins,
        from: &str,
        term: &mut Terminal,
    ) -> anyhow::Result<Exit> {
        let missing: Vec<String> =
            self.named.iter().filter(|host| logins.get(host).is_none()).map(Host::to_string).collect();
        if !missing.is_empty() {
            bail!("{from}: there are no usable credentials for {}; nothing was written", missing.join(", "));
        }
        let mut exit = Exit::Fine;
        for (host, image) in
            self.pulled.iter().filter(|(host, _)| !host.is_hub() && logins.get(host).is_none())
        {
            writeln!(
                term.err(),
                "warning: {image} is pulled without credentials: {from} has none for {host}"
            )?;
            exit = Exit::Findings;
        }
        Ok(exit)
    }

    /// Selects their credentials from a config file, and warns about missing ones.
    pub(super) fn select(&self, path: &Path, config: &Config, term: &mut Terminal) -> anyhow::Result<Logins> {
        let (mut logins, left) = config.logins();
        for entry in left.iter().filter(|entry| entry.host.as_ref().is_ok_and(|host| self.has(host))) {
            writeln!(
                term.err(),
                "warning: {}: several keys name {} with different credentials; those under `{}` are left out",
                shown_path(&path),
                entry.host.as_ref().map(ToString::to_string).unwrap_or_default(),
                entry.key.replace(char::is_control, "?")
            )?;
        }
        for host in &self.named {
            if logins.get(host).is_none() {
                bail!("{}: no credentials for {host}{}", shown_path(&path), hint(config, &logins, host));
            }
        }
        for (host, image) in &self.pulled {
            if logins.get(host).is_none() {
                writeln!(
                    term.err(),
                    "note: {image} is pulled without credentials: {} has none for {host}{}",
                    shown_path(&path),
                    hint(config, &logins, host)
                )?;
            }
        }
        if !self.pulled.keys().chain(&self.named).any(|host| logins.get(host).is_some()) {
            bail!("{} has no credentials for any of these images", shown_path(&path));
        }
        logins.retain(|host| self.has(host));
        Ok(logins)
    }
}

/// Reports the problems of credentials that are about to be written, and returns their text.
pub(super) fn tell_of(
    logins: &Logins,
    containerizer: Containerizer,
    term: &mut Terminal,
) -> anyhow::Result<(Zeroizing<String>, Exit)> {
    let text = logins.to_text(Form::Config);
    let clean = Config::read(&config::parse(&text)?)?;
    let exit = tell(&check(&clean, View { containerizer, asked: None, now: clock::now() }), term)?;
    Ok((text, exit))
}

/// Why the credentials may be missing, or which others there are.
fn hint(config: &Config, logins: &Logins, host: &Host) -> String {
    if let Some(program) = config.helper(host) {
        let program = program.replace(char::is_control, "?");
        return format!(
            "; docker-credential-{program} keeps them: `milepost creds import` gets them from the helper"
        );
    }
    if let Some(fault) = config.fault(host) {
        return format!(" that can be used: {fault}");
    }
    let known: Vec<String> = logins.iter().map(|(host, _)| host.to_string()).collect();
    if known.is_empty() { String::new() } else { format!("; it has some for {}", known.join(", ")) }
}

/// Whether standard output is a file or a device, as the shell's `>` makes it, and no pipe or socket.
fn out_is_file() -> bool {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        use std::os::unix::fs::FileTypeExt as _;
        let out = std::io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from);
        let kind = out.and_then(|out| out.metadata()).map(|metadata| metadata.file_type());
        kind.is_ok_and(|kind| !kind.is_fifo() && !kind.is_socket())
    }
    #[cfg(not(unix))]
    true
}

/// Writes a secret to a file that only its owner can read, or to standard output, if that is a file or asked for by
/// `-`.
pub(super) fn hand_out(output: Option<&Path>, content: &[u8], term: &mut Terminal) -> anyhow::Result<()> {
    match named_file(output) {
        Some(path) => Ok(source::write_privately(path, content)?),
        None if term.out_is_terminal() => {
            bail!(
                "credentials are not shown on a terminal: write them to a file with -o FILE, or pipe them on with -o -"
            )
        }
        None if output.is_none() && !out_is_file() => {
            bail!(
                "standard output is neither a terminal nor a file, so credentials may end in the log of a CI job: write \
                 them to a file with -o FILE, or give -o - to pipe them on"
            )
        }
        None => {
            let out = term.out();
            out.write_all(content).and_then(|()| out.flush()).context("cannot write to standard output")
        }
    }
}

/// The mildest findings that make a command fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CredsFailOn {
    /// Errors
    Error,
    /// Errors and warnings
    Warning,
    /// Every finding
    Info,
    /// None
    Never,
}

impl CredsFailOn {
    pub(super) fn includes(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity == Severity::Error,
            Self::Warning => severity <= Severity::Warning,
            Self::Info => true,
            Self::Never => false,
        }
    }
}

/// A finding about credentials, for programs.
#[derive(serde::Serialize)]
pub(super) struct JsonCredentials<'a> {
    rule: &'static str,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
}

impl<'a> JsonCredentials<'a> {
    pub(super) fn of(found: &'a ConfigFinding) -> Self {
        let ConfigFinding { rule, severity, message, help } = found;
        Self { rule: rule.slug, severity: severity.name(), message, help: help.as_deref() }
    }
}

/// Reports findings. The exit code is [`Exit::Findings`] if any is more than a note.
pub(super) fn tell(found: &[ConfigFinding], term: &mut Terminal) -> anyhow::Result<Exit> {
    tell_failing(found, CredsFailOn::Warning, term)
}

/// Reports findings. The exit code is [`Exit::Findings`] if `fail_on` includes any.
pub(super) fn tell_failing(
    found: &[ConfigFinding],
    fail_on: CredsFailOn,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    let mut exit = Exit::Fine;
    for ConfigFinding { rule, severity, message, help } in found {
        writeln!(term.err(), "{}[{rule}]: {message}", severity.name())?;
        if let Some(help) = help {
            writeln!(term.err(), "  = help: {help}")?;
        }
        if fail_on.includes(*severity) {
            exit = Exit::Findings;
        }
    }
    Ok(exit)
}
