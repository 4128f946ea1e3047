//! Bringing definitions to the forms of a later Marathon, as edits to their text: the mends of old forms that
//! [`crate::lint`] knows, each of them proven before it counts.
//!
//! A step that keeps what is stored is proven by [`crate::normalize`]: what Marathon would hold before and after is the
//! same. A step that is to change something says which paths of the stored definition it means, and all others have to
//! be the same. Where Marathon refuses the text as it is there is nothing stored to compare: then the definitions
//! themselves have to be the same, but for what was refused.

mod apps;
mod containerizer;
mod empty;
mod proof;
mod run;
mod step;

use crate::credential::Secret;
use crate::finding::Finding;
use crate::source::{Format, Kind};
use crate::target::Settings;

pub use step::{LeftForm, LeftReason, MigrationStep, RULES, StepNote};

/// What to do to definitions.
#[derive(Clone, Debug)]
pub struct MigrationPlan {
    /// The Marathon to bring them to: 1.5 or later.
    pub settings: Settings,
    /// The rules whose steps are made, out of [`RULES`].
    pub rules: Vec<&'static str>,
    /// Steps that change what runs are made as well.
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

/// How apps get to the Universal Container Runtime.
#[derive(Clone, Debug, Default)]
pub struct Ucr {
    /// What takes the place of an archive of Docker credentials. Without it apps that fetch one stay where they are.
    pub secret: Option<Secret>,
}

/// A text after its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The text now.
    pub text: String,
    /// What was done, in the order it was done.
    pub steps: Vec<MigrationStep>,
    /// What is left as it was, and why.
    pub left: Vec<LeftForm>,
    /// What somebody has to see to outside of the text.
    pub notes: Vec<StepNote>,
}

/// Why a text is left as it is altogether.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// It is no definition.
    #[error("this is no app, pod or group: it has no `id` beside `cmd`, `container`, `containers` or `apps`")]
    NoDefinition,
    /// The Marathon aimed at would refuse it, whatever is done to its old forms. Never empty.
    #[error("Marathon would refuse this")]
    Refused(Vec<Finding>),
}

/// Makes the steps of a plan to one text. Made twice they change nothing more.
///
/// ```
/// use milepost::migrate::{MigrationPlan, migrate};
/// use milepost::source::Format;
/// use milepost::target::Target;
///
/// let text = r#"{"id": "/web",  "cmd": "./web", "uris": ["https://example.com/web.tgz"]}"#;
/// let migrated = migrate(text, Format::Json, None, &MigrationPlan::new(Target::default().settings()))?;
/// assert_eq!(
///     migrated.text,
///     r#"{"id": "/web",  "cmd": "./web", "fetch": [{ "uri": "https://example.com/web.tgz" }]}"#
/// );
/// assert_eq!(migrated.steps[0].rule, "old-uris");
/// # Ok::<(), milepost::migrate::MigrateError>(())
/// ```
///
/// # Errors
/// When it is no definition, or one that Marathon would refuse.
pub fn migrate(
    text: &str,
    format: Format,
    kind: Option<Kind>,
    plan: &MigrationPlan,
) -> Result<Migration, MigrateError> {
    run::run(text, format, kind, plan)
}
