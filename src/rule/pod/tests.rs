use crate::finding::{Effect, Finding};
use crate::rule::Context;
use crate::source::{Document, Format, Kind};
use crate::target::{Settings, Target};

/// What is found in a pod by a target of that name.
fn found(target: &str, pod: &str) -> Vec<Finding> {
    let settings = target.parse::<Target>().expect("the test's target").settings();
    found_with(&settings, pod)
}

fn found_with(settings: &Settings, pod: &str) -> Vec<Finding> {
    let document = Document::parse(pod, Format::Json).expect("the test's pod is JSON");
    let types = crate::schema::check(&document, Kind::Pod, settings.release);
    assert!(types.iter().all(|finding| finding.effect != Effect::Rejected), "{types:?}");
    let mut context = Context::new(settings, Kind::Pod, Vec::new(), false);
    super::check(document.root(), &mut context);
    context.found
}

/// Marathon's answer in lines of `stage path: error`.
fn answer(target: &str, pod: &str) -> Vec<String> {
    let lines = found(target, pod).into_iter().filter_map(|finding| finding.answer);
    lines.map(|answer| format!("{} {}: {}", answer.stage.name(), answer.path, answer.error)).collect()
}

/// A pod `/p` of one container `c`, with more members of the pod and of the container.
fn pod(pod: &str, container: &str) -> String {
    let comma = |members: &str| if members.is_empty() { String::new() } else { format!(", {members}") };
    format!(
        r#"{{"id": "/p", "containers": [{{"name": "c", "resources": {{"cpus": 0.5, "mem": 64}}{}}}]{}}}"#,
        comma(container),
        comma(pod)
    )
}

fn of_pod(members: &str) -> Vec<String> {
    answer("dcos", &pod(members, ""))
}

fn of_container(members: &str) -> Vec<String> {
    answer("dcos", &pod("", members))
}

#[test]
fn a_good_pod_is_fine_everywhere() {
    let good = r#"{
        "id": "/team/web", "user": "nobody", "scaling": {"kind": "fixed", "instances": 2},
        "networks": [{"mode": "container", "name": "a"}, {"mode": "container", "name": "b"}],
        "volumes": [{"name": "data"}, {"name": "logs", "host": "/var/log"}],
        "scheduling": {"placement": {
            "constraints": [{"fieldName": "hostname", "operator": "unique"}],
            "acceptedResourceRoles": ["*"]
        }},
        "containers": [
            {
                "name": "web", "resources": {"cpus": 1, "mem": 64}, "image": {"kind": "DOCKER", "id": "nginx"},
                "endpoints": [
                    {"name": "http", "containerPort": 80, "hostPort": 0, "networkNames": ["a"], "protocol": ["tcp"]},
                    {"name": "admin", "containerPort": 81}
                ],
                "healthCheck": {"http": {"endpoint": "http"}},
                "volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": "logs", "mountPath": "/logs"}]
            },
            {"name": "side", "resources": {}, "endpoints": [{"name": "dns", "containerPort": 53, "hostPort": 0, "networkNames": ["b"]}]}
        ]
    }"#;
    for target in Target::names() {
        assert_eq!(answer(target, good), [""; 0], "{target}");
    }
}

#[test]
fn ids() {
    let of = |target, id| answer(target, &pod("", "").replace("/p", id));
    assert_eq!(of("dcos", "p"), ["canonical /id: Path needs to be absolute"]);
    assert_eq!(of("dcos", "//"), ["canonical /id: Path must contain at least one path element"]);
    assert_eq!(
        of("dcos", "/a/restart"),
        [
            "canonical /id: must not end with any of the following reserved keywords: restart, tasks, versions, ., .."
        ]
    );
    assert_eq!(
        of("dcos-1.13", "/a/restart"),
        ["canonical /id: must not end with any of the following reserved keywords: restart, tasks, versions"]
    );
    assert_eq!(of("dcos-1.10", "/a/restart"), [""; 0]);
    assert_eq!(of("dcos", "/a/../b"), ["canonical /id: Identifier is not child of '/a/..'"]);
    assert_eq!(
        of("dcos-1.10", "/a/../b"),
        ["canonical /id: Identifier is not child of /a/... Hint: use relative paths."]
    );
}

