//! Copies of trees without some of their values.

use super::tree::{Decoding, Node, Tree, Type, Value, small};

impl Value<'_> {
    /// A copy of its tree in which the values of these ids are null. Ids in the copy differ; places in the text are the
    /// same.
    pub(crate) fn nulled(&self, mut ids: Vec<u32>) -> Tree {
        ids.sort_unstable();
        let old = &self.tree().nodes;
        let mut nodes: Vec<Node> = Vec::with_capacity(old.len());
        // The new index of each node, and of the end.
        let mut moved: Vec<u32> = Vec::with_capacity(old.len() + 1);
        let mut at = 0;
        while let Some(node) = old.get(at) {
            moved.push(small(nodes.len()));
            if ids.binary_search(&small(at)).is_err() {
                nodes.push(node.clone());
                at += 1;
                continue;
            }
            let is_parent = matches!(node.kind, Type::Array | Type::Object);
            let after = if is_parent { node.next as usize } else { at + 1 };
            nodes.push(Node { kind: Type::Null, decoding: Decoding::Verbatim, next: 0, ..node.clone() });
            moved.resize(moved.len() + after - at - 1, small(nodes.len()));
            at = after;
        }
        moved.push(small(nodes.len()));
        for node in nodes.iter_mut().filter(|node| matches!(node.kind, Type::Array | Type::Object)) {
            node.next = moved[node.next as usize];
        }
        Tree { nodes, values: self.tree().values.clone(), notes: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Format};

    #[test]
    fn values_become_null_and_the_others_stay() {
        let text = r#"{"a": {"b": [1, 2]}, "c": [{"d": 3}, 4], "e": "f"}"#;
        let document = Document::parse(text, Format::Json).expect("JSON");
        let root = document.root();
        for (path, expected) in [
            ("a", r#"{"a":null,"c":[{"d":3},4],"e":"f"}"#),
            ("c", r#"{"a":{"b":[1,2]},"c":null,"e":"f"}"#),
            ("e", r#"{"a":{"b":[1,2]},"c":[{"d":3},4],"e":null}"#),
        ] {
            let id = root.get(path).expect("it is there").node_id();
            let tree = root.nulled(vec![id]);
            assert_eq!(tree.root(text).to_json().to_string(), expected);
        }
    }
}
