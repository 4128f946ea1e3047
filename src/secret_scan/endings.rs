//! The last two letters of words, by which most texts are told to end in none of them.

/// By the last but one letter of each word, a bit for its last.
pub(super) struct Endings([u32; 26]);

impl Endings {
    /// Those of the words in these lists, which end in letters without accents.
    pub(super) const fn of(lists: &[&[&str]]) -> Self {
        let mut endings = [0; 26];
        let mut at = 0;
        while at < lists.len() {
            let mut word = 0;
            while word < lists[at].len() {
                let bytes = lists[at][word].as_bytes();
                let last_but_one = letter(bytes[bytes.len() - 2]);
                endings[last_but_one as usize] |= 1 << letter(bytes[bytes.len() - 1]);
                word += 1;
            }
            at += 1;
        }
        Self(endings)
    }

    /// Whether a text ends as one of the words does, in letters of any case.
    pub(super) fn has(&self, text: &[u8]) -> bool {
        let [.., last_but_one, last] = text else { return false };
        let last = letter(*last);
        self.0
            .get(usize::from(letter(*last_but_one)))
            .is_some_and(|ends| last < 26 && ends & (1 << last) != 0)
    }
}

/// The number of a letter, whatever its case; other bytes have numbers above.
const fn letter(byte: u8) -> u8 {
    byte.to_ascii_uppercase().wrapping_sub(b'A')
}
