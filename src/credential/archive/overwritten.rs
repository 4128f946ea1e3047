//! Archives that put credentials into a sandbox in which others are, too.

use crate::credential::Look;
use crate::definition::Unpacking;
use crate::finding::{Effect, Finding};

use super::seen::SeenFile;
use super::shown;

/// The archives of an app on the Docker Engine that hold credentials beside others, as a look into them shows.
pub(super) fn overwritten(files: &[SeenFile<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut first: Option<(&SeenFile<'_>, bool)> = None;
    for seen in files.iter().filter(|seen| seen.file.unpacking() == Unpacking::Archive) {
        let is_called_so = seen.file.credentials().is_some_and(|found| found.unread.is_none());
        let holds_some = match seen.look {
            Look::Holds(_) | Look::HoldsMore(_) => true,
            Look::Nothing => false,
            Look::Unknown => is_called_so,
        };
        if !holds_some {
            continue;
        }
        let Some((other, other_is_called_so)) = first else {
            first = Some((seen, is_called_so));
            continue;
        };
        if (is_called_so && other_is_called_so) || other.file == seen.file {
            continue;
        }
        let message = format!(
            "`{}` and `{}` both put `.docker/config.json` into the sandbox, and which one stays cannot be told",
            shown(&other.file.uri),
            shown(&seen.file.uri)
        );
        let help = "put the credentials of all registries into one archive, and fetch only that";
        found.push(seen.finding(&crate::rule::OVERWRITTEN, Effect::Ignored, (message, help)));
    }
    found
}
