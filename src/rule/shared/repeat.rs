//! What stands twice.

use std::collections::HashSet;
use std::hash::Hash;

/// The first item whose key one before it has; items without a key do not count.
pub(in crate::rule) fn first_repeat<T, K: Eq + Hash>(
    mut items: impl Iterator<Item = T>,
    key: impl Fn(&T) -> Option<K>,
) -> Option<T> {
    /// So many keys are compared faster than hashed.
    const FEW: usize = 16;
    let mut few: Vec<K> = Vec::new();
    let mut many: HashSet<K> = HashSet::new();
    items.find(|item| {
        let Some(key) = key(item) else { return false };
        if many.is_empty() && few.len() < FEW {
            let is_repeat = few.contains(&key);
            few.push(key);
            return is_repeat;
        }
        many.extend(few.drain(..));
        !many.insert(key)
    })
}

#[cfg(test)]
mod tests {
    use super::first_repeat;

    #[test]
    fn the_first_repeat_is_found_among_few_and_many() {
        let first = |numbers: &[u32]| {
            let items = numbers.iter().enumerate();
            first_repeat(items, |(_, number)| Some(**number).filter(|&number| number != 0))
                .map(|(index, _)| index)
        };
        assert_eq!(first(&[]), None);
        assert_eq!(first(&[0, 1, 0, 2, 1, 2]), Some(4));
        let mut many: Vec<u32> = (0..100).collect();
        assert_eq!(first(&many), None);
        many[20] = 0;
        many[40] = 7;
        many[90] = 3;
        assert_eq!(first(&many), Some(40));
    }
}
