//! `milepost deploy --strategy blue-green|canary` against the embedded Marathon and a real HAProxy, whose statistics are read.

mod lb;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Child;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::common::{PATIENCE, free_port};
use crate::deploy::{Cluster, Heard, Run, finished};
use lb::{Drains, MarathonLb, Session, Visitors, haproxy};

/// What is told while sessions are waited for.
const WAITS_FOR_SESSIONS: &str = " open session";

/// How many sites there are.
static NUMBER: AtomicU8 = AtomicU8::new(1);

/// Everything that a service behind marathon-lb needs.
struct Site {
    lb: MarathonLb,
    cluster: Cluster,
    /// The service port, and the alternative one.
    ports: (u16, u16),
    _agents: TempDir,
}

impl Site {
    /// A site; nothing where HAProxy is missing.
    fn new() -> Option<Self> {
        Self::behind(Drains::ScaledBefore)
    }

    /// The same with a marathon-lb of this kind.
    fn behind(drains: Drains) -> Option<Self> {
        let program = haproxy()?;
        // Each site has agents of its own, because their addresses are really listened on.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let half = 16 + std::process::id() % 200;
        let agent =
            |last| json!({"hostname": format!("127.{half}.{number}.{last}"), "ports": [31000, 32000]});
        let dir = TempDir::new().expect("a scratch directory");
        let file = dir.path().join("agents.json");
        std::fs::write(&file, json!([agent(1), agent(2)]).to_string()).expect("written");
        let cluster = Cluster::with(&["--agents", file.to_str().expect("UTF-8")]);
        let lb = MarathonLb::start(&program, &cluster.server.address, drains);
        Some(Self { lb, cluster, ports: (free_port(), free_port()), _agents: dir })
    }

    /// An app with a check, which marathon-lb hands to HAProxy.
    fn app(&self, command: &str, instances: u64) -> Json {
        let mut app = self.unchecked(command, instances);
        app["healthChecks"] = json!([{"protocol": "TCP", "portIndex": 0, "gracePeriodSeconds": 900,
            "intervalSeconds": 1, "timeoutSeconds": 1, "maxConsecutiveFailures": 3}]);
        app
    }

    fn unchecked(&self, command: &str, instances: u64) -> Json {
        json!({"id": "/shop", "cmd": command, "cpus": 0.1, "mem": 32, "instances": instances,
            "portDefinitions": [{"port": self.ports.0}], "labels": {"HAPROXY_GROUP": "external",
            "HAPROXY_DEPLOYMENT_GROUP": "shop", "HAPROXY_DEPLOYMENT_ALT_PORT": self.ports.1.to_string()}})
    }

    /// The arguments for a definition, which is put into a file.
    fn args(&self, app: &Json, options: &[&str]) -> Vec<String> {
        self.cluster.file("x.json", app);
        let mut args: Vec<String> = ["deploy", "x.json", "--yes"].map(str::to_owned).into();
        for (name, value) in
            [("--strategy", "blue-green"), ("--timeout", "5m"), ("--haproxy", &self.lb.url())]
        {
            if !options.contains(&name) {
                args.extend([name.to_owned(), value.to_owned()]);
            }
        }
        args.extend(options.iter().map(|option| (*option).to_owned()));
        args
    }

