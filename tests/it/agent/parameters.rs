//! Docker's parameters beside each other, beside what Mesos writes, and by the release of Docker on the agents.

use milepost::finding::Effect;
use milepost::target::{Agents, Settings};

use super::{BRIDGE, HOST, docker, lint, parameter, slugs, target};
use crate::common::each_case;

const USER: &str = r#"{"mode": "container", "name": "dcos"}"#;

/// An app with these parameters, and more members of its container.
fn with(network: &str, parameters: &[(&str, &str)], container: &str) -> String {
    let list: Vec<_> = parameters
        .iter()
        .map(|(key, value)| serde_json::json!({"key": key, "value": value}).to_string())
        .collect();
    let text = docker(network, &format!(r#", "parameters": [{}]"#, list.join(", ")), "");
    text.replacen(r#""type": "DOCKER","#, &format!(r#""type": "DOCKER", {container}"#), 1)
}

fn effects(text: &str, settings: &Settings) -> Vec<(&'static str, Effect)> {
    let found = lint(text, settings).into_iter().filter(|found| found.rule.slug.starts_with("parameter-"));
    found.map(|found| (found.rule.slug, found.effect)).collect()
}

fn with_docker(release: &str) -> Settings {
    let mut settings = target("dcos");
    let agents = Agents { docker: Some(release.parse().expect("a release")), ..Agents::default() };
    settings.agents = Agents { log_driver: settings.agents.log_driver.clone(), ..agents };
    settings
}

/// Issue 18: "docker parameters (as `--KEY=VALUE` against the Engine's real flags and value grammars, as data)".
#[test]
fn values_are_refused_as_the_command_line_does() {
    each_case(
        [
            ("dns-search", "-x", false),
            ("dns-search", "foo_bar.com", false),
            ("dns-search", "example.com.", true),
            ("platform", "a/b/c/x", false),
            ("platform", "linux/", false),
            ("platform", "linus", false),
            ("platform", "linux/arm/v7", true),
            ("mount", "type=tmpfs,dst=/x,tmpfs-size=x", false),
            ("mount", "type=tmpfs,dst=/x,tmpfs-mode=9", false),
            ("mount", "type=tmpfs,dst=/x,tmpfs-mode=1777", true),
            ("mount", "type=bind,src=/tmp,dst=/x,volume-nocopy", false),
            ("mount", "type=volume,src=data,dst=/x,bind-propagation=shared", false),
            ("mount", "type=bind,src=/tmp,dst=/x,bind-propagation=rshared", true),
            ("mount", "type=volume,src=/a,dst=/x", false),
            ("mount", "type=volume,src=data,dst=/x", true),
            ("volume", "/a:/b:nocopy", false),
            ("volume", "data:/b:nocopy", true),
            ("volume", "data:/b:rshared", false),
            ("volume", "/a:/b:rshared", true),
            ("volumes-from", "", false),
            ("cpu-shares", "1_000", true),
            ("cpu-shares", "1__000", false),
        ],
        |(key, value, is_taken)| {
            let found = slugs(&parameter(BRIDGE, key, value));
            assert_eq!(found.contains(&"parameter-value"), !is_taken, "{key}={value}: {found:?}");
        },
    );
}

/// Parameters that contradict each other: by the rule, and what Docker says.
#[test]
fn parameters_that_contradict_each_other_are_refused() {
    fn conflict(said: &str) -> (&str, &str) {
        ("parameter-conflict", said)
    }
    let terminal = Some(("parameter-terminal", "status 1; stderr: the input device is not a TTY"));
    let ipc = |name: &str| format!("sysctl \"{name}\" is not allowed in the hosts ipc namespace");
    let (shm, queue) = (ipc("kernel.shmmax"), ipc("fs.mqueue.msg_max"));
    let domain = "sysctl \"kernel.domainname\" is not in a separate kernel namespace";
    each_case(
        [
            (BRIDGE, vec![("interactive", "true"), ("tty", "1")], terminal),
            (BRIDGE, vec![("tty", "true"), ("attach", "STDIN")], terminal),
            (BRIDGE, vec![("interactive", "true"), ("tty", "true"), ("attach", "stdout")], terminal),
            (BRIDGE, vec![("tty", "true"), ("attach", "stdout")], None),
            (BRIDGE, vec![("interactive", "true"), ("tty", "false")], None),
            (BRIDGE, vec![("ipc", "host"), ("sysctl", "kernel.shmmax=67108864")], Some(conflict(&shm))),
            (BRIDGE, vec![("sysctl", "fs.mqueue.msg_max=20"), ("ipc", "host")], Some(conflict(&queue))),
            (BRIDGE, vec![("ipc", "shareable"), ("sysctl", "kernel.shmmax=67108864")], None),
            (BRIDGE, vec![("ipc", "host"), ("sysctl", "net.core.somaxconn=1024")], None),
            (BRIDGE, vec![("uts", "host"), ("domainname", "example.com")], Some(conflict(domain))),
            (USER, vec![("ip", "abc")], Some(conflict("invalid IPv4 address: abc"))),
            (USER, vec![("ip", "2001:db8::1")], Some(conflict("invalid IPv4 address: 2001:db8::1"))),
            (USER, vec![("ip6", "10.1.1.1")], Some(conflict("invalid IPv6 address: 10.1.1.1"))),
        ],
        |(network, parameters, expected)| {
            let found = lint(&with(network, &parameters, ""), &target("dcos"));
            let found: Vec<_> = found.iter().filter(|found| found.effect == Effect::Fails).collect();
            let told = found.iter().map(|found| {
                let refusal = found.refusal.as_ref().expect("who refuses it");
                (found.rule.slug, refusal.message.as_str())
            });
            let told: Vec<_> = told.collect();
            match expected {
                None => assert_eq!(told, [], "{parameters:?}"),
                Some((rule, said)) => {
                    assert!(
                        told.len() == 1 && told[0].0 == rule && told[0].1.contains(said),
                        "{parameters:?}: {told:?}"
                    );
                }
            }
        },
    );
}

/// No shell reads the name of a volume, and none has a `$` in it.
#[test]
fn a_variable_names_no_volume() {
    each_case(
        [
            ("$HOME:/a", true),
            ("${HOME}/x:/a", true),
            ("data-${ENV}:/a", true),
            ("a$b:/x", true),
            ("/data/${ENV}:/a", false),
            ("data:/a/${ENV}", false),
            ("${DIR:-data}:/a", false),
            ("{{ volume }}:/a", false),
        ],
        |(value, fails)| {
            let found = lint(&parameter(BRIDGE, "volume", value), &target("dcos"));
            let failing = found.iter().filter(|found| found.effect == Effect::Fails).count();
            assert_eq!(failing, usize::from(fails), "{value}: {found:#?}");
        },
    );
}

/// What a log driver says of its options, and what to write.
#[test]
fn the_words_of_log_drivers_are_exact() {
    let begins = "docker: Error response from daemon: failed to initialize logging driver: ";
    each_case(
        [
            ("json-file", "max-file=0", "max-file cannot be less than 1."),
            ("json-file", "max-file=-1", "max-file cannot be less than 1."),
            ("json-file", "max-file=x", "strconv.Atoi: parsing \"x\": invalid syntax."),
            ("json-file", "max-size=10x", "invalid size: '10x'."),
            ("json-file", "max-size=0", "max-size must be a positive number."),
            ("json-file", "compress=x", "strconv.ParseBool: parsing \"x\": invalid syntax."),
            ("local", "max-file=-1", "max file count cannot be less than 0."),
            ("local", "max-size=10x", "invalid value for max-size: 10x: invalid size: '10x'."),
            ("local", "max-file=1", "compression cannot be enabled when max file count is 1."),
        ],
        |(driver, option, said)| {
            let text = with(BRIDGE, &[("log-driver", driver), ("log-opt", option)], "");
            let found = lint(&text, &target("dcos"));
            let found = found.iter().find(|found| found.rule.slug == "parameter-log").expect(option);
            let refusal = found.refusal.as_ref().expect("who refuses it");
            assert!(refusal.message.ends_with(&format!("{begins}{said}")), "{option}: {}", refusal.message);
            let help = found.help.as_ref().expect("what to write");
            assert!(help.contains(option.split('=').next().expect("a name")), "{option}: {help}");
        },
    );
}

/// Of an option with one value Docker takes the last one; what it cannot read at all it refuses anywhere.
#[test]
fn the_last_value_of_an_option_counts() {
    each_case(
        [
            (vec![("detach", "true"), ("detach", "false")], vec![]),
            (vec![("detach", "false"), ("detach", "true")], vec!["parameter-ends-task"]),
            (vec![("help", "true"), ("help", "false")], vec![]),
            (vec![("workdir", "x"), ("workdir", "/x")], vec![]),
            (vec![("workdir", "/x"), ("workdir", "x")], vec!["parameter-value"]),
            (vec![("pid", "foo"), ("pid", "host")], vec![]),
            (vec![("cpu-shares", "1"), ("cpu-shares", "100")], vec![]),
            (vec![("cpu-shares", "x"), ("cpu-shares", "100")], vec!["parameter-value"]),
            (vec![("stop-signal", "FOO"), ("stop-signal", "TERM")], vec![]),
            (vec![("entrypoint", "/bin/sh -c"), ("entrypoint", "/bin/sh")], vec![]),
            (vec![("cpus", "0.5"), ("cpus", "0")], vec![]),
            (vec![("cap-add", "FOO"), ("cap-add", "SYS_TIME")], vec!["parameter-value"]),
            (vec![("entrypoint", "[\"/bin/sh\", \"-c\"]")], vec!["parameter-entrypoint"]),
            (vec![("entrypoint", "[\"/bin/sh\"]")], vec!["parameter-entrypoint"]),
        ],
        |(parameters, rules)| assert_eq!(slugs(&with(BRIDGE, &parameters, "")), rules, "{parameters:?}"),
    );
}

/// What is mounted or published twice, by parameters and by the app.
#[test]
fn parameters_take_what_is_free() {
    let volume = r#""volumes": [{"containerPath": "/data", "hostPath": "/srv/a", "mode": "RO"}], "#;
    let mapping = r#""portMappings": [{"containerPort": 80, "hostPort": 9090}], "#;
    each_case(
        [
            (BRIDGE, volume, vec![("tmpfs", "/data")], vec!["volume-target-taken"]),
            (BRIDGE, volume, vec![("tmpfs", "/data/x:size=1m")], vec![]),
            (BRIDGE, volume, vec![("volume", "/srv/b:/data")], vec!["volume-target-taken"]),
            // A new volume is not made where there is one, and Docker drops equal texts.
            (BRIDGE, volume, vec![("volume", "/data")], vec![]),
            (BRIDGE, "", vec![("volume", "/a:/b"), ("volume", "/a:/b")], vec![]),
            (BRIDGE, "", vec![("volume", "/a:/b"), ("volume", "/c:/b")], vec!["volume-target-taken"]),
            (BRIDGE, "", vec![("tmpfs", "/mnt/mesos/sandbox")], vec!["volume-target-taken"]),
            (BRIDGE, "", vec![("volume", "/srv:/proc")], vec!["volume-over-system"]),
            (BRIDGE, "", vec![("volume", "/srv:/proc/x")], vec!["volume-over-system"]),
            (BRIDGE, "", vec![("volume", "/srv:/dev")], vec!["volume-over-system"]),
            (BRIDGE, "", vec![("volume", "/etc/hosts:/etc")], vec!["volume-over-system"]),
            (BRIDGE, "", vec![("mount", "type=bind,src=/tmp,dst=/proc")], vec!["volume-over-system"]),
            (BRIDGE, "", vec![("volume", "/proc:/proc:ro"), ("volume", "/sys:/sys:ro")], vec![]),
            (BRIDGE, mapping, vec![("publish", "9090:80")], vec!["parameter-conflict"]),
            (BRIDGE, mapping, vec![("publish", "127.0.0.1:9090:81")], vec!["parameter-conflict"]),
            (BRIDGE, mapping, vec![("publish", "9090:80/udp")], vec![]),
            (BRIDGE, mapping, vec![("publish", "9091:80")], vec![]),
            (BRIDGE, mapping, vec![("publish", "9090-9099:80")], vec![]),
            (BRIDGE, "", vec![("publish", "9090:81"), ("publish", "9090:82")], vec!["parameter-conflict"]),
            (
                BRIDGE,
                "",
                vec![("publish", "9089-9091:1-3"), ("publish", "9090:82")],
                vec!["parameter-conflict"],
            ),
            (HOST, "", vec![("publish", "9090:81"), ("publish", "9090:82")], vec![]),
            // Names of other drivers may have any form.
            (BRIDGE, "", vec![("volume-driver", "pxd"), ("volume", "size=5G,repl=3,name=db:/db")], vec![]),
            (BRIDGE, "", vec![("volume", "size=5G,repl=3,name=db:/db")], vec!["parameter-value"]),
        ],
        |(network, container, parameters, rules)| {
            assert_eq!(slugs(&with(network, &parameters, container)), rules, "{container} {parameters:?}");
        },
    );
}

/// Log options that need others: the agents' own driver may have them from the agents.
#[test]
fn log_options_go_together() {
    let risky = Effect::Risky;
    each_case(
        [
            (vec![("log-driver", "gelf")], Some(Effect::Fails)),
            (vec![("log-driver", "gelf"), ("log-opt", "gelf-address=http://logs")], Some(Effect::Fails)),
            (vec![("log-driver", "awslogs")], Some(Effect::Fails)),
            (vec![("log-driver", "awslogs"), ("log-opt", "awslogs-group=web")], None),
            (vec![("log-driver", "logentries")], Some(Effect::Fails)),
            (vec![("log-driver", "jsonfile")], Some(Effect::Fails)),
            (vec![("log-driver", "json")], Some(Effect::Fails)),
            (vec![("log-driver", "etwlogs")], Some(Effect::Fails)),
            (vec![("log-driver", "loki")], Some(risky)),
            (vec![("log-driver", "syslog"), ("log-opt", "syslog-facility=web")], Some(Effect::Fails)),
            (vec![("log-driver", "syslog"), ("log-opt", "syslog-facility=local3")], None),
            (vec![("log-driver", "syslog"), ("log-opt", "syslog-format=rfc5424")], None),
            (vec![("log-driver", "local"), ("log-opt", "max-file=1")], Some(Effect::Fails)),
            (vec![("log-driver", "local"), ("log-opt", "max-file=0"), ("log-opt", "compress=false")], None),
            (vec![("log-opt", "max-file=1")], None),
            (vec![("log-opt", "max-size=0")], Some(Effect::Fails)),
            (vec![("log-opt", "max-size=-1")], Some(Effect::Fails)),
            (vec![("log-driver", "gelf"), ("log-opt", "gelf-address=udp://logs:12201")], None),
            (vec![("log-opt", "mode=foo")], Some(Effect::Fails)),
            (vec![("log-opt", "mode=non-blocking"), ("log-opt", "max-buffer-size=4m")], None),
            (vec![("log-opt", "max-buffer-size=4m")], Some(risky)),
            (vec![("log-driver", "journald"), ("log-opt", "max-buffer-size=4m")], Some(Effect::Fails)),
            (vec![("log-opt", "compress=true")], Some(risky)),
            (vec![("log-opt", "compress=true"), ("log-opt", "max-file=3"), ("log-opt", "max-size=1m")], None),
            (vec![("log-opt", "compress=false")], None),
            (vec![("log-driver", "local"), ("log-opt", "compress=true")], None),
        ],
        |(parameters, effect)| {
            let found = effects(&with(BRIDGE, &parameters, ""), &target("dcos"));
            let expected: Vec<_> = effect.into_iter().map(|effect| ("parameter-log", effect)).collect();
            assert_eq!(found, expected, "{parameters:?}");
        },
    );
}

/// The release of Docker on the agents decides which options there are, and what they take.
#[test]
fn the_release_of_docker_decides() {
    let (fails, risky) = (Some(Effect::Fails), Some(Effect::Risky));
    // By the key, the value, and what holds with Docker 18.09, 20.10, 28.0, and where it is not known.
    each_case(
        [
            (BRIDGE, "annotation", "a=b", [fails, fails, None, risky]),
            (BRIDGE, "quiet", "true", [fails, fails, None, risky]),
            (BRIDGE, "health-start-interval", "5s", [fails, fails, None, risky]),
            (BRIDGE, "use-api-socket", "true", [fails, fails, None, risky]),
            (BRIDGE, "pull", "always", [fails, None, None, None]),
            (BRIDGE, "cgroupns", "host", [fails, None, None, None]),
            (BRIDGE, "platform", "linux/amd64", [risky, None, None, None]),
            (BRIDGE, "add-host", "db:host-gateway", [fails, None, None, None]),
            (BRIDGE, "add-host", "db=10.0.0.1", [fails, fails, None, fails]),
            (BRIDGE, "memory", "5m", [None, fails, fails, fails]),
            (BRIDGE, "memory", "3m", [fails, fails, fails, fails]),
            (BRIDGE, "volume", "./x:/y", [fails, fails, None, fails]),
            (BRIDGE, "mount", "type=bind,src=./x,dst=/y", [fails, fails, None, fails]),
            (USER, "net", "other", [None, fails, None, fails]),
            (USER, "network", "name=other,alias=web", [None, fails, None, fails]),
            (USER, "net", "dcos", [None, fails, fails, fails]),
            (USER, "net", "bridge", [None, fails, fails, fails]),
            (BRIDGE, "net", "other", [None, fails, fails, fails]),
        ],
        |(network, key, value, by_release)| {
            let text = parameter(network, key, value);
            let all = [with_docker("18.09"), with_docker("20.10"), with_docker("28.0"), target("dcos")];
            for (settings, expected) in all.iter().zip(by_release) {
                let found: Vec<_> = effects(&text, settings).into_iter().map(|(_, effect)| effect).collect();
                let release = settings.agents.docker.map(|release| release.to_string());
                assert_eq!(found, Vec::from_iter(expected), "{key}={value} with {release:?}");
            }
        },
    );
    // Before 19.03 the network of the app is not the one that counts beside a parameter.
    let other = with(r#"{"mode": "container", "name": "nope"}"#, &[("network", "host")], "");
    for (release, is_unknown) in [("18.09", false), ("20.10", true)] {
        let mut settings = with_docker(release);
        settings.agents.networks = Some(vec!["dcos".to_owned()]);
        let found = lint(&other, &settings);
        assert_eq!(found.iter().any(|found| found.rule.slug == "unknown-network"), is_unknown, "{release}");
    }
    // From Docker 25 on a capital letter makes a registry of the first part.
    each_case(
        [("Foo/y:1", true), ("Localhost/y", true), ("foo/Y:1", false), ("Foo:1", false)],
        |(image, is_one)| {
            let text = docker(BRIDGE, "", "").replace("reg.example.com/team/web:1.4", image);
            let is_refused = |settings: &Settings| {
                lint(&text, settings).iter().any(|found| found.rule.slug == "malformed-image")
            };
            assert_eq!(is_refused(&with_docker("25.0")), !is_one, "{image}");
            assert!(is_refused(&with_docker("20.10")) && is_refused(&target("dcos")), "{image}");
        },
    );
    let newer = parameter(BRIDGE, "annotation", "a=b");
    assert_eq!(
        effects(&newer, &target("marathon-1.11")),
        [("parameter-not-an-option", Effect::Risky)],
        "other agents may have any Docker"
    );
}

/// Seen on a Docker Engine 20.10: what the options of Mesos and the parameters come to together.
#[test]
fn what_mesos_writes_counts_beside_the_parameters() {
    let app = |limit: &str, key: &str, value: &str| {
        let parameter = format!(r#", "parameters": [{{"key": "{key}", "value": "{value}"}}]"#);
        docker(BRIDGE, &parameter, &format!(r#", "resourceLimits": {{"mem": {limit}}}"#))
            .replace(r#""mem": 32,"#, r#""mem": 128,"#)
    };
    each_case(
        [
            ("256", "memory", "64m", true),
            ("256", "memory", "128m", false),
            ("\"unlimited\"", "memory", "64m", true),
            ("\"unlimited\"", "memory-swap", "128m", true),
            ("\"unlimited\"", "memory-swap", "-1", false),
            ("256", "memory-swap", "128m", true),
            ("256", "memory-swap", "256m", false),
            ("256", "memory-reservation", "200m", false),
        ],
        |(limit, key, value, is_refused)| {
            let found = slugs(&app(limit, key, value));
            assert_eq!(found.contains(&"parameter-conflict"), is_refused, "{limit} {key}={value}: {found:?}");
        },
    );
    each_case([("network-alias", true), ("ip", false)], |(key, is_refused)| {
        assert_eq!(slugs(&parameter(BRIDGE, key, "")).is_empty(), !is_refused, "{key} of nothing");
    });
}

/// A relative path is one of the sandbox, which is empty where nothing is fetched; a path of every agent is known.
#[test]
fn files_of_parameters_are_there() {
    let fetch = r#", "fetch": [{"uri": "https://files.example.com/web.env"}]"#;
    each_case(
        [
            ("env-file", "web.env", "", true),
            ("env-file", "web.env", fetch, false),
            ("label-file", "labels", "", true),
            ("security-opt", "seccomp=default", "", true),
            ("security-opt", "seccomp=unconfined", "", false),
            ("security-opt", "seccomp=builtin", "", false),
            ("env-file", "../web.env", "", false),
            ("env-file", "/etc", "", true),
            ("env-file", "/etc/hostname", "", false),
            ("device", "/etc/hosts", "", true),
            ("device", "/dev/null", "", false),
        ],
        |(key, value, app, is_refused)| {
            let parameter = format!(r#", "parameters": [{{"key": "{key}", "value": "{value}"}}]"#);
            let found = slugs(&docker(BRIDGE, &parameter, app));
            assert_eq!(
                found,
                if is_refused { vec!["parameter-value"] } else { vec![] },
                "{key}={value}{app}"
            );
        },
    );
}

/// A group that only some images have is a risk.
#[test]
fn groups_are_those_of_the_image() {
    each_case(
        [
            ("nosuchgroup", vec![("parameter-host-files", Effect::Risky)]),
            ("docker", vec![("parameter-host-files", Effect::Risky)]),
            ("1000", vec![]),
            ("audio", vec![]),
        ],
        |(group, expected)| {
            assert_eq!(effects(&parameter(BRIDGE, "group-add", group), &target("dcos")), expected, "{group}");
        },
    );
}
