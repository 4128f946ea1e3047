//! Tests of `milepost lint`.
