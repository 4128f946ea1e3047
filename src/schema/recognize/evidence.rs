//! What the fields of an object say about whether it is an app: their names, and whether the values are ones that Marathon
//! takes there.

use crate::schema::shape::{Field, ObjectShape, Shape, word};
use crate::schema::suggest::{hint, known_mistake, same_but_case};
use crate::schema::table;
use crate::source::placeholder::{self, TextReader};
use crate::source::{Type, Value};
use crate::util::suggest::suggest;

use super::foreign;
use super::near::{is_near, is_near_group};

/// Fields that few other formats have, with values that no other format has.
const TELLING: &[&str] = &[
    "cmd",
    "container",
    "healthChecks",
    "readinessChecks",
    "portDefinitions",
    "fetch",
    "constraints",
    "acceptedResourceRoles",
    "upgradeStrategy",
    "unreachableStrategy",
    "backoffSeconds",
    "backoffFactor",
    "maxLaunchDelaySeconds",
    "taskKillGracePeriodSeconds",
    "killSelection",
    "requirePorts",
    "ipAddress",
    "residency",
    "storeUrls",
];

/// Those of the telling fields that another format may have alone.
const COMMON: &[&str] = &["healthChecks", "fetch", "constraints"];

/// Fields that other formats have with the same values: they tell with others beside them.
const HINTING: &[&str] = &["args", "uris"];

/// What a task is given. A machine has them too, and other names beside them.
const RESOURCES: &[&str] = &["cpus", "mem", "instances"];

/// The nesting that is looked into: an app's own is no deeper.
const DEPTH: usize = 6;

/// Of a list or an object, this many members are looked at.
const LOOKED_AT: usize = 20;

/// What an object is known by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum IdForm {
    /// It has no `id`, or one that is not a string.
    #[default]
    None,
    /// A word.
    Name,
    /// An absolute path.
    Path,
}

/// The fields of an object, counted.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is noted by itself")]
pub(super) struct Evidence {
    /// What tool's file it is, if it has a mark of one.
    pub(super) foreign: Option<&'static str>,
    /// An `id` in another spelling (`Id`) counts too, because Marathon rejects it as missing.
    pub(super) id: IdForm,
    /// A field of an app with a value that is none of an app's.
    pub(super) odd: Option<&'static str>,
    telling: usize,
    hinting: usize,
    resources: usize,
    plain: usize,
    /// Misspelt names of telling fields.
    slips: usize,
    has_instances: bool,
    /// A telling field is there that is enough by itself.
    tells_alone: bool,
    /// It has a list `containers`.
    pub(super) has_containers: bool,
    has_apps: bool,
    has_groups: bool,
    wrong: usize,
    unknown: usize,
    /// Values that Marathon does not take, and that people write for those that it takes.
    near: usize,
    /// A member is nearly a group's `apps` or `groups`.
    has_near_members: bool,
}

impl Evidence {
    /// Lists of containers, apps and groups do not count: they make a pod or a group.
    pub(super) fn of(object: Value<'_>) -> Self {
        let mut evidence = Self::default();
        for (key, value) in object.members() {
            let name = key.as_str().unwrap_or_default();
            let has_list = match &*name {
                "containers" => Some(&mut evidence.has_containers),
                "apps" => Some(&mut evidence.has_apps),
                "groups" => Some(&mut evidence.has_groups),
                _ => None,
            };
            if let Some(has_list) = has_list {
                // Of members of one name the last one counts.
                *has_list = value.kind() == Type::Array;
                if *has_list {
                    continue;
                }
            }
            if name.eq_ignore_ascii_case("id") {
                evidence.add_id(value);
            } else {
                evidence.add(object, key, &name, value);
            }
        }
        evidence
    }

    /// Whether it is a group by its path, and by a member that is nearly `apps` or `groups`.
    pub(super) fn is_nearly_a_group(&self) -> bool {
        self.has_near_members && self.id == IdForm::Path && self.telling == 0
    }

    /// Whether it has a list `apps` or `groups`.
    pub(super) fn has_members(&self) -> bool {
        self.has_apps || self.has_groups
    }

