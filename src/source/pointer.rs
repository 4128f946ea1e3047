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

/// The way from the root to a value. Displayed as a JSON pointer; the root is the empty string.
#[derive(Clone, Debug, Default)]
pub struct Pointer {
    /// As it is displayed: what every finding asks for.
    text: String,
    /// The steps, once somebody has asked for them; from the beginning where a name could be taken for an index.
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

    /// The same way, one member further.
    #[must_use]
    pub fn key(&self, name: impl Into<String>) -> Self {
        self.and(Step::Key(name.into()))
    }

    /// The same way, one element further.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.and(Step::Index(index))
    }

    /// The same way, one step further.
    #[must_use]
    pub fn and(&self, step: Step) -> Self {
        let mut further = self.clone();
        further.extend([step]);
        further
    }

    /// The root, with room for some steps.
    fn with_room(steps: usize) -> Self {
        Self { text: String::with_capacity(steps * 16), steps: OnceLock::new() }
    }

    /// Goes into the member of this name.
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

    /// Goes to the element of this index.
    fn enter_element(&mut self, index: usize) {
        let steps = self.steps.get().map(|steps| steps.to_vec());
        self.text.push('/');
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{index}");
        self.keep(steps, || Step::Index(index));
    }

    /// Keeps the steps so far, where there is need to, and one more.
    fn keep(&mut self, steps: Option<Vec<Step>>, last: impl FnOnce() -> Step) {
        if let Some(mut steps) = steps {
            steps.push(last());
            self.steps = OnceLock::from(steps.into_boxed_slice());
        }
    }

    /// One step back, and the step taken back; nothing at the root.
    #[must_use]
    pub fn parent(&self) -> Option<(Self, &Step)> {
        let (last, steps) = self.steps().split_last()?;
        Some((steps.iter().cloned().collect(), last))
    }
}

/// The step that a part of a pointer's text stands for, if it is not known better.
fn step(part: &str) -> Step {
    match as_index(part) {
        Some(index) => Step::Index(index),
        None => Step::Key(part.replace("~1", "/").replace("~0", "~")),
    }
}

/// The index that a text is, spelt as indices are displayed.
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

/// The ways from `root` to places in its tree, which are given in ascending order; a member's name has its value's way.
/// One pass, however many there are.
pub(crate) fn pointers(root: Value<'_>, places: &[u32]) -> Vec<Pointer> {
    let mut found = Vec::with_capacity(places.len());
    let mut rest = places;
    descend(root, &mut rest, &mut Vec::new(), &mut found);
    debug_assert_eq!(found.len(), places.len(), "a place is in another tree");
    found.resize(places.len(), Pointer::root());
    found
}

/// A step on the way down, of which a [`Step`] is made only where the way ends.
enum Crumb<'a> {
    /// Into the member of this name.
    Name(Value<'a>),
    /// To the element of this index.
    Index(usize),
}

fn descend<'a>(value: Value<'a>, rest: &mut &[u32], way: &mut Vec<Crumb<'a>>, found: &mut Vec<Pointer>) {
    while let Some((_, others)) = rest.split_first().filter(|(place, _)| **place <= value.node_id()) {
        let mut pointer = Pointer::with_room(way.len());
        for crumb in &*way {
            match crumb {
                Crumb::Name(key) => pointer.enter(&key.as_str().unwrap_or_default()),
                Crumb::Index(index) => pointer.enter_element(*index),
            }
        }
        found.push(pointer);
        *rest = others;
    }
    for (key, member) in value.members() {
        let Some(place) = rest.first() else { return };
        if *place < member.after() {
            way.push(Crumb::Name(key));
            descend(member, rest, way, found);
            way.pop();
        }
    }
    for (index, element) in value.elements().enumerate() {
        let Some(place) = rest.first() else { return };
        if *place < element.after() {
            way.push(Crumb::Index(index));
            descend(element, rest, way, found);
            way.pop();
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
    fn steps_are_what_they_were() {
        let steps = |steps: &[Step]| assert_eq!(steps.iter().cloned().collect::<Pointer>().steps(), steps);
        let key = |name: &str| Step::Key(name.to_owned());
        steps(&[]);
        steps(&[key(""), key("a/b~c~1"), Step::Index(3)]);
        // Names that look like indices, and those that do not quite.
        steps(&[key("a"), key("0"), Step::Index(0), key("b"), key("12")]);
        steps(&[key("01"), key("+1"), key("99999999999999999999"), key("1a")]);
        let pointer = Pointer::root().key("env").key("1").index(2);
        let (parent, last) = pointer.parent().expect("it is not the root");
        assert_eq!((parent.steps(), last), (&[key("env"), key("1")][..], &Step::Index(2)));
    }

    #[test]
    fn places_have_pointers() {
        let document = Document::parse(r#"{"a": [1, {"b": 2}], "c": 3}"#, Format::Json).expect("JSON");
        let root = document.root();
        let b = document.at(&Pointer::root().key("a").index(1).key("b")).expect("there").node_id();
        let c = root.get("c").expect("there").node_id();
        let found: Vec<String> =
            pointers(root, &[0, b - 1, b, b, c]).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["", "/a/1/b", "/a/1/b", "/a/1/b", "/c"]);
    }
}
