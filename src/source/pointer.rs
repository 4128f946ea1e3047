//! JSON pointers (RFC 6901).

use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use super::tree::Value;

/// One step down: into an object's member, or to an array's element.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The member of this name.
    Key(String),
    /// The element of this index, counted from 0.
    Index(usize),
}

/// The path from the root to a value. Displayed as a JSON pointer; the root is the empty string.
#[derive(Clone, Debug, Default)]
pub struct Pointer {
    /// As it is displayed, which every finding needs.
    text: String,
    /// The steps, computed on the first call of [`Pointer::steps`]; set at once where a name looks like an index.
    steps: OnceLock<Box<[Step]>>,
}

impl Pointer {
    /// The root.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether it is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.text.is_empty()
    }

    /// As it is displayed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The steps, outermost first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        self.steps.get_or_init(|| self.text.split('/').skip(1).map(step).collect())
    }

    /// The path of the member `name` of this value.
    #[must_use]
    pub fn key(&self, name: impl Into<String>) -> Self {
        self.and(Step::Key(name.into()))
    }

    /// The path of the element `index` of this value.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.and(Step::Index(index))
    }

    /// The path one step below this one.
    #[must_use]
    pub fn and(&self, step: Step) -> Self {
        let mut further = self.clone();
        further.extend([step]);
        further
    }

    /// The root, with capacity for some steps.
    fn with_capacity(steps: usize) -> Self {
        Self { text: String::with_capacity(steps * 16), steps: OnceLock::new() }
    }

    /// Appends the member of this name.
    fn enter(&mut self, name: &str) {
        let is_plain = as_index(name).is_none() && self.steps.get().is_none();
        let steps = (!is_plain).then(|| self.steps().to_vec());
        self.text.push('/');
        if name.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
            self.text.push_str(&name.replace('~', "~0").replace('/', "~1"));
        } else {
            self.text.push_str(name);
        }
        self.keep(steps, || Step::Key(name.to_owned()));
    }

    /// Appends the element of this index.
    fn enter_element(&mut self, index: usize) {
        let steps = self.steps.get().map(|steps| steps.to_vec());
        self.text.push('/');
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{index}");
        self.keep(steps, || Step::Index(index));
    }

    /// Stores the steps so far and one more, where they have to be stored.
    fn keep(&mut self, steps: Option<Vec<Step>>, last: impl FnOnce() -> Step) {
        if let Some(mut steps) = steps {
            steps.push(last());
            self.steps = OnceLock::from(steps.into_boxed_slice());
        }
    }

    /// The path one step above, and the last step; `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<(Self, &Step)> {
        let (last, steps) = self.steps().split_last()?;
        Some((steps.iter().cloned().collect(), last))
    }
}

/// The step that a part of a pointer's text means, if no steps are stored.
fn step(part: &str) -> Step {
    match as_index(part) {
        Some(index) => Step::Index(index),
        None => Step::Key(part.replace("~1", "/").replace("~0", "~")),
    }
}

/// The index that a text spells as indices are displayed.
fn as_index(text: &str) -> Option<usize> {
    let is_plain = text == "0" || !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

impl PartialEq for Pointer {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pointer {}

impl Hash for Pointer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// The paths from `root` to nodes of its tree, whose ids are given in ascending order; a member's name has the path of
/// its value. One pass, whatever their number.
pub(crate) fn pointers(root: Value<'_>, nodes: &[u32]) -> Vec<Pointer> {
    let mut found = Vec::with_capacity(nodes.len());
    let mut rest = nodes;
    descend(root, &mut rest, &mut Vec::new(), &mut found);
    debug_assert_eq!(found.len(), nodes.len(), "a node is in another tree");
    found.resize(nodes.len(), Pointer::root());
    found
}

/// A step of the path to the current node; becomes a [`Step`] only for the nodes that were asked for.
enum NodeStep<'a> {
    /// Into the member of this name.
    Name(Value<'a>),
    /// To the element of this index.
    Index(usize),
}

fn descend<'a>(value: Value<'a>, rest: &mut &[u32], path: &mut Vec<NodeStep<'a>>, found: &mut Vec<Pointer>) {
    while let Some((_, others)) = rest.split_first().filter(|(node, _)| **node <= value.node_id()) {
        let mut pointer = Pointer::with_capacity(path.len());
        for segment in &*path {
            match segment {
                NodeStep::Name(key) => pointer.enter(&key.as_str().unwrap_or_default()),
                NodeStep::Index(index) => pointer.enter_element(*index),
            }
        }
        found.push(pointer);
        *rest = others;
    }
    for (key, member) in value.members() {
        let Some(node) = rest.first() else { return };
        if *node < member.after() {
            path.push(NodeStep::Name(key));
            descend(member, rest, path, found);
            path.pop();
        }
    }
    for (index, element) in value.elements().enumerate() {
        let Some(node) = rest.first() else { return };
        if *node < element.after() {
            path.push(NodeStep::Index(index));
            descend(element, rest, path, found);
            path.pop();
        }
    }
}

impl Extend<Step> for Pointer {
    fn extend<I: IntoIterator<Item = Step>>(&mut self, steps: I) {
        for step in steps {
            match step {
                Step::Key(name) => self.enter(&name),
                Step::Index(index) => self.enter_element(index),
            }
        }
    }
}

impl FromIterator<Step> for Pointer {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        let mut pointer = Self::root();
        pointer.extend(steps);
        pointer
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Document, Format};

    #[test]
    fn special_characters_are_escaped() {
        let pointer = Pointer::root().key("labels").key("a/b~c").index(3);
        assert_eq!(pointer.to_string(), "/labels/a~1b~0c/3");
        assert_eq!(Pointer::root().to_string(), "");
    }

    #[test]
    fn steps_survive_the_text_form() {
        let steps = |steps: &[Step]| assert_eq!(steps.iter().cloned().collect::<Pointer>().steps(), steps);
        let key = |name: &str| Step::Key(name.to_owned());
        steps(&[]);
        steps(&[key(""), key("a/b~c~1"), Step::Index(3)]);
        // Names that are spelled like indices, and names that are not.
        steps(&[key("a"), key("0"), Step::Index(0), key("b"), key("12")]);
        steps(&[key("01"), key("+1"), key("99999999999999999999"), key("1a")]);
        let pointer = Pointer::root().key("env").key("1").index(2);
        let (parent, last) = pointer.parent().expect("it is not the root");
        assert_eq!((parent.steps(), last), (&[key("env"), key("1")][..], &Step::Index(2)));
    }

    #[test]
    fn nodes_have_pointers() {
        let document = Document::parse(r#"{"a": [1, {"b": 2}], "c": 3}"#, Format::Json).expect("JSON");
        let root = document.root();
        let b = document.at(&Pointer::root().key("a").index(1).key("b")).expect("there").node_id();
        let c = root.get("c").expect("there").node_id();
        let found: Vec<String> =
            pointers(root, &[0, b - 1, b, b, c]).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["", "/a/1/b", "/a/1/b", "/a/1/b", "/c"]);
    }
}
