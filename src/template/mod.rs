//! Templates: text with holes, filled from layered values, never by pasting.
//!
//! A value cannot leave the place the template gave it. The engine (minijinja) does not print values but marks
//! (`slot`); the marked text is read as JSON, JSONC or YAML like any other document, and only then does each mark
//! become its value (`fill`): the JSON value where the mark stands by itself, the characters of a scalar where it
//! stands within a string. Whatever quotes, line breaks or brackets a value has, the structure was settled before.
//!
//! What comes out is JSON. Undefined variables, endless loops and files outside of the template's directory are
//! errors that name the template's line. No error repeats a value: values may be secrets.

mod assignment;
mod builtin;
mod engine;
mod error;
mod fill;
mod rules;
mod slot;
mod source;
mod values;
mod variable;

pub use builtin::Builtin;
pub use engine::{FUEL, Rendered, compile, render};
pub use error::{TemplateError, TemplateFault};
pub(crate) use rules::RULES;
pub use source::Template;
pub use values::{Typing, ValueFault, Values, ValuesError, find_values_schema};
pub use variable::{Variable, Variables};
