//! Each form of a placeholder in each kind of field.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::common::TestDir;

/// Forms that stand in any field.
const FORMS: &[&str] = &[
    "{{ name }}",
    "{{ name | default('x') }}",
    "{{ .Values.name }}",
    "{{key \"a/b\"}}",
    "${{ vars.NAME }}",
    "@@NAME@@",
    "__NAME__",
    "<%= name %>",
    "REPLACE_ME",
    "CHANGEME",
    "{% if prod %}MESOS{% else %}DOCKER{% endif %}",
    "{{ if .prod }}MESOS{{ else }}DOCKER{{ end }}",
    "{{#prod}}UNIQUE{{/prod}}",
    "<% if prod %>MESOS<% end %>",
];

/// Forms that a shell reads itself, so that in a command they are none.
const OF_A_SHELL_TOO: &[&str] =
    &["${NAME}", "${NAME:-x}", "$NAME", "%{name}", "<NAME>", "<your-name>", "@NAME@", "#{NAME}", "#{NAME}#"];

/// Fields in which a shell, or a load balancer with templates of its own, reads the text.
const READ_BY_OTHERS: &[&str] = &["cmd", "backend"];

/// Where a text is put, by a pointer to a value that is there, and what is around it.
const FIELDS: &[(&str, &str, &str)] = &[
    ("id", "/id", "/shop/{}"),
    ("id-whole", "/id", "{}"),
    ("cmd", "/cmd", "./run {}"),
    ("cpus", "/cpus", "{}"),
    ("mem", "/mem", "{}"),
    ("instances", "/instances", "{}"),
    ("boolean", "/requirePorts", "{}"),
    ("env", "/env/A", "{}"),
    ("label", "/labels/a", "{}"),
    ("vhost", "/labels/HAPROXY_0_VHOST", "{}.example.com"),
    ("backend", "/labels/HAPROXY_0_BACKEND_HEAD", "backend {}"),
    ("operator", "/constraints/0/1", "{}"),
    ("constraint", "/constraints/1/2", "{}"),
    ("image", "/container/docker/image", "example/web:{}"),
    ("registry", "/container/docker/image", "{}/web:1"),
    ("host-path", "/container/volumes/0/hostPath", "/data/{}"),
    ("container", "/container/type", "{}"),
    ("port", "/container/portMappings/0/containerPort", "{}"),
    ("service-port", "/container/portMappings/0/servicePort", "{}"),
    ("vip", "/container/portMappings/0/labels/VIP_0", "/{}:80"),
    ("mode", "/networks/0/mode", "{}"),
    ("network", "/networks/0/name", "{}"),
    ("uri", "/fetch/0/uri", "https://example.com/{}.tgz"),
    ("uri-whole", "/fetch/0/uri", "{}"),
    ("path", "/healthChecks/0/path", "/{}"),
    ("path-whole", "/healthChecks/0/path", "{}"),
    ("protocol", "/healthChecks/0/protocol", "{}"),
    ("interval", "/healthChecks/0/intervalSeconds", "{}"),
    ("dependency", "/dependencies/0", "/shop/{}"),
    ("user", "/user", "{}"),
    ("role", "/role", "{}"),
];

fn app() -> Json {
    json!({
        "id": "/shop/web", "cmd": "./run it", "cpus": 0.5, "mem": 128, "instances": 2, "requirePorts": false, "user": "nobody",
        "role": "*", "env": {"A": "b"}, "labels": {"a": "b", "HAPROXY_GROUP": "external", "HAPROXY_0_VHOST": "x", "HAPROXY_0_BACKEND_HEAD": "x"},
        "constraints": [["hostname", "UNIQUE"], ["rack", "LIKE", "a.*"]], "dependencies": ["/shop/db"],
        "container": {"type": "MESOS", "docker": {"image": "example/web:1"},
            "volumes": [{"containerPath": "/data", "hostPath": "/etc", "mode": "RO"}],
            "portMappings": [{"containerPort": 80, "hostPort": 0, "servicePort": 10005, "labels": {"VIP_0": "/web:80"}}]},
        "networks": [{"mode": "container", "name": "dcos"}], "fetch": [{"uri": "https://example.com/a.tgz"}],
        "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "intervalSeconds": 10, "timeoutSeconds": 5}],
    })
}

/// The rules that each file in a directory breaks, by the file's name.
fn rules(test: &TestDir) -> BTreeMap<String, BTreeSet<String>> {
    let options = ["lint", "--kind", "app", "--format", "json", "--ignore", "foreign-role", "."];
    let output = test.command(&options).output().expect("it runs");
    let report: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    let of_file = |file: &Json| {
        let found = file["diagnostics"].as_array().expect("a list").iter();
        let rules = found.map(|one| one["rule"].as_str().expect("a rule").to_owned()).collect();
        (file["path"].as_str().expect("a path").to_owned(), rules)
    };
    report["files"].as_array().expect("a list").iter().map(of_file).collect()
}

