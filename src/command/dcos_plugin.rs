//! Being a plugin of the DC/OS CLI, which runs `dcos-milepost milepost lint …` for `dcos milepost lint …`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// How the DC/OS CLI names the program of a command.
const PREFIX: &str = "dcos-";

/// The arguments as if milepost had been started itself: without the name of the command that the DC/OS CLI puts first.
pub(super) fn words(all: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = all.collect();
    let program = words.first().and_then(|program| Path::new(program).file_name()).and_then(OsStr::to_str);
    let command = program.and_then(|program| program.strip_prefix(PREFIX)).map(str::to_owned);
    if let Some(command) = command
        && words.get(1).is_some_and(|word| *word == *command)
    {
        words.drain(..2);
        words.insert(0, format!("dcos {command}").into());
    }
    words
}

/// Whether these are the arguments that the DC/OS CLI asks for the line with that it lists a command with.
pub(super) fn asks_for_line(words: &[OsString]) -> bool {
    matches!(words, [program, word] if *word == *"--info" && program.to_string_lossy().starts_with("dcos "))
}
