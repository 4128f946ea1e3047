//! Migrates definitions to the forms of a later Marathon by edits to their text: the fixes of old forms that
//! [`crate::lint`] finds, each of them proven before it counts.
//!
//! A step that keeps what is stored is proven by [`crate::normalize`]: Marathon would store the same before and after.
//! A step that changes what is stored names the paths that it changes, and all others have to stay the same. Where
//! Marathon rejects the text as it is, there is no stored definition to compare: then the definitions themselves have
//! to stay the same, except for what was rejected.

mod apps;
mod containerizer;
mod empty;
mod proof;
mod run;
mod step;

use crate::credential::{Look, Secret};
use crate::finding::{Finding, Rule};
use crate::source::{Format, Kind, MAX_NESTING};
use crate::target::Settings;

pub(crate) use step::OWN_RULES;
pub use step::{LeftForm, LeftReason, MigrationStep, RULES, StepNote};

/// What to do to definitions.
#[derive(Clone, Debug)]
pub struct MigrationPlan {
    /// The Marathon to bring them to: 1.5 or later.
    pub settings: Settings,
    /// The rules whose steps are made, out of [`RULES`].
    pub rules: Vec<&'static Rule>,
    /// Whether steps that change what runs are made as well.
    pub allows_unsafe: bool,
    /// Apps on the Docker Engine are moved to the Universal Container Runtime, with their health checks.
    pub to_ucr: Option<Ucr>,
}

impl MigrationPlan {
    /// All steps that keep what is stored, for this Marathon.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, rules: RULES.to_vec(), allows_unsafe: false, to_ucr: None }
    }
}

/// How to move apps to the Universal Container Runtime.
#[derive(Clone, Debug)]
pub struct Ucr {
    /// The secret that all moved apps pull with, in place of an archive of Docker credentials. Without it, apps that fetch
    /// such an archive are not moved.
    pub secret: Option<Secret>,
    /// A way to look into fetched files: an archive that holds credentials is no more fetched, whatever its name is.
    pub look: fn(&str) -> Look,
}

impl Default for Ucr {
    fn default() -> Self {
        Self { secret: None, look: |_| Look::Unknown }
    }
}

/// A text after its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The migrated text.
    pub text: String,
    /// The steps made, in their order.
    pub steps: Vec<MigrationStep>,
    /// The old forms that are left, and why.
    pub left: Vec<LeftForm>,
    /// What has to be done outside of the text.
    pub notes: Vec<StepNote>,
}

/// Why a text is not migrated at all.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// It is not a definition.
    #[error(
        "this is not an app, pod or group: it has no `id` beside `cmd`, `container`, `containers` or `apps`"
    )]
    NoDefinition,
    /// It is nested deeper than any definition.
    #[error("nested deeper than {MAX_NESTING} levels, which no definition is")]
    TooDeep,
    /// Marathon would reject it, even without its old forms. Never empty.
    #[error("Marathon would reject this")]
    Refused(Vec<Finding>),
}

/// Makes the steps of a plan in one text. A second call changes nothing more.
///
/// ```
/// use milepost::migrate::{MigrationPlan, migrate};
/// use milepost::source::Format;
/// use milepost::target::Target;
///
/// let text = r#"{"id": "/web",  "cmd": "./web", "uris": ["https://example.com/web.tgz"]}"#;
/// let settings = "dcos-2.2".parse::<Target>()?.settings();
/// let migrated = migrate(text, Format::Json, None, &MigrationPlan::new(settings))?;
/// assert_eq!(
///     migrated.text,
///     r#"{"id": "/web",  "cmd": "./web", "fetch": [{ "uri": "https://example.com/web.tgz" }]}"#
/// );
/// assert_eq!(migrated.steps[0].rule.slug, "old-uris");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When it is not a definition, or one that Marathon would reject.
pub fn migrate(
    text: &str,
    format: Format,
    kind: Option<Kind>,
    plan: &MigrationPlan,
) -> Result<Migration, MigrateError> {
    run::run(text, format, kind, plan)
}
