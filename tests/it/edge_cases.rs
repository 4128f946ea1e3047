//! Definitions that are rare in practice, and Marathon's answers to them: of 1.11 the texts, of 1.5 the status.

use milepost::lint::{Linter, Report};
use milepost::source::{Format, Kind};
use milepost::target::{Release, Target};

use super::common::each_case;

/// What Marathon answers, on one line: `accepted`, or the status with `path: error | …` or the message.
pub(crate) fn answer(target: &str, kind: Kind, text: &str) -> String {
    let settings = target.parse::<Target>().expect("the test's target").settings();
    let report = Linter::default().lint(text.as_bytes().to_vec(), Format::Json, Some(kind), &settings);
    in_words(&report, settings.release)
}

fn in_words(report: &Report, release: Release) -> String {
    let Some(answer) = report.server_answer(release) else { return "accepted".to_owned() };
    let status = answer.status.map_or_else(String::new, |status| status.to_string());
    if release == Release::V1_5 {
        return status;
    }
    let lines = answer
        .details
        .iter()
        .flat_map(|detail| detail.errors.iter().map(move |error| format!("{}: {error}", detail.path)));
    let lines: Vec<String> = lines.collect();
    format!("{status} {}", if lines.is_empty() { answer.message } else { lines.join(" | ") })
}

fn check(cases: &[(&str, Kind, &str, &str)]) {
    each_case(cases, |(target, kind, text, wanted)| {
        assert_eq!(&answer(target, *kind, text), wanted, "{target} {text}");
    });
}

#[test]
fn numbers_have_34_digits_and_limits() {
    check(&[
        (
            "dcos",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "instances": 0.9999999999999999999999999999999999999999}"#,
            "accepted",
        ),
        (
            "dcos",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "instances": 0.9999999999999999999999999999999999}"#,
            "422 /instances: error.expected.int",
        ),
        ("dcos", Kind::App, r#"{"id": "/a", "cmd": "sleep 1", "mem": 1e-6178}"#, "accepted"),
        (
            "dcos",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "mem": 1e-6179}"#,
            r#"422 Number scale (6179) is out of limits for field "mem""#,
        ),
        (
            "dcos",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "instances": 1e1000}"#,
            "422 /instances: error.expected.int",
        ),
        (
            "dcos",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "unknown": [1, 1e6179]}"#,
            r#"422 Number scale (-6179) is out of limits for field "null""#,
        ),
        ("dcos-1.10", Kind::App, r#"{"id": "/a", "cmd": "sleep 1", "unknown": 1e6179}"#, "accepted"),
        (
            "dcos",
            Kind::App,
            r#"{"cmd": "sleep \ud800", "mem": 1e-7, "cpus": 9999999999999999999999999999999999}"#,
            r#"422 /id: 'id' is undefined on object: {"cmd":"sleep ?","mem":1E-7,"cpus":9999999999999999999999999999999999}"#,
        ),
    ]);
}

#[test]
fn names_of_a_map_are_looked_at_when_its_values_are_taken() {
    check(&[
        (
            "dcos",
            Kind::Pod,
            r#"{"id": "/p", "environment": {"a b": "x"}, "containers": [{"name": "c", "resources": {}}]}"#,
            "422 /environment/a b: error.pattern",
        ),
        (
            "dcos",
            Kind::Pod,
            r#"{"id": "/p", "environment": {"a b": 1}, "containers": [{"name": "c", "resources": {}}]}"#,
            "422 /environment/a b: error.expected.jsobject",
        ),
    ]);
}

#[test]
fn limits_are_compared_with_a_containers_requests() {
    check(&[(
        "dcos",
        Kind::Pod,
        r#"{"id": "/p", "containers": [{"name": "c", "resources": {}, "resourceLimits": {"cpus": 0.5, "mem": 64}}]}"#,
        "422 /containers(0)/resourceLimits/cpus: resource limit must be greater than or equal to requested resource (1.0) | /containers(0)/resourceLimits/mem: resource limit must be greater than or equal to requested resource (128.0)",
    )]);
}

