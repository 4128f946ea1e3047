//! Plans in files: `milepost plan -o` writes them, `milepost deploy` applies them.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::action::Action;
use super::plan::{Against, Plan, PlannedService, Unit};
use crate::marathon::{Change, Verb};
use crate::normalize::Normalized;
use crate::source::{Kind, Pointer};

/// The version of the file.
const VERSION: u32 = 1;

/// A plan in a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedPlan {
    milepost_plan: u32,
    /// The server that it is for.
    pub server: String,
    /// See [`Plan::pruned`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pruned: Vec<String>,
    units: Vec<SavedUnit>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedUnit {
    level: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<SavedChange>,
    services: Vec<SavedService>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedChange {
    verb: String,
    kind: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Json>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedService {
    id: String,
    kind: String,
    action: SavedAction,
    wanted: Option<Json>,
    #[serde(default)]
    role_is_open: bool,
    against: Option<SavedAgainst>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "does")]
enum SavedAction {
    Create { instances: u64 },
    Replace { from: u64, to: u64, least: u64, most: u64 },
    Scale { from: u64, to: u64 },
    Store,
    Nothing,
    Remove { instances: u64 },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedAgainst {
    version: String,
    definition: Json,
}

/// The member that tells a saved plan from other JSON.
pub(crate) const SAVED_PLAN: &str = "milepostPlan";

/// Why a saved plan cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SavedPlanError {
    /// Another version of milepost has written it.
    #[error("this plan has format {0}, and this milepost reads format {VERSION}: plan again")]
    Version(u32),
    /// It was changed, or is damaged.
    #[error("this plan cannot be read: {0}: plan again")]
    Damaged(String),
}

impl SavedPlan {
    /// A plan to be saved, for this server.
    pub(crate) fn of(plan: &Plan, server: &str) -> Self {
        let units = plan.units.iter().map(SavedUnit::of).collect();
        Self { milepost_plan: VERSION, server: server.to_owned(), pruned: plan.pruned.clone(), units }
    }

    /// Reads a saved plan.
    ///
    /// # Errors
    /// When another version has written it, or it is damaged.
    pub(crate) fn read(json: Json) -> Result<Self, SavedPlanError> {
        let version = json.get(SAVED_PLAN).and_then(Json::as_u64).unwrap_or_default();
        if version != u64::from(VERSION) {
            return Err(SavedPlanError::Version(u32::try_from(version).unwrap_or_default()));
        }
        serde_json::from_value(json).map_err(|error| SavedPlanError::Damaged(error.to_string()))
    }

    /// The plan.
    ///
    /// # Errors
    /// When it is damaged.
    pub(crate) fn plan(self) -> Result<Plan, SavedPlanError> {
        let units = self.units.into_iter().map(SavedUnit::unit).collect::<Result<_, _>>()?;
        Ok(Plan { units, pruned: self.pruned, is_saved: true, ..Plan::default() })
    }
}

impl SavedUnit {
    fn of(unit: &Unit) -> Self {
        let change = unit.change.as_ref().map(|change| SavedChange {
            verb: change.verb.name().to_owned(),
            kind: change.kind.name().to_owned(),
            id: change.id.clone(),
            body: change
                .body
                .as_ref()
                .map(|body| serde_json::from_str(body).unwrap_or_else(|_| Json::String(body.clone()))),
        });
        Self { level: unit.level, change, services: unit.services.iter().map(SavedService::of).collect() }
    }

    fn unit(self) -> Result<Unit, SavedPlanError> {
        let change = self.change.map(|change| {
            Ok(Change {
                verb: Verb::of(&change.verb).ok_or_else(|| damaged("verb", &change.verb))?,
                kind: kind_of(&change.kind)?,
                id: change.id,
                body: change.body.map(|body| match body {
                    Json::String(text) => text,
                    json => json.to_string(),
                }),
            })
        });
        let services = self.services.into_iter().map(SavedService::service).collect::<Result<_, _>>()?;
        Ok(Unit { change: change.transpose()?, services, level: self.level, text: None })
    }
}

impl SavedService {
    fn of(service: &PlannedService) -> Self {
        Self {
            id: service.id.clone(),
            kind: service.kind.name().to_owned(),
            action: SavedAction::of(service.action),
            wanted: service.wanted.as_ref().map(|wanted| wanted.value.clone()),
            role_is_open: service.wanted.as_ref().is_some_and(|wanted| !wanted.assumed.is_empty()),
            against: service.against.as_ref().map(|against| SavedAgainst {
                version: against.version.clone(),
                definition: against.definition.clone(),
            }),
        }
    }

    fn service(self) -> Result<PlannedService, SavedPlanError> {
        let kind = kind_of(&self.kind)?;
        let assumed = if self.role_is_open { vec![Pointer::root().key("role")] } else { Vec::new() };
        Ok(PlannedService {
            id: self.id,
            kind,
            action: self.action.action(),
            wanted: self.wanted.map(|value| Normalized { assumed, ..Normalized::stored(kind, value) }),
            against: self
                .against
                .map(|against| Against { version: against.version, definition: against.definition }),
        })
    }
}

impl SavedAction {
    fn of(action: Action) -> Self {
        match action {
            Action::Create { instances } => Self::Create { instances },
            Action::Replace { from, to, least, most } => Self::Replace { from, to, least, most },
            Action::Scale { from, to } => Self::Scale { from, to },
            Action::Store => Self::Store,
            Action::Nothing => Self::Nothing,
            Action::Remove { instances } => Self::Remove { instances },
        }
    }

    fn action(self) -> Action {
        match self {
            Self::Create { instances } => Action::Create { instances },
            Self::Replace { from, to, least, most } => Action::Replace { from, to, least, most },
            Self::Scale { from, to } => Action::Scale { from, to },
            Self::Store => Action::Store,
            Self::Nothing => Action::Nothing,
            Self::Remove { instances } => Action::Remove { instances },
        }
    }
}

fn kind_of(name: &str) -> Result<Kind, SavedPlanError> {
    [Kind::App, Kind::Pod, Kind::Group]
        .into_iter()
        .find(|kind| kind.name() == name)
        .ok_or_else(|| damaged("kind", name))
}

fn damaged(what: &str, name: &str) -> SavedPlanError {
    SavedPlanError::Damaged(format!("there is no {what} `{name}`"))
}
