//! What runs, and whether it has read the files that it runs with: registry and token server read their certificate, and the token
//! server its users, when they start.

use std::thread;
use std::time::{Duration, Instant};

use secrecy::zeroize::Zeroizing;
use serde_json::{Value as Json, json};

use super::super::{Exit, Terminal};
use super::UpAuth;
use super::standing::{DEPLOYED, deployed};
use super::step::{UpStep, shown_line};
use super::steps::{RegistryFiles, Steps};
use crate::image::digest::sha256;
use crate::source;

/// What the files were like when Marathon last started what reads them, in the directory of what was deployed.
const READ: &str = "read.json";
/// How long a token server is waited for.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often it is asked.
const PAUSE: Duration = Duration::from_secs(2);

/// The apps, by their ids, that were started before their files became what they are.
pub(super) fn unread(steps: &Steps<'_>) -> Vec<String> {
    if !steps.file(&deployed("registry.json")).exists() {
        return Vec::new();
    }
    let (read, now) = (json(steps, &format!("{DEPLOYED}/{READ}")), now(steps));
    let has_new = |what: &str| read.as_ref().is_some_and(|read| read[what] != now[what]);
    if has_new("certificate") {
        return ids(steps);
    }
    let gets_user = || !matches!(steps.has_password(), Ok(Some(true)) | Err(_));
    let is_behind = steps.args.auth == UpAuth::Token && (read.is_none() || has_new("users") || gets_user());
    if is_behind { token_server(steps).into_iter().collect() } else { Vec::new() }
}

fn json(steps: &Steps<'_>, name: &str) -> Option<Json> {
    serde_json::from_str(&source::read(&steps.file(name)).ok()?).ok()
}

/// The apps of the definition.
fn ids(steps: &Steps<'_>) -> Vec<String> {
    let definition = json(steps, "registry.json").unwrap_or_default();
    let apps = definition["apps"].as_array().map_or_else(|| vec![&definition], |apps| apps.iter().collect());
    apps.into_iter().filter_map(|app| app["id"].as_str().map(str::to_owned)).collect()
}

/// The token server of the definition.
fn token_server(steps: &Steps<'_>) -> Option<String> {
    ids(steps).into_iter().find(|id| id.ends_with("/auth"))
}

/// The line that has the token server start anew.
fn shown_restart(steps: &Steps<'_>) -> String {
    shown_line(&steps.restart(token_server(steps).as_deref().unwrap_or("APP-ID")))
}

/// Notes that what runs has read the files as they are.
///
/// # Errors
/// When it cannot be written.
pub(super) fn note_read(steps: &Steps<'_>) -> anyhow::Result<()> {
    source::write_privately(&steps.file(&format!("{DEPLOYED}/{READ}")), now(steps).to_string().as_bytes())?;
    Ok(())
}

/// The files as they are.
fn now(steps: &Steps<'_>) -> Json {
    let RegistryFiles { certificate, key, users } = &steps.files;
    let of = |names: &[&String]| {
        let mut all = Zeroizing::new(Vec::new());
        for name in names {
            // What cannot be read is told by the step that needs it.
            all.extend_from_slice(&Zeroizing::new(source::read_bytes(&steps.file(name)).unwrap_or_default()));
        }
        sha256(&all)
    };
    json!({"certificate": of(&[certificate, key]), "users": of(&[users])})
}

/// Signs in at a registry with a token server. One that Marathon restarts takes a new password some time later.
///
/// # Errors
/// When the login cannot be tried.
pub(super) fn login(steps: &Steps<'_>, step: &UpStep, term: &mut Terminal) -> anyhow::Result<Exit> {
    let begin = Instant::now();
    let mut is_told = false;
    loop {
        let (exit, said) = term.captured(true, |term| step.run(term));
        let is_late = !steps.has_restarted.get() || begin.elapsed() >= PATIENCE;
        if is_late || matches!(exit, Ok(Exit::Fine | Exit::Interrupted)) {
            term.err().write_all(&said)?;
            if matches!(exit, Ok(Exit::Refused)) {
                writeln!(
                    term.err(),
                    "note: the token server reads its users when it starts: `{}` has it start anew, on an agent that has {}",
                    shown_restart(steps),
                    steps.path(&steps.files.users)
                )?;
            }
            return exit;
        }
        if !is_told {
            is_told = true;
            writeln!(
                term.err(),
                "the registry does not take the login yet: waiting up to {} seconds for the token server to start anew",
                PATIENCE.as_secs()
            )?;
        }
        thread::sleep(PAUSE);
    }
}
