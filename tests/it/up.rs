//! Tests of `milepost registry up`: against the embedded Marathon, Debian's docker-registry, and agents that are directories.

mod standing;
mod token;

use crate::agents::{SLAVES, cluster, search_path, tree};
use crate::common::{TestDir, each_case, free_port, has_script};
use crate::docker_registry::{Registry, TLS_AND_HTPASSWD};
use crate::openssl;
use crate::serve::Server;
use crate::token_server::{self, TokenServer, environment};

/// The steps, in their order.
const ALL: [&str; 10] = ["cert", "user", "trust", "app", "deploy", "login", "push", "creds", "wire", "test"];

/// The steps that were not done before.
fn begun(said: &str) -> Vec<&str> {
    let titles = said.lines().filter(|line| {
        line.starts_with("step ") && line.contains(" of 10, ") && !line.contains(": done before: ")
    });
    titles.filter_map(|title| title.split([',', ':']).nth(1)).map(str::trim).collect()
}

/// A cluster, and where its registry will be.
struct Up {
    test: TestDir,
    marathon: Server,
    port: u16,
}

impl Up {
    fn new() -> Self {
        let test = cluster(TestDir::new().file("slaves.json", SLAVES));
        Self { test, marathon: Server::start(&[]), port: free_port() }
    }

    fn run(&self, more: &[&str]) -> String {
        self.run_with(more, &["--mesos-dns", "--host-path", "/srv/registry"])
    }

    /// The same with these options of the registry's app, or of its group.
    fn run_with(&self, more: &[&str], app: &[&str]) -> String {
        let host = format!("localhost:{}", self.port);
        let port = self.port.to_string();
        let url = format!("http://{}", self.marathon.address);
        let args = ["registry", "up", &host, "--url", &url, "--agents-from", "slaves.json"];
        let app = [&["--", "--host-port", &port], app].concat();
        let mut command = self.test.command(&[&args[..], more, &app].concat());
        let output = command
            .env("PATH", search_path(&self.test))
            .env("HOME", self.test.path())
            .output()
            .expect("it runs");
        let said = self.test.describe(&output).replace(&url, "[MARATHON]");
        said.replace(&host, "[REGISTRY]").replace(&port, "[PORT]")
    }
}

/// The issue's "one line from nothing to a running private image": with nothing there; with the registry that the deployed app
/// is; and again.
#[test]
fn from_nothing_to_an_app_of_a_private_image() {
    let up = Up::new();
    let dry = up.run(&["--dry-run"]);
    assert!(dry.starts_with("exit: 0\n"), "{dry}");
    assert_eq!(begun(&dry), ALL, "{dry}");
    assert!(!up.test.path().join("registry").exists());
    // No registry is started by the embedded Marathon: the login fails, and all before it is done.
    let stopped = up.run(&["--yes"]);
    assert!(!stopped.starts_with("exit: 0\n") && stopped.contains("the step login failed"), "{stopped}");
    assert_eq!(begun(&stopped), ALL[..6], "{stopped}");
    // What the app's environment says.
    let settings = TLS_AND_HTPASSWD.replace("[DIR]", "[DIR]/registry");
    let Some(_registry) = Registry::start_at(up.port, &up.test, "images", &settings) else { return };
    let went_on = up.run(&["--yes"]);
    assert!(went_on.starts_with("exit: 0\n"), "{went_on}");
    assert_eq!(begun(&went_on), ALL[5..], "{went_on}");
    let again = up.run(&["--yes"]);
    assert!(again.starts_with("exit: 0\n"), "{again}");
    assert_eq!(begun(&again), [""; 0], "{again}");
    // What is gone is done again, and nothing else.
    let images = up.test.path().join("images/docker/registry/v2/repositories/milepost-test");
    std::fs::remove_dir_all(images).expect("removed");
    up.marathon.delete("/v2/apps//registry-test?force=true");
    up.marathon.settled();
    let restored = up.run(&["--yes"]);
    assert_eq!(begun(&restored), ["push", "test"], "{restored}");
    // Another user is made, and what is done with the credentials of the first one is done again.
    let other = up.run(&["--yes", "-u", "other"]);
    assert!(other.starts_with("exit: 0\n"), "{other}");
    assert_eq!(begun(&other), ["user", "trust", "login", "creds"], "{other}");
    let again = up.run(&["--yes", "-u", "other"]);
    assert_eq!(begun(&again), [""; 0], "{again}");
    assert!(again.contains("registry/config.json has other's credentials for [REGISTRY]"), "{again}");
    assert_eq!(begun(&up.run(&["--yes"])), ["login", "creds"]);
    each_case(["10.0.0.1", "agent-2.example"], |agent| {
        let there = tree(&up.test, &format!("agents/{agent}"));
        for (file, mode) in [
            ("etc/docker.tar.gz", "600"),
            ("etc/privateregistry/auth/htpasswd", "600"),
            ("etc/privateregistry/certs/domain.key", "600"),
            ("etc/privateregistry/certs/domain.crt", "644"),
        ] {
            assert!(there[file].starts_with(&format!("{mode}\n")), "{agent}: {file}");
        }
        let ca = format!("etc/docker/certs.d/localhost:{}/ca.crt", up.port);
        assert_eq!(there[&ca], format!("644\n{}", up.test.read("registry/ca.crt")));
    });
    let app = &up.marathon.get("/v2/apps//registry-test")["app"];
    assert_eq!(app["container"]["docker"]["image"], format!("localhost:{}/milepost-test:1", up.port));
    assert_eq!(app["fetch"][0]["uri"], "file:///etc/docker.tar.gz");
    assert_eq!(app["tasksRunning"], 1);
    each_case(["password", "config.json", "docker.tar.gz", "domain.key"], |name| {
        assert_eq!(up.test.mode(&format!("registry/{name}")), 0o600, "{name}");
    });
    let password = up.test.read("registry/password");
    assert!(!up.test.read("ssh.log").contains(password.trim()));
}