#[test]
fn networks() {
    let of = |networks: &str| of_pod(&format!(r#""networks": [{networks}]"#));
    assert_eq!(of(r#"{"mode": "container"}, {"name": "dcos"}"#), [""; 0]);
    assert_eq!(
        of(r#"{"mode": "host", "labels": {"a": "b"}}"#),
        ["canonical /networks: Host networks may not have names or labels"]
    );
    assert_eq!(
        of(r#"{"mode": "container/bridge", "name": "a"}"#),
        ["canonical /networks: Bridge networks may not have names"]
    );
    assert_eq!(
        of(r#"{}, {"mode": "container"}"#),
        ["canonical /networks: Duplicate networks are not allowed"]
    );
    assert_eq!(
        of(r#"{"name": "a"}, {"mode": "host"}"#),
        [
            "canonical /networks: May specify a single host network, single bridge network, or else 1-to-n container networks"
        ]
    );
    assert_eq!(
        answer("standalone", &pod(r#""networks": [{}]"#, "")),
        ["canonical /networks: Network name must be specified when container network is selected."]
    );
}

#[test]
fn endpoints() {
    let of = |networks: &str, endpoint: &str| {
        answer(
            "dcos",
            &pod(
                &format!(r#""networks": [{networks}]"#),
                &format!(r#""endpoints": [{{"name": "e", {endpoint}}}]"#),
            ),
        )
    };
    let place = "canonical /containers(0)/endpoints(0)";
    assert_eq!(
        of(r#"{"mode": "host"}"#, r#""containerPort": 80"#),
        [format!("{place}/containerPort: is not allowed when using host-mode networking")]
    );
    assert_eq!(
        of(r#"{"name": "a"}"#, r#""hostPort": 80"#),
        [format!("{place}/containerPort: is required when using container-mode networking")]
    );
    assert_eq!(
        of(r#"{"name": "a"}, {"name": "b"}"#, r#""containerPort": 1, "networkNames": ["c"]"#),
        [format!("{place}/networkNames(0): is not one of (a,b)")]
    );
    assert_eq!(
        of(
            r#"{"name": "a"}, {"name": "b"}"#,
            r#""containerPort": 1, "hostPort": 0, "networkNames": ["a", "b"]"#
        ),
        [format!(
            "{place}: networkNames must be a single item list when hostPort is specified and more than 1 container network is defined"
        )]
    );
    assert_eq!(
        of("", r#""protocol": ["tcp", "udp", "tcp"]"#),
        [format!("{place}/protocol: Duplicate protocols within the same endpoint are not allowed")]
    );
}

#[test]
fn what_containers_share() {
    let pod = r#"{"id": "/p", "containers": [
        {"name": "c", "resources": {}, "endpoints": [{"name": "e", "containerPort": 80, "hostPort": 0}]},
        {"name": "c", "resources": {}, "endpoints": [{"name": "e", "containerPort": 80, "hostPort": 0}]}
    ]}"#;
    let found = found("dcos", pod);
    let told: Vec<_> =
        found.iter().map(|finding| format!("{}: {}", finding.pointer, finding.message)).collect();
    assert_eq!(
        told,
        [
            "/containers/1/name: another container is called `c` too",
            "/containers/1/endpoints/0/name: another endpoint of the pod is called `e` too",
            "/containers/1/endpoints/0/containerPort: another endpoint of the pod has the containerPort 80 too",
        ]
    );
    assert_eq!(
        answer("dcos", pod),
        [
            "canonical /containers: container names must be unique",
            "canonical /: endpoint names nust be unique across all containers",
            "canonical /: container ports must be unique across all containers",
        ]
    );
}

#[test]
fn volumes() {
    assert_eq!(
        of_pod(r#""volumes": [{"name": "v"}, {"name": "v"}]"#),
        [
            "canonical /volumes(0): volume must be referenced by at least one container",
            "canonical /volumes(1): volume must be referenced by at least one container",
            "canonical /volumes: volume names must be unique",
        ]
    );
    let mounts = r#""volumeMounts": [{"name": "dta", "mountPath": "x"}, {"name": "data", "mountPath": "x"}]"#;
    let found = found("dcos", &pod(r#""volumes": [{"name": "data"}]"#, mounts));
    assert_eq!(found[0].help.as_deref(), Some("did you mean `data`?"));
    assert_eq!(
        of_container(r#""volumeMounts": [{"name": "v", "mountPath": "x"}]"#),
        ["canonical /containers(0)/volumeMounts(0)/name: Referenced Volume in VolumeMount should exist"]
    );
}

#[test]
fn secrets() {
    let both = |text: &str, path: &str| {
        [format!("canonical {path}: {text}"), format!("canonical {path}: must be empty")]
    };
    let off = "Feature secrets is not enabled. Enable with --enable_features secrets)";
    let defined = r#""secrets": {"s": {"source": "x"}}"#;
    assert_eq!(answer("bare", &pod(defined, "")), both(off, "/secrets"));
    let pull = |secret: &str| {
        format!(r#""image": {{"kind": "DOCKER", "id": "i", "pullConfig": {{"secret": "{secret}"}}}}"#)
    };
    assert_eq!(answer("dcos", &pod(defined, &pull("s"))), [""; 0]);
    assert_eq!(
        answer("dcos", &pod(defined, &pull("t"))),
        ["canonical /containers(0)/image/pullConfig: pullConfig.secret must refer to an existing secret"]
    );
    assert_eq!(
        answer("dcos-1.10", &pod(defined, &pull("t"))),
        ["canonical /containers(0)/image: pullConfig.secret must refer to an existing secret"]
    );
    assert_eq!(
        of_container(r#""environment": {"A": {"secret": "gone"}, "A": "plain", "B": {"secret": "s.t"}}"#),
        ["canonical /containers(0)/environment/B/secret: references an undefined secret"]
    );
    assert_eq!(
        answer("dcos-1.10", &pod(r#""environment": {"B": {"secret": "s.t"}}"#, "")),
        ["canonical /environment(B)/s/t: references an undefined secret"]
    );
    let volume = r#""volumes": [{"name": "e"}, {"name": "v", "secret": "t"}]"#;
    let mounts = r#""volumeMounts": [{"name": "e", "mountPath": "e"}, {"name": "v", "mountPath": "v"}]"#;
    assert_eq!(
        answer("dcos", &pod(volume, mounts)),
        [
            "canonical /podSecretVolumes(pod)(0)/secret: volume.secret must refer to an existing secret",
            "canonical /podSecretVolumes(pod): must be empty",
        ]
    );
    assert_eq!(found("dcos", &pod(volume, mounts))[0].pointer.to_string(), "/volumes/1/secret");
    assert_eq!(
        of_pod(r#""secrets": {"a": {"source": "x"}, "": {"source": "x"}}"#),
        ["canonical /secrets/keys(1): must not be empty", "canonical /secrets: must be empty"]
    );
}

#[test]
fn health_checks() {
    let of = |check: &str| {
        of_container(&format!(r#""endpoints": [{{"name": "web"}}], "healthCheck": {{{check}}}"#))
    };
    let place = "canonical /containers(0)/healthCheck";
    assert_eq!(of(r#""tcp": {"endpoint": "web"}"#), [""; 0]);
    assert_eq!(
        of(r#""http": {"endpoint": "wbe"}, "intervalSeconds": 20"#),
        [
            format!("{place}/timeoutSeconds: got 20, expected less than 20"),
            format!("{place}/http/endpoint: contained in the container endpoints"),
        ]
    );
    assert_eq!(of(""), [format!("{place}: Only one of http, tcp, or command may be specified")]);
    let old = pod("", r#""healthCheck": {"tcp": {"endpoint": "e"}}"#);
    assert_eq!(answer("dcos-1.10", &old), [format!("{place}: contained in the container endpoints")]);
}

#[test]
fn limits_and_linux() {
    assert_eq!(of_container(r#""resourceLimits": {"cpus": "unlimited", "mem": 64}"#), [""; 0]);
    let low = r#""resourceLimits": {"cpus": 0.25}"#;
    assert_eq!(
        answer("dcos", &pod(r#""legacySharedCgroups": true"#, low)),
        [
            "canonical /containers(0)/resourceLimits/cpus: resource limit must be greater than or equal to requested resource (0.5)",
            "canonical /containers(0)/resourceLimits: resourceLimits cannot be defined if legacySharedCgroups is enabled",
        ]
    );
    assert_eq!(answer("marathon-1.9", &pod("", low)), [""; 0]);
    assert_eq!(
        of_container(r#""linuxInfo": {"seccomp": {}, "ipcInfo": {"mode": "share_parent", "shmSize": 1}}"#),
        [
            "canonical /containers(0)/linuxInfo/seccomp: Seccomp unconfined must be true when Profile is NOT defined",
            "canonical /containers(0)/linuxInfo/ipcInfo: ipcInfo shmSize can NOT be set when mode is SHARE_PARENT",
        ]
    );
    let both = pod("", r#""linuxInfo": {"seccomp": {"profileName": "p", "unconfined": true}}"#);
    let text = "Seccomp unconfined can NOT be true when Profile is defined";
    assert_eq!(answer("marathon-1.8", &both), [format!("canonical /containers(0)/linuxInfo: {text}")]);
    assert_eq!(answer("marathon-1.7", &both), [""; 0]);
    assert_eq!(
        of_pod(r#""linuxInfo": {"seccomp": {"unconfined": true}}"#),
        ["canonical /linuxInfo/seccomp: Seccomp configuration on executor level is not supported"]
    );
}

#[test]
fn placement_and_scaling() {
    let constraints = r#""scheduling": {"placement": {"constraints": [
        {"fieldName": "a", "operator": "CLUSTER"},
        {"fieldName": "a", "operator": "cluster"},
        {"fieldName": "a", "operator": "MAX_PER", "value": "x"}
    ]}}"#;
    assert_eq!(
        of_pod(constraints),
        [
            "canonical /scheduling/placement/constraints(1): MAX_PER requires an integer value",
            "canonical /scheduling/placement/constraints: must be empty",
        ]
    );
    assert_eq!(
        answer("dcos-1.10", &pod(constraints, "")),
        [
            "canonical /scheduling(1): MAX_PER requires an integer value",
            "canonical /scheduling: must be empty"
        ]
    );
    let is = r#""scheduling": {"placement": {"constraints": [{"fieldName": "a", "operator": "IS", "value": "b"}]}}"#;
    assert_eq!(of_pod(is), [""; 0]);
    assert_eq!(
        answer("dcos-1.10", &pod(is, "")),
        ["parse /scheduling/placement/constraints(0)/operator: error.unknown.enum.literal"]
    );
    assert_eq!(
        of_pod(r#""user": "", "scaling": {"kind": "fixed", "instances": -2}"#),
        ["canonical /user: must not be empty", "canonical /scaling/instances: got -2, expected 0 or more"]
    );
}

#[test]
fn roles() {
    let of = |target, id: &str, role: &str| {
        answer(target, &pod(&format!(r#""role": "{role}""#), "").replace("/p", id))
    };
    assert_eq!(of("dcos", "/p", "slave_public"), [""; 0]);
    assert_eq!(of("dcos", "/p", "p"), ["model /role: got p, expected one of: [slave_public]"]);
    assert_eq!(of("dcos", "/g/p", "g"), [""; 0]);
    assert_eq!(of("dcos", "/g/p", "slave_public"), ["model /role: got slave_public, expected one of: [g]"]);
    assert_eq!(of("standalone", "/g/p", "*"), [""; 0]);
    assert_eq!(of("standalone", "/g/h/p", "h"), ["model /role: got h, expected one of: [*, g]"]);
    assert_eq!(of("marathon-1.8", "/p", "any"), [""; 0]);
    let accepted = |target, role: &str| {
        answer(
            target,
            &pod(&format!(r#""scheduling": {{"placement": {{"acceptedResourceRoles": ["{role}"]}}}}"#), ""),
        )
    };
    assert_eq!(
        accepted("dcos", "other"),
        ["model /acceptedResourceRoles: acceptedResourceRoles can only contain * and slave_public"]
    );
    assert_eq!(accepted("marathon-1.9", "other"), [""; 0]);
    assert_eq!(
        accepted("dcos", "a/b"),
        [
            "canonical /scheduling/placement/ppp.acceptedResourceRoles.toSet(1): A role name must not include a slash (\\x2f) character.",
            "canonical /scheduling/placement/ppp.acceptedResourceRoles.toSet: must be empty",
            "canonical /acceptedResourceRoles(1): A role name must not include a slash (\\x2f) character.",
            "canonical /acceptedResourceRoles: must be empty",
        ]
    );
    assert_eq!(
        accepted("dcos-1.10", "a/b"),
        [
            "canonical /schedulingvalue/value: A role name must not include a slash (\\x2f) character.",
            "canonical /scheduling: must be empty",
        ]
    );
}

/// A pod with a persistent volume, more of the volume's description, and scheduling.
fn resident(volume: &str, scheduling: &str) -> String {
    pod(
        &format!(
            r#""volumes": [{{"name": "v", "persistent": {{"size": 1{volume}}}}}], "scheduling": {{{scheduling}}}"#
        ),
        r#""volumeMounts": [{"name": "v", "mountPath": "v"}]"#,
    )
}

#[test]
fn persistent_volumes() {
    assert_eq!(answer("dcos", &resident("", "")), [""; 0]);
    assert_eq!(
        answer("standalone", &resident("", "")),
        ["model /role: Resident pods cannot have the role *"]
    );
    let scheduling = r#""upgrade": {}, "unreachableStrategy": "Disabled",
        "placement": {"acceptedResourceRoles": ["slave_public"]}"#;
    assert_eq!(
        answer("dcos", &resident("", scheduling)),
        [
            "canonical /acceptedResourceRoles: A resident pod must have `acceptedResourceRoles = [\"*\"]`.",
            "canonical /acceptedResourceRoles: must be empty",
            "canonical /upgrade/maximumOverCapacity: got 1.0, expected 0.0",
            "canonical /: unreachableStrategy must be disabled for pods with persistent volumes",
        ]
    );
    assert_eq!(answer("dcos-1.10", &resident("", scheduling)), [""; 0]);
}

#[test]
fn conversion() {
    assert_eq!(answer("dcos", &resident(r#", "constraints": [["path", "LIKE", "a", "b"]]"#, "")), [""; 0]);
    assert_eq!(
        answer("dcos", &resident(r#", "constraints": [["path", "UNLIKE", "a"], []]"#, "")),
        ["conversion : illegal volume constraint path,UNLIKE,a"]
    );
    assert_eq!(
        of_pod(r#""scheduling": {"unreachableStrategy": {"expungeAfterSeconds": 9223372037}}"#),
        ["conversion : requirement failed: Duration is limited to +-(2^63-1)ns (ca. 292 years)"]
    );
    assert_eq!(
        of_pod(r#""scheduling": {"backoff": {"maxLaunchDelay": 1e10}}"#),
        ["conversion : trying to construct too large duration with 1.0E19ns"]
    );
}