#[test]
fn what_cannot_be_stored_is_rejected() {
    check(&[
        (
            "dcos",
            Kind::Pod,
            r#"{"id": "/p", "containers": [{"name": "c", "resources": {}, "lifecycle": {"killGracePeriodSeconds": 1e309}}]}"#,
            "accepted",
        ),
        (
            "dcos",
            Kind::Pod,
            r#"{"id": "/p", "scheduling": {"backoff": {"backoffFactor": 1e309}}, "containers": [{"name": "c", "resources": {}}]}"#,
            "accepted",
        ),
        (
            "dcos-1.10",
            Kind::Pod,
            r#"{"id": "/p", "containers": [{"name": "c", "resources": {"cpus": 1, "mem": 1}, "lifecycle": {"killGracePeriodSeconds": 1e309}}]}"#,
            "422",
        ),
        (
            "dcos",
            Kind::Pod,
            r#"{"id": "/p", "containers": [{"name": "c", "resources": {"cpus": 1e309}}]}"#,
            r#"422 Character I is neither a decimal digit number, decimal point, nor "e" notation exponential mark."#,
        ),
        ("dcos-1.10", Kind::App, r#"{"id": "/a", "cmd": "sleep 1", "mem": 1e309}"#, "422"),
        (
            "dcos-1.10",
            Kind::Group,
            r#"{"id": "/g", "apps": [{"id": "a", "cmd": "sleep 1", "mem": 1e309}]}"#,
            "accepted",
        ),
    ]);
}

#[test]
fn external_volumes_are_counted_twice() {
    check(&[
        (
            "dcos",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "volumes": [{"containerPath": "/c", "hostPath": "/h", "mode": "RW"}, {"containerPath": "/d", "mode": "RO", "external": {"name": "v", "provider": "dvdi", "options": {"dvdi/driver": "rexray"}}}]}}"#,
            "422 /container/volumes(0)/mode: does not equal RW | /container/volumes(1)/mode: does not equal RW",
        ),
        (
            "dcos",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "volumes": [{"containerPath": "/d", "mode": "RW", "external": {"name": "", "options": {"dvdi/driver": "rexray"}}}]}}"#,
            "422 /container/volumes(0)/external/provider: not defined",
        ),
        (
            "dcos",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "cpus": 1, "args": ["x"], "container": {"type": "MESOS", "volumes": [{"containerPath": "/d", "mode": "RW", "external": {"name": "v", "provider": "dvdi", "options": {"pluginName": "org.x", "capability": {"accessType": "mount", "accessMode": "MULTI_NODE_SINGLE_WRITER", "fsType": "ext4"}}}}]}}"#,
            "500 Bug. DVDIProvider volume logic applied for CSI data structure. We should not get here.",
        ),
    ]);
}

#[test]
fn networks_that_do_not_go_together_still_get_mappings() {
    check(&[(
        "dcos",
        Kind::App,
        r#"{"id": "/a", "cmd": "sleep 1", "networks": [{"mode": "host"}, {"mode": "container", "name": "n"}], "container": {"type": "MESOS"}, "ports": [0]}"#,
        "422 /: portMappings are not allowed with host-networking | /networks: May specify a single host network, single bridge network, or else 1-to-n container networks",
    )]);
}

#[test]
fn ids_outside_their_group_are_reported() {
    check(&[
        (
            "dcos",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "dependencies": ["/b/../c"]}"#,
            "422 /dependencies(0): Identifier is not child of '/b/..'",
        ),
        ("dcos", Kind::Group, r#"{"id": "/b/../c"}"#, "422 /: Identifier is not child of '/b/..'"),
        (
            "dcos",
            Kind::Group,
            r#"{"id": "/b", "groups": [{"id": "/b/../c"}]}"#,
            "422 /groups(0)/id: Identifier is not child of '/b/..'",
        ),
    ]);
}

#[test]
fn a_group_may_depend_on_what_no_app_may() {
    check(&[(
        "standalone",
        Kind::Group,
        r#"{"id": "/b", "dependencies": ["."], "apps": [{"id": "a", "cmd": "sleep 1"}]}"#,
        "422 /: Dependency graph has cyclic dependencies.",
    )]);
}

