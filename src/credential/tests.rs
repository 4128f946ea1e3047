//! What holds for every document, whatever is in it and however it is written.

use std::io;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::Serialize as _;
use serde_json::ser::{Formatter, PrettyFormatter};
use serde_json::{Map, Value as Json, json};

use super::*;
use crate::source::Format;

const URI: &str = "file:///etc/docker.tar.gz";
const SOURCE: &str = "/shop/pull";

fn archive(release: Release) -> WireOptions {
    let archive = Archive::new(URI).expect("a sound URI");
    WireOptions::new(Credential::Archive(archive), release)
}

fn secret(convert: bool) -> WireOptions {
    let secret = Secret::new(SOURCE, DEFAULT_SECRET_NAME, Release::LATEST).expect("a sound secret");
    WireOptions::new(Credential::Secret { secret, convert }, Release::LATEST)
}

/// Members that have nothing to do with credentials.
fn bystanders() -> impl Strategy<Value = Map<String, Json>> {
    let scalar = prop_oneof![
        any::<bool>().prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
        "[ -~äß\\\\\"/]{0,8}".prop_map(Json::from),
        Just(Json::Null),
    ];
    let value = prop_oneof![
        scalar.clone(),
        vec(scalar.clone(), 0..3).prop_map(Json::from),
        btree_map("[a-z]{1,4}", scalar, 0..3).prop_map(|map| map.into_iter().collect::<Map<_, _>>().into()),
    ];
    btree_map("x[a-z]{0,5}", value, 0..4).prop_map(|map| map.into_iter().collect())
}

fn fetch() -> impl Strategy<Value = Option<Json>> {
    let uri = prop_oneof![Just("https://example.com/a.tgz"), Just(URI), Just("https://example.com/b")];
    prop_oneof![
        Just(None),
        Just(Some(Json::Null)),
        vec(uri.prop_map(|uri| json!({ "uri": uri, "executable": false })), 0..3)
            .prop_map(|list| Some(list.into())),
    ]
}

fn docker() -> impl Strategy<Value = Json> {
    let network = prop_oneof![Just(None), Just(Some("HOST")), Just(Some("BRIDGE")), Just(Some("USER"))];
    let mappings = prop_oneof![
        Just(None),
        vec((0..9i32).prop_map(|port| json!({ "containerPort": port, "labels": {} })), 0..3).prop_map(Some),
    ];
    (network, mappings, any::<bool>(), bystanders()).prop_map(
        |(network, mappings, privileged, mut docker)| {
            docker.insert("image".into(), "r.example.com/a".into());
            docker.extend(network.map(|network| ("network".into(), network.into())));
            docker.extend(mappings.map(|mappings| ("portMappings".into(), mappings.into())));
            docker.insert("privileged".into(), privileged.into());
            docker.into()
        },
    )
}

fn app() -> impl Strategy<Value = Json> {
    let engine = prop_oneof![Just(None), Just(Some("DOCKER")), Just(Some("docker")), Just(Some("MESOS"))];
    let container = prop_oneof![
        1 => Just(Json::Null),
        5 => (engine, docker(), bystanders()).prop_map(|(engine, docker, mut container)| {
            container.extend(engine.map(|engine| ("type".into(), engine.into())));
            container.insert("docker".into(), docker);
            container.into()
        }),
    ];
    let uris = prop_oneof![3 => Just(None), 1 => Just(Some(json!(["https://example.com/c.zip"])))];
    let secrets = prop_oneof![Just(None), Just(Some(json!({ "db": { "source": "/db" } })))];
    (container, fetch(), uris, secrets, bystanders()).prop_map(|(container, fetch, uris, secrets, rest)| {
        let mut app = Map::from_iter([("id".to_owned(), Json::from("/a"))]);
        app.extend(rest);
        app.insert("container".into(), container);
        app.extend(fetch.map(|fetch| ("fetch".into(), fetch)));
        app.extend(secrets.map(|secrets| ("secrets".into(), secrets)));
        app.extend(uris.map(|uris| ("uris".into(), uris)));
        app.into()
    })
}

fn pod() -> impl Strategy<Value = Json> {
    let image = prop_oneof![Just(None), Just(Some(json!({ "kind": "DOCKER", "id": "r.example.com/a" })))];
    let container = (image, bystanders()).prop_map(|(image, mut container)| {
        container.insert("name".into(), "web".into());
        container.extend(image.map(|image| ("image".into(), image)));
        Json::from(container)
    });
    (vec(container, 1..4), bystanders()).prop_map(|(containers, mut pod)| {
        pod.insert("id".into(), "/pod".into());
        pod.insert("containers".into(), containers.into());
        pod.into()
    })
}

