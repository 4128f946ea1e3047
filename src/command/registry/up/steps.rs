//! The steps of `milepost registry up`: each is a line of commands, and what is made before and after it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use secrecy::zeroize::Zeroizing;
use serde_json::json;

use super::super::{Exit, Terminal};
use super::{Args, StepName};
use crate::command::run_words;
use crate::image::archive::sample_archive;
use crate::registry::app::http_secret::Plain;
use crate::registry::app::naming::VIP_DOMAIN;
use crate::registry::cert::SubjectName;
use crate::source;
use crate::util::escape::{shell_word, shown_path};

/// The archive of credentials on the agents.
pub(super) const ARCHIVE_URI: &str = "file:///etc/docker.tar.gz";
/// The test image, below the registry.
const TEST_IMAGE: &str = "milepost-test:1";
/// The name that Mesos-DNS gives the registry's app.
const MESOS_DNS: &str = "registry.marathon.mesos";

/// The files of all steps, and the options for them.
pub(super) struct Steps<'a> {
    pub(super) args: &'a Args,
    /// How the registry gets its name: options of `registry app`.
    naming: Vec<String>,
}

/// A step.
pub(super) struct Step {
    pub(super) name: StepName,
    /// A command line of milepost.
    pub(super) line: Vec<String>,
    /// Where its standard output goes: a script.
    pub(super) script: Option<PathBuf>,
    /// Whether that is run; otherwise the operator takes it to the agents.
    pub(super) runs_script: bool,
}

impl Step {
    /// What the step does, as lines for a shell.
    pub(super) fn shown(&self) -> Vec<String> {
        let words = std::iter::once("milepost").chain(self.line.iter().map(String::as_str));
        let mut line = words.map(shell_word).collect::<Vec<_>>().join(" ");
        let Some(script) = &self.script else { return vec![line] };
        let script = script.to_string_lossy();
        let script = shell_word(&script);
        line = format!("{line} > {script}");
        if self.runs_script { vec![line, format!("sh {script}")] } else { vec![line] }
    }
}

impl<'a> Steps<'a> {
    /// # Errors
    /// When it is not known how the registry would get its name.
    pub(super) fn of(args: &'a Args) -> anyhow::Result<Self> {
        if args.dir.to_str().is_none() {
            bail!("--dir: the name of the directory is not UTF-8");
        }
        let is_named = |option: &String| {
            ["--vip", "--mesos-dns", "--marathon-lb"]
                .iter()
                .any(|naming| option.split('=').next() == Some(naming))
        };
        let naming = if args.app.iter().any(is_named) { Vec::new() } else { naming(args)? };
        Ok(Self { args, naming })
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.args.dir.join(name)
    }

    fn path(&self, name: &str) -> String {
        // The directory's name was looked at before.
        self.file(name).to_string_lossy().into_owned()
    }

    pub(super) fn image(&self) -> String {
        format!("{}/{TEST_IMAGE}", self.args.host)
    }

    fn has_agents(&self) -> bool {
        self.args.agents_from.is_some() || !self.args.agent.is_empty()
    }

    pub(super) fn step(&self, name: StepName) -> Step {
        let host = self.args.host.to_string();
        let mut script = None;
        let line = match name {
            StepName::Cert => {
                let option = match self.args.host.name() {
                    SubjectName::Ip(_) => "--ip",
                    SubjectName::Dns(_) => "--dns",
                };
                let subject = self.args.host.name().to_string();
                line(&["registry", "cert", option, &subject, "--ca", "-o", &self.path("")])
            }
            StepName::User => line(&[
                "registry",
                "user",
                "add",
                &self.path("htpasswd"),
                &self.args.username,
                "--password-file",
                &self.path("password"),
            ]),
            StepName::Trust => {
                script = Some(self.file("trust.sh"));
                let mut line = line(&["registry", "trust", "--host", &host, "--ca", &self.path("ca.crt")]);
                if self.has_agents() {
                    self.on_agents(&mut line);
                    for (option, file) in
                        [("cert", "domain.crt"), ("key", "domain.key"), ("users", "htpasswd")]
                    {
                        line.extend([format!("--registry-{option}"), self.path(file)]);
                    }
                }
                line
            }
            StepName::App => {
                let mut line = line(&["registry", "app", "--tls", "self-signed", "--auth", "htpasswd"]);
                line.extend(["-o".to_owned(), self.path("registry.json")]);
                line.extend(self.naming.iter().chain(&self.args.app).cloned());
                line
            }
            StepName::Deploy => self.deployment("deploy", "registry.json"),
            StepName::Login => {
                let mut line = line(&["creds", "login", &host, "-u", &self.args.username]);
                line.extend(["--password-file".to_owned(), self.path("password")]);
                self.at_registry(&mut line);
                line
            }
            StepName::Push => {
                let mut line = line(&["image", "push", &self.path("test-image.tar"), &self.image()]);
                self.at_registry(&mut line);
                line
            }
            StepName::Creds => {
                let mut line =
                    line(&["creds", "archive", "--registry", &host, "--config", &self.path("config.json")]);
                line.extend(["-o".to_owned(), self.path("docker.tar.gz")]);
                if self.has_agents() {
                    script = Some(self.file("send.sh"));
                    self.on_agents(&mut line);
                }
                line
            }
            StepName::Wire => line(&["wire", &self.path("test.json"), "--archive", ARCHIVE_URI, "--write"]),
            StepName::Test => self.deployment("deploy", "test.json"),
        };
        Step { name, line, script, runs_script: self.has_agents() }
    }

