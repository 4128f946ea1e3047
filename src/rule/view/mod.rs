//! What rules look at: fields of objects, and apps and pods as Marathon sees them after its migration of old fields.

pub(super) mod app;
pub(super) mod fields;
