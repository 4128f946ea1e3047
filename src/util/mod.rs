//! Small tools that know nothing of Marathon.

pub(crate) mod escape;
pub(crate) mod hash;
pub(crate) mod hex;
pub(crate) mod parallel;
pub(crate) mod suggest;
pub(crate) mod text;
