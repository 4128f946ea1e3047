//! `milepost plan`, `deploy`, `wait`, `status`, `history` and `rollback` against the embedded Marathon.

mod answers;
mod back;
mod directories;
mod ends;
mod faults;
mod kinds;
mod limits;
mod looking;
mod plans;
mod polls;
mod property;
mod proxy;
mod readiness;
mod scaled;
mod terminal;

use std::io::BufRead as _;
use std::process::{Child, Output, Stdio};

use serde_json::{Value as Json, json};

use crate::common::{PATIENCE, TestDir, signal};
use crate::serve::Server;

/// An embedded Marathon, and a directory to deploy from.
pub(crate) struct Cluster {
    pub(crate) server: Server,
    pub(crate) test: TestDir,
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) exit: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { exit: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

impl Run {
    /// Fails unless it ended with this exit code.
    pub(crate) fn ended_with(self, exit: i32) -> Self {
        assert_eq!(self.exit, Some(exit), "{}\n{}", self.out, self.err);
        self
    }

    /// Fails unless this is in the output.
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.out.contains(text), "{text} is missing in {}\n{}", self.out, self.err);
        self
    }

    /// Fails unless this is in a message.
    pub(crate) fn tells(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text} is missing in {}\n{}", self.err, self.out);
        self
    }

    /// The report, where it is JSON.
    pub(crate) fn report(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

impl Cluster {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(options: &[&str]) -> Self {
        Self { server: Server::start(options), test: TestDir::new() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// Puts a file into the directory.
    pub(crate) fn file(&self, name: &str, content: &Json) {
        std::fs::write(self.test.path().join(name), content.to_string()).expect("written");
    }

    /// Runs the program against the server.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let mut command = self.test.command(args);
        command.env("MARATHON_URL", self.url()).output().expect("the program runs").into()
    }

    /// Deploys a definition from a file, with these options.
    pub(crate) fn deploy(&self, definition: &Json, options: &[&str]) -> Run {
        self.file("x.json", definition);
        let patience: &[&str] = if options.contains(&"--timeout") { &[] } else { &["--timeout", "5m"] };
        self.run(&[&["deploy", "x.json", "--yes"], patience, options].concat())
    }

    /// Starts the program, to be ended or waited for.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        std::process::Command::new(env!("CARGO_BIN_EXE_milepost"))
            .args(args)
            .current_dir(self.test.path())
            .env_clear()
            .env("MARATHON_URL", self.url())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts")
    }

    /// Makes the server misbehave.
    pub(crate) fn control(&self, what: &str) {
        let answer = self.server.post(&format!("/milepost/{what}"), "");
        assert!(answer.status < 300, "{what}: {}", answer.text);
    }

    /// The app that the server holds.
    pub(crate) fn app(&self, id: &str) -> Json {
        self.server.get(&format!("/v2/apps{id}"))["app"].clone()
    }

    /// Whether all instances of what is stored run, and of nothing else.
    pub(crate) fn all_run(&self, id: &str) -> bool {
        let app = self.app(id);
        let tasks = app["tasks"].as_array().cloned().unwrap_or_default();
        let running = tasks.iter().filter(|task| task["state"] == "TASK_RUNNING").count();
        app["instances"].as_u64() == Some(running as u64) && app["tasksUnhealthy"] == 0
    }
}

/// A child whose messages are read while it runs.
pub(crate) struct Heard {
    child: Child,
    lines: std::sync::mpsc::Receiver<String>,
    all: String,
}

impl Heard {
    pub(crate) fn of(mut child: Child) -> Self {
        let (sender, lines) = std::sync::mpsc::channel();
        let stderr = std::io::BufReader::new(child.stderr.take().expect("piped"));
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                // Who does not listen any more lets it go on all the same.
                let _ = sender.send(line);
            }
        });
        Self { child, lines, all: String::new() }
    }

    /// Waits until it has told this.
    pub(crate) fn until(mut self, text: &str) -> Self {
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            let is_it = line.contains(text);
            self.all.extend([&line, "\n"]);
            if is_it {
                return self;
            }
        }
        panic!("{text} is not told: {}", self.all)
    }

    /// Waits until it has told so many lines, or has ended.
    pub(crate) fn after(mut self, lines: usize) -> Self {
        for line in self.lines.iter().take(lines) {
            self.all.extend([&line, "\n"]);
        }
        self
    }

    pub(crate) fn signal(self, name: &str) -> Self {
        signal(&self.child, name);
        self
    }

    /// Waits for its end, and reads what else it says.
    pub(crate) fn end(mut self) -> Run {
        let mut run: Run = self.child.wait_with_output().expect("it ends").into();
        self.all.extend(self.lines.iter().map(|line| line + "\n"));
        run.err = self.all;
        run
    }
}

/// Waits for a child and reads what it said.
pub(crate) fn finished(child: Child) -> Run {
    child.wait_with_output().expect("it ends").into()
}

/// An app with two instances that run until they are killed.
pub(crate) fn web() -> Json {
    json!({"id": "/web", "cmd": "sleep 1000", "cpus": 0.1, "mem": 32, "instances": 2})
}

/// The same app with other members.
pub(crate) fn web_with(members: Json) -> Json {
    let mut app = web();
    if let (Some(app), Json::Object(members)) = (app.as_object_mut(), members) {
        app.extend(members);
    }
    app
}
