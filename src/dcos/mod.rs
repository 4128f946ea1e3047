//! Services of DC/OS besides Marathon: the secret store, the credentials that agents read, and Mesos's agents themselves.

mod agents;
mod secret;
mod sources;

pub(crate) use agents::{DrainAnswer, DrainState, MesosAgent, MesosError};
pub(crate) use secret::{SecretRead, SecretWrite, WriteMode};
pub(crate) use sources::AgentSources;
