//! The HTTP client: addresses with their credentials, TLS, limits and errors.

mod client;
mod endpoint;
mod error;
mod several;
mod stream;
mod tls;

pub(crate) use client::{Client, Response};
pub(crate) use endpoint::{Endpoint, EndpointError, shown};
pub(crate) use error::{ClientError, explain, host_of};
pub(crate) use reqwest::header::HeaderMap;
pub(crate) use reqwest::{Method, Url};
pub(crate) use several::Outgoing;
pub(crate) use stream::{Stream, StreamPart};

pub(crate) use client::{MAX_ANSWER, location, target};
pub(crate) use endpoint::is_loopback;
