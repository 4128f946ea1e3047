//! A client for Marathon: requests, the meaning of its answers, its state and its errors as findings. It knows no
//! terminal: results are values.

mod create;
mod errors;
mod get;
mod info;
mod path;
mod response;
mod rules;
mod state;

pub use get::GetError;
pub use info::{Info, InfoError};
pub use path::{ErrorLocation, locate};
pub use response::{RefusedRequest, Reply, ServerError};
pub(crate) use rules::{REFUSED_BY_MARATHON, RULES};
pub use state::{StateReader, as_updates};

/// The kinds of services that milepost creates.
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
