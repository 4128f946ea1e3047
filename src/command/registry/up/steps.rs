//! The steps of `milepost registry up`: each is a line of commands, and what is made before and after it.

use std::cell::{Cell, OnceCell};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use secrecy::zeroize::Zeroizing;
use serde_json::Value as Json;

use super::super::{Exit, Terminal, app, group};
use super::naming::{naming, port};
use super::prepare::prepare;
use super::running;
use super::step::UpStep;
use super::{Args, StepName, UpAuth, standing};
use crate::command::creds::read_password_file;
use crate::command::run_words;
use crate::definition::App;
use crate::image::digest::sha256;
use crate::registry::app::auth::USERS_DIR;
use crate::registry::app::naming::VIP_DOMAIN;
use crate::registry::app::tls::{CERT_DIR, CERTIFICATE, KEY};
use crate::registry::cert::SubjectName;
use crate::registry::group::{AUTH_CONFIG, AUTH_DIR, CERTS_DIR};
use crate::registry::users::UserFile;
use crate::source;
use crate::util::escape::shown_path;

/// The archive of credentials on the agents.
pub(super) const ARCHIVE_URI: &str = "file:///etc/docker.tar.gz";
/// The tag of the test image.
const TEST_TAG: &str = "1";

/// What the registry runs with: names of files below the directory.
pub(super) struct RegistryFiles {
    pub(super) certificate: String,
    pub(super) key: String,
    pub(super) users: String,
}

impl RegistryFiles {
    fn of(auth: UpAuth) -> Self {
        let (certs, users) = match auth {
            UpAuth::Htpasswd => (String::new(), "htpasswd".to_owned()),
            UpAuth::Token => (format!("{CERTS_DIR}/"), format!("{AUTH_DIR}/{AUTH_CONFIG}")),
        };
        Self { certificate: format!("{certs}{CERTIFICATE}"), key: format!("{certs}{KEY}"), users }
    }
}

/// The files of all steps, and the options for them.
pub(super) struct Steps<'a> {
    pub(super) args: &'a Args,
    /// The directory of all files.
    pub(super) dir: PathBuf,
    pub(super) files: RegistryFiles,
    /// How the registry gets its name: options of `registry app`.
    naming: Vec<String>,
    /// The script of the step trust, once it is made: the agents are asked for once.
    trust_script: OnceCell<Vec<u8>>,
    /// Whether this run has a token server start anew.
    pub(super) has_restarted: Cell<bool>,
}

impl<'a> Steps<'a> {
    /// # Errors
    /// When it is not known how the registry would get its name.
    pub(super) fn of(args: &'a Args) -> anyhow::Result<Self> {
        if args.dir.to_str().is_none() {
            bail!("--dir: the name of the directory is not UTF-8");
        }
        let has = |names: &[&str]| {
            args.app.iter().any(|option| option.split('=').next().is_some_and(|name| names.contains(&name)))
        };
        let (elsewhere, on_agents) = (["--vip", "--marathon-lb"], ["--mesos-dns", "--host"]);
        if args.auth == UpAuth::Token && has(&["--force"]) {
            bail!(
                "-- --force would make keys and users anew, and lose those that were added: leave it out, and remove what is to be made \
                 again; the rest is kept"
            );
        }
        let naming = if !has(&elsewhere) && !has(&on_agents) {
            naming(args, has(&["--host-port"]))?
        } else if !has(&elsewhere) && !has(&["--host-port"]) {
            line(&["--host-port", port(&args.host.to_string())])
        } else {
            Vec::new()
        };
        let (dir, files) = (args.dir.clone(), RegistryFiles::of(args.auth));
        Ok(Self { args, dir, files, naming, trust_script: OnceCell::new(), has_restarted: Cell::new(false) })
    }

    /// The same steps in another directory.
    pub(super) fn in_directory(&self, dir: &Path) -> Self {
        let files = RegistryFiles::of(self.args.auth);
        let (dir, naming) = (dir.to_owned(), self.naming.clone());
        Self {
            args: self.args,
            dir,
            files,
            naming,
            trust_script: OnceCell::new(),
            has_restarted: Cell::new(false),
        }
    }

