//! Reading a value against the tables, as Marathon's generated parser does (layer "P": the stage that answers
//! `422 Invalid JSON`). Only when something is wrong is anything allocated; the words are found in [`super::explain`].
//!
//! What the parser takes and drops (unknown fields, `"x"` where an object of defaults is meant) is reported on the way.

use std::collections::{HashMap, HashSet};

use crate::finding::Finding;
use crate::source::{Pointer, Step, Type, Value};
use crate::target::Release;

use super::SCHEMA_FIELD;
use super::explain::{self, Bound, Ignored, TypeError};
use super::fast_path::{hash, is_fine, is_plain};
use super::number;
use super::pattern::Pattern;
use super::shape::{self, Field, ObjectShape, Shape, TypeReader, UnionShape};
use super::timestamp;

/// The most fields an object of the API has.
const MAX_FIELDS: usize = 64;
/// Groups within groups that are read; a body nested deeper is refused here rather than at the expense of the stack.
const MAX_DEPTH: usize = 1_000;

/// One step of the way from the root, kept while walking and made into a [`Pointer`] only for a finding.
#[derive(Clone, Copy)]
pub(super) enum PathSegment<'a> {
    /// A field of a model.
    Field(&'static str),
    /// A name of the user's choosing.
    Name(Value<'a>),
    /// An element.
    Index(usize),
}

/// Walks a value and collects what there is to say about it.
pub(super) struct Checker<'a> {
    root: &'static Shape,
    release: Release,
    path: Vec<PathSegment<'a>>,
    /// While an alternative of a union is tried, only whether it fits counts.
    trying: bool,
    failed: bool,
    /// Room to look for duplicate names in: their hashes, each about where it says.
    names: Vec<u32>,
    /// The object whose members are being read.
    owner: Option<Value<'a>>,
    pub(super) found: Vec<Finding>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(root: &'static Shape, release: Release) -> Self {
        Self {
            root,
            release,
            path: Vec::with_capacity(16),
            trying: false,
            failed: false,
            names: Vec::new(),
            owner: None,
            found: Vec::new(),
        }
    }

    /// The way to where the walk stands.
    pub(super) fn pointer(&self) -> Pointer {
        let step = |crumb: &PathSegment<'_>| match crumb {
            PathSegment::Field(name) => Step::Key((*name).to_owned()),
            PathSegment::Name(key) => Step::Key(key.as_str().unwrap_or_default().into_owned()),
            PathSegment::Index(index) => Step::Index(*index),
        };
        self.path.iter().map(step).collect()
    }

    /// The way in Marathon's notation.
    pub(super) fn server_path(&self) -> String {
        let mut path = String::new();
        for crumb in &self.path {
            match crumb {
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

    pub(super) fn root_shape(&self) -> &'static Shape {
        self.root
    }

    /// The object whose members are being read.
    pub(super) fn owner(&self) -> Option<Value<'a>> {
        self.owner
    }

    fn under(&mut self, crumb: PathSegment<'a>, walk: impl FnOnce(&mut Self)) {
        self.path.push(crumb);
        walk(self);
        self.path.pop();
    }

    /// Something Marathon refuses.
    #[cold]
    #[inline(never)]
    fn refuse(&mut self, value: Value<'a>, refusal: &TypeError<'_>) {
        self.failed = true;
        if !self.trying {
            let diagnostic = explain::refused(self, value, refusal);
            self.found.push(diagnostic);
        }
    }

    /// Something Marathon takes, and loses.
    #[cold]
    #[inline(never)]
    fn lose(&mut self, value: Value<'a>, loss: &Ignored) {
        if !self.trying {
            let diagnostic = explain::lost(self, value, loss);
            self.found.push(diagnostic);
        }
    }

    /// Reads `value` as `shape`.
    pub(super) fn read(&mut self, value: Value<'a>, shape: &'static Shape) {
        let fits = match (shape, value.kind()) {
            (Shape::Integer { long, min, max }, Type::Number) => {
                match number::integer(value.as_number().unwrap_or_default(), *long) {
                    Some(number) => {
                        self.bounds(value, number.into(), min.map(i128::from), max.map(i128::from));
                    }
                    None => self.refuse(value, &TypeError::NotInteger { long: *long }),
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
                    self.refuse(value, &TypeError::UnknownWord(words));
                }
                true
            }
            (Shape::Timestamp, Type::String) => {
                if !timestamp::is_offset_date_time(&value.as_str().unwrap_or_default()) {
                    self.refuse(value, &TypeError::NotTimestamp);
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
                let before = self.owner.replace(value);
                self.object(value, object);
                self.owner = before;
                true
            }
            (Shape::Union(union), _) => {
                self.union(value, union);
                true
            }
            _ => false,
        };
        if !fits {
            self.refuse(value, &TypeError::WrongType(shape));
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
            self.refuse(value, &TypeError::TooSmall { min: min.into(), max: max.map(Into::into) });
        }
        if let Some(max) = max.filter(|max| number > *max) {
            self.refuse(value, &TypeError::TooLarge { min: min.map(Into::into), max: max.into() });
        }
    }

    fn text(&mut self, value: Value<'a>, min: u32, max: Option<u32>, pattern: Option<&'static Pattern>) {
        let text = value.as_str().unwrap_or_default();
        let length = || text.encode_utf16().count();
        if text.len() < min as usize || (min > 1 && length() < min as usize) {
            self.refuse(value, &TypeError::TooShort);
        }
        // A unit of UTF-16 takes a byte or more.
        if let Some(max) = max.filter(|max| text.len() > *max as usize && length() > *max as usize) {
            let length = length();
            self.refuse(value, &TypeError::TooLong { max, length });
        }
        if let Some(pattern) = pattern.filter(|pattern| !(pattern.matches)(&text)) {
            self.refuse(value, &TypeError::Malformed(pattern));
        }
    }

    fn list(&mut self, value: Value<'a>, items: &'static Shape, min: u32) {
        let mut count = 0;
        for (index, element) in value.elements().enumerate() {
            count += 1;
            if is_plain(&element, items) {
                continue;
            }
            self.under(PathSegment::Index(index), |walk| walk.read(element, items));
        }
        if count < min as usize {
            self.refuse(value, &TypeError::TooFew { min });
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
            self.under(PathSegment::Name(key), |walk| {
                // Marathon never looks at a value that a later one overrides.
                if overridden.contains(&index) {
                    return walk.lose(key, &Ignored::Overridden);
                }
                walk.read(member, values);
            });
        }
        if let Some(names) = names {
            self.names_of_map(value, names, &overridden);
        }
        self.failed |= failed;
    }

    /// Marathon looks at the names only where it takes all the values (`RamlConstraints.keyPattern`, 1.5 to 1.11).
    fn names_of_map(&mut self, value: Value<'a>, names: &'static Pattern, overridden: &HashSet<usize>) {
        let is_later = self.failed;
        for (index, (key, _)) in value.members().enumerate() {
            if overridden.contains(&index) || (names.matches)(&key.as_str().unwrap_or_default()) {
                continue;
            }
            let before = self.found.len();
            self.under(PathSegment::Name(key), |walk| walk.refuse(key, &TypeError::MalformedName(names)));
            for answer in self.found[before..].iter_mut().filter_map(|found| found.answer.as_mut()) {
                answer.later = is_later;
            }
        }
    }

    /// Which members of an object a later one of the same name overrides, by index.
    fn overridden(&mut self, object: Value<'a>) -> HashSet<usize> {
        if self.all_differ(object) {
            return HashSet::new();
        }
        let mut last = HashMap::new();
        let names = object.members().map(|(key, _)| key.as_str().unwrap_or_default());
        names.enumerate().filter_map(|(index, name)| last.insert(name, index)).collect()
    }

    /// Whether the names of all members differ for sure. Names may be made so that their hashes do not differ: then this
    /// gives up early.
    fn all_differ(&mut self, object: Value<'a>) -> bool {
        const PROBES: usize = 8;
        let count = object.members().count();
        if count < 2 {
            return true;
        }
        let room = (count * 2).next_power_of_two();
        let shift = 32 - room.trailing_zeros().min(32);
        self.names.clear();
        self.names.resize(room + PROBES, 0);
        object.members().all(|(key, _)| {
            let hash = hash(&key);
            let at = hash.checked_shr(shift).unwrap_or(0) as usize;
            let free = self.names[at..at + PROBES].iter_mut().find(|slot| **slot == 0 || **slot == hash);
            match free {
                Some(slot) if *slot == 0 => {
                    *slot = hash;
                    true
                }
                _ => false,
            }
        })
    }

    fn object(&mut self, value: Value<'a>, object: &'static ObjectShape) {
        if self.path.len() > MAX_DEPTH {
            return self.refuse(value, &TypeError::TooDeep);
        }
        if value.kind() != Type::Object {
            return self.no_object(value, object);
        }
        if object.reader == TypeReader::Discriminator && !self.discriminated(value, object) {
            return;
        }
        // Places, not values: this is what a level of nesting costs on the stack. No member has place 0.
        let mut slots = [0; MAX_FIELDS];
        for (key, member) in value.members() {
            match object.field(&key) {
                Some(index) if object.fields[index].since > self.release.minor() => {
                    let since = object.fields[index].since;
                    self.under(PathSegment::Name(key), |walk| walk.lose(key, &Ignored::NewerField { since }));
                }
                Some(index) => {
                    let before = std::mem::replace(&mut slots[index], member.node_id());
                    if before != 0 {
                        // A name stands right before its value.
                        let overridden = key.at_place(before - 1);
                        self.under(PathSegment::Name(overridden), |walk| {
                            walk.lose(overridden, &Ignored::Overridden);
                        });
                    }
                }
                None if object.is_definition() && is_schema_reference(&key, &member) => {}
                None => {
                    self.under(PathSegment::Name(key), |walk| walk.lose(key, &Ignored::UnknownField(object)));
                }
            }
        }
        for (field, &slot) in object.fields.iter().zip(&slots) {
            if slot != 0 {
                let member = value.at_place(slot);
                if is_fine(&member, &field.shape) && !field.response {
                    continue;
                }
                self.under(PathSegment::Field(field.name), |walk| walk.field(member, field));
            } else if field.required {
                self.under(PathSegment::Field(field.name), |walk| {
                    walk.refuse(value, &TypeError::Missing { field: field.name, object });
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
                self.lose(member, &Ignored::DefaultInstead(&field.shape));
            }
            return;
        }
        if field.response {
            self.lose(member, &Ignored::ResponseOnly(field.name));
        }
        self.read(member, &field.shape);
    }

    /// A value that is no object where one is due.
    fn no_object(&mut self, value: Value<'a>, object: &'static ObjectShape) {
        match object.reader {
            // play-json up to Marathon 1.9 looked for the fields all the same.
            TypeReader::Macro if self.release >= Release::V1_10 => self.refuse(value, &TypeError::NoObject),
            TypeReader::Macro => self.missing(value, object),
            TypeReader::Discriminator => self.refuse(value, &TypeError::NoKind(object)),
            TypeReader::Lenient => self.lose(value, &Ignored::ReadAsEmpty(object)),
            TypeReader::Validator => {
                if !object.fields.iter().any(|field| field.required) {
                    self.lose(value, &Ignored::ReadAsEmpty(object));
                }
                self.missing(value, object);
            }
        }
    }

    /// Refuses `value` for every required field, as it is no object.
    fn missing(&mut self, value: Value<'a>, object: &'static ObjectShape) {
        for field in object.fields.iter().filter(|field| field.required) {
            self.under(PathSegment::Field(field.name), |walk| {
                walk.refuse(value, &TypeError::Missing { field: field.name, object });
            });
        }
    }

    /// Whether the discriminator says one of the kinds there are, exactly so spelt.
    fn discriminated(&mut self, value: Value<'a>, object: &'static ObjectShape) -> bool {
        let field = object.fields.iter().find(|field| matches!(field.shape, Shape::Word(_)));
        let Some((Shape::Word(words), name)) = field.map(|field| (&field.shape, field.name)) else {
            return true;
        };
        let known = value.get(name).is_some_and(|kind| words.iter().any(|word| kind.is_str(word)));
        if !known {
            self.refuse(value, &TypeError::NoKind(object));
        }
        known
    }

    fn union(&mut self, value: Value<'a>, union: &'static UnionShape) {
        if let Some(instead) = union.any_string
            && let Some(text) = value.as_str()
        {
            if !text.eq_ignore_ascii_case(instead) {
                self.lose(value, &Ignored::AnyString { instead });
            }
            return;
        }
        let minor = self.release.minor();
        let is_known =
            |member: &&'static Shape| !matches!(member, Shape::Object(object) if object.since > minor);
        if let Some(member) =
            union.members.iter().filter(is_known).find(|member| self.try_shape(value, member))
        {
            // Once more, for what is taken and dropped inside.
            if !self.trying && matches!(member, Shape::Object(_)) {
                self.union_member(value, union, member);
            }
            return;
        }
        self.failed = true;
        if self.trying {
            return;
        }
        let Some(last) = union.members.iter().rfind(is_known) else { return };
        let before = self.found.len();
        self.read(value, last);
        let answers = self.found.split_off(before);
        match union.meant(&value) {
            _ if value.kind() != Type::Object => self.refuse(value, &TypeError::NoAlternative(union)),
            Some(meant) => self.read(value, meant),
            None => {}
        }
        let causes = self.found.split_off(before);
        self.found.extend(explain::union(answers, causes));
    }

    /// Reads the alternative that fits; when another one was meant, tells what kept it from fitting.
    fn union_member(&mut self, value: Value<'a>, union: &'static UnionShape, member: &'static Shape) {
        let before = self.found.len();
        self.read(value, member);
        if self.found.len() == before {
            return;
        }
        let Some(meant) = union.meant(&value).filter(|meant| !std::ptr::eq(*meant, member)) else {
            return;
        };
        let failed = self.failed;
        let dropped = self.found.split_off(before);
        self.read(value, meant);
        self.failed = failed;
        let causes = self.found.split_off(before);
        self.found.extend(explain::fallback(dropped, causes, member));
    }

    /// Whether `value` reads as `shape`, without a word about it.
    fn try_shape(&mut self, value: Value<'a>, shape: &'static Shape) -> bool {
        let (trying, failed) = (self.trying, self.failed);
        (self.trying, self.failed) = (true, false);
        self.read(value, shape);
        let fits = !self.failed;
        (self.trying, self.failed) = (trying, failed);
        fits
    }
}

/// Whether a member says which schema a definition follows. It is for editors; Marathon ignores it.
fn is_schema_reference(key: &Value<'_>, value: &Value<'_>) -> bool {
    key.is_str(SCHEMA_FIELD) && value.kind() == Type::String
}

/// Whether Marathon's parser takes `value` for a `shape`.
pub(crate) fn fits(value: Value<'_>, shape: &'static Shape) -> bool {
    Checker::new(shape, Release::LATEST).try_shape(value, shape)
}
