//! Errors of the command line, as clap finds them. They quote arguments, and a shell puts names of files there.

use std::io::{self, Write as _};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::terminal::without_secrets;
use crate::util::escape::{message, on_one_line};

/// Shows an error of the command line, or the help. What an error quotes is shown on one line, escaped and without
/// secrets.
pub(super) fn print(error: clap::Error) -> io::Result<()> {
    if !error.use_stderr() {
        return error.print();
    }
    let error = on_one_line_each(without_a_value(with_suggestion(error)));
    let said = error.render().to_string();
    let mut safe = said.clone();
    for argument in std::env::args_os().skip(1) {
        let argument = argument.to_string_lossy();
        let value = argument.split_once('=').map(|(_, value)| value);
        // What a parser says of a value cannot be reached in the error.
        for broken in
            [Some(&*argument), value].into_iter().flatten().filter(|text| text.contains(['\n', '\r']))
        {
            safe = safe.replace(broken, &on_one_line(broken));
        }
    }
    let safe = message(&without_secrets(&safe)).into_owned();
    if safe == said { error.print() } else { io::stderr().write_all(safe.as_bytes()) }
}

/// The error without the argument that is one too many, where that may be a secret: people write it behind a path or a
/// user, as other tools take it.
fn without_a_value(mut error: clap::Error) -> clap::Error {
    const TAKE_SECRETS: [&str; 4] = ["secret", "login", "creds", "user"];
    let takes_secrets = || {
        let mut words = std::env::args_os().skip(1).take(4);
        words.any(|word| TAKE_SECRETS.iter().any(|taken| word == *taken))
    };
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) if error.kind() == ErrorKind::UnknownArgument => argument,
        _ => return error,
    };
    if !argument.starts_with('-') && takes_secrets() {
        error.insert(ContextKind::InvalidArg, ContextValue::String("***".to_owned()));
    }
    error
}

/// The error with each argument that it quotes on one line.
fn on_one_line_each(mut error: clap::Error) -> clap::Error {
    let line = |text: &String| on_one_line(text).into_owned();
    let safe = |(kind, value): (ContextKind, &ContextValue)| {
        let safe = match value {
            ContextValue::String(text) => ContextValue::String(line(text)),
            ContextValue::Strings(texts) => ContextValue::Strings(texts.iter().map(line).collect()),
            // Styles are escapes themselves: they stay where nothing has to be escaped.
            ContextValue::StyledStrs(texts) => {
                let plain = |text: &clap::builder::StyledStr| text.to_string();
                let is_safe = texts.iter().map(plain).all(|text| on_one_line(&text) == text);
                let safe = texts.iter().map(|text| line(&plain(text)).into());
                if is_safe { value.clone() } else { ContextValue::StyledStrs(safe.collect()) }
            }
            _ => return None,
        };
        Some((kind, safe))
    };
    let all: Vec<_> = error.context().filter_map(safe).collect();
    for (kind, value) in all {
        error.insert(kind, value);
    }
    error
}

/// Names the command that a word of other tools means.
fn with_suggestion(mut error: clap::Error) -> clap::Error {
    const MEANT: &[(&str, &str)] = &[
        ("check", "lint"),
        ("validate", "lint"),
        ("verify", "lint"),
        ("format", "fmt"),
        ("template", "render"),
        ("upgrade", "migrate"),
        ("apply", "deploy"),
    ];
    let word = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) => word.as_str(),
        _ => return error,
    };
    if let Some((_, right)) = MEANT.iter().find(|(wrong, _)| *wrong == word) {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![(*right).to_owned()]));
    }
    error
}
