//! Services of DC/OS beside Marathon: the secret store.

mod secret;

pub use secret::{SecretRead, SecretWrite, WriteMode};
