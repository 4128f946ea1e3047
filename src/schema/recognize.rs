//! Which files of a directory are definitions.
//!
//! A file that a user names is taken for a definition when its shape allows it ([`Kind::detect`]). A repository also holds
//! files of other tools with the same words in them, so a file that was found must be surely Marathon's.

mod evidence;
mod foreign;
mod near;
mod signs;

use std::fmt;

use crate::source::{Kind, Type, Value};

use super::table;
use evidence::{Evidence, IdForm, is_plainly_an_app, resembles};

pub use signs::{named_unparsable, unparsable};

/// Why a file is not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotADefinition {
    /// The text is empty, or has only comments.
    Empty,
    /// The text cannot be parsed, and has none of the fields of a definition.
    Unparsable,
    /// It is not JSON by its name nor by its first characters: prose, a script, an image.
    OtherFile,
    /// It is not an object or a list of objects.
    OtherType,
    /// It has a field that another tool's files have.
    Foreign(&'static str),
    /// It has no `id`, or one that is not a string.
    NoId,
    /// A field of an app has a value that Marathon never takes there, and too few others are an app's.
    OtherValue(&'static str),
    /// It is what Marathon's API answers.
    Answer,
    /// It has an `id`, and too few of the fields of a definition beside it.
    FewFields,
}

impl fmt::Display for NotADefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::Unparsable => {
                f.write_str("it cannot be parsed, and has none of the fields of an app, pod or group")
            }
            Self::OtherFile => f.write_str("it is neither JSON nor YAML"),
            Self::OtherType => f.write_str("it is not an object or a list of objects"),
            Self::Foreign(what) => f.write_str(what),
            Self::NoId => f.write_str("it has no string `id`"),
            Self::OtherValue(field) => {
                write!(f, "Marathon takes no such `{field}`, and it has few other fields of an app")
            }
            Self::Answer => f.write_str(
                "it is an answer of Marathon's API, with what runs: `milepost export --from` makes definitions of it",
            ),
            Self::FewFields => f.write_str("it has too few of the fields of an app, pod or group"),
        }
    }
}

/// Of a list or a group, this many elements are looked at.
const LOOKED_AT: usize = 50;

/// The kind of a file that a user names: its shape allows it, and no field says that it is another tool's.
///
/// # Errors
/// Why it is not a definition.
pub fn named(root: Value<'_>) -> Result<Kind, NotADefinition> {
    let names = root.members().filter_map(|(key, _)| key.as_str());
    let mut marks = names.filter_map(|name| foreign::what(&name));
    if let Some(what) = marks.next() {
        return Err(NotADefinition::Foreign(what));
    }
    Kind::detect(&root).map_or_else(|| found(root), Ok)
}

/// The kind of a file that a user names among others, as a shell does with `*.json`. An app without an absolute path as
/// `id` has to have more fields of an app than others: settings of other tools have `mem` and `instances` too.
///
/// # Errors
/// Why it is not a definition.
pub fn named_among_others(root: Value<'_>) -> Result<Kind, NotADefinition> {
    let kind = named(root)?;
    match found(root) {
        Err(why) if kind == Kind::App && Evidence::of(root).is_more_likely_anothers() => Err(why),
        _ => Ok(kind),
    }
}

/// The kind of a file that was found in a directory.
///
/// # Errors
/// Why it is not surely Marathon's.
pub fn found(root: Value<'_>) -> Result<Kind, NotADefinition> {
    match root.kind() {
        Type::Object => of_object(root),
        Type::Array => of_array(root),
        _ => Err(NotADefinition::OtherType),
    }
}

fn of_object(root: Value<'_>) -> Result<Kind, NotADefinition> {
    if is_plainly_an_app(root) {
        return Ok(Kind::App);
    }
    let evidence = Evidence::of(root);
    if is_answer(root, &evidence) {
        return Err(NotADefinition::Answer);
    }
    let kind = match () {
        () if evidence.foreign.is_some() => None,
        () if evidence.is_nearly_a_group() => Some(Kind::Group),
        () if evidence.has_containers => is_pod(root, &evidence).then_some(Kind::Pod),
        () if evidence.has_members() => is_group(root, &evidence).then_some(Kind::Group),
        () => evidence.is_an_app().then_some(Kind::App),
    };
    kind.ok_or_else(|| reason(&evidence))
}

/// Whether it is what a server answers to `GET /v2/apps` or `GET /v2/apps/ID`: without an `id`, with apps in which a server
/// says what runs.
fn is_answer(root: Value<'_>, evidence: &Evidence) -> bool {
    let says_what_runs = |app: Value<'_>| {
        app.members()
            .any(|(key, _)| key.as_str().is_some_and(|name| table::APP.response_only.contains(&&*name)))
    };
    let app = root.get("app").filter(|app| app.kind() == Type::Object);
    evidence.id == IdForm::None && list(root, "apps").chain(app).any(says_what_runs)
}

fn of_array(root: Value<'_>) -> Result<Kind, NotADefinition> {
    let mut apps = AppTally::default();
    for element in root.elements().take(LOOKED_AT) {
        if element.kind() != Type::Object {
            return Err(NotADefinition::OtherType);
        }
        let evidence = Evidence::of(element);
        apps.add(evidence.is_an_app() || evidence.may_be_an_app(), &evidence);
    }
    if apps.are_apps() { Ok(Kind::Apps) } else { Err(apps.reason.unwrap_or(NotADefinition::OtherType)) }
}

