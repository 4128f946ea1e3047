//! Tests of `milepost render`.
