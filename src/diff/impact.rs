//! What Marathon does for a change (`AppDefinition.isUpgrade`, `isOnlyScaleChange`; `PodDefinition.isUpgrade`; 1.5 to
//! 1.11).

use crate::source::{Kind, Pointer, Step};

/// What a change causes once it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impact {
    /// The service is another one to Marathon: its id differs.
    Another,
    /// All instances are replaced, by the upgrade strategy.
    Restart,
    /// Instances are started or stopped; those that go on are left alone.
    Scale,
    /// Nothing that runs is touched.
    Nothing,
}

impl Impact {
    /// The word for it in output for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Another => "another-service",
            Self::Restart => "restart",
            Self::Scale => "scale",
            Self::Nothing => "nothing",
        }
    }

    /// Of a change at this place of a definition.
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
