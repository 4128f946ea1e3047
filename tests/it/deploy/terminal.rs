//! What a user at a terminal sees: the question, lines that are rewritten in place, and Ctrl-C.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use serde_json::json;

use super::{Cluster, Run, finished, web, web_with};
use crate::common::{PATIENCE, signal};
use crate::send::{Server, answer as http_answer};

/// The program with a terminal as its standard input and standard error.
struct Screen {
    child: Child,
    keyboard: File,
    shown: Arc<Mutex<String>>,
    /// The path of the terminal.
    path: String,
}

impl Screen {
    fn start(cluster: &Cluster, kind: &str, columns: u16, args: &[&str]) -> Self {
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = openpty(Some(&size), None).expect("a terminal");
        let path = nix::unistd::ttyname(&pair.slave).expect("its path").to_str().expect("UTF-8").to_owned();
        let slave = || Stdio::from(pair.slave.try_clone().expect("another handle"));
        let child = Command::new(env!("CARGO_BIN_EXE_milepost"))
            .args(args)
            .current_dir(cluster.test.path())
            .env_clear()
            .env("MARATHON_URL", cluster.url())
            .env("TERM", kind)
            .stdin(slave())
            .stderr(slave())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let shown = Arc::new(Mutex::new(String::new()));
        let (mut screen, text) =
            (File::from(pair.master.try_clone().expect("another handle")), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(number) = screen.read(&mut bytes) {
                text.lock().expect("a text").push_str(&String::from_utf8_lossy(&bytes[..number]));
                if number == 0 {
                    break;
                }
            }
        });
        Self { child, keyboard: File::from(pair.master), shown, path }
    }

    fn shown(&self) -> String {
        self.shown.lock().expect("a text").clone()
    }

    /// Waits until this is shown.
    fn until(&self, text: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.shown().contains(text) {
            assert!(Instant::now() < end, "{text} is missing in {:?}", self.shown());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn type_in(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).expect("typed");
    }

    /// Waits for the end: what stdout and the terminal show.
    fn end(self) -> Run {
        let Self { child, keyboard, shown, .. } = self;
        let mut run = finished(child);
        // What is still in the terminal is read before it is closed.
        std::thread::sleep(Duration::from_millis(50));
        drop(keyboard);
        run.err.clone_from(&shown.lock().expect("a text"));
        run
    }
}

/// The lines of a screen that were drawn in place, without those that stay.
fn drawn(shown: &str) -> Vec<&str> {
    shown
        .lines()
        .map(|line| line.rsplit_once("\x1b[J").map_or(line, |(_, line)| line))
        .filter(|line| line.starts_with('['))
        .collect()
}

#[test]
fn the_plan_is_asked_about() {
    let cluster = Cluster::new();
    cluster.file("web.json", &web());
    for no in ["n\n", "\n", "\x04"] {
        let mut screen = Screen::start(&cluster, "xterm", 80, &["deploy", "web.json"]);
        screen.until("deploy this? [y/N] ");
        screen.type_in(no);
        screen.end().ended_with(2).tells("nothing was sent");
    }
    assert_eq!(cluster.server.get("/v2/apps")["apps"], json!([]));
    let mut screen = Screen::start(&cluster, "xterm", 80, &["deploy", "web.json"]);
    screen.until("deploy this? [y/N] ");
    screen.type_in("y\n");
    screen.end().ended_with(0).says("deployed: /web runs as sent");
    // Nothing to do is not asked about.
    let run = Screen::start(&cluster, "xterm", 80, &["deploy", "web.json"]).end().ended_with(0);
    assert!(!run.err.contains("[y/N]"), "{}", run.err);
}

