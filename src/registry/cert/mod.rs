//! Certificates of a registry: making one ([`mod@issue`]), reading ([`read`]) and checking existing ones ([`mod@check`]), and
//! the hash of the subject by which OpenSSL finds a certificate ([`hash`]).
//!
//! rcgen writes certificates and ring signs them. ring makes no RSA keys; the crate rsa does ([`key`]). x509-parser reads
//! them: unlike rustls-webpki it also parses certificates that no client accepts, which are the ones to explain.

pub mod check;
mod der;
pub mod explain;
pub mod hash;
pub mod issue;
pub mod key;
pub mod name;
pub mod read;
#[cfg(test)]
mod tests;

pub use check::{CertCheckOptions, CertFinding, check};
pub use issue::{Authority, IssueError, Issued, Request, issue};
pub use key::{KeyError, KeyKind, PrivateKey};
pub use name::{NameError, SubjectName};
pub use read::{Bundle, CertReadError, Certificate};
