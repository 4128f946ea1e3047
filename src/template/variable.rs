//! The variables of a template, found in it and in all templates that it refers to.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::source::Template;

mod header;
mod visitor;

/// A variable of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name; with dots where it is a member of a map: `docker.image`.
    pub name: String,
    /// Whether rendering without it is an error.
    pub required: bool,
    /// Its default, as the template writes it.
    pub default: Option<String>,
    /// Its description in the template's header.
    pub description: Option<String>,
}

/// All variables of a template.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// The description of the template in its header.
    pub summary: Option<String>,
    /// The variables in the order of their first use; those that the header describes come first, in its order.
    pub list: Vec<Variable>,
    /// Whether a template is included whose name is known only while rendering: then there may be more variables.
    pub open: bool,
    /// Templates that it refers to and that cannot be read; the list lacks their variables.
    pub unreadable: Vec<String>,
}

/// How a variable is used.
#[derive(Clone, Debug, Default)]
struct Uses {
    first: usize,
    default: Option<String>,
    /// Whether rendering fails without it.
    needed: bool,
    /// Whether the template uses its value, and not only whether it is defined.
    read: bool,
}

impl Variables {
    /// Reads a template, its parents, includes and imports. Skips those that are missing or malformed: rendering
    /// reports them.
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
        // `docker.image` in the list is enough where the template only asks whether `docker` is defined.
        rest.retain(|(name, uses)| uses.read || !has_members(name));
        variables.list.extend(rest.into_iter().map(|(name, uses)| variable(name, &uses, None)));
        variables
    }

    /// Whether the template reads this variable, a member of it, or a map that contains it.
    #[must_use]
    pub fn reads(&self, path: &str) -> bool {
        self.list
            .iter()
            .any(|Variable { name, .. }| name == path || is_inside(name, path) || is_inside(path, name))
    }

    /// Whether the template reads this variable, or includes others by computed names, and `read` this name: those may
    /// read more than reading it shows.
    #[must_use]
    pub fn may_read(&self, path: &str, read: &BTreeSet<String>) -> bool {
        self.reads(path) || (self.open && read.contains(root_of(path)))
    }
}

fn variable(name: String, uses: &Uses, description: Option<String>) -> Variable {
    Variable { name, required: uses.needed, default: uses.default.clone(), description }
}

/// The first name of a path.
#[must_use]
pub fn root_of(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

fn is_inside(path: &str, map: &str) -> bool {
    path.strip_prefix(map).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests;
