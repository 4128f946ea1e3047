//! `milepost registry user`

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::{Exit, Terminal};
use crate::command::creds::PasswordInput;
use crate::registry::users::{COST, UserFile, hash, user_name};
use crate::source;
use crate::util::escape::{shell_word, shown_path};

/// Add, remove and list the users of a registry.
///
/// FILE is what the registry reads (`registry app --auth htpasswd`), or, where its name ends in .yml or .yaml, the
/// configuration of the token server docker_auth. Everything else in it stays, comments too. Passwords are
/// kept as bcrypt hashes, and only the file's owner can read it (0600).
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost registry user add foo htpasswd --password-stdin < password.txt
  milepost registry user passwd foo auth_config.yml
  milepost registry user remove foo htpasswd
  milepost registry user list htpasswd

At a terminal the password is asked for, twice. The registry reads a changed htpasswd by itself; docker_auth reads its \
configuration again on SIGHUP or when it starts.

Exit codes: 0 done; 1 `list`: a user cannot sign in, or needs no password; 2 wrong usage, or a file that cannot be read or written.")]
pub(super) struct Args {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, clap::Subcommand)]
enum UserCommand {
    /// Add a user; an htpasswd is made if it is not there
    Add(SetArgs),
    /// Give a user another password
    Passwd(SetArgs),
    /// Remove a user
    Remove(UserNameArgs),
    /// List the users, and what is wrong with their passwords
    List {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct UserNameArgs {
    /// The user
    #[arg(value_name = "NAME")]
    name: String,

    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl UserNameArgs {
    /// The user and the file. Either order is taken where the first is rather the file: a new file under a user's name is
    /// never meant.
    fn get(&self) -> (&str, &Path) {
        let file = Path::new(&self.name);
        match self.file.to_str() {
            Some(name) if likeness(file) > likeness(&self.file) => (name, file),
            _ => (&self.name, &self.file),
        }
    }
}

/// How much a path is like a file of users: most by its name, then by being a file, which may be any other one.
fn likeness(path: &Path) -> u8 {
    if is_auth_config(path) || path.ends_with("htpasswd") || has_end(path, "htpasswd") {
        2
    } else {
        path.is_file().into()
    }
}

fn has_end(path: &Path, end: &str) -> bool {
    path.extension().is_some_and(|extension| extension == end)
}

/// Whether a file of users is the configuration of a token server.
pub(super) fn is_auth_config(file: &Path) -> bool {
    has_end(file, "yml") || has_end(file, "yaml")
}

#[derive(Debug, clap::Args)]
struct SetArgs {
    #[command(flatten)]
    user: UserNameArgs,

    #[command(flatten)]
    password: PasswordArgs,
}

/// A new password, and how it is kept.
#[derive(Debug, clap::Args)]
pub(super) struct PasswordArgs {
    #[command(flatten)]
    input: PasswordInput,

    /// The cost of the hash: each step doubles the time that a check takes
    #[arg(hide_short_help = true, long, value_name = "N", default_value_t = COST, value_parser = clap::value_parser!(u32).range(4..=16))]
    cost: u32,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        UserCommand::Add(args) => set(args, Presence::No, term),
        UserCommand::Passwd(args) => set(args, Presence::Yes, term),
        UserCommand::Remove(args) => remove(args, term),
        UserCommand::List { file } => list(file, term),
    }
}

/// Whether the user has to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Yes,
    No,
}

fn set(args: &SetArgs, known: Presence, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (name, file) = args.user.get();
    let shown = shown_path(file);
    // Before the password is asked for.
    user_name(name)?;
    check(&read(file)?, name, known, file)?;
    let hash = args.password.hash(name, term).with_context(|| shown.clone())?;
    change(file, |users| {
        check(users, name, known, file)?;
        Ok(users.set(name, &hash)?)
    })?;
    let did = if known == Presence::Yes { "changed the password of" } else { "added" };
    writeln!(term.err(), "{did} {name} in {shown}")?;
    Ok(Exit::Fine)
}

/// `milepost registry user add foo htpasswd`, as a line for a shell.
pub(super) fn command_line(word: &str, name: &str, file: &Path) -> String {
    format!("milepost registry user {word} {} {}", shell_word(name), shell_word(&file.to_string_lossy()))
}

fn check(users: &UserFile, name: &str, known: Presence, file: &Path) -> anyhow::Result<()> {
    let shown = shown_path(file);
    match (users.has(name), known) {
        (true, Presence::No) => {
            bail!(
                "{shown} has the user {name} already: `{}` changes the password",
                command_line("passwd", name, file)
            )
        }
        (false, Presence::Yes) => {
            let (name, add) = if name.is_empty() { (called(name), "NAME") } else { (name, name) };
            bail!("{shown} has no user {name}: `{}` adds one", command_line("add", add, file))
        }
        _ => Ok(()),
    }
}

impl PasswordArgs {
    /// The cost of the hash.
    pub(super) fn cost(&self) -> u32 {
        self.cost
    }