/// The same with a token server: the group's own files are what the real ones run with.
#[test]
fn from_nothing_to_an_app_behind_a_token_server() {
    const STEPS: [&str; 8] = ["group", "trust", "deploy", "login", "push", "creds", "wire", "test"];
    if !token_server::is_there() || !openssl::is_there() {
        return;
    }
    let up = Up::new();
    let auth_port = free_port();
    let (port, realm) = (auth_port.to_string(), format!("https://localhost:{auth_port}/token/"));
    let run = |more: &[&str]| {
        // The token server lets users into repositories of their own only.
        let more = [&["--auth", "token", "--username", "foo", "--test-image", "foo/test"], more].concat();
        let app = ["--host", "localhost", "--auth-port", &port, "--token-realm", &realm, "--cost", "4"];
        let said = up.run_with(&more, &app);
        said.replace(" of 8, ", " of 10, ")
    };
    let dry = run(&["--dry-run"]);
    assert!(dry.starts_with("exit: 0\n"), "{dry}");
    assert_eq!(begun(&dry), STEPS, "{dry}");
    assert!(dry.contains("milepost registry group -o registry/ --admin foo "), "{dry}");
    assert!(dry.contains("  # first a new password is written to registry/password\n"), "{dry}");
    assert!(!up.test.path().join("registry").exists());
    let stopped = run(&["--yes"]);
    assert!(!stopped.starts_with("exit: 0\n") && stopped.contains("the step login failed"), "{stopped}");
    assert_eq!(begun(&stopped), STEPS[..4], "{stopped}");
    let added = up.test.run(&[
        "registry",
        "user",
        "add",
        "htpasswd",
        "foo",
        "--password-file",
        "registry/password",
        "--cost=4",
    ]);
    assert!(added.starts_with("exit: 0\n"), "{added}");
    let group: serde_json::Value =
        serde_json::from_str(&up.test.read("registry/registry.json")).expect("JSON");
    let environment = environment(&up.test, "registry", &group["apps"][1]);
    let _server = TokenServer::start(&up.test, "registry", auth_port, "auth_service");
    let Some(_registry) = Registry::start_with_environment(&up.test, up.port, &environment) else { return };
    let went_on = run(&["--yes"]);
    assert!(went_on.starts_with("exit: 0\n"), "{went_on}");
    assert_eq!(begun(&went_on), STEPS[3..], "{went_on}");
    let again = run(&["--yes"]);
    assert!(again.starts_with("exit: 0\n"), "{again}");
    assert_eq!(begun(&again), [""; 0], "{again}");
    each_case(["10.0.0.1", "agent-2.example"], |agent| {
        let there = tree(&up.test, &format!("agents/{agent}"));
        for (file, mode) in [
            ("etc/docker.tar.gz", "600"),
            ("etc/privateregistry/auth/auth_config.yml", "600"),
            ("etc/privateregistry/certs/domain.key", "600"),
            ("etc/privateregistry/certs/domain.crt", "644"),
        ] {
            assert!(there[file].starts_with(&format!("{mode}\n")), "{agent}: {file}");
        }
    });
    let app = &up.marathon.get("/v2/apps//registry-test")["app"];
    assert_eq!(app["container"]["docker"]["image"], format!("localhost:{}/foo/test:1", up.port));
    assert_eq!(app["tasksRunning"], 1);
    let password = up.test.read("registry/password");
    assert!(![dry, stopped, went_on, again].concat().contains(password.trim()));
}

