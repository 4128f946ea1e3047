//! `--ip` and `--dns` in their order on the command line.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches};

use crate::registry::cert::SubjectName;

/// The names of a certificate. Two options fill one list, which clap's derive cannot express.
#[derive(Debug)]
pub(super) struct NameArgs(pub(super) Vec<SubjectName>);

impl clap::Args for NameArgs {
    fn augment_args(command: clap::Command) -> clap::Command {
        let name = |id: &'static str, value: &'static str| {
            Arg::new(id).long(id).value_name(value).action(ArgAction::Append)
        };
        command
            .arg(
                name("ip", "ADDRESS")
                    .help("An IP address that clients use for the registry; may be repeated")
                    .value_parser(SubjectName::ip),
            )
            .arg(
                name("dns", "NAME")
                    .help("A host name that clients use; may be repeated")
                    .value_parser(SubjectName::dns),
            )
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for NameArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut names: Vec<(usize, SubjectName)> = Vec::new();
        for id in ["ip", "dns"] {
            let values = matches.get_many::<SubjectName>(id).into_iter().flatten().cloned();
            names.extend(matches.indices_of(id).into_iter().flatten().zip(values));
        }
        names.sort_by_key(|(index, _)| *index);
        let mut found = Vec::new();
        for (_, name) in names {
            if !found.contains(&name) {
                found.push(name);
            }
        }
        if found.is_empty() && !matches.contains_id("check") {
            let mut error = clap::Error::new(ErrorKind::MissingRequiredArgument);
            let missing = vec!["--dns <NAME> or --ip <ADDRESS>, or --check <FILE>".to_owned()];
            error.insert(ContextKind::InvalidArg, ContextValue::Strings(missing));
            return Err(error);
        }
        Ok(Self(found))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
