//! What types cannot say: the rules by which Marathon takes or refuses a definition as a whole, one room per kind and
//! area. Each rule is declared once, beside its code.

mod app;
mod fields;
mod group;
mod id;
mod java;
mod judge;
mod pod;
mod shared;
mod tree;

use crate::diagnostic::Diagnostic;
use crate::source::{Kind, Value};
use crate::target::Settings;

use fields::Fields;
use id::PathId;
use judge::Judge;

/// A rule, as it is told to people.
#[derive(Debug)]
pub struct Rule {
    /// Its name, stable for ever.
    pub slug: &'static str,
    /// What it wants, one sentence without a full stop.
    pub title: &'static str,
}

impl Rule {
    /// A rule by which Marathon refuses definitions.
    const fn verdict(slug: &'static str, title: &'static str) -> Self {
        Self { slug, title }
    }
}

/// Everything Marathon would refuse in a definition that its parser takes.
#[must_use]
pub fn judge(root: Value<'_>, kind: Kind, settings: &Settings) -> Vec<Diagnostic> {
    let mut judge = Judge::default();
    match kind {
        Kind::App => app::judge(root, false, settings, &mut judge),
        Kind::Apps => root.elements().for_each(|element| app::judge(element, true, settings, &mut judge)),
        Kind::Pod => pod::judge(root, settings, &mut judge),
        Kind::Group => group::judge(root, settings, &mut judge),
    }
    judge.found
}
