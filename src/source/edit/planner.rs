//! The edits that single changes of a document need. What is put in takes on the layout of its neighbours.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value as Json;

use super::super::document::Document;
use super::super::equality::{Strictness, is_same};
use super::super::json_text::{AsWritten, compact};
use super::super::notation::Format;
use super::super::pointer::Step;
use super::super::tree::{Type, Value};
use super::attached::with_comments;
use super::json::JsonPlanner;
use super::yaml::YamlPlanner;
use super::{Edit, EditError};

/// The edits of one change or of several.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlannedEdits {
    /// The edits of the text.
    pub(crate) text: Vec<Edit>,
    /// For YAML, the same change of the same value in JSON: what the edited text has to read as.
    pub(crate) proof: Vec<Edit>,
}

impl PlannedEdits {
    pub(crate) fn extend(&mut self, other: Self) {
        self.text.extend(other.text);
        self.proof.extend(other.proof);
    }
}

/// Plans changes of one document, each on its own: all edits refer to the document as it is.
pub(crate) struct EditPlanner<'d> {
    document: &'d Document,
    /// Plans the changes of a JSON text, or of the JSON that proves those of a YAML text.
    json: JsonPlanner,
    yaml: Option<YamlSide<'d>>,
    /// The node ids of the values of a container, by its node id.
    children: HashMap<u32, Vec<u32>>,
}

/// What YAML needs.
struct YamlSide<'d> {
    planner: YamlPlanner<'d>,
    /// The value of the document as JSON. Its nodes have the ids of those of the document.
    proof: Document,
    /// Ids of nodes by the offset they begin at, in the order of the offsets.
    starts: Vec<(usize, u32)>,
    /// Changes that were planned in text that several nodes share, and the node each was planned for first.
    made: HashMap<(u32, String), u32>,
}

type PlannedChanges = Result<PlannedEdits, EditError>;

impl<'d> EditPlanner<'d> {
    /// # Errors
    /// Only by a defect of milepost.
    pub(crate) fn new(document: &'d Document) -> Result<Self, EditError> {
        let children = HashMap::new();
        if document.format() != Format::Yaml {
            return Ok(Self { document, json: JsonPlanner::new(document), yaml: None, children });
        }
        let proof = Document::parse(compact(document.root(), &AsWritten), Format::Json)?;
        let mut starts: Vec<(usize, u32)> = document.root().offsets().collect();
        starts.sort_unstable();
        let planner = YamlPlanner::new(document)?;
        let json = JsonPlanner::new(&proof);
        let yaml = YamlSide { planner, proof, starts, made: HashMap::new() };
        Ok(Self { document, json, yaml: Some(yaml), children })
    }

