//! `milepost dcos`: the words of the old command, so that `alias dcos='milepost dcos'` keeps scripts as they are.

use std::ffi::OsString;

use anyhow::bail;
use serde_json::json;

use super::{Cli, Exit, Terminal, run_words};

/// Take the words of the DC/OS CLI for Marathon, as `dcos marathon app list`
///
/// They are those of milepost after `dcos marathon`, with the same arguments and options, and results are written in the old
/// lines: `Created deployment ID`. What differs is in docs/dcos-compat.md. Of the other words of the DC/OS CLI there are
/// none.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
#[command(after_long_help = "\
Examples:
  alias dcos='milepost dcos'
  dcos marathon app add registry.json
  dcos -v marathon deployment list --json

Exit codes: those of the command.")]
pub(super) struct Args {
    /// `marathon` and the words after it; options of the DC/OS CLI may come first
    #[arg(value_name = "WORD", trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<OsString>,
}

/// The line on the old command.
const ABOUT: &str = "Deploy and manage applications to DC/OS";

/// What the words ask for.
#[derive(Debug, PartialEq, Eq)]
enum DcosWords {
    /// A command of milepost.
    Command(Vec<OsString>),
    /// One line on the commands.
    Info,
    /// The schema of the settings.
    ConfigSchema,
    /// The list of commands.
    Help,
}

/// The words after `dcos marathon`.
const COMMANDS: [&str; 11] =
    ["about", "app", "debug", "delay", "deployment", "group", "leader", "ping", "plugin", "pod", "task"];

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match asked(&args.words)? {
        DcosWords::Command(words) => {
            term.say_as_dcos();
            return run_words(words, term);
        }
        DcosWords::Help => writeln!(term.out(), "{}", help())?,
        DcosWords::Info => writeln!(term.out(), "{ABOUT}")?,
        DcosWords::ConfigSchema => {
            let url = json!({
                "type": "string",
                "format": "uri",
                "title": "Marathon base URL",
                "description": "Base URL for talking to Marathon. It overwrites the value specified in core.dcos_url",
                "default": "http://localhost:8080"
            });
            let schema = json!({
                "$schema": "http://json-schema.org/schema#",
                "type": "object",
                "properties": {"url": url},
                "additionalProperties": false
            });
            term.out_value(&schema)?;
        }
    }
    Ok(Exit::Fine)
}

/// The list of commands, as the old command shows it.
fn help() -> String {
    let cli = <Cli as clap::CommandFactory>::command();
    let lines = COMMANDS
        .iter()
        .filter_map(|word| Some(format!("    {word:<12}{}", cli.find_subcommand(word)?.get_about()?)));
    let lines: Vec<String> = lines.collect();
    format!(
        "{ABOUT}\n\nUsage:\n    dcos marathon COMMAND\n\nCommands:\n{}\n\n`dcos marathon COMMAND --help` tells more; \
         `milepost --help` lists what milepost has beside them.",
        lines.join("\n")
    )
}

/// The words of milepost: what `dcos` and `marathon` add is dropped.
fn asked(words: &[OsString]) -> anyhow::Result<DcosWords> {
    let text = |word: &OsString| word.to_string_lossy().into_owned();
    let mut rest = words.iter();
    let command =
        |program: &str, rest: Vec<OsString>| DcosWords::Command([vec![program.into()], rest].concat());
    loop {
        let Some(word) = rest.next().map(text) else {
            bail!("name a command: `milepost dcos marathon app list`");
        };
        match word.as_str() {
            "--debug" => {}
            verbose
                if verbose
                    .strip_prefix('-')
                    .is_some_and(|v| !v.is_empty() && v.bytes().all(|b| b == b'v')) => {}
            "--log-level" => drop(rest.next()),
            level if level.starts_with("--log-level=") => {}
            "--version" | "-V" | "--help" | "-h" => return Ok(command("milepost", vec![word.into()])),
            "help" => {
                let rest: Vec<OsString> = rest.skip_while(|word| *word == "marathon").cloned().collect();
                return Ok(if rest.is_empty() { DcosWords::Help } else { help_on(rest) });
            }
            "marathon" => break,
            other => bail!("`dcos {other}`: milepost has the words of `dcos marathon` only"),
        }
    }
    let mut rest: Vec<OsString> = rest.cloned().collect();
    Ok(match rest.first().map(text).as_deref() {
        None => bail!("name a command: `milepost dcos marathon app list`"),
        Some("--info") => DcosWords::Info,
        Some("--config-schema") => DcosWords::ConfigSchema,
        Some("--help" | "-h" | "help") if rest.len() == 1 => DcosWords::Help,
        Some("help") => help_on(rest.split_off(1)),
        Some("--version" | "-V") => command("milepost", rest),
        _ => command("dcos marathon", rest),
    })
}

/// `help app add`: the help of a command.
fn help_on(words: Vec<OsString>) -> DcosWords {
    DcosWords::Command([vec!["dcos marathon".into()], words, vec!["--help".into()]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_after_marathon() {
        let asked = |line: &str| asked(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        let command = |line: &str| match line.split_once("dcos marathon ") {
            Some((_, rest)) => DcosWords::Command(
                [vec!["dcos marathon".into()], rest.split(' ').map(OsString::from).collect()].concat(),
            ),
            None => DcosWords::Command(line.split(' ').map(OsString::from).collect()),
        };
        for (old, new) in [
            ("marathon app add registry.json", "dcos marathon app add registry.json"),
            ("-vv --log-level=debug marathon ping --once", "dcos marathon ping --once"),
            ("-vvv --log-level info --debug marathon app list -q", "dcos marathon app list -q"),
            ("marathon app start /x -1", "dcos marathon app start /x -1"),
            ("marathon --version", "milepost --version"),
            ("--version", "milepost --version"),
            ("-v -V", "milepost -V"),
            ("help marathon app add", "dcos marathon app add --help"),
            ("marathon help pod", "dcos marathon pod --help"),
        ] {
            assert_eq!(asked(old).expect("words"), command(new), "{old}");
        }
        assert_eq!(asked("marathon --info").expect("words"), DcosWords::Info);
        for help in ["marathon --help", "marathon help", "help", "help marathon"] {
            assert_eq!(asked(help).expect("words"), DcosWords::Help, "{help}");
        }
        assert!(COMMANDS.iter().all(|word| help().contains(&format!("\n    {word} "))), "{}", help());
        assert!(asked("-v marathon").is_err() && asked("node list").is_err());
    }
}