    /// Compares the names that the registry gets with the one that all steps use.
    ///
    /// # Errors
    /// When the registry would not be there.
    pub(super) fn check_names(&self, term: &mut Terminal) -> anyhow::Result<()> {
        let options = self.options();
        let names = match self.args.auth {
            UpAuth::Htpasswd => app::image_names(&[line(&["--tls", "self-signed"]), options].concat()),
            UpAuth::Token => group::image_names(&options),
        };
        // The step reports what is wrong with its options.
        let Some(names) = names else { return Ok(()) };
        let host = self.args.host.to_string();
        if names.iter().any(|name| name == host.trim_end_matches(":443")) {
            return Ok(());
        }
        // No other name leads there.
        let name = self.args.host.name().to_string();
        let is_given = [VIP_DOMAIN, "marathon.mesos"].iter().any(|domain| name.ends_with(domain));
        let is_at_port = names.iter().any(|name| port(name) == port(&host));
        let names = names.join(", ");
        if is_given || !is_at_port {
            bail!(
                "these options make a registry at {names}, and all else would be for {host}: give the options for that name and \
                 port after --"
            );
        }
        writeln!(
            term.err(),
            "note: the options make a registry at {names}; {host} must lead there for clients and agents"
        )?;
        Ok(())
    }

    /// The registry's app that the options make, as far as is known before its files are there.
    ///
    /// # Errors
    /// When they make no working registry.
    pub(super) fn app(&self, term: &mut Terminal) -> anyhow::Result<Option<App>> {
        let options = self.options();
        term.captured(true, |term| match self.args.auth {
            UpAuth::Htpasswd => app::made(&[line(&["--tls", "self-signed"]), options].concat(), term),
            UpAuth::Token => group::made(&options, term),
        })
        .0
    }

