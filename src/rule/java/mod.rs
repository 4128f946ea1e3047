//! Two parsers of the JDK that Marathon leaves checks to: `java.util.regex.Pattern` and `java.net.URI`.
//!
//! Both answer as JDK 17 does, the one the recorded servers ran on. Only the verdict is kept: nothing is matched,
//! resolved or fetched. Neither recurses, so no text can exhaust the stack, and both take linear time.

mod regex;
mod uri;

pub use regex::is_pattern;
pub use uri::is_uri;
