//! Where a rejection is in the file. Marathon's answers count from the app where it checks apps one by one, name apps by
//! their ids, or number the members of a group in an order of their own; the value that is rejected is known.

use crate::source::{Pointer, Step, Type, Value};

/// The pointer of a rejected value in its file: `value` is where it is, and `said` is where Marathon says that it is. Where
/// the value lacks what `said` names, that is a part of the pointer.
pub(super) fn in_file(at: Value<'_>, value: Pointer, said: &Pointer) -> Pointer {
    let lacking = beyond(at, value.steps(), said.steps());
    let is_lacking = match lacking.first() {
        Some(Step::Key(name)) => {
            at.kind() == Type::Object && at.get(name).is_none_or(|value| value.is_null())
        }
        Some(Step::Index(index)) => at.kind() == Type::Array && at.elements().nth(*index).is_none(),
        None => false,
    };
    if !is_lacking {
        return value;
    }
    let mut pointer = value;
    pointer.extend(lacking.iter().cloned());
    pointer
}

/// The steps of `said` that lead on from the value at `steps`.
fn beyond<'p>(at: Value<'_>, steps: &[Step], said: &'p [Step]) -> &'p [Step] {
    // The steps in common, most first: all of them, or the last ones where `said` begins at an app in the file.
    let most = steps.len().min(said.len());
    let meets = |count: &usize| are_alike(&steps[steps.len() - count..], &said[..*count]);
    if let Some(count) = (1..=most).rev().find(meets) {
        return &said[count..];
    }
    let is_service = at.node_id() == 0 || (at.kind() == Type::Object && at.get("id").is_some());
    let counts_from_here = match said.first() {
        Some(Step::Key(name)) => !matches!(name.as_str(), "apps" | "groups"),
        _ => false,
    };
    if is_service && counts_from_here { said } else { &[] }
}

/// Whether two paths differ in indices only.
fn are_alike(one: &[Step], other: &[Step]) -> bool {
    one.iter().zip(other).all(|pair| match pair {
        (Step::Index(_), Step::Index(_)) => true,
        (one, other) => one == other,
    })
}

#[cfg(test)]
mod tests {
    use crate::finding::marathon_pointer;
    use crate::source::{Document, Format};

    use super::*;

    #[test]
    fn answers_are_found_in_the_file() {
        let text = r#"{"id": "/g", "groups": [{"id": "h", "apps": [
            {"id": "a", "container": {"volumes": [{"persistent": {}}]}, "role": "x", "constraints": [["a"]], "user": null}]}]}"#;
        let document = Document::parse(text, Format::Json).expect("JSON");
        let app = "/groups/0/apps/0";
        for (at, said, wanted) in [
            ("", "/", ""),
            ("", "/apps(0)/id", ""),
            ("/role", "/role", "/role"),
            ("/role", "/apps/g/h/a", "/role"),
            ("/role", "/groups(4)/apps(2)/role", "/role"),
            ("", "/networks", "/networks"),
            ("", "/user", "/user"),
            ("", "/groups(1)/apps(1)/networks", "/networks"),
            ("", "/role", ""),
            ("/constraints", "/constraints/value/value", "/constraints"),
            ("/constraints/0", "/constraints", "/constraints/0"),
            ("/constraints", "/constraints(3)", "/constraints/3"),
            (
                "/container/volumes/0/persistent",
                "/container/volumes(0)/persistent/size",
                "/container/volumes/0/persistent/size",
            ),
            ("/container/volumes/0/persistent", "/apps/g/h/a/size", "/container/volumes/0/persistent"),
            ("/container", "/container/docker/image", "/container/docker/image"),
        ] {
            let value: Pointer = marathon_pointer(&format!("{app}{at}"));
            let value: Pointer = value.steps().iter().map(indexed).collect();
            let found = document.at(&value).unwrap_or_else(|| panic!("{value} is there"));
            let pointer = in_file(found, value, &marathon_pointer(said));
            assert_eq!(pointer.to_string(), format!("{app}{wanted}"), "{at} {said}");
        }
    }

    fn indexed(step: &Step) -> Step {
        match step {
            Step::Key(name) => name.parse().map_or_else(|_| step.clone(), Step::Index),
            Step::Index(_) => step.clone(),
        }
    }
}