#[test]
fn one_finding_says_it_in_whatever_form_and_field() {
    let mut test = TestDir::new();
    let mut expected = BTreeMap::new();
    for (index, form) in FORMS.iter().chain(OF_A_SHELL_TOO).enumerate() {
        for (name, pointer, around) in FIELDS {
            let mut app = app();
            *app.pointer_mut(pointer).expect("it is there") = around.replace("{}", form).into();
            // A directory each: the same ids are of different clusters.
            let file = format!("{index}/{name}/a.json");
            let is_told = !(OF_A_SHELL_TOO.contains(form) && READ_BY_OTHERS.contains(name));
            let rules: BTreeSet<String> =
                is_told.then(|| "unfilled-placeholder".to_owned()).into_iter().collect();
            expected.insert(format!("./{file}"), (rules, *form));
            test = test.file(&file, app.to_string());
        }
    }
    let found = rules(&test);
    let wrong: Vec<String> = expected
        .iter()
        .filter(|(file, (rules, _))| found.get(*file).cloned().unwrap_or_default() != *rules)
        .map(|(file, (_, form))| format!("{file}, `{form}`: {:?}", found.get(file)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), expected.len(), wrong.join("\n"));
}

/// The fields that are lists.
const LISTS: [&str; 14] = [
    "acceptedResourceRoles",
    "constraints",
    "dependencies",
    "fetch",
    "healthChecks",
    "readinessChecks",
    "networks",
    "ports",
    "volumes",
    "parameters",
    "containers",
    "endpoints",
    "artifacts",
    "volumeMounts",
];

/// Where a placeholder stands for an object, a list or an element of one, what that leaves undecided is no second finding.
#[test]
fn one_finding_says_it_where_it_stands_for_a_part_of_the_definition() {
    let mut test = TestDir::new();
    let app = json!({"id": "/shop/web", "cmd": "./run it"});
    let image = json!({"id": "/shop/web", "container": {"type": "DOCKER", "docker": {"image": "a/b:1"}}});
    let in_bridge = json!({"id": "/shop/web", "container": {"type": "MESOS", "docker": {"image": "a/b:1"}},
        "networks": [{"mode": "container", "name": "dcos"}]});
    let pod = json!({"id": "/shop/db", "containers": [{"name": "a", "resources": {"cpus": 0.1, "mem": 32},
        "exec": {"command": {"shell": "sleep 1"}}}]});
    let parts: &[(&Json, &str, &[&str])] = &[
        (
            &app,
            "",
            &[
                "acceptedResourceRoles",
                "constraints",
                "dependencies",
                "fetch",
                "uris",
                "portDefinitions",
                "ports",
                "healthChecks",
                "readinessChecks",
                "networks",
                "env",
                "labels",
                "secrets",
                "upgradeStrategy",
                "unreachableStrategy",
                "residency",
                "ipAddress",
                "check",
                "killSelection",
                "backoffSeconds",
                "taskKillGracePeriodSeconds",
                "tty",
            ],
        ),
        (&json!({"id": "/shop/web"}), "", &["container", "cmd", "args"]),
        (&image, "/container", &["docker", "volumes", "portMappings", "linuxInfo", "type"]),
        (
            &image,
            "/container/docker",
            &["image", "parameters", "portMappings", "network", "privileged", "forcePullImage"],
        ),
        (&in_bridge, "/container", &["docker", "volumes", "portMappings"]),
        (&in_bridge, "/container/docker", &["image", "pullConfig"]),
        (
            &pod,
            "",
            &["containers", "networks", "volumes", "secrets", "environment", "labels", "scheduling", "user"],
        ),
        (
            &pod,
            "/containers/0",
            &["resources", "image", "exec", "endpoints", "artifacts", "volumeMounts", "healthCheck", "name"],
        ),
        (&pod, "/containers/0/exec", &["command"]),
    ];
    let mut count = 0;
    for (index, form) in ["{{ name }}", "@@NAME@@", "__NAME__"].iter().enumerate() {
        for (row, (definition, place, names)) in parts.iter().enumerate() {
            for name in *names {
                let of_list = LISTS.contains(name).then(|| ("list", json!([form])));
                // Without a list of containers it is no pod.
                let alone = (*name != "containers").then(|| ("value", json!(form)));
                for (kind, value) in of_list.into_iter().chain(alone) {
                    let mut definition = (*definition).clone();
                    definition.pointer_mut(place).expect("it is there")[*name] = value;
                    test = test.file(&format!("{index}/{row}-{name}-{kind}/a.json"), definition.to_string());
                    count += 1;
                }
            }
        }
    }
    let options = ["lint", "--format", "json", "--ignore", "foreign-role", "."];
    let output = test.command(&options).output().expect("it runs");
    let report: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    let files = report["files"].as_array().expect("a list");
    // A list instead of a container is not surely Marathon's.
    assert!(files.len() + 10 > count, "{} of {count}", files.len());
    let wrong: Vec<String> = files
        .iter()
        .filter_map(|file| {
            let rules: Vec<_> =
                file["diagnostics"].as_array()?.iter().map(|one| one["rule"].as_str()).collect();
            (rules != [Some("unfilled-placeholder")]).then(|| format!("{}: {rules:?}", file["path"]))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}
