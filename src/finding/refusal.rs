//! The refusal of a task that Marathon has accepted: who refuses it, and in which words.

use std::fmt;

/// Who refuses a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Refuser {
    /// The master of Mesos, which ends the task with `TASK_ERROR`.
    Master,
    /// The agent of Mesos: its sandbox, containerizer and isolators.
    Agent,
    /// The program that fetches files into the sandbox.
    Fetcher,
    /// The Docker Engine, or its command line.
    Docker,
    /// The executor, which starts the command.
    Executor,
    /// The command itself, which ends at once.
    Command,
    /// The health check, which never passes.
    HealthCheck,
}

impl Refuser {
    /// The word in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Agent => "agent",
            Self::Fetcher => "fetcher",
            Self::Docker => "docker",
            Self::Executor => "executor",
            Self::Command => "command",
            Self::HealthCheck => "health check",
        }
    }
}

impl fmt::Display for Refuser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Master => "the Mesos master",
            Self::Agent => "the Mesos agent",
            Self::Fetcher => "the Mesos fetcher",
            Self::Docker => "Docker",
            Self::Executor => "the executor",
            Self::Command => "the command",
            Self::HealthCheck => "the health check",
        })
    }
}

/// Who refuses a task, and the message that is found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Who refuses it.
    pub by: Refuser,
    /// Its message, word by word where it does not depend on the launch.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.by, self.message)
    }
}
