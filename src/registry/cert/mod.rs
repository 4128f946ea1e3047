//! Certificates of a registry: making one ([`mod@issue`]), reading ([`read`]) and checking existing ones ([`mod@check`]), and
//! the hash of the subject by which OpenSSL finds a certificate ([`hash`]).
//!
//! rcgen writes certificates and ring signs them. ring makes no RSA keys; the crate rsa does ([`key`]). x509-parser reads
//! them: unlike rustls-webpki it also parses certificates that no client accepts, which are the ones to explain.

pub(crate) mod check;
mod der;
pub(crate) mod explain;
pub(crate) mod hash;
pub(crate) mod issue;
pub(crate) mod key;
pub(crate) mod name;
pub(crate) mod read;
mod rules;
#[cfg(test)]
mod tests;
pub(crate) mod text;

pub(crate) use check::{CertCheckOptions, check};
pub(crate) use explain::is_for;
pub(crate) use issue::{Authority, CertificateRequest, Issued, issue};
pub(crate) use key::{KeyKind, PrivateKey};
pub(crate) use name::{NameError, SubjectName};
pub(crate) use read::{Bundle, CertReadError, Certificate};
pub(crate) use rules::RULES;
pub(crate) use text::TextFault;
