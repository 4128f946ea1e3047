//! The command line: a file per command with its arguments and its wiring, without domain knowledge.

#[cfg(feature = "net")]
mod about;
mod agents;
#[cfg(feature = "net")]
mod app;
#[cfg(feature = "net")]
mod config;
#[cfg(feature = "net")]
mod confirm;
#[cfg(feature = "net")]
mod connection;
mod containerizer;
mod convert;
#[cfg(feature = "net")]
mod create;
mod creds;
#[cfg(feature = "net")]
mod dcos;
mod dcos_plugin;
#[cfg(feature = "net")]
mod debug;
#[cfg(feature = "net")]
mod delay;
#[cfg(feature = "net")]
mod deploy;
#[cfg(feature = "net")]
mod deployment;
mod diff;
mod discover;
mod environment;
mod explain;
mod export;
mod fetched;
mod fmt;
mod format;
#[cfg(feature = "net")]
mod group;
#[cfg(feature = "net")]
mod history;
#[cfg(feature = "net")]
mod ids;
#[cfg(feature = "net")]
mod image;
mod input;
mod lazy_args;
#[cfg(feature = "net")]
mod leader;
mod lint;
#[cfg(feature = "net")]
mod listing;
#[cfg(feature = "net")]
mod login;
#[cfg(feature = "net")]
mod logout;
mod migrate;
mod normalize;
mod output;
#[cfg(feature = "net")]
mod ping;
#[cfg(feature = "net")]
mod plan;
#[cfg(feature = "net")]
mod plugin;
#[cfg(feature = "net")]
mod pod;
mod policy;
#[cfg(feature = "net")]
mod properties;
mod registry;
#[cfg(feature = "net")]
mod remote;
#[cfg(feature = "net")]
mod remove;
mod render;
mod replace;
#[cfg(feature = "net")]
mod rollback;
mod rules;
#[cfg(feature = "net")]
mod secret;
#[cfg(feature = "serve")]
mod serve;
#[cfg(feature = "net")]
mod status;
#[cfg(feature = "net")]
mod table;
mod target;
#[cfg(feature = "net")]
mod task;
mod templates;
mod terminal;
mod usage_error;
#[cfg(feature = "net")]
mod wait;
#[cfg(feature = "net")]
mod whoami;
mod wire;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub(crate) use terminal::Terminal;

use lazy_args::LazyArgs;

/// How a run ended, the same for every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done, and nothing to report.
    Fine = 0,
    /// Findings, or differences.
    Findings = 1,
    /// Wrong usage, or an input that cannot be read.
    Usage = 2,
    /// The server refused the request.
    Refused = 3,
    /// Another deployment holds the lock.
    Locked = 4,
    /// It took longer than the time allowed.
    TimedOut = 5,
    /// The deployment failed, and what was there before is back.
    RolledBack = 6,
    /// The deployment failed, and so did the rollback.
    NotRolledBack = 7,
    /// The server failed, or a proxy before it: the request may have been carried out.
    Uncertain = 8,
    /// The deployment failed, and nothing was rolled back.
    Failed = 9,
    /// What runs is not what the saved plan was made against.
    Outdated = 10,
    /// The user has interrupted it.
    Interrupted = 130,
}

