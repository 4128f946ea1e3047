//! Tests of `milepost registry trust`: the script is run, in a directory that plays the agent.

mod agents;
mod daemon_json;

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::process::{Command, Output, Stdio};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};

use crate::agents::{SLAVES, tree};
use crate::common::{TestDir, each_case, has_program};
use crate::openssl;

const HOST: &str = "registry.mycompany.com:5000";
const DOCKER: &str = "etc/docker/certs.d/registry.mycompany.com:5000/ca.crt";
const MESOS: &str = "var/lib/dcos/pki/tls/certs";

/// An authority of this name, with a key of its own.
fn authority(name: &str) -> String {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_after = date_time_ymd(2120, 1, 1);
    params.use_authority_key_identifier_extension = true;
    params.self_signed(&KeyPair::generate().expect("a key")).expect("a certificate").pem()
}

fn trust(test: &TestDir, args: &[&str]) -> String {
    test.run(&[&["registry", "trust"], args].concat())
}

fn script(test: &TestDir, args: &[&str]) -> String {
    let output = test.command(&[&["registry", "trust"], args].concat()).output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Runs a script as on an agent whose root is this directory of the test directory.
fn run(test: &TestDir, script: &str, root: &str) -> Output {
    let path = test.path().join("script.sh");
    std::fs::write(&path, script).expect("written");
    Command::new("sh")
        .arg(path)
        .env("ROOT", test.path().join(root))
        .stdin(Stdio::null())
        .output()
        .expect("sh runs")
}

/// Runs a script that has to do well, and what it said.
fn apply(test: &TestDir, script: &str, root: &str) -> String {
    let output = run(test, script, root);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && output.stdout.is_empty(), "{said}");
    said.replace(test.path().join(root).to_str().expect("UTF-8"), "")
}

/// Applies a script twice: the second time nothing happens.
fn apply_twice(test: &TestDir, script: &str, root: &str) -> (String, BTreeMap<String, String>) {
    let first = apply(test, script, root);
    let after = tree(test, root);
    let second = apply(test, script, root);
    assert!(
        !second.contains("wrote") && !second.contains("linked") && !second.contains("removed"),
        "{second}"
    );
    assert_eq!(tree(test, root), after);
    (first, after)
}

fn hash(test: &TestDir, file: &str) -> String {
    openssl::say(test.path(), &["x509", "-hash", "-noout", "-in", file]).trim().to_owned()
}

