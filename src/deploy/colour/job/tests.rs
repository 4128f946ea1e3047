use serde_json::{Value as Json, json};

use super::*;
use crate::deploy::colour::prepare::{Paint, Terms};
use crate::deploy::colour::{Colour, members, stage};
use crate::marathon::Running;
use crate::source::{Document, Format};
use crate::target::Target;

fn wanted(cmd: &str, instances: u64) -> Pairable {
    let app = json!({"id": "/web", "cmd": cmd, "instances": instances, "portDefinitions": [{"port": 10000}],
        "labels": {"HAPROXY_DEPLOYMENT_GROUP": "web", "HAPROXY_DEPLOYMENT_ALT_PORT": "10001"}});
    let document = Document::parse(app.to_string(), Format::Json).expect("JSON");
    Pairable::of(document.root()).expect("a pair")
}

/// An app that runs: its command, its colour, its instances, and as how many a canary was begun.
fn runs(cmd: &str, colour: Colour, instances: u64, canary: u64) -> Json {
    let started_at = if colour == Colour::Blue { "2023-11-14T00:00:00" } else { "2023-11-15T00:00:00" };
    let terms = Terms { started_at, target: 10, new_instances: canary };
    wanted(cmd, 10).painted(&Paint { colour, port: 10_000, instances, terms })
}

fn what(running: &[Json], cmd: &str, strategy: Strategy) -> String {
    let all = running.iter().map(|definition| {
        let running = Running {
            definition: definition.clone(),
            version: String::new(),
            config_version: None,
            wanted: definition["instances"].as_u64().expect("a number"),
            instances: Vec::new(),
            deployments: Vec::new(),
            failure: None,
            readiness: Vec::new(),
        };
        (running.id().to_owned(), running)
    });
    let stage = stage("web", members("/web", &all.collect())).expect("a stage");
    let request = Request { strategy, keep_instances: false };
    match job(stage, &wanted(cmd, 10), request, &"dcos-2.2".parse::<Target>().expect("a target").settings()) {
        Ok(Job::First) => "first".to_owned(),
        Ok(Job::Replace(old, canary)) => format!("replace {} {canary:?}", old.id),
        Ok(Job::Continue(pair, canary)) => format!("continue {} {} {canary:?}", pair.old.id, pair.new.id),
        Ok(Job::Abort(pair)) => format!("abort {}", pair.new.id),
        Ok(Job::Scale(member, number)) => format!("scale {} {number}", member.id),
        Ok(Job::Nothing(_, words)) => format!("nothing: {words}"),
        Err(Refused::UnderWay(words)) => format!("under way: {words}"),
        Err(Refused::Impossible(words)) => format!("impossible: {words}"),
    }
}

#[test]
fn each_stage_and_request_has_its_job() {
    use Colour::{Blue, Green};
    use Strategy::{Abort, BlueGreen, Canary, Promote};
    let blue = |instances| runs("one", Blue, instances, 0);
    let green = |instances, canary| runs("two", Green, instances, canary);
    let cases: Vec<(Vec<Json>, &str, Strategy, &str)> = vec![
        (vec![], "one", BlueGreen, "first"),
        (vec![], "one", Canary(Some(2)), "first"),
        (vec![], "one", Promote, "impossible: no app of the deployment group web runs"),
        (vec![blue(10)], "one", BlueGreen, "nothing: /web-blue runs as written"),
        (vec![blue(7)], "one", BlueGreen, "scale /web-blue 10"),
        (vec![blue(10)], "two", BlueGreen, "replace /web-blue None"),
        (vec![blue(10)], "two", Canary(Some(2)), "replace /web-blue Some(2)"),
        (vec![blue(10)], "two", Canary(None), "impossible: --canary N is missing"),
        (vec![blue(10)], "two", Canary(Some(10)), "impossible: a canary of 10 needs more than 10 instances"),
        (vec![blue(10)], "two", Promote, "impossible: there is no canary to promote"),
        (vec![blue(10)], "two", Abort, "nothing: no deployment is under way"),
        (vec![blue(5), green(5, 0)], "two", BlueGreen, "continue /web-blue /web-green None"),
        (vec![blue(5), green(5, 0)], "two", Abort, "abort /web-green"),
        (vec![blue(5), green(5, 0)], "three", Abort, "abort /web-green"),
        (vec![blue(5), green(5, 0)], "two", Canary(Some(2)), "under way: a blue/green deployment"),
        (
            vec![blue(5), green(5, 0)],
            "three",
            BlueGreen,
            "under way: a deployment from /web-blue to /web-green is under way, and /web-green is not this definition: /cmd differ",
        ),
        (
            vec![blue(5), green(5, 0)],
            "one",
            BlueGreen,
            "under way: a deployment from /web-blue to /web-green is under way, and /web-green is not this definition: /cmd differ; the definition is that of /web-blue",
        ),
        (vec![blue(9), green(1, 2)], "two", Canary(Some(2)), "continue /web-blue /web-green Some(2)"),
        (vec![blue(9), green(1, 2)], "two", Canary(None), "continue /web-blue /web-green Some(2)"),
        (vec![blue(8), green(2, 2)], "two", Canary(Some(2)), "nothing: 2 of 10 instances are the canary"),
        (
            vec![blue(8), green(2, 2)],
            "two",
            Canary(Some(3)),
            "under way: the canary /web-green has 2 instances",
        ),
        (vec![blue(8), green(2, 2)], "two", BlueGreen, "under way: /web-green is a canary"),
        (vec![blue(8), green(2, 2)], "two", Promote, "continue /web-blue /web-green None"),
        (vec![blue(8), green(2, 2)], "three", Promote, "under way: a deployment"),
        (vec![blue(5), green(5, 2)], "two", Canary(Some(2)), "continue /web-blue /web-green None"),
    ];
    for (running, cmd, strategy, expected) in cases {
        let found = what(&running, cmd, strategy);
        assert!(found.starts_with(expected), "{strategy:?} of {cmd}: {found}, not {expected}");
    }
}

#[test]
fn an_app_without_colour_is_replaced_and_has_no_canary() {
    let mut plain = runs("one", Colour::Blue, 3, 0);
    plain["id"] = "/web".into();
    plain["labels"] = json!({"HAPROXY_DEPLOYMENT_GROUP": "/web", "HAPROXY_DEPLOYMENT_ALT_PORT": "10001"});
    assert_eq!(what(&[plain.clone()], "two", Strategy::BlueGreen), "replace /web None");
    assert!(
        what(&[plain.clone()], "two", Strategy::Canary(Some(1)))
            .starts_with("impossible: /web was not deployed")
    );
    let moved = {
        let mut moved = plain;
        moved["portDefinitions"] = json!([{"port": 9000}]);
        moved
    };
    assert!(
        what(&[moved], "two", Strategy::BlueGreen).starts_with("impossible: /web has the service port 9000")
    );
}
