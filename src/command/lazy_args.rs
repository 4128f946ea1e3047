//! Arguments that clap builds only for the command that runs.

use clap::builder::{Resettable, StyledStr};
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

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
    added.about(as_it_is(short)).long_about(as_it_is(own.or(listed)))
}