/// Seed 000, "Configuring agents to use a custom certificate", steps 2 and 3.
#[test]
fn seed_000_add_custom_certificate_to_docker_and_to_mesos() {
    let ca = authority("Company CA");
    let test = TestDir::new().file("ca.crt", &ca);
    let script = script(&test, &["--host", HOST, "--ca", "ca.crt", "--name", "docker-registry-ca"]);
    let (said, ours) = apply_twice(&test, &script, "agent");
    insta::with_settings!({filters => vec![("[0-9a-f]{8}", "[HASH]")]}, {
        insta::assert_snapshot!(said, @"
        wrote: /etc/docker/certs.d/registry.mycompany.com:5000/ca.crt
        wrote: /var/lib/dcos/pki/tls/certs/docker-registry-ca.crt
        linked: /var/lib/dcos/pki/tls/certs/[HASH].0 -> docker-registry-ca.crt
        ");
    });
    if !openssl::is_there() {
        return;
    }
    let seed = r#"set -e
        mkdir -p "$ROOT/etc/docker/certs.d/registry.mycompany.com:5000"
        cp ca.crt "$ROOT/etc/docker/certs.d/registry.mycompany.com:5000/ca.crt"
        mkdir -p "$ROOT/var/lib/dcos/pki/tls/certs"
        cp ca.crt "$ROOT/var/lib/dcos/pki/tls/certs/docker-registry-ca.crt"
        ln -s docker-registry-ca.crt "$ROOT/var/lib/dcos/pki/tls/certs/$(openssl x509 -hash -noout -in "$ROOT/var/lib/dcos/pki/tls/certs/docker-registry-ca.crt").0"
        chmod -R a+rX,go-w,u-x+X "$ROOT""#;
    let path = test.path().join("seed.sh");
    std::fs::write(&path, seed).expect("written");
    let status =
        Command::new("sh").arg(&path).env("ROOT", test.path().join("seed")).current_dir(test.path()).status();
    assert!(status.expect("sh runs").success());
    assert_eq!(ours, tree(&test, "seed"));
    assert!(ours[DOCKER].starts_with("644\n") && ours[DOCKER].ends_with(&ca));
}

/// The same, without a name: registries with different authorities do not get in each other's way.
#[test]
fn two_registries_are_trusted_side_by_side() {
    if !openssl::is_there() {
        return;
    }
    // Authorities of the same name share a hash.
    let test = TestDir::new();
    each_case([("one", "one.example:5000"), ("two", "two.example")], |(directory, host)| {
        let made = test.run(&[
            "registry",
            "cert",
            "--dns",
            host.split(':').next().expect("a name"),
            "--ca",
            "--key",
            "ecdsa",
            "-o",
            directory,
        ]);
        assert!(made.starts_with("exit: 0"), "{made}");
    });
    let same = [authority("Same"), authority("Same"), authority("Same")];
    let test = test.file("s0.crt", &same[0]).file("s1.crt", &same[1]).file("s2.crt", &same[2]);
    for (ca, host) in [
        ("one/ca.crt", "one.example:5000"),
        ("two/ca.crt", "two.example"),
        ("s0.crt", "s0.example"),
        ("s1.crt", "s1.example"),
    ] {
        apply_twice(&test, &script(&test, &["--host", host, "--ca", ca]), "agent");
    }
    let verify = |certificate: &str| {
        openssl::run(
            test.path(),
            &["verify", "-no-CAfile", "-CApath", &format!("agent/{MESOS}"), certificate],
        )
    };
    each_case(["one/domain.crt", "two/domain.crt", "s0.crt", "s1.crt"], |certificate| {
        let (is_trusted, said) = verify(certificate);
        assert!(is_trusted, "{said}");
    });
    assert!(!verify("s2.crt").0);
    let hash = hash(&test, "s0.crt");
    let link = |number: u32| tree(&test, "agent").get(&format!("{MESOS}/{hash}.{number}")).cloned();
    assert_eq!(link(0).as_deref(), Some("-> docker-registry-ca-s0.example.crt"));
    assert_eq!(link(1).as_deref(), Some("-> docker-registry-ca-s1.example.crt"));
    // The authority of s0 is made anew under another name: its link goes, and that of s1 moves up, or OpenSSL would
    // stop looking before it.
    let test = test.file("new.crt", authority("New"));
    apply_twice(&test, &script(&test, &["--host", "s0.example", "--ca", "new.crt"]), "agent");
    assert_eq!(
        tree(&test, "agent").get(&format!("{MESOS}/{hash}.0")).map(String::as_str),
        Some("-> docker-registry-ca-s1.example.crt")
    );
    each_case([("s0.crt", false), ("s1.crt", true), ("new.crt", true)], |(certificate, is_trusted)| {
        let path = format!("agent/{MESOS}");
        let (verified, said) =
            openssl::run(test.path(), &["verify", "-no-CAfile", "-CApath", &path, certificate]);
        assert_eq!(verified, is_trusted, "{said}");
    });
}

#[test]
fn certificates_installed_by_hand_are_recognized() {
    if !openssl::is_there() {
        return;
    }
    let ca = authority("Company CA");
    let test = TestDir::new().file("ca.crt", &ca).file(&format!("agent/{MESOS}/docker-registry-ca.crt"), &ca);
    let hash = hash(&test, "ca.crt");
    let link = |number: u32| test.path().join(format!("agent/{MESOS}/{hash}.{number}"));
    symlink("docker-registry-ca.crt", link(0)).expect("linked");
    let script = script(&test, &["--host", HOST, "--ca", "ca.crt"]);
    let (said, _) = apply_twice(&test, &script, "agent");
    // The file that was installed by hand may go, so its link is not relied on.
    assert!(said.contains(&format!("linked: /{MESOS}/{hash}.1")), "{said}");
    // A link that leads nowhere would have OpenSSL stop looking.
    std::fs::remove_file(test.path().join(format!("agent/{MESOS}/docker-registry-ca.crt"))).expect("removed");
    let (said, after) = apply_twice(&test, &script, "agent");
    assert!(said.contains(&format!("removed: /{MESOS}/{hash}.0")), "{said}");
    assert_eq!(after[&format!("{MESOS}/{hash}.0")], "-> docker-registry-ca-registry.mycompany.com_5000.crt");
}

#[test]
fn several_authorities_in_one_file_are_all_trusted() {
    if !openssl::is_there() {
        return;
    }
    let (root, mid) = (authority("Root"), authority("Mid"));
    let test =
        TestDir::new().file("root.crt", &root).file("mid.crt", &mid).file("ca.crt", format!("{root}{mid}"));
    let (_, after) = apply_twice(&test, &script(&test, &["--host", HOST, "--ca", "ca.crt"]), "agent");
    assert!(after[DOCKER].ends_with(&format!("{root}{mid}")));
    for certificate in ["root.crt", "mid.crt"] {
        openssl::say(
            test.path(),
            &["verify", "-no-CAfile", "-CApath", &format!("agent/{MESOS}"), certificate],
        );
    }
}

/// Seed 001: "Apply this workaround for minuteman to all of your cluster nodes".
#[test]
fn seed_001_conntrack_workaround_for_vips() {
    let test = TestDir::new().file("ca.crt", authority("CA"));
    let script = script(&test, &["--host", "192.168.0.1", "--ca", "ca.crt", "--conntrack"]);
    assert!(script.contains("sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1"));
    let (_, after) = apply_twice(&test, &script, "agent");
    assert_eq!(
        after["etc/sysctl.d/99-milepost-registry-vip.conf"],
        "644\nnet.netfilter.nf_conntrack_tcp_be_liberal = 1\n"
    );
}

#[test]
fn shellcheck_is_content() {
    if !has_program("shellcheck", "--version", "Debian: apt-get install shellcheck") {
        return;
    }
    let test = TestDir::new()
        .file("ca.crt", format!("{}{}", authority("A"), authority("B")))
        .file("slaves.json", SLAVES);
    let made = test.run(&["registry", "cert", "--ip", "192.168.0.1", "--key", "ecdsa", "-o", "it's"]);
    assert!(made.starts_with("exit: 0"), "{made}");
    each_case(
        [
            &["--ca", "ca.crt"][..],
            &["--ca", "ca.crt", "--conntrack", "--restart-docker", "--host", "[fd00::1]:5000"],
            &["--insecure"],
            &["--insecure", "--boot2docker", "--restart-docker"],
            &["--ca", "ca.crt", "--ssh", "--agents-from", "slaves.json", "--ssh-user", "core"],
            &[
                "--ca",
                "ca.crt",
                "--ssh",
                "--agent",
                "a",
                "--registry-cert",
                "it's/domain.crt",
                "--registry-key",
                "it's/domain.key",
            ],
        ],
        |args| {
            let script = script(&test, &[&["--host", HOST], args].concat());
            std::fs::write(test.path().join("script.sh"), &script).expect("written");
            let output = Command::new("shellcheck")
                .arg(test.path().join("script.sh"))
                .output()
                .expect("shellcheck runs");
            assert!(output.status.success(), "{args:?}:\n{}", String::from_utf8_lossy(&output.stdout));
            let inner = script
                .split("<<'END_OF_SCRIPT_FOR_AGENTS'\n")
                .nth(1)
                .map(|rest| rest.split("END_OF_SCRIPT").next());
            if let Some(Some(inner)) = inner {
                std::fs::write(test.path().join("inner.sh"), inner).expect("written");
                let output = Command::new("shellcheck")
                    .arg(test.path().join("inner.sh"))
                    .output()
                    .expect("shellcheck runs");
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
            }
        },
    );
}

#[test]
fn what_no_agent_should_trust_is_rejected() {
    let mut expired = CertificateParams::default();
    expired.distinguished_name.push(DnType::CommonName, "Old CA");
    expired.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    expired.not_after = date_time_ymd(2021, 1, 1);
    let key = KeyPair::generate().expect("a key");
    let expired = expired.self_signed(&key).expect("a certificate").pem();
    let ca = authority("CA");
    let test = TestDir::new()
        .file("expired.crt", expired)
        .file("both.crt", format!("{ca}{}", key.serialize_pem()))
        .file("domain.key", key.serialize_pem())
        .file("text.crt", "no certificate")
        .file("ca.crt", ca)
        .file("empty.json", r#"{"slaves": []}"#)
        .file("evil.json", r#"[{"hostname": "-oProxyCommand=reboot"}]"#)
        .file("page.json", "<html>");
    let mut told = Vec::new();
    each_case(
        [
            &["--ca", "expired.crt"][..],
            &["--ca", "both.crt"],
            &["--ca", "domain.key"],
            &["--ca", "text.crt"],
            &["--ca", "none.crt"],
            &["--ca", "ca.crt", "--ssh"],
            &["--ca", "ca.crt", "--ssh", "--agents-from", "empty.json"],
            &["--ca", "ca.crt", "--ssh", "--agents-from", "evil.json"],
            &["--ca", "ca.crt", "--ssh", "--agents-from", "page.json"],
            &["--ca", "ca.crt", "--ssh", "--agent", "a;reboot"],
            &[
                "--ca",
                "ca.crt",
                "--ssh",
                "--agent",
                "a",
                "--registry-cert",
                "ca.crt",
                "--registry-key",
                "domain.key",
            ],
        ],
        |args| {
            let output = trust(&test, &[&["--host", HOST], args].concat());
            assert!(output.starts_with("exit: 2\n----- stdout -----\n----- stderr -----\n"), "{output}");
            told.extend(output.lines().skip(3).map(str::to_owned));
        },
    );
    insta::assert_snapshot!(told.join("\n"), @r#"
    error: expired.crt: CN=Old CA expired on 2021-01-01, so clients reject everything that it signed: renew it
    error: both.crt: it also holds a private key, which would be copied to every agent: give a file with only the certificate
    error: domain.key: it holds a private key and no certificate; give the certificate (for example domain.crt)
    error: text.crt: it holds no certificate; a PEM certificate (-----BEGIN CERTIFICATE-----) is expected
    error: cannot read none.crt: No such file or directory (os error 2)
    error: --ssh needs the agents: give --agents-from, or --agent for each
    error: empty.json: there is no active agent in it
    error: evil.json: "-oProxyCommand=reboot" is not a host name of an agent
    error: page.json: this is not JSON: expected value at line 1 column 1; expected the answer of Mesos's master at /slaves, or of `dcos node list --json`
    error: "a;reboot" is not a host name of an agent
    error: domain.key is not the key of ca.crt
    "#);
    each_case(
        [
            "https://reg.example.com",
            "reg.example.com/team",
            "",
            "a b",
            "$(reboot)",
            "a';reboot;'",
            "../../etc",
            "*.example.com",
        ],
        |host| {
            let output = trust(&test, &["--host", host, "--ca", "ca.crt"]);
            assert!(output.starts_with("exit: 2\n"), "{host}: {output}");
        },
    );
    each_case(
        [
            &["--ca", "ca.crt", "--insecure"][..],
            &[],
            &["--ca", "ca.crt", "--boot2docker"],
            &["--ca", "ca.crt", "--agents-from", "empty.json"],
            &["--ca", "ca.crt", "--name", "../x"],
            &["--ca", "ca.crt", "--ssh", "--agent", "a", "--ssh-user", "-x"],
        ],
        |args| {
            let output = trust(&test, &[&["--host", HOST], args].concat());
            assert!(output.starts_with("exit: 2\n----- stdout -----\n"), "{args:?}: {output}");
        },
    );
}

#[test]
fn odd_certificates_are_reported() {
    let test = TestDir::new();
    each_case([&["--dns", "reg.example.com", "--ca"][..], &["--ip", "192.168.0.1", "-o", "own"]], |args| {
        let made = test.run(&[&["registry", "cert", "--key", "ecdsa"], args].concat());
        assert!(made.starts_with("exit: 0"), "{made}");
    });
    let talk = |host: &str, file: &str| {
        let output = trust(&test, &["--host", host, "--ca", file]);
        assert!(output.starts_with("exit: 0"), "{output}");
        output.split("----- stderr -----\n").nth(1).expect("talk").to_owned()
    };
    assert_eq!(talk("reg.example.com:5000", "ca.crt"), "");
    assert_eq!(talk("192.168.0.1", "own/domain.crt"), "");
    insta::assert_snapshot!(talk("reg.example.com", "domain.crt"), @"warning: domain.crt: CN=reg.example.com is a server's certificate, signed by CN=Registry CA for reg.example.com: give that authority's certificate instead; OpenSSL may not trust this one, and no client will trust its renewal");
    insta::assert_snapshot!(talk("192.168.0.2:5000", "own/domain.crt"), @"warning: own/domain.crt: CN=192.168.0.1 is a server's certificate, but not for 192.168.0.2");
}

/// What milepost itself, with rustls, takes: stricter than Docker and OpenSSL.
#[cfg(feature = "net")]
#[test]
fn clients_with_rustls_take_the_certificates_that_are_made() {
    if !openssl::is_there() {
        return;
    }
    for (extra, trusted) in
        [(&["--key", "rsa2048"][..], "domain.crt"), (&["--ca", "--key", "ecdsa"][..], "ca.crt")]
    {
        let test = TestDir::new();
        let made = test.run(&[&["registry", "cert", "--ip", "127.0.0.1"], extra].concat());
        assert!(made.starts_with("exit: 0"), "{made}");
        let server = openssl::Server::start(test.path(), "domain.crt", "domain.key");
        let url = format!("https://127.0.0.1:{}", server.port);
        let ask = |ca: &[&str]| test.run(&[&["export", "/", "--url", &url, "--timeout", "9"], ca].concat());
        // The server is no Marathon, which only shows after it was trusted.
        let trusting = ask(&["--ca-file", trusted]);
        assert!(!trusting.contains("ertificate") && !trusting.contains("cannot connect"), "{trusting}");
        let other = test.run(&["registry", "cert", "--ip", "127.0.0.1", "--key", "ecdsa", "-o", "other"]);
        assert!(other.starts_with("exit: 0"), "{other}");
        let distrusting = ask(&["--ca-file", "other/domain.crt"]);
        assert!(distrusting.contains("cannot connect"), "{distrusting}");
    }
}

#[test]
fn the_examples_in_the_help_run() {
    let test = TestDir::new().file("ca.crt", authority("CA")).file("slaves.json", SLAVES);
    let made = test.run(&["registry", "cert", "--ip", "192.168.0.1", "--key", "ecdsa"]);
    assert!(made.starts_with("exit: 0"), "{made}");
    let mut count = 0;
    each_case(examples(&test.run(&["registry", "trust", "--help"])), |command| {
        // There is no shell, and no cluster.
        let command = command.replace("http://master.mesos:5050/slaves", "slaves.json");
        let args: Vec<&str> = command.split_whitespace().take_while(|word| *word != ">").collect();
        let output = test.run(&args);
        assert!(output.starts_with("exit: 0\n"), "{command}: {output}");
        count += 1;
    });
    assert_eq!(count, 4);
}

/// The commands in a help text, those over several lines in one.
pub(crate) fn examples(help: &str) -> Vec<String> {
    let help = help.replace("\\\n", " ");
    help.lines().filter_map(|line| line.trim().strip_prefix("milepost ")).map(str::to_owned).collect()
}

/// Each file has a link of its own, so that a registry's renewal takes none from another with the same authority.
#[test]
fn registries_with_one_authority_do_not_share_a_link() {
    if !openssl::is_there() {
        return;
    }
    let (shared, new) = (authority("Shared"), authority("New"));
    let test = TestDir::new().file("shared.crt", &shared).file("new.crt", &new);
    for host in ["one.example", "two.example"] {
        apply_twice(&test, &script(&test, &["--host", host, "--ca", "shared.crt"]), "agent");
    }
    apply_twice(&test, &script(&test, &["--host", "one.example", "--ca", "new.crt"]), "agent");
    for certificate in ["shared.crt", "new.crt"] {
        openssl::say(
            test.path(),
            &["verify", "-no-CAfile", "-CApath", &format!("agent/{MESOS}"), certificate],
        );
    }
}

#[test]
fn a_certificate_that_left_the_bundle_is_forgotten() {
    if !openssl::is_there() {
        return;
    }
    let all = ["A", "B", "C"].map(authority);
    let test = TestDir::new()
        .file("three.crt", all.concat())
        .file("one.crt", &all[0])
        .file("b.crt", &all[1])
        .file("c.crt", &all[2]);
    let host = ["--host", "reg.example"];
    apply_twice(&test, &script(&test, &[&host[..], &["--ca", "three.crt"]].concat()), "agent");
    // The second certificate is another registry's, too.
    apply_twice(&test, &script(&test, &["--host", "other.example", "--ca", "b.crt"]), "agent");
    let (said, after) =
        apply_twice(&test, &script(&test, &[&host[..], &["--ca", "one.crt"]].concat()), "agent");
    assert!(said.contains("removed: "), "{said}");
    let of_registry: Vec<&String> = after.keys().filter(|path| path.contains("reg.example")).collect();
    let file = format!("{MESOS}/docker-registry-ca-reg.example.crt");
    assert_eq!(of_registry, ["etc/docker/certs.d/reg.example/ca.crt", file.as_str()]);
    let verify = |certificate: &str| {
        openssl::run(
            test.path(),
            &["verify", "-no-CAfile", "-CApath", &format!("agent/{MESOS}"), certificate],
        )
        .0
    };
    assert_eq!([verify("one.crt"), verify("b.crt"), verify("c.crt")], [true, true, false]);
}
