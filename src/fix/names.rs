//! Fixes that give a thing another name: not one that is taken, and not without those that refer to it.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value as Json;

use crate::definition::id::AbsoluteId;
use crate::finding::{Change, Finding};
use crate::source::{Document, Type, Value};

/// Withdraws the fixes whose new name another thing of the text has, or gets by another fix; the others also change what
/// refers to the thing by its name: dependencies, and the names of ports, endpoints, volumes and networks.
pub(super) fn settle(document: Option<&Document>, findings: &mut [Finding]) {
    let Some(root) =
        document.map(Document::root).filter(|_| findings.iter().any(|one| renaming(one).is_some()))
    else {
        return;
    };
    let new: HashMap<usize, String> = findings.iter().filter_map(renaming).collect();
    let (before, after) = (NameList::of(root, &HashMap::new()), NameList::of(root, &new));
    let references = before.references(&new);
    for found in findings {
        let Some((start, _)) = renaming(found) else { continue };
        let Some(name) = after.names.get(&start) else { continue };
        if after.counts.get(name).is_some_and(|count| *count > 1) {
            found.fix = None;
        } else if let (Some(changes), Some(fix)) = (references.get(&start), &mut found.fix)
            && !changes.is_empty()
        {
            fix.changes.extend(changes.iter().cloned());
            fix.title += ", also where something refers to it";
        }
    }
}

/// Where a text begins that a fix replaces by another, and the other.
fn renaming(found: &Finding) -> Option<(usize, String)> {
    match found.fix.as_ref()?.changes.as_slice() {
        [Change::Replace { value, with: Json::String(text) }] => Some((value.start, text.clone())),
        _ => None,
    }
}

/// A name among those that it must differ from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum TakenName {
    /// Of an app, a pod or a group: its absolute id.
    Id(String),
    /// Of a part of a service: where the service begins, the list it is in, and the name.
    Part(usize, &'static str, String),
}

/// A dependency, as it is written, and the group that it is relative to.
struct WrittenDependency {
    range: Range<usize>,
    text: String,
    base: AbsoluteId,
}

/// The names in a text, and what refers to them.
#[derive(Default)]
struct NameList {
    /// By where they begin.
    names: HashMap<usize, TakenName>,
    counts: HashMap<TakenName, usize>,
    /// The group that each id is relative to, by where the id begins.
    bases: HashMap<usize, AbsoluteId>,
    dependencies: Vec<WrittenDependency>,
    /// The names of parts that are written elsewhere.
    mentions: Vec<(Range<usize>, TakenName)>,
}

impl NameList {
    /// With other texts for the values that begin at some places.
    fn of(root: Value<'_>, new: &HashMap<usize, String>) -> Self {
        let mut list = Self::default();
        let base = AbsoluteId::root();
        let mut waiting: Vec<(Value<'_>, AbsoluteId)> = match root.kind() {
            Type::Array => root.elements().map(|element| (element, base.clone())).collect(),
            _ => vec![(root, base)],
        };
        while let Some((value, base)) = waiting.pop() {
            let id = list.id(value, &base, new);
            let is_group = ["apps", "groups", "pods"].iter().any(|name| value.get(name).is_some());
            let inner = if is_group { id.unwrap_or_else(|| base.clone()) } else { base };
            for dependency in elements(value, "dependencies") {
                let (Some(text), base) = (dependency.as_str(), inner.clone()) else { continue };
                let (range, text) = (dependency.range(), text.into_owned());
                list.dependencies.push(WrittenDependency { range, text, base });
            }
            if is_group {
                let members = ["apps", "groups", "pods"].into_iter().flat_map(|name| elements(value, name));
                waiting.extend(members.map(|member| (member, inner.clone())));
            } else {
                list.parts(value, new);
            }
        }
        list
    }

    fn id(
        &mut self,
        value: Value<'_>,
        base: &AbsoluteId,
        new: &HashMap<usize, String>,
    ) -> Option<AbsoluteId> {
        let at = value.get("id").filter(|id| id.kind() == Type::String)?;
        let id = AbsoluteId::parse(&text_of(at, new)?).canonical(base);
        self.add(at, TakenName::Id(id.as_str().to_owned()));
        self.bases.insert(at.range().start, base.clone());
        Some(id)
    }

