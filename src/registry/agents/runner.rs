//! A shell script that does something on each agent, with ssh and sudo.

use std::fmt::Write as _;

use crate::util::escape::shell_quoted;

const SEND: &str = include_str!("send.sh");
const RESTART: &str = include_str!("restart.sh");

/// The end of the agents' script in the runner's.
const END_SCRIPT: &str = "END_OF_SCRIPT_FOR_AGENTS";

/// The file on an agent that tells that Docker has to be restarted.
pub(crate) const RESTART_MARK: &str = "/var/lib/milepost/docker-restart";

/// What is done on each agent, in the order of the members.
#[derive(Debug)]
pub(crate) struct Runner<'a> {
    /// The host names of the agents.
    pub agents: &'a [String],
    /// The user to log in as.
    pub user: Option<&'a str>,
    /// Files that are sent. They are read when the script runs, and are not part of it.
    pub files: Vec<SentFile>,
    /// A script that runs there as root.
    pub script: Option<&'a str>,
    /// How Docker is restarted where [`RESTART_MARK`] is there.
    pub restart: Option<DockerRestart<'a>>,
}

/// A file that is sent to agents.
#[derive(Debug)]
pub(crate) struct SentFile {
    /// Its path here.
    pub from: String,
    /// Its path on the agents.
    pub to: AgentPath,
    /// Its mode there, such as `0600`.
    pub mode: &'static str,
}

/// How Docker is restarted.
#[cfg_attr(
    not(feature = "cert"),
    expect(dead_code, reason = "only what makes agents trust a registry restarts Docker")
)]
#[derive(Clone, Copy, Debug)]
pub(crate) enum DockerRestart<'a> {
    /// While the agent is drained, by the master at this address.
    Drained(&'a str),
    /// At once, which ends all its containers.
    AtOnce,
}

/// The absolute path of a file on agents, in which nothing is special for a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AgentPath(String);

/// The text is not such a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "give the absolute path of a file on the agents, of letters, digits and -._/ only, such as /etc/docker.tar.gz"
)]
pub(crate) struct AgentPathError;

impl std::str::FromStr for AgentPath {
    type Err = AgentPathError;

    fn from_str(text: &str) -> Result<Self, AgentPathError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let is_name = |name: &str| !matches!(name, "" | "." | "..") && name.bytes().all(is_plain);
        match text.strip_prefix('/') {
            Some(names) if names.split('/').all(is_name) => Ok(Self(text.to_owned())),
            _ => Err(AgentPathError),
        }
    }
}

impl std::fmt::Display for AgentPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Runner<'_> {
    /// The script. A second run changes nothing; a failing agent is named, and the others are done all the same, unless
    /// its Docker could not be restarted.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "#!/bin/sh\n# Does the same on {} agents, one after the other, with ssh and sudo.\n# Made by milepost {}. It \
             asks for no password and no host key: set both up before (ssh-agent, known_hosts).\n\n",
            self.agents.len(),
            env!("CARGO_PKG_VERSION")
        );
        text.push_str(SEND);
        if let Some(restart) = self.restart {
            restart.add_to(&mut text);
        }
        if let Some(script) = self.script {
            let _ = write!(text, "\ncat >\"$script\" <<'{END_SCRIPT}'\n{script}{END_SCRIPT}\n");
        }
        let arguments = if self.restart.is_some() { "LOGIN HOST" } else { "LOGIN" };
        let _ = write!(text, "\n# go {arguments}: all of it on one agent.\ngo() {{\n");
        if self.restart.is_some() {
            text.push_str(
                "    if [ -n \"$stopped\" ]; then\n        undone=\"$undone $1\"\n        return\n    fi\n",
            );
        }
        text.push_str("    say \"== $1\"\n");
        for SentFile { from, to, mode } in &self.files {
            let _ = writeln!(text, "    send \"$1\" {} {to} {mode} || return 0", shell_quoted(from));
        }
        if self.script.is_some() {
            text.push_str("    run \"$1\" || return 0\n");
        }
        if self.restart.is_some() {
            text.push_str("    restart \"$2\" \"$1\"\n");
        }
        text.push_str("}\n\n");
        for agent in self.agents {
            let login = self.user.map_or_else(|| agent.clone(), |user| format!("{user}@{agent}"));
            let host =
                if self.restart.is_some() { format!(" {}", shell_quoted(agent)) } else { String::new() };
            let _ = writeln!(text, "go {}{host}", shell_quoted(&login));
        }
        text.push_str("finish\n");
        text
    }
}

impl DockerRestart<'_> {
    fn add_to(self, text: &mut String) {
        let _ = write!(text, "\nmark={RESTART_MARK}\n");
        match self {
            Self::AtOnce => text.push_str("\n# while_drained HOST COMMAND…: here without draining it.\nwhile_drained() {\n    shift\n    \"$@\"\n}\n"),
            Self::Drained(mesos) => {
                let _ = write!(
                    text,
                    "mesos={}\nmilepost=${{MILEPOST:-milepost}}\ncommand -v \"$milepost\" >/dev/null || {{\n    say \"error: \
                     there is no $milepost here, which drains the agents: set MILEPOST to its path\"\n    exit 2\n}}\n\n\
                     # while_drained HOST COMMAND…: no task runs on the agent meanwhile.\nwhile_drained() {{\n    host=$1\n    \
                     shift\n    \"$milepost\" registry drain \"$host\" --mesos \"$mesos\" -- \"$@\"\n}}\n",
                    shell_quoted(mesos)
                );
            }
        }
        text.push_str(RESTART);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_on_agents_are_plain() {
        for path in ["/etc/docker.tar.gz", "/srv/a-b_c/.x"] {
            assert_eq!(path.parse::<AgentPath>().map(|path| path.to_string()).as_deref(), Ok(path));
        }
        for path in
            ["", "/", "etc/x", "/etc/", "/etc//x", "/etc/../x", "/a b", "/a'b", "/$(x)", "/a\nb", "file:///x"]
        {
            assert_eq!(path.parse::<AgentPath>(), Err(AgentPathError), "{path}");
        }
    }
}
