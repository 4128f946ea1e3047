//! What is generated from the code: the JSON Schemas, the tables of the reader, the pages of `docs/`.

mod accepted;
pub mod cli;
pub mod compat;
pub mod rules;
pub mod schemas;
