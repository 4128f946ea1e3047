//! Forms of output that commands share.

use clap::ValueEnum;

use super::Terminal;

/// How a command writes what it found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum DataFormat {
    /// For people
    #[default]
    Text,
    /// For programs: one JSON document
    Json,
}

/// How findings are written to standard error, beside the data on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingsFormat {
    /// For people: the source underlined
    #[default]
    Text,
    /// A line for each finding: `FILE:LINE:COLUMN: error[RULE] message`
    Concise,
    /// For programs: a JSON document in a line for each file
    Json,
    /// Workflow commands of GitHub Actions
    Github,
}

impl FindingsFormat {
    /// Its name among the formats of `lint`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Github => "github",
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct FindingsArgs {
    /// How findings are written to standard error
    #[arg(
        long = "format",
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        hide_short_help = true
    )]
    findings: FindingsFormat,
}

impl FindingsArgs {
    /// From now on findings are written so.
    pub(super) fn apply(&self, term: &mut Terminal) {
        term.show_findings_as(self.findings);
    }
}
