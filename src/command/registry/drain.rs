//! `milepost registry drain`

mod mark;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use self::mark::DrainMark;
use super::{Exit, Terminal};
use crate::command::confirm::confirm;
use crate::command::connection::{ClientArgs, connect};
use crate::command::deploy::{count_interrupts, time};
use crate::dcos::{DrainAnswer, DrainState, MesosAgent, MesosError, PlaceOptions, Wanted};
use crate::http::{Client, Endpoint};
use crate::util::escape::shell_word;
use crate::util::text::{self, count};

/// The first pause before Mesos is asked again; each one is twice as long as that before it.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How often it is tried to give an agent back.
const ATTEMPTS: u32 = 8;

/// Drain an agent, run a command, and give the agent back.
///
/// Mesos ends the tasks of the agent, and starts no new ones there, until the command has ended: well, badly, or by Ctrl-C.
/// Where Mesos or the agent cannot drain (before 1.9), the tasks on it are listed, and the command runs after a yes. An agent
/// that was drained or deactivated before stays so, unless an earlier run of this command had to leave it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost registry drain 10.0.0.1 --mesos http://master.mesos:5050 -- \\
    ssh 10.0.0.1 sudo systemctl restart docker

  Give an agent back that an earlier run had to leave:
    milepost registry drain 10.0.0.1 --mesos https://dcos.example/mesos --give-back

`registry trust --ssh --restart-docker` does this for one agent after the other. The command has this standard input. For DC/OS \
the address is DCOS_URL/mesos, and DCOS_ACS_TOKEN is sent.

Exit codes: 0 done; 1 the command failed; 2 wrong usage, no connection, or no such agent; 3 Mesos refuses, or the answer was \
no; 5 the agent was not drained in time, and the command did not run; 8 the agent could not be given back; 130 interrupted.")]
pub(super) struct Args {
    /// The agent: its host name, IP or id
    #[arg(value_name = "AGENT")]
    agent: String,

    /// Mesos's master, such as <http://master.mesos:5050>
    #[arg(long, value_name = "URL")]
    mesos: String,

    /// Do not ask where the agent cannot be drained: run the command anyway
    #[arg(long, short)]
    yes: bool,

    /// Give up when the agent is not drained after this time: 30s, 1h30m
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = time)]
    within: Duration,

    /// Only give the agent back, as soon as it is drained
    #[arg(long, conflicts_with_all = ["yes", "command"])]
    give_back: bool,

    /// The command, with its arguments
    #[arg(value_name = "COMMAND", last = true, required_unless_present = "give_back")]
    command: Vec<String>,

    /// Read the DC/OS token from this file [env: `DCOS_ACS_TOKEN`, the token itself]
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    #[command(flatten)]
    client: ClientArgs,
}

/// An agent at a master.
struct Drain<'a> {
    client: Client,
    master: Endpoint,
    agent: MesosAgent,
    interrupts: Arc<AtomicUsize>,
    /// What an earlier run has left of this agent.
    mark: DrainMark,
    args: &'a Args,
}

/// How it ended that an agent had to become free.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Freed {
    /// No task is there. It is given back afterwards.
    Drained,
    /// Nothing was changed: it was drained before, or tasks may run there.
    AsItWas,
    /// The command must not run. Nothing was changed.
    No(Exit),
    /// The command must not run, and the agent is drained.
    NoButDrained(Exit),
    /// The command must not run, and the agent is still being drained.
    Stuck(Exit),
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let given = PlaceOptions {
        urls: std::slice::from_ref(&args.mesos),
        option: "--mesos",
        token_file: args.token_file.as_deref(),
        ca_file: args.client.ca_file.as_deref(),
        ..PlaceOptions::default()
    };
    let (master, client) = connect(given, Wanted::Marathon, args.client.timeout())?;
    let agent = client.mesos_agent(&master, &args.agent)?;
    if let Some(program) = args.command.first().filter(|program| !is_program(program)) {
        bail!("cannot run {program}: there is no such program, and the agent was left as it is");
    }
    let mark = DrainMark::of(&agent);
    mark.hold().with_context(|| agent.host.clone())?;
    let drain = Drain { client, master, agent, interrupts: count_interrupts()?, mark, args };
    if args.give_back {
        return drain.only_give_back(term);
    }
    match drain.free(term)? {
        Freed::No(exit) => Ok(exit),
        Freed::AsItWas => drain.run_command(term),
        Freed::NoButDrained(exit) => Ok(drain.give_back(term)?.max(exit)),
        Freed::Stuck(exit) => drain.give_back_undrained(exit, term),
        Freed::Drained => {
            // Whatever comes of the command, also where it cannot be started.
            let ended = drain.run_command(term);
            let back = drain.give_back(term)?;
            Ok(ended?.max(back))
        }
    }
}

