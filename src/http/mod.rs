//! The HTTP client: addresses with their credentials, TLS, limits and errors.

mod client;
mod endpoint;
mod error;
mod insist;
mod several;
mod stream;
mod tls;
mod token;

pub(crate) use client::{Body, Client, Exchange, Response};
pub(crate) use endpoint::{
    Endpoint, EndpointError, TokenSource, below, is_service, is_web, origin, parse_base, shown,
};
pub(crate) use error::{ClientError, explain, host_of};
pub(crate) use reqwest::header::HeaderMap;
pub(crate) use reqwest::{Method, Url};
pub(crate) use several::Outgoing;
pub(crate) use stream::{Stream, StreamPart};
pub(crate) use token::{BadToken, Renew, Token, TokenHolder};

pub(crate) use client::{MAX_ANSWER, is_page, location, target};
pub(crate) use endpoint::{is_loopback, is_readable, shown_base};
