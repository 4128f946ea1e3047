//! Files that agents fetch, where they are on this machine, too.

use std::path::Path;

use secrecy::zeroize::Zeroizing;

use crate::credential::{Look, sources};
use crate::source;

/// Looks into a fetched file that is on this machine, too.
pub(super) fn look(uri: &str) -> Look {
    let path = uri.strip_prefix("file://").unwrap_or(uri);
    let path = Path::new(path.strip_prefix("localhost").unwrap_or(path));
    if !path.has_root() || !path.is_file() {
        return Look::Unknown;
    }
    source::read_bytes(path).map_or(Look::Unknown, |bytes| sources::look(&Zeroizing::new(bytes)))
}
