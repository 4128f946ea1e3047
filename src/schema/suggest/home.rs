//! Where in a definition a field belongs that stands somewhere else.

use crate::schema::shape::{Field, ObjectShape, Shape};

/// Where a field that is unknown here belongs: `this field belongs under …`.
pub(super) fn home(
    definition: &'static ObjectShape,
    name: &str,
    here: &ObjectShape,
    here_path: &str,
) -> Option<String> {
    // Names that many types have do not tell which was meant.
    const COMMON: &[&str] = &["name", "type", "kind", "mode", "value", "labels", "id", "source"];
    if COMMON.contains(&name) {
        return None;
    }
    let mut level = vec![Nested { object: definition, way: Way::default() }];
    let mut seen: Vec<u16> = Vec::new();
    for _depth in 0..6 {
        let mut next = Vec::new();
        for Nested { object, way } in level {
            if seen.contains(&object.number) {
                continue;
            }
            seen.push(object.number);
            let field = object.position(name).map(|index| &object.fields[index]);
            let is_there = field.is_some_and(|field| field.replaced_by.is_none() && !field.response);
            if is_there && !std::ptr::eq(object, here) {
                match way.path().as_str() {
                    path if path == here_path => {}
                    "" => return Some("this field belongs at the top of the definition".to_owned()),
                    path => return Some(format!("this field belongs under `{path}`")),
                }
            }
            for field in object.fields.iter().filter(|field| field.replaced_by.is_none()) {
                each_object(&field.shape, &mut |object| next.push(Nested { object, way: way.then(field) }));
            }
        }
        level = next;
    }
    None
}

/// An object within a definition.
struct Nested {
    object: &'static ObjectShape,
    way: Way,
}

/// The fields that lead to an object: written out only where somebody is told (`growth`, unknown fields).
#[derive(Clone, Copy, Default)]
struct Way([Option<&'static Field>; 6]);

impl Way {
    fn then(mut self, field: &'static Field) -> Self {
        if let Some(free) = self.0.iter_mut().find(|step| step.is_none()) {
            *free = Some(field);
        }
        self
    }

    fn path(&self) -> String {
        let steps = self.0.iter().flatten().map(|field| {
            let many = if matches!(field.shape, Shape::List { .. }) { "[]" } else { "" };
            format!("{}{many}", field.name)
        });
        steps.collect::<Vec<_>>().join(".")
    }
}

/// The objects a shape may be, lists opened.
fn each_object(shape: &'static Shape, take: &mut dyn FnMut(&'static ObjectShape)) {
    match shape {
        Shape::Object(object) => take(object),
        Shape::List { items, .. } => each_object(items, take),
        Shape::Map { values, .. } => each_object(values, take),
        Shape::Union(union) => union.members.iter().for_each(|member| each_object(member, take)),
        _ => {}
    }
}