    /// The options of `registry app` or `group` that the operator gives, after those for the name.
    pub(super) fn options(&self) -> Vec<String> {
        self.naming.iter().chain(&self.args.app).cloned().collect()
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(super) fn path(&self, name: &str) -> String {
        // The directory's name was looked at before.
        self.file(name).to_string_lossy().into_owned()
    }

    pub(super) fn image(&self) -> String {
        format!("{}/{}", self.args.host, self.test_image())
    }

    /// The test image, below the registry.
    pub(super) fn test_image(&self) -> String {
        format!("{}:{TEST_TAG}", self.args.test_image)
    }

    fn has_agents(&self) -> bool {
        self.args.agents_from.is_some() || !self.args.agent.is_empty()
    }

    pub(super) fn step(&self, name: StepName) -> UpStep {
        let host = self.args.host.to_string();
        let mut script = None;
        let line = match name {
            StepName::Group => return self.of_lines(name, self.group_lines()),
            StepName::Deploy => {
                let restarts = running::unread(self).into_iter().map(|id| self.restart(&id));
                let lines = std::iter::once(self.deployment("deploy", "registry.json")).chain(restarts);
                return self.of_lines(name, lines.collect());
            }
            StepName::Cert => {
                let option = match self.args.host.name() {
                    SubjectName::Ip(_) => "--ip",
                    SubjectName::Dns(_) => "--dns",
                };
                let subject = self.args.host.name().to_string();
                line(&["registry", "cert", option, &subject, "--ca", "-o", &self.path("")])
            }
            StepName::User => self.user_line(),
            StepName::Trust => {
                script = Some(self.file("trust.sh"));
                let mut line = line(&["registry", "trust", "--host", &host, "--ca", &self.path("ca.crt")]);
                if self.has_agents() {
                    self.on_agents(&mut line);
                    let files = &self.files;
                    for (option, file) in
                        [("cert", &files.certificate), ("key", &files.key), ("users", &files.users)]
                    {
                        line.extend([format!("--registry-{option}"), self.path(file)]);
                    }
                }
                line
            }
            StepName::App => {
                let mut line = line(&["registry", "app", "--tls", "self-signed", "--auth", "htpasswd"]);
                line.extend(["-o".to_owned(), self.path("registry.json")]);
                line.extend(self.options());
                line
            }
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
        UpStep { script, ..self.of_lines(name, vec![line]) }
    }

    fn of_lines(&self, name: StepName, lines: Vec<Vec<String>>) -> UpStep {
        UpStep { name, lines, script: None, runs_script: self.has_agents() }
    }

    /// Gives the user the password, and is made where it is missing.
    pub(super) fn user_line(&self) -> Vec<String> {
        let word = if self.has_user() { "passwd" } else { "add" };
        let (users, password) = (self.path(&self.files.users), self.path("password"));
        line(&["registry", "user", word, &self.args.username, &users, "--password-file", &password])
    }

    pub(super) fn restart(&self, id: &str) -> Vec<String> {
        let mut line = line(&["app", "restart", id]);
        self.at_marathon(&mut line);
        line
    }

    /// `deploy` or `plan` of a definition.
    pub(super) fn deployment(&self, command: &str, file: &str) -> Vec<String> {
        let mut line = line(&[command, &self.path(file)]);
        if command == "deploy" {
            line.push("--yes".to_owned());
        }
        self.at_marathon(&mut line);
        line
    }

    fn at_marathon(&self, line: &mut Vec<String>) {
        if let Some(url) = &self.args.url {
            line.extend(["--url".to_owned(), url.clone()]);
        }
        for (option, file) in [("--token-file", &self.args.token_file), ("--ca-file", &self.args.ca_file)] {
            if let Some(file) = file {
                line.extend([option.to_owned(), file.to_string_lossy().into_owned()]);
            }
        }
    }

    /// Credentials for the registry, who else may have them, and the authority of its certificate.
    pub(super) fn at_registry(&self, line: &mut Vec<String>) {
        line.extend(["--config".to_owned(), self.path("config.json")]);
        line.extend(["--ca-file".to_owned(), self.path("ca.crt")]);
        for server in self.args.receivers.names() {
            line.extend(["--token-server".to_owned(), server.clone()]);
        }
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
    pub(super) fn run(&self, step: &UpStep, term: &mut Terminal) -> anyhow::Result<Exit> {
        prepare(self, step.name)?;
        let Some(script) = &step.script else {
            let exit = match step.name {
                StepName::Login if self.args.auth == UpAuth::Token => running::login(self, step, term)?,
                _ => step.run(term)?,
            };
            let sent = match step.name {
                StepName::Deploy => Some("registry.json"),
                StepName::Test => Some("test.json"),
                _ => None,
            };
            if let Some(file) = sent.filter(|_| exit == Exit::Fine) {
                standing::note_deployed(self, file)?;
                if step.name == StepName::Deploy {
                    running::note_read(self)?;
                    self.has_restarted.set(step.lines.len() > 1);
                }
            }
            if step.name == StepName::Creds && exit == Exit::Fine {
                writeln!(
                    term.err(),
                    "note: copy {} to /etc/docker.tar.gz of every agent (0600); --agents-from does that",
                    self.path("docker.tar.gz")
                )?;
            }
            return Ok(exit);
        };
        let (exit, text) = term.captured(false, |term| step.run(term));
        let exit = exit?;
        if exit != Exit::Fine {
            return Ok(exit);
        }
        source::write_atomically(script, &text)?;
        if step.name == StepName::Trust {
            let _ = self.trust_script.set(text);
        }
        let shown = script.to_string_lossy();
        if !step.runs_script {
            let RegistryFiles { certificate, key, users } = &self.files;
            writeln!(
                term.err(),
                "note: run {shown} as root on every agent; those that may run the registry need {} and {} in {CERT_DIR}, and {} \
                 in {USERS_DIR}; --agents-from does that",
                self.path(certificate),
                self.path(key),
                self.path(users)
            )?;
            return Ok(Exit::Fine);
        }
        term.out().flush()?;
        let status = Command::new("sh").arg(script).stdin(Stdio::null()).status().context("cannot run sh")?;
        if !status.success() {
            writeln!(term.err(), "error: {shown} failed: {status}")?;
            return Ok(if status.code() == Some(130) { Exit::Interrupted } else { Exit::Findings });
        }
        if let Some(mark) = self.mark(step.name, term)? {
            source::write_privately(&script.with_extension("done"), mark.as_bytes())?;
        }
        Ok(Exit::Fine)
    }

    /// The script of the step trust, which names the agents; nothing where it cannot be made.
    fn trust_script(&self, term: &mut Terminal) -> Option<&[u8]> {
        if self.trust_script.get().is_none() {
            let (exit, script) = term
                .captured(true, |term| term.captured(false, |term| self.step(StepName::Trust).run(term)))
                .0;
            if !matches!(exit, Ok(Exit::Fine)) {
                return None;
            }
            let _ = self.trust_script.set(script);
        }
        self.trust_script.get().map(Vec::as_slice)
    }

    /// What a step brings to the agents, and to which: once that is another, the step has to run again. Nothing where it cannot
    /// be told.
    pub(super) fn mark(&self, name: StepName, term: &mut Terminal) -> anyhow::Result<Option<String>> {
        let RegistryFiles { certificate, key, users } = &self.files;
        let sent: &[&str] = match name {
            StepName::Trust => &[certificate, key, users],
            StepName::Creds => &["config.json"],
            _ => &[],
        };
        let Some(script) = self.trust_script(term) else { return Ok(None) };
        let mut all = Zeroizing::new(script.to_vec());
        for name in sent {
            let file = self.file(name);
            if !file.exists() {
                return Ok(None);
            }
            all.extend_from_slice(&Zeroizing::new(source::read_bytes(&file)?));
        }
        Ok(Some(sha256(&all)))
    }

    /// The definition that the options make now; nothing where it would be another one each time.
    ///
    /// # Errors
    /// When they make none.
    pub(super) fn definition_now(&self, step: &UpStep, term: &mut Terminal) -> anyhow::Result<Option<Json>> {
        const RANDOM: [&str; 3] = ["--generate-http-secret", "--ui", "--scanner"];
        if self.args.app.iter().any(|option| RANDOM.contains(&&**option)) {
            return Ok(None);
        }
        let scratch = source::ScratchDirectory::new("milepost-up-")
            .context("cannot make a directory for a definition")?;
        let file = scratch.path().join("registry.json");
        let output = if step.name == StepName::Group { scratch.path() } else { &file };
        let mut line = match step.name {
            StepName::Group => self.group_line(),
            _ => step.lines.first().cloned().unwrap_or_default(),
        };
        if let Some(place) = line.iter().position(|word| word == "-o").and_then(|at| line.get_mut(at + 1)) {
            *place = output.to_string_lossy().into_owned();
        }
        let ((exit, _), said) =
            term.captured(true, |term| term.captured(false, |term| run_line(&line, term)));
        if exit? == Exit::Fine {
            return Ok(Some(serde_json::from_str(&source::read(&file)?)?));
        }
        // Without its password nothing can be said of a group.
        if step.name == StepName::Group && !self.file("password").exists() {
            return Ok(None);
        }
        let said = anstream::adapter::strip_str(&String::from_utf8_lossy(&said)).to_string();
        let why = said.lines().find_map(|line| line.strip_prefix("error: ")).unwrap_or("they are refused");
        bail!("the options make no definition: {why}")
    }

    /// The users of the registry, where they are there.
    fn users(&self) -> anyhow::Result<Option<UserFile>> {
        let file = self.file(&self.files.users);
        if !file.exists() {
            return Ok(None);
        }
        let text = Zeroizing::new(source::read(&file)?);
        let users = UserFile::read(&text, self.args.auth == UpAuth::Token);
        users.map(Some).with_context(|| shown_path(&file))
    }

    fn has_user(&self) -> bool {
        self.users().is_ok_and(|users| users.is_some_and(|users| users.has(&self.args.username)))
    }

    /// Whether the user has the password of the file; nothing where there is no such user.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn has_password(&self) -> anyhow::Result<Option<bool>> {
        let name = &self.args.username;
        let Some(users) = self.users()?.filter(|users| users.has(name)) else { return Ok(None) };
        let file = self.file("password");
        // Without the file nothing is known of it.
        Ok(Some(!file.exists() || users.accepts(name, &read_password_file(&file)?)))
    }
}

/// The same as [`run_line`]; what it writes to standard output comes back, and its messages are dropped.
pub(super) fn silently(line: &[String], term: &mut Terminal) -> (anyhow::Result<Exit>, Vec<u8>) {
    term.captured(true, |term| term.captured(false, |term| run_line(line, term))).0
}

/// Runs a command line of milepost, without its name.
pub(super) fn run_line(line: &[String], term: &mut Terminal) -> anyhow::Result<Exit> {
    run_words(std::iter::once("milepost".into()).chain(line.iter().map(Into::into)), term)
}

pub(super) fn line(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
