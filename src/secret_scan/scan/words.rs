//! What words say by themselves, remembered: definitions have the same names again and again (`whole`, findings as JSON).

use std::cell::RefCell;

use crate::secret_scan::client::is_client;
use crate::secret_scan::command::{may_be_key_option, may_be_verb};
use crate::secret_scan::name::{is_masked_name, uri_name};

/// What a word says, whatever is around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub(super) struct WordSigns {
    /// The value of this name is masked.
    pub(super) is_masked: bool,
    /// A URI under this name hides a part.
    pub(super) has_uri: bool,
    /// It is a program of which an option takes a password.
    pub(super) is_client: bool,
    /// A secret may follow it as an argument.
    pub(super) may_be_verb: bool,
    /// It may be an option that takes a key.
    pub(super) may_be_key_option: bool,
    /// It is an option for a secret on standard input.
    pub(super) reads_standard_input: bool,
}

/// The longest word that is remembered, in bytes.
const LONGEST: usize = 24;

/// How many are remembered, each in the place that its letters give: a power of two.
const PLACES: usize = 1024;

/// A word, filled up with zeros, and what it says. No word has a zero in it.
type Remembered = ([u64; LONGEST / 8], WordSigns);

thread_local! {
    static WORDS: RefCell<Vec<Remembered>> = const { RefCell::new(Vec::new()) };
}

/// What a word says by itself.
pub(super) fn signs(word: &str) -> WordSigns {
    // Numbers are many, differ, and say nothing.
    if !word.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return WordSigns::default();
    }
    if word.len() > LONGEST {
        return signs_of(word);
    }
    let mut bytes = [0; LONGEST];
    bytes[..word.len()].copy_from_slice(word.as_bytes());
    let part = |at: usize| u64::from_le_bytes(std::array::from_fn(|index| bytes[at + index]));
    let key = [part(0), part(8), part(16)];
    let mixed = key
        .iter()
        .fold(0_u64, |mixed, part| (mixed ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29));
    let place = usize::try_from(mixed >> 32).unwrap_or_default() % PLACES;
    WORDS.with_borrow_mut(|words| {
        if words.is_empty() {
            words.resize(PLACES, ([0; LONGEST / 8], WordSigns::default()));
        }
        let remembered = &mut words[place];
        if remembered.0 != key {
            *remembered = (key, signs_of(word));
        }
        remembered.1
    })
}

/// What a word says that has no [clue](super::clue) in it.
pub(super) fn signs_of_plain(word: &str) -> WordSigns {
    WordSigns {
        is_client: is_client(word),
        may_be_key_option: may_be_key_option(word),
        ..WordSigns::default()
    }
}

fn signs_of(word: &str) -> WordSigns {
    WordSigns {
        is_masked: is_masked_name(word),
        has_uri: uri_name(word).is_some(),
        is_client: is_client(word),
        may_be_verb: may_be_verb(word),
        may_be_key_option: may_be_key_option(word),
        reads_standard_input: word.starts_with('-') && word.ends_with("-stdin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret_scan::scan::clue;

    #[test]
    fn remembered_words_say_what_they_say() {
        let words = [
            "password",
            "DB_PASSWORD",
            "login",
            "mysql",
            "-encrypt",
            "SENTRY_DSN",
            "id",
            "10.0.0.1",
            "--",
            "cpus",
            "a-very-long-word-of-more-than-24-bytes",
            "",
        ];
        for number in 0..5000 {
            let other = format!("w{number}");
            let word = words[number % words.len()];
            for word in [&other, word, word] {
                assert_eq!(signs(word), signs_of(word), "{word}");
                let (end, may_say) = clue::word(word.as_bytes(), 0);
                assert!(end == word.len() && (may_say || signs_of_plain(word) == signs_of(word)), "{word}");
            }
        }
    }
}
