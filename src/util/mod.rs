//! Small tools that know nothing of Marathon.

pub(crate) mod escape;
pub(crate) mod hash;
pub(crate) mod hex;
#[cfg(any(feature = "cert", feature = "net"))]
pub(crate) mod key_usage;
#[cfg(feature = "net")]
pub(crate) mod moment;
#[cfg(any(feature = "cert", feature = "net"))]
pub(crate) mod p521;
pub(crate) mod parallel;
pub(crate) mod path;
pub(crate) mod suggest;
pub(crate) mod text;
