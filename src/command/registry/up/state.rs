//! What is done of the steps: what the files and the servers say.

use std::path::Path;
use std::time::SystemTime;

use anyhow::bail;
use serde_json::Value as Json;

use super::super::cert::read_pair;
use super::super::files::removal;
use super::super::{Exit, Terminal};
use super::step::UpStep;
use super::steps::{ARCHIVE_URI, Steps, run_line};
use super::{StepName, running, standing};
use crate::command::creds::stored_user;
use crate::registry::cert::is_for;
use crate::source;
use crate::util::escape::shown_path;

/// Why a step is done; nothing where it is not.
///
/// # Errors
/// When what is there cannot be used.
pub(super) fn done(steps: &Steps<'_>, step: &UpStep, term: &mut Terminal) -> anyhow::Result<Option<String>> {
    let is_there = |name: &str| steps.file(name).exists();
    let shown = |name: &str| shown_path(&steps.file(name));
    let files = &steps.files;
    let has_certificate = || is_there(&files.certificate) && is_there(&files.key);
    Ok(match step.name {
        StepName::Cert if has_certificate() && is_there("ca.crt") => {
            certificate(steps, step)?;
            Some(format!("{} is for {}", shown(&files.certificate), steps.args.host.name()))
        }
        StepName::User => match steps.has_password()? {
            Some(true) => Some(format!("{} has {}", shown(&files.users), steps.args.username)),
            _ => None,
        },
        StepName::Group if has_certificate() || is_there("registry.json") => {
            if has_certificate() {
                certificate(steps, step)?;
            }
            if is_there("registry.json") {
                definition(steps, step, term)?;
            }
            let is_whole = has_certificate() && is_there("registry.json");
            (is_whole && steps.has_password()? == Some(true))
                .then(|| format!("{} is there, and what it needs", shown("registry.json")))
        }
        StepName::Trust | StepName::Creds if step.runs_script => sent(steps, step, term)?,
        // What the operator brings to the agents is told again where it changed.
        StepName::Trust => ["ca.crt", &files.certificate, &files.key, &files.users]
            .into_iter()
            .all(|file| is_newer(steps, "trust.sh", file))
            .then(|| format!("{} is there", shown("trust.sh"))),
        StepName::App if is_there("registry.json") => {
            definition(steps, step, term)?;
            Some(format!("{} is there", shown("registry.json")))
        }
        StepName::Deploy if is_there("registry.json") => {
            let unread = running::unread(steps);
            let done = planned(steps, "registry.json", term)?.filter(|_| unread.is_empty());
            if done.is_some() && !steps.args.dry_run {
                running::note_read(steps)?;
            }
            done
        }
        StepName::Login if is_there("config.json") => {
            let host = steps.args.host.to_string();
            let user = stored_user(&steps.file("config.json"), &host)?;
            // Those of another user are replaced.
            let is_there = user.as_ref() == Some(&steps.args.username);
            (is_there && is_newer(steps, "config.json", "password")).then(|| {
                format!("{} has {}'s credentials for {host}", shown("config.json"), steps.args.username)
            })
        }
        StepName::Push if is_there("config.json") && is_there("ca.crt") => {
            let mut line = vec!["image".to_owned(), "check".to_owned(), steps.image()];
            steps.at_registry(&mut line);
            // The push itself reports whatever keeps the registry from saying that it has the image.
            let (exit, _) = term.captured(true, |term| run_line(&line, term));
            matches!(exit, Ok(Exit::Fine)).then(|| format!("the registry has {}", steps.image()))
        }
        StepName::Creds => is_newer(steps, "docker.tar.gz", "config.json")
            .then(|| format!("{} is newer than the credentials", shown("docker.tar.gz"))),
        StepName::Wire if is_there("test.json") => {
            let text = source::read(&steps.file("test.json"))?;
            if !text.contains(&steps.image()) {
                bail!("{} is of another image than {}: remove it", shown("test.json"), steps.image());
            }
            text.contains(ARCHIVE_URI).then(|| format!("{} has the credentials", shown("test.json")))
        }
        StepName::Test if is_there("test.json") => planned(steps, "test.json", term)?,
        _ => None,
    })
}

/// Refuses a certificate that clients of this registry would.
fn certificate(steps: &Steps<'_>, step: &UpStep) -> anyhow::Result<()> {
    let file = steps.file(&steps.files.certificate);
    let (bundle, _) = read_pair(&file, &steps.file(&steps.files.key))?;
    let wanted = steps.args.host.name();
    if !bundle.certificates.first().is_some_and(|certificate| is_for(certificate, wanted)) {
        let way = match step.name {
            StepName::Group => {
                format!("have it made again with `{}`", removal([&file, &steps.file(&steps.files.key)]))
            }
            _ => format!("replace it with `{} --force`", step.shown().join("; ")),
        };
        bail!("{} is not for {wanted}: give another --dir, or {way}", shown_path(&file));
    }
    Ok(())
}

/// Refuses a definition that is not what the options make: the others would be lost without a word.
fn definition(steps: &Steps<'_>, step: &UpStep, term: &mut Terminal) -> anyhow::Result<()> {
    let file = steps.file("registry.json");
    let there: Option<Json> = serde_json::from_str(&source::read(&file)?).ok();
    let now = steps.definition_now(step, term)?;
    if now.is_some() && there != now {
        let (word, _) = step.name.words();
        bail!(
            "{} is not what the options make: remove it to have it made again, or keep it with --skip {word}",
            shown_path(&file)
        );
    }
    Ok(())
}

/// Whether the agents have what a step brings them.
fn sent(steps: &Steps<'_>, step: &UpStep, term: &mut Terminal) -> anyhow::Result<Option<String>> {
    let Some(mark) =
        step.script.as_ref().map(|script| script.with_extension("done")).filter(|mark| mark.exists())
    else {
        return Ok(None);
    };
    let is_sent =
        steps.mark(step.name, term)?.is_some_and(|now| source::read(&mark).is_ok_and(|mark| mark == now));
    Ok(is_sent.then(|| format!("{} says that the agents have it", shown_path(&mark))))
}

/// Whether a file is there, and not older than another one, where that is there.
fn is_newer(steps: &Steps<'_>, name: &str, than: &str) -> bool {
    let time = |name: &str| modified(&steps.file(name));
    time(name).is_some_and(|own| time(than).is_none_or(|other| own >= other))
}

fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// Whether Marathon has a definition as it is. What would change is shown; so is what keeps it from being sent.
fn planned(steps: &Steps<'_>, file: &str, term: &mut Terminal) -> anyhow::Result<Option<String>> {
    let line = steps.deployment("plan", file);
    let (exit, plan) = term.captured(false, |term| run_line(&line, term));
    match exit {
        Ok(Exit::Fine) => {
            if !steps.args.dry_run {
                standing::note_deployed(steps, file)?;
            }
            return Ok(Some(format!("Marathon has {}", shown_path(&steps.file(file)))));
        }
        Ok(Exit::Findings) => {
            term.err().write_all(&plan)?;
            // A dry run tries the step, and tells it then.
            let foreign = if steps.args.dry_run { None } else { standing::foreign(steps, file, term) };
            if let Some(why) = foreign {
                bail!(why);
            }
        }
        // The deployment would end the same way; of a dry run it is no failure.
        Ok(_) => {}
        Err(error) if steps.args.dry_run => writeln!(term.err(), "note: {error:#}")?,
        Err(error) => return Err(error),
    }
    Ok(None)
}
