//! Docker's credential helpers: programs that keep credentials in a keychain or get them from a cloud
//! (docker/docker-credential-helpers). Agents do not have them.

use std::io::{self, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_setfl};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::login::{Login, LoginProof};
use crate::source::ProcessGroup;

/// The limit for answers, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;

/// A helper's answer for an unknown registry (docker-credential-helpers, `errCredentialsNotFoundMessage`).
const NOT_FOUND: &str = "credentials not found in native keychain";

/// Why a helper gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum HelperError {
    /// Not the name of a program.
    #[error("`{0}` is not a name of a credential helper: use letters, digits, `-`, `_` and `.`")]
    Name(String),
    /// It cannot be started.
    #[error("cannot run docker-credential-{program}: {cause}; it has to be in a directory of PATH")]
    Start {
        /// The helper.
        program: String,
        /// The operating system's reason.
        cause: io::Error,
    },
    /// It failed.
    #[error("docker-credential-{program} says: {message}")]
    Failed {
        /// The helper.
        program: String,
        /// Its first line.
        message: String,
    },
    /// It has no credentials for the registry.
    #[error("docker-credential-{program} has no credentials for {key}")]
    NotFound {
        /// The helper.
        program: String,
        /// What was asked for.
        key: String,
    },
    /// Its answer is not that of a helper. Never quoted.
    #[error("docker-credential-{program} does not answer as credential helpers do")]
    Answer {
        /// The helper.
        program: String,
    },
    /// It took too long, perhaps because it waits for a keychain to be unlocked.
    #[error("docker-credential-{program} did not answer within {seconds} s")]
    TimedOut {
        /// The helper.
        program: String,
        /// The time allowed.
        seconds: u64,
    },
}

/// A helper by its name, `osxkeychain` for `docker-credential-osxkeychain`.
#[derive(Clone, Debug)]
pub struct Helper {
    program: String,
    timeout: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HelperReply {
    username: String,
    secret: SecretString,
}

impl Helper {
    /// A helper in a directory of PATH, which may take `timeout` for an answer.
    ///
    /// # Errors
    /// When the name would lead to another directory.
    pub fn new(name: &str, timeout: Duration) -> Result<Self, HelperError> {
        let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || !name.chars().all(is_fine) {
            return Err(HelperError::Name(name.replace(char::is_control, "?")));
        }
        Ok(Self { program: name.to_owned(), timeout })
    }

    /// Asks for the credentials under a key (`get`, the key on standard input).
    ///
    /// # Errors
    /// When the helper cannot be run, has none, or does not answer as helpers do.
    pub fn get(&self, key: &str) -> Result<Login, HelperError> {
        let bytes = self.ask("get", key)?;
        let program = || self.program.clone();
        let answer: HelperReply =
            serde_json::from_slice(&bytes).map_err(|_| HelperError::Answer { program: program() })?;
        if answer.secret.expose_secret().is_empty() {
            return Err(HelperError::NotFound { program: program(), key: key.to_owned() });
        }
        // Replaces the user where the secret is an identity token (docker/cli, `tokenUsername`).
        Ok(if answer.username == "<token>" {
            Login::found(String::new(), LoginProof::Identity(answer.secret), None)
        } else {
            Login::found(answer.username, LoginProof::Password(answer.secret), None)
        })
    }

    /// The keys of all credentials that it keeps (`list`).
    ///
    /// # Errors
    /// As [`Helper::get`].
    pub fn list(&self) -> Result<Vec<String>, HelperError> {
        let bytes = self.ask("list", "unused")?;
        let keys: Result<std::collections::BTreeMap<String, String>, _> = serde_json::from_slice(&bytes);
        let keys = keys.map_err(|_| HelperError::Answer { program: self.program.clone() })?;
        Ok(keys.into_keys().collect())
    }