/// Whether the command's program is there: otherwise the agent's tasks would end for nothing.
fn is_program(name: &str) -> bool {
    if name.contains('/') {
        return is_executable(Path::new(name));
    }
    // Without it the system looks in these.
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/bin:/usr/bin".into());
    std::env::split_paths(&path).any(|directory| is_executable(&directory.join(name)))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

impl Drain<'_> {
    fn interrupts(&self) -> usize {
        self.interrupts.load(Ordering::Relaxed)
    }

    /// Has no task run on the agent.
    fn free(&self, term: &mut Terminal) -> anyhow::Result<Freed> {
        let host = &self.agent.host;
        if self.agent.drain.is_some() && self.mark.is_there() {
            writeln!(
                term.err(),
                "note: {host} is drained already, by an earlier run of this command, and is given back afterwards"
            )?;
            return self.wait(term);
        }
        // Somebody has given it back, or it is another's drain.
        self.forget(term)?;
        if self.agent.drain.is_some() {
            writeln!(term.err(), "note: {host} is drained already, and is left so afterwards")?;
            return Ok(match self.wait(term)? {
                Freed::Drained => Freed::AsItWas,
                Freed::NoButDrained(exit) | Freed::Stuck(exit) => Freed::No(exit),
                other => other,
            });
        }
        if self.agent.is_deactivated {
            writeln!(term.err(), "note: {host} is deactivated, and is left so; its tasks go on")?;
            return self.ask(term);
        }
        // Before it is drained: a run that is killed meanwhile leaves the mark.
        if self.agent.can_drain
            && let Err(error) = self.mark.put()
        {
            writeln!(
                term.err(),
                "warning: {error:#}: a run that is killed leaves {host} drained, and the next one leaves it so"
            )?;
        }
        self.mark.hold().with_context(|| host.clone())?;
        let answer = self.client.drain_agent(&self.master, &self.agent);
        if !matches!(answer, Ok(DrainAnswer::Begun)) && !answer.as_ref().is_err_and(MesosError::may_pass) {
            self.forget(term)?;
        }
        match answer? {
            DrainAnswer::Begun => {
                writeln!(term.err(), "draining {host}: its tasks end, and no new ones start there")?;
                self.wait(term)
            }
            DrainAnswer::Unknown => {
                writeln!(term.err(), "note: {host} cannot be drained: Mesos 1.9 and later can do that")?;
                self.ask(term)
            }
        }
    }

    /// Lists the tasks on the agent, and asks whether they may end.
    fn ask(&self, term: &mut Terminal) -> anyhow::Result<Freed> {
        let host = &self.agent.host;
        let tasks = self.client.mesos_tasks(&self.master, &self.agent)?;
        if tasks.is_empty() {
            writeln!(term.err(), "no task runs on {host}")?;
            return Ok(Freed::AsItWas);
        }
        writeln!(term.err(), "{} on {host}:", count(tasks.len(), "task"))?;
        for task in &tasks {
            writeln!(term.err(), "  {}{}", task.id, if task.is_docker { " (Docker)" } else { "" })?;
        }
        if self.args.yes {
            return Ok(Freed::AsItWas);
        }
        let does = ("the command did not run", "runs it");
        Ok(match confirm("run the command while they are there?", does, term)? {
            Some(true) => Freed::AsItWas,
            Some(false) => Freed::No(Exit::Refused),
            None => Freed::No(Exit::Usage),
        })
    }

    /// Waits until no task is there. Draining cannot be cancelled: at the first interruption it goes on, so that the agent can
    /// be given back.
    fn wait(&self, term: &mut Terminal) -> anyhow::Result<Freed> {
        let host = &self.agent.host;
        let (start, mut pause, mut is_told) = (Instant::now(), FIRST_PAUSE, false);
        loop {
            match self.client.mesos_agent(&self.master, &self.agent.id) {
                Ok(MesosAgent { drain: Some(DrainState::Drained), .. }) if self.interrupts() > 0 => {
                    return Ok(Freed::NoButDrained(Exit::Interrupted));
                }
                Ok(MesosAgent { drain: Some(DrainState::Drained), .. }) => {
                    writeln!(term.err(), "drained {host} after {}", text::time(start.elapsed()))?;
                    return Ok(Freed::Drained);
                }
                Ok(MesosAgent { drain: None, .. }) => {
                    self.forget(term)?;
                    writeln!(
                        term.err(),
                        "error: {host} was given back by another client; the command did not run"
                    )?;
                    return Ok(Freed::No(Exit::Refused));
                }
                Ok(_) => {}
                Err(error) if error.may_pass() => {}
                Err(error) => {
                    writeln!(term.err(), "error: {error}")?;
                    return Ok(Freed::Stuck(Exit::Refused));
                }
            }
            if start.elapsed() >= self.args.within {
                let limit = text::time(self.args.within);
                writeln!(
                    term.err(),
                    "error: {host} was not drained within {limit}; the command did not run"
                )?;
                return Ok(Freed::Stuck(Exit::TimedOut));
            }
            match self.interrupts() {
                0 => {}
                1 if is_told => {}
                1 => {
                    is_told = true;
                    writeln!(
                        term.err(),
                        "interrupted: draining cannot be cancelled; {host} is given back as soon as it is drained (Ctrl-C again \
                         leaves it)"
                    )?;
                }
                _ => return Ok(Freed::Stuck(Exit::Interrupted)),
            }
            self.client.pause(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Runs the command to its end. At a terminal it gets a Ctrl-C as well; a second one ends it.
    fn run_command(&self, term: &mut Terminal) -> anyhow::Result<Exit> {
        let Some((program, arguments)) = self.args.command.split_first() else {
            bail!("internal error: no command")
        };
        term.out().flush()?;
        let mut child =
            Command::new(program).args(arguments).spawn().with_context(|| format!("cannot run {program}"))?;
        let ended = self.ended(&mut child).with_context(|| format!("cannot wait for {program}"))?;
        if !ended.success() {
            writeln!(term.err(), "error: {program} failed: {ended}")?;
        }
        Ok(match (self.interrupts(), ended.success()) {
            (0, true) => Exit::Fine,
            (0, false) => Exit::Findings,
            _ => Exit::Interrupted,
        })
    }

    fn ended(&self, child: &mut Child) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if self.interrupts() > 1 {
                child.kill()?;
                return child.wait();
            }
            self.client.pause(FIRST_PAUSE);
        }
    }

    /// The agent did not become free. Mesos takes none back that is still being drained; it may be drained by now.
    fn give_back_undrained(&self, exit: Exit, term: &mut Terminal) -> anyhow::Result<Exit> {
        let is_asked = exit != Exit::Interrupted;
        if is_asked && self.client.reactivate_agent(&self.master, &self.agent).is_ok() {
            self.tell_given_back(term)?;
        } else {
            self.tell_left("is still being drained", term)?;
        }
        Ok(exit)
    }

    fn tell_given_back(&self, term: &mut Terminal) -> anyhow::Result<()> {
        writeln!(term.err(), "gave {} back: tasks start there again", self.agent.host)?;
        self.forget(term)
    }

    /// No run has to give the agent back any more.
    fn forget(&self, term: &mut Terminal) -> anyhow::Result<()> {
        if let Err(error) = self.mark.remove() {
            writeln!(
                term.err(),
                "warning: the mark that {} was drained by milepost cannot be removed: {error}",
                self.agent.host
            )?;
        }
        Ok(())
    }

    /// Lets tasks start on the agent again.
    fn give_back(&self, term: &mut Terminal) -> anyhow::Result<Exit> {
        let (mut pause, mut last) = (FIRST_PAUSE, None);
        for _ in 0..ATTEMPTS {
            match self.client.reactivate_agent(&self.master, &self.agent) {
                Ok(()) => {
                    self.tell_given_back(term)?;
                    return Ok(Exit::Fine);
                }
                Err(error) if error.may_pass() => last = Some(error),
                Err(error) => {
                    last = Some(error);
                    break;
                }
            }
            self.client.pause(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        if let Some(error) = last {
            writeln!(term.err(), "error: {error}")?;
        }
        self.tell_left("is still drained", term)?;
        Ok(Exit::Uncertain)
    }

    fn only_give_back(&self, term: &mut Terminal) -> anyhow::Result<Exit> {
        if self.agent.drain.is_none() && !self.agent.is_deactivated {
            self.forget(term)?;
            writeln!(term.err(), "unchanged: {} is not drained", self.agent.host)?;
            return Ok(Exit::Fine);
        }
        if self.agent.drain == Some(DrainState::Draining) {
            match self.wait(term)? {
                Freed::Drained => {}
                Freed::NoButDrained(exit) => return Ok(self.give_back(term)?.max(exit)),
                Freed::AsItWas => return Ok(Exit::Fine),
                Freed::No(exit) | Freed::Stuck(exit) => return Ok(exit),
            }
        }
        self.give_back(term)
    }

    fn tell_left(&self, how: &str, term: &mut Terminal) -> io::Result<()> {
        let files = [("--token-file", &self.args.token_file), ("--ca-file", &self.args.client.ca_file)];
        let option = |(option, file): (&str, &Option<PathBuf>)| {
            file.as_ref().map(|file| format!(" {option} {}", shell_word(&file.to_string_lossy())))
        };
        let line = format!(
            "milepost registry drain {} --mesos {} --give-back{}",
            shell_word(&self.agent.id),
            shell_word(&self.master.to_string()),
            files.into_iter().filter_map(option).collect::<String>()
        );
        writeln!(term.err(), "error: {} {how}: give it back with `{line}`", self.agent.host)
    }
}
