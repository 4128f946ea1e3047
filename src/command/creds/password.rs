//! Passwords that a user gives: at the terminal, on standard input, in a file.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
#[cfg(feature = "cert")]
use secrecy::ExposeSecret as _;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::Terminal;
use crate::command::terminal::warn_where_open;
use crate::source;

/// The limit for passwords, in bytes. Tokens of clouds have some thousand.
const MAX_PASSWORD: u64 = 64 * 1024;

/// Where a password comes from.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub(in crate::command) struct PasswordInput {
    /// Read the password from standard input, without the line break at its end
    #[arg(long)]
    password_stdin: bool,

    /// Read the password from this file, without the line break at its end
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordInput {
    /// The password; at a terminal it is asked for.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub(in crate::command) fn read(&self, prompt: &str, term: &mut Terminal) -> anyhow::Result<SecretString> {
        self.read_or(|term| ask_password(prompt, term), term)
    }

    /// The new password of a user; at a terminal it is asked for twice.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    #[cfg(feature = "cert")]
    pub(in crate::command) fn read_new(
        &self,
        name: &str,
        term: &mut Terminal,
    ) -> anyhow::Result<SecretString> {
        self.read_or(|term| ask_twice(&format!("New password of {name}: "), term), term)
    }

    /// The password that an option gives, and the option; nothing where it would be asked for.
    ///
    /// # Errors
    /// When it cannot be read.
    #[cfg(feature = "cert")]
    pub(in crate::command) fn given(&self) -> anyhow::Result<Option<(&'static str, SecretString)>> {
        Ok(match &self.password_file {
            Some(path) => Some(("--password-file", read_password_file(path)?)),
            None if self.password_stdin => Some(("--password-stdin", read_stdin()?)),
            None => None,
        })
    }

    fn read_or(
        &self,
        ask: impl FnOnce(&mut Terminal) -> anyhow::Result<SecretString>,
        term: &mut Terminal,
    ) -> anyhow::Result<SecretString> {
        match &self.password_file {
            Some(path) => read_password_file(path),
            None if io::stdin().is_terminal() => ask(term),
            None if self.password_stdin => read_stdin(),
            None => bail!(
                "there is no terminal to ask for the password at: give --password-stdin or --password-file FILE"
            ),
        }
    }
}

/// Asks for a new password at the terminal twice, because it is not shown.
#[cfg(feature = "cert")]
fn ask_twice(prompt: &str, term: &mut Terminal) -> anyhow::Result<SecretString> {
    let password = ask_password(prompt, term)?;
    let again = ask_password("The same again: ", term)?;
    if password.expose_secret() != again.expose_secret() {
        bail!("the two passwords differ; nothing was changed");
    }
    Ok(password)
}

/// Asks for the password at the terminal, which does not show it.
pub(in crate::command) fn ask_password(prompt: &str, term: &mut Terminal) -> anyhow::Result<SecretString> {
    term.err().flush()?;
    #[cfg(unix)]
    let _kept = source::KeptEcho::new();
    let typed = rpassword::prompt_password(prompt);
    if typed.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Interrupted) {
        // Ctrl-C, which another thread is about to end the program for.
        std::thread::sleep(Duration::from_secs(1));
    }
    Ok(of_text(&Zeroizing::new(typed.context("cannot read the password")?)))
}

/// Reads the password from a file.
pub(in crate::command) fn read_password_file(path: &Path) -> anyhow::Result<SecretString> {
    let text = Zeroizing::new(source::read(path).context("cannot read the password from a file")?);
    warn_where_open(path);
    Ok(of_text(&text))
}

/// Reads the password from standard input.
pub(in crate::command) fn read_stdin() -> anyhow::Result<SecretString> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    let read = io::stdin().lock().take(MAX_PASSWORD + 1).read_to_end(&mut bytes);
    read.context("cannot read the password from standard input")?;
    if bytes.len() as u64 > MAX_PASSWORD {
        bail!("standard input has more than {MAX_PASSWORD} bytes, too many for a password");
    }
    Ok(of_text(std::str::from_utf8(&bytes).context("the password on standard input is not UTF-8")?))
}

/// The password without the line break that editors and `echo` add.
fn of_text(text: &str) -> SecretString {
    let line = text.strip_suffix('\n').unwrap_or(text);
    SecretString::from(line.strip_suffix('\r').unwrap_or(line))
}