fn document() -> impl Strategy<Value = (Kind, Json)> {
    let group = (vec(app(), 0..3), vec(app(), 0..3)).prop_map(|(apps, deeper)| {
        json!({ "id": "/g", "apps": apps, "groups": [{ "id": "h", "apps": deeper, "groups": [] }] })
    });
    prop_oneof![
        3 => app().prop_map(|app| (Kind::App, app)),
        2 => pod().prop_map(|pod| (Kind::Pod, pod)),
        1 => vec(app(), 1..3).prop_map(|apps| (Kind::Apps, apps.into())),
        1 => group.prop_map(|group| (Kind::Group, group)),
    ]
}

/// The same value in the layouts that files come in.
fn layout(value: &Json, layout: usize) -> String {
    let pretty = serde_json::to_string_pretty(value).expect("JSON");
    match layout {
        0 => value.to_string(),
        1 => pretty + "\n",
        2 => pretty.replace('\n', "\r\n"),
        3 => formatted(value, PrettyFormatter::with_indent(b"\t")),
        _ => formatted(value, SpacedColons),
    }
}

/// Without indentation, and with a space on both sides of each colon.
struct SpacedColons;

impl Formatter for SpacedColons {
    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b" : ")
    }
}

fn formatted(value: &Json, formatter: impl Formatter) -> String {
    let mut text = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut text, formatter)).expect("JSON");
    String::from_utf8(text).expect("UTF-8")
}

fn parse(text: &str) -> Document {
    Document::parse(text, Format::Json).expect("valid JSON")
}

fn json_of(text: &str) -> Json {
    serde_json::from_str(text).expect("valid JSON")
}

/// Takes out what wiring puts in, and what becomes empty by that, at any depth.
fn without_credentials(value: &Json) -> Json {
    let is_ours = |value: &Json| value == URI || value["uri"] == URI;
    match value {
        Json::Array(elements) => {
            elements.iter().filter(|element| !is_ours(element)).map(without_credentials).collect()
        }
        Json::Object(members) => {
            let kept =
                members.iter().filter(|(name, _)| *name != "pullConfig" && *name != DEFAULT_SECRET_NAME);
            let kept = kept.map(|(name, value)| (name.clone(), without_credentials(value)));
            let is_empty = |name: &str, value: &Json| {
                let credential = matches!(name, "fetch" | "uris" | "secrets");
                credential && (value.is_null() || *value == json!([]) || *value == json!({}))
            };
            kept.filter(|(name, value)| !is_empty(name, value)).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

fn is_subsequence(of: &str, text: &str) -> bool {
    let mut rest = text.chars();
    of.chars().filter(|c| !c.is_whitespace()).all(|wanted| rest.any(|c| c == wanted))
}

fn any_options() -> impl Strategy<Value = (bool, WireOptions)> {
    prop_oneof![
        Just((false, archive(Release::LATEST))),
        Just((false, archive(Release::V1_4))),
        Just((false, secret(false))),
        Just((true, secret(true))),
    ]
}

proptest! {
    #[test]
    fn wiring_twice_equals_once((kind, value) in document(), style in 0..5usize, (_, options) in any_options()) {
        let Ok(once) = wire(parse(&layout(&value, style)), kind, &options) else { return Ok(()) };
        let text = once.document.text().to_owned();
        let twice = wire(once.document, kind, &options).expect("what was wired can be wired");
        prop_assert!(!twice.changed());
        prop_assert_eq!(twice.document.text(), text);
    }

    #[test]
    fn wiring_many_equals_wiring_each(apps in vec(app(), 1..5), style in 0..5usize, (_, options) in any_options()) {
        let alone = |app: &Json| wire(parse(&app.to_string()), Kind::App, &options);
        let each: Vec<_> = apps.iter().map(alone).collect();
        let Ok(together) = wire(parse(&layout(&apps.clone().into(), style)), Kind::Apps, &options) else {
            prop_assert!(each.iter().all(Result::is_err));
            return Ok(());
        };
        let each = each.iter().zip(&apps).map(|(outcome, app)| match outcome {
            Ok(outcome) => json_of(outcome.document.text()),
            Err(_) => app.clone(),
        });
        prop_assert_eq!(json_of(together.document.text()), each.collect::<Json>());
    }

    #[test]
    fn changes_in_one_pass_equal_one_by_one((kind, value) in document(), style in 0..5usize, (_, options) in any_options()) {
        let document = parse(&layout(&value, style));
        let plans: Vec<Vec<plan::WireChange>> = definitions::definitions(&document, kind)
            .iter()
            .map(|definition| plan(definition, &options).map(|plan| plan.changes).unwrap_or_default())
            .collect();
        let at_once = apply::apply(document.clone(), kind, &plans).expect("JSON can be edited");
        let mut one_by_one = document;
        for (index, changes) in plans.iter().enumerate() {
            for change in changes {
                let mut only = vec![Vec::new(); plans.len()];
                only[index].push(change.clone());
                one_by_one = apply::apply(one_by_one, kind, &only).expect("JSON can be edited");
            }
        }
        prop_assert_eq!(at_once.text(), one_by_one.text());
    }

    #[test]
    fn only_the_credentials_are_added((kind, value) in document(), style in 0..5usize, (convert, options) in any_options()) {
        let before = layout(&value, style);
        let Ok(outcome) = wire(parse(&before), kind, &options) else { return Ok(()) };
        let after = outcome.document.text();
        prop_assert_eq!(outcome.changed(), before != after);
        if !convert {
            // Everything else is still there, in its place. `"fetch": null` is replaced, and an archive that UCR does not read
            // goes when the secret comes.
            let stays = if matches!(options.credential, Credential::Archive(_)) {
                before.replace("null", "")
            } else {
                layout(&without_credentials(&value), style)
            };
            prop_assert!(is_subsequence(&stays, after), "{after}");
            prop_assert_eq!(without_credentials(&json_of(after)), without_credentials(&value));
        }
    }

    #[test]
    fn a_converted_app_keeps_its_ports_and_nothing_of_docker(value in app(), style in 0..5usize) {
        let before = layout(&value, style);
        let Ok(outcome) = wire(parse(&before), Kind::App, &secret(true)) else { return Ok(()) };
        let after = json_of(outcome.document.text());
        let (old, new) = (&value["container"], &after["container"]);
        prop_assert_eq!(&new["type"], "MESOS");
        prop_assert_eq!(&new["docker"]["pullConfig"]["secret"], DEFAULT_SECRET_NAME);
        if old["type"] != "MESOS" {
            prop_assert_eq!(&new["portMappings"], &old["docker"]["portMappings"]);
            prop_assert!(new["docker"].get("network").is_none() && new["docker"].get("portMappings").is_none());
            prop_assert_ne!(&new["docker"]["privileged"], true);
            prop_assert!(!after["fetch"].to_string().contains(URI));
            let mode = match old["docker"]["network"].as_str() {
                Some("BRIDGE") => json!("container/bridge"),
                Some("USER") => json!("container"),
                _ => Json::Null,
            };
            prop_assert_eq!(&after["networks"][0]["mode"], &mode);
        }
    }
}

#[test]
fn a_network_that_is_written_twice_goes_altogether() {
    let text = r#"{"id": "/a", "container": {"docker": {"image": "r/a", "network": "HOST", "network": "BRIDGE",
        "portMappings": [], "portMappings": [{"containerPort": 80}]}}}"#;
    let outcome = wire(parse(text), Kind::App, &secret(true)).expect("nothing needs Docker");
    let after = json_of(outcome.document.text());
    let docker = json!({ "image": "r/a", "pullConfig": { "secret": DEFAULT_SECRET_NAME } });
    assert_eq!(after["container"]["docker"], docker);
    assert_eq!(after["container"]["portMappings"], json!([{ "containerPort": 80 }]));
    assert_eq!(after["networks"], json!([{ "mode": "container/bridge" }]));
}