/// At a terminal each step is asked for, after it was shown; where the answer is no, another run goes on.
#[test]
fn each_step_is_asked_for_at_a_terminal() {
    if !has_script() {
        return;
    }
    let test = TestDir::new();
    let run = |answers: &str| {
        let line = format!(
            "printf '{answers}' | script -qec '{} registry up 192.168.0.1 --skip trust,deploy,login,push,creds,wire,test' /dev/null",
            env!("CARGO_BIN_EXE_milepost")
        );
        let output = std::process::Command::new("sh").args(["-c", &line]).current_dir(test.path()).output();
        String::from_utf8_lossy(&output.expect("sh runs").stdout).replace("\r\n", "\n")
    };
    let first = run("y\\nn\\n");
    let at = |what: &str| first.find(what).unwrap_or_else(|| panic!("{what}: {first}"));
    let cert = at("milepost registry cert --ip 192.168.0.1 --ca -o registry/");
    assert!(cert < at("do this? [y/N] ") && at("do this? [y/N] ") < at("the certificate is for 192.168.0.1"));
    assert!(cert < at("milepost registry user add milepost registry/htpasswd "), "{first}");
    assert!(first.contains("stopped before user: another run goes on there"), "{first}");
    let there = |name: &str| test.path().join("registry").join(name).exists();
    assert!(there("domain.crt") && !there("htpasswd") && !there("password"), "{first}");
    let second = run("y\\ny\\n");
    assert!(second.contains("step 1 of 10, cert: done before: "), "{second}");
    assert!(there("htpasswd") && there("registry.json"), "{second}");
    assert!(!second.contains(test.read("registry/password").trim()), "{second}");
}