impl Exit {
    /// Every exit code with its meaning: the one table that `docs/cli.md` is made from.
    #[cfg(feature = "generate")]
    pub(crate) const MEANINGS: [(Self, &str); 12] = [
        (Self::Fine, "done, and nothing to report; after `deploy` and `wait`: all of what was sent runs"),
        (Self::Findings, "findings, or differences; `plan`: there is something to do"),
        (
            Self::Usage,
            "wrong usage, an input that cannot be read, no connection, or a server that fails to answer a question",
        ),
        (Self::Refused, "the server refused the request"),
        (Self::Locked, "another deployment holds the lock"),
        (Self::TimedOut, "no answer in time, or a deployment that took too long and was not rolled back"),
        (Self::RolledBack, "the deployment failed, and what was there before is back"),
        (Self::NotRolledBack, "the deployment failed, and so did the rollback"),
        (Self::Uncertain, "the server failed, or a proxy before it: the request may have been carried out"),
        (Self::Failed, "the deployment failed, and nothing was rolled back"),
        (
            Self::Outdated,
            "what runs is not what was shown or what the saved plan was made against: the rest was not sent",
        ),
        (Self::Interrupted, "interrupted: the deployment continues unless it says that it was cancelled"),
    ];
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Write, check, change and send definitions for Marathon and DC/OS.
#[derive(Debug, Parser)]
#[command(name = "milepost", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check definitions as Marathon would, without a server
    Lint(LazyArgs<lint::Args>),
    /// Show definitions as Marathon would store them
    Normalize(LazyArgs<normalize::Args>),
    /// Show what a change of definitions changes on a server
    Diff(LazyArgs<diff::Args>),
    /// Turn what a server holds into files that can be sent again
    Export(LazyArgs<export::Args>),
    /// Format definitions: keys in order, two spaces, comments kept
    Fmt(LazyArgs<fmt::Args>),
    /// Turn JSON into YAML, or YAML into JSON
    Convert(LazyArgs<convert::Args>),
    /// Replace old forms in definitions by those of a later Marathon
    Migrate(LazyArgs<migrate::Args>),
    /// List the rules that definitions are checked against
    Rules(LazyArgs<rules::Args>),
    /// Explain a rule: its effect, its reason, and examples
    Explain(LazyArgs<explain::Args>),
    /// Turn a template and values into a checked definition
    Render(LazyArgs<render::Args>),
    /// List the built-in templates, or print one to start from
    Templates(LazyArgs<templates::Args>),
    /// Give definitions the credentials of a private registry
    Wire(LazyArgs<wire::Args>),
    /// Make, check and store the credentials of private registries
    Creds(LazyArgs<creds::Args>),
    /// Run a private registry
    Registry(LazyArgs<registry::Args>),
    /// Push, pull, copy, list and check images without a Docker daemon
    #[cfg(feature = "net")]
    Image(LazyArgs<image::Args>),
    /// Show what a deployment would do, step by step
    #[cfg(feature = "net")]
    Plan(LazyArgs<plan::Args>),
    /// Deploy definitions, wait, and say whether what was sent runs
    #[cfg(feature = "net")]
    Deploy(LazyArgs<deploy::Args>),
    /// Wait for a deployment that another client has started
    #[cfg(feature = "net")]
    Wait(LazyArgs<wait::Args>),
    /// Go back to an earlier version of an app or pod
    #[cfg(feature = "net")]
    Rollback(LazyArgs<rollback::Args>),
    /// Show what runs, and why not more
    #[cfg(feature = "net")]
    Status(LazyArgs<status::Args>),
    /// Show the versions of an app or pod, and what each has changed
    #[cfg(feature = "net")]
    History(LazyArgs<history::Args>),
    /// Run an embedded Marathon to try definitions and deployments on
    #[cfg(feature = "serve")]
    Serve(LazyArgs<serve::Args>),
    /// List, show, create, change and remove apps
    #[cfg(feature = "net")]
    App(LazyArgs<app::Args>),
    /// List, show, create, change and remove pods
    #[cfg(feature = "net")]
    Pod(LazyArgs<pod::Args>),
    /// List, show, create, change and remove groups
    #[cfg(feature = "net")]
    Group(LazyArgs<group::Args>),
    /// List, watch, undo and stop deployments
    #[cfg(feature = "net")]
    Deployment(LazyArgs<deployment::Args>),
    /// List, show and kill tasks
    #[cfg(feature = "net")]
    Task(LazyArgs<task::Args>),
    /// Show why instances do not start
    #[cfg(feature = "net")]
    Debug(LazyArgs<debug::Args>),
    /// List and reset the delays after failures
    #[cfg(feature = "net")]
    Delay(LazyArgs<delay::Args>),
    /// Show which Marathon leads, or have it give up
    #[cfg(feature = "net")]
    Leader(LazyArgs<leader::Args>),
    /// List the plugins of the Marathon
    #[cfg(feature = "net")]
    Plugin(LazyArgs<plugin::Args>),
    /// Show the release and the settings of the Marathon
    #[cfg(feature = "net")]
    About(LazyArgs<about::Args>),
    /// Ask the Marathon whether it is up
    #[cfg(feature = "net")]
    Ping(LazyArgs<ping::Args>),
    /// Take the words of the DC/OS CLI: `dcos marathon app list`
    #[cfg(feature = "net")]
    Dcos(LazyArgs<dcos::Args>),
    /// Store, read, list and delete secrets of DC/OS Enterprise
    #[cfg(feature = "net")]
    Secret(LazyArgs<secret::Args>),
    /// Sign in to DC/OS, and keep the token for other commands
    #[cfg(feature = "net")]
    Login(LazyArgs<login::Args>),
    /// Forget the token that login has kept
    #[cfg(feature = "net")]
    Logout(LazyArgs<logout::Args>),
    /// Show who is signed in to DC/OS
    #[cfg(feature = "net")]
    Whoami(LazyArgs<whoami::Args>),
    /// Show which Marathon commands ask, and as whom
    #[cfg(feature = "net")]
    Config(LazyArgs<config::Args>),
}