    /// The text of the document.
    pub(crate) fn text(&self) -> &'d str {
        self.document.text()
    }

    /// The root of the document.
    pub(crate) fn root(&self) -> Value<'d> {
        self.document.root()
    }

    /// The document after some of the planned edits.
    ///
    /// # Errors
    /// When two of them are in each other's way, or the edited text does not parse, or, for YAML, reads as something else
    /// than was planned.
    pub(crate) fn apply(&self, edits: &PlannedEdits) -> Result<Document, EditError> {
        let text = edited(self.document.text(), &edits.text)?;
        let Some(yaml) = &self.yaml else { return Ok(Document::parse(text, self.document.format())?) };
        let at = edits.text.iter().map(|edit| edit.range.start).min().unwrap_or_default();
        let unproven = EditError::Yaml { at, why: "the text would then read as something else" };
        let wanted = Document::parse(edited(yaml.proof.text(), &edits.proof)?, Format::Json)?;
        match Document::parse(text, Format::Yaml) {
            Ok(edited) if is_same(edited.root(), wanted.root(), Strictness::Value) => Ok(edited),
            _ => Err(unproven),
        }
    }

    /// Forgets which changes were planned in text that several nodes share: the next ones do not go with them.
    pub(crate) fn begin(&mut self) {
        if let Some(yaml) = &mut self.yaml {
            yaml.made.clear();
        }
    }

    /// The arrays and objects that begin at an offset; several where aliases of YAML repeat one.
    pub(crate) fn containers_at(&self, start: usize) -> Vec<Value<'d>> {
        self.at(start, |value| matches!(value.kind(), Type::Array | Type::Object))
    }

    /// The values that take these bytes.
    pub(crate) fn values_at(&self, range: &Range<usize>) -> Vec<Value<'d>> {
        let is_name =
            |value: &Value<'d>| self.yaml.as_ref().is_some_and(|yaml| yaml.planner.is_name(value.node_id()));
        self.at(range.start, |value| value.range() == *range && !is_name(value))
    }

    /// The names that take these bytes.
    pub(crate) fn names_at(&self, range: &Range<usize>) -> Vec<Value<'d>> {
        let is_name =
            |value: &Value<'d>| self.yaml.as_ref().is_none_or(|yaml| yaml.planner.is_name(value.node_id()));
        self.at(range.start, |value| value.range() == *range && is_name(value))
    }

    fn at(&self, start: usize, is_meant: impl Fn(&Value<'d>) -> bool) -> Vec<Value<'d>> {
        let root = self.root();
        let Some(yaml) = &self.yaml else {
            return root.at_offset(start).filter(is_meant).into_iter().collect();
        };
        yaml.nodes_at(start).map(|id| root.at_place(id)).filter(is_meant).collect()
    }

    /// The index of the member or element of a container whose name or value begins at this offset; `None` where there is
    /// none, or more than one.
    pub(crate) fn index_at(&mut self, container: Value<'_>, start: usize) -> Option<usize> {
        let Some(yaml) = &self.yaml else {
            let is_object = container.kind() == Type::Object;
            let children = self.children(container);
            let range = |id: u32| container.at_place(id).range();
            // The name of a member comes right before its value.
            let begins = |id: &u32| range(*id).start == start || is_object && range(id - 1).start == start;
            let index = children.partition_point(|id| range(*id).end <= start);
            return children.get(index).filter(|id| begins(id)).map(|_| index);
        };
        // Aliases are written elsewhere: the order of the offsets need not be that of the values.
        let mut here = yaml.child_at(container.node_id(), start);
        let child = here.next()?;
        if here.any(|other| other != child) {
            return None;
        }
        drop(here);
        self.children(container).binary_search(&child).ok()
    }

    /// The value of the member, or the element, with this index.
    pub(crate) fn child<'v>(&mut self, container: Value<'v>, index: usize) -> Option<Value<'v>> {
        self.children(container).get(index).map(|id| container.at_place(*id))
    }

    /// The node ids of the values of an array or object. They are collected once, not for each look-up.
    fn children(&mut self, container: Value<'_>) -> &[u32] {
        self.children.entry(container.node_id()).or_insert_with(|| match container.kind() {
            Type::Object => container.members().map(|(_, value)| value.node_id()).collect(),
            _ => container.elements().map(|value| value.node_id()).collect(),
        })
    }

    /// The value at the end of a path.
    pub(crate) fn follow<'v>(&mut self, from: Value<'v>, path: &[Step]) -> Option<Value<'v>> {
        path.iter().try_fold(from, |value, step| match step {
            Step::Key(name) => value.get(name),
            Step::Index(index) if value.kind() == Type::Array => {
                self.children(value).get(*index).map(|id| value.at_place(*id))
            }
            Step::Index(_) => None,
        })
    }

    /// Sets the value at the end of a path: replaces it, or adds the member at the end of its object. No edit where an
    /// equal value is there already, however it is spelled; `None` where there is no object for it.
    pub(crate) fn set(
        &mut self,
        from: Value<'_>,
        path: &[Step],
        value: &Json,
    ) -> Result<Option<PlannedEdits>, EditError> {
        match (self.follow(from, path), path.split_last()) {
            (Some(old), _) if old.to_json() == *value => Ok(Some(PlannedEdits::default())),
            (Some(old), _) => self.replace(old, value).map(Some),
            (None, Some((Step::Key(name), path))) => {
                let Some(object) = self.follow(from, path).filter(is_object) else { return Ok(None) };
                self.insert(object, Some(name), value).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Adds an element at the end of the array at the end of a path; `None` where there is no array.
    pub(crate) fn push(
        &mut self,
        from: Value<'_>,
        path: &[Step],
        value: &Json,
    ) -> Result<Option<PlannedEdits>, EditError> {
        match self.follow(from, path).filter(|value| value.kind() == Type::Array) {
            Some(array) => self.insert(array, None, value).map(Some),
            None => Ok(None),
        }
    }

    /// Moves a value to another path as it is written, with its comments; `None` where either path does not exist.
    pub(crate) fn relocate(
        &mut self,
        from: Value<'_>,
        old: &[Step],
        new: &[Step],
    ) -> Result<Option<PlannedEdits>, EditError> {
        let (Some(value), Some((name, path))) = (self.follow(from, old), new.split_last()) else {
            return Ok(None);
        };
        let Some(object) = self.follow(from, path).filter(is_object) else { return Ok(None) };
        let mut edits = match (self.follow(from, new), name) {
            (Some(there), _) => self.replace_moved(there, value)?,
            (None, Step::Key(name)) => self.insert_moved(object, name, value)?,
            (None, Step::Index(_)) => return Ok(None),
        };
        let Some(removed) = self.remove(from, old)? else { return Ok(None) };
        edits.extend(removed);
        Ok(Some(edits))
    }

    /// Removes the member or element at the end of a path with its comma or line. No edit where there is none; `None` for
    /// the empty path.
    pub(crate) fn remove(
        &mut self,
        from: Value<'_>,
        path: &[Step],
    ) -> Result<Option<PlannedEdits>, EditError> {
        let Some((step, path)) = path.split_last() else { return Ok(None) };
        let Some(container) = self.follow(from, path) else { return Ok(Some(PlannedEdits::default())) };
        match step {
            Step::Index(index) => self.remove_elements(container, &[*index]).map(Some),
            // All duplicates of the name are removed: otherwise an earlier one would count.
            Step::Key(name) => {
                let named = container.members().enumerate().filter(|(_, (key, _))| key.is_str(name));
                let named: Vec<usize> = named.map(|(index, _)| index).collect();
                self.remove_items(container, &named).map(Some)
            }
        }
    }

    /// Removes the elements with these indices, in ascending order, from an array; ignores indices beyond its end.
    pub(crate) fn remove_elements(&mut self, array: Value<'_>, indices: &[usize]) -> PlannedChanges {
        if array.kind() == Type::Array {
            self.remove_items(array, indices)
        } else {
            Ok(PlannedEdits::default())
        }
    }

    /// The same, with the comments that stand above these elements and beside them.
    pub(crate) fn remove_with_comments(&mut self, array: Value<'_>, indices: &[usize]) -> PlannedChanges {
        let mut edits = self.remove_elements(array, indices)?;
        let written: Vec<Range<usize>> = array
            .elements()
            .enumerate()
            .filter(|(index, _)| indices.contains(index))
            .map(|(_, one)| one.range())
            .collect();
        let mark = if self.yaml.is_some() { "#" } else { "//" };
        edits.text = with_comments(self.document.text(), &written, edits.text, mark);
        Ok(edits)
    }

    /// Replaces a value, in the layout of its surroundings.
    pub(crate) fn replace(&mut self, old: Value<'_>, value: &Json) -> PlannedChanges {
        let Some(yaml) = &mut self.yaml else { return Ok(text_only([self.json.replace(old, value)])) };
        let id = old.node_id();
        let proof = vec![self.json.replace(yaml.proof.root().at_place(id), value)];
        let name = yaml.name_of(old);
        let shared = yaml.planner.shared_around(id);
        let text = yaml.once(
            id,
            shared,
            || format!("{:?} = {value}", old.range()),
            |yaml| yaml.replace(id, name.as_deref(), value),
        )?;
        Ok(PlannedEdits { text, proof })
    }

    /// Replaces a value by another one of the document, as that is written.
    fn replace_moved(&mut self, old: Value<'_>, value: Value<'_>) -> PlannedChanges {
        let Some(yaml) = &mut self.yaml else {
            return Ok(text_only([JsonPlanner::replace_moved(old, value)]));
        };
        let (id, from) = (old.node_id(), value.node_id());
        let root = yaml.proof.root();
        let proof = vec![JsonPlanner::replace_moved(root.at_place(id), root.at_place(from))];
        let name = yaml.name_of(old);
        let text = yaml.planner.replace_moved(id, name.as_deref(), from, &value.to_json())?;
        Ok(PlannedEdits { text, proof })
    }

    /// Gives a member another name.
    pub(crate) fn rename(&mut self, key: Value<'_>, name: &str) -> PlannedChanges {
        let Some(yaml) = &mut self.yaml else { return Ok(text_only([JsonPlanner::rename(key, name)])) };
        let id = key.node_id();
        let proof = vec![JsonPlanner::rename(yaml.proof.root().at_place(id), name)];
        let shared = yaml.planner.shared(id);
        let text = yaml.once(id, shared, || format!("rename {name}"), |yaml| yaml.rename(id, name))?;
        Ok(PlannedEdits { text, proof })
    }

    /// Adds a member (`name`) or an element at the end of an object or array.
    pub(crate) fn insert(
        &mut self,
        container: Value<'_>,
        name: Option<&str>,
        value: &Json,
    ) -> PlannedChanges {
        let Some(yaml) = &mut self.yaml else {
            return Ok(text_only(self.json.insert(container, name, value)));
        };
        let id = container.node_id();
        let proof = self.json.insert(yaml.proof.root().at_place(id), name, value);
        let shared = yaml.planner.shared(id);
        let text =
            yaml.once(id, shared, || format!("{name:?}: {value}"), |yaml| yaml.insert(id, name, value))?;
        Ok(PlannedEdits { text, proof })
    }

    /// Adds a member at the end of an object, with a value from elsewhere in the text, as it is written there.
    pub(crate) fn insert_moved(&mut self, object: Value<'_>, name: &str, value: Value<'_>) -> PlannedChanges {
        let Some(yaml) = &mut self.yaml else {
            return Ok(text_only(self.json.insert_moved(object, name, value)));
        };
        let (id, from) = (object.node_id(), value.node_id());
        let root = yaml.proof.root();
        let proof = self.json.insert_moved(root.at_place(id), name, root.at_place(from));
        let shared = yaml.planner.shared(id);
        let key = || format!("{name}: {}", value.source());
        let text = yaml.once(id, shared, key, |yaml| yaml.insert_moved(id, name, from, &value.to_json()))?;
        Ok(PlannedEdits { text, proof })
    }

    /// Removes the members or elements with these indices, in ascending order.
    pub(crate) fn remove_items(&mut self, container: Value<'_>, indices: &[usize]) -> PlannedChanges {
        if self.yaml.is_none() {
            return Ok(text_only(self.json.remove(container, indices)));
        }
        let children = self.children(container);
        let removed: Vec<u32> = indices.iter().filter_map(|index| children.get(*index)).copied().collect();
        let Some(yaml) = &mut self.yaml else { return Ok(PlannedEdits::default()) };
        let id = container.node_id();
        let proof = self.json.remove(yaml.proof.root().at_place(id), indices);
        let shared = yaml.planner.shared(id);
        let key = || format!("without {indices:?}");
        let text = yaml.once(id, shared, key, |yaml| yaml.remove(id, &removed))?;
        Ok(PlannedEdits { text, proof })
    }
}

impl YamlSide<'_> {
    /// The nodes that begin at an offset.
    fn nodes_at(&self, start: usize) -> impl Iterator<Item = u32> {
        let from = self.starts.partition_point(|(at, _)| *at < start);
        self.starts[from..].iter().take_while(move |(at, _)| *at == start).map(|(_, id)| *id)
    }

    /// The values of a container that begin at an offset, or whose names do.
    fn child_at(&self, container: u32, start: usize) -> impl Iterator<Item = u32> {
        let inside = self.nodes_at(start).filter(move |id| self.planner.is_in(*id, container));
        // The name of a member comes right before its value.
        inside.map(|id| if self.planner.is_name(id) { id + 1 } else { id })
    }

    /// Plans a change in the text of a node that has been planned for another node with the same text only once.
    fn once(
        &mut self,
        id: u32,
        (node, shares): (u32, u32),
        change: impl FnOnce() -> String,
        plan: impl FnOnce(&YamlPlanner<'_>) -> Result<Vec<Edit>, EditError>,
    ) -> Result<Vec<Edit>, EditError> {
        if shares > 1 && *self.made.entry((node, change())).or_insert(id) != id {
            return Ok(Vec::new());
        }
        plan(&self.planner)
    }

    /// The name of the member whose value this is; `None` for an element and the root.
    fn name_of(&self, value: Value<'_>) -> Option<String> {
        let name = value.node_id().checked_sub(1).filter(|name| self.planner.is_name(*name))?;
        value.at_place(name).as_str().map(Into::into)
    }
}

fn text_only(edits: impl IntoIterator<Item = Edit>) -> PlannedEdits {
    PlannedEdits { text: edits.into_iter().collect(), proof: Vec::new() }
}

/// A text after edits.
fn edited(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut ranges: Vec<(usize, usize)> =
        edits.iter().map(|edit| (edit.range.start, edit.range.end)).collect();
    ranges.sort_unstable();
    let overlap = ranges.windows(2).find(|pair| pair[0].1 > pair[1].0);
    match overlap {
        Some(pair) => Err(EditError::Overlap { at: pair[1].0 }),
        None => Ok(Edit::apply(text, edits)),
    }
}

fn is_object(value: &Value<'_>) -> bool {
    value.kind() == Type::Object
}
