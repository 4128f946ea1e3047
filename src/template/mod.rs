//! Templates: text with slots, which are filled from layered values without text substitution.
//!
//! A value cannot change the structure of the definition. The engine (minijinja) prints marks in place of values
//! (`slot`); the marked text is parsed as JSON, JSONC or YAML like any other document, and only then is each mark
//! replaced by its value (`fill`): by the JSON value where the mark is a value of its own, by the characters of a
//! scalar where it is inside a string. Quotes, line breaks and brackets in a value do not matter, because the structure
//! is known before.
//!
//! The result is JSON. Undefined variables, endless loops and files outside of the template's directory are errors that
//! name the template's line. No error repeats a value, because values may be secrets.

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
pub use values::{Typing, ValueFault, Values, ValuesError, ValuesFile, find_values_schema};
pub use variable::{Variable, Variables, root_of};
