//! The rest of the canonical API: ids, labels, resources, fetch, residency.

use crate::definition::Containerizer;
use crate::definition::id::AbsoluteId;
use crate::finding::Stage::Canonical;
use crate::java;
use crate::rule::shared::{
    DISABLED_FEATURE, EMPTY_ID, RESERVED_ID, RESIDENT_UNREACHABLE, astray, feature_text, limit_faults,
    reserved_text,
};
use crate::rule::view::{AppView, ContainerView, Fields, distinct};
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::target::Release;

static BAD_DEPENDENCY: Rule =
    Rule::verdict("bad-dependency", "A dependency is the id of an app or group")
        .why(
            "The segments of an id are lower-case letters, digits, dashes and dots. Marathon does not check that a \
         service of that id exists.",
        )
        .bad(r#"{"id": "/shop/web", "cmd": "./web", "dependencies": ["/shop/my_database"]}"#)
        .good(r#"{"id": "/shop/web", "cmd": "./web", "dependencies": ["/shop/my-database"]}"#);

pub(super) static SCALED_SINGLE_INSTANCE_APP: Rule = Rule::verdict(
    "scaled-single-instance-app",
    "An app labelled MARATHON_SINGLE_INSTANCE_APP has one instance, and an upgrade strategy of 0 and 0",
).aliases(&["single-instance-label"])
.why(
    "Frameworks have this label so that two of them never run at once, not even during an upgrade. The \
         upgrade strategy must be written out, because the default starts a new instance before it stops the old \
         one.",
)
.bad(r#"{"id": "/kafka", "cmd": "./scheduler", "labels": {"MARATHON_SINGLE_INSTANCE_APP": "true"}}"#)
.good(r#"{"id": "/kafka", "cmd": "./scheduler", "labels": {"MARATHON_SINGLE_INSTANCE_APP": "true"},
        "upgradeStrategy": {"minimumHealthCapacity": 0, "maximumOverCapacity": 0}}"#);

static INVALID_MIGRATION_LABELS: Rule = Rule::verdict(
    "invalid-migration-labels",
    "DCOS_MIGRATION_API_VERSION is \"v1\", and comes with DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH",
).aliases(&["migration-labels"])
.why(
    "With these labels Marathon asks a framework for the state of its upgrade and waits for it. There is only the version \
     `v1` of that interface, and it needs the framework's name and the path to ask at.",
)
.bad(r#"{"id": "/kafka", "cmd": "./scheduler", "labels": {"DCOS_MIGRATION_API_VERSION": "v1",
        "DCOS_MIGRATION_API_PATH": "/v1/plan"}}"#)
.good(r#"{"id": "/kafka", "cmd": "./scheduler", "labels": {"DCOS_MIGRATION_API_VERSION": "v1",
        "DCOS_MIGRATION_API_PATH": "/v1/plan", "DCOS_PACKAGE_FRAMEWORK_NAME": "kafka"}}"#);

static UNSUPPORTED_GPUS: Rule = Rule::verdict("unsupported-gpus", "GPUs need the Mesos containerizer, and the feature gpu_resources").aliases(&["gpus"])
    .why(
        "Mesos gives GPUs to the containers that it makes itself: UCR, the type MESOS, or no container at all. The Docker \
         Engine would see none.",
    )
    .bad(r#"{"id": "/train", "gpus": 1, "container": {"type": "DOCKER",
            "docker": {"image": "example/train:1"}}}"#)
    .good(r#"{"id": "/train", "gpus": 1, "container": {"type": "MESOS",
            "docker": {"image": "example/train:1"}}}"#);

static INVALID_RESIDENCY: Rule = Rule::verdict(
    "invalid-residency",
    "`residency` is for apps with persistent volumes (refused without up to Marathon 1.5)",
).aliases(&["residency"])
.why(
    "`residency` keeps instances where their data is. Up to 1.5 Marathon refuses it where there is no persistent volume; \
     later releases take it, and need it no more.",
)
.until(Release::V1_5)
.target("dcos-1.10")
.bad(r#"{"id": "/db", "cmd": "./db", "residency": {"taskLostBehavior": "WAIT_FOREVER"},
        "upgradeStrategy": {"minimumHealthCapacity": 0, "maximumOverCapacity": 0}}"#)
