//! The apps and pods of a document, at any depth of groups and lists.

use super::kind::Kind;
use super::pointer::{Pointer, Step};
use super::tree::Value;

/// An app or pod, and where it is.
pub(crate) struct ServiceNode<'a, T> {
    pub(crate) value: Value<'a>,
    pub(crate) pointer: Pointer,
    /// What `enter` made of the groups around it.
    pub(crate) group: T,
}

/// All apps of the document in the order of the text, at any depth of groups, or its pod. Leaves out the `pods` of
/// groups, because Marathon ignores them. `enter` combines a group with the value of the group around it; `top` is the
/// value outside of all groups.
pub(crate) fn services<'a, T: Clone>(
    root: Value<'a>,
    kind: Kind,
    top: T,
    enter: impl Fn(Value<'a>, &T) -> T,
) -> Vec<ServiceNode<'a, T>> {
    match kind {
        Kind::App | Kind::Pod => vec![ServiceNode { value: root, pointer: Pointer::root(), group: top }],
        Kind::Apps => elements(root, &Pointer::root(), &top).collect(),
        Kind::Group => in_groups(root, top, enter),
    }
}

fn elements<'a, T: Clone>(
    list: Value<'a>,
    pointer: &Pointer,
    group: &T,
) -> impl Iterator<Item = ServiceNode<'a, T>> {
    list.elements().enumerate().map(move |(index, value)| ServiceNode {
        value,
        pointer: pointer.index(index),
        group: group.clone(),
    })
}

/// Where a group is: the number of the group around it, and its index there. Groups may nest deep, so no path is stored
/// for each.
type Nest = Option<(usize, usize)>;

fn in_groups<'a, T: Clone>(
    root: Value<'a>,
    top: T,
    enter: impl Fn(Value<'a>, &T) -> T,
) -> Vec<ServiceNode<'a, T>> {
    let mut found = Vec::new();
    let mut nests: Vec<Nest> = Vec::new();
    let mut waiting = vec![(root, None, top)];
    while let Some((group, nest, around)) = waiting.pop() {
        let here = enter(group, &around);
        let number = nests.len();
        nests.push(nest);
        if let Some(apps) = group.get("apps").filter(|apps| apps.elements().next().is_some()) {
            found.extend(elements(apps, &path_to(number, &nests).key("apps"), &here));
        }
        let inner = group.get("groups").into_iter().flat_map(|groups| groups.elements()).enumerate();
        waiting.extend(inner.map(|(index, group)| (group, Some((number, index)), here.clone())));
    }
    found.sort_by_key(|service| service.value.range().start);
    found
}

fn path_to(mut group: usize, nests: &[Nest]) -> Pointer {
    let mut steps = Vec::new();
    while let Some((around, index)) = nests[group] {
        steps.extend([Step::Index(index), Step::Key("groups".to_owned())]);
        group = around;
    }
    steps.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Format};
    use super::*;

    fn found(text: &str, kind: Kind) -> Vec<(String, String, String)> {
        let document = Document::parse(text, Format::Json).expect("valid JSON");
        let id = |value: Value<'_>| {
            value.get("id").and_then(|id| id.as_str().map(String::from)).unwrap_or_default()
        };
        services(document.root(), kind, String::new(), |group, around| format!("{around}/{}", id(group)))
            .into_iter()
            .map(|service| (service.pointer.to_string(), service.group, id(service.value)))
            .collect()
    }

    fn row(pointer: &str, group: &str, id: &str) -> (String, String, String) {
        (pointer.to_owned(), group.to_owned(), id.to_owned())
    }

    #[test]
    fn all_are_found_in_the_order_of_the_text() {
        let text = r#"{"id": "g", "groups": [
            {"id": "h", "pods": [{"id": "p"}], "groups": [{"id": "i", "apps": [{"id": "a"}]}], "apps": [{"id": "b"}]},
            {"id": "j", "apps": []}, {"id": "k", "apps": [{"id": "c"}]}], "apps": [{"id": "d"}, {"id": "e"}]}"#;
        assert_eq!(
            found(text, Kind::Group),
            [
                row("/groups/0/groups/0/apps/0", "/g/h/i", "a"),
                row("/groups/0/apps/0", "/g/h", "b"),
                row("/groups/2/apps/0", "/g/k", "c"),
                row("/apps/0", "/g", "d"),
                row("/apps/1", "/g", "e"),
            ]
        );
        assert_eq!(
            found(r#"[{"id": "a"}, {"id": "b"}]"#, Kind::Apps),
            [row("/0", "", "a"), row("/1", "", "b")]
        );
        assert_eq!(found(r#"{"id": "p"}"#, Kind::Pod), [row("", "", "p")]);
    }

    #[test]
    fn groups_may_nest_deep() {
        let depth = 20_000;
        let text = "{\"groups\": [".repeat(depth) + r#"{"apps": [{"id": "a"}]}"# + &"]}".repeat(depth);
        let document = Document::parse(text, Format::Json).expect("valid JSON");
        let all = services(document.root(), Kind::Group, 0, |_, depth| depth + 1);
        assert_eq!((all.len(), all[0].group, all[0].pointer.steps().len()), (1, depth + 1, 2 * depth + 2));
    }
}