fn reason(evidence: &Evidence) -> NotADefinition {
    match (evidence.foreign, evidence.id, evidence.odd) {
        (Some(what), ..) => NotADefinition::Foreign(what),
        (None, IdForm::None, _) => NotADefinition::NoId,
        (None, _, Some(field)) => NotADefinition::OtherValue(field),
        (None, _, None) => NotADefinition::FewFields,
    }
}

/// How many elements of a list are apps.
#[derive(Default)]
struct AppTally {
    looked_at: usize,
    sure: usize,
    others: usize,
    /// Why the first of the others is none.
    reason: Option<NotADefinition>,
}

impl AppTally {
    fn add(&mut self, is_right: bool, evidence: &Evidence) {
        self.looked_at += 1;
        self.sure += usize::from(evidence.is_an_app());
        if !is_right {
            self.others += 1;
            self.reason = self.reason.or_else(|| Some(reason(evidence)));
        }
    }

    /// Of real apps one may be far off.
    fn are_apps(&self) -> bool {
        self.sure > self.others
    }
}

/// Whether an object with `containers` is a pod. Kubernetes and ECS have lists of that name too: there an image is a text, and
/// resources have other names.
fn is_pod(root: Value<'_>, evidence: &Evidence) -> bool {
    const TELLING: &[&str] =
        &["resources", "image", "exec", "endpoints", "artifacts", "healthCheck", "volumeMounts"];
    let containers = || list(root, "containers");
    if !containers().all(|container| container.kind() == Type::Object) {
        return false;
    }
    let right = |container: Value<'_>, names: &[&str]| {
        let field =
            |name: &str| table::POD_CONTAINER.position(name).map(|at| &table::POD_CONTAINER.fields[at]);
        let members = container.members().filter_map(|(key, value)| Some((field(&key.as_str()?)?, value)));
        members
            .filter(|(field, value)| {
                names.contains(&field.name)
                    && value.kind() != Type::Null
                    && resembles(&field.shape, *value, 4)
            })
            .count()
    };
    let tells = containers().any(|container| right(container, TELLING) > 0);
    match evidence.id {
        IdForm::None => false,
        IdForm::Name => tells && evidence.has_few_unknown(1),
        IdForm::Path => {
            let has_name =
                |container: Value<'_>| container.get("name").is_some() || right(container, TELLING) > 0;
            (tells || containers().all(has_name)) && evidence.has_few_unknown(2)
        }
    }
}

/// The elements of a list in an object that are looked at.
fn list<'t>(object: Value<'t>, name: &str) -> impl Iterator<Item = Value<'t>> {
    let list = object.get(name).filter(|list| list.kind() == Type::Array);
    list.into_iter().flat_map(|list| list.elements()).take(LOOKED_AT)
}

/// Whether an object with `apps` or `groups` is a group. A group may be empty when its id is a path; answers of servers have
/// no id.
fn is_group(root: Value<'_>, evidence: &Evidence) -> bool {
    let mut apps = AppTally::default();
    let (mut groups, mut waiting) = (0, vec![root]);
    while let Some(group) = waiting.pop() {
        for app in list(group, "apps") {
            let of_app = Evidence::of(app);
            let is_right = match evidence.id {
                IdForm::None => of_app.is_an_app(),
                _ => app.kind() == Type::Object && of_app.may_be_an_app(),
            };
            apps.add(is_right, &of_app);
        }
        for child in list(group, "groups") {
            let of_child = Evidence::of(child);
            let has_list = list(child, "apps").chain(list(child, "groups")).next().is_some();
            let is_group = child.kind() == Type::Object && of_child.foreign.is_none();
            if !is_group || !of_child.has_few_unknown(1 + usize::from(has_list)) {
                return false;
            }
            groups += 1;
            if groups + apps.looked_at < LOOKED_AT {
                waiting.push(child);
            }
        }
    }
    let own = evidence.has_few_unknown(2);
    match evidence.id {
        IdForm::Path => own && apps.looked_at >= 2 * apps.others,
        IdForm::Name => own && apps.are_apps(),
        IdForm::None => apps.are_apps(),
    }
}

/// Why a text that was taken for a definition may be another tool's, so that nothing in it is changed that this tool would
/// read; nothing when it is surely Marathon's.
#[must_use]
pub(crate) fn doubt(root: Value<'_>, kind: Kind) -> Option<NotADefinition> {
    if !has_own_id(root, kind) {
        return Some(NotADefinition::NoId);
    }
    // An answer is Marathon's, whatever else it is.
    found(root).err().filter(|why| *why != NotADefinition::Answer)
}

/// Whether what Marathon knows a definition by is written in it: a string `id`, in an array in each app. Without it a
/// text may be another tool's, and is not changed.
#[must_use]
pub(crate) fn has_own_id(root: Value<'_>, kind: Kind) -> bool {
    let has_id = |value: Value<'_>| value.get("id").is_some_and(|id| id.kind() == Type::String);
    match kind {
        Kind::App | Kind::Pod => has_id(root),
        Kind::Apps => root.elements().all(has_id),
        Kind::Group => has_id(root) || root.get("apps").is_some_and(|apps| apps.elements().all(has_id)),
    }
}
