//! Random numbers from a seed, and the ids made of them.

/// SplitMix64: small, quick, and the same on every machine for the same seed.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A random UUID.
    pub(crate) fn uuid(&mut self) -> String {
        uuid(self.next(), self.next(), 4)
    }

    /// A UUID that looks like one made of the time, as Marathon's instances have.
    pub(crate) fn instance_uuid(&mut self) -> String {
        uuid(self.next(), self.next(), 1)
    }
}

fn uuid(high: u64, low: u64, version: u64) -> String {
    format!(
        "{:08x}-{:04x}-{version:x}{:03x}-{:x}{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        8 + (low >> 60 & 3),
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_seed_gives_the_same_ids() {
        let (mut one, mut other) = (Random::new(7), Random::new(7));
        let id = one.uuid();
        assert_eq!(id, other.uuid());
        assert_ne!(id, one.uuid());
        assert_eq!((id.len(), id.as_bytes()[14]), (36, b'4'));
        assert_eq!(one.instance_uuid().as_bytes()[14], b'1');
    }
}
