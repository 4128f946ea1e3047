//! The elements of an array: `PUT /v2/apps` reads them as updates, even of apps that do not exist yet, and applies each to an
//! app of defaults (`AppsResource.canonicalAppUpdatesFromJson`, `AppHelpers`, 1.6 to 1.11).

use std::borrow::Cow;

use crate::definition::NetworkMode;
use crate::definition::id::AbsoluteId;
use crate::finding::Stage;
use crate::rule::shared::{ID_OUTSIDE_GROUP, MIXED_NETWORKS, UNNAMED_NETWORK, astray, undefined_network};
use crate::rule::view::{AppView, Fields, RawApp};
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::target::Release;
use crate::util::hash::Map;

use super::deprecated::{OLD_AND_NEW_NETWORKS, uris_and_fetch};

static APP_WITHOUT_ID: Rule = Rule::verdict("app-without-id", "An app in an array has an id")
    .why(
        "An array is sent to the address of all apps, so only its `id` says which app an element is. Marathon \
         does not say which of several elements has none.",
    )
    .since(Release::V1_9)
    .bad(r#"[{"id": "/web", "cmd": "./web"}, {"cmd": "./worker", "cpus": 1}]"#)
    .good(r#"[{"id": "/web", "cmd": "./web"}, {"id": "/worker", "cmd": "./worker", "cpus": 1}]"#);

static VERSION_WITH_FIELDS: Rule =
    Rule::verdict("version-with-fields", "An app in an array that says `version` says nothing else but its id")
        .why(
            "Elements of an array are updates, and one with a `version` goes back to that version. An app that was read \
             from a server has the field, and it has to go before the app is sent in an array.",
        )
        .since(Release::V1_5)
        .bad(r#"[{"id": "/web", "cmd": "./web", "version": "2024-01-01T00:00:00.000Z"}]"#)
        .good(r#"[{"id": "/web", "cmd": "./web"}]"#);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&APP_WITHOUT_ID, &VERSION_WITH_FIELDS];

/// Whether this release reads arrays as updates in the way implemented here.
pub(super) fn holds(release: Release) -> bool {
    release >= Release::V1_6
}

/// Checks what fails before an update is applied, except for the migration itself.
pub(super) fn before(raw: &RawApp<'_>, context: &mut Context<'_>) {
    let app = &raw.app;
    if !app.has("id") && context.release() >= Release::V1_9 {
        let text = "requirement failed: App Update must have app id set";
        context
            .reject(&APP_WITHOUT_ID, Stage::Conversion, app.value, "", text)
            .describe("an app in an array has an id", "add \"id\"");
        context.stop_if_failed();
    }
    if uris_and_fetch(app, Stage::Migration, "", "cannot specify both uris and fetch fields", context)
        .is_some()
    {
        context.stop_if_failed();
    }
    mixed(raw, context);
}

/// Rejects deprecated network fields beside `networks`, even an empty one.
fn mixed(raw: &RawApp<'_>, context: &mut Context<'_>) {
    let RawApp { app, docker, address, .. } = raw;
    let old = docker.as_ref().filter(|docker| docker.has("network")).map(|docker| docker.at("network"));
    if let Some(old) = old.or_else(|| address.as_ref().map(|address| address.value))
        && app.has("networks")
    {
        let text = "cannot mix deprecated and canonical network APIs";
        context.reject(&OLD_AND_NEW_NETWORKS, Stage::Migration, old, "", text).describe(
            "the network is said twice: here, and in `networks`",
            "remove it here, and say it in `networks`",
        );
        context.stop_if_failed();
    }
}

/// Checks the rules of 1.5 for the update itself, before deprecated fields are migrated
/// (`AppValidation.validateCanonicalAppUpdateAPI`), as far as they differ from those for apps.
pub(super) fn of_1_5(raw: &RawApp<'_>, context: &mut Context<'_>) {
    let RawApp { app, container, .. } = raw;
    if context.of_this().is_empty() {
        mixed(raw, context);
    }
    version(app, context);
    let id = AbsoluteId::parse(&app.text("id").unwrap_or_default());
    astray(&id, &ID_OUTSIDE_GROUP, app.at("id"), "/id", context);
    let networks: Vec<_> = app.list("networks").map(|network| Fields::of(network, &table::NETWORK)).collect();
    let is_host = |network: &Fields<'_>| {
        NetworkMode::of_word(network.word("mode").unwrap_or_default()) == NetworkMode::Host
    };
    let mappings = || container.iter().flat_map(|container| container.list("portMappings"));
    let mut reject = |at, text: &str| {
        context.reject(&MIXED_NETWORKS, Stage::Canonical, at, "/", text).describe(
            "these ports do not go with these networks",
            "write port definitions with a host network, and port mappings with any other",
        );
    };
    if networks.iter().any(is_host)
        && let Some(mapping) = mappings().next()
    {
        reject(mapping, "portMappings are not allowed with host-networking");
    }
    if networks.iter().any(|network| !is_host(network)) && app.has_any("portDefinitions") {
        reject(app.at("portDefinitions"), "portDefinitions are only allowed with host-networking");
    }
    // Only with a host network, or none, are the mappings dropped, so that the rules for apps do not check their names.
    if networks.iter().any(|network| !is_host(network)) {
        return;
    }
    for (index, mapping) in mappings().enumerate() {
        for (item, name) in
            mapping.get("networkNames").into_iter().flat_map(|names| names.elements()).enumerate()
        {
            let path = format!("/container/portMappings({index})/networkNames({item})");
            undefined_network(name, path, "app", std::iter::empty(), context);
        }
    }
}

/// Rejects `version` beside other fields.
fn version(fields: &Fields<'_>, context: &mut Context<'_>) {
    // The migration drops empty `uris`.
    let is_other = |name: &str| match name {
        "id" | "version" => false,
        "uris" => fields.has_any("uris"),
        _ => true,
    };
    if fields.has("version") && fields.names().any(is_other) {
        let text = "The 'version' field may only be combined with the 'id' field.";
        context.reject(&VERSION_WITH_FIELDS, Stage::Canonical, fields.at("version"), "/", text).describe(
            "an app in an array that says `version` goes back to that version, and says nothing else",
            "remove `version`",
        );
    }
}

/// Makes each app whose id an earlier one has into that one changed by it. It stays as it is where it only names a version.
pub(super) fn over_earlier<'a, 's: 'a>(
    apps: &mut [(RawApp<'a>, AppView<'a>, bool)],
    context: &mut Context<'s>,
) {
    let mut last: Map<AbsoluteId, usize> = Map::default();
    for number in 0..apps.len() {
        let (raw, app, _) = &apps[number];
        let earlier = last.insert(app.id.clone(), number).filter(|_| !raw.app.has("version"));
        let Some(earlier) = earlier.filter(|earlier| apps[*earlier].2 && apps[number].2) else { continue };
        let Some(raw) = apps[earlier].0.updated(raw) else { continue };
        // The two have passed their own migration.
        if let Some(mut app) = AppView::of(&raw, &AbsoluteId::root(), true, &mut None) {
            name_networks(&mut app, context);
            app.volumes_at_first = apps[earlier].1.volumes_at_first;
            (apps[number].0, apps[number].1) = (raw, app);
        }
    }
}

/// Gives unnamed networks the default name; `false` where there is an unnamed one and no such name.
fn name_networks<'a, 's: 'a>(app: &mut AppView<'a>, context: &Context<'s>) -> bool {
    let mut unnamed = app.networks.iter_mut().filter(|network| network.is_unnamed());
    match &context.settings.default_network {
        Some(default) => unnamed.for_each(|network| network.name = Some(Cow::Borrowed(default))),
        None => return unnamed.next().is_none(),
    }
    true
}

/// Checks what fails after the migration. Gives unnamed networks the default name.
pub(super) fn after<'a, 's: 'a>(app: &mut AppView<'a>, context: &mut Context<'s>) {
    version(&app.fields, context);
    context.stop_if_failed();
    if !name_networks(app, context) {
        let text = "container network name is not defined";
        context.reject(&UNNAMED_NETWORK, Stage::Migration, app.fields.at("networks"), "", text).describe(
            "this Marathon has no default network, and a container network has no name",
            "name the network",
        );
        context.stop_if_failed();
    }
}
