//! Text in, tree out: reads JSON, JSONC and YAML, keeps the position of every key and value, and edits the text without
//! touching the rest of it. This room knows nothing of Marathon, with one exception in [`json`]: what counts as JSON is
//! what Marathon's parser (Jackson, strict settings) takes.

mod attributes;
mod document;
#[cfg(unix)]
mod echo;
pub mod edit;
mod equality;
mod excerpt;
pub mod file;
pub mod json;
pub(crate) mod json_text;
mod kind;
mod notation;
pub(crate) mod placeholder;
mod pointer;
mod position;
#[cfg(unix)]
mod process_group;
mod prune;
mod reader;
mod scratch;
mod services;
#[cfg(unix)]
mod signals;
mod stand_in;
mod syntax;
mod tree;
pub(crate) mod unparsable;
mod write;
mod yaml;

pub use document::{Document, MAX_NESTING};
#[cfg(unix)]
pub(crate) use echo::KeptEcho;
pub use edit::{Edit, EditError, Editor};
pub(crate) use edit::{EditPlanner, PlannedEdits};
pub(crate) use equality::{Strictness, is_same};
pub use excerpt::{Cut, excerpt};
pub use file::{Decoded, Encoding, FileError, split_mark, too_open};
pub use json::Dialect;
pub use json_text::fitted;
pub use kind::Kind;
pub use notation::{
    Format, is_template, is_template_of_a_definition, is_template_of_another_engine, may_be_a_definition,
};
pub(crate) use pointer::pointers;
pub use pointer::{Pointer, Step};
pub use position::{LineIndex, Position};
#[cfg(unix)]
pub(crate) use process_group::ProcessGroup;
pub use reader::{Reader, read, read_bytes};
pub(crate) use scratch::ScratchDirectory;
pub(crate) use services::{ServiceNode, services};
#[cfg(all(unix, feature = "serve"))]
pub(crate) use signals::before_end;
pub use syntax::{Expected, SyntaxError, SyntaxProblem};
pub use tree::{Elements, Members, Note, Tree, Type, Value};
pub(crate) use write::is_descriptor;
pub use write::{HeldFile, alone, hold, make_private_directory, write_atomically, write_privately};
pub(crate) use yaml::{YamlMark, comments as yaml_comments, marks as yaml_marks, scalar as yaml_scalar};