#[test]
fn the_root_group_says_nothing_about_roles() {
    check(&[
        (
            "standalone",
            Kind::Group,
            r#"{"enforceRole": true}"#,
            "409 Group / is already created. Use PUT to change this group.",
        ),
        (
            "dcos",
            Kind::Group,
            r#"{"groups": [{"id": "b/c"}]}"#,
            "422 /groups(0)/enforceRole: enforceRole can only be set for top-level groups, and /b/c is not top-level",
        ),
        (
            "standalone",
            Kind::Group,
            r#"{"id": "/b", "apps": [], "groups": [{"id": "/.."}]}"#,
            "422 /groups(0)/enforceRole: enforceRole cannot be modified in a request that adds, removes or modifies services; please make these changes in separate requests. | /groups(0)/id: must not end with any of the following reserved keywords: restart, tasks, versions, ., ..",
        ),
    ]);
}

#[test]
fn members_that_are_the_same_are_one() {
    check(&[(
        "dcos",
        Kind::Group,
        r#"{"id": "/b", "groups": [{"id": "c", "scaleBy": 1}, {"id": "d"}, {"id": "c", "scaleBy": 1}]}"#,
        "422 /groups(0)/scaleBy: not allowed in conjunction with other properties.",
    )]);
}

#[test]
fn elements_of_an_array_are_updates() {
    check(&[
        (
            "dcos",
            Kind::Apps,
            r#"[{"cmd": "sleep 1"}]"#,
            "422 requirement failed: App Update must have app id set",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "version": "2024-01-01T00:00:00.000Z"}, {"id": "/b", "cmd": "sleep 1", "version": "2024-01-01T00:00:00.000Z"}]"#,
            "422 /: The 'version' field may only be combined with the 'id' field.",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "uris": ["http://x/y"], "fetch": [{"uri": "http://x/z"}]}]"#,
            "500 cannot specify both uris and fetch fields",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "uris": ["a b"], "fetch": []}]"#,
            "422 /fetch(0)/uri: URI has invalid syntax.",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "ipAddress": {}, "networks": []}]"#,
            "500 cannot mix deprecated and canonical network APIs",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "ports": [1], "portDefinitions": [{"port": 2}]}]"#,
            "accepted",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "ports": [1, 1], "ipAddress": {}}]"#,
            "accepted",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "container": {"docker": {"image": "x", "credential": {"principal": "p"}}}}]"#,
            "422 /container/docker/credential: must be empty",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "container": {"type": "MESOS", "docker": {"image": "x", "network": "BRIDGE", "portMappings": [{"containerPort": 1}]}}}]"#,
            "accepted",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "residency": {}}]"#,
            "422 /: unreachableStrategy must be disabled for resident tasks | /upgradeStrategy/maximumOverCapacity: got 1.0, expected 0.0",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "labels": {"MARATHON_SINGLE_INSTANCE_APP": "true"}}]"#,
            "422 /upgradeStrategy/maximumOverCapacity: got 1.0, expected 0.0 | /upgradeStrategy/minimumHealthCapacity: got 1.0, expected 0.0",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "labels": {"\u004dARATHON_SINGLE_INSTANCE_APP": "true"}}]"#,
            "422 /upgradeStrategy/maximumOverCapacity: got 1.0, expected 0.0 | /upgradeStrategy/minimumHealthCapacity: got 1.0, expected 0.0",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "networks": [{"mode": "container/bridge"}], "healthChecks": [{"portIndex": 0}, {"portIndex": 1, "path": "/x"}]}]"#,
            "422 /healthChecks(1): Health check port indices must address an element of the ports array or container port mappings.",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "networks": [{"mode": "container"}, {"mode": "container", "name": "dcos"}]}]"#,
            "422 /networks: Duplicate networks are not allowed",
        ),
        (
            "dcos",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "a", "cpus": 1}, {"id": "/b"}]"#,
            "422 /: must not be an empty string",
        ),
        (
            "standalone",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1"}, {"id": "/b", "cmd": "a", "networks": [{"mode": "container"}]}]"#,
            "500 container network name is not defined",
        ),
    ]);
}

