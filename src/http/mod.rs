//! The HTTP client: addresses with their credentials, TLS, limits and errors.

mod client;
mod endpoint;
mod error;

pub use client::Client;
pub use endpoint::{Endpoint, EndpointError, Token, shown};
pub use error::ClientError;
pub use reqwest::{Method, Url};

pub(crate) use client::{MAX_ANSWER, location, target};
pub(crate) use endpoint::is_loopback;
