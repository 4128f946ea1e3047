//! DC/OS: where it and its Marathons are and who asks them, signing in, the secret store, the credentials that agents read,
//! and Mesos's agents themselves.

mod account;
mod agents;
mod cluster;
mod described;
mod logins;
mod place;
mod secret;
mod sign_in;
mod sources;

pub(crate) use account::{Account, ServiceAccount};
pub(crate) use agents::{DrainAnswer, DrainState, MesosAgent, MesosError};
pub(crate) use described::DescribedAgents;
pub(crate) use logins::{KeptAccount, KeptLogin, TokenFile};
pub(crate) use place::{Place, PlaceError, PlaceOptions, TracedSetting, Wanted};
pub(crate) use secret::{SecretDelete, SecretList, SecretRead, SecretWrite, WriteMode};
pub(crate) use sign_in::{LoginKind, SignInError, TokenState, login_of, login_url, other_login};
pub(crate) use sources::AgentSources;

/// What a service of DC/OS says of a refusal, in one of the fields where they say it.
fn said(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let words = ["description", "message", "title"].into_iter().find_map(|name| body.get(name)?.as_str())?;
    Some(words.to_owned())
}
