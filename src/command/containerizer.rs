//! Containerizers on the command line.

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::definition::Containerizer;

impl ValueEnum for Containerizer {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Docker, Self::Mesos]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Docker => PossibleValue::new("docker").help("The Docker Engine"),
            Self::Mesos => PossibleValue::new("mesos").help("The Universal Container Runtime"),
        })
    }
}

/// Takes `mesos` only, where apps are moved off the Docker Engine.
pub(super) fn mesos_only() -> impl TypedValueParser<Value = Containerizer> {
    PossibleValuesParser::new(Containerizer::Mesos.to_possible_value()).map(|_| Containerizer::Mesos)
}
