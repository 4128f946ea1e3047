//! Tests of `milepost wire`.
