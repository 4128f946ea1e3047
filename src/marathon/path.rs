//! From the path in one of Marathon's errors to the place in the user's text.
//!
//! Marathon writes `/container/volumes(0)/mode`: members after a slash, elements in brackets, nothing escaped, so that
//! `/labels/a/b` may be the label `a/b`. A path does not always name what was sent: Marathon has rewritten old fields by
//! then, and some paths are pieces of its source code. The text decides what a path can mean.

use std::ops::Range;

use crate::source::{Document, Pointer, Step, Type, Value};

/// The place of an error in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ErrorLocation {
    /// The pointer; for something missing, to where it should be.
    pub pointer: Pointer,
    /// The bytes to underline: a scalar itself, an array or object by its key, or by its bracket where it has none.
    /// For something missing: what should hold it.
    pub range: Range<usize>,
    /// Whether the text has the path under exactly its names.
    pub exact: bool,
}

/// Finds what `path` names in the document, or the closest value around it.
#[must_use]
pub(crate) fn locate(document: &Document, path: &str) -> ErrorLocation {
    let walk = PathWalk::along(document.root(), path);
    if walk.rest.is_empty() {
        return walk.into_place(true);
    }
    let rewritten: Vec<String> = ORIGINS.iter().filter_map(|origin| written_path(path, *origin)).collect();
    rewritten
        .iter()
        .map(|path| PathWalk::along(document.root(), path))
        .filter(|other| other.steps.len() > walk.steps.len())
        .max_by_key(|other| (other.rest.is_empty(), other.steps.len()))
        .unwrap_or(walk)
        .into_place(false)
}

/// The path with Marathon's name of a field replaced by the one that the text may have.
fn written_path(path: &str, (stored, written): (&str, &str)) -> Option<String> {
    let (before, after) = path.split_once(stored)?;
    // After these paths, an index does not count the text's elements.
    let after = if stored.ends_with(')') { "" } else { after };
    Some(format!("{before}{written}{after}"))
}

/// Marathon's path of a field (1.5 … 1.11), and the path that the text may have.
const ORIGINS: &[(&str, &str)] = &[
    ("/container/portMappings", "/container/docker/portMappings"),
    ("/app.container.flatMap(_.docker.flatMap(_.portMappings))", "/container/docker/portMappings"),
    ("/container/secretVolumes(container)", "/container/volumes"),
    ("/podSecretVolumes(pod)", "/volumes"),
    ("/volume/", "/"),
    ("/ppp.acceptedResourceRoles.toSet", "/acceptedResourceRoles"),
    ("/upgrade/", "/scheduling/upgrade/"),
    ("/isSingleInstance", "/labels/MARATHON_SINGLE_INSTANCE_APP"),
    ("/portDefinitions", "/ports"),
    ("/fetch", "/uris"),
    ("/networks", "/ipAddress"),
    ("/networks", "/container/docker/network"),
    ("/acceptedResourceRoles", "/scheduling/placement/acceptedResourceRoles"),
];

/// How far into a document a path leads.
struct PathWalk<'a, 'p> {
    steps: Vec<Step>,
    /// The key, where the value is a member, and the value arrived at.
    key: Option<Value<'a>>,
    value: Value<'a>,
    /// The path names the key itself.
    at_key: bool,
    /// The rest of the path, which the text does not have.
    rest: &'p str,
}

impl<'a, 'p> PathWalk<'a, 'p> {
    fn along(root: Value<'a>, path: &'p str) -> Self {
        let rest = if path == "/" { "" } else { path };
        let mut walk = Self { steps: Vec::new(), key: None, value: root, at_key: false, rest };
        while !walk.rest.is_empty() && walk.step() {}
        walk
    }

