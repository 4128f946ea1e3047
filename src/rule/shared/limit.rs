//! Resource limits (since Marathon 1.10).

use super::{LIMIT_BELOW_REQUEST, UNKNOWN_LIMIT};
use crate::rule::Rule;
use crate::rule::java::double;
use crate::source::{Type, Value};

/// What is wrong with the limit of a resource of which so much is requested.
pub(in crate::rule) struct LimitFault {
    pub(in crate::rule) rule: &'static Rule,
    /// Marathon's words.
    pub(in crate::rule) text: String,
    pub(in crate::rule) message: String,
    pub(in crate::rule) help: String,
}

/// Tells what is wrong with a limit that the parser has taken: a number, or a string.
pub(in crate::rule) fn limit_fault(limit: Value<'_>, requested: f64) -> Option<LimitFault> {
    if limit.kind() == Type::String {
        return (!limit.is_str("unlimited")).then(|| {
            let word = limit.as_str().unwrap_or_default();
            LimitFault {
                rule: &UNKNOWN_LIMIT,
                text: format!("'{word}' is an invalid resource limit. It must be 'unlimited' or a number"),
                message: format!("\"{word}\" is no limit"),
                help: "write a number, or \"unlimited\"".to_owned(),
            }
        });
    }
    let number = limit.as_f64().filter(|&number| number < requested)?;
    let requested = double(requested);
    Some(LimitFault {
        rule: &LIMIT_BELOW_REQUEST,
        text: format!("resource limit must be greater than or equal to requested resource ({requested})"),
        message: format!("a limit of {number} is below the {requested} that are requested"),
        help: format!("write {requested} or more, or \"unlimited\""),
    })
}