    fn add_id(&mut self, value: Value<'_>) {
        let Some(id) = value.as_str() else { return };
        self.id = if id.starts_with('/') { IdForm::Path } else { IdForm::Name };
    }

    fn add(&mut self, object: Value<'_>, key: Value<'_>, name: &str, value: Value<'_>) {
        if is_near_group(name, value) {
            self.has_near_members = true;
        }
        if is_near(name, value) && !Self::has_right(name, value) {
            self.near += 1;
            self.odd = self.odd.or(near_field(name));
        } else if let Some(index) = table::APP.field(&key) {
            self.add_field(&table::APP.fields[index], value);
        } else if let Some(what) = foreign::what(name) {
            self.foreign = self.foreign.or(Some(what));
        } else if is_of_marathon(name) {
            self.plain += 1;
        } else if let Some(near) = NearMiss::of(name).filter(|near| object.get(near.right).is_none()) {
            self.add_near_miss(&near, value);
        } else if !is_comment(name) {
            self.unknown += 1;
        }
    }

    /// Whether Marathon takes a value in the field of this name.
    fn has_right(name: &str, value: Value<'_>) -> bool {
        let field = table::APP.position(name).map(|index| &table::APP.fields[index]);
        field.is_some_and(|field| resembles(&field.shape, value, DEPTH))
    }

    fn add_field(&mut self, field: &Field, value: Value<'_>) {
        let is_empty = match value.kind() {
            Type::Null => true,
            Type::Array => value.elements().next().is_none(),
            Type::Object => value.members().next().is_none(),
            _ => false,
        };
        let count = match field.name {
            _ if !resembles(&field.shape, value, DEPTH) => {
                self.odd = self.odd.or(Some(field.name));
                &mut self.wrong
            }
            _ if is_empty => &mut self.plain,
            name if TELLING.contains(&name) => {
                self.tells_alone |= !COMMON.contains(&name);
                &mut self.telling
            }
            name if HINTING.contains(&name) => &mut self.hinting,
            name if RESOURCES.contains(&name) => {
                self.has_instances |= name == "instances";
                &mut self.resources
            }
            _ => &mut self.plain,
        };
        *count += 1;
    }

    fn add_near_miss(&mut self, near: &NearMiss, value: Value<'_>) {
        if resembles(near.shape, value, DEPTH) {
            self.hinting += 1;
            self.slips += usize::from(near.is_slip);
        } else {
            self.wrong += 1;
        }
    }

    fn own(&self) -> usize {
        self.telling + self.hinting + self.resources + self.plain
    }

    /// Whether it is surely meant as an app: fields that tell, and more of an app's fields than others. An absolute path as
    /// `id` tells, too.
    pub(super) fn is_an_app(&self) -> bool {
        // A path tells that a value was meant for Marathon.
        let is_path = self.id == IdForm::Path;
        let (near, wrong) = if is_path { (self.near, self.wrong) } else { (0, self.wrong + self.near) };
        let (own, unknown) = (self.own() + near, self.unknown);
        let is_pure = unknown + wrong == 0;
        self.foreign.is_none()
            && match self.id {
                IdForm::None => false,
                IdForm::Path if self.telling + self.resources + near > 0 => own >= unknown.max(wrong),
                IdForm::Path => own > unknown + wrong,
                IdForm::Name if self.telling > 0 => {
                    own > unknown && own >= wrong && (own > 1 || self.tells_alone)
                }
                IdForm::Name => {
                    self.resources > 0 && self.hinting > 0 && own > unknown + wrong
                        || self.has_instances && self.resources > 1 && is_pure
                        || self.slips > 0 && own > 1 && is_pure
                }
            }
    }

    /// Whether it has at least as many fields that are none of an app's as fields of one, and no absolute path as `id`.
    pub(super) fn is_more_likely_anothers(&self) -> bool {
        self.id != IdForm::Path && self.own() <= self.unknown + self.wrong + self.near
    }

