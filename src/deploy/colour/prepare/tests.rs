use super::*;
use crate::source::{Document, Format};

fn of(app: &Json) -> Result<Pairable, Unpaired> {
    let document = Document::parse(app.to_string(), Format::Json).expect("JSON");
    Pairable::of(document.root())
}

fn app(ports: &Json) -> Json {
    let mut app = json!({"id": "/shop/web", "cmd": "x", "instances": 3,
        "labels": {GROUP: "web", ALT_PORT: "10001", "team": "a"}});
    for (name, value) in ports.as_object().into_iter().flatten() {
        app[name] = value.clone();
    }
    app
}

#[test]
fn the_service_port_is_set_wherever_it_is() {
    let terms = Terms { started_at: "2023-11-14T22:13:20.123456", target: 3, new_instances: 0 };
    for (ports, path) in [
        (json!({"ports": [10000]}), "/ports/0"),
        (
            json!({"portDefinitions": [{"port": 10000, "name": "http"}, {"port": 0}]}),
            "/portDefinitions/0/port",
        ),
        (
            json!({"container": {"docker": {"image": "i", "portMappings": [{"containerPort": 80, "servicePort": 10000}]}}}),
            "/container/docker/portMappings/0/servicePort",
        ),
        (
            json!({"container": {"portMappings": [{"containerPort": 80, "servicePort": 10000}, {"containerPort": 81}]}}),
            "/container/portMappings/0/servicePort",
        ),
    ] {
        let pairable = of(&app(&ports)).expect("a pair");
        let paint =
            Paint { colour: Colour::Green, port: pairable.port_beside(Some(10_000)), instances: 1, terms };
        let painted = pairable.painted(&paint);
        assert_eq!(painted.pointer(path), Some(&json!(10_001)), "{ports}");
        assert_eq!(
            (&painted["id"], &painted["instances"], &painted["labels"]),
            (
                &json!("/shop/web-green"),
                &json!(1),
                &json!({GROUP: "web", ALT_PORT: "10001", "team": "a", APP_ID: "/shop/web", PORT: "10000", COLOUR: "green",
                    STARTED_AT: "2023-11-14T22:13:20.123456", TARGET: "3", NEW_INSTANCES: "0"})
            )
        );
        let rest = |app: &Json| {
            app.pointer(path.rsplit_once('/').expect("a path").0).map(|list| list.as_array().map(Vec::len))
        };
        assert_eq!(rest(&painted), rest(&app(&ports)), "nothing else of the ports changes");
    }
}

#[test]
fn both_apps_take_turns_with_the_ports() {
    let pairable = of(&app(&json!({"ports": [10000]}))).expect("a pair");
    let cases = [(None, 10_000), (Some(10_000), 10_001), (Some(10_001), 10_000), (Some(9_999), 10_001)];
    for (other, expected) in cases {
        assert_eq!(pairable.port_beside(other), expected, "{other:?}");
    }
}

#[test]
fn what_a_pair_needs_is_said() {
    let without = |name: &str| {
        let mut app = app(&json!({"ports": [10000]}));
        app["labels"].as_object_mut().expect("labels").remove(name);
        app
    };
    let alt = |port: &str| {
        let mut app = app(&json!({"ports": [10000]}));
        app["labels"][ALT_PORT] = port.into();
        app
    };
    let cases = [
        (without(GROUP), Unpaired::NoLabel(GROUP)),
        (without(ALT_PORT), Unpaired::NoLabel(ALT_PORT)),
        (alt("10000"), Unpaired::BadAltPort(10_000)),
        (alt("web"), Unpaired::BadAltPort(10_000)),
        (alt("0"), Unpaired::BadAltPort(10_000)),
        (app(&json!({})), Unpaired::NoServicePort),
        (app(&json!({"ports": [0]})), Unpaired::NoServicePort),
        (app(&json!({"container": {"portMappings": [{"containerPort": 80}]}})), Unpaired::NoServicePort),
        (app(&json!({"ports": [10000, 10005]})), Unpaired::SecondPort(1)),
        (
            app(&json!({"portDefinitions": [{"port": 10000}, {"port": 0}, {"port": 7}]})),
            Unpaired::SecondPort(2),
        ),
    ];
    for (app, expected) in cases {
        assert_eq!(of(&app).err(), Some(expected), "{app}");
    }
}
