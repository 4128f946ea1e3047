//! The members of an object by name.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::source::Value;
use crate::util::hash::Map;

/// The members of an object, for many look-ups by name. The index is built at the first one.
pub(in crate::rule) struct Names<'a> {
    object: Option<Value<'a>>,
    last: OnceCell<Map<Cow<'a, str>, Value<'a>>>,
}

impl<'a> Names<'a> {
    /// Of an object that may be missing.
    pub(in crate::rule) fn of(object: Option<Value<'a>>) -> Self {
        Self { object, last: OnceCell::new() }
    }

    /// The value of the member of this name; of several the last, as Marathon reads them.
    pub(in crate::rule) fn get(&self, name: &str) -> Option<Value<'a>> {
        let last = self.last.get_or_init(|| {
            let members = self.object.iter().flat_map(Value::members);
            members.map(|(key, value)| (key.as_str().unwrap_or_default(), value)).collect()
        });
        last.get(name).copied()
    }

    pub(in crate::rule) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}
