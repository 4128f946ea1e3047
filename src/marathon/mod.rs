//! Talking to Marathon, to the secret store beside it, and to registries: where they are, what to send, and what their
//! answers mean. The only room that opens sockets. It knows no terminal: what is to be shown is handed back as values.
//!
//! Nothing here runs before a [`crate::http::Client`] is made, and nothing else makes an async runtime or loads TLS roots.

mod create;
mod get;
mod info;
mod path;
mod response;
mod rules;

pub use get::GetError;
pub use info::{Info, InfoError};
pub use path::{ErrorLocation, locate};
pub use response::{RefusedRequest, Reply, ServerError};
pub(crate) use rules::{REFUSED_BY_MARATHON, RULES};

/// What Marathon keeps, as far as this room sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// `POST /v2/apps` (every release).
    App,
    /// `POST /v2/pods` (Marathon 1.4 and later).
    Pod,
}

impl Resource {
    /// The path below Marathon's base that creates one.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::App => "v2/apps",
            Self::Pod => "v2/pods",
        }
    }
}
