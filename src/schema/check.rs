//! Checks a value against the tables, as Marathon's generated parser does (layer "P": the stage that answers
//! `422 Invalid JSON`). Allocates only when something is wrong; [`super::explain`] puts it into words.
//!
//! Also reports what the parser accepts and drops: unknown fields, `"x"` read as an object of defaults.

mod alternatives;
mod duplicates;

use std::collections::HashSet;

use crate::definition::Removed;
use crate::finding::Finding;
use crate::source::{Pointer, Step, Type, Value};
use crate::target::Release;

use super::SCHEMA_FIELD;
use super::explain;
use super::fast_path::{is_fine, is_plain};
use super::number;
use super::pattern::Pattern;
use super::shape::{self, Field, ObjectShape, Shape, TypeReader};
use super::timestamp;
use super::type_error::{Bound, Ignored, TypeError};

/// The most fields an object of the API has.
const MAX_FIELDS: usize = 64;
/// The deepest path that is read. A body nested deeper is rejected before it exhausts the stack.
const MAX_DEPTH: usize = 1_000;

/// One step of the path from the root, made into a [`Pointer`] only for a finding.
#[derive(Clone, Copy)]
pub(super) enum PathSegment<'a> {
    /// A field of a model.
    Field(&'static str),
    /// A name that the user chooses.
    Name(Value<'a>),
    /// An element.
    Index(usize),
}

/// An app, a pod or a group, and the number of steps of the path to it.
#[derive(Clone, Copy)]
pub(super) struct EnclosingDefinition<'a> {
    pub(super) value: Value<'a>,
    pub(super) shape: &'static ObjectShape,
    steps: usize,
}