    /// The names of a service's parts: all lists of objects with a `name`, wherever they are in it.
    fn parts(&mut self, service: Value<'_>, new: &HashMap<usize, String>) {
        let scope = service.range().start;
        let mut waiting = vec![service];
        while let Some(value) = waiting.pop() {
            for (key, member) in value.members() {
                let name = key.as_str().unwrap_or_default();
                if let (Some(list), Some(_)) = (mentioned(&name), member.as_str()) {
                    self.mention(member, scope, list);
                }
                for element in member.elements() {
                    match (&*name, element.get("name")) {
                        ("networkNames", _) => self.mention(element, scope, "networks"),
                        ("volumeMounts", Some(at)) => self.mention(at, scope, "volumes"),
                        (_, Some(at)) => {
                            let text = text_of(at, new).zip(list_of(&name));
                            let name = text.map(|(text, list)| TakenName::Part(scope, list, text));
                            if let Some(name) = name {
                                self.add(at, name);
                            }
                        }
                        _ => {}
                    }
                    waiting.push(element);
                }
                waiting.push(member);
            }
        }
    }

    fn add(&mut self, at: Value<'_>, name: TakenName) {
        *self.counts.entry(name.clone()).or_insert(0) += 1;
        self.names.insert(at.range().start, name);
    }

    fn mention(&mut self, at: Value<'_>, scope: usize, list: &'static str) {
        let name = at.as_str().map(|text| TakenName::Part(scope, list, text.into_owned()));
        self.mentions.extend(name.map(|name| (at.range(), name)));
    }

    /// The changes that go with each new name by itself, by where the old one begins.
    fn references(&self, new: &HashMap<usize, String>) -> HashMap<usize, Vec<Change>> {
        let renamed: HashMap<&TakenName, (usize, &str)> = new
            .iter()
            .filter_map(|(start, text)| Some((self.names.get(start)?, (*start, text.as_str()))))
            .collect();
        let mut changes: HashMap<usize, Vec<Change>> = HashMap::new();
        for (range, name) in &self.mentions {
            if let Some((start, text)) = renamed.get(name) {
                changes.entry(*start).or_default().push(replaced(range, text));
            }
        }
        for dependency in &self.dependencies {
            let target = AbsoluteId::parse(&dependency.text).canonical(&dependency.base);
            let mut above = target.clone();
            while !above.is_root() {
                let name = TakenName::Id(above.as_str().to_owned());
                if let Some((start, text)) = renamed.get(&name)
                    && let Some(base) = self.bases.get(start)
                {
                    let new = AbsoluteId::parse(text).canonical(base);
                    let text = dependency.after(&target, &above, &new);
                    let change = text.map(|text| replaced(&dependency.range, &text));
                    changes.entry(*start).or_default().extend(change);
                }
                above = above.parent();
            }
        }
        changes
    }
}

impl WrittenDependency {
    /// How it is written once `old`, which `target` is or is below, is `new`; nothing where it stays.
    fn after(&self, target: &AbsoluteId, old: &AbsoluteId, new: &AbsoluteId) -> Option<String> {
        let moved = |id: &AbsoluteId| {
            if !id.is_at_or_below(old) {
                return id.clone();
            }
            let rest: Vec<&str> = id.segments().skip(old.depth()).collect();
            AbsoluteId::parse(&rest.join("/")).canonical(new)
        };
        let (wanted, base) = (moved(target), moved(&self.base));
        if AbsoluteId::parse(&self.text).canonical(&base) == wanted {
            return None;
        }
        let is_relative = !self.text.starts_with('/') && !self.text.contains("..");
        let rest: Vec<&str> = wanted.segments().skip(base.depth()).collect();
        let is_below = is_relative && wanted.is_at_or_below(&base) && !rest.is_empty();
        Some(if is_below { rest.join("/") } else { wanted.into_text() })
    }
}

/// The list whose names a field refers to.
fn mentioned(field: &str) -> Option<&'static str> {
    match field {
        "portName" => Some("ports"),
        "endpoint" => Some("endpoints"),
        _ => None,
    }
}

/// The list that a name has to be unique in.
fn list_of(field: &str) -> Option<&'static str> {
    match field {
        "portDefinitions" | "portMappings" => Some("ports"),
        "endpoints" => Some("endpoints"),
        "volumes" => Some("volumes"),
        "networks" => Some("networks"),
        "containers" => Some("containers"),
        _ => None,
    }
}

fn text_of(at: Value<'_>, new: &HashMap<usize, String>) -> Option<String> {
    new.get(&at.range().start).cloned().or_else(|| Some(at.as_str()?.into_owned()))
}

fn elements<'v>(object: Value<'v>, name: &str) -> impl Iterator<Item = Value<'v>> {
    object.get(name).into_iter().flat_map(|list| list.elements())
}

fn replaced(range: &Range<usize>, text: &str) -> Change {
    Change::Replace { value: range.clone(), with: text.into() }
}
