//! Forms of secrets: known kinds of tokens, and texts that look random.

use std::ops::Range;

use memchr::{memchr2_iter, memmem, memrchr};

/// The shortest value, in bytes, that can be told from a name.
pub(super) const SHORTEST: usize = 20;
/// The longest key, in bytes: keyfiles of `MongoDB` have 1,024 characters. Longer values are files.
pub(super) const LONGEST: usize = 1024;

/// The kind of a credential with a well-known form.
pub(super) fn kind(value: &str) -> Option<&'static str> {
    const PREFIXES: [(&str, &str); 24] = [
        ("ghp_", "a GitHub token"),
        ("gho_", "a GitHub token"),
        ("ghs_", "a GitHub token"),
        ("ghu_", "a GitHub token"),
        ("ghr_", "a GitHub token"),
        ("github_pat_", "a GitHub token"),
        ("glpat-", "a GitLab token"),
        ("xoxb-", "a Slack token"),
        ("xoxp-", "a Slack token"),
        ("xoxa-", "a Slack token"),
        ("xoxr-", "a Slack token"),
        ("xapp-", "a Slack token"),
        ("sk_live_", "a Stripe key"),
        ("rk_live_", "a Stripe key"),
        ("npm_", "an npm token"),
        ("pypi-", "a PyPI token"),
        ("dckr_pat_", "a Docker Hub token"),
        ("dop_v1_", "a DigitalOcean token"),
        ("hvs.", "a Vault token"),
        ("hvb.", "a Vault token"),
        ("hvr.", "a Vault token"),
        ("glsa_", "a Grafana token"),
        ("shpat_", "a Shopify token"),
        ("AIza", "a Google API key"),
    ];
    let first = value.as_bytes().first().copied().unwrap_or_default();
    match first {
        b'-' if value.starts_with("-----BEGIN") && value.contains("PRIVATE KEY-----") => {
            Some("a private key")
        }
        b'e' if value.starts_with("eyJ") && value.bytes().filter(|b| *b == b'.').count() == 2 => {
            Some("a JSON web token")
        }
        b'b' | b'r' | b's' if is_old_vault_token(value) => Some("a Vault token"),
        b'A' | b'd' | b'g' | b'h' | b'n' | b'p' | b'r' | b's' | b'x' => PREFIXES
            .iter()
            .find(|(prefix, _)| {
                value.strip_prefix(prefix).is_some_and(|rest| {
                    rest.len() >= 16
                        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
                })
            })
            .map(|(_, kind)| *kind),
        _ => None,
    }
}

/// Whether a value is a token of Vault before 1.10: a letter for its kind, 24 random characters or more, and a namespace.
fn is_old_vault_token(value: &str) -> bool {
    const SHORTEST: usize = 24;
    let Some(rest) = ["s.", "b.", "r."].iter().find_map(|kind| value.strip_prefix(kind)) else {
        return false;
    };
    let (token, namespace) = rest.split_once('.').unwrap_or((rest, ""));
    let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let has = |is: fn(&u8) -> bool| token.as_bytes().iter().filter(|byte| is(byte)).count() >= 2;
    token.len() >= SHORTEST
        && is_plain(token)
        && is_plain(namespace)
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
}

/// Whether a text is one long run of letters of both cases and digits that looks random. Hexadecimal texts (hashes of commits
/// and images, UUIDs) and base64 of readable text do not count.
pub(super) fn is_random(value: &str) -> bool {
    // Certificates and compressed files in base64 look random, too.
    if value.len() > LONGEST || ["MII", "H4sI"].iter().any(|start| value.starts_with(start)) {
        return false;
    }
    let is_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-');
    if !value.bytes().all(is_allowed) {
        return false;
    }
    let (mut upper, mut lower, mut digits, mut changes) = (0_u32, 0_u32, 0_u32, 0_u32);
    let mut is_hex = true;
    let (mut last, mut run, mut in_words) = (0, 0_u32, 0_u32);
    for byte in value.bytes() {
        let class = match byte {
            b'A'..=b'Z' => {
                upper += 1;
                1
            }
            b'a'..=b'z' => {
                lower += 1;
                2
            }
            b'0'..=b'9' => {
                digits += 1;
                3
            }
            _ => 4,
        };
        is_hex &= byte.is_ascii_hexdigit() || byte == b'-';
        changes += u32::from(class != last);
        run = if class == 2 && last == 2 { run + 1 } else { u32::from(class == 2) };
        in_words += match run {
            0..3 => 0,
            3 => 3,
            _ => 1,
        };
        last = class;
    }
    // In n random characters of base64, 0.6 n differ in class from the one before, and 0.15 n are in runs of three or more
    // small letters. In words most characters are in such runs.
    let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
    let is_worded = changes * 5 < length * 2 || in_words * 5 > length * 2;
    if is_hex || upper < 3 || lower < 3 || digits < 2 || is_worded {
        return false;
    }
    entropy(value) >= 3.7 && !is_readable_base64(value)
}