/// What changed since the last run is done: other agents, another password; other options are told.
#[test]
fn what_changed_is_not_done() {
    let up = Up::new();
    let steps = "deploy,login,push,wire,test";
    let run = |more: &[&str]| up.run(&[&["--yes", "--skip", steps], more].concat());
    let config = format!(r#"{{"auths": {{"localhost:{}": {{"auth": "bWlsZXBvc3Q6eA=="}}}}}}"#, up.port);
    std::fs::create_dir(up.test.path().join("registry")).expect("made");
    let write = |name: &str, text: &str| {
        std::fs::write(up.test.path().join("registry").join(name), text).expect("written");
    };
    write("config.json", &config);
    let first = run(&[]);
    assert!(first.starts_with("exit: 0\n"), "{first}");
    assert!(!run(&[]).contains("step 3 of 10, trust: have"));
    let more = run(&["--agent", "agent-3.example"]);
    assert!(
        more.contains("trust: have the agents") && more.contains("creds: bring the credentials"),
        "{more}"
    );
    assert!(up.test.path().join("agents/agent-3.example/etc/docker.tar.gz").exists());
    let again = run(&["--agent", "agent-3.example"]);
    assert!(again.contains("trust: done before") && again.contains("creds: done before"), "{again}");
    // The agents get the new users, too.
    write("password", "another-password\n");
    let other = run(&["--agent", "agent-3.example"]);
    assert!(other.contains("changed the password of milepost in registry/htpasswd"), "{other}");
    assert!(other.contains("trust: have the agents"), "{other}");
    let users = up.test.read("registry/htpasswd");
    assert_eq!(users, up.test.read("agents/agent-3.example/etc/privateregistry/auth/htpasswd"));
    let options = up.run_with(&["--yes", "--skip", steps], &["--mesos-dns"]);
    assert!(options.starts_with("exit: 2\n"), "{options}");
    assert!(options.contains("registry.json is not what the options make"), "{options}");
    let kept = up.run_with(&["--yes", "--skip", steps, "--skip", "app"], &["--mesos-dns"]);
    assert!(kept.starts_with("exit: 0\n"), "{kept}");
}

#[test]
fn steps_are_left_out_where_that_is_asked_for() {
    let up = Up::new();
    let said = up.run(&["--yes", "--skip", "trust,deploy", "--skip", "login,push,creds,wire,test"]);
    assert!(said.starts_with("exit: 0\n") && said.contains("step 3 of 10, trust: skipped\n"), "{said}");
    assert!(up.test.path().join("registry/registry.json").exists());
    assert!(!up.test.path().join("registry/trust.sh").exists());
    let from = up.run(&["--yes", "--from", "trust", "--skip", "deploy,login,push,creds,wire,test"]);
    assert!(from.contains("step 1 of 10, cert: skipped\n") && from.contains("wrote: "), "{from}");
    // Where nobody can be asked.
    std::fs::remove_file(up.test.path().join("registry/registry.json")).expect("removed");
    let asked = up.run(&[]);
    assert!(asked.starts_with("exit: 2\n") && asked.contains("--yes does all steps"), "{asked}");
    assert!(!up.test.path().join("registry/registry.json").exists());
}

#[test]
fn a_step_that_fails_is_named() {
    let test = TestDir::new();
    let run = |args: &[&str]| test.run(&[&["registry", "up"], args].concat());
    each_case(
        [
            (&["reg.example.com", "--yes"][..], "give after -- how the registry gets that name"),
            (
                &["localhost:6000", "--yes", "--", "--mesos-dns", "--host-port", "5000"],
                "make a registry at registry.marathon.mesos:5000, and all else would be for localhost:6000",
            ),
            (
                &["registry.marathon.mesos:5000", "--yes", "--", "--mesos-dns", "--id", "/infra/registry"],
                "make a registry at registry-infra.marathon.mesos:5000, and all else",
            ),
            (
                &[
                    "images.marathon.l4lb.thisdcos.directory:5000",
                    "--auth",
                    "token",
                    "--",
                    "--vip",
                    "/other:5000",
                ],
                "make a registry at other.marathon.l4lb.thisdcos.directory:5000, and all else",
            ),
            (&["https://reg.example.com", "--yes"], "give it as in image names"),
            (&["192.168.0.1", "--yes", "--skip", "nothing"], "invalid value 'nothing'"),
            (&["192.168.0.1", "--yes", "--username", "a/b"], "\"a/b\" cannot be a user's name: "),
            (&["192.168.0.1", "--yes", "--", "--no-such-option"], "the step app failed"),
            (&["192.168.0.1", "--auth", "token", "--skip", "app"], "the steps are group, trust, deploy, "),
            (&["192.168.0.1", "--yes", "--from", "group"], "there is no step group with this --auth"),
        ],
        |(args, why)| {
            let said = run(args);
            assert!(said.starts_with("exit: 2\n") && said.contains(why), "{args:?}: {said}");
        },
    );
    // The files are those of 192.168.0.1.
    let other = run(&["192.168.0.2", "--yes"]);
    assert!(other.contains("registry/domain.crt is not for 192.168.0.2"), "{other}");
    // Names that say how the registry is reached.
    each_case(
        [
            ("192.168.0.1:5000", "--vip 192.168.0.1:5000"),
            ("images.marathon.l4lb.thisdcos.directory:5000", "--vip /images:5000"),
            ("registry.marathon.mesos:5000", "--mesos-dns --host-port 5000"),
            ("reg.example.com:5000", "--host reg.example.com --host-port 5000"),
        ],
        |(host, option)| {
            let said = run(&[host, "--dry-run", "--dir", "other"]);
            assert!(said.starts_with("exit: 0\n") && said.contains(option), "{host}: {said}");
        },
    );
}

/// Both steps that send the registry's password are told which token server may have it.
#[test]
fn a_token_server_is_allowed_to_have_the_password() {
    let said = TestDir::new().run(&[
        "registry",
        "up",
        "192.168.0.1",
        "--dry-run",
        "--token-server",
        "tokens.example.org",
        "--",
        "--host-path",
        "/srv/registry",
    ]);
    assert!(said.starts_with("exit: 0\n"), "{said}");
    for command in ["milepost creds login ", "milepost image push "] {
        let line = said.lines().find(|line| line.contains(command)).unwrap_or_else(|| panic!("{said}"));
        assert!(line.contains(" --token-server tokens.example.org"), "{line}");
    }
}

/// What a real run would refuse a dry run refuses, with the same words, and makes nothing.
#[test]
fn a_dry_run_tries_what_it_can() {
    let test = TestDir::new();
    let run = |args: &[&str]| test.run(&[&["registry", "up", "192.168.0.1", "--dry-run"], args].concat());
    each_case(
        [
            (&["--", "--no-such-option"][..], "'--no-such-option'"),
            (&["--", "--volume-size", "much"], "invalid value 'much'"),
            (&["--", "--constraint", "hostname:NEAR:x"], "error[invalid-constraint]: `NEAR`"),
            (&["--", "--env", "REGISTRY_AUTH=none"], "--env REGISTRY_AUTH"),
            (&["--", "--host-path", "srv"], "srv"),
            (
                &["--auth", "token", "--", "--ca-cert", "missing.crt", "--ca-key", "missing.key"],
                "missing.crt",
            ),
            (&["--test-image", "A b"], "does not name an image"),
            (&["--agents-from", "missing.json"], "missing.json"),
        ],
        |(args, why)| {
            let said = run(args);
            assert!(!said.starts_with("exit: 0\n") && said.contains(why), "{args:?}: {said}");
            assert!(said.contains("this step would fail, and the run end here"), "{args:?}: {said}");
            assert!(!said.contains("note: ") && !said.contains("[1m"), "{args:?}: {said}");
        },
    );
    let fine = run(&["--", "--host-path", "/srv/registry"]);
    assert!(fine.starts_with("exit: 0\n") && !fine.contains("would fail"), "{fine}");
    assert!(!test.path().join("registry").exists());
    // What is there is taken for what it is.
    let test = TestDir::new().file("registry/domain.crt", "x");
    let said = test.run(&["registry", "up", "192.168.0.1", "--dry-run"]);
    assert!(said.starts_with("exit: 2\n") && said.contains("registry/domain.crt"), "{said}");
    assert_eq!(test.read("registry/domain.crt"), "x");
}

/// What a dry run lets pass the real run does not refuse: a server that is not there, and options beside files that are.
#[test]
fn a_dry_run_that_passes_is_not_refused_later() {
    let test = TestDir::new();
    let up = |more: &[&str]| test.run(&[&["registry", "up", "192.168.0.1"], more].concat());
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let said = up(&["--dry-run", "--url", &nobody]);
    assert!(!said.starts_with("exit: 0\n") && said.contains("this step would fail"), "{said}");
    let made = up(&["--yes", "--skip", "trust,deploy,login,push,creds,wire,test"]);
    assert!(made.starts_with("exit: 0\n"), "{made}");
    assert!(
        made.ends_with("done but for what was skipped: trust, deploy, login, push, creds, wire, test\n"),
        "{made}"
    );
    let said = up(&["--dry-run", "--", "--no-such-option"]);
    assert!(said.starts_with("exit: 2\n") && said.contains("--no-such-option"), "{said}");
    // The login makes the credentials anew, and the archive of them is older then.
    std::fs::write(test.path().join("registry/docker.tar.gz"), "x").expect("written");
    let said = up(&["--dry-run"]);
    assert!(said.contains("login: sign in") && !said.contains("creds: done before"), "{said}");
}

/// Options by which a later step must fail are refused before the first one, in a dry run too.
#[test]
fn options_by_which_a_later_step_fails_are_refused_at_once() {
    let up = Up::new();
    let app =
        |more: &'static [&'static str]| [&["--mesos-dns", "--host-path", "/srv/registry"], more].concat();
    each_case(
        [
            (&["--read-only"][..], "a registry with --read-only takes no pushes"),
            (&["--proxy", "https://a.example"], "a registry with --proxy takes no pushes"),
            (
                &["--env", "REGISTRY_PROXY_REMOTEURL=https://a.example"],
                "a registry with --proxy takes no pushes",
            ),
            (
                &["--env", "REGISTRY_HTTP_ADDR=:6000"],
                "--env REGISTRY_HTTP_ADDR: the registry listens on port 6000",
            ),
            (&["--env", "REGISTRY_STORAGE_S3_BUCKET=x"], "the storage drivers filesystem and s3"),
        ],
        |(options, why)| {
            for run in ["--dry-run", "--yes"] {
                for auth in ["htpasswd", "token"] {
                    let said = up.run_with(&[run, "--auth", auth], &app(options));
                    assert!(said.starts_with("exit: 2\n") && said.contains(why), "{run} {auth}: {said}");
                    assert!(!said.contains("step 1 of "), "{run} {auth}: {said}");
                }
            }
        },
    );
    assert!(!up.test.path().join("registry").exists());
    let left = up.run_with(&["--dry-run", "--skip", "push,wire,test"], &app(&["--read-only"]));
    assert!(left.starts_with("exit: 0\n") && left.contains("step 7 of 10, push: skipped"), "{left}");
}

