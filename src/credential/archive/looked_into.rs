//! What a look into an archive changes of what lint says by its name.

use crate::credential::Look;
use crate::credential::container;
use crate::credential::definitions::LocatedService;
use crate::credential::plan::RefusalReason;
use crate::definition::{Containerizer, CredentialsForm, Fetched, Packed, Unpacking, file_name};
use crate::finding::{Effect, Finding, Rule};
use crate::rule;
use crate::source::{Pointer, Type};
use crate::target::{Release, Settings};

use super::shown;

/// An archive that an app fetches, and what a look into it shows.
struct SeenArchive<'a> {
    file: Fetched<'a>,
    /// Its entry in the list.
    pointer: Pointer,
    /// The bytes of its URI.
    range: std::ops::Range<usize>,
    is_called_credentials: bool,
    look: Look,
}

/// Takes away what lint says of an archive's credentials when there are none in it, and adds that the service can read
/// those in an archive of another name.
pub(in crate::credential) fn looked_into(
    definition: &LocatedService<'_>,
    look: fn(&str) -> Look,
    settings: &Settings,
    findings: &mut Vec<Finding>,
) {
    if definition.is_pod {
        return;
    }
    let archives = archives(definition, look);
    let named = archives.iter().filter(|archive| archive.is_called_credentials);
    let possible = named.clone().filter(|archive| archive.look != Look::Nothing).count();
    for archive in named {
        let is_refuted = |rule: &Rule| match archive.look {
            Look::Nothing => archive.is_only_about_credentials(rule),
            _ => rule.slug == rule::OVERWRITTEN.slug && possible < 2,
        };
        let is_about = |found: &Finding| found.pointer.steps().starts_with(archive.pointer.steps());
        findings.retain(|found| !(is_about(found) && is_refuted(found.rule)));
    }
    let is_engines =
        container::of(definition).is_ok_and(|container| container.containerizer == Containerizer::Docker);
    let unnamed = archives.iter().filter(|archive| is_engines && archive.is_credentials_in_disguise());
    findings.extend(unnamed.map(|archive| archive.exposed(settings)));
}

fn archives<'a>(definition: &LocatedService<'a>, look: fn(&str) -> Look) -> Vec<SeenArchive<'a>> {
    let lists = ["fetch", "uris"].into_iter().filter_map(|name| Some((name, definition.get(name)?)));
    let mut archives = Vec::new();
    for (name, list) in lists {
        for (index, entry) in list.elements().enumerate() {
            let Some(file) = Fetched::of(&entry, Release::LATEST) else { continue };
            let form = file.credentials().map(|found| found.form);
            if form.is_some_and(|form| form != CredentialsForm::Archive) {
                continue;
            }
            archives.push(SeenArchive {
                look: look(&file.uri),
                pointer: definition.pointer.key(name).index(index),
                range: entry.get("uri").filter(|_| entry.kind() == Type::Object).unwrap_or(entry).range(),
                is_called_credentials: form.is_some(),
                file,
            });
        }
    }
    archives
}

impl SeenArchive<'_> {
    /// Whether a rule on this archive would not speak if it were not called like one of credentials.
    fn is_only_about_credentials(&self, rule: &Rule) -> bool {
        let of_credentials = [&rule::EXPOSED, &rule::CACHED, &rule::ARCHIVE_ON_UCR, &rule::OVERWRITTEN];
        of_credentials.iter().any(|one| one.slug == rule.slug)
            || rule.slug == rule::UNEXTRACTED_ARCHIVE.slug
                && self.file.unpacking() == Unpacking::Packed(Packed::NotAsked)
    }

    fn is_credentials_in_disguise(&self) -> bool {
        !self.is_called_credentials
            && matches!(self.look, Look::Holds(_) | Look::HoldsMore(_))
            && self.file.unpacking() == Unpacking::Archive
    }

    fn exposed(&self, settings: &Settings) -> Finding {
        let uri = shown(&self.file.uri);
        let (message, help) = rule::exposed(file_name(&uri), settings);
        let reason = RefusalReason {
            rule: &rule::EXPOSED,
            effect: Effect::Style,
            pointer: self.pointer.clone(),
            range: self.range.clone(),
            message,
            help: help.to_owned(),
        };
        reason.into_finding()
    }
}