/// Shannon's entropy, in bits per character.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u16; 128];
    for byte in value.bytes() {
        let count = &mut counts[usize::from(byte & 0x7f)];
        *count = count.saturating_add(1);
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 1,024 characters")]
    let length = value.len() as f64;
    let share = |count: &u16| {
        let share = f64::from(*count) / length;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(share).sum()
}

/// Whether a text is base64 of readable text.
fn is_readable_base64(value: &str) -> bool {
    let value = value.trim_end_matches('=').as_bytes();
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    value.chunks_exact(4).all(|chunk| {
        let Some(number) =
            chunk.iter().try_fold(0_u32, |number, byte| Some(number << 6 | u32::from(digit(*byte)?)))
        else {
            return false;
        };
        number.to_be_bytes()[1..].iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'))
    })
}

/// Where texts of well-known forms are in a text: tokens, private keys, what looks random.
pub(super) fn shapes(text: &str, found: &mut Vec<Range<usize>>) {
    private_keys(text, found);
    let bytes = text.as_bytes();
    let mut at = 0;
    // From the end of the shortest word backwards: most words are left out after a few bytes.
    while let Some(shortest) = bytes.get(at..at + SHORTEST) {
        if let Some(last) = shortest.iter().rposition(|byte| !is_part(*byte)) {
            at += last + 1;
            continue;
        }
        let rest = &bytes[at + SHORTEST..];
        let end = at + SHORTEST + rest.iter().position(|byte| !is_part(*byte)).unwrap_or(rest.len());
        let is_escape = at > 0 && bytes[at - 1] == b'\\' && matches!(bytes[at], b'n' | b't' | b'r');
        let start = at + usize::from(is_escape);
        if end - start >= SHORTEST {
            word(text, start..end, found);
        }
        at = end;
    }
}

/// One word of a text: a token itself, or `NAME=TOKEN`.
fn word(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let whole = &text[range.clone()];
    // Padding of base64 is at the end; any other `=` is after a name.
    let unpadded = whole.trim_end_matches('=');
    let name = memrchr(b'=', unpadded.as_bytes()).map_or(0, |at| at + 1);
    let value = whole[name..].trim_end_matches('.');
    let is_token = |piece| kind(piece).is_some();
    if is_token(whole)
        || is_token(value)
        || pieces(unpadded).any(is_token)
        || (value.len() >= SHORTEST && is_random(value))
    {
        found.push(range.start + name..range.end);
    }
}

/// The parts of a word between `=` and `/`.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    let ends = memchr2_iter(b'=', b'/', word.as_bytes()).chain([word.len()]);
    ends.map(move |end| &word[std::mem::replace(&mut start, end + 1)..end])
}

/// A byte of a word that may be random. Looked up, because many bytes of a text are asked for.
static PART: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        table[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.');
        byte += 1;
    }
    table
};

fn is_part(byte: u8) -> bool {
    PART[usize::from(byte)]
}

/// Blocks of private keys in PEM, with line breaks of any spelling; an unfinished one goes on to the end.
fn private_keys(text: &str, found: &mut Vec<Range<usize>>) {
    const BEGIN: &str = "-----BEGIN ";
    if memmem::find(text.as_bytes(), BEGIN.as_bytes()).is_none() {
        return;
    }
    let mut last_end = text.rfind("-----END");
    let mut at = 0;
    for (begin, _) in text.match_indices(BEGIN) {
        let rest = &text[begin + BEGIN.len()..];
        let Some(title) = rest.find("-----").filter(|len| *len < 64) else { continue };
        if begin < at || !rest[..title].contains("PRIVATE KEY") {
            continue;
        }
        let start = begin + BEGIN.len() + title + "-----".len();
        // A sentence may name the line that a key begins with.
        let is_of_a_key =
            |next: char| next.is_whitespace() || next.is_alphanumeric() || "\\+/".contains(next);
        if !text[start..].chars().next().is_some_and(is_of_a_key) {
            continue;
        }
        last_end = last_end.filter(|last| *last >= start);
        let end = match last_end {
            Some(_) => text[start..].find("-----END"),
            None => text[start..].find('"'),
        };
        at = end.map_or(text.len(), |len| start + len);
        found.push(start..at);
    }
}