    fn deploy(&self, app: &Json, options: &[&str]) -> Run {
        let args = self.args(app, options);
        self.cluster.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn start(&self, app: &Json, options: &[&str]) -> Child {
        let args = self.args(app, options);
        self.cluster.start(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The apps that the server has: id, command, instances.
    fn apps(&self) -> Vec<(String, String, u64)> {
        let apps = self.cluster.server.get("/v2/apps")["apps"].as_array().cloned().unwrap_or_default();
        let text = |app: &Json, name: &str| app[name].as_str().unwrap_or_default().to_owned();
        let mut all: Vec<_> = apps
            .iter()
            .map(|app| (text(app, "id"), text(app, "cmd"), app["instances"].as_u64().unwrap_or_default()))
            .collect();
        all.sort();
        all
    }

    /// Fails unless exactly these apps are there, all their instances run, and HAProxy sends requests to all of them and
    /// nothing else.
    fn has(&self, apps: &[(&str, &str, u64)]) {
        let owned: Vec<_> = apps
            .iter()
            .map(|(id, command, number)| ((*id).to_owned(), (*command).to_owned(), *number))
            .collect();
        assert_eq!(self.apps(), owned);
        for (id, ..) in apps {
            assert!(self.cluster.all_run(id), "{id}");
        }
        let all: u64 = apps.iter().map(|(.., number)| number).sum();
        until("HAProxy sends requests to all", || {
            self.sends_to(usize::try_from(all).expect("a small number"))
        });
    }

    /// Whether HAProxy sends requests to so many servers and to no other, now.
    fn sends_to(&self, number: usize) -> bool {
        let servers = self.lb.servers();
        servers.len() == number
            && servers.values().all(|status| status.starts_with("UP") || status == "no check")
    }

    /// Opens a session with each of so many tasks.
    fn sessions(&self, number: usize) -> Vec<Session> {
        let mut all: Vec<Session> = Vec::new();
        until("a session with each task", || {
            if let Ok(session) = Session::open(self.ports.0)
                && all.iter().all(|other| other.task != session.task)
            {
                all.push(session);
            }
            all.len() == number
        });
        all
    }

    /// Waits until HAProxy has servers that are drained.
    fn drains(&self) {
        until("a server is drained", || self.lb.servers().values().any(|status| status == "MAINT"));
    }

    fn labels(&self, id: &str) -> Json {
        self.cluster.app(id)["labels"].clone()
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        sleep(Duration::from_millis(30));
    }
}

#[test]
fn green_takes_over_from_blue_and_no_client_is_turned_away() {
    let Some(site) = Site::new() else { return };
    let run = site.deploy(&site.app("sleep 1", 3), &[]).ended_with(0);
    assert!(site.sends_to(3), "{:?}", site.lb.servers());
    run.says("create /shop-blue: starts 3 instances")
        .says("deployed: /shop-blue runs as sent with 3 instances");
    site.has(&[("/shop-blue", "sleep 1", 3)]);
    site.deploy(&site.app("sleep 1", 3), &[]).ended_with(0).says("nothing to do: /shop-blue runs as written");

    let visitors = Visitors::come(site.ports.0);
    let run = site.deploy(&site.app("sleep 2", 3), &[]).ended_with(0);
    run.says("create /shop-green (changed: /cmd)").says(
        "deployed: /shop-green runs as sent with 3 instances; /shop-blue has no sessions left and is deleted",
    );
    let (served, turned_away) = visitors.end();
    assert!(served > 10 && turned_away.is_empty(), "{served} {turned_away:?}");
    site.has(&[("/shop-green", "sleep 2", 3)]);
    let port = site.cluster.app("/shop-green")["portDefinitions"][0]["port"].clone();
    assert_eq!(port, site.ports.1);
    assert_eq!(site.labels("/shop-green")["HAPROXY_0_PORT"], site.ports.0.to_string());
}

#[test]
fn a_canary_is_kept_then_promoted_or_aborted() {
    let Some(site) = Site::new() else { return };
    site.deploy(&site.app("sleep 1", 4), &[]).ended_with(0);
    let canary = ["--strategy", "canary", "--canary", "1"];
    let run = site.deploy(&site.app("sleep 2", 4), &canary).ended_with(0);
    run.says(
        "canary: /shop-green runs as sent with 1 instance, up in every HAProxy; /shop-blue keeps the others",
    );
    site.has(&[("/shop-blue", "sleep 1", 3), ("/shop-green", "sleep 2", 1)]);
    site.deploy(&site.app("sleep 2", 4), &canary).ended_with(0).says("nothing to do: 1 of 4 instances");
    let run = site.deploy(&site.app("sleep 2", 4), &["--strategy", "canary", "--canary", "2"]).ended_with(4);
    run.tells("the canary /shop-green has 1 instances");
    site.has(&[("/shop-blue", "sleep 1", 3), ("/shop-green", "sleep 2", 1)]);
    let run = site.deploy(&site.app("sleep 2", 4), &["--strategy", "canary", "--promote"]).ended_with(0);
    run.says("deployed: /shop-green runs as sent with 4 instances");
    site.has(&[("/shop-green", "sleep 2", 4)]);

    site.deploy(&site.app("sleep 3", 4), &canary).ended_with(0);
    site.has(&[("/shop-blue", "sleep 3", 1), ("/shop-green", "sleep 2", 3)]);
    let run = site.deploy(&site.app("sleep 3", 4), &["--strategy", "canary", "--abort"]).ended_with(0);
    run.says("aborted: /shop-green has all its 4 instances again, and /shop-blue is deleted");
    site.has(&[("/shop-green", "sleep 2", 4)]);
}

#[test]
fn a_run_that_was_killed_is_gone_on_with_and_no_session_is_cut() {
    let Some(site) = Site::new() else { return };
    site.deploy(&site.app("sleep 1", 2), &[]).ended_with(0);
    let blue = site.sessions(2);
    // It has looked for sessions, and has found one.
    let child = Heard::of(site.start(&site.app("sleep 2", 2), &[])).until(WAITS_FOR_SESSIONS);
    site.drains();
    child.signal("-KILL").end();
    site.cluster.server.settled();
    let half = site.apps();
    assert_eq!(
        half,
        [("/shop-blue".into(), "sleep 1".into(), 2), ("/shop-green".into(), "sleep 2".into(), 1)]
    );
    assert!(blue.iter().all(Session::is_open));

    let run = site.deploy(&site.app("sleep 3", 2), &[]).ended_with(4);
    run.tells("a deployment from /shop-blue to /shop-green is under way, and /shop-green is not this definition: /cmd");
    assert_eq!(site.apps(), half);

    let child = Heard::of(site.start(&site.app("sleep 2", 2), &[])).until(WAITS_FOR_SESSIONS);
    assert_eq!(site.cluster.app("/shop-blue")["tasksRunning"], 2);
    assert!(blue.iter().all(Session::is_open));
    drop(blue);
    let run = child.end().ended_with(0);
    run.says("go on: /shop-blue has 2 instances").says("deployed: /shop-green runs as sent with 2 instances");
    site.has(&[("/shop-green", "sleep 2", 2)]);
}

#[test]
fn a_run_is_killed_again_and_again_and_no_client_is_turned_away() {
    let Some(site) = Site::new() else { return };
    site.deploy(&site.app("sleep 1", 4), &[]).ended_with(0);
    site.has(&[("/shop-blue", "sleep 1", 4)]);
    let visitors = Visitors::come(site.ports.0);
    for lines in 1..6 {
        let child = site.start(&site.app("sleep 2", 4), &[]);
        Heard::of(child).after(lines).signal("-KILL").end();
    }
    site.deploy(&site.app("sleep 2", 4), &[]).ended_with(0);
    let (served, turned_away) = visitors.end();
    assert!(served > 10 && turned_away.is_empty(), "{served} {turned_away:?}");
    site.has(&[("/shop-green", "sleep 2", 4)]);
}

#[test]
fn what_haproxy_does_not_take_back_is_told() {
    let Some(site) = Site::new() else { return };
    site.deploy(&site.unchecked("sleep 1", 2), &[]).ended_with(0);
    let blue = site.sessions(2);
    site.deploy(&site.unchecked("sleep 2", 2), &["--max-drain", "0"]).ended_with(5);
    drop(blue);
    let run = site.deploy(&site.unchecked("sleep 2", 2), &["--abort", "--timeout", "5s"]).ended_with(5);
    run.says("1 down: HAProxy does not take back what it has drained of an app without health checks")
        .says("/shop-blue and /shop-green stay as they are");
    let drained = site.lb.servers().into_iter().find(|(_, status)| status == "DOWN").expect("one is down").0;
    let tasks = site.cluster.app("/shop-blue")["tasks"].as_array().cloned().unwrap_or_default();
    let task = tasks
        .iter()
        .find(|task| drained.ends_with(&format!("_{}", task["ports"][0])))
        .and_then(|task| task["id"].as_str())
        .expect("a task of blue");
    site.cluster.server.delete(&format!("/v2/apps/shop-blue/tasks/{task}"));
    site.deploy(&site.unchecked("sleep 2", 2), &["--abort"]).ended_with(0);
    site.has(&[("/shop-blue", "sleep 1", 2)]);
}

#[test]
fn no_more_is_started_than_a_balancer_may_take() {
    let Some(site) = Site::behind(Drains::CreatedFirst) else { return };
    site.deploy(&site.app("sleep 1", 4), &[]).ended_with(0);
    let canary = ["--strategy", "canary", "--canary", "1"];
    site.deploy(&site.app("sleep 2", 4), &canary).ended_with(0);
    let run = site.deploy(&site.app("sleep 2", 4), &["--strategy", "canary", "--abort"]).ended_with(5);
    run.says("stopped where it is: /shop-blue: HAProxy sends requests to 3 of 5 instances of /shop-blue, 2 disabled")
        .says(", and to 1 of 1 of /shop-green: marathon-lb does not take the instances that were started")
        .says("/shop-blue and /shop-green stay as they are: the same command goes on");
    let five = [("/shop-blue".into(), "sleep 1".into(), 5), ("/shop-green".into(), "sleep 2".into(), 1)];
    assert_eq!(site.apps(), five);
    // The other way is open.
    site.deploy(&site.app("sleep 2", 4), &["--strategy", "canary", "--promote"]).ended_with(0);
    site.has(&[("/shop-green", "sleep 2", 4)]);
}

#[test]
fn the_user_decides_about_sessions_that_do_not_end() {
    let Some(site) = Site::new() else { return };
    site.deploy(&site.app("sleep 1", 2), &[]).ended_with(0);
    let blue = site.sessions(2);
    let run = site.deploy(&site.app("sleep 2", 2), &["--max-drain", "1s"]).ended_with(5);
    run.says("stopped where it is: /shop-blue: 0 of 1 instances to be stopped are known to have no session")
        .says("--stop-undrained stops them all the same")
        .says("/shop-blue and /shop-green stay as they are");
    assert!(blue.iter().all(Session::is_open));
    drop(blue);
    let run = site.deploy(&site.app("sleep 2", 2), &["--abort"]).ended_with(0);
    run.says("aborted: /shop-blue has all its 2 instances again, and /shop-green is deleted");
    site.has(&[("/shop-blue", "sleep 1", 2)]);

    let blue = site.sessions(2);
    site.deploy(&site.app("sleep 2", 2), &["--max-drain", "1s", "--stop-undrained"]).ended_with(0);
    site.has(&[("/shop-green", "sleep 2", 2)]);
    assert!(!blue.iter().any(Session::is_open));
}

#[test]
fn a_version_that_fails_leaves_all_to_the_one_before() {
    let Some(site) = Site::new() else { return };
    site.deploy(&site.app("sleep 1", 2), &[]).ended_with(0);
    let run = site.deploy(&site.app("exit 3", 2), &["--fail-fast"]).ended_with(6);
    run.says("rolled back: /shop-blue has all its 2 instances again, and /shop-green is deleted");
    site.has(&[("/shop-blue", "sleep 1", 2)]);
}

#[test]
fn of_no_instances_nothing_is_said_to_run() {
    let Some(site) = Site::new() else { return };
    let run = site.deploy(&site.app("sleep 1", 0), &["--report", "json"]).ended_with(0);
    let report = run.report();
    let said = "deployed: /shop-blue is stored as sent with 0 instances; it is the first of its group";
    assert_eq!(report["sentence"], said);
    assert_eq!(report["services"][0]["result"], "stored");
    run.tells("create /shop-blue: starts no instance");
    site.deploy(&site.app("sleep 1", 0), &[])
        .ended_with(0)
        .says("/shop-blue is stored as written, with 0 instances");
    let run = site.deploy(&site.app("exit 3", 2), &["--fail-fast"]).ended_with(6);
    let run = run.says("starts 2 instances, then /shop-blue, which has no instances, is deleted");
    run.says(
        "rolled back: /shop-blue is stopped again, with 0 instances as before, and /shop-green is deleted",
    );
}

#[test]
fn an_app_without_a_colour_is_taken_over_from() {
    let Some(site) = Site::new() else { return };
    site.cluster.deploy(&site.unchecked("sleep 1", 2), &[]).ended_with(0);
    site.has(&[("/shop", "sleep 1", 2)]);
    let visitors = Visitors::come(site.ports.0);
    let run = site.deploy(&site.unchecked("sleep 2", 2), &[]).ended_with(0);
    run.says("deployed: /shop-blue runs as sent with 2 instances; /shop has no sessions left and is deleted");
    let (served, turned_away) = visitors.end();
    assert!(served > 10 && turned_away.is_empty(), "{served} {turned_away:?}");
    site.has(&[("/shop-blue", "sleep 2", 2)]);
}

#[test]
fn without_haproxys_word_no_instance_is_stopped() {
    let Some(mut site) = Site::new() else { return };
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    let run = site.deploy(&site.app("sleep 1", 2), &["--haproxy", &nowhere]).ended_with(2);
    run.tells("nothing was sent: cannot connect to http://127.0.0.1:");
    assert_eq!(site.apps(), []);
    site.deploy(&site.app("sleep 1", 2), &[]).ended_with(0);

    let blue = site.sessions(2);
    let child = site.start(&site.app("sleep 2", 2), &["--timeout", "6s"]);
    site.drains();
    let port = site.lb.port;
    site.lb.end_haproxy();
    answer_with_a_page(port);
    let run = finished(child).ended_with(5);
    run.says("it answers with something other than HAProxy's statistics").says("stay as they are");
    assert_eq!(site.cluster.app("/shop-blue")["tasksRunning"], 2);
    drop(blue);
    let run = site.deploy(&site.app("sleep 2", 2), &[]).ended_with(2);
    run.tells("nothing was sent").tells("it answers with something other than HAProxy's statistics");
}

/// Answers all requests as a proxy's page for people, until the tests end.
fn answer_with_a_page(port: u16) {
    let mut listener = None;
    until("the port is free", || {
        listener = TcpListener::bind(("127.0.0.1", port)).ok();
        listener.is_some()
    });
    let listener = listener.expect("it listens");
    spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 1024]);
            let page = "<html><body>Welcome</body></html>";
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n", page.len());
            let _ = stream.write_all(format!("{head}Connection: close\r\n\r\n{page}").as_bytes());
        }
    });
}
