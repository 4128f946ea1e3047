//! A small master of Mesos: the calls of its operator API that are about draining, as Mesos 1.11 answers them.

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value as Json, json};

use crate::agents::SLAVES;
use crate::common::TestDir;
use crate::http::Head;

/// What is different from a master of today.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    /// Agents do not know what draining is.
    pub(super) old_agents: bool,
    /// The master does not know it.
    pub(super) old_master: bool,
    /// So many requests to give an agent back are answered by 503.
    pub(super) failing_reactivations: u32,
    /// This call is answered so.
    pub(super) answer: Option<(&'static str, u16, &'static str)>,
}

#[derive(Debug, Default)]
struct State {
    faults: Faults,
    /// The agents that are out of service, and how often they still are DRAINING when they are looked at.
    out: BTreeMap<String, u32>,
    is_held: bool,
    events: PathBuf,
}

/// A master in a thread.
pub(super) struct Master {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Master {
    /// Starts one that writes what it does into the file `events` of the test directory.
    pub(super) fn start(test: &TestDir, faults: Faults) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let events = test.path().join("events");
        let state = Arc::new(Mutex::new(State { faults, events, ..State::default() }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(&stream, &state));
            }
        });
        Self { port, state }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Agents do not become drained from now on.
    pub(super) fn hold(&self) {
        self.state.lock().expect("the state").is_held = true;
    }

    /// They do again.
    pub(super) fn release(&self) {
        self.state.lock().expect("the state").is_held = false;
    }

    /// An operator has drained this one.
    pub(super) fn drained(&self, id: &str) {
        self.state.lock().expect("the state").out.insert(id.to_owned(), 0);
    }
}

fn serve(stream: &TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    while let Some(head) = Head::read(&mut reader) {
        let mut body = vec![0; head.length()];
        reader.read_exact(&mut body).expect("a body");
        let asked = (head.method.as_str(), head.target.as_str());
        let (status, answer) = if asked == ("GET", "/slaves") {
            (200, SLAVES.to_owned())
        } else {
            assert_eq!(asked, ("POST", "/api/v1"));
            let call: Json = serde_json::from_slice(&body).expect("JSON");
            state.lock().expect("the state").answer(&call)
        };
        let location = if status == 307 { "Location: //master-2.mesos:5050/api/v1\r\n" } else { "" };
        let text =
            format!("HTTP/1.1 {status} X\r\n{location}Content-Length: {}\r\n\r\n{answer}", answer.len());
        let mut writer = stream;
        if writer.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

impl State {
    fn note(&self, event: &str) {
        let mut file =
            std::fs::OpenOptions::new().append(true).open(&self.events).expect("the file of events");
        writeln!(file, "{event}").expect("written");
    }

    fn answer(&mut self, call: &Json) -> (u16, String) {
        let kind = call["type"].as_str().expect("a type");
        if let Some((_, status, body)) = self.faults.answer.filter(|(on, ..)| *on == kind) {
            return (status, body.to_owned());
        }
        let of = |field: &str| call[field]["agent_id"]["value"].as_str().expect("an agent").to_owned();
        let refused = |message: &str| (400, message.to_owned());
        match kind {
            "GET_AGENTS" => (200, self.agents().to_string()),
            "GET_TASKS" => (200, tasks().to_string()),
            _ if self.faults.old_master => {
                refused("Failed to convert JSON into Call protobuf: Failed to find enum for 'DRAIN_AGENT'")
            }
            "DRAIN_AGENT" => {
                let id = of("drain_agent");
                self.note(&format!("DRAIN_AGENT {id}"));
                self.out.insert(id, 2);
                (200, String::new())
            }
            "REACTIVATE_AGENT" => {
                let id = of("reactivate_agent");
                if self.faults.failing_reactivations > 0 {
                    self.faults.failing_reactivations -= 1;
                    return (503, "no leader".to_owned());
                }
                match self.out.get(&id) {
                    None => refused("Agent is not deactivated"),
                    Some(0) => {
                        self.note(&format!("REACTIVATE_AGENT {id}"));
                        self.out.remove(&id);
                        (200, String::new())
                    }
                    Some(_) => refused("Agent is still in the DRAINING state"),
                }
            }
            _ => refused("Failed to validate master::Call: unknown"),
        }
    }

    fn agents(&mut self) -> Json {
        let mut agents = Vec::new();
        for (id, host, ip) in [("S0", "10.0.0.1", "192.0.2.1"), ("S1", "agent-2.example", "192.0.2.2")] {
            let capability = if self.faults.old_agents { "MULTI_ROLE" } else { "AGENT_DRAINING" };
            let mut agent = json!({
                "agent_info": { "hostname": host, "id": { "value": id }, "port": 5051 },
                "active": !self.out.contains_key(id),
                "version": "1.11.0",
                "pid": format!("slave(1)@{ip}:5051"),
                "capabilities": [{ "type": capability }],
                "deactivated": self.out.contains_key(id),
            });
            if let Some(left) = self.out.get_mut(id) {
                let state = if *left == 0 { "DRAINED" } else { "DRAINING" };
                agent["drain_info"] = json!({ "state": state, "config": { "mark_gone": false } });
                if !self.is_held {
                    *left = left.saturating_sub(1);
                }
            }
            agents.push(agent);
        }
        json!({ "type": "GET_AGENTS", "get_agents": { "agents": agents, "recovered_agents": [] } })
    }
}

fn tasks() -> Json {
    let task = |id: &str, agent: &str, kind: &str| {
        json!({
            "name": "web", "task_id": { "value": id }, "agent_id": { "value": agent }, "state": "TASK_RUNNING",
            "framework_id": { "value": "F" }, "container": { "type": kind },
        })
    };
    json!({ "type": "GET_TASKS", "get_tasks": {
        "tasks": [task("shop_web.1", "S0", "DOCKER"), task("shop_db.1", "S0", "MESOS"), task("other", "S2", "DOCKER")],
        "pending_tasks": [{ "name": "p", "task_id": { "value": "pending.1" }, "agent_id": { "value": "S0" } }],
        "completed_tasks": [task("old", "S0", "DOCKER")],
    } })
}