    fn ask(&self, action: &str, key: &str) -> Result<Zeroizing<Vec<u8>>, HelperError> {
        let failed = |cause| HelperError::Start { program: self.program.clone(), cause };
        let mut command = Command::new(format!("docker-credential-{}", self.program));
        command.arg(action).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let (group, mut child) = ProcessGroup::start(&mut command).map_err(failed)?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let input = key.to_owned();
        // Not joined: the helper may not read its input, and its answer tells enough then.
        thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        let answer = stdout
            .ok_or_else(|| io::Error::other("it has no output"))
            .and_then(|mut stdout| answer(&mut child, &mut stdout, Instant::now() + self.timeout));
        match answer {
            Ok(Some((status, answer))) if status.success() => Ok(answer),
            Ok(Some((_, answer))) => Err(self.refusal(&answer, key)),
            Ok(None) => {
                group.end();
                // It has ended now, or had before.
                let _ = child.wait();
                Err(self.timed_out())
            }
            Err(cause) => {
                group.end();
                let _ = child.wait();
                Err(failed(cause))
            }
        }
    }

    fn timed_out(&self) -> HelperError {
        HelperError::TimedOut { program: self.program.clone(), seconds: self.timeout.as_secs() }
    }

    /// The error of a failed helper, which is on its standard output.
    fn refusal(&self, answer: &[u8], key: &str) -> HelperError {
        let text = String::from_utf8_lossy(answer);
        let line = text.trim().lines().next().unwrap_or_default();
        if line.contains(NOT_FOUND) {
            return HelperError::NotFound { program: self.program.clone(), key: key.to_owned() };
        }
        // An object may hold the secret, whatever the exit code.
        let message = match line {
            "" => "nothing, and fails".to_owned(),
            line if line.contains(['{', '"']) => "something that is not shown, and fails".to_owned(),
            line => masked(line),
        };
        HelperError::Failed { program: self.program.clone(), message }
    }
}

/// What a helper has answered when it ends; nothing where it does not until `end`. Does not wait for the end of its output: a
/// child that it leaves behind, such as an agent with the keys, may keep that open for ever.
fn answer(
    child: &mut Child,
    stdout: &mut ChildStdout,
    end: Instant,
) -> io::Result<Option<(ExitStatus, Zeroizing<Vec<u8>>)>> {
    fcntl_setfl(&*stdout, OFlags::NONBLOCK)?;
    let mut answer = Zeroizing::new(Vec::with_capacity(4096));
    loop {
        // Asked before the output is read: what an ended helper has written is all there then.
        let status = child.try_wait()?;
        read_available(stdout, &mut answer)?;
        if let Some(status) = status {
            return Ok(Some((status, answer)));
        }
        if Instant::now() >= end {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Reads what is there without waiting for more.
fn read_available(stdout: &mut ChildStdout, answer: &mut Vec<u8>) -> io::Result<()> {
    let mut part = Zeroizing::new([0; 4096]);
    // A helper that never stops is left to its time-out.
    while answer.len() <= MAX_ANSWER {
        match stdout.read(&mut *part) {
            Ok(0) => break,
            Ok(length) => answer.extend_from_slice(&part[..length]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What a failed helper says, without words that may be a password or token: long ones, those with digits or unusual
/// characters, and what follows the word for one.
fn masked(line: &str) -> String {
    const AFTER: [&str; 12] =
        ["is", "was", "has", "not", "for", "from", "in", "of", "or", "and", "expired", "required"];
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let is_plain = |word: &str| {
        word.chars().count() <= 20 && word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’'))
    };
    let mut words: Vec<&str> = Vec::new();
    let mut follows = false;
    for word in line.split_whitespace() {
        let plain = bare(word);
        let is_hidden = follows && !AFTER.contains(&plain.as_str()) || !is_plain(&plain);
        words.push(if is_hidden { "***" } else { word });
        follows = ["password", "passphrase", "token", "secret", "key"].contains(&plain.as_str());
    }
    words.join(" ").chars().take(200).filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in ["", "../x", "/bin/sh", "a b", "x;y", "ä"] {
            assert!(matches!(Helper::new(name, Duration::ZERO), Err(HelperError::Name(_))), "{name}");
        }
        assert!(Helper::new("ecr-login", Duration::ZERO).is_ok());
    }

    #[test]
    fn what_a_failed_helper_says_is_masked() {
        assert_eq!(masked("User interaction is not allowed."), "User interaction is not allowed.");
        assert_eq!(masked("token dckr_pat_AbC is bad: hunter2, let_me_in"), "token *** is bad: *** ***");
        assert_eq!(masked("the password: letmein is wrong"), "the password: *** is wrong");
        assert_eq!(masked("the token is expired"), "the token is expired");
        assert_eq!(masked("abcdefghijklmnopqrstuvwxyz"), "***");
    }
}
