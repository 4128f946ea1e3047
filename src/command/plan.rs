//! `milepost plan`

use std::path::PathBuf;

use clap::ValueEnum;

use super::deploy::{PlanArgs, as_json, text};
use super::input::{Unparsable, report_error};
use super::output::write_text;
use super::{Exit, Terminal};
use crate::deploy::SavedPlan;
use crate::diff::Mask;

/// Show what a deployment would do, without sending anything.
///
/// Reads the definitions, checks them for the settings of the server itself, compares them with what runs, and shows in
/// which order what would be created, replaced, scaled, left alone or removed. Differences are those to Marathon: defaults,
/// the order of sets and fields that a server fills in are none.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost plan web.json --url http://marathon.example:8080
  milepost plan services/ -o plan.json
  milepost deploy plan.json --yes

Exit codes: 0 nothing to do; 1 something to do; 2 the check found errors, wrong usage, an input that cannot be read, or no \
connection; 5 no answer in time.")]
pub(super) struct Args {
    /// Write the plan to this file, which `milepost deploy` applies as it is
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// How to show the plan
    #[arg(long, value_enum, default_value = "text", hide_short_help = true)]
    format: PlanFormat,

    /// Show what looks like a secret, too
    #[arg(long, hide_short_help = true)]
    show_secrets: bool,

    #[command(flatten)]
    plan: PlanArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PlanFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    // 1 says that there is something to do.
    let prepared = match args.plan.prepare(term) {
        Ok(Ok(prepared)) => prepared,
        Ok(Err(exit)) => return Ok(exit.max(Exit::Usage)),
        Err(error) if error.is::<Unparsable>() => return Ok(report_error(&error, term)?.max(Exit::Usage)),
        Err(error) => return Err(error),
    };
    let server = prepared.endpoint.name();
    let mask = if args.show_secrets { Mask::Nothing } else { Mask::Secrets };
    match args.format {
        PlanFormat::Text => text(&prepared.plan, mask, term)?,
        PlanFormat::Json => as_json(&prepared.plan, &server, term)?,
    }
    if let Some(file) = &args.output {
        let saved = serde_json::to_string_pretty(&SavedPlan::of(&prepared.plan, &server))? + "\n";
        write_text(file, &saved, term)?;
    }
    Ok(if prepared.plan.is_empty() { Exit::Fine } else { Exit::Findings })
}