.good(r#"{"id": "/db", "cmd": "./db", "residency": {"taskLostBehavior": "WAIT_FOREVER"},
        "upgradeStrategy": {"minimumHealthCapacity": 0, "maximumOverCapacity": 0},
        "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW",
        "persistent": {"size": 512}}]}}"#);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[
    &BAD_DEPENDENCY,
    &SCALED_SINGLE_INSTANCE_APP,
    &INVALID_MIGRATION_LABELS,
    &UNSUPPORTED_GPUS,
    &INVALID_RESIDENCY,
];

pub(super) fn check(app: &AppView<'_>, context: &mut Context<'_>) {
    id(app, context);
    super::command::check(app, context);
    labels(app, context);
    resources(app, context);
    super::secret::check(app, context);
    for (index, artifact) in app.fields.list("fetch").enumerate() {
        let uri = Fields::of(artifact, &table::ARTIFACT).at("uri");
        super::deprecated::uri(uri, Canonical, || format!("/fetch({index})/uri"), context);
    }
    if app.is_update {
        // They were migrated, and no earlier stage has checked them.
        for (index, uri) in app.fields.list("uris").enumerate() {
            super::deprecated::uri(uri, Canonical, || format!("/fetch({index})/uri"), context);
        }
    }
    super::constraint::check(app, context);
    resident(app, context);
}

const SEGMENT: &str = r"must fully match regular expression '^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])|(\.|\.\.)$'";

/// Whether this release reserves some last segments (1.8 and later; also the last of 1.5 to 1.7, which are ignored here).
fn reserves(release: Release) -> bool {
    release >= Release::V1_8
}

fn id(app: &AppView<'_>, context: &mut Context<'_>) {
    let at = app.fields.at("id");
    if reserves(context.release()) && app.id.is_reserved() {
        let last = app.id.last();
        context.reject(&RESERVED_ID, Canonical, at, "/id", reserved_text(context.release())).describe(
            format!("the id ends with `{last}`, a word of Marathon's own addresses"),
            "name it otherwise",
        );
    }
    if app.id.is_root() {
        for (path, text) in
            [("/id", "Path must contain at least one path element"), ("/", "must not be root")]
        {
            context
                .reject(&EMPTY_ID, Canonical, at, path, text)
                .describe("this is the id of the root group", "name the app: \"/my-app\"");
        }
    }
    for (index, dependency) in distinct(app.fields.list("dependencies")).into_iter().enumerate() {
        let mut id = AbsoluteId::parse(&dependency.as_str().unwrap_or_default());
        if app.is_update && super::update::holds(context.release()) {
            id = id.canonical(&AbsoluteId::root());
        }
        let path = || format!("/dependencies({index})");
        if !id.is_well_formed() {
            context.reject(&BAD_DEPENDENCY, Canonical, dependency, path(), SEGMENT).describe(
                format!("`{id}` can be no id of an app or group"),
                "ids are small letters, digits, dashes and dots between slashes",
            );
        }
        if reserves(context.release()) && id.is_reserved() {
            context
                .reject(&BAD_DEPENDENCY, Canonical, dependency, path(), reserved_text(context.release()))
                .describe(format!("no app can have the id `{id}`: its end is Marathon's own"), "remove it");
        }
        astray(&id, &BAD_DEPENDENCY, dependency, path(), context);
    }
}

