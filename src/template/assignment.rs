//! Assignments such as `a.b[0].c=value`: parses the path and sets the value.

use serde_json::{Map, Value as Json};

/// One step of an assignment's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PathStep {
    /// Into the member of this name.
    Name(String),
    /// To the item of this index, from 0.
    Index(usize),
}

/// The offset of the equals sign between path and value.
pub(super) fn unescaped_equals(assignment: &str) -> Option<usize> {
    let mut escaped = false;
    assignment.char_indices().find_map(|(at, character)| {
        let found = character == '=' && !escaped;
        escaped = character == '\\' && !escaped;
        found.then_some(at)
    })
}

/// The steps of a path `a.b[0].c`; `None` when it is not a path.
pub(super) fn parse_path(path: &str) -> Option<Vec<PathStep>> {
    let mut steps = Vec::new();
    let mut name = String::new();
    let mut after_index = false;
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => name.push(characters.next()?),
            '.' | '[' => {
                if !after_index || !name.is_empty() {
                    steps.push(PathStep::Name(non_empty(std::mem::take(&mut name))?));
                }
                after_index = character == '[';
                if after_index {
                    let (digits, rest) = characters.as_str().split_once(']')?;
                    steps.push(PathStep::Index(digits.parse().ok()?));
                    characters = rest.chars();
                }
            }
            _ if after_index => return None,
            character => name.push(character),
        }
    }
    if !after_index {
        steps.push(PathStep::Name(non_empty(name)?));
    }
    Some(steps)
}

fn non_empty(name: String) -> Option<String> {
    (!name.is_empty()).then_some(name)
}

/// Sets the value at a path, and creates the maps and lists on the path that do not exist yet.
pub(super) fn assign(at: &mut Json, steps: &[PathStep], value: Json) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else {
        *at = value;
        return Ok(());
    };
    if at.is_null() {
        *at = match step {
            PathStep::Name(_) => Json::Object(Map::new()),
            PathStep::Index(_) => Json::Array(Vec::new()),
        };
    }
    match (at, step) {
        (Json::Object(members), PathStep::Name(name)) => {
            assign(members.entry(name.as_str()).or_insert(Json::Null), rest, value)
        }
        (Json::Array(items), PathStep::Index(index)) if *index <= items.len() => {
            if *index == items.len() {
                items.push(Json::Null);
            }
            assign(&mut items[*index], rest, value)
        }
        (Json::Array(items), PathStep::Index(index)) => {
            Err(format!("the list has {} items so far, so item [{index}] would leave a gap", items.len()))
        }
        (Json::Array(_), PathStep::Name(name)) => {
            Err(format!("`{name}` would be a member of a list, whose items are written as `[0]`"))
        }
        (other, PathStep::Name(name)) => {
            Err(format!("`{name}` would be a member of {}", with_article(other)))
        }
        (other, PathStep::Index(index)) => {
            Err(format!("[{index}] would be an item of {}", with_article(other)))
        }
    }
}

fn with_article(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "a map",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_through_maps_and_lists() {
        let name = |name: &str| PathStep::Name(name.to_owned());
        assert_eq!(parse_path("a"), Some(vec![name("a")]));
        assert_eq!(parse_path("a.b[0].c"), Some(vec![name("a"), name("b"), PathStep::Index(0), name("c")]));
        assert_eq!(parse_path("a[0][12]"), Some(vec![name("a"), PathStep::Index(0), PathStep::Index(12)]));
        assert_eq!(
            parse_path(r"labels.com\.example\[x\]"),
            Some(vec![name("labels"), name("com.example[x]")])
        );
        for bad in ["", ".", "a.", ".a", "a..b", "[0]", "a[", "a[0", "a[x]", "a[0]b", "a.[0]", "a\\"] {
            assert_eq!(parse_path(bad), None, "{bad}");
        }
        assert_eq!(unescaped_equals(r"a\=b=c=d"), Some(4));
        assert_eq!(unescaped_equals("a"), None);
    }
}
