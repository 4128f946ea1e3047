//! Sets: removes duplicates, and puts more than four elements in the order of their hashes. Marathon 1.9 and later are
//! built with Scala 2.13, whose `immutable.HashSet` is a CHAMP trie: at each level first the elements, then the deeper
//! levels.

use serde_json::Value as Json;

use crate::source::json_text::quoted;

use super::Object;

/// Sets of at most this many elements keep their order.
pub(super) const IN_ORDER: usize = 4;

/// Turns the list in a field into a set.
pub(super) fn make(of: &mut Object, name: &str) {
    let Some(Json::Array(elements)) = of.get_mut(name) else { return };
    if elements.len() < 2 {
        return;
    }
    let mut seen = std::collections::HashSet::new();
    elements.retain(|element| seen.insert(spelling(element)));
    if elements.len() > IN_ORDER && elements.iter().all(|element| hash(element).is_some()) {
        let hashed = elements.drain(..).map(|element| (hash(&element).map_or(0, improve), element)).collect();
        trie(hashed, 0, elements);
    }
}

/// A text that is the same for equal values: numbers as doubles, members sorted by name.
pub(crate) fn spelling(value: &Json) -> String {
    match value {
        Json::Number(number) => {
            number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string())
        }
        Json::Array(elements) => {
            elements.iter().map(spelling).fold(String::from("["), |text, element| text + &element + ",")
        }
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            members.into_iter().fold(String::from("{"), |text, (name, member)| {
                format!("{text}{}:{},", quoted(name), spelling(member))
            })
        }
        scalar => scalar.to_string(),
    }
}

/// The bits of a hash that select a slot at each level of the trie.
const BITS: u32 = 5;

fn trie(mut elements: Vec<(u32, Json)>, shift: u32, out: &mut Vec<Json>) {
    if shift >= u32::BITS {
        // Equal hashes keep the order of insertion.
        return out.extend(elements.into_iter().map(|(_, element)| element));
    }
    let slot = |hash: u32| (hash >> shift) & ((1 << BITS) - 1);
    elements.sort_by_key(|(hash, _)| slot(*hash));
    let mut deeper = Vec::new();
    let mut rest = elements.into_iter().peekable();
    while let Some(first) = rest.next() {
        let here = slot(first.0);
        let mut together = vec![first];
        while let Some(next) = rest.next_if(|(hash, _)| slot(*hash) == here) {
            together.push(next);
        }
        match together.len() {
            1 => out.extend(together.into_iter().map(|(_, element)| element)),
            _ => deeper.push(together),
        }
    }
    for together in deeper {
        trie(together, shift + BITS, out);
    }
}

/// `scala.collection.Hashing.improve`.
fn improve(hash: u32) -> u32 {
    let mut hash = hash.wrapping_add(!(hash << 9));
    hash ^= hash >> 14;
    hash = hash.wrapping_add(hash << 4);
    hash ^ (hash >> 10)
}

/// Scala's `##` of a string, a whole number or a `Seq` of strings; `None` for values that are case classes in Marathon.
fn hash(value: &Json) -> Option<u32> {
    match value {
        Json::String(text) => Some(text_hash(text)),
        Json::Number(number) => i32::try_from(number.as_i64()?).ok().map(i32::cast_unsigned),
        Json::Array(elements) => {
            let hashes: Option<Vec<u32>> =
                elements.iter().map(|element| element.as_str().map(text_hash)).collect();
            Some(seq_hash(&hashes?))
        }
        _ => None,
    }
}

/// `String.hashCode`.
fn text_hash(text: &str) -> u32 {
    text.encode_utf16().fold(0, |hash: u32, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}

/// `MurmurHash3.seqHash`, which hashes a possible range as a range.
fn seq_hash(hashes: &[u32]) -> u32 {
    let seed = text_hash("Seq");
    if let [first, second, ..] = hashes {
        let step = second.wrapping_sub(*first);
        let is_range = hashes.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step);
        if let Some(last) = hashes.last().filter(|_| is_range) {
            return avalanche(mix(mix(mix(seed, *first), step), *last));
        }
    }
    let hash = hashes.iter().fold(seed, |hash, element| mix(hash, *element));
    avalanche(hash ^ u32::try_from(hashes.len()).unwrap_or(u32::MAX))
}

fn mix(hash: u32, data: u32) -> u32 {
    let data = data.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    (hash ^ data).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
}

fn avalanche(mut hash: u32) -> u32 {
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(elements: Json) -> Json {
        let mut object = Object::new();
        object.insert("set".to_owned(), elements);
        make(&mut object, "set");
        object.remove("set").expect("still there")
    }

    #[test]
    fn sets_have_the_order_of_a_servers_response() {
        // Orders seen on Marathon 1.11.
        let ids = json!(["/r", "/s", "/t", "/u", "/v", "/w"]);
        assert_eq!(set(ids), json!(["/w", "/s", "/t", "/v", "/u", "/r"]));
        let constraints = json!([
            ["hostname", "UNIQUE"],
            ["rack", "CLUSTER", "r1"],
            ["zone", "GROUP_BY"],
            ["zone", "GROUP_BY", "2"],
            ["os", "LIKE", "linux.*"],
            ["os", "UNLIKE", "win.*"],
            ["rack", "MAX_PER", "2"],
            ["gpu", "IS", "true"],
            ["@zone", "UNIQUE"]
        ]);
        let answered = json!([
            ["os", "LIKE", "linux.*"],
            ["hostname", "UNIQUE"],
            ["@zone", "UNIQUE"],
            ["gpu", "IS", "true"],
            ["zone", "GROUP_BY", "2"],
            ["os", "UNLIKE", "win.*"],
            ["zone", "GROUP_BY"],
            ["rack", "MAX_PER", "2"],
            ["rack", "CLUSTER", "r1"]
        ]);
        assert_eq!(set(constraints), answered);
    }

    #[test]
    fn small_sets_keep_their_order() {
        assert_eq!(set(json!(["b", "a", "b", "c"])), json!(["b", "a", "c"]));
        assert_eq!(set(json!([{"a": 1, "b": 2}, {"b": 2.0, "a": 1}])), json!([{"a": 1, "b": 2}]));
    }
}
