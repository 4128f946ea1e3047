//! Who is let in: one kind of authentication.

use super::{GivenSettings, PREFIX, SettingFault, SettingProblem, named_in, parts_of};

/// A registry that is told of two kinds takes the first one that it comes upon, which is another one now and then: Go's maps have
/// no order.
pub(super) fn kinds(given: &GivenSettings) -> Vec<SettingFault> {
    let of_sections = parts_of(&given.env, "AUTH");
    let mut kinds: Vec<String> = given.env.get("AUTH").map(|value| named_in(value)).unwrap_or_default();
    kinds.retain(|kind| !kind.trim().is_empty());
    let chosen = kinds.first().cloned();
    kinds.extend(of_sections.keys().filter(|kind| !kinds.contains(kind)).cloned().collect::<Vec<_>>());
    if kinds.len() < 2 {
        return Vec::new();
    }
    let other = of_sections.iter().find(|(kind, _)| chosen.as_ref() != Some(kind)).map(|(_, name)| *name);
    let at = other.unwrap_or("AUTH");
    let message = format!(
        "the registry is told of the authentications {}, and takes one of them, not the same at each start: it ends with what \
         that one lacks, or lets in others",
        kinds.join(" and ")
    );
    let help = format!("remove {PREFIX}{at}, and what else is of another kind than the one that is meant");
    vec![SettingFault::new(SettingProblem::TwoKinds, &[at], message, help)]
}