    /// Takes one step; `false` when the text does not have it.
    fn step(&mut self) -> bool {
        let Some((token, name, rest)) = next_token(self.rest) else {
            return false;
        };
        match (token, self.value.kind()) {
            (PathToken::Member, Type::Object) => self.take_member(),
            (PathToken::Bracket, Type::Object) => {
                let name = name.trim_matches('"');
                self.value.member(name).is_some_and(|member| self.enter(member, name, rest))
            }
            (PathToken::Bracket, Type::Array) => {
                let Some(index) = name.parse::<usize>().ok() else {
                    return false;
                };
                let Some(value) = self.value.elements().nth(index) else {
                    return false;
                };
                self.steps.push(Step::Index(index));
                (self.key, self.value, self.rest) = (None, value, rest);
                true
            }
            _ => false,
        }
    }

    /// The member with the longest name that the rest of the path starts with; a name may hold slashes and brackets.
    fn take_member(&mut self) -> bool {
        let rest = &self.rest[1..];
        let ends = |rest: &str| rest.is_empty() || rest.starts_with(['/', '(']);
        let mut best: Option<(&'p str, &'p str)> = None;
        for (key, _) in self.value.members() {
            let name = key.as_str().unwrap_or_default();
            // Marathon quotes the names of a volume's options: `options/"dvdi/iops"`.
            let quoted = rest.strip_prefix('"').and_then(|rest| rest.strip_prefix(&*name)?.strip_prefix('"'));
            let after = quoted.or_else(|| rest.strip_prefix(&*name));
            let Some(after) = after.filter(|after| ends(after)) else {
                continue;
            };
            if best.is_none_or(|(_, longest)| after.len() < longest.len()) {
                let name_at = usize::from(quoted.is_some());
                best = Some((&rest[name_at..name_at + name.len()], after));
            }
        }
        if let Some((name, after)) = best {
            return self.value.member(name).is_some_and(|member| self.enter(member, name, after));
        }
        self.take_key(rest)
    }

    /// `keys(1)`: the second key itself, in the order written.
    fn take_key(&mut self, rest: &'p str) -> bool {
        let index = rest.strip_prefix("keys(").and_then(|rest| rest.strip_suffix(')'));
        let index = index.and_then(|index| index.parse::<usize>().ok());
        let Some((key, value)) = index.and_then(|index| self.value.members().nth(index)) else {
            return false;
        };
        self.at_key = true;
        self.enter((key, value), &key.as_str().unwrap_or_default(), "")
    }

    fn enter(&mut self, (key, value): (Value<'a>, Value<'a>), name: &str, rest: &'p str) -> bool {
        self.steps.push(Step::Key(name.to_owned()));
        (self.key, self.value, self.rest) = (Some(key), value, rest);
        true
    }

    fn into_place(self, exact: bool) -> ErrorLocation {
        let range = match (self.value.kind(), self.key) {
            (_, Some(key)) if self.at_key => key.range(),
            (Type::Array | Type::Object, Some(key)) => key.range(),
            (Type::Array | Type::Object, None) => {
                let start = self.value.range().start;
                start..start + self.value.source().chars().next().map_or(0, char::len_utf8)
            }
            _ => self.value.range(),
        };
        let mut steps = self.steps;
        let mut rest = self.rest;
        while let Some((token, name, after)) = next_token(rest) {
            steps.push(match (token, name.parse()) {
                (PathToken::Bracket, Ok(index)) => Step::Index(index),
                _ => Step::Key(name.trim_matches('"').to_owned()),
            });
            rest = after;
        }
        ErrorLocation { pointer: steps.into_iter().collect(), range, exact }
    }
}

#[derive(Clone, Copy)]
enum PathToken {
    /// `/name`
    Member,
    /// `(3)`, `("name")`
    Bracket,
}

