//! Finds secrets in a text by its words alone, so that a text need not parse: JSON, YAML, a template, a shell's command,
//! a line of a diff, and any of them within a string of another.

mod clue;
mod command;
mod value;
mod words;
mod yaml;

use std::ops::Range;

use memchr::memmem;

use words::{WordSigns, signs, signs_of_plain};
use yaml::unescaped;

use super::client::may_be_option;
use super::http::{credentials, hashes};
use super::name::{is_masked_name, is_open, secret_part, uri_name};
use super::shape::shapes;
use super::tail::{ValueEnd, tails};
use super::tree::is_credential;
use super::uri::{addresses, cut_password, user_information, webhooks};

/// What kind of text is scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextKind {
    /// A file: whatever follows a secret's name is its value.
    File,
    /// A sentence, in which words such as "password" occur: only `NAME=value` and `NAME: "value"` have a value.
    Words,
}

/// Where the secrets are in a text, in order and without overlaps. Grows with the text.
pub(super) fn secrets_in(text: &str, kind: TextKind) -> Vec<Range<usize>> {
    joined(found_in(text, kind).0)
}

/// Where the secrets of a file are, as above, and the parts of them that are behind a quote too many.
pub(super) fn secrets_of_file(text: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let (mut found, mut ends) = found_in(text, TextKind::File);
    let end =
        |range: &Range<usize>| ValueEnd { start: range.start, at: range.end, in_string: true, in_list: true };
    ends.extend(found.iter().map(end));
    let tails = tails(text, ends);
    found.extend_from_slice(&tails);
    (joined(found), tails)
}

/// Where the secrets are, and where the values end that a name may make one.
fn found_in(text: &str, kind: TextKind) -> (Vec<Range<usize>>, Vec<ValueEnd>) {
    let (mut found, ends) = if clue::may_have_named(text) { named(text, kind) } else { Default::default() };
    shapes(text, &mut found);
    found.extend(user_information(text));
    if kind == TextKind::File {
        found.extend(cut_password(text));
    }
    found.extend(addresses(text));
    found.extend(webhooks(text));
    found.extend(credentials(text));
    found.extend(hashes(text));
    (found, ends)
}

/// Where secrets are that a name, an option or a command gives away, and where such values end.
fn named(text: &str, kind: TextKind) -> (Vec<Range<usize>>, Vec<ValueEnd>) {
    let mut scanner = SecretScanner {
        text,
        bytes: text.as_bytes(),
        kind,
        may_have_credential: memmem::find(text.as_bytes(), b"credential").is_some(),
        in_string: false,
        line: 0,
        containers: vec![OpenLevel::default()],
        parents: Vec::new(),
        key: None,
        aliases: Vec::new(),
        anchors: 0,
        client: None,
        found: Vec::new(),
        ends: Vec::new(),
    };
    scanner.run();
    scanner.anchors();
    (scanner.found, scanner.ends)
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
struct OpenLevel {
    is_list: bool,
    /// Its members are variables: their names are free.
    has_variables: bool,
    /// It is the value of a secret's name: every value in it is a secret.
    is_secret: bool,
    /// It is the value of `secrets`: texts directly in it are secrets, objects say where one is.
    is_secrets: bool,
    /// `{"name": "DB_PASSWORD", "value": …}`: its `name`, where that is a secret's.
    secret_name: Option<String>,
    /// It is the credential of an agent of old, whose `secret` is one: elsewhere that is the name of a secret.
    is_credential: bool,
    /// `{"key": "env", "value": "NAME=…"}`: its `key` is an option that takes a variable.
    takes_variable: bool,
    /// Its `value`, where that came before its `name`.
    value: Option<Range<usize>>,
}

/// A key of YAML that the present line may be below.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is noted by itself, as the text is read")]
struct Parent {
    indent: usize,
    has_variables: bool,
    is_secret: bool,
    is_secrets: bool,
    is_credential: bool,
    /// It is `services` of a file for Docker Compose: what is below are names of services.
    is_services: bool,
}

/// A value that was read.
struct FoundValue {
    /// Without its quotes.
    range: Range<usize>,
    /// Whether its end is within double quotes.
    in_string: bool,
}

struct SecretScanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    kind: TextKind,
    /// Whether the name of a credential is anywhere in the text.
    may_have_credential: bool,
    /// Between two double quotes of this line.
    in_string: bool,
    /// Where the present line begins.
    line: usize,
    /// The open containers; the first one is the text itself.
    containers: Vec<OpenLevel>,
    /// In YAML: the keys that the present line is below.
    parents: Vec<Parent>,
    /// The last key, and where its value begins.
    key: Option<(Range<usize>, usize)>,
    /// In YAML: the anchors whose values are secrets, because an alias is one.
    aliases: Vec<&'t str>,
    /// How many anchors were looked for an alias.
    anchors: usize,
    /// Where the last word ends that may be a program of which an option takes a password.
    client: Option<usize>,
    found: Vec<Range<usize>>,
    /// Where values end that may be secrets, hidden or not.
    ends: Vec<ValueEnd>,
}

