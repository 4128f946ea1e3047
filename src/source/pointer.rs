//! JSON pointers (RFC 6901).

use std::fmt;

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
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pointer(Vec<Step>);

impl Pointer {
    /// The root.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The steps, outermost first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
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
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// As it is displayed, without what formats in between: every finding asks for it.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.0.len() * 16);
        for step in &self.0 {
            text.push('/');
            match step {
                Step::Key(name) if !name.bytes().any(|byte| matches!(byte, b'~' | b'/')) => {
                    text.push_str(name);
                }
                Step::Key(name) => text.push_str(&name.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => text.push_str(&index.to_string()),
            }
        }
        text
    }

    /// One step back, and the step taken back; nothing at the root.
    #[must_use]
    pub fn parent(&self) -> Option<(Self, &Step)> {
        let (last, steps) = self.0.split_last()?;
        Some((Self(steps.to_vec()), last))
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
    while let Some((_, others)) = rest.split_first().filter(|(place, _)| **place <= value.place()) {
        let step = |crumb: &Crumb<'_>| match crumb {
            Crumb::Name(key) => Step::Key(key.as_str().unwrap_or_default().into_owned()),
            Crumb::Index(index) => Step::Index(*index),
        };
        found.push(way.iter().map(step).collect());
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

impl FromIterator<Step> for Pointer {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
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
    fn places_have_pointers() {
        let document = Document::parse(r#"{"a": [1, {"b": 2}], "c": 3}"#, Format::Json).expect("JSON");
        let root = document.root();
        let b = document.at(&Pointer::root().key("a").index(1).key("b")).expect("there").place();
        let c = root.get("c").expect("there").place();
        let found: Vec<String> =
            pointers(root, &[0, b - 1, b, b, c]).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["", "/a/1/b", "/a/1/b", "/a/1/b", "/c"]);
    }
}
