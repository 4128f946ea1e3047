//! What a look into an archive changes of what lint says by its name.

use crate::credential::Look;
use crate::credential::container;
use crate::credential::definitions::LocatedService;
use crate::definition::{Containerizer, Packed, Unpacking, file_name};
use crate::finding::{Effect, Finding, Rule};
use crate::rule;
use crate::target::Settings;

use super::overwritten::overwritten;
use super::seen::SeenFile;
use super::shown;

/// Takes away what lint says of an archive's credentials when there are none in it; adds that the service can read those in
/// an archive of another name, and that archives overwrite each other.
pub(in crate::credential) fn looked_into(
    definition: &LocatedService<'_>,
    look: fn(&str) -> Look,
    settings: &Settings,
    findings: &mut Vec<Finding>,
) {
    if definition.is_pod {
        return;
    }
    let files = SeenFile::all(definition, look);
    let named = files.iter().filter(|seen| seen.is_called_credentials());
    let possible = named.clone().filter(|seen| seen.look != Look::Nothing).count();
    for seen in named {
        let is_refuted = |rule: &Rule| match seen.look {
            Look::Nothing => seen.is_only_about_credentials(rule),
            _ => rule.slug == rule::OVERWRITTEN.slug && possible < 2,
        };
        let is_about = |found: &Finding| found.pointer.steps().starts_with(seen.pointer.steps());
        findings.retain(|found| !(is_about(found) && is_refuted(found.rule)));
    }
    let is_engines =
        container::of(definition).is_ok_and(|container| container.containerizer == Containerizer::Docker);
    if is_engines {
        let unnamed = files.iter().filter(|seen| seen.is_credentials_in_disguise());
        findings.extend(unnamed.map(|seen| seen.exposed(settings)));
        findings.extend(overwritten(&files));
    }
}

impl SeenFile<'_> {
    /// Whether a rule on this archive would not speak if it were not called like one of credentials.
    fn is_only_about_credentials(&self, rule: &Rule) -> bool {
        let of_credentials = [&rule::EXPOSED, &rule::CACHED, &rule::ARCHIVE_ON_UCR, &rule::OVERWRITTEN];
        of_credentials.iter().any(|one| one.slug == rule.slug)
            || rule.slug == rule::UNEXTRACTED_ARCHIVE.slug
                && self.file.unpacking() == Unpacking::Packed(Packed::NotAsked)
    }

    /// Whether it is an archive with credentials, and not called like them.
    fn is_credentials_in_disguise(&self) -> bool {
        self.file.credentials().is_none()
            && matches!(self.look, Look::Holds(_) | Look::HoldsMore(_))
            && self.file.unpacking() == Unpacking::Archive
    }

    fn exposed(&self, settings: &Settings) -> Finding {
        let uri = shown(&self.file.uri);
        self.finding(&rule::EXPOSED, Effect::Style, rule::exposed(file_name(&uri), settings))
    }
}
