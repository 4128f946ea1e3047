//! Properties of every migration, over recorded and generated definitions.

use std::collections::BTreeSet;

use milepost::finding::{Effect, Finding};
use milepost::lint;
use milepost::migrate::{MigrateError, Migration, MigrationPlan, migrate};
use milepost::normalize::normalize;
use milepost::source::{Document, Format, Kind};
use milepost::target::{Settings, Target};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::common::each_case;

/// Takes away what says who does a health check, and at which port.
fn without_checkers(stored: &mut Json) {
    match stored {
        Json::Array(elements) => elements.iter_mut().for_each(without_checkers),
        Json::Object(members) => {
            for check in members.get_mut("healthChecks").and_then(Json::as_array_mut).into_iter().flatten() {
                for name in ["protocol", "delaySeconds", "ignoreHttp1xx", "port", "portIndex"] {
                    check.as_object_mut().and_then(|check| check.remove(name));
                }
            }
            members.values_mut().for_each(without_checkers);
        }
        _ => {}
    }
}

/// Migrates, and holds what comes of it to what has to be: Marathon takes it, stores the same where only safe steps were
/// made, and there is nothing left to do. Nothing where Marathon refuses the text.
fn held(text: &str, kind: Kind, settings: &Settings, allows_unsafe: bool) -> Option<Migration> {
    let plan = MigrationPlan { allows_unsafe, ..MigrationPlan::new(settings.clone()) };
    let migrate = |text: &str| migrate(text, Format::Json, Some(kind), &plan);
    let stored = |text: &str| {
        let document = Document::parse(text, Format::Json).ok()?;
        Some(normalize(&document, kind.of_shape(document.root()), settings).ok()?.value)
    };
    let before = stored(text);
    let once = match migrate(text) {
        Ok(once) => once,
        Err(MigrateError::Refused(found)) => {
            assert!(before.is_none() && !found.is_empty(), "{text}: {found:?}");
            return None;
        }
        Err(error) => panic!("{text}: {error}"),
    };
    assert_eq!(once.steps.is_empty(), once.text == text, "{text}: {:?}", once.steps);
    let after = stored(&once.text);
    assert!(after.is_some(), "{text}: {}", once.text);
    let was_taken = before.is_some();
    if let (Some(mut before), Some(mut after)) = (before, after) {
        if once.steps.iter().any(|step| step.is_unsafe) {
            // Unsafe steps change nothing else.
            without_checkers(&mut before);
            without_checkers(&mut after);
        }
        assert_eq!(after, before, "{text}: {:?}", once.steps);
    }
    // What ran before still does.
    let failing = |text: &str| {
        let document = Document::parse(text, Format::Json).expect("it was read before");
        let found = lint::check(&document, kind.of_shape(document.root()), settings).into_iter();
        let fails =
            |found: &Finding| found.effect == Effect::Fails || found.rule.slug == "check-without-port";
        found.filter(fails).map(|found| found.rule.slug).collect::<BTreeSet<_>>()
    };
    if was_taken && once.text != text {
        let new = &failing(&once.text) - &failing(text);
        assert!(new.is_empty(), "{text}: {}: {new:?}", once.text);
    }
    let twice = migrate(&once.text).expect("it was taken");
    assert_eq!(twice.text, once.text, "{text}: {:?}", twice.steps);
    Some(once)
}

/// Over definitions with a real server's verdict, to its own release and to the last.
#[test]
fn what_a_server_has_seen_stays_the_same() {
    let mut changed = 0;
    let latest = "dcos".parse::<Target>().expect("a target").settings();
    each_case(crate::verdicts::records(), |record| {
        for (settings, allows_unsafe) in [(&record.settings, false), (&latest, true)] {
            let migrated = held(&record.text, record.kind, settings, allows_unsafe);
            changed += usize::from(migrated.is_some_and(|migrated| !migrated.steps.is_empty()));
        }
    });
    assert!(changed > 50, "only {changed} were changed");
}

/// A member that is left out as often as not.
fn member(name: &'static str, values: &[Json]) -> impl Strategy<Value = Option<(String, Json)>> + use<> {
    let value = prop::sample::select(values.to_vec());
    prop::option::of(value.prop_map(move |value| (name.to_owned(), value)))
}

/// An app with old forms in all combinations, those that Marathon refuses among them.
fn old_app() -> impl Strategy<Value = Json> {
    let mappings =
        [json!([]), json!(null), json!([{"containerPort": 80}, {"containerPort": 53, "protocol": "udp"}])];
    let docker = (
        member("network", &[json!("BRIDGE"), json!("user"), json!("HOST"), json!(null)]),
        member("portMappings", &mappings),
    );
    let container = (
        member("type", &[json!("DOCKER"), json!("MESOS")]),
        docker,
        member("portMappings", &mappings),
        member("volumes", &[json!([{"containerPath": "data", "mode": "RW", "persistent": {"size": 1}}])]),
    );
    let container = container.prop_map(|(kind, (network, inner), outer, volumes)| {
        let docker = [Some(("image".to_owned(), json!("a:1"))), network, inner].into_iter().flatten();
        let docker = Some(("docker".to_owned(), docker.collect()));
        [kind, docker, outer, volumes].into_iter().flatten().collect::<Json>()
    });
    let uri = "https://example.com/a.tgz";
    let discovery = json!({"ports": [{"number": 80, "name": "http", "protocol": "tcp"}]});
    let addresses = [
        json!(null),
        json!({}),
        json!({"networkName": "dcos", "labels": {"a": "b"}}),
        json!({"discovery": discovery}),
    ];
    let networks = [json!([]), json!(null), json!([{"mode": "container/bridge"}])];
    let checks = [json!([{"protocol": "HTTP", "portIndex": 0}]), json!([{"protocol": "MESOS_TCP"}])];
    let members = (
        prop::option::of(container.prop_map(|container| ("container".to_owned(), container))),
        member("uris", &[json!([]), json!(null), json!([uri, "/b c.tar"]), json!([uri, uri])]),
        member("fetch", &[json!([]), json!(null), json!([{"uri": uri}])]),
        member("ports", &[json!([]), json!(null), json!([0, 8080])]),
        member("portDefinitions", &[json!([]), json!([{"port": 0}, {"port": 8080, "name": "http"}])]),
        member("ipAddress", &addresses),
        member("networks", &networks),
        member("residency", &[json!(null), json!({"taskLostBehavior": "WAIT_FOREVER"})]),
        member("healthChecks", &checks),
    );
    members.prop_map(|(a, b, c, d, e, f, g, h, i)| {
        let id = [("id".to_owned(), json!("/a")), ("cmd".to_owned(), json!("sleep 1"))];
        id.into_iter().chain([a, b, c, d, e, f, g, h, i].into_iter().flatten()).collect()
    })
}

proptest! {
    #[test]
    fn whatever_is_migrated_stays_the_same(app in old_app(), lines: bool, release in 5..=11) {
        let text = if lines { format!("{app:#}") } else { app.to_string() };
        let target: Target = format!("marathon-1.{release}").parse().expect("a target");
        for allows_unsafe in [false, true] {
            if let Some(migrated) = held(&text, Kind::App, &target.settings(), allows_unsafe) {
                let is_told = migrated.left.iter().any(|left| left.rule.slug != "marathon-health-check");
                let old = |name: &str| migrated.text.contains(&format!("\"{name}\""));
                prop_assert!(
                    is_told || !["uris", "ports", "ipAddress", "network"].into_iter().any(old),
                    "{}", migrated.text
                );
            }
        }
    }
}
