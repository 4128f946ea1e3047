//! Tests of `milepost send`.
