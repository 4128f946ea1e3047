//! Services of DC/OS besides Marathon: the secret store, and the credentials that agents read.

mod secret;
mod sources;

pub(crate) use secret::{SecretRead, SecretWrite, WriteMode};
pub(crate) use sources::AgentSources;
