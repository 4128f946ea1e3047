//! Tests of `milepost registry`.