#[test]
fn what_changes_before_the_answer_is_not_overwritten() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    cluster.file("web.json", &web_with(json!({"cmd": "sleep 7"})));
    for (options, change, path) in [
        (&["--keep-instances"][..], r#"{"instances": 4}"#, "/instances"),
        (&[], r#"{"cmd": "sleep 33"}"#, "/cmd"),
    ] {
        let deploy = [&["deploy", "web.json"], options].concat();
        let mut screen = Screen::start(&cluster, "xterm", 80, &deploy);
        screen.until("deploy this? [y/N] ");
        cluster.server.put("/v2/apps/web", change);
        cluster.server.settled();
        screen.type_in("y\n");
        let run = screen
            .end()
            .ended_with(10)
            .tells("nothing was sent: what runs has changed since the plan was shown");
        run.tells(&format!("/web has changed since the plan was made: {path}"));
    }
    let mut screen = Screen::start(&cluster, "xterm", 80, &["rollback", "/web"]);
    screen.until(" of /web? [y/N] ");
    cluster.server.put("/v2/apps/web", r#"{"cmd": "sleep 34"}"#);
    cluster.server.settled();
    screen.type_in("y\n");
    screen.end().ended_with(10).tells("nothing was sent: /web has changed since it was shown");
    let app = cluster.app("/web");
    assert_eq!((&app["cmd"], &app["instances"]), (&json!("sleep 34"), &json!(4)));
}

#[test]
fn what_cannot_be_undone_is_asked_about() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let mut screen = Screen::start(&cluster, "xterm", 80, &["app", "remove", "/web"]);
    screen.until(&format!("remove app /web with its tasks and versions at {}? [y/N] ", cluster.url()));
    screen.type_in("n\n");
    screen.end().ended_with(0).tells("app /web was not removed");
    assert_eq!(cluster.server.send("GET", "/v2/apps/web", &[], "").status, 200);
    cluster.run(&["group", "add", "--id", "/g"]).ended_with(0);
    let mut screen = Screen::start(&cluster, "xterm", 80, &["group", "update", "/g", "scaleBy=0"]);
    screen.until(&format!("stop all apps in group /g at {}? Their numbers", cluster.url()));
    screen.type_in("n\n");
    screen.end().ended_with(0).tells("group /g was not scaled");
    let mut screen = Screen::start(&cluster, "xterm", 80, &["group", "update", "/", "apps=[]"]);
    screen.until(&format!("remove /web for good at {}? [y/N] ", cluster.url()));
    screen.type_in("y\n");
    screen.end().ended_with(0).tells("plan: removes /web");
    cluster.server.settled();
    assert_eq!(cluster.server.send("GET", "/v2/apps/web", &[], "").status, 404);
    // Without a terminal there is no question.
    cluster.deploy(&web(), &[]).ended_with(0);
    cluster.run(&["app", "remove", "/web"]).ended_with(0).tells("app /web is being removed");
}

#[test]
fn a_deployment_is_stopped_when_that_is_meant() {
    let cluster = Cluster::new();
    cluster.file("never.json", &json!({"id": "/never", "cmd": "sleep 1", "cpus": 5000, "mem": 32}));
    let id = cluster.run(&["app", "add", "never.json"]).ended_with(0).out;
    let stop = ["deployment", "stop", id.trim()];
    let mut screen = Screen::start(&cluster, "xterm", 80, &stop);
    screen.until("What it changes may stay half done [y/N] ");
    screen.type_in("n\n");
    screen.end().ended_with(0).tells("was not stopped");
    assert_eq!(cluster.server.get("/v2/deployments")[0]["id"], id.trim());
    Screen::start(&cluster, "xterm", 80, &[&stop[..], &["--yes"]].concat())
        .end()
        .ended_with(0)
        .tells("is stopped");
    assert_eq!(cluster.server.get("/v2/deployments"), json!([]));
}

#[test]
fn a_secret_is_replaced_when_that_is_meant() {
    let cluster = Cluster::new();
    std::fs::write(cluster.test.path().join("value"), "x").expect("written");
    let exists = || Server::start(http_answer("409 Conflict", "", ""));
    let put = |server: &Server, more: &[&str]| {
        let words = ["secret", "put", "shop/db", "--file", "value", "--url", &server.url()];
        Screen::start(&cluster, "xterm", 80, &[&words[..], more].concat())
    };
    let asked = |typed: &str| {
        let server = exists();
        let mut screen = put(&server, &[]);
        screen.until("replace the value of the secret shop/db? The old one is lost [y/N] ");
        screen.type_in(typed);
        (screen.end(), server)
    };
    let (run, server) = asked("n\n");
    run.ended_with(0).tells("the secret shop/db was not changed");
    assert!(server.request().line.starts_with("PUT ") && server.is_untouched());
    let (_, server) = asked("y\n");
    assert!(server.request().line.starts_with("PUT ") && server.request().line.starts_with("PATCH "));
    let server = exists();
    put(&server, &["--yes"]).end();
    assert!(server.request().line.starts_with("PUT ") && server.request().line.starts_with("PATCH "));
}

#[test]
fn a_line_a_service_is_rewritten_in_place_and_fits() {
    let cluster = Cluster::new();
    let slow = web_with(json!({"labels": {"MILEPOST_START_SECONDS": "40"}}));
    cluster.file("web.json", &slow);
    let screen = Screen::start(&cluster, "xterm", 60, &["deploy", "web.json", "--yes"]);
    screen.until("2 starting");
    // The window becomes narrower; the next lines fit again, and the one that was broken is removed whole.
    let resized = Command::new("stty").args(["-F", &screen.path, "cols", "30"]).status();
    assert!(resized.expect("stty runs").success());
    let before = screen.shown().len();
    screen.until("done: 2 of 2");
    let run = screen.end().ended_with(0);
    let (wide, narrow) = run.err.split_at(before);
    assert!(drawn(wide).iter().all(|line| line.chars().count() < 60), "{wide:?}");
    // One line may have been on its way.
    let narrow = drawn(narrow);
    assert!(narrow.len() > 1 && narrow[1..].iter().all(|line| line.chars().count() < 30), "{narrow:?}");
    assert!(run.err.contains("\x1b[2A\x1b[J["), "{:?}", run.err);
}

#[test]
fn a_dumb_terminal_has_plain_lines() {
    let cluster = Cluster::new();
    cluster.file("web.json", &web());
    let run = Screen::start(&cluster, "dumb", 60, &["deploy", "web.json", "--yes"]).end().ended_with(0);
    assert!(!run.err.contains('\x1b'), "{:?}", run.err);
    run.tells("/web: done: 2 of 2 running");
}

#[test]
fn the_second_ctrl_c_cancels() {
    let cluster = Cluster::new();
    let never = json!({"id": "/never", "cmd": "sleep 1", "cpus": 5000, "mem": 32});
    cluster.file("never.json", &never);
    let screen = Screen::start(&cluster, "xterm", 80, &["deploy", "never.json", "--yes"]);
    // Of a long line the numbers stay, and the beginning of the reason.
    screen.until("/never: not enough cpus (5000 wanted; ");
    screen.until("…; 0/1 running, step 2/2\r\n");
    cluster.server.until("/v2/deployments", |list| *list != json!([]));
    let id = cluster.server.get("/v2/deployments")[0]["id"].as_str().expect("an id").to_owned();
    signal(&screen.child, "-INT");
    screen.until(&format!("deployment {id} continues; Ctrl-C again within 5 s cancels it"));
    assert_eq!(cluster.server.get("/v2/deployments")[0]["id"], id.as_str());
    signal(&screen.child, "-INT");
    screen.end().ended_with(130).says(&format!("interrupted: cancelled deployment {id}"));
    cluster.server.settled();
}