    /// Whether it may be an app in a group, where its `id` may be missing by mistake, or all it has.
    pub(super) fn may_be_an_app(&self) -> bool {
        let is_own = self.own() >= self.unknown + self.wrong + self.near || self.is_an_app();
        self.foreign.is_none() && is_own && (self.id != IdForm::None || self.telling > 0)
    }

    /// Whether a group or pod has at most this many more fields of others than of Marathon.
    pub(super) fn has_few_unknown(&self, most: usize) -> bool {
        self.unknown + self.wrong + self.near <= most + self.plain
    }
}

/// The field of an app that such a value was meant for.
fn near_field(name: &str) -> Option<&'static str> {
    table::APP.position(name).map(|index| table::APP.fields[index].name)
}

/// Whether an object is surely an app by its simple values alone: an absolute path as `id`, only fields of an app, and half
/// of them right. [`Evidence::is_an_app`] says the same of it, and looks into all values (`whole`, set of fine files).
pub(super) fn is_plainly_an_app(object: Value<'_>) -> bool {
    let (mut fields, mut right, mut tells, mut has_path) = (0_usize, 0_usize, false, false);
    for (key, value) in object.members() {
        let Some(index) = table::APP.field(&key) else { return false };
        let Field { name, shape, .. } = &table::APP.fields[index];
        if *name == "id" {
            has_path = value.as_str().is_some_and(|id| id.starts_with('/'));
            continue;
        }
        fields += 1;
        let is_simple = match shape {
            Shape::Boolean | Shape::Integer { .. } | Shape::Double { .. } | Shape::Text { .. } => {
                value.kind() != Type::Null
            }
            Shape::Map { .. } => true,
            _ => false,
        };
        if is_simple && resembles(shape, value, DEPTH) {
            right += 1;
            tells |= *name == "cmd" || RESOURCES.contains(name);
        }
    }
    has_path && tells && 2 * right >= fields
}

/// A field of a pod or a group, or one that only servers write.
pub(super) fn is_of_marathon(name: &str) -> bool {
    let shapes = [&table::APP, &table::POD, &table::GROUP];
    shapes.iter().any(|shape| shape.position(name).is_some() || shape.response_only.contains(&name))
}

/// A name that Marathon rejects, and that was meant for a field of an app.
struct NearMiss {
    /// The field's name.
    right: &'static str,
    /// The field's values.
    shape: &'static Shape,
    /// It is a telling field, misspelt; otherwise a word that other formats use too.
    is_slip: bool,
}

impl NearMiss {
    fn of(name: &str) -> Option<Self> {
        static TEXT: Shape = Shape::Text { min: 1, max: None, pattern: None, values: &[] };
        if name == "image" {
            // It is below `container.docker`.
            return Some(Self { right: "container", shape: &TEXT, is_slip: false });
        }
        let slip = || {
            same_but_case(name, table::APP.fields.iter().map(|field| field.name))
                .or_else(|| suggest(name, TELLING.iter().chain(RESOURCES).copied()))
        };
        let (right, is_slip) = match known_mistake(name, &table::APP) {
            Some("id") => return None,
            Some(right) => (right, false),
            None => slip().map(|right| (right, TELLING.contains(&right)))?,
        };
        let field = &table::APP.fields[table::APP.position(right)?];
        Some(Self { right, shape: &field.shape, is_slip })
    }
}

/// A name that keeps a note, or a field that is turned off.
pub(super) fn is_comment(name: &str) -> bool {
    name.starts_with(['_', '#', '/', '$', '-']) || name.eq_ignore_ascii_case("comment")
}

