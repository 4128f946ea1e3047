//! The token servers that may have a password.

use crate::credential::Login;

/// The token servers that may have a password beside those of a registry's own host or domain.
#[derive(Debug, clap::Args)]
pub(in crate::command) struct PasswordReceivers {
    /// Send the password to this token server too, where the registry names it; can be repeated
    ///
    /// A token server of the registry's own host or domain gets it in any case.
    #[arg(hide_short_help = true, long, value_name = "HOST[:PORT]")]
    token_server: Vec<String>,
}

impl PasswordReceivers {
    /// The same credentials, for them too.
    pub(in crate::command) fn allow(&self, login: Login) -> Login {
        login.also_for(&self.token_server)
    }

    /// Their names.
    pub(in crate::command) fn names(&self) -> &[String] {
        &self.token_server
    }
}