    /// The password that an option gives, and the option; nothing where it would be asked for.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn given(&self) -> anyhow::Result<Option<(&'static str, SecretString)>> {
        self.input.given()
    }

    /// The bcrypt hash of a user's new password.
    ///
    /// # Errors
    /// When there is no password, or it cannot be hashed.
    pub(super) fn hash(&self, name: &str, term: &mut Terminal) -> anyhow::Result<String> {
        let password = self.input.read_new(name, term)?;
        hash(&password, self.cost).with_context(|| name.to_owned())
    }
}

fn remove(args: &UserNameArgs, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (name, file) = args.get();
    let shown = shown_path(file);
    let mut left = Vec::new();
    change(file, |users| {
        check(users, name, Presence::Yes, file)?;
        users.remove(name)?;
        left = users.users();
        Ok(())
    })?;
    writeln!(term.err(), "removed {} from {shown}", called(name))?;
    if left.iter().all(|user| user.name.is_empty()) {
        let then = if is_auth_config(file) && left.is_empty() {
            ", and without users docker_auth does not start, unless the file names another way to sign in"
        } else {
            ""
        };
        writeln!(
            term.err(),
            "warning: no user is left in {shown}: nobody can sign in{then}; `{}` adds one",
            command_line("add", "NAME", file)
        )?;
    }
    Ok(Exit::Fine)
}

/// A user's name in a sentence; that of everybody who does not sign in is empty.
fn called(name: &str) -> &str {
    if name.is_empty() { "\"\"" } else { name }
}

fn list(file: &Path, term: &mut Terminal) -> anyhow::Result<Exit> {
    if !file.exists() {
        bail!("there is no file {}", shown_path(&file));
    }
    let file_of_users = read(file)?;
    let (users, fault) = (file_of_users.users(), file_of_users.fault());
    if let Some(fault) = &fault {
        writeln!(term.err(), "error: {}: {fault}", shown_path(&file))?;
    }
    let mut seen = HashSet::new();
    for user in &users {
        if !seen.insert(&user.name) {
            writeln!(term.err(), "warning: {} is there twice: only the last entry counts", user.name)?;
        }
    }
    let mut report = term.report();
    for user in &users {
        match user.fault {
            None if user.name.is_empty() => writeln!(report, "\"\" (everybody who does not sign in)")?,
            None => writeln!(report, "{}", user.name)?,
            Some(fault) => writeln!(report, "{}  {fault}", user.name)?,
        }
    }
    Ok(if fault.is_some() || users.iter().any(|user| user.fault.is_some()) {
        Exit::Findings
    } else {
        Exit::Fine
    })
}

/// Changes a file while no other milepost does.
fn change(file: &Path, work: impl FnOnce(&mut UserFile) -> anyhow::Result<()>) -> anyhow::Result<()> {
    source::alone(file, || {
        let mut users = read(file)?;
        if let Some(fault) = users.fault() {
            return Err(fault).with_context(|| shown_path(&file));
        }
        work(&mut users)?;
        source::write_privately(file, users.text().as_bytes())?;
        Ok(())
    })?
}

fn read(file: &Path) -> anyhow::Result<UserFile> {
    let is_auth_config = is_auth_config(file);
    if is_auth_config && !file.exists() {
        bail!(
            "there is no file {}: `milepost registry group` makes the configuration of a token server",
            shown_path(&file)
        );
    }
    // A file of lines begins empty.
    let text = if file.exists() { Zeroizing::new(source::read(file)?) } else { Zeroizing::default() };
    UserFile::read(&text, is_auth_config).with_context(|| shown_path(&file))
}
