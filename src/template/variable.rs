//! Which variables a template takes, found by reading it and everything it refers to.

use std::collections::{BTreeMap, HashSet};

use super::source::Template;

mod header;
mod visitor;

/// A variable that a template takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name; with dots where it is a member of a map: `docker.image`.
    pub name: String,
    /// Rendering without it is an error.
    pub required: bool,
    /// What it is when it is not given, as the template writes it.
    pub default: Option<String>,
    /// What it is for, where the template's header says so.
    pub description: Option<String>,
}

/// Everything a template takes.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// What the template is, where its header says so.
    pub summary: Option<String>,
    /// The variables in the order they are first used; those the header describes come first, in its order.
    pub list: Vec<Variable>,
    /// A template is included whose name is known only when rendering: there may be more variables.
    pub open: bool,
    /// Templates it refers to that cannot be read, whose variables are not in the list.
    pub unreadable: Vec<String>,
}

/// How often, and how, a variable is used.
#[derive(Clone, Debug, Default)]
struct Uses {
    first: usize,
    default: Option<String>,
    /// A use without which rendering fails.
    needed: bool,
    /// A use that tells anything about it but that it is there.
    read: bool,
}

impl Variables {
    /// Reads a template, its parents, includes and imports. Where one of them is missing or malformed, what can be
    /// read counts: rendering says what is wrong.
    #[must_use]
    pub fn of(template: &Template) -> Self {
        let found = visitor::visit(template);
        let header = header::Header::of(template.text());
        let mut variables = Self {
            summary: header.summary.clone(),
            list: Vec::new(),
            open: found.open,
            unreadable: found.unreadable,
        };
        let mut uses: BTreeMap<String, Uses> = found.uses.into_iter().collect();
        for (name, description) in &header.variables {
            if let Some(uses) = uses.remove(name) {
                variables.list.push(variable(name.clone(), &uses, Some(description.clone())));
            }
        }
        let mut rest: Vec<_> = uses.into_iter().collect();
        rest.sort_by_key(|(_, uses)| uses.first);
        let names: HashSet<String> = rest.iter().map(|(name, _)| name.clone()).collect();
        let has_members = |name: &str| names.iter().any(|other| is_inside(other, name));
        // `docker` that is only asked whether it is there says nothing that `docker.image` does not.
        rest.retain(|(name, uses)| uses.read || !has_members(name));
        variables.list.extend(rest.into_iter().map(|(name, uses)| variable(name, &uses, None)));
        variables
    }

    /// Whether the template reads this variable, a member of it, or a map it is in.
    #[must_use]
    pub fn reads(&self, path: &str) -> bool {
        self.list
            .iter()
            .any(|Variable { name, .. }| name == path || is_inside(name, path) || is_inside(path, name))
    }
}

fn variable(name: String, uses: &Uses, description: Option<String>) -> Variable {
    Variable { name, required: uses.needed, default: uses.default.clone(), description }
}

fn is_inside(path: &str, map: &str) -> bool {
    path.strip_prefix(map).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests;
