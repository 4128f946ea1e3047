//! `milepost dcos`: the words of the old command, so that `alias dcos='milepost dcos'` keeps scripts as they are.

use std::ffi::OsString;

use anyhow::bail;
use serde_json::json;

use super::{Exit, Terminal, run_words};

/// Take the words of the DC/OS CLI for Marathon, as `dcos marathon app list`
///
/// They are those of milepost after `dcos marathon`, with the same arguments and options, and results are written in the old
/// lines: `Created deployment ID`. What differs is in docs/dcos-compat.md. Of the other words of the DC/OS CLI there are
/// none.
#[derive(Debug, clap::Args)]
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

/// What the words ask for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// A command of milepost.
    Command(Vec<OsString>),
    /// One line on the commands.
    Info,
    /// The schema of the settings.
    ConfigSchema,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match asked(&args.words)? {
        Asked::Command(words) => {
            term.say_as_dcos();
            return run_words(words, term);
        }
        Asked::Info => writeln!(term.out(), "Deploy and manage applications to DC/OS")?,
        Asked::ConfigSchema => {
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
            writeln!(term.out(), "{}", serde_json::to_string_pretty(&schema)?)?;
        }
    }
    Ok(Exit::Fine)
}

/// The words of milepost: what `dcos` and `marathon` add is dropped.
fn asked(words: &[OsString]) -> anyhow::Result<Asked> {
    let text = |word: &OsString| word.to_string_lossy().into_owned();
    let mut rest = words.iter();
    let command = |rest: Vec<OsString>| Asked::Command([vec!["milepost".into()], rest].concat());
    loop {
        let Some(word) = rest.next().map(text) else {
            bail!("name a command: `milepost dcos marathon app list`");
        };
        match word.as_str() {
            "-v" | "-vv" | "--debug" => {}
            "--log-level" => drop(rest.next()),
            level if level.starts_with("--log-level=") => {}
            "--version" | "--help" | "-h" => return Ok(command(vec![word.into()])),
            "marathon" => break,
            other => bail!("`dcos {other}`: milepost has the words of `dcos marathon` only"),
        }
    }
    let rest: Vec<OsString> = rest.cloned().collect();
    Ok(match rest.first().map(text).as_deref() {
        None => bail!("name a command: `milepost dcos marathon app list`"),
        Some("--info") => Asked::Info,
        Some("--config-schema") => Asked::ConfigSchema,
        _ => command(rest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_after_marathon() {
        let asked = |line: &str| asked(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        let command = |line: &str| Asked::Command(line.split(' ').map(OsString::from).collect());
        for (old, new) in [
            ("marathon app add registry.json", "milepost app add registry.json"),
            ("-vv --log-level=debug marathon ping --once", "milepost ping --once"),
            ("--log-level info --debug marathon app list -q", "milepost app list -q"),
            ("marathon app start /x -1", "milepost app start /x -1"),
            ("marathon --version", "milepost --version"),
            ("--version", "milepost --version"),
        ] {
            assert_eq!(asked(old).expect("words"), command(new), "{old}");
        }
        assert_eq!(asked("marathon --info").expect("words"), Asked::Info);
        assert!(asked("-v marathon").is_err() && asked("node list").is_err());
    }
}
