//! The HTTP client: addresses with their credentials, TLS, limits, and what can go wrong on the way.

mod client;
mod endpoint;

pub use client::{Client, ClientError};
pub use endpoint::{Endpoint, EndpointError, Token, shown};
pub use reqwest::{Method, Url};

pub(crate) use client::{MAX_ANSWER, location, target};
pub(crate) use endpoint::is_loopback;
