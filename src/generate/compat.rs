//! `docs/dcos-compat.md`: the commands and options of `dcos marathon`, and what becomes of each in milepost.

use std::fmt::Write as _;

/// How a command or option of the old tool is here.
#[derive(Clone, Copy, Debug)]
enum Parity {
    /// It does the same.
    Same,
    /// It does more, or without a fault of the old one; how.
    Better(&'static str),
    /// It is not there; why.
    LeftOut(&'static str),
}

use Parity::{Better, LeftOut, Same};

/// A command of the old tool.
struct OldCommand {
    /// The words after `dcos marathon`.
    words: &'static str,
    /// The arguments after them.
    arguments: &'static str,
    parity: Parity,
    options: &'static [(&'static str, Parity)],
}

const fn old(
    words: &'static str,
    arguments: &'static str,
    parity: Parity,
    options: &'static [(&'static str, Parity)],
) -> OldCommand {
    OldCommand { words, arguments, parity, options }
}

const JSON: (&str, Parity) =
    ("--json", Better("the server's answer whole: no field lost, numbers as written"));
const LIST: &[(&str, Parity)] = &[JSON, ("--quiet, -q", Same)];
const FORCE: (&str, Parity) = ("--force", Same);
const DEFINITION: &str = "a file, an address or standard input, also YAML, also an array; checked first as the server \
    would, with the line of each error; an empty input or terminal is an error, not waited for";
const ASKS: &str = "says what it did and prints the deployment's id (nothing in the old lines); asks on a terminal, `--yes` \
    does not";