fn labels(app: &AppView<'_>, context: &mut Context<'_>) {
    if is_single_instance(app) {
        let at = app.fields.at("instances");
        if app.instances() > 1 {
            let text = "Single instance app may only have one instance";
            context.reject(&SCALED_SINGLE_INSTANCE_APP, Canonical, at, "/", text).describe(
                format!("by its label it has one instance, and {} are wanted", app.instances()),
                "write 1, or remove the label MARATHON_SINGLE_INSTANCE_APP",
            );
        }
        for name in ["minimumHealthCapacity", "maximumOverCapacity"] {
            if let Some((value, at)) = app.capacity(name).filter(|(value, _)| *value != 0.0) {
                let text = format!("got {}, expected 0.0", java::double(value));
                let path = format!("/upgradeStrategy/{name}");
                context
                    .reject(&SCALED_SINGLE_INSTANCE_APP, Canonical, at, path, text)
                    .describe(format!("with the label for a single instance `{name}` is 0"), "write 0");
            }
        }
    }
    let filled = |name| app.label(name).is_some_and(|value| !value.is_empty());
    if let Some(version) = app.label("DCOS_MIGRATION_API_VERSION").filter(|version| !version.is_empty()) {
        let complete =
            version == "v1" && filled("DCOS_PACKAGE_FRAMEWORK_NAME") && filled("DCOS_MIGRATION_API_PATH");
        if !complete {
            let text = "DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH must be defined when using \
                        DCOS_MIGRATION_API_VERSION";
            let message = if version == "v1" {
                "DCOS_MIGRATION_API_VERSION is of no use without the framework's name and path".to_owned()
            } else {
                format!("there is no version `{version}` of the migration API")
            };
            let help = "write \"v1\", and add DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH, or remove all three";
            context
                .reject(&INVALID_MIGRATION_LABELS, Canonical, app.fields.at("labels"), "/", text)
                .describe(message, help);
        }
    }
}

pub(super) fn is_single_instance(app: &AppView<'_>) -> bool {
    app.label("MARATHON_SINGLE_INSTANCE_APP").is_some_and(|value| value == "true")
}

fn resources(app: &AppView<'_>, context: &mut Context<'_>) {
    let gpus = app.fields.at("gpus");
    if app.fields.int("gpus").is_some_and(|gpus| gpus > 0) {
        if app.containerizer() == Some(Containerizer::Docker) {
            let text = "GPU resources only work with the Mesos containerizer";
            context.reject(&UNSUPPORTED_GPUS, Canonical, gpus, "/", text).describe(
                "the Docker Engine gives no GPUs to its containers",
                "make the container's type MESOS",
            );
        }
        if !context.settings.gpu_resources {
            context.reject(&DISABLED_FEATURE, Canonical, gpus, "/", feature_text("gpu_resources")).describe(
                "this Marathon runs without GPUs",
                "start it with --enable_features gpu_resources, or do without",
            );
        }
    }
    if context.release() < Release::V1_10 {
        return;
    }
    let Some(limits) = app.fields.object("resourceLimits", &table::RESOURCE_LIMITS) else { return };
    for fault in limit_faults(&limits, |resource| app.fields.double_or_default(resource)) {
        let path = format!("/resourceLimits/{}", fault.resource);
        context.reject(fault.rule, Canonical, fault.at, path, fault.text).describe(fault.message, fault.help);
    }
}

fn resident(app: &AppView<'_>, context: &mut Context<'_>) {
    if !app.has_residency {
        return;
    }
    let is_persistent = app.container.as_ref().is_some_and(ContainerView::is_persistent);
    let release = context.release();
    if release < Release::V1_6 && !is_persistent {
        let text = "App must contain persistent volumes and define residency";
        context.reject(&INVALID_RESIDENCY, Canonical, app.fields.at("residency"), "/", text).describe(
            format!("Marathon {release} wants a persistent volume where there is `residency`"),
            "remove it, or add a persistent volume",
        );
    }
    super::volume::over_capacity(app, "/value", context);
    // In an update a missing strategy is enabled by now, except with persistent volumes.
    let strategy = app.fields.get("unreachableStrategy");
    let strategy = strategy.or_else(|| {
        (app.is_update && (!app.volumes_at_first.persistent || context.release() < Release::V1_6))
            .then_some(app.fields.value)
    });
    if let Some(strategy) = strategy
        && strategy.as_str().is_none()
    {
        let text = "unreachableStrategy must be disabled for resident tasks";
        context.reject(&RESIDENT_UNREACHABLE, Canonical, strategy, "/", text).describe(
            "an unreachable instance with persistent volumes must not be replaced: its data is where it is",
            "write \"unreachableStrategy\": \"disabled\"",
        );
    }
}
