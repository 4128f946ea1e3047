//! Finds passwords in command lines, in a text of any kind.

use std::ops::Range;

use super::SecretScanner;
use super::value::MOST_QUOTES;
use crate::secret_scan::client::{is_client, may_be_of_any_program, password, taken};
use crate::secret_scan::command::{argument, is_key, program, takes_key};
use crate::secret_scan::name::is_open;

/// How far back the program of an option is looked for, in bytes.
const FARTHEST: usize = 512;

impl SecretScanner<'_> {
    /// The password of an option such as `-pPASSWORD`, where a program that takes one comes before it; where to go on.
    pub(super) fn client_option(&mut self, option: &Range<usize>) -> Option<usize> {
        let word = &self.text[option.clone()];
        // Most options that look like one are of other programs: `-Xmx512m` (`whole`, findings).
        let is_near = self.client.is_some_and(|end| option.start.saturating_sub(end) <= FARTHEST);
        if !is_near && !may_be_of_any_program(word) {
            return None;
        }
        let is_list = self.top().is_list;
        let mut taken = taken(word, self.words_before(option.start, is_list))?;
        // `-p'my password'`, `-p!word`
        taken.is_attached |= match self.bytes.get(option.end..).unwrap_or_default() {
            [b'"', ..] => !is_list && !self.in_string,
            rest @ [b'\\', ..] => rest.iter().take(MOST_QUOTES).find(|byte| **byte != b'\\') == Some(&b'"'),
            [next, ..] => !next.is_ascii_whitespace() && !matches!(next, b',' | b'='),
            [] => false,
        };
        let value = if taken.is_attached {
            let mark = if is_list { b':' } else { b' ' };
            self.literal(option.start + 2, mark, self.in_string)?
        } else {
            let Some(value) = self.value_after(option) else {
                // `-p"my password"` in a string that such a quote ends.
                self.note_end(&(option.end..option.end), true);
                return None;
            };
            value
        };
        self.note_end(&value.range, value.in_string);
        let part = password(taken, &self.text[value.range.clone()])?;
        let (start, end) = (value.range.start + part.start, value.range.start + part.end);
        self.in_string = value.in_string;
        self.hide(start..end);
        Some(end)
    }

    /// Whether a word is such a program behind the letter of an escape: `\nmysql`.
    pub(super) fn is_client_after_escape(&self, word: &Range<usize>) -> bool {
        let is_escaped = word.start > 0 && self.bytes[word.start - 1] == b'\\';
        is_escaped && self.text.get(word.start + 1..word.end).is_some_and(is_client)
    }

    /// The key after an option such as `-encrypt`, where a program that takes one comes before it; where to go on.
    pub(super) fn key_option(&mut self, option: &Range<usize>) -> Option<usize> {
        let word = &self.text[option.clone()];
        let is_list = self.top().is_list;
        if !takes_key(word, self.words_before(option.start, is_list)) {
            return None;
        }
        let value = self.value_after(option)?;
        if !is_key(&self.text[value.range.clone()]) {
            return None;
        }
        self.in_string = value.in_string;
        let end = value.range.end;
        self.hide(value.range);
        Some(end)
    }

    /// Hides the argument of a command such as `vault login`, whose word this is.
    pub(super) fn secret_argument(&mut self, verb: &Range<usize>) {
        let is_list = self.top().is_list;
        let after = self.words_after(verb.end, is_list);
        let words: Vec<&str> = after.iter().map(|range| &self.text[range.clone()]).collect();
        let before = self.words_before(verb.start, is_list);
        if let Some(secret) = argument(&self.text[verb.clone()], before, &words) {
            self.hide(after[secret].clone());
        }
    }

    /// Hides the password that a command with such an option reads from standard input, where the command line has it:
    /// `echo PASSWORD | docker login --password-stdin`, `docker login --password-stdin <<< PASSWORD`.
    pub(super) fn standard_input(&mut self, option: &Range<usize>) {
        let is_list = self.top().is_list;
        let rest = self.text[option.end..].trim_start_matches([' ', '\t', '"', ',']);
        if let Some(given) = rest.strip_prefix("<<<") {
            let words = self.words_after(self.text.len() - given.len(), is_list);
            self.hide_password(words.first().cloned());
            return;
        }
        let floor = self.text.ceil_char_boundary(option.start.saturating_sub(FARTHEST));
        let Some(pipe) = self.text[floor..option.start].rfind('|') else { return };
        // No other command may be between the two.
        let between = &self.text[floor + pipe + 1..option.start];
        if between.contains(['\n', ';', '&']) || between.contains("\\n") {
            return;
        }
        let before = &self.text[floor..floor + pipe];
        let names = ["echo", "printf"].iter().filter_map(|name| Some((before.rfind(name)?, name.len())));
        let Some((at, length)) = names.max() else { return };
        let words = self.words_after(floor + at + length, is_list);
        let is_last_command = words.last().is_some_and(|last| {
            let left = &self.text[last.end..floor + pipe];
            left.chars().all(is_between)
        });
        let is_program = self
            .words_before(floor + at + length, is_list)
            .next()
            .map(program)
            .is_some_and(|word| matches!(word, "echo" | "printf"));
        if is_last_command && is_program {
            self.hide_password(words.last().cloned());
        }
    }

    /// Hides the value in a command that writes a setting with a secret's name: `aws configure set NAME VALUE`.
    pub(super) fn set_value(&mut self, name: &Range<usize>) {
        let is_list = self.top().is_list;
        if !self.text[..name.start].trim_end_matches(is_between).ends_with("set") {
            return;
        }
        let mut before = self.words_before(name.start, is_list);
        if before.next() != Some("set") || !matches!(before.next(), Some("configure" | "config")) {
            return;
        }
        drop(before);
        let words = self.words_after(name.end, is_list);
        self.hide_password(words.first().cloned());
    }

    fn hide_password(&mut self, word: Option<Range<usize>>) {
        let is_hidden = |word: &Range<usize>| !is_open("PASSWORD", &self.text[word.clone()]);
        if let Some(word) = word.filter(is_hidden) {
            self.hide(word);
        }
    }

    /// The words that follow in the same command.
    fn words_after(&self, at: usize, is_list: bool) -> Vec<Range<usize>> {
        const MOST: usize = 16;
        let ceiling = self.text.floor_char_boundary((at + FARTHEST).min(self.text.len()));
        let (mut words, mut start) = (Vec::new(), None);
        let mut is_escaped = false;
        for (offset, c) in self.text[at..ceiling].char_indices() {
            let here = at + offset;
            let is_end = match c {
                ';' | '|' | '&' | ')' | '}' | ']' => true,
                '\n' => !is_list && !is_escaped,
                // The end of the string of a command; in a list, of a word.
                '"' => !is_list && self.in_string && !is_escaped,
                _ => false,
            };
            let is_separator = is_end || is_between(c);
            is_escaped = c == '\\' && !is_escaped;
            if is_separator {
                words.extend(start.take().map(|start| start..here));
            } else if start.is_none() {
                start = Some(here);
            }
            if is_end || words.len() == MOST {
                return words;
            }
        }
        words.extend(start.map(|start| start..ceiling));
        words
    }

    /// The words of the same command, the nearest first.
    fn words_before(&self, at: usize, is_list: bool) -> impl Iterator<Item = &str> {
        let floor = self.text.ceil_char_boundary(at.saturating_sub(FARTHEST));
        let before = &self.text[floor..at];
        let bytes = before.as_bytes();
        let end =
            bytes.iter().enumerate().rev().find(|(at, byte)| self.ends_command(before, *at, **byte, is_list));
        let command = &before[end.map_or(0, |(at, _)| at + 1)..];
        // Quotes may be typographic.
        command
            .rsplit(|c: char| {
                !c.is_ascii()
                    || c.is_whitespace()
                    || matches!(c, '"' | '\'' | '`' | ',' | '(' | ')' | '[' | ']' | '\\')
            })
            .filter(|word| !word.is_empty())
    }

    /// Whether no word before this byte is of the same command.
    fn ends_command(&self, text: &str, at: usize, byte: u8, is_list: bool) -> bool {
        match byte {
            b';' | b'|' | b'&' | b'{' | b'}' => true,
            // A backslash continues a line; in YAML an element of a list is a line.
            b'\n' => {
                let next = text[at + 1..].trim_start().chars().next();
                let is_element = self.text[self.line..].trim_start().starts_with("- ");
                let goes_on = is_list || text[..at].ends_with('\\');
                !(goes_on || is_element && next.is_none_or(|next| next == '-'))
            }
            // In a string of JSON.
            b'n' => text[..at].ends_with('\\') && !text[..at].ends_with("\\\\\\"),
            b'"' => !is_list && text[..at].trim_end().ends_with(':'),
            _ => false,
        }
    }
}

/// Whether a character is between words of a command.
fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | '\\')
}
