use serde_json::json;

use super::*;

/// An app of a group: its id, when it began, its instances, and the labels of the target and of a canary.
fn member(id: &str, began: &str, instances: u64, target: &str, new: &str) -> Member {
    let labels = json!({GROUP: "web", STARTED_AT: began, TARGET: target, NEW_INSTANCES: new, COLOUR: "blue", PORT: "10000"});
    Member::of(&Running {
        definition: json!({"id": id, "labels": labels, "ports": [10001]}),
        version: String::new(),
        config_version: None,
        wanted: instances,
        instances: Vec::new(),
        deployments: Vec::new(),
        failure: None,
        readiness: Vec::new(),
    })
}

#[test]
fn two_apps_tell_how_far_it_is() {
    // Old instances, new instances, the label of the target, the label of the canary.
    for (old, new, target, canary, expected) in [
        (10, 1, "10", "0", Course::Moving),
        (0, 10, "10", "0", Course::Moving),
        (10, 1, "10", "3", Course::Becoming { instances: 3 }),
        (8, 3, "10", "3", Course::Becoming { instances: 3 }),
        (7, 3, "10", "3", Course::Hybrid { instances: 3 }),
        // It is being promoted.
        (7, 5, "10", "3", Course::Moving),
        // Labels of another program, or none.
        (7, 3, "", "", Course::Moving),
    ] {
        let members =
            vec![member("/b", "2023-11-15", new, target, canary), member("/a", "2023-11-14", old, "10", "0")];
        let Ok(ColourStage::Between(pair)) = stage("web", members) else { panic!("two apps") };
        assert_eq!(
            (&*pair.old.id, &*pair.new.id, pair.course),
            ("/a", "/b", expected),
            "{old} {new} {target} {canary}"
        );
    }
}

#[test]
fn a_group_has_two_apps_at_most() {
    let at = |id: &str, began: &str| member(id, began, 1, "1", "0");
    assert_eq!(stage("web", vec![]), Ok(ColourStage::Empty));
    assert!(matches!(stage("web", vec![at("/a", "1")]), Ok(ColourStage::Alone(_))));
    // An app without the label is the older one.
    let Ok(ColourStage::Between(pair)) = stage("web", vec![at("/a", "1"), at("/b", "")]) else {
        panic!("two apps")
    };
    assert_eq!(pair.old.id, "/b");
    let same =
        StageError::SameAge { group: "web".to_owned(), first: "/a".to_owned(), second: "/b".to_owned() };
    assert_eq!(stage("web", vec![at("/a", "1"), at("/b", "1")]), Err(same));
    let many =
        stage("web", vec![at("/a", "1"), at("/b", "2"), at("/c", "3")]).expect_err("three apps").to_string();
    assert!(
        many.contains("web has 3 apps") && many.contains("/a") && many.contains("/b") && many.contains("/c"),
        "{many}"
    );
}

#[test]
fn labels_and_ports_are_read() {
    let member = member("/a", "2023-11-14", 4, "7", "2");
    assert_eq!(
        (
            member.colour,
            member.service_port,
            member.public_port,
            member.target,
            member.new_instances,
            member.instances
        ),
        (Some(Colour::Blue), Some(10_001), Some(10_000), Some(7), 2, 4)
    );
}