/// Whether a value is of the kind that Marathon takes in a field: its type, and for objects their names. Numbers in quotes,
/// placeholders, `null`, and some wrong members beside right ones are slips of the same kind.
pub(super) fn resembles(shape: &Shape, value: Value<'_>, depth: usize) -> bool {
    let text = || value.as_str().unwrap_or_default();
    let is_text = value.kind() == Type::String;
    if value.kind() == Type::Null || depth == 0 {
        return true;
    }
    if is_text && !matches!(shape, Shape::Text { .. }) && is_placeholder(&text()) {
        return true;
    }
    match shape {
        Shape::Boolean => value.kind() == Type::Boolean || value.is_str("true") || value.is_str("false"),
        Shape::Integer { .. } | Shape::Double { .. } => {
            value.kind() == Type::Number || is_text && text().trim().parse::<f64>().is_ok()
        }
        Shape::Text { .. } | Shape::Timestamp => is_text,
        Shape::Word(words) => is_text && word(words, &text()).is_some(),
        Shape::List { items, .. } => {
            value.kind() == Type::Array
                && is_most(value.elements().map(|element| resembles(items, element, depth - 1)))
        }
        Shape::Map { values, .. } => {
            let is_right = |value: Value<'_>| match value.kind() {
                Type::Array => false,
                Type::Object => resembles(values, value, depth - 1),
                _ => true,
            };
            value.kind() == Type::Object && is_most(value.members().map(|(_, value)| is_right(value)))
        }
        Shape::Object(object) => value.kind() == Type::Object && has_fields_of(object, value, depth - 1),
        Shape::Union(union) if is_text && union.any_string.is_some() => true,
        Shape::Union(union) => union.members.iter().any(|member| resembles(member, value, depth)),
    }
}

fn is_placeholder(text: &str) -> bool {
    placeholder::find(text, TextReader::Plain).is_some()
}

/// Whether at least half of these are right.
fn is_most(all: impl Iterator<Item = bool>) -> bool {
    let (mut right, mut wrong) = (0_usize, 0_usize);
    all.take(LOOKED_AT).for_each(|is_right| *if is_right { &mut right } else { &mut wrong } += 1);
    right >= wrong
}

/// Whether an object has the fields of its type, at least as many as others. An empty one has.
fn has_fields_of(object: &'static ObjectShape, value: Value<'_>, depth: usize) -> bool {
    let (mut own, mut others, mut is_empty) = (0_usize, 0_usize, true);
    for (key, member) in value.members().take(LOOKED_AT) {
        is_empty = false;
        let name = || key.as_str().unwrap_or_default();
        match object.field(&key) {
            Some(index) if resembles(&object.fields[index].shape, member, depth) => own += 1,
            None if is_comment(&name()) || is_known_mistake(object, &name()) => {}
            _ => others += 1,
        }
    }
    is_empty || own > 0 && own >= others
}

/// Whether a name was meant for a field of an object, or for one of its neighbours in the model: it is misplaced, not another
/// tool's.
fn is_known_mistake(object: &ObjectShape, name: &str) -> bool {
    object.name == table::CONTAINER.name && table::DOCKER_CONTAINER.position(name).is_some()
        || known_mistake(name, object).is_some()
        || hint(name, object).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Document, Format};

    #[test]
    fn what_is_plainly_an_app_is_one() {
        let fields = [
            r#""id": "/web""#,
            r#""id": "web""#,
            r#""id": 1"#,
            r#""cmd": "serve""#,
            r#""cmd": null"#,
            r#""cpus": "1""#,
            r#""cpus": {}"#,
            r#""mem": 9"#,
            r#""mem": []"#,
            r#""env": {}"#,
            r#""env": {"A": []}"#,
            r#""labels": 1"#,
            r#""container": {"type": "DOCKER"}"#,
            r#""container": "x""#,
            r#""user": "web""#,
            r#""apps": []"#,
            r#""apiVersion": "v1""#,
            r#""other": 1"#,
        ];
        let mut plain = 0;
        for first in 0..fields.len() {
            for second in 0..fields.len() {
                for third in 0..fields.len() {
                    let text = format!("{{{}, {}, {}}}", fields[first], fields[second], fields[third]);
                    let document = Document::parse(&*text, Format::Json).expect("JSON");
                    if is_plainly_an_app(document.root()) {
                        plain += 1;
                        let evidence = Evidence::of(document.root());
                        let is_other = evidence.has_containers || evidence.has_members();
                        assert!(evidence.is_an_app() && !is_other, "{text}");
                    }
                }
            }
        }
        assert!(plain > 50, "{plain}");
    }
}
