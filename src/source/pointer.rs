//! JSON pointers (RFC 6901).

use std::fmt;

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

    /// One step back, and the step taken back; nothing at the root.
    #[must_use]
    pub fn parent(&self) -> Option<(Self, &Step)> {
        let (last, steps) = self.0.split_last()?;
        Some((Self(steps.to_vec()), last))
    }
}

impl FromIterator<Step> for Pointer {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| match step {
            Step::Key(name) => write!(f, "/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => write!(f, "/{index}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped() {
        let pointer = Pointer::root().key("labels").key("a/b~c").index(3);
        assert_eq!(pointer.to_string(), "/labels/a~1b~0c/3");
        assert_eq!(Pointer::root().to_string(), "");
    }
}