/// Walks a value and collects findings.
pub(super) struct Checker<'a> {
    release: Release,
    path: Vec<PathSegment<'a>>,
    /// Set while an alternative of a union is tried: only whether it fits counts, and nothing is reported.
    trying: bool,
    failed: bool,
    /// Whether a value was read as defaults.
    has_defaulted: bool,
    /// A hash table for finding duplicate names, kept to reuse its memory: each hash is near the slot it selects.
    names: Vec<u32>,
    /// The object whose members are being read.
    owner: Option<Value<'a>>,
    /// The app, pod or group that is being read, the innermost one.
    definition: Option<EnclosingDefinition<'a>>,
    pub(super) found: Vec<Finding>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(release: Release) -> Self {
        Self {
            release,
            path: Vec::with_capacity(16),
            trying: false,
            failed: false,
            has_defaulted: false,
            names: Vec::new(),
            owner: None,
            definition: None,
            found: Vec::new(),
        }
    }

    /// The path of the current value.
    pub(super) fn pointer(&self) -> Pointer {
        let step = |segment: &PathSegment<'_>| match segment {
            PathSegment::Field(name) => Step::Key((*name).to_owned()),
            PathSegment::Name(key) => Step::Key(key.as_str().unwrap_or_default().into_owned()),
            PathSegment::Index(index) => Step::Index(*index),
        };
        self.path.iter().map(step).collect()
    }

    /// The path of the current value in Marathon's notation.
    pub(super) fn server_path(&self) -> String {
        let mut path = String::new();
        for segment in &self.path {
            match segment {
                PathSegment::Field(name) => {
                    path.push('/');
                    path.push_str(name);
                }
                PathSegment::Name(key) => {
                    path.push('/');
                    path.push_str(&key.as_str().unwrap_or_default());
                }
                PathSegment::Index(index) => path.extend(["(", &index.to_string(), ")"]),
            }
        }
        if path.is_empty() { "/".to_owned() } else { path }
    }

    /// The path of the object that has the current value, in its definition, as people write it: `container.volumes[]`.
    pub(super) fn dotted_parent(&self) -> String {
        let mut path = String::new();
        let steps = self.definition.map_or(0, |definition| definition.steps);
        for segment in self.path.iter().skip(steps).rev().skip(1).rev() {
            match segment {
                PathSegment::Field(name) => path.extend([if path.is_empty() { "" } else { "." }, name]),
                PathSegment::Name(key) => {
                    path.extend([if path.is_empty() { "" } else { "." }, &key.as_str().unwrap_or_default()]);
                }
                PathSegment::Index(_) => path.push_str("[]"),
            }
        }
        path
    }

    /// The index of the current value in a list of the object whose members are being read, and the member that is that
    /// list: its name and value.
    pub(super) fn listed(&self) -> Option<(usize, Value<'a>, Value<'a>)> {
        let [.., PathSegment::Field(name), PathSegment::Index(index)] = self.path.as_slice() else {
            return None;
        };
        let (key, list) = self.owner?.member(name)?;
        Some((*index, key, list))
    }

    /// The member of the object whose members are being read that is the current value: its name and value.
    pub(super) fn member(&self) -> Option<(Value<'a>, Value<'a>)> {
        let [.., PathSegment::Field(name)] = self.path.as_slice() else { return None };
        self.owner?.member(name)
    }

    /// The app, pod or group that is being read, the innermost one.
    pub(super) fn definition(&self) -> Option<EnclosingDefinition<'a>> {
        self.definition
    }

    /// Whether the current value is a member of an app, a pod or a group itself.
    pub(super) fn is_at_top(&self) -> bool {
        self.definition.is_some_and(|definition| definition.steps + 1 == self.path.len())
    }

    /// The object whose members are being read.
    pub(super) fn owner(&self) -> Option<Value<'a>> {
        self.owner
    }

    fn under(&mut self, segment: PathSegment<'a>, read: impl FnOnce(&mut Self)) {
        self.path.push(segment);
        read(self);
        self.path.pop();
    }

    /// Reports something that Marathon rejects.
    #[cold]
    #[inline(never)]
    fn reject(&mut self, value: Value<'a>, error: &TypeError<'_>) {
        self.failed = true;
        if !self.trying {
            let finding = explain::rejected(self, value, error);
            self.found.push(finding);
        }
    }

    /// Reports something that Marathon accepts and ignores.
    #[cold]
    #[inline(never)]
    fn ignore(&mut self, value: Value<'a>, ignored: &Ignored) {
        self.has_defaulted |= matches!(
            ignored,
            Ignored::ReadAsEmpty(_) | Ignored::DefaultInstead(_) | Ignored::AnyString { .. }
        );
        if !self.trying {
            let finding = explain::ignored(self, value, ignored);
            self.found.push(finding);
        }
    }

    /// Whether this release still knows what later ones do not.
    pub(super) fn knows(&self, removed: &Removed) -> bool {
        removed.is_known_to(self.release.minor())
    }

    /// The kind of a pod's image that this release knows, and the models do not have.
    fn removed_value(&self, value: Value<'a>) -> Option<&'static Removed> {
        let Some(PathSegment::Field("kind")) = self.path.last() else { return None };
        Removed::find("Image", "kind", Some(&value.as_str()?)).filter(|removed| self.knows(removed))
    }

    /// Checks `value` against `shape`.
    pub(super) fn read(&mut self, value: Value<'a>, shape: &'static Shape) {
        let fits = match (shape, value.kind()) {
            (Shape::Integer { long, min, max }, Type::Number) => {
                match number::integer(value.as_number().unwrap_or_default(), *long) {
                    Some(number) => {
                        self.bounds(value, number.into(), min.map(i128::from), max.map(i128::from));
                    }
                    None => self.reject(value, &TypeError::NotInteger { long: *long }),
                }
                true
            }
            (Shape::Double { min, max }, Type::Number) => {
                let number = value.as_f64().unwrap_or(f64::INFINITY);
                self.bounds(value, number, *min, *max);
                true
            }
            (Shape::Boolean, Type::Boolean)
            | (Shape::Text { min: 0, max: None, pattern: None, .. }, Type::String) => true,
            (Shape::Text { min, max, pattern, .. }, Type::String) => {
                self.text(value, *min, *max, *pattern);
                true
            }
            (Shape::Word(words), _) => {
                if value.as_str().and_then(|text| shape::word(words, &text)).is_none() {
                    match self.removed_value(value) {
                        Some(removed) => self.ignore(value, &Ignored::RemovedValue(removed)),
                        None => self.reject(value, &TypeError::UnknownWord(words)),
                    }
                }
                true
            }
            (Shape::Timestamp, Type::String) => {
                if !timestamp::is_offset_date_time(&value.as_str().unwrap_or_default()) {
                    self.reject(value, &TypeError::NotTimestamp);
                }
                true
            }
            (Shape::List { items, min, .. }, Type::Array) => {
                self.list(value, items, *min);
                true
            }
            (Shape::Map { values, names }, Type::Object) => {
                let before = self.owner.replace(value);
                self.map(value, values, *names);
                self.owner = before;
                true
            }
            (Shape::Object(object), _) => {
                let before = (self.owner.replace(value), self.definition);
                if object.is_definition() {
                    self.definition =
                        Some(EnclosingDefinition { value, shape: object, steps: self.path.len() });
                }
                self.object(value, object);
                (self.owner, self.definition) = before;
                true
            }
            (Shape::Union(union), _) => {
                self.union(value, union);
                true
            }
            _ => false,
        };
        if !fits {
            self.reject(value, &TypeError::WrongType(shape));
        }
    }

    fn bounds<N: PartialOrd + Into<Bound> + Copy>(
        &mut self,
        value: Value<'a>,
        number: N,
        min: Option<N>,
        max: Option<N>,
    ) {
        if let Some(min) = min.filter(|min| number < *min) {
            self.reject(value, &TypeError::TooSmall { min: min.into(), max: max.map(Into::into) });
        }
        if let Some(max) = max.filter(|max| number > *max) {
            self.reject(value, &TypeError::TooLarge { min: min.map(Into::into), max: max.into() });
        }
    }

    fn text(&mut self, value: Value<'a>, min: u32, max: Option<u32>, pattern: Option<&'static Pattern>) {
        let text = value.as_str().unwrap_or_default();
        let length = || text.encode_utf16().count();
        if text.len() < min as usize || (min > 1 && length() < min as usize) {
            self.reject(value, &TypeError::TooShort);
        }
        // A UTF-16 unit takes at least one byte.
        if let Some(max) = max.filter(|max| text.len() > *max as usize && length() > *max as usize) {
            let length = length();
            self.reject(value, &TypeError::TooLong { max, length });
        }
        if let Some(pattern) = pattern.filter(|pattern| !(pattern.matches)(&text)) {
            self.reject(value, &TypeError::Malformed(pattern));
        }
    }

    fn list(&mut self, value: Value<'a>, items: &'static Shape, min: u32) {
        let mut count = 0;
        for (index, element) in value.elements().enumerate() {
            count += 1;
            if is_plain(&element, items) {
                continue;
            }
            self.under(PathSegment::Index(index), |checker| checker.read(element, items));
        }
        if count < min as usize {
            self.reject(value, &TypeError::TooFew { min });
        }
    }

    fn map(&mut self, value: Value<'a>, values: &'static Shape, names: Option<&'static Pattern>) {
        let overridden = self.overridden(value);
        let is_simple = overridden.is_empty() && names.is_none();
        let failed = std::mem::take(&mut self.failed);
        for (index, (key, member)) in value.members().enumerate() {
            if is_simple && is_plain(&member, values) {
                continue;
            }
            self.under(PathSegment::Name(key), |checker| {
                // Marathon never looks at a value that a later one overrides.
                if overridden.contains(&index) {
                    return checker.ignore(key, &Ignored::Overridden);
                }
                checker.read(member, values);
            });
        }
        if let Some(names) = names {
            self.names_of_map(value, names, &overridden);
        }
        self.failed |= failed;
    }

    /// Marathon checks the names only when it accepts all values (`RamlConstraints.keyPattern`, 1.5 to 1.11).
    fn names_of_map(&mut self, value: Value<'a>, names: &'static Pattern, overridden: &HashSet<usize>) {
        let is_later = self.failed;
        for (index, (key, _)) in value.members().enumerate() {
            if overridden.contains(&index) || (names.matches)(&key.as_str().unwrap_or_default()) {
                continue;
            }
            let before = self.found.len();
            self.under(PathSegment::Name(key), |checker| {
                checker.reject(key, &TypeError::MalformedName(names));
            });
            for answer in self.found[before..].iter_mut().filter_map(|found| found.answer.as_mut()) {
                answer.later = is_later;
            }
        }
    }

    fn object(&mut self, value: Value<'a>, object: &'static ObjectShape) {
        if self.path.len() > MAX_DEPTH {
            return self.reject(value, &TypeError::TooDeep);
        }
        if value.kind() != Type::Object {
            return self.not_object(value, object);
        }
        if object.reader == TypeReader::Discriminator && !self.discriminated(value, object) {
            return;
        }
        // Node ids, not values, because each level of nesting has this array on the stack. No member has id 0.
        let mut slots = [0; MAX_FIELDS];
        for (key, member) in value.members() {
            match object.field(&key) {
                Some(index) if object.fields[index].since > self.release.minor() => {
                    let since = object.fields[index].since;
                    self.under(PathSegment::Name(key), |checker| {
                        checker.ignore(key, &Ignored::NewerField { since });
                    });
                }
                Some(index) => {
                    let before = std::mem::replace(&mut slots[index], member.node_id());
                    if before != 0 {
                        // A value follows its name.
                        let overridden = key.at_place(before - 1);
                        self.under(PathSegment::Name(overridden), |checker| {
                            checker.ignore(overridden, &Ignored::Overridden);
                        });
                    }
                }
                None if object.is_definition() && is_schema_reference(&key, &member) => {}
                None => {
                    self.under(PathSegment::Name(key), |checker| {
                        checker.ignore(key, &Ignored::UnknownField(object));
                    });
                }
            }
        }
        for (field, &slot) in object.fields.iter().zip(&slots) {
            if slot != 0 {
                let member = value.at_place(slot);
                if is_fine(&member, &field.shape) && !field.response {
                    continue;
                }
                self.under(PathSegment::Field(field.name), |checker| checker.field(member, field));
            } else if field.required {
                self.under(PathSegment::Field(field.name), |checker| {
                    checker.reject(value, &TypeError::Missing { field: field.name, object });
                });
            }
        }
    }

    fn field(&mut self, member: Value<'a>, field: &'static Field) {
        if member.is_null() && !field.required {
            return;
        }
        if field.lenient {
            if !self.try_shape(member, &field.shape) {
                self.ignore(member, &Ignored::DefaultInstead(&field.shape));
            }
            return;
        }
        if field.response {
            self.ignore(member, &Ignored::ResponseOnly(field.name));
        }
        self.read(member, &field.shape);
    }

    /// A value of another type where an object is expected.
    fn not_object(&mut self, value: Value<'a>, object: &'static ObjectShape) {
        match object.reader {
            // play-json up to Marathon 1.9 looked for the fields anyway.
            TypeReader::Macro if self.release >= Release::V1_10 => {
                self.reject(value, &TypeError::NoObject(object));
            }
            TypeReader::Macro => self.missing(value, object),
            TypeReader::Discriminator => self.reject(value, &TypeError::NoKind(object)),
            TypeReader::Lenient => self.ignore(value, &Ignored::ReadAsEmpty(object)),
            TypeReader::Validator => {
                if !object.fields.iter().any(|field| field.required) {
                    self.ignore(value, &Ignored::ReadAsEmpty(object));
                }
                self.missing(value, object);
            }
        }
    }

    /// Reports each required field as missing from `value`, which is not an object.
    fn missing(&mut self, value: Value<'a>, object: &'static ObjectShape) {
        for field in object.fields.iter().filter(|field| field.required) {
            self.under(PathSegment::Field(field.name), |checker| {
                checker.reject(value, &TypeError::Missing { field: field.name, object });
            });
        }
    }

    /// Whether the discriminator is exactly one of the known kinds.
    fn discriminated(&mut self, value: Value<'a>, object: &'static ObjectShape) -> bool {
        let field = object.fields.iter().find(|field| matches!(field.shape, Shape::Word(_)));
        let Some((Shape::Word(words), name)) = field.map(|field| (&field.shape, field.name)) else {
            return true;
        };
        let known = value.get(name).is_some_and(|kind| words.iter().any(|word| kind.is_str(word)));
        if !known {
            self.reject(value, &TypeError::NoKind(object));
        }
        known
    }

    /// Whether `value` fits `shape`; reports nothing.
    fn try_shape(&mut self, value: Value<'a>, shape: &'static Shape) -> bool {
        let (trying, failed) = (self.trying, self.failed);
        (self.trying, self.failed) = (true, false);
        self.read(value, shape);
        let fits = !self.failed;
        (self.trying, self.failed) = (trying, failed);
        fits
    }
}

/// Whether a member names the schema that a definition follows. It is for editors; Marathon ignores it.
fn is_schema_reference(key: &Value<'_>, value: &Value<'_>) -> bool {
    key.is_str(SCHEMA_FIELD) && value.kind() == Type::String
}

/// Whether Marathon's parser accepts `value` as a `shape`, and reads of it what it says.
pub(super) fn fits_fully(value: Value<'_>, shape: &'static Shape) -> bool {
    let mut checker = Checker::new(Release::LATEST);
    checker.try_shape(value, shape) && !checker.has_defaulted
}

/// Whether Marathon's parser accepts `value` as a `shape`.
pub(crate) fn fits(value: Value<'_>, shape: &'static Shape) -> bool {
    Checker::new(Release::LATEST).try_shape(value, shape)
}
