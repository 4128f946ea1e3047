//! What an app fetches, with a look into the archives that are on this machine.

use std::ops::Range;

use crate::credential::Look;
use crate::credential::definitions::LocatedService;
use crate::credential::plan::RefusalReason;
use crate::definition::{CredentialsForm, Fetched, Unpacking};
use crate::finding::{Effect, Finding, Rule};
use crate::source::{Pointer, Type};
use crate::target::Release;

/// A file that an app fetches, and what a look into it shows, where it is an archive or called like one of credentials.
pub(super) struct SeenFile<'a> {
    pub(super) file: Fetched<'a>,
    /// Its entry in the list.
    pub(super) pointer: Pointer,
    /// The bytes of its URI.
    range: Range<usize>,
    pub(super) look: Look,
}

impl<'a> SeenFile<'a> {
    /// All that an app fetches. Each archive is looked into once.
    pub(super) fn all(definition: &LocatedService<'a>, look: fn(&str) -> Look) -> Vec<Self> {
        let lists = ["fetch", "uris"].into_iter().filter_map(|name| Some((name, definition.get(name)?)));
        let mut files = Vec::new();
        for (name, list) in lists {
            for (index, entry) in list.elements().enumerate() {
                let Some(file) = Fetched::of(&entry, Release::LATEST) else { continue };
                let is_archive = file.unpacking() == Unpacking::Archive || is_called_credentials(&file);
                files.push(Self {
                    look: if is_archive { look(&file.uri) } else { Look::Unknown },
                    pointer: definition.pointer.key(name).index(index),
                    range: entry.get("uri").filter(|_| entry.kind() == Type::Object).unwrap_or(entry).range(),
                    file,
                });
            }
        }
        files
    }

    /// Whether it is called like an archive of credentials.
    pub(super) fn is_called_credentials(&self) -> bool {
        is_called_credentials(&self.file)
    }

    /// A finding on it.
    pub(super) fn finding(
        &self,
        rule: &'static Rule,
        effect: Effect,
        (message, help): (String, &str),
    ) -> Finding {
        let (pointer, range) = (self.pointer.clone(), self.range.clone());
        RefusalReason { rule, effect, pointer, range, message, help: help.to_owned() }.into_finding()
    }
}

fn is_called_credentials(file: &Fetched<'_>) -> bool {
    file.credentials().is_some_and(|found| found.form == CredentialsForm::Archive)
}
