//! How often the server is asked: what a deployment costs it.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::proxy::{Loses, Proxy};
use super::{Cluster, Run, web};

/// What a run has asked.
struct Asked {
    run: Run,
    /// The requests, each as its method and path.
    requests: Vec<String>,
    took: Duration,
}

impl Asked {
    /// Deploys these apps, and counts the requests.
    fn of(apps: &[Json], options: &[&str]) -> Self {
        let cluster = Cluster::new();
        let proxy = Proxy::start(&cluster.server.address, Loses::Nothing);
        let url = format!("http://{}", proxy.address);
        std::fs::create_dir(cluster.test.path().join("apps")).expect("made");
        for (number, app) in apps.iter().enumerate() {
            cluster.file(&format!("apps/{number}.json"), app);
        }
        let args = [&["deploy", "apps", "--yes", "--url", &url], options].concat();
        let start = Instant::now();
        let run = cluster.run(&args);
        Self { run, requests: proxy.requests(), took: start.elapsed() }
    }

    fn number(&self, request: &str) -> usize {
        self.requests.iter().filter(|other| *other == request).count()
    }

    /// How many questions came after the last change.
    fn polls(&self) -> usize {
        let last = self.requests.iter().rposition(|request| !request.starts_with("GET ")).expect("a change");
        self.requests[last + 1..].iter().filter(|request| *request != "GET /v2/events").count()
    }

    /// Fails where more was asked than once a second, and once when all was over.
    fn is_modest(&self) {
        assert_eq!(self.number("GET /v2/events"), 1, "{:?}", self.requests);
        let most = usize::try_from(self.took.as_secs()).expect("a small number") + 2;
        assert!(self.polls() <= most, "{} polls in {:?}: {:?}", self.polls(), self.took, self.requests);
    }
}

fn many(definition: &Json) -> Vec<Json> {
    let app = |number| {
        let mut app = definition.clone();
        app["id"] = format!("/many/app-{number}").into();
        app
    };
    (0..40).map(app).collect()
}

#[test]
fn one_app_costs_a_handful_of_requests() {
    let asked = Asked::of(&[web()], &[]);
    assert_eq!(asked.run.exit, Some(0), "{}", asked.run.err);
    assert_eq!(asked.number("GET /v2/info"), 1);
    let before = asked.requests.iter().position(|request| request == "POST /v2/apps").expect("a create");
    // The settings, the app, a pod and a group of its id, the events, and who holds a lock.
    assert!(before <= 6, "{:?}", asked.requests);
    // What has ended by an event is looked at once; rounds without one are 100 ms apart at first.
    let rounds = usize::try_from(asked.took.as_millis() / 100).expect("a small number");
    assert!(asked.polls() <= 1 + 2 * rounds, "{:?}", asked.requests);
}

#[test]
fn many_apps_that_start_are_asked_for_once_a_second() {
    let asked = Asked::of(&many(&web()), &["--concurrency", "16"]);
    assert_eq!(asked.run.exit, Some(0), "{}", asked.run.err);
    assert_eq!(asked.number("POST /v2/apps"), 40);
    asked.is_modest();
}

#[test]
fn many_apps_that_wait_are_asked_for_once_a_second() {
    let never = json!({"cmd": "sleep 1000", "cpus": 5000, "mem": 32});
    let options = ["--timeout", "5s", "--no-fail-fast", "--on-failure", "keep"];
    let asked = Asked::of(&many(&never), &options);
    assert_eq!(asked.run.exit, Some(5), "{}", asked.run.err);
    asked.is_modest();
}
