//! What is held, as Marathon's JSON.

pub(crate) mod app;
pub(crate) mod deployment;
pub(crate) mod embed;
pub(crate) mod group;
pub(crate) mod info;
pub(crate) mod pod;
pub(crate) mod pod_instance;
pub(crate) mod queue;
pub(crate) mod stats;
pub(crate) mod task;

use serde::Serialize;

/// Writes a value behind others of a list.
pub(crate) fn push(list: &mut String, value: &impl Serialize) {
    if !list.is_empty() {
        list.push(',');
    }
    list.push_str(&serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned()));
}

/// Many values as a JSON array. It is written value by value: all of them at once would take several times the memory of the
/// text.
pub(crate) fn array(values: impl Iterator<Item = impl Serialize>) -> String {
    let mut list = String::new();
    values.for_each(|value| push(&mut list, &value));
    format!("[{list}]")
}
