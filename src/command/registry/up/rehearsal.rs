//! A dry run: each step is tried as far as that changes nothing. What only writes files writes them into a directory that is
//! removed at the end; what would change Marathon is planned.

use anyhow::Context as _;
use secrecy::zeroize::Zeroizing;

use super::super::{Exit, Terminal};
use super::prepare::prepare;
use super::steps::{Steps, run_line};
use super::{StepName, standing};
use crate::command::connection;
use crate::command::deploy::TakenId;
use crate::command::image::reference;
use crate::http::ClientError;
use crate::source::{self, ScratchDirectory};

/// The files that steps read, beside the certificate, the key and the users.
const FILES: [&str; 8] = [
    "password",
    "ca.crt",
    "ca.key",
    "registry.json",
    "config.json",
    "docker.tar.gz",
    "test.json",
    "trust.sh",
];

/// Steps that are tried.
pub(super) struct Rehearsal<'a> {
    steps: Steps<'a>,
    /// Holds what they write, in a directory of it: it is locked itself.
    _scratch: ScratchDirectory,
    /// The directory of the real run.
    real: String,
}

impl<'a> Rehearsal<'a> {
    /// Takes what is there.
    ///
    /// # Errors
    /// When a file cannot be copied.
    pub(super) fn of(steps: &Steps<'a>) -> anyhow::Result<Self> {
        let why = "cannot make a directory for the dry run";
        let scratch = ScratchDirectory::new("milepost-up-").context(why)?;
        let copied = steps.in_directory(&scratch.path().join("registry"));
        let files = &steps.files;
        let of_registry = [&*files.certificate, &*files.key, &*files.users].map(str::to_owned);
        let deployed = ["registry.json", "test.json"].map(standing::deployed);
        let all = FILES.map(str::to_owned).into_iter().chain(of_registry).chain(deployed);
        for name in all {
            let (from, to) = (steps.file(&name), copied.file(&name));
            if !from.is_file() {
                continue;
            }
            if let Some(parent) = to.parent() {
                source::make_private_directory(parent).context(why)?;
            }
            source::write_privately(&to, &Zeroizing::new(source::read_bytes(&from)?))?;
        }
        Ok(Self { real: steps.path(""), steps: copied, _scratch: scratch })
    }

    /// Tries a step: the exit code of a real run that would end there.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn step(&self, name: StepName, term: &mut Terminal) -> anyhow::Result<Option<Exit>> {
        let planned = match name {
            // Before the registry runs, nobody can sign in there.
            StepName::Login => return Ok(None),
            StepName::Push => {
                return match reference(&self.steps.image()) {
                    Ok(_) => Ok(None),
                    Err(error) => self.failed(&format!("error: {error:#}"), Exit::Usage, term),
                };
            }
            StepName::Creds if !self.steps.file("config.json").exists() => return Ok(None),
            StepName::Deploy => Some("registry.json"),
            StepName::Test => Some("test.json"),
            _ => None,
        };
        if let Some(missing) = planned.filter(|file| !self.steps.file(file).exists()) {
            let said = format!("error: there is no {}{missing}", self.real);
            return self.failed(&said, Exit::Usage, term);
        }
        let step = self.steps.step(name);
        let tried = term.captured(true, |term| -> anyhow::Result<Exit> {
            prepare(&self.steps, name)?;
            match planned {
                Some(file) => run_line(&self.steps.deployment("plan", file), term),
                None => step.run(term),
            }
        });
        let is_to_deploy = match &tried.0 {
            Ok(exit) => *exit == Exit::Findings,
            Err(error) => error.is::<TakenId>(),
        };
        if let Some(file) = planned.filter(|_| is_to_deploy)
            && let Some(why) = standing::foreign(&self.steps, file, term)
        {
            return self.failed(&format!("error: {why}"), Exit::Usage, term);
        }
        self.told(planned.is_some(), tried, term)
    }

    /// Why the registry would not be deployed, before anything is done for it; nothing where that cannot be told yet.
    pub(super) fn stands_in_its_way(&self, made_by: StepName, term: &mut Terminal) -> Option<String> {
        let file = "registry.json";
        if !has_server(&self.steps) {
            return None;
        }
        if !self.steps.file(file).exists() {
            // What keeps the definition from being made the step itself tells.
            let _ = term.captured(true, |term| -> anyhow::Result<Exit> {
                prepare(&self.steps, made_by)?;
                self.steps.step(made_by).run(term)
            });
        }
        self.steps
            .file(file)
            .exists()
            .then(|| standing::foreign(&self.steps, file, term))?
            .map(|why| self.in_words(&why))
    }

    /// What a step that was tried means for the real run.
    fn told(
        &self,
        is_plan: bool,
        (tried, said): (anyhow::Result<Exit>, Vec<u8>),
        term: &mut Terminal,
    ) -> anyhow::Result<Option<Exit>> {
        match tried {
            Ok(Exit::Fine) => Ok(None),
            // A plan that changes something.
            Ok(Exit::Findings) if is_plan => Ok(None),
            // A server that is named and does not answer ends the real run, too.
            Err(error) if error.downcast_ref::<ClientError>().is_some() => {
                self.failed(&format!("error: {error:#}"), Exit::Usage, term)
            }
            // No server is named yet.
            Ok(Exit::Usage) if is_plan && !has_server(&self.steps) => {
                self.note(&String::from_utf8_lossy(&said), term).map(|()| None)
            }
            Err(error) if is_plan && !has_server(&self.steps) => {
                self.note(&format!("{error:#}"), term).map(|()| None)
            }
            Ok(exit) => self.failed(&String::from_utf8_lossy(&said), exit, term),
            Err(error) => self.failed(&format!("error: {error:#}"), Exit::Usage, term),
        }
    }

    fn note(&self, said: &str, term: &mut Terminal) -> anyhow::Result<()> {
        let first = said.lines().find(|line| !line.is_empty()).unwrap_or_default();
        let first = self.in_words(first);
        writeln!(term.err(), "  not tried: {}", first.trim_start_matches("error: "))?;
        Ok(())
    }

    fn failed(&self, said: &str, exit: Exit, term: &mut Terminal) -> anyhow::Result<Option<Exit>> {
        let said = self.in_words(said);
        // What the step would have made is of no interest.
        let is_of_it =
            |line: &&str| !["note: ", "warning: ", "wrote"].iter().any(|start| line.starts_with(start));
        for line in said.lines().filter(is_of_it) {
            writeln!(term.err(), "  {line}")?;
        }
        Ok(Some(exit))
    }

    /// What a step says, with the paths of the real run.
    fn in_words(&self, said: &str) -> String {
        let said = anstream::adapter::strip_str(said).to_string();
        let scratch = self.steps.dir.to_string_lossy();
        said.replace(&format!("{scratch}/"), &self.real).replace(&*scratch, self.real.trim_end_matches('/'))
    }
}

/// Whether Marathon's address is known, as `deploy` finds it.
fn has_server(steps: &Steps<'_>) -> bool {
    connection::has_marathon(steps.args.url.as_deref())
}