/// Every command of `dcos marathon` 2.2.
const COMMANDS: &[OldCommand] = &[
    old("about", "", Better("the server's answer as it is"), &[]),
    old(
        "ping",
        "",
        Better(
            "does not ask the Mesos masters, and works where there are none; no answer is not exit code 0",
        ),
        &[("--once", Same)],
    ),
    old("plugin list", "", Better("an empty list has its header"), &[JSON]),
    old("leader show", "", Better("asks Marathon, not Mesos DNS; a column PORT more"), &[JSON]),
    old("leader delete", "", Better("asks on a terminal, `--yes` does not"), &[]),
    old("delay reset", "<app-id>|<pod-id>", Better("`delay list` shows what is delayed"), &[]),
    old("app add", "[<app-resource>]", Better(DEFINITION), &[]),
    old(
        "app list",
        "",
        Better("wide characters and line breaks keep the columns; secrets in CMD are hidden"),
        LIST,
    ),
    old(
        "app show",
        "<app-id>",
        Better("loses nothing: no field dropped or made up, numbers and order as the server has them"),
        &[(
            "--app-version",
            Better("-1 is the version before the newest: the old tool counted in a list that is not sorted"),
        )],
    ),
    old("app remove", "<app-id>", Better(ASKS), &[FORCE]),
    old("app start", "<app-id> [<instances>]", Better("all errors on standard error"), &[FORCE]),
    old("app stop", "<app-id>", Better("all errors on standard error; exit code 4 for a lock"), &[FORCE]),
    old("app restart", "<app-id>", Better("exit code 4 for a lock, and how to wait for it"), &[FORCE]),
    old(
        "app kill",
        "<app-id>",
        Better("prints the ids of the tasks (the whole tasks in the old lines)"),
        &[
            (
                "--scale",
                Better(
                    "says that the app is scaled to 0 instances, and how many it had; with `--host` how many are killed",
                ),
            ),
            ("--host", Same),
        ],
    ),
    old(
        "app update",
        "<app-id> [<properties>...]",
        Better(
            "values have the types of their fields, so that `user=1000` is a text; checked first for the server and what it \
             holds: what Marathon would reject or ignore, such as a misspelt field, is not sent (`--no-check` sends it); a \
             definition of another id is refused; `--wait` shows what changes, waits and can go back, as `deploy`",
        ),
        &[FORCE],
    ),
    old(
        "app version list",
        "<app-id>",
        Better("newest first; the old tool took the server's order, which is none"),
        &[("--max-count", Better("the newest"))],
    ),
    old("pod add", "[<pod-resource>]", Better(DEFINITION), &[]),
    old("pod list", "", Same, LIST),
    old("pod show", "<pod-id>", Better("the server's answer as it is"), &[]),
    old(
        "pod update",
        "<pod-id>",
        Better(
            "also from a file or an address; checked first (`--no-check` sends it unchecked); a pod of another id is refused; \
             `--wait` as `deploy`",
        ),
        &[FORCE],
    ),
    old("pod remove", "<pod-id>", Better(ASKS), &[FORCE]),
    old(
        "pod kill",
        "<pod-id> [<instance-ids>...]",
        Better("an instance that is not there is an error; prints the ids (nothing in the old lines)"),
        &[],
    ),
    old("group add", "[<group-resource>]", Better(DEFINITION), &[("--id", Same)]),
    old("group list", "", Same, &[JSON]),
    old(
        "group show",
        "<group-id>",
        Better("the server's answer as it is"),
        &[("--group-version", Better("relative versions work: the old tool only offered them"))],
    ),
    old(
        "group scale",
        "<group-id> <scale-factor>",
        Better(
            "a group that does not exist is an error: the old tool made it; asks on a terminal before all is stopped, and \
             `/` needs `--yes`",
        ),
        &[FORCE],
    ),
    old(
        "group update",
        "<group-id> [<properties>...]",
        Better(
            "checked first (`--no-check` sends it unchecked); shows the server's own plan; where it removes something, it \
             asks, and without a terminal it refuses unless there is `--yes`; a group that does not exist is an error: the old tool made it; so is a definition of another \
             id; `--wait` waits and can go back, as `deploy`",
        ),
        &[FORCE],
    ),
    old("group remove", "<group-id>", Better(ASKS), &[FORCE]),
    old("deployment list", "[<app-id>]", Better("nothing to list is exit code 0"), LIST),
    old(
        "deployment watch",
        "<deployment-id>",
        Better(
            "says how it ended, with the exit codes of `deploy`; the old tool ended with 0 always, for an unknown id too. \
             Progress is on standard error, and the screen is not cleared",
        ),
        &[
            ("--max-count", Better("the end of the time is exit code 5")),
            ("--interval", Better("changes are shown as they happen; it is the unit of --max-count")),
        ],
    ),
    old("deployment rollback", "<deployment-id>", Same, &[]),
    old(
        "deployment stop",
        "<deployment-id>",
        Better("says that what it changed stays; asks on a terminal, `--yes` does not"),
        &[],
    ),
    old(
        "task list",
        "[<app-id>]",
        Better("also of a group; an id that does not exist is an error, not an empty list"),
        LIST,
    ),
    old("task show", "<task-id>", Same, &[]),
    old("task stop", "<task-id>", Same, &[("--wipe", Better("asks on a terminal, `--yes` does not"))]),
    old(
        "task kill",
        "[<task-ids>...]",
        Better(
            "prints an id a line (a list in the old lines); unknown ids are reported; none at all is wrong usage",
        ),
        &[
            ("--scale", Better("tasks that do not run are reported, as without it")),
            ("--wipe", Better("asks on a terminal, `--yes` does not")),
            ("--json", Same),
        ],
    ),
    old("debug list", "", Same, &[JSON]),
    old(
        "debug summary",
        "<app-id>",
        Better("also for pods, with the sums of their containers; ids without slash"),
        &[JSON],
    ),
    old("debug details", "<app-id>", Better("also for pods; ids without slash"), &[JSON]),
];