#[test]
fn ip_addresses_become_networks_as_marathon_reads_them() {
    let convert = |address: Json, network: Option<&str>| {
        let mut app =
            json!({ "id": "/a", "container": { "docker": { "image": "r/a" } }, "ipAddress": address });
        if let Some(network) = network {
            app["container"]["docker"]["network"] = network.into();
        }
        let outcome = wire(parse(&app.to_string()), Kind::App, &secret(true)).expect("nothing needs Docker");
        let after = json_of(outcome.document.text());
        assert!(after.get("ipAddress").is_none());
        after["networks"].clone()
    };
    let address = || json!({ "networkName": "dcos", "labels": { "a": "b" } });
    assert_eq!(
        convert(address(), Some("USER")),
        json!([{ "mode": "container", "name": "dcos", "labels": { "a": "b" } }])
    );
    assert_eq!(
        convert(address(), Some("BRIDGE")),
        json!([{ "mode": "container/bridge", "labels": { "a": "b" } }])
    );
    assert_eq!(convert(address(), Some("HOST")), Json::Null);
    assert_eq!(convert(json!({}), None), json!([{ "mode": "container" }]));
    assert_eq!(
        convert(json!({ "networkName": "mesos-bridge" }), None),
        json!([{ "mode": "container/bridge" }])
    );
}

#[test]
fn passwords_in_a_uri_are_not_shown() {
    let archive = Archive::new("https://me:hunter2@files.example.com/docker.tar.gz?sig=abc").expect("sound");
    assert_eq!(archive.to_string(), "https://files.example.com/docker.tar.gz?…");
    assert!(!format!("{archive:?}").contains("hunter2"));
}
