//! Finds secrets in a text by its words alone, so that a text need not parse: JSON, YAML, a template, a shell's command,
//! a line of a diff, and any of them within a string of another.

mod value;

use std::ops::Range;

use super::name::{is_masked_name, is_open};
use super::shape::shapes;
use super::uri::user_information;

/// What kind of text is scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A file: whatever follows a secret's name is its value.
    File,
    /// A sentence, in which words such as "password" occur: only `NAME=value` and `NAME: "value"` have a value.
    Words,
}

/// Where the secrets are in a text, in order and without overlaps. Grows with the text.
pub(super) fn secrets_in(text: &str, kind: Kind) -> Vec<Range<usize>> {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        kind,
        in_string: false,
        line: 0,
        containers: vec![Container::default()],
        parents: Vec::new(),
        key: None,
        found: Vec::new(),
    };
    scanner.run();
    let mut found = scanner.found;
    shapes(text, &mut found);
    found.extend(user_information(text));
    joined(found)
}

/// The ranges in order, those that overlap as one.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// An object or list that is open, as far as it matters here.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is noted by itself, as the text is read")]
struct Container {
    is_list: bool,
    /// Its members are variables: their names are free.
    has_variables: bool,
    /// It is the value of a secret's name: every value in it is a secret.
    is_secret: bool,
    /// `{"name": "DB_PASSWORD", "value": …}`: its `name` is a secret's.
    is_secret_pair: bool,
    /// `{"key": "env", "value": "NAME=…"}`: its `key` is an option that takes a variable.
    takes_variable: bool,
    /// Its `value`, where that came before its `name`.
    value: Option<Range<usize>>,
}

/// A key of YAML that the present line may be below.
#[derive(Clone, Copy, Debug)]
struct Parent {
    indent: usize,
    has_variables: bool,
    is_secret: bool,
}

/// A value that was read.
struct Found {
    /// Without its quotes.
    range: Range<usize>,
    /// Whether its end is within double quotes.
    in_string: bool,
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    kind: Kind,
    /// Between two double quotes of this line.
    in_string: bool,
    /// Where the present line begins.
    line: usize,
    /// The open containers; the first one is the text itself.
    containers: Vec<Container>,
    /// In YAML: the keys that the present line is below.
    parents: Vec<Parent>,
    /// The last key, and where its value begins.
    key: Option<(Range<usize>, usize)>,
    found: Vec<Range<usize>>,
}

/// The longest value of a pair, and the longest value that may be shown, in bytes: a text is not read again and again.
const LONGEST: usize = 4096;