impl Command {
    fn run(self, term: &mut Terminal) -> anyhow::Result<Exit> {
        match self {
            Self::Lint(args) => lint::run(&args.0, term),
            Self::Normalize(args) => normalize::run(&args.0, term),
            Self::Diff(args) => diff::run(&args.0, term),
            Self::Export(args) => export::run(&args.0, term),
            Self::Fmt(args) => fmt::run(&args.0, term),
            Self::Convert(args) => convert::run(&args.0, term),
            Self::Migrate(args) => migrate::run(&args.0, term),
            Self::Rules(args) => rules::run(&args.0, term),
            Self::Explain(args) => explain::run(&args.0, term),
            Self::Render(args) => render::run(*args.0, term),
            Self::Templates(args) => templates::run(*args.0, term),
            Self::Wire(args) => wire::run(&args.0, term),
            Self::Creds(args) => creds::run(&args.0, term),
            Self::Registry(args) => registry::run(*args.0, term),
            #[cfg(feature = "net")]
            Self::Image(args) => image::run(&args.0, term),
            #[cfg(feature = "serve")]
            Self::Serve(args) => serve::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Plan(args) => plan::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Deploy(args) => deploy::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Wait(args) => wait::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Rollback(args) => rollback::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Status(args) => status::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::History(args) => history::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::App(args) => app::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Pod(args) => pod::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Group(args) => group::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Deployment(args) => deployment::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Task(args) => task::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Debug(args) => debug::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Delay(args) => delay::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Leader(args) => leader::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Plugin(args) => plugin::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::About(args) => about::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Ping(args) => ping::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Dcos(args) => dcos::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Secret(args) => secret::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Login(args) => login::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Logout(args) => logout::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Whoami(args) => whoami::run(&args.0, term),
            #[cfg(feature = "net")]
            Self::Config(args) => config::run(&args.0, term),
        }
    }
}

/// The whole command line; the CLI reference is generated from it.
#[cfg(feature = "generate")]
#[must_use]
pub(crate) fn cli() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// Runs the process's own arguments on its own streams.
#[must_use]
pub fn main() -> ExitCode {
    let words = dcos_plugin::words(std::env::args_os());
    if dcos_plugin::asks_for_line(&words) {
        let about = <Cli as clap::CommandFactory>::command().get_about().cloned().unwrap_or_default();
        let exit = if writeln!(io::stdout(), "{about}").is_ok() { Exit::Fine } else { Exit::Usage };
        return exit.into();
    }
    let mut term = Terminal::of_process();
    let outcome = run_words(words, &mut term).and_then(|exit| {
        term.out().flush()?;
        Ok(exit)
    });
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => {
            // When the stream for the message is gone there is no other way to report.
            let _ = input::report_error(&error, &mut term);
            exit_of(&error).into()
        }
    }
}

/// Runs a command line, whose first word is the program's name.
fn run_words(words: impl IntoIterator<Item = OsString>, term: &mut Terminal) -> anyhow::Result<Exit> {
    match Cli::try_parse_from(words) {
        Ok(cli) => cli.command.run(term),
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Fine };
            // A reader that has left does not want the help; a message that cannot be shown can be told nowhere.
            let is_lost =
                usage_error::print(error).is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe);
            Ok(if is_lost { Exit::Usage } else { exit })
        }
    }
}

/// The exit code of a run that this error ends.
fn exit_of(error: &anyhow::Error) -> Exit {
    let exit = if error.is::<input::Unparsable>() { Exit::Findings } else { Exit::Usage };
    exit_of_request(error).unwrap_or(exit)
}

/// The exit code of a request without a usable answer: the server was too slow, or refused who asks.
#[cfg(feature = "net")]
fn exit_of_request(error: &anyhow::Error) -> Option<Exit> {
    use crate::dcos::MesosError;
    use crate::http::ClientError;
    use crate::marathon::GetError;
    let of_client = |error: &ClientError| match error {
        ClientError::TimedOut { .. } => Some(Exit::TimedOut),
        ClientError::SignIn { is_refusal: true, .. } => Some(Exit::Refused),
        _ => None,
    };
    // A transparent error hides what it wraps from the chain of causes.
    error.chain().find_map(|cause| match (GetError::of_cause(cause), cause.downcast_ref()) {
        (Some(GetError::Client(error)), _) | (_, Some(MesosError::Client(error))) => of_client(error),
        (Some(GetError::Refused { status: 401 | 403, .. }), _) => Some(Exit::Refused),
        (_, Some(MesosError::Refused { status: 500.., call, .. })) => {
            let is_change = !call.starts_with("GET_");
            is_change.then_some(Exit::Uncertain)
        }
        (_, Some(MesosError::Refused { .. })) => Some(Exit::Refused),
        _ => cause.downcast_ref().and_then(of_client),
    })
}

/// Without networking no request is sent.
#[cfg(not(feature = "net"))]
fn exit_of_request(_: &anyhow::Error) -> Option<Exit> {
    None
}
