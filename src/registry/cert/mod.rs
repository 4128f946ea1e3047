//! Certificates of a registry: making one ([`mod@issue`]), reading what somebody gives ([`read`]), saying what is wrong with
//! one ([`mod@check`]), and the hash of its subject by which OpenSSL finds it ([`hash`]).
//!
//! rcgen writes certificates and ring signs them; ring makes no RSA keys, which is what the crate rsa is for ([`key`]).
//! x509-parser reads them: unlike rustls-webpki it takes apart also what no client would accept, and that is what has to
//! be explained.

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
