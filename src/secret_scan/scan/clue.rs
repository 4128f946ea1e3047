//! Tells most texts to have no name of a secret, and no option or command that takes one, before they are read word by word
//! (`whole`, set with findings).

use crate::secret_scan::name::{LAST_WORDS, PARTS, ends_with};

/// What options and commands that take a secret have in common, as in [`PARTS`]: a part of the option, or of the program
/// without which it takes none. Those that [`may_take_a_secret`] are not among them.
const OF_COMMANDS: [&str; 13] = [
    "ADD_USER",
    "AUTHENTICATE_USER",
    "CONSUL",
    "LDAP",
    "NOMAD",
    "OBSCURE",
    "OPENSSL",
    "SERF",
    "SNMP",
    "SSH_KEYGEN",
    "STDI",
    "UNSEAL",
    "UNWRAP",
];

/// Whether a text may have a secret that [a scanner](super::SecretScanner) finds: it has a word without which there is none.
pub(super) fn may_have_named(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut window = NO_LETTER << 5 | NO_LETTER;
    bytes.iter().enumerate().any(|(at, byte)| {
        window = (window << 5 | CLASSES[usize::from(*byte)] as usize) % WINDOWS;
        ENDS[window / 32] & 1 << (window % 32) != 0 && is_clue(bytes, at)
    })
}

/// Where the word ends that begins here, and whether it may say something beside the program that it is: it ends, or begins
/// to, as one of those words does.
pub(super) fn word(bytes: &[u8], start: usize) -> (usize, bool) {
    let (mut window, mut may_say) = (NO_LETTER << 5 | NO_LETTER, false);
    let is_end = |byte: &u8| {
        let class = CLASSES[usize::from(*byte)];
        window = (window << 5 | class as usize) % WINDOWS;
        may_say |= ENDS[window / 32] & 1 << (window % 32) != 0;
        class >= BACKSLASH
    };
    let len = bytes[start..].iter().position(is_end);
    (len.map_or(bytes.len(), |len| start + len), may_say)
}

/// Whether what ends at this byte is such a word.
fn is_clue(bytes: &[u8], last: usize) -> bool {
    let before = last.checked_sub(1).map_or(b' ', |at| bytes[at]);
    // A name may be written with escapes.
    if before == b'\\' || (before == b'-' && may_take_a_secret(&bytes[last..])) {
        return true;
    }
    let (text, end) = (&bytes[..=last], &bytes[last + 1..]);
    if bytes[last] == b'-' && ends_in_escape(&bytes[..last]) {
        return true;
    }
    let Some(letter) = bytes[last].to_ascii_uppercase().checked_sub(b'A').map(usize::from) else {
        return false;
    };
    CLUES.all[CLUES.first[letter]..CLUES.first[letter + 1]].iter().any(|clue| {
        let word = clue.word.as_bytes();
        if clue.is_last { is_last_word(text, word, end) } else { ends_with(text, word).is_some() }
    })
}

/// A word that tells of a secret.
#[derive(Clone, Copy)]
struct Clue {
    word: &'static str,
    /// It is one of [`LAST_WORDS`].
    is_last: bool,
}

/// The words by their last letters.
struct Clues {
    all: [Clue; count(&PARTS) + count(&LAST_WORDS) + OF_COMMANDS.len()],
    /// Where those that end in a letter begin.
    first: [usize; 27],
}

static CLUES: Clues = {
    let none = Clue { word: "", is_last: false };
    let mut clues =
        Clues { all: [none; count(&PARTS) + count(&LAST_WORDS) + OF_COMMANDS.len()], first: [0; 27] };
    let mut at = 0;
    let mut letter = 0;
    while letter < 26 {
        at = add_clues(&mut clues, at, letter, &PARTS, false);
        at = add_clues(&mut clues, at, letter, &[&OF_COMMANDS], false);
        at = add_clues(&mut clues, at, letter, &LAST_WORDS, true);
        clues.first[letter as usize + 1] = at;
        letter += 1;
    }
    clues
};

const fn count(lists: &[&[&str]]) -> usize {
    let (mut count, mut list) = (0, 0);
    while list < lists.len() {
        count += lists[list].len();
        list += 1;
    }
    count
}

