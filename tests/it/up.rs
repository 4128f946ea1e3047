//! Tests of `milepost registry up`: against the embedded Marathon, Debian's docker-registry, and agents that are directories.

use crate::agents::{SLAVES, cluster, search_path, tree};
use crate::common::{TestDir, each_case, free_port};
use crate::docker_registry::{Registry, TLS_AND_HTPASSWD};
use crate::serve::Server;

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
        let host = format!("localhost:{}", self.port);
        let port = self.port.to_string();
        let url = format!("http://{}", self.marathon.address);
        let args = ["registry", "up", &host, "--url", &url, "--agents-from", "slaves.json"];
        let app = ["--", "--mesos-dns", "--host-port", &port, "--host-path", "/srv/registry"];
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

/// The "one line from nothing to a running private image": with nothing there; with the registry that the deployed app
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
    for agent in ["10.0.0.1", "agent-2.example"] {
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
    }
    let app = &up.marathon.get("/v2/apps//registry-test")["app"];
    assert_eq!(app["container"]["docker"]["image"], format!("localhost:{}/milepost-test:1", up.port));
    assert_eq!(app["fetch"][0]["uri"], "file:///etc/docker.tar.gz");
    assert_eq!(app["tasksRunning"], 1);
    for name in ["password", "config.json", "docker.tar.gz", "domain.key"] {
        assert_eq!(up.test.mode(&format!("registry/{name}")), 0o600, "{name}");
    }
    let password = up.test.read("registry/password");
    assert!(!up.test.read("ssh.log").contains(password.trim()));
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
            (&["https://reg.example.com", "--yes"], "give it as in image names"),
            (&["192.168.0.1", "--yes", "--skip", "nothing"], "invalid value 'nothing'"),
            (&["192.168.0.1", "--yes", "--username", "a/b"], "give a user name of letters"),
            (&["192.168.0.1", "--yes", "--", "--no-such-option"], "the step app failed"),
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
    for (host, option) in [
        ("192.168.0.1:5000", "--vip 192.168.0.1:5000"),
        ("images.marathon.l4lb.thisdcos.directory:5000", "--vip /images:5000"),
        ("registry.marathon.mesos:5000", "--mesos-dns --host-port 5000"),
    ] {
        let said = run(&[host, "--dry-run", "--dir", "other"]);
        assert!(said.starts_with("exit: 0\n") && said.contains(option), "{host}: {said}");
    }
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