/// Cuts the next step off a path: its kind, its text and what follows.
fn next_token(path: &str) -> Option<(PathToken, &str, &str)> {
    if let Some(rest) = path.strip_prefix('(') {
        let (inside, rest) = rest.split_once(')')?;
        return Some((PathToken::Bracket, inside, rest));
    }
    let rest = path.strip_prefix('/')?;
    let end = rest.find(['/', '(']).unwrap_or(rest.len());
    Some((PathToken::Member, &rest[..end], &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Format;

    /// What is underlined, the pointer, and whether it is the thing itself.
    fn place(text: &str, path: &str) -> (String, String, bool) {
        let document = Document::parse(text, Format::Json).expect("valid JSON");
        let place = locate(&document, path);
        (text[place.range].to_owned(), place.pointer.to_string(), place.exact)
    }

    fn expect(text: &str, path: &str, underlined: &str, pointer: &str, exact: bool) {
        assert_eq!(place(text, path), (underlined.to_owned(), pointer.to_owned(), exact), "{path} in {text}");
    }

    #[test]
    fn paths_lead_to_values() {
        let text = r#"{"id": "/a", "constraints": [["x"], [1, 2]], "labels": {"a": "1", "a/b(c)": "2", "": "3"},
            "options": {"dvdi/iops": "0"}}"#;
        expect(text, "/id", r#""/a""#, "/id", true);
        expect(text, "/constraints(1)(0)", "1", "/constraints/1/0", true);
        expect(text, "/constraints(1)", "[", "/constraints/1", true);
        expect(text, "/constraints", r#""constraints""#, "/constraints", true);
        expect(text, "/labels/a/b(c)", r#""2""#, "/labels/a~1b(c)", true);
        expect(text, "/labels/a", r#""1""#, "/labels/a", true);
        expect(text, "/labels/keys(2)", r#""""#, "/labels/", true);
        expect(text, r#"/options/"dvdi/iops""#, r#""0""#, "/options/dvdi~1iops", true);
        expect(text, r#"/options("dvdi/iops")"#, r#""0""#, "/options/dvdi~1iops", true);
        expect(text, "/", "{", "", true);
        expect(text, "", "{", "", true);
        expect("[1, [2]]", "(1)(0)", "2", "/1/0", true);
    }

    #[test]
    fn what_is_not_there_is_shown_on_what_should_hold_it() {
        let text = r#"{"id": "/a", "container": {"docker": {}}, "env": {"A": 5}}"#;
        expect(text, "/container/docker/image", r#""docker""#, "/container/docker/image", false);
        expect(text, "/portDefinitions(0)/port", "{", "/portDefinitions/0/port", false);
        expect(text, "/env/A/secret", "5", "/env/A/secret", false);
        expect(text, "/env/keys(7)", r#""env""#, "/env/keys/7", false);
        expect(text, "no path (at all", "{", "", false);
        expect(text, "/container(docker", r#""container""#, "/container", false);
    }

    #[test]
    fn what_marathon_rewrites_is_found_as_it_was_written() {
        let docker = r#"{"container": {"docker": {"portMappings": [{"name": "a"}]}, "volumes": [{"persistent": {"size": 1}}]}}"#;
        expect(
            docker,
            "/container/portMappings(0)/name",
            r#""a""#,
            "/container/docker/portMappings/0/name",
            false,
        );
        expect(
            docker,
            "/app.container.flatMap(_.docker.flatMap(_.portMappings))",
            r#""portMappings""#,
            "/container/docker/portMappings",
            false,
        );
        expect(
            docker,
            "/container/volumes(0)/volume/persistent/size",
            "1",
            "/container/volumes/0/persistent/size",
            false,
        );
        expect(docker, "/container/secretVolumes(container)", r#""volumes""#, "/container/volumes", false);
        let pod = r#"{"volumes": [{"name": "x"}], "scheduling": {"upgrade": {"maximumOverCapacity": 1}}}"#;
        expect(pod, "/podSecretVolumes(pod)(0)/secret", r#""volumes""#, "/volumes", false);
        expect(pod, "/upgrade/maximumOverCapacity", "1", "/scheduling/upgrade/maximumOverCapacity", false);
        expect(r#"{"ports": [1, 2]}"#, "/portDefinitions(1)/port", "2", "/ports/1/port", false);
    }
}
