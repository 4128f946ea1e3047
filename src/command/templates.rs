//! `milepost templates`

use anyhow::bail;

use crate::template::{Builtin, Template, TemplateError, Variable, Variables};
use crate::util::escape::quoted;
use crate::util::text::column;

use super::{Exit, Terminal};

/// List the built-in templates, or print one to start from.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost templates
  milepost templates show web-docker > web.json.j2
  milepost render web-docker --set id=/shop/web --set image=nginx:1.27.3")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<TemplatesCommand>,
}

#[derive(Debug, clap::Subcommand)]
enum TemplatesCommand {
    /// Print a built-in template, as a start for your own
    Show {
        /// The template's name, as listed by `milepost templates`
        name: String,
    },
}

pub(super) fn run(args: Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match args.command {
        Some(TemplatesCommand::Show { name }) => {
            let Some(builtin) = Builtin::find(&name) else { bail!(TemplateError::unknown(&name)) };
            term.out().write_all(builtin.text().as_bytes())?;
        }
        None => {
            for (index, builtin) in Builtin::all().iter().enumerate() {
                let variables = Variables::of(&Template::find(builtin.name())?);
                if index > 0 {
                    writeln!(term.out())?;
                }
                writeln!(
                    term.out(),
                    "{}: {}",
                    builtin.name(),
                    variables.summary.as_deref().unwrap_or_default()
                )?;
                list(&variables.list, "  ", term)?;
            }
        }
    }
    Ok(Exit::Fine)
}

/// Lists variables, one a line: the name, whether it is required or its default, and the description.
pub(super) fn list(variables: &[Variable], indent: &str, term: &mut Terminal) -> std::io::Result<()> {
    let value = |variable: &Variable| match &variable.default {
        _ if variable.required => "required".to_owned(),
        Some(default) => format!("= {default}"),
        None => "optional".to_owned(),
    };
    let rows: Vec<[String; 3]> = variables
        .iter()
        .map(|variable| {
            let description = variable.description.as_deref().unwrap_or_default();
            [&variable.name, &*value(variable), description].map(|cell| quoted(cell).into_owned())
        })
        .collect();
    let width = |index: usize| column(rows.iter().map(|row| &*row[index]));
    let (names, values) = (width(0), width(1));
    for [name, value, description] in &rows {
        let line = format!("{indent}{name:names$}  {value:values$}  {description}");
        writeln!(term.out(), "{}", line.trim_end())?;
    }
    Ok(())
}
