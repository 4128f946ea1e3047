//! What rules find in definitions that Marathon's parser rejects in parts: in the other parts.

mod needs;

use std::collections::BTreeMap;

use crate::finding::{Finding, Stage};
use crate::source::{Kind, ServiceNode, Type, Value, services};
use crate::target::Settings;

use super::context::Context;

/// With more rejected values than these nothing else is looked for: each is searched from the top.
const MOST: usize = 64;

/// What is wrong in the apps, or the pod, in which Marathon's parser rejects the values that begin at these bytes, beside
/// these values: advice, and what Marathon would reject once they are right. Where the parser rejects anything of a group
/// itself, of all its apps. Without fixes: what they would change together with the rejected values is unknown.
pub(super) fn check(root: Value<'_>, kind: Kind, settings: &Settings, ill_typed: &[usize]) -> Vec<Finding> {
    if ill_typed.len() > MOST || !matches!(root.kind(), Type::Array | Type::Object) {
        return Vec::new();
    }
    let services = services(root, kind, (), |_, ()| ());
    let lacks_a_field = |start: usize| {
        let is_object = || root.at_offset(start).is_some_and(|value| value.kind() == Type::Object);
        // In YAML an object begins where its first key does.
        let lacks = |service: Value<'_>| {
            service.get("id").is_none() || kind == Kind::Pod && service.get("containers").is_none()
        };
        let mut here =
            services.iter().map(|service| service.value).filter(|value| value.range().start == start);
        here.any(|service| is_object() || service.kind() == Type::Object && lacks(service))
    };
    let place = |start: &usize| {
        if lacks_a_field(*start) { IllTyped::lacking(*start) } else { IllTyped::at(root, *start) }
    };
    let places: Vec<IllTyped> = ill_typed.iter().map(place).collect();
    let tree = root.nulled(places.iter().filter_map(|place| place.member).collect());
    let root = tree.root(root.text());
    let mut context = Context::beside(settings, kind);
    super::run(root, kind, &mut context);
    let parts = RejectedParts::of(&services, places);
    let mut found = context.into_found(root);
    found.retain(|found| found.stage() != Some(Stage::Parse) && parts.include(found));
    for found in &mut found {
        found.fix = None;
    }
    found
}

/// Whether each finding is a conclusion from one of the values that begin at these bytes: what they are is open.
pub(crate) fn conclusions(root: Value<'_>, open: &[usize], found: &[Finding]) -> Vec<bool> {
    let kind = Kind::detect(&root).filter(|_| open.len() <= MOST && !open.is_empty());
    let Some(kind) = kind else { return vec![false; found.len()] };
    let services = services(root, kind, (), |_, ()| ());
    let places = open.iter().map(|start| IllTyped::at(root, *start));
    // Whatever a command says, it is there.
    let is_no_command =
        |place: &IllTyped| place.names.last().is_none_or(|name| !matches!(&**name, "cmd" | "args"));
    let parts = RejectedParts::of(&services, places.filter(is_no_command).collect());
    found.iter().map(|one| parts.decide(one)).collect()
}

/// A value that the parser rejects.
struct IllTyped {
    start: usize,
    /// The id of the smallest member that holds it; nothing for the root.
    member: Option<u32>,
    /// The names on the way to it.
    names: Vec<String>,
}

impl IllTyped {
    /// An app or a pod that lacks a required field.
    fn lacking(start: usize) -> Self {
        Self { start, member: None, names: ["id", "containers"].map(str::to_owned).to_vec() }
    }

    fn at(root: Value<'_>, start: usize) -> Self {
        let mut names = Vec::new();
        let member = nearest_member(root, start, &mut names).map(|member| member.node_id());
        Self { start, member, names }
    }
}

/// Where the values are that the parser rejects.
struct RejectedParts {
    /// The apps, or the pod, by where they begin: where they end, and the values in them.
    services: BTreeMap<usize, (usize, Vec<IllTyped>)>,
    /// The values outside of apps.
    outside: Vec<IllTyped>,
}

impl RejectedParts {
    fn of(services: &[ServiceNode<'_, ()>], places: Vec<IllTyped>) -> Self {
        let ranges = services.iter().map(|service| service.value.range());
        let mut parts = Self {
            services: ranges.map(|range| (range.start, (range.end, Vec::new()))).collect(),
            outside: Vec::new(),
        };
        for place in places {
            match parts.services.range_mut(..=place.start).next_back() {
                Some((_, (end, inside))) if place.start < *end => inside.push(place),
                _ => parts.outside.push(place),
            }
        }
        parts
    }

    /// Whether a finding concludes from one of the values, which are in the same service or outside of all.
    fn decide(&self, found: &Finding) -> bool {
        let mut places = self.beside(found);
        places.any(|place| needs::concludes_from(found.rule.slug, &place.names))
    }

    fn beside(&self, found: &Finding) -> impl Iterator<Item = &IllTyped> {
        let service = self.services.range(..=found.range.start).next_back();
        let inside = service.filter(|(_, (end, _))| found.range.start < *end).map(|(_, (_, inside))| inside);
        self.outside.iter().chain(inside.into_iter().flatten())
    }

    /// Whether a finding is about a part beside the rejected values, and concludes nothing from their absence.
    fn include(&self, found: &Finding) -> bool {
        self.beside(found).next().is_some() && !self.decide(found)
    }
}

/// The smallest member that holds the value that begins here; nothing for the root. Adds the names on the way.
fn nearest_member<'a>(root: Value<'a>, start: usize, names: &mut Vec<String>) -> Option<Value<'a>> {
    let (mut at, mut nearest) = (root, None);
    while at.range().start != start {
        let holds = |(key, value): &(Value<'_>, Value<'_>)| {
            (key.range().start..value.range().end.max(key.range().end)).contains(&start)
        };
        if let Some((key, value)) = at.members().find(holds) {
            names.extend(key.as_str().map(Into::into));
            nearest = Some(value);
            if key.range().start == start {
                break;
            }
            at = value;
        } else {
            at = at.elements().find(|element| element.range().contains(&start))?;
        }
    }
    nearest
}