/// What is not a command with words of its own.
const OTHERS: &[(&str, Parity)] = &[
    (
        "dcos -v, -vv, --debug, --log-level",
        Better("taken and without effect: errors say all there is to say"),
    ),
    ("dcos --version, dcos marathon --version", Better("the version of milepost")),
    ("dcos marathon --info", Same),
    ("dcos marathon --config-schema", Same),
    (
        "dcos marathon --help, --help of each command, dcos help marathon app add",
        Better("with examples and exit codes"),
    ),
    (
        "dcos marathon, dcos marathon nosuch",
        Better("the error and the usage are on standard error; exit code 2"),
    ),
    (
        "ids below groups named tasks, versions or apps",
        Better(
            "shown and changed where Marathon's API has a way; where it has none, the message says so and what to do instead",
        ),
    ),
    ("exit code 1 for every error", Better("exit codes tell errors apart: docs/cli.md")),
    (
        "errors of the server",
        Better("the whole message, its path as a place in the text, and the deployments that lock"),
    ),
    (
        "~/.dcos, DCOS_DIR, DCOS_CLUSTER, DCOS_CONFIG",
        Better(
            "the same rules and checks of files; they are read, never written; `milepost config show --origin` tells what counts",
        ),
    ),
    (
        "marathon.url, DCOS_MARATHON_URL",
        Better(
            "for every command: half of the old ones did not read the variable; `--service` names another Marathon",
        ),
    ),
    (
        "dcos auth login, logout",
        Better("`milepost login`, `logout`, `whoami`; service accounts renew their tokens"),
    ),
    ("core.timeout, DCOS_TIMEOUT", LeftOut("`--timeout` sets the limit of a request")),
    ("dcos cluster setup, attach, list, …", LeftOut("the DC/OS CLI keeps its clusters")),
    ("dcos task exec, log, attach, metrics", LeftOut("they talk to Mesos and its agents, not to Marathon")),
    ("dcos node, package, job, service, quota, …", LeftOut("they are not Marathon's")),
];

/// The page.
#[must_use]
pub fn markdown() -> String {
    let mut page = String::from(
        "# milepost for users of `dcos marathon`\n\nGenerated from the code: `cargo run --example generate`.\n\n\
         Every command of `dcos marathon` is one of milepost with the same words, arguments and options: `dcos marathon app \
         list --json` is `milepost app list --json`. With `alias dcos='milepost dcos'` the old words are taken as they are, \
         options of the DC/OS CLI before `marathon` included, and results are written in the old lines, such as `Created \
         deployment ID`; without it they are ids, one on each line, and sentences are on standard error.\n\n\
         Tables have the old columns, in the old order, with two spaces between them; they always have a header. On a terminal \
         lines are cut to its width. `--watch` shows a list again and again.\n\n\
         | `dcos marathon` | milepost | how |\n|---|---|---|\n",
    );
    for OldCommand { words, arguments, parity, options } in COMMANDS {
        let command = format!("{words} {arguments}");
        row(&mut page, &format!("`{}`", command.trim_end().replace('|', "\\|")), *parity);
        for (option, parity) in *options {
            row(&mut page, &format!("&nbsp;&nbsp;`{option}`"), *parity);
        }
    }
    page.push_str("\n| beside the commands | milepost | how |\n|---|---|---|\n");
    for (what, parity) in OTHERS {
        row(&mut page, what, *parity);
    }
    page
}

fn row(page: &mut String, what: &str, parity: Parity) {
    let (word, how) = match parity {
        Same => ("same", ""),
        Better(how) => ("better", how),
        LeftOut(why) => ("left out", why),
    };
    // Writing to a string cannot fail.
    let _ = writeln!(page, "| {what} | {word} | {how} |");
}

#[cfg(all(test, feature = "net"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_left_out_is_there() {
        for OldCommand { words, options, parity, .. } in COMMANDS {
            assert!(!matches!(parity, LeftOut(_)), "{words}");
            let mut command = crate::command::cli();
            command.build();
            for word in words.split(' ') {
                let found = command.find_subcommand(word).unwrap_or_else(|| panic!("{words}: no {word}"));
                command = found.clone();
            }
            for name in options.iter().flat_map(|(names, _)| names.split(", ")) {
                let is_it = |arg: &clap::Arg| match name.strip_prefix("--") {
                    Some(long) => arg.get_long() == Some(long),
                    None => arg.get_short() == name.chars().nth(1),
                };
                assert!(command.get_arguments().any(is_it), "{words} has no {name}");
            }
        }
    }
}