/// Of two runs in one directory the second is refused at once; a run that was killed keeps nobody out.
#[test]
fn two_runs_in_one_directory_do_not_mix() {
    let up = Up::new();
    std::fs::create_dir(up.test.path().join("registry")).expect("made");
    // What the other run holds as long as it runs, and leaves when it is killed.
    let other = std::fs::File::create(up.test.path().join("registry/.up.lock")).expect("made");
    other.try_lock().expect("locked");
    let refused = up.run(&["--yes"]);
    assert!(refused.starts_with("exit: 2\n"), "{refused}");
    assert!(refused.contains("another `milepost registry up` works in registry"), "{refused}");
    assert!(!up.test.path().join("registry/ca.key").exists() && begun(&refused).is_empty(), "{refused}");
    // A dry run changes nothing.
    assert!(up.run(&["--dry-run"]).starts_with("exit: 0\n"));
    drop(other);
    assert_eq!(begun(&up.run(&["--yes"])), ALL[..6]);
    let checked = up.test.run(&["registry", "check", "registry"]);
    assert!(!checked.contains(".up.lock"), "{checked}");
}

/// The port of the registry's name is that of the app, where the options give none.
#[test]
fn the_app_gets_the_port_of_the_name() {
    let test = TestDir::new();
    each_case(
        [
            (
                "reg.example.com:7000",
                &["--host", "reg.example.com"][..],
                "--host-port 7000 --host reg.example.com",
            ),
            ("registry.marathon.mesos:7000", &["--mesos-dns"], "--host-port 7000 --mesos-dns"),
            (
                "reg.example.com:7000",
                &["--vip", "192.168.0.1:7000"],
                "make a registry at 192.168.0.1:7000; reg.example.com:7000 must lead there",
            ),
        ],
        |(host, app, told)| {
            let said = test.run(&[&["registry", "up", host, "--dry-run", "--"], app].concat());
            assert!(said.starts_with("exit: 0\n") && said.contains(told), "{host}: {said}");
        },
    );
    let token = [
        "registry",
        "up",
        "registry-registry.marathon.mesos:7000",
        "--auth",
        "token",
        "--dry-run",
        "--",
        "--mesos-dns",
    ];
    let said = test.run(&token);
    assert!(said.starts_with("exit: 0\n") && !said.contains("note: the options"), "{said}");
}

/// The program in the test image runs where Linux on x86-64 runs.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn the_program_of_the_test_image_runs() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    let up = Up::new();
    // Nothing listens there, but the archive is written before.
    let said = up.run(&["--yes", "--skip", "cert,user,trust,app,deploy,login,creds,wire,test"]);
    assert!(said.contains("the step push failed"), "{said}");
    let unpack = "cd registry && tar -xf test-image.tar && tar -xf layer.tar && ls -l run";
    let unpacked =
        Command::new("sh").args(["-c", unpack]).current_dir(up.test.path()).output().expect("sh runs");
    assert!(unpacked.status.success(), "{}", String::from_utf8_lossy(&unpacked.stderr));
    let mut program =
        Command::new(up.test.path().join("registry/run")).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut line = String::new();
    BufReader::new(program.stdout.take().expect("piped")).read_line(&mut line).expect("read");
    program.kill().expect("it waited");
    let ended = program.wait().expect("it ended");
    assert_eq!((line.as_str(), ended.code()), ("milepost: the image was pulled and runs\n", None));
}