#[test]
fn updates_of_1_5_are_checked_before_normalization() {
    check(&[
        ("dcos-1.10", Kind::Apps, r#"[{"cmd": "sleep 1"}]"#, "accepted"),
        (
            "dcos-1.10",
            Kind::Apps,
            r#"[{"id": "/b", "cmd": "sleep 1", "version": "2024-01-01T00:00:00.000Z"}]"#,
            "422",
        ),
        (
            "dcos-1.10",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "portDefinitions": [{"port": 1}], "networks": [{"mode": "container", "name": "n"}]}]"#,
            "422",
        ),
        (
            "dcos-1.10",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "networks": [{"mode": "host"}], "container": {"type": "MESOS", "portMappings": [{"containerPort": 1}]}}]"#,
            "422",
        ),
        (
            "dcos-1.10",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "portMappings": [{"containerPort": 1, "networkNames": ["n"]}]}}]"#,
            "422",
        ),
        (
            "dcos-1.10",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "ipAddress": {}, "networks": []}]"#,
            "500",
        ),
        ("dcos-1.10", Kind::Apps, r#"[{"id": "/a/../b", "cmd": "sleep 1"}]"#, "422"),
        (
            "dcos-1.10",
            Kind::Apps,
            r#"[{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "volumes": [{"containerPath": "d", "mode": "RW", "persistent": {"size": 1}}]}}]"#,
            "422",
        ),
    ]);
}

#[test]
fn fields_that_1_5_does_not_know_are_nothing_to_it() {
    check(&[
        (
            "dcos-1.10",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "volumes": [{"containerPath": "d", "mode": "RW", "persistent": {"size": 1, "profileName": ""}}]}}"#,
            "accepted",
        ),
        (
            "dcos-1.10",
            Kind::Group,
            r#"{"id": "/g", "apps": [{"id": "a", "cmd": "sleep 1", "container": {"type": "MESOS", "volumes": [{"containerPath": "/d", "mode": "RW", "external": {"name": "v", "provider": "dvdi", "options": {"dvdi/driver": "rexray"}, "shared": true}}]}}, {"id": "b", "cmd": "sleep 1", "container": {"type": "MESOS", "volumes": [{"containerPath": "/d", "mode": "RW", "external": {"name": "v", "provider": "dvdi", "options": {"dvdi/driver": "rexray"}, "shared": true}}]}}]}"#,
            "422",
        ),
    ]);
}

#[test]
fn appc_images_are_for_releases_that_know_them() {
    check(&[
        (
            "dcos-1.10",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "appc": {"image": "x"}}}"#,
            "accepted",
        ),
        (
            "dcos-1.10",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "appc": {"image": "x", "id": "sha512-1"}}}"#,
            "accepted",
        ),
        (
            "dcos-1.10",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "appc": {"image": "x", "id": "md5-1234"}}}"#,
            "422",
        ),
        (
            "dcos-1.10",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "appc": {"image": "x", "id": "sha512-"}}}"#,
            "422",
        ),
        (
            "dcos-1.10",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "appc": {}}}"#,
            "422",
        ),
        (
            "dcos-1.10",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "appc": 5}}"#,
            "422",
        ),
        (
            "dcos-1.10",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "appc": {"image": "x"}, "docker": {"image": "y"}}}"#,
            "422",
        ),
        (
            "dcos-1.10",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "DOCKER", "appc": {"image": "x"}, "docker": {"image": "y"}}}"#,
            "500",
        ),
        (
            "dcos-1.10",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "appc": {"image": "x", "labels": {"a": 1}}}}"#,
            "422",
        ),
        (
            "dcos",
            Kind::App,
            r#"{"id": "/a", "cmd": "sleep 1", "container": {"type": "MESOS", "appc": 5}}"#,
            "accepted",
        ),
    ]);
}
