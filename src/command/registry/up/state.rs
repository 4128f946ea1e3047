//! What is done of the steps: what the files and the servers say.

use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context as _, bail};

use super::super::cert::read_pair;
use super::super::{Exit, Terminal};
use super::StepName;
use super::steps::{ARCHIVE_URI, Step, Steps, run_line};
use crate::command::creds::has_login;
use crate::registry::cert::is_for;
use crate::registry::users::UserFile;
use crate::source;
use crate::util::escape::shown_path;

/// Why a step is done; nothing where it is not.
///
/// # Errors
/// When what is there cannot be used.
pub(super) fn done(steps: &Steps<'_>, step: &Step, term: &mut Terminal) -> anyhow::Result<Option<String>> {
    let is_there = |name: &str| steps.file(name).exists();
    let shown = |name: &str| shown_path(&steps.file(name));
    Ok(match step.name {
        StepName::Cert if is_there("domain.crt") && is_there("domain.key") && is_there("ca.crt") => {
            certificate(steps)?;
            Some(format!("{} is for {}", shown("domain.crt"), steps.args.host.name()))
        }
        StepName::User if is_there("htpasswd") => {
            let users = UserFile::read(&source::read(&steps.file("htpasswd"))?, false);
            let has = users.with_context(|| shown("htpasswd"))?.has(&steps.args.username);
            has.then(|| format!("{} has {}", shown("htpasswd"), steps.args.username))
        }
        StepName::Trust => {
            let files: &[&str] = if step.runs_script {
                &["ca.crt", "domain.crt", "domain.key", "htpasswd"]
            } else {
                &["ca.crt"]
            };
            let (mark, what) = if step.runs_script {
                ("trust.done", "the agents have it")
            } else {
                ("trust.sh", "it is there")
            };
            is_newer(steps, mark, files).then(|| format!("{} says that {what}", shown(mark)))
        }
        StepName::App if is_there("registry.json") => Some(format!("{} is there", shown("registry.json"))),
        StepName::Deploy if is_there("registry.json") => planned(steps, "registry.json", term)?,
        StepName::Login if is_there("config.json") => {
            let host = steps.args.host.to_string();
            has_login(&steps.file("config.json"), &host)?
                .then(|| format!("{} has credentials for {host}", shown("config.json")))
        }
        StepName::Push if is_there("config.json") && is_there("ca.crt") => {
            let mut line = vec!["image".to_owned(), "check".to_owned(), steps.image()];
            steps.at_registry(&mut line);
            // Whatever keeps the registry from saying that it has the image is told by the push itself.
            let (exit, _) = term.captured(true, |term| run_line(&line, term));
            matches!(exit, Ok(Exit::Fine)).then(|| format!("the registry has {}", steps.image()))
        }
        StepName::Creds => {
            let mark = if step.script.is_some() { "send.done" } else { "docker.tar.gz" };
            is_newer(steps, mark, &["config.json"])
                .then(|| format!("{} is newer than the credentials", shown(mark)))
        }
        StepName::Wire if is_there("test.json") => {
            let text = source::read(&steps.file("test.json"))?;
            text.contains(ARCHIVE_URI).then(|| format!("{} has the credentials", shown("test.json")))
        }
        StepName::Test if is_there("test.json") => planned(steps, "test.json", term)?,
        _ => None,
    })
}

/// Refuses a certificate that clients of this registry would.
fn certificate(steps: &Steps<'_>) -> anyhow::Result<()> {
    let file = steps.file("domain.crt");
    let (bundle, _) = read_pair(&file, &steps.file("domain.key"))?;
    let wanted = steps.args.host.name();
    if !bundle.certificates.first().is_some_and(|certificate| is_for(certificate, wanted)) {
        bail!(
            "{} is not for {wanted}: give another --dir, or replace it with `milepost registry cert --force`",
            shown_path(&file)
        );
    }
    Ok(())
}

/// Whether a file is there, and not older than these.
fn is_newer(steps: &Steps<'_>, name: &str, than: &[&str]) -> bool {
    let time = |name: &str| modified(&steps.file(name));
    time(name).is_some_and(|own| than.iter().all(|other| time(other).is_some_and(|other| own >= other)))
}

fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// Whether Marathon has a definition as it is. What would change is shown; so is what keeps it from being sent.
fn planned(steps: &Steps<'_>, file: &str, term: &mut Terminal) -> anyhow::Result<Option<String>> {
    let line = steps.deployment("plan", file);
    let (exit, plan) = term.captured(false, |term| run_line(&line, term));
    match exit {
        Ok(Exit::Fine) => return Ok(Some(format!("Marathon has {}", shown_path(&steps.file(file))))),
        Ok(Exit::Findings) => term.err().write_all(&plan)?,
        // The deployment would end the same way; of a dry run it is no failure.
        Ok(_) => {}
        Err(error) if steps.args.dry_run => writeln!(term.err(), "note: {error:#}")?,
        Err(error) => return Err(error),
    }
    Ok(None)
}
