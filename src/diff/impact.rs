//! What Marathon does because of a change (`AppDefinition.isUpgrade`, `isOnlyScaleChange`; `PodDefinition.isUpgrade`;
//! 1.5 to 1.11).

use crate::source::{Kind, Pointer, Step};

/// The effect of a change once it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impact {
    /// Marathon sees another service: its id differs.
    Another,
    /// Marathon replaces all instances, by the upgrade strategy.
    Restart,
    /// Marathon starts or stops instances; the others keep running.
    Scale,
    /// No running instance changes.
    Nothing,
}

impl Impact {
    /// The word in output for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Another => "another-service",
            Self::Restart => "restart",
            Self::Scale => "scale",
            Self::Nothing => "nothing",
        }
    }

    /// The effect of a change at this path of a definition.
    pub(super) fn of(kind: Kind, path: &Pointer) -> Self {
        let name = |depth: usize| match path.steps().get(depth) {
            Some(Step::Key(name)) => name.as_str(),
            _ => "",
        };
        match (kind, name(0), name(1)) {
            (Kind::App | Kind::Pod, "id", _) => Self::Another,
            (Kind::App, "instances", _) | (Kind::Pod, "scaling", _) => Self::Scale,
            (Kind::Group, ..)
            | (_, "executorResources", _)
            | (Kind::Pod, "legacySharedCgroups", _)
            | (Kind::Pod, "scheduling", "killSelection" | "unreachableStrategy") => Self::Nothing,
            _ => Self::Restart,
        }
    }
}
