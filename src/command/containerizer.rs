//! Containerizers on the command line.

use clap::ValueEnum;
use clap::builder::PossibleValue;

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