/// Adds the words that end in this letter; where the next one goes.
const fn add_clues(
    clues: &mut Clues,
    mut at: usize,
    letter: u8,
    lists: &[&'static [&'static str]],
    is_last: bool,
) -> usize {
    let mut list = 0;
    while list < lists.len() {
        let mut index = 0;
        while index < lists[list].len() {
            let word = lists[list][index];
            if word.as_bytes()[word.len() - 1] == b'A' + letter {
                clues.all[at] = Clue { word, is_last };
                at += 1;
            }
            index += 1;
        }
        list += 1;
    }
    at
}

/// Whether an option of this one letter may take a secret, whatever its program is; `-X` and others take one only of the
/// programs in [`OF_COMMANDS`].
fn may_take_a_secret(option: &[u8]) -> bool {
    matches!(option, [b'p' | b'P' | b'a' | b'u' | b'U' | b'E', ..]) || option.starts_with(b"-user")
}

/// Whether a text ends in this word, and its name with it.
fn is_last_word(text: &[u8], word: &[u8], after: &[u8]) -> bool {
    ends_with(text, word).is_some_and(|before| {
        let first = text[before.len()];
        let begins = before.last().is_none_or(|last| {
            // `-Dpin`
            !last.is_ascii_alphanumeric()
                || (last.is_ascii_lowercase() && first.is_ascii_uppercase())
                || matches!(last, b'D' | b'P')
                || ends_in_escape(before)
        });
        let next = after.iter().find(|byte| !byte.is_ascii_digit() && **byte != b'_');
        begins && next.is_none_or(|next| !super::is_word(*next))
    })
}

/// Whether `\n` or another escape of one letter ends here, behind which a name or an option begins.
fn ends_in_escape(text: &[u8]) -> bool {
    matches!(text, [.., b'\\', _])
}

/// The number of windows of three classes of bytes.
const WINDOWS: usize = 1 << 15;
const SEPARATOR: u8 = 26;
const DASH: u8 = 27;
const DIGIT: u8 = 28;
const BACKSLASH: u8 = 29;
const NO_WORD: u8 = 30;
const NO_LETTER: usize = NO_WORD as usize;

/// The class of each byte: letters whatever their case, and what tells where words begin.
static CLASSES: [u8; 256] = {
    let mut classes = [NO_WORD; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        classes[byte as usize] = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a',
            b'0'..=b'9' => DIGIT,
            b'_' | b'.' => SEPARATOR,
            b'-' => DASH,
            b'\\' => BACKSLASH,
            _ => NO_WORD,
        };
        byte += 1;
    }
    classes
};

/// A bit for each three bytes, by their classes, that the words and options above may end in.
static ENDS: [u32; WINDOWS / 32] = {
    let mut ends = [0; WINDOWS / 32];
    add_words(&mut ends, &PARTS);
    add_words(&mut ends, &LAST_WORDS);
    add_words(&mut ends, &[&OF_COMMANDS]);
    let mut letter = 0;
    while letter < 26 {
        if matches!(letter + b'A', b'P' | b'A' | b'U' | b'E') {
            add(&mut ends, BACKSLASH, DASH, letter);
            add(&mut ends, NO_WORD, DASH, letter);
        }
        if matches!(letter + b'A', b'U' | b'X') {
            add_after_any(&mut ends, BACKSLASH, letter);
        }
        letter += 1;
    }
    let mut escape = 0;
    while escape < BACKSLASH {
        add(&mut ends, BACKSLASH, escape, DASH);
        escape += 1;
    }
    add(&mut ends, BACKSLASH, DASH, DASH);
    add(&mut ends, NO_WORD, DASH, DASH);
    ends
};

const fn add_words(ends: &mut [u32; WINDOWS / 32], lists: &[&[&str]]) {
    let mut list_at = 0;
    while list_at < lists.len() {
        let mut word = 0;
        while word < lists[list_at].len() {
            let bytes = lists[list_at][word].as_bytes();
            let last = bytes[bytes.len() - 1] - b'A';
            let before = bytes[bytes.len() - 2] - b'A';
            if bytes.len() > 2 && bytes[bytes.len() - 3].is_ascii_uppercase() {
                add(ends, bytes[bytes.len() - 3] - b'A', before, last);
            } else {
                add_after_any(ends, before, last);
            }
            word += 1;
        }
        list_at += 1;
    }
}

const fn add_after_any(ends: &mut [u32; WINDOWS / 32], second: u8, third: u8) {
    let mut first = 0;
    while first < 32 {
        add(ends, first, second, third);
        first += 1;
    }
}