    /// `deploy` or `plan` of a definition.
    pub(super) fn deployment(&self, command: &str, file: &str) -> Vec<String> {
        let mut line = line(&[command, &self.path(file)]);
        if command == "deploy" {
            line.push("--yes".to_owned());
        }
        if let Some(url) = &self.args.url {
            line.extend(["--url".to_owned(), url.clone()]);
        }
        for (option, file) in [("--token-file", &self.args.token_file), ("--ca-file", &self.args.ca_file)] {
            if let Some(file) = file {
                line.extend([option.to_owned(), file.to_string_lossy().into_owned()]);
            }
        }
        line
    }

    /// Credentials for the registry, and the authority of its certificate.
    pub(super) fn at_registry(&self, line: &mut Vec<String>) {
        line.extend(["--config".to_owned(), self.path("config.json")]);
        line.extend(["--ca-file".to_owned(), self.path("ca.crt")]);
    }

    fn on_agents(&self, line: &mut Vec<String>) {
        line.push("--ssh".to_owned());
        let from = self.args.agents_from.iter().map(|from| ("--agents-from", from));
        let agents = self.args.agent.iter().map(|agent| ("--agent", agent));
        let user = self.args.ssh_user.iter().map(|user| ("--ssh-user", user));
        for (option, value) in from.chain(agents).chain(user) {
            line.extend([option.to_owned(), value.clone()]);
        }
        if let (Some(_), Some(file)) = (&self.args.agents_from, &self.args.ca_file) {
            line.extend(["--ca-file".to_owned(), file.to_string_lossy().into_owned()]);
        }
    }

    /// Does a step.
    pub(super) fn run(&self, step: &Step, term: &mut Terminal) -> anyhow::Result<Exit> {
        self.prepare(step.name)?;
        let Some(script) = &step.script else {
            let exit = run_line(&step.line, term)?;
            if step.name == StepName::Creds && exit == Exit::Fine {
                writeln!(
                    term.err(),
                    "note: copy {} to /etc/docker.tar.gz of every agent (0600); --agents-from does that",
                    self.path("docker.tar.gz")
                )?;
            }
            return Ok(exit);
        };
        let (exit, text) = term.captured(false, |term| run_line(&step.line, term));
        let exit = exit?;
        if exit != Exit::Fine {
            return Ok(exit);
        }
        source::write_atomically(script, &text)?;
        let shown = script.to_string_lossy();
        if !step.runs_script {
            writeln!(
                term.err(),
                "note: run {shown} as root on every agent; those that may run the registry need domain.crt and domain.key in \
                 /etc/privateregistry/certs/, and htpasswd in /etc/privateregistry/auth/; --agents-from does that"
            )?;
            return Ok(Exit::Fine);
        }
        term.out().flush()?;
        let status = Command::new("sh").arg(script).stdin(Stdio::null()).status().context("cannot run sh")?;
        if !status.success() {
            writeln!(term.err(), "error: {shown} failed: {status}")?;
            return Ok(if status.code() == Some(130) { Exit::Interrupted } else { Exit::Findings });
        }
        // The time of this file tells when the agents got what they have.
        source::write_atomically(&script.with_extension("done"), b"")?;
        Ok(Exit::Fine)
    }

    /// Makes the files that a step begins with.
    fn prepare(&self, name: StepName) -> anyhow::Result<()> {
        let directory = &self.args.dir;
        source::make_private_directory(directory)
            .with_context(|| format!("cannot make the directory {}", shown_path(directory)))?;
        match name {
            StepName::User if !self.file("password").exists() => {
                let password = Zeroizing::new(format!("{}\n", Plain::generate()?.expose()));
                source::write_privately(&self.file("password"), password.as_bytes())?;
            }
            StepName::Push => {
                let archive = sample_archive(TEST_IMAGE).context("cannot make the test image")?;
                source::write_atomically(&self.file("test-image.tar"), &archive)?;
            }
            StepName::Wire if !self.file("test.json").exists() => {
                let app = json!({
                    "id": "/registry-test",
                    "cpus": 0.1,
                    "mem": 32,
                    "instances": 1,
                    "container": { "type": "DOCKER", "docker": { "image": self.image() } },
                });
                let text = serde_json::to_string_pretty(&app)? + "\n";
                source::write_atomically(&self.file("test.json"), text.as_bytes())?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Runs a command line of milepost, without its name.
pub(super) fn run_line(line: &[String], term: &mut Terminal) -> anyhow::Result<Exit> {
    run_words(std::iter::once("milepost".into()).chain(line.iter().map(Into::into)), term)
}

fn line(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// How a registry of this name gets it, as options of `registry app`.
fn naming(args: &Args) -> anyhow::Result<Vec<String>> {
    let host = args.host.to_string();
    let port = host.rsplit_once(':').map_or("443", |(_, port)| port);
    match args.host.name() {
        SubjectName::Ip(address) => {
            let port = port.parse().unwrap_or(443);
            Ok(line(&["--vip", &std::net::SocketAddr::new(*address, port).to_string()]))
        }
        SubjectName::Dns(name) => {
            if let Some(vip) = name.strip_suffix(VIP_DOMAIN).and_then(|name| name.strip_suffix('.')) {
                return Ok(line(&["--vip", &format!("/{vip}:{port}")]));
            }
            if name == MESOS_DNS {
                return Ok(line(&["--mesos-dns", "--host-port", port]));
            }
            bail!(
                "{host} is neither a virtual IP nor NAME.{VIP_DOMAIN}:PORT nor {MESOS_DNS}:PORT: give after -- how the registry \
                 gets that name, such as --mesos-dns, --vip or --marathon-lb"
            )
        }
    }
}
