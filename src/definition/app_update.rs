//! App updates: the bodies of `PATCH` and of a partial `PUT` of `/v2/apps`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    App, AppCheck, AppConstraint, AppHealthCheck, AppResidency, Artifact, Container, EnvVars,
    ExecutorResources, IpAddress, KillSelection, Labels, Network, PathId, PortDefinition, ReadinessCheck,
    ResourceLimits, Secrets, Timestamp, UnreachableStrategy, UpgradeStrategy, VersionInfo, number,
};

/// A change of an app: each field that is given replaces the stored one as a whole, the others stay.
///
/// Null is the same as leaving a field out, so a field that is set cannot be unset this way. `executorResources` and
/// `resourceLimits` do not stay: they are reset unless the update repeats them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppUpdate {
    /// See [`App::id`]. The one in the URL wins; in a list of updates each needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<PathId>,

    /// See [`App::cmd`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cmd: Option<String>,

    /// See [`App::args`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,

    /// See [`App::user`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,

    /// See [`App::container`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,

    /// See [`App::executor`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executor: Option<String>,

    /// See [`App::cpus`].
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    pub cpus: Option<f64>,

    /// See [`App::mem`].
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    pub mem: Option<f64>,

    /// See [`App::disk`].
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    pub disk: Option<f64>,

    /// See [`App::gpus`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus: Option<i32>,

    /// See [`App::resource_limits`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_limits: Option<ResourceLimits>,

    /// See [`App::executor_resources`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executor_resources: Option<ExecutorResources>,

    /// See [`App::instances`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances: Option<i32>,

    /// See [`App::constraints`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraints: Option<Vec<AppConstraint>>,

    /// See [`App::accepted_resource_roles`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_resource_roles: Option<Vec<String>>,

    /// See [`App::role`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,

    /// See [`App::networks`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub networks: Option<Vec<Network>>,

    /// See [`App::port_definitions`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_definitions: Option<Vec<PortDefinition>>,

    /// See [`App::require_ports`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_ports: Option<bool>,

    /// See [`App::ip_address`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<IpAddress>,

    /// See [`App::ports`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ports: Option<Vec<i32>>,

    /// See [`App::env`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<EnvVars>,

    /// See [`App::labels`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Labels>,

    /// See [`App::secrets`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secrets: Option<Secrets>,

    /// See [`App::fetch`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fetch: Option<Vec<Artifact>>,

    /// See [`App::uris`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uris: Option<Vec<String>>,

    /// See [`App::tty`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tty: Option<bool>,

    /// See [`App::dependencies`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dependencies: Option<Vec<String>>,

    /// See [`App::health_checks`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_checks: Option<Vec<AppHealthCheck>>,

    /// See [`App::check`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<AppCheck>,

    /// See [`App::readiness_checks`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness_checks: Option<Vec<ReadinessCheck>>,

    /// See [`App::task_kill_grace_period_seconds`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_kill_grace_period_seconds: Option<i32>,

    /// See [`App::kill_selection`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kill_selection: Option<KillSelection>,

    /// See [`App::upgrade_strategy`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_strategy: Option<UpgradeStrategy>,

    /// See [`App::unreachable_strategy`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreachable_strategy: Option<UnreachableStrategy>,

    /// See [`App::residency`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residency: Option<AppResidency>,

    /// See [`App::backoff_seconds`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backoff_seconds: Option<i32>,

    /// See [`App::backoff_factor`].
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    pub backoff_factor: Option<f64>,

    /// See [`App::max_launch_delay_seconds`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_launch_delay_seconds: Option<i32>,

    /// The earlier version of the app to go back to; only `id` may be given with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Timestamp>,

    /// See [`App::version_info`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_info: Option<VersionInfo>,
}

/// The description of an update in the schema.
const UPDATE: &str = "A change of an app: each field that is given replaces the stored one as a whole, the others \
    stay.\n\nNull is the same as leaving a field out. `executorResources` and `resourceLimits` do not stay: they are reset \
    unless the update repeats them.";

/// The description of `id`, which differs from that of an app.
const ID: &str = "The id of the app. The one in the URL wins; in a list of updates each needs it.";

/// The description of `version`, which differs from that of an app.
const VERSION: &str = "The earlier version of the app to go back to; only `id` may be given with it.";

/// The schema of [`App`] with every field optional and without defaults, so that no bound is written twice.
impl JsonSchema for AppUpdate {
    fn schema_name() -> Cow<'static, str> {
        "AppUpdate".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::AppUpdate").into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let id = Option::<PathId>::json_schema(generator);
        let mut schema = App::json_schema(generator);
        schema.remove("required");
        schema.remove("x-response-only");
        schema.insert("description".to_owned(), UPDATE.into());
        if let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            for field in fields.values_mut().filter_map(Value::as_object_mut) {
                field.remove("default");
            }
            redefine(fields, "id", |field| {
                field.extend(id.as_object().cloned().unwrap_or_default());
                field.insert("description".to_owned(), ID.into());
            });
            redefine(fields, "version", |field| {
                field.remove("x-direction");
                field.insert("description".to_owned(), VERSION.into());
            });
        }
        schema
    }
}

/// Changes the schema of one field.
fn redefine(fields: &mut Map<String, Value>, name: &str, change: impl FnOnce(&mut Map<String, Value>)) {
    if let Some(field) = fields.get_mut(name).and_then(Value::as_object_mut) {
        change(field);
    }
}

#[cfg(test)]
mod tests {
    use schemars::schema_for;
    use serde::de::value::Error;
    use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
    use serde_json::{Value, json};

    use super::{App, AppUpdate};

    /// A deserializer that only records the fields of a struct.
    struct FieldNames<'a>(&'a mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for FieldNames<'_> {
        type Error = Error;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(Error::custom("not a struct"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Error> {
            *self.0 = fields;
            Err(Error::custom("only the names are wanted"))
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    fn fields<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
        let mut names: &'static [&'static str] = &[];
        let read = T::deserialize(FieldNames(&mut names));
        assert!(read.is_err());
        names
    }

    #[test]
    fn an_update_has_the_fields_of_an_app() {
        assert!(fields::<App>().len() > 40);
        assert_eq!(fields::<App>(), fields::<AppUpdate>());
    }

    #[test]
    fn an_update_requires_nothing_and_has_no_defaults() {
        let schema = schema_for!(AppUpdate);
        assert_eq!(schema.get("required"), None);
        assert_eq!(schema.pointer("/properties/id/type"), Some(&json!(["string", "null"])));
        assert_eq!(schema.pointer("/properties/instances/minimum"), Some(&json!(0)));
        let fields = schema.pointer("/properties").and_then(Value::as_object);
        assert!(
            fields.into_iter().flat_map(|fields| fields.values()).all(|field| field.get("default").is_none())
        );
    }
}