const fn add(ends: &mut [u32; WINDOWS / 32], first: u8, second: u8, third: u8) {
    let window = (first as usize) << 10 | (second as usize) << 5 | third as usize;
    ends[window / 32] |= 1 << (window % 32);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::secret_scan::scan::words::{signs, signs_of_plain};
    use crate::secret_scan::scan::{TextKind, named};

    /// Words that tell of secrets, in the spellings of names.
    fn name() -> impl Strategy<Value = String> {
        let words = PARTS.iter().chain(&LAST_WORDS).copied().flatten().copied().collect::<Vec<_>>();
        (select(words), 0..5_u8).prop_map(|(word, spelling)| match spelling {
            0 => word.to_owned(),
            1 => word.to_lowercase(),
            2 => word.to_lowercase().replace('_', "-"),
            3 => word.to_lowercase().replace('_', "."),
            // `apiKey`
            _ => word.split('_').map(|part| part[..1].to_owned() + &part[1..].to_lowercase()).collect(),
        })
    }

    fn piece() -> impl Strategy<Value = String> {
        const COMMANDS: &[&str] = &[
            "mysql -p",
            "curl -u web:",
            "lftp -u web,",
            "net -U web%",
            "redis-cli -a ",
            "http -a web:",
            "ldapadd -w ",
            "ldappasswd -s ",
            "zip -P ",
            "snmpget -A ",
            "snmpwalk -X ",
            "snmpset -c ",
            "docker login -p ",
            "--user web:",
            "vault login ",
            "bao unwrap ",
            "vault unseal ",
            "redis-cli auth ",
            "rabbitmqctl add_user web ",
            "rabbitmqctl change_password web ",
            "rabbitmqctl authenticate_user web ",
            "htpasswd -b web ",
            "rclone obscure ",
            "wpa_passphrase web ",
            "snyk auth ",
            "consul agent -encrypt ",
            "nomad -encrypt=",
            "serf -encrypt ",
            "openssl -k ",
            "ssh-keygen -N ",
            "consul-template -vault-token ",
            "| docker login --token-stdin",
            "echo ",
            "aws configure set ",
            "envconsul -vault-token ",
        ];
        const MARKS: &[&str] = &[
            "\"",
            "'",
            ": ",
            "=",
            "\n",
            "\\n",
            "\\",
            "{",
            "}",
            "[",
            "]",
            ", ",
            "- ",
            "  ",
            "_",
            "-",
            "-D",
            "1",
            "_FOR_",
            "x",
            "\\u0057",
            "&a ",
            "*a",
            "|\n  ",
            "letmein1",
            "Zr4Lx0vK",
            "web:letmein1",
            "\"name\": ",
            "\"key\": \"env\"",
            "\"value\": ",
            "\"env\": {",
            "secrets: ",
            "credential: {",
            "\u{201c}",
        ];
        prop_oneof![
            name(),
            select(COMMANDS).prop_map(str::to_owned),
            select(MARKS).prop_map(str::to_owned),
            select(MARKS).prop_map(str::to_owned),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn a_text_with_a_named_secret_has_a_clue(pieces in prop::collection::vec(piece(), 1..8)) {
            let text = pieces.concat();
            for kind in [TextKind::File, TextKind::Words] {
                prop_assert!(may_have_named(&text) || named(&text, kind).0.is_empty(), "{text}");
            }
            let words = text.split(|c: char| !c.is_ascii() || !crate::secret_scan::scan::is_word(c as u8));
            for part in words.filter(|part| !part.is_empty()) {
                let (end, may_say) = word(part.as_bytes(), 0);
                prop_assert_eq!(end, part.len());
                prop_assert!(may_say || signs(part) == signs_of_plain(part), "{}", part);
            }
        }
    }

    #[test]
    fn most_texts_have_none() {
        for text in [
            "{\"id\": \"/web\", \"cmd\": \"java -Xmx512m -XX:+UseG1GC -Dfile.encoding=UTF-8 -jar web.jar\"}",
            "\"container\": {\"docker\": {\"image\": \"registry.example.com/web:1\"}, \"portMappings\": []}",
            "parameters: [{key: log-driver, value: syslog}]\npath: /health\nupgradeStrategy:\n",
            "the path `/etc/ssl` has to exist on each agent, and is made by no rule",
        ] {
            assert!(!may_have_named(text), "{text}");
        }
        for text in [
            "DB_PASSWORD=x1",
            "-Dpin=1234",
            "dbPw: x1",
            "http -a web:x1",
            "\"PASS\\u0057ORD\": 1",
            "\\n--user web:x1",
            "\\nsalt: x1",
        ] {
            assert!(may_have_named(text), "{text}");
        }
    }
}