impl Scanner<'_> {
    fn run(&mut self) {
        let mut at = 0;
        self.begin_line(0);
        while let Some(&byte) = self.bytes.get(at) {
            if is_word(byte) {
                let len = self.bytes[at..].iter().position(|byte| !is_word(*byte));
                at = self.word(at..len.map_or(self.bytes.len(), |len| at + len));
                continue;
            }
            match byte {
                b'\n' => {
                    self.in_string = false;
                    self.begin_line(at + 1);
                }
                b'\\' => at += 1,
                b'"' => self.quote(at),
                b'{' | b'[' if !self.in_string => self.open(at),
                b'}' | b']' if !self.in_string && self.containers.len() > 1 => {
                    self.containers.pop();
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn top(&mut self) -> &mut Container {
        // The first one is never closed.
        let last = self.containers.len() - 1;
        &mut self.containers[last]
    }

    fn begin_line(&mut self, at: usize) {
        self.line = at;
        let rest = self.bytes.get(at..).unwrap_or_default();
        let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
        // An element of a list of YAML is a container of its own.
        if matches!(rest.get(spaces..), Some([b'-', b' ', ..])) {
            let Container { is_list, is_secret, has_variables, .. } = *self.top();
            *self.top() = Container { is_list, has_variables, is_secret, ..Container::default() };
        }
    }

    fn open(&mut self, at: usize) {
        let parent_is_secret = self.top().is_secret;
        let key = self.key.take().filter(|(_, value)| *value == at).map(|(key, _)| &self.text[key]);
        self.containers.push(Container {
            is_list: self.bytes[at] == b'[',
            has_variables: key.is_some_and(has_variables),
            is_secret: parent_is_secret || key.is_some_and(is_masked_name),
            ..Container::default()
        });
    }

    fn quote(&mut self, at: usize) {
        self.in_string = !self.in_string;
        let Container { is_list, is_secret, .. } = *self.top();
        if self.in_string && is_list && is_secret {
            let value = self.literal(at, b':', false);
            self.found.extend(value.map(|value| value.range));
        }
    }

    /// Looks at a word; where to go on.
    fn word(&mut self, range: Range<usize>) -> usize {
        let word = &self.text[range.clone()];
        let parent = self.note_key(&range);
        let is_user = matches!(word, "-u" | "--user");
        let names_secret = is_masked_name(word)
            || (parent.has_variables && word == "secret")
            || ((parent.is_secret || self.top().is_secret) && !is_reference(word));
        let is_pair = !names_secret && matches!(word, "name" | "key" | "Name" | "Key" | "value" | "Value");
        if !names_secret && !is_pair && !is_user {
            return range.end;
        }
        let Some(value) = self.value_after(&range) else { return range.end };
        let text = &self.text[value.range.clone()];
        if is_pair {
            if value.range.len() <= LONGEST {
                self.pair(word, value.range);
            }
            return range.end;
        }
        let password = match text.find(':') {
            Some(colon) if is_user => value.range.start + colon + 1..value.range.end,
            None if is_user => return range.end,
            _ => value.range,
        };
        if password.len() <= LONGEST && is_open(word, &self.text[password.clone()]) {
            return range.end;
        }
        // What is within it is hidden already.
        self.in_string = value.in_string;
        let end = password.end;
        self.found.push(password);
        if let Some(last) = memchr::memrchr(b'\n', &self.bytes[range.end..end]) {
            self.begin_line(range.end + last + 1);
        }
        end
    }

    /// Remembers a word that is a key of YAML or JSON; what it is below, where it is one.
    fn note_key(&mut self, range: &Range<usize>) -> Parent {
        let nothing = Parent { indent: 0, has_variables: false, is_secret: false };
        let Some(value) = self.value_start(range.end) else { return nothing };
        self.key = Some((range.clone(), value));
        let top = self.top();
        if top.has_variables {
            return Parent { has_variables: true, ..nothing };
        }
        // A key of YAML is the first on its line.
        let before = &self.bytes[self.line..range.start];
        if self.containers.len() > 1
            || before.len() > 256
            || !before.iter().all(|b| matches!(b, b' ' | b'-' | b'"' | b'\''))
        {
            return nothing;
        }
        let indent = before.iter().take_while(|byte| matches!(byte, b' ' | b'-')).count();
        while self.parents.last().is_some_and(|last| last.indent >= indent) {
            self.parents.pop();
        }
        let parent = self.parents.last().copied().unwrap_or(nothing);
        let word = &self.text[range.clone()];
        let is_secret = parent.is_secret || is_masked_name(word);
        self.parents.push(Parent { indent, has_variables: has_variables(word), is_secret });
        parent
    }

    /// A half of a pair such as `{"name": "DB_PASSWORD", "value": …}`, in either order.
    fn pair(&mut self, word: &str, range: Range<usize>) {
        let text = &self.text[range.clone()];
        if matches!(word, "value" | "Value") {
            self.top().value = Some(range.clone());
            return self.value_of_pair(range);
        }
        let is_secret = is_masked_name(text);
        let takes_variable = matches!(text, "env" | "label" | "e" | "l" | "log-opt" | "build-arg");
        let top = self.top();
        top.is_secret_pair |= is_secret;
        top.takes_variable |= takes_variable;
        if let Some(value) = self.top().value.clone() {
            self.value_of_pair(value);
        }
    }

    fn value_of_pair(&mut self, value: Range<usize>) {
        let Container { is_secret_pair, takes_variable, .. } = *self.top();
        let text = &self.text[value.clone()];
        if is_secret_pair && !is_open("PASSWORD", text) {
            self.found.push(value);
        } else if takes_variable
            && let Some((name, variable)) = text.split_once('=')
            && is_masked_name(name)
            && !is_open(name, variable)
        {
            self.found.push(value.start + name.len() + 1..value.end);
        }
    }
}

/// Looked up, because every byte of a text is asked for.
static WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        byte += 1;
    }
    table
};

fn is_word(byte: u8) -> bool {
    WORD[usize::from(byte)]
}

fn has_variables(key: &str) -> bool {
    matches!(key, "env" | "environment" | "labels")
}

/// Members of a variable's value that say where the secret is.
fn is_reference(key: &str) -> bool {
    matches!(key, "secret" | "source" | "secretKeyRef" | "valueFrom" | "name" | "key")
}
