//! Arguments that clap builds only for the command that runs.

use clap::builder::{Resettable, StyledStr};
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

/// Builds a subcommand's arguments only when it is selected (0.3 ms of start-up).
#[derive(Debug)]
pub(super) struct LazyArgs<T>(pub(super) Box<T>);

impl<T: FromArgMatches> FromArgMatches for LazyArgs<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(|args| Self(Box::new(args)))
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches_mut(matches).map(|args| Self(Box::new(args)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }

    fn update_from_arg_matches_mut(&mut self, matches: &mut ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches_mut(matches)
    }
}

impl<T: Args> Args for LazyArgs<T> {
    fn augment_args(command: Command) -> Command {
        command.defer(|command| described(command, T::augment_args))
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(|command| described(command, T::augment_args_for_update))
    }
}

/// Adds arguments. The command keeps the line that it is listed with; its long help is that of the arguments.
fn described(command: Command, add: fn(Command) -> Command) -> Command {
    let as_it_is = |text: Option<StyledStr>| text.map_or(Resettable::Reset, Resettable::Value);
    let short = command.get_about().cloned();
    let listed = command.get_long_about().cloned();
    // Clap takes the documentation of the arguments for the command's, and would list its first paragraph.
    let added = add(command.long_about(Resettable::Reset).about(Resettable::Reset));
    let own = added.get_long_about().or(added.get_about()).cloned();
    with_pointer(added.about(as_it_is(short)).long_about(as_it_is(own.or(listed))))
}

/// Adds to the short help of a command and its own subcommands that there are more options, where it leaves out rare ones.
fn with_pointer(command: Command) -> Command {
    let leaves_out = |arg: &Arg| arg.is_hide_short_help_set();
    let command = command.mut_subcommands(with_pointer);
    if !command.get_arguments().any(leaves_out) {
        return command;
    }
    // Without one of its own the long help would end like the short one.
    let end = command.get_after_long_help().cloned().unwrap_or_default();
    command.after_help("More options: --help").after_long_help(end)
}
