//! The reference of all commands, made from what clap knows of them.

use std::fmt::Write as _;

/// `docs/cli.md`: every command's long help, as it is printed without colours.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(
        "# The command line\n\nGenerated from the code: `cargo run --example generate`.\n\n\
         Exit codes, the same for every command:\n\n| code | meaning |\n|---:|---|\n",
    );
    for (exit, meaning) in crate::command::Exit::MEANINGS {
        let _ = writeln!(text, "| {} | {meaning} |", exit as u8);
    }
    let mut cli = crate::command::cli().term_width(100);
    cli.build();
    section(&mut cli, "milepost", &mut text);
    text
}

fn section(command: &mut clap::Command, name: &str, text: &mut String) {
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(text, "\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim_end());
    for subcommand in command.get_subcommands_mut() {
        let name = format!("{name} {}", subcommand.get_name());
        section(subcommand, &name, text);
    }
}
