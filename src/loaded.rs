//! A definition as a typed model, together with the text it was read from, so that changing the one changes only that
//! much of the other: unknown fields, the order of keys, comments and the spelling of numbers stay.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::definition::{App, Group, Pod};
use crate::finding::{Effect, Finding};
use crate::schema;
use crate::source::{Document, EditError, Editor, Kind, Pointer};
use crate::target::Release;

/// A model that a whole document can be.
pub trait Root: Serialize + DeserializeOwned {
    /// The kind of definition.
    const KIND: Kind;
}

impl Root for App {
    const KIND: Kind = Kind::App;
}

impl Root for Pod {
    const KIND: Kind = Kind::Pod;
}

impl Root for Group {
    const KIND: Kind = Kind::Group;
}

/// Why a document could not be read into a model.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Marathon refuses it; the findings say what and where.
    #[error("Marathon would refuse this definition: {}", .0.first().map_or("", |first| first.message.as_str()))]
    Refused(Vec<Finding>),
    /// The model and the reader disagree: a fault of milepost's.
    #[error("internal error: the model refuses what the reader takes: {0}")]
    Model(#[from] serde_json::Error),
}

/// A model and its text.
///
/// ```
/// use milepost::definition::App;
/// use milepost::loaded::Loaded;
/// use milepost::source::{Document, Format};
///
/// let text = r#"{"id": "/web", "cmd": "sleep 1",  "cpus": 0.50, "note": "mine"}"#;
/// let mut app = Loaded::<App>::read(Document::parse(text, Format::Json)?)?;
/// app.model.instances = Some(3);
/// let changed = app.write()?;
/// assert_eq!(changed, r#"{"id": "/web", "cmd": "sleep 1",  "cpus": 0.50, "note": "mine", "instances": 3}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    /// The definition. Change it freely.
    pub model: T,
    document: Document,
    /// The model as it was read.
    before: Json,
}

impl<T: Root> Loaded<T> {
    /// Reads a document.
    ///
    /// # Errors
    /// When Marathon's parser would refuse it.
    pub fn read(document: Document) -> Result<Self, LoadError> {
        let mut refused = schema::check(&document, T::KIND, Release::LATEST);
        refused.retain(|diagnostic| diagnostic.effect == Effect::Rejected);
        if !refused.is_empty() {
            return Err(LoadError::Refused(refused));
        }
        let model: T = serde_json::from_value(schema::canonical(&document, T::KIND))?;
        let before = serde_json::to_value(&model)?;
        Ok(Self { model, document, before })
    }

    /// The text with the model's changes in it, and nothing else changed.
    ///
    /// # Errors
    /// For a YAML document, which is not edited in place.
    pub fn write(&self) -> Result<String, EditError> {
        let after = serde_json::to_value(&self.model).unwrap_or(Json::Null);
        if after == self.before {
            return Ok(self.document.text().to_owned());
        }
        let mut editor = Editor::new(self.document.clone())?;
        transfer(&mut editor, &Pointer::root(), &self.before, &after)?;
        Ok(editor.into_document().text().to_owned())
    }
}

/// Makes the changes between `before` and `after` in the text.
fn transfer(editor: &mut Editor, at: &Pointer, before: &Json, after: &Json) -> Result<(), EditError> {
    match (before, after) {
        _ if before == after => Ok(()),
        (Json::Object(old), Json::Object(new)) => {
            for name in old.keys().filter(|name| !new.contains_key(*name)) {
                editor.remove(&at.key(name))?;
            }
            for (name, value) in new {
                match old.get(name) {
                    Some(old) => transfer(editor, &at.key(name), old, value)?,
                    None => editor.set(&at.key(name), value)?,
                }
            }
            Ok(())
        }
        (Json::Array(old), Json::Array(new)) => {
            let kept = old.len().min(new.len());
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                transfer(editor, &at.index(index), old, new)?;
            }
            for index in (kept..old.len()).rev() {
                editor.remove(&at.index(index))?;
            }
            new[kept..].iter().try_for_each(|element| editor.push(at, element))
        }
        _ => editor.set(at, after),
    }
}
