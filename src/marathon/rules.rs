//! What a server finds, as rules.

use crate::finding::{Rule, Scope};

/// The rules declared here.
pub(crate) static RULES: &[&Rule] = &[&REFUSED_BY_MARATHON];

/// An error that a server answers and that no rule of milepost predicted.
pub(crate) static REFUSED_BY_MARATHON: Rule = Rule::verdict(
    "refused-by-marathon",
    "The server takes the definition",
)
.aliases(&["marathon"])
.about(Scope::Servers)
.why(
    "The server rejected the definition. The message is Marathon's own; milepost points at the place that it \
             names. Plugins and settings of a server can reject what the release takes.",
)
.example("milepost app add web.json, where the server has a limit of its own for `instances`");