/// The longest value of a pair, and the longest value that may be shown, in bytes: a text is not read again and again.
const LONGEST: usize = 4096;

impl SecretScanner<'_> {
    fn run(&mut self) {
        let mut at = 0;
        self.begin_line(0);
        while let Some(&byte) = self.bytes.get(at) {
            if is_word(byte) {
                let (end, may_say) = clue::word(self.bytes, at);
                at = self.word(at..end, may_say);
                if at > end {
                    // What is left out may have such a program.
                    self.client = Some(at);
                }
                continue;
            }
            match byte {
                b'\n' => {
                    self.in_string = false;
                    self.begin_line(at + 1);
                }
                b'\\' => {
                    if let Some(end) = self.escaped_name(at) {
                        self.client = Some(end);
                        at = end;
                        continue;
                    }
                    at += 1;
                }
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

    fn top(&mut self) -> &mut OpenLevel {
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
            let OpenLevel { is_list, is_secret, is_secrets, has_variables, .. } = *self.top();
            *self.top() = OpenLevel { is_list, has_variables, is_secret, is_secrets, ..OpenLevel::default() };
            if self.kind == TextKind::File {
                self.element(at + spaces, spaces);
            }
        }
    }

    fn open(&mut self, at: usize) {
        let OpenLevel { is_secret: parent_is_secret, has_variables: is_variable, .. } = *self.top();
        let key =
            self.key.take().filter(|(_, value)| *value == at).map(|(key, _)| unescaped(&self.text[key]));
        self.containers.push(OpenLevel {
            is_list: self.bytes[at] == b'[',
            has_variables: key.as_deref().is_some_and(has_variables),
            is_secret: parent_is_secret || key.as_deref().is_some_and(|key| signs(key).is_masked),
            is_secrets: key.as_deref() == Some("secrets"),
            is_credential: self.may_have_credential && !is_variable && self.is_credential_before(at),
            ..OpenLevel::default()
        });
    }

    /// Whether the key of the object that begins here is that of a credential; its colon may be missing.
    fn is_credential_before(&self, at: usize) -> bool {
        const FARTHEST: usize = 64;
        let before = &self.text[self.text.ceil_char_boundary(at.saturating_sub(FARTHEST))..at];
        let before = before.trim_end_matches(|c: char| {
            !c.is_ascii() || c.is_ascii_whitespace() || matches!(c, ':' | ',' | '=' | '"' | '\'' | '\\')
        });
        let key = before
            .rfind(|c: char| !c.is_ascii_alphanumeric())
            .map_or(before, |at| before[at..].trim_start_matches(|c: char| !c.is_ascii_alphanumeric()));
        is_credential(key)
    }

    fn quote(&mut self, at: usize) {
        self.in_string = !self.in_string;
        let OpenLevel { is_list, is_secret, is_secrets, .. } = *self.top();
        if self.in_string && is_list && (is_secret || is_secrets) {
            let value = self.literal(at, b':', false).map(|value| value.range);
            let is_shown =
                |range: &Range<usize>| is_secrets && is_open("PASSWORD", &self.text[range.clone()]);
            if let Some(range) = value {
                self.note_end(&range, self.in_string);
                self.found.extend((!is_shown(&range)).then_some(range));
            }
        }
    }

    /// Looks at a word, which may say something by itself; where to go on.
    fn word(&mut self, range: Range<usize>, may_say: bool) -> usize {
        let text = self.text;
        let word = &text[range.clone()];
        if may_be_option(word)
            && let Some(end) = self.client_option(&range)
        {
            return end;
        }
        let signs = if may_say { signs(word) } else { signs_of_plain(word) };
        if signs.is_client || self.is_client_after_escape(&range) {
            self.client = Some(range.end);
        }
        if signs.may_be_key_option
            && let Some(end) = self.key_option(&range)
        {
            return end;
        }
        if signs.may_be_verb {
            self.secret_argument(&range);
        }
        if signs.reads_standard_input {
            self.standard_input(&range);
        }
        if signs.is_masked && !word.starts_with('-') {
            self.set_value(&range);
        }
        self.named(range, word, signs)
    }

    /// Looks at what a word names, which may have been written with escapes; where to go on.
    fn named(&mut self, range: Range<usize>, word: &str, signs: WordSigns) -> usize {
        let parent = self.note_key(&range, word, signs.is_masked);
        let is_user = matches!(word, "-u" | "--user");
        let OpenLevel { is_secret, is_secrets, is_credential, .. } = *self.top();
        // A bare element of a list of YAML.
        let is_bare = !self.in_string && self.top().is_list && self.containers.len() > 1;
        if is_secret
            && is_bare
            && let Some(value) = self.literal(range.start, b':', false)
        {
            let end = value.range.end.max(range.end);
            self.hide(range.start..end);
            return end;
        }
        let names_secret = signs.is_masked
            || (word == "secret" && (parent.has_variables || parent.is_credential || is_credential))
            || ((parent.is_secret || is_secret) && !is_reference(word))
            || ((parent.is_secrets || is_secrets) && !is_reference(word) && self.is_key_here(&range));
        let is_pair = !names_secret && matches!(word, "name" | "key" | "Name" | "Key" | "value" | "Value");
        let has_uri = !names_secret && signs.has_uri;
        if !names_secret && !is_pair && !is_user && !has_uri {
            return range.end;
        }
        if names_secret {
            self.properties(&range);
        }
        let Some(value) = self.value_after(&range) else { return range.end };
        let text = &self.text[value.range.clone()];
        if is_pair {
            if value.range.len() <= LONGEST {
                self.pair(word, value.range);
            }
            return range.end;
        }
        let start = value.range.start;
        let password = match text.find(':') {
            _ if has_uri => match secret_part(word, text) {
                Some(part) => start + part.start..start + part.end,
                None => return range.end,
            },
            Some(colon) if is_user => start + colon + 1..value.range.end,
            None if is_user => {
                self.note_end(&value.range, value.in_string);
                return range.end;
            }
            _ => value.range,
        };
        self.note_end(&password, value.in_string);
        if !has_uri && password.len() <= LONGEST && is_open(word, &self.text[password.clone()]) {
            return range.end;
        }
        // What is within it is hidden already.
        self.in_string = value.in_string;
        let end = password.end;
        self.hide(password);
        if let Some(last) = memchr::memrchr(b'\n', &self.bytes[range.end..end]) {
            self.begin_line(range.end + last + 1);
        }
        end
    }

    /// Remembers where a value is that may be a secret.
    fn note_end(&mut self, value: &Range<usize>, in_string: bool) {
        let in_list = self.top().is_list;
        self.ends.push(ValueEnd { start: value.start, at: value.end, in_string, in_list });
    }

    /// Remembers a word that is a key of YAML or JSON; what it is below, where it is one.
    fn note_key(&mut self, range: &Range<usize>, word: &str, is_masked: bool) -> Parent {
        let nothing = Parent {
            indent: 0,
            has_variables: false,
            is_secret: false,
            is_secrets: false,
            is_credential: false,
            is_services: false,
        };
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
            || !before.iter().all(|b| matches!(b, b' ' | b'-' | b'?' | b'"' | b'\''))
        {
            return nothing;
        }
        let indent = before.iter().take_while(|byte| matches!(byte, b' ' | b'-')).count();
        while self.parents.last().is_some_and(|last| last.indent >= indent) {
            self.parents.pop();
        }
        let parent = self.parents.last().copied().unwrap_or(nothing);
        // A service may be called `auth`.
        let is_service = parent.is_services && self.text[range.end..value].contains('\n');
        let is_secret = parent.is_secret || is_masked && !is_service;
        let is_services = word == "services" && indent == 0;
        let is_credential = !parent.has_variables && is_credential(word);
        let is_secrets = word == "secrets" && !parent.has_variables;
        let has_variables = has_variables(word);
        self.parents.push(Parent {
            indent,
            has_variables,
            is_secret,
            is_secrets,
            is_credential,
            is_services,
        });
        parent
    }

    /// Whether a word is a key of an object, or of YAML.
    fn is_key_here(&self, range: &Range<usize>) -> bool {
        self.key.as_ref().is_some_and(|(key, _)| key.start == range.start)
    }

    /// A half of a pair such as `{"name": "DB_PASSWORD", "value": …}`, in either order.
    fn pair(&mut self, word: &str, range: Range<usize>) {
        let text = &self.text[range.clone()];
        if matches!(word, "value" | "Value") {
            self.top().value = Some(range.clone());
            return self.value_of_pair(range);
        }
        let text = &*unescaped(text);
        let is_secret = is_masked_name(text) || uri_name(text).is_some();
        let takes_variable = matches!(text, "env" | "label" | "e" | "l" | "log-opt" | "build-arg");
        let name = is_secret.then(|| text.to_owned());
        let top = self.top();
        top.takes_variable |= takes_variable;
        if name.is_some() {
            top.secret_name = name;
        }
        if let Some(value) = self.top().value.clone() {
            self.value_of_pair(value);
        }
    }

    fn value_of_pair(&mut self, value: Range<usize>) {
        let text = &self.text[value.clone()];
        let OpenLevel { secret_name, takes_variable, .. } = self.top();
        let part = match secret_name {
            Some(name) => secret_part(name, text),
            None if *takes_variable => text.split_once('=').and_then(|(name, variable)| {
                let start = name.len() + 1;
                secret_part(name, variable).map(|part| start + part.start..start + part.end)
            }),
            None => None,
        };
        if let Some(part) = part {
            self.note_end(&(value.start + part.start..value.end), false);
            self.hide(value.start + part.start..value.start + part.end);
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

pub(super) fn is_word(byte: u8) -> bool {
    WORD[usize::from(byte)]
}

fn has_variables(key: &str) -> bool {
    matches!(key, "env" | "environment" | "labels")
}

/// Members of a variable's value that say where the secret is, and the settings of tokens that say who gives them.
fn is_reference(key: &str) -> bool {
    matches!(key, "secret" | "source" | "secretKeyRef" | "valueFrom" | "name" | "key" | "issuer")
}
