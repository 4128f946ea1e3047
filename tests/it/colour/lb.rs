//! What stands between clients and tasks: a small marathon-lb, which writes the configuration of a real HAProxy from what
//! the embedded Marathon tells and reloads it, and a listener for each simulated task.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::common::{PATIENCE, free_port};

/// Answers as marathon-lb's own script does, but with the processes of this HAProxy alone.
const GETPIDS: &str = r#"
core.register_service("getpids", "http", function(applet)
  local master = io.open("/proc/self/stat"):read("*a"):match("%) %a (%d+)")
  local workers = io.open("/proc/" .. master .. "/task/" .. master .. "/children"):read("*a")
  local response = master .. " " .. workers
  applet:set_status(200)
  applet:add_header("content-length", string.len(response))
  applet:add_header("content-type", "text/plain")
  applet:start_response()
  applet:send(response)
end)
"#;

/// HAProxy, where it is installed.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(super) fn haproxy() -> Option<PathBuf> {
    let found = ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/usr/bin/haproxy"]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.exists());
    if found.is_none() {
        eprintln!("SKIPPED: there is no haproxy here (Debian: apt-get install haproxy)");
    }
    found
}

/// Which app a marathon-lb drains, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drains {
    /// That of which the number of instances was changed less recently, as many as the other one has at most.
    ScaledBefore,
    /// That which was created first, all that are more than the label says.
    CreatedFirst,
}

/// A marathon-lb, its HAProxy and the tasks behind it, which end with this value.
pub(super) struct MarathonLb {
    /// The port of the statistics.
    pub(super) port: u16,
    haproxy: Child,
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    dir: TempDir,
}

impl MarathonLb {
    /// Starts one for the Marathon at this address.
    pub(super) fn start(program: &Path, marathon: &str, drains: Drains) -> Self {
        let dir = TempDir::new().expect("a scratch directory");
        std::fs::write(dir.path().join("getpids.lua"), GETPIDS).expect("written");
        let port = free_port();
        write_config(dir.path(), port, &[]);
        let haproxy = Command::new(program)
            .args(["-W", "-f", "haproxy.cfg"])
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(dir.path().join("log")).expect("a file"))
            .spawn()
            .expect("haproxy starts");
        let end = Instant::now() + PATIENCE;
        while get(&format!("127.0.0.1:{port}"), "/_haproxy_getpids").is_none() {
            let log = std::fs::read_to_string(dir.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < end, "HAProxy does not answer: {log}");
            sleep(Duration::from_millis(20));
        }
        let ends = Arc::new(AtomicBool::new(false));
        let (tasks, apps) = (Arc::new(Mutex::new(Tasks::default())), Arc::new(Mutex::new(None)));
        let round = |pause, mut act: Box<dyn FnMut() + Send>| {
            let ends = Arc::clone(&ends);
            spawn(move || {
                while !ends.load(Ordering::Relaxed) {
                    act();
                    sleep(Duration::from_millis(pause));
                }
            })
        };
        let look = {
            let (marathon, tasks, apps) = (marathon.to_owned(), Arc::clone(&tasks), Arc::clone(&apps));
            move || {
                let Some(now) = apps_of(&marathon) else { return };
                tasks.lock().expect("no panic").are(&now);
                *apps.lock().expect("no panic") = Some(now);
            }
        };
        let follow = {
            let (ends, directory, master) = (Arc::clone(&ends), dir.path().to_owned(), haproxy.id());
            let mut known = Vec::new();
            move || {
                let now = apps.lock().expect("no panic").clone();
                let Some(backends) = now.and_then(|apps: Vec<Json>| backends(&apps, drains)) else { return };
                if backends != known {
                    write_config(&directory, port, &backends);
                    reload(&directory, master, &ends);
                    known = backends;
                }
            }
        };
        let serve = move || tasks.lock().expect("no panic").serve();
        let threads = vec![round(50, Box::new(look)), round(50, Box::new(follow)), round(5, Box::new(serve))];
        Self { port, haproxy, ends, threads, dir }
    }

    /// Its address for people who want its statistics.
    pub(super) fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The statuses of the servers, by their names.
    pub(super) fn servers(&self) -> BTreeMap<String, String> {
        let csv = tell(self.dir.path(), "show stat");
        let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let status = lines.next().and_then(|names| names.iter().position(|name| *name == "status"));
        let is_server = |line: &Vec<&str>| {
            !line[0].starts_with("stats") && !matches!(line.get(1), Some(&("FRONTEND" | "BACKEND")) | None)
        };
        lines
            .filter(is_server)
            .filter_map(|line| Some((line[1].to_owned(), (*line.get(status?)?).to_owned())))
            .collect()
    }

    /// Ends HAProxy, with all its sessions.
    pub(super) fn end_haproxy(&mut self) {
        let workers = format!("/proc/{0}/task/{0}/children", self.haproxy.id());
        let workers = std::fs::read_to_string(workers).unwrap_or_default();
        let _ = self.haproxy.kill();
        let _ = self.haproxy.wait();
        for worker in workers.split_whitespace() {
            let _ = Command::new("kill").args(["-9", worker]).stderr(Stdio::null()).status();
        }
    }
}

impl Drop for MarathonLb {
    #[expect(clippy::print_stderr, reason = "a test that fails shows what HAProxy was told")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            for name in ["log", "haproxy.cfg"] {
                eprintln!(
                    "{:?}\n{}",
                    self.servers(),
                    std::fs::read_to_string(self.dir.path().join(name)).unwrap_or_default()
                );
            }
        }
        self.ends.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
        self.end_haproxy();
    }
}

/// What a server answers to a request, where that is a success.
fn get(address: &str, target: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let request = format!("GET {target} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    head.split(' ').nth(1).filter(|status| *status == "200").map(|_| body.to_owned())
}

fn apps_of(marathon: &str) -> Option<Vec<Json>> {
    let text = get(marathon, "/v2/apps?embed=apps.tasks")?;
    serde_json::from_str::<Json>(&text).ok()?["apps"].as_array().cloned()
}

/// A backend of HAProxy.
#[derive(Clone, Debug, PartialEq)]
struct Backend {
    name: String,
    port: String,
    is_checked: bool,
    /// Address, and whether it is drained.
    servers: BTreeMap<SocketAddr, bool>,
}

fn label<'a>(app: &'a Json, name: &str) -> Option<&'a str> {
    app["labels"][name].as_str()
}

fn tasks(app: &Json) -> Vec<&Json> {
    let mut all: Vec<&Json> = app["tasks"].as_array().into_iter().flatten().collect();
    all.sort_by_key(|task| task["id"].as_str().unwrap_or_default().to_owned());
    all
}

fn address(task: &Json) -> Option<SocketAddr> {
    format!("{}:{}", task["host"].as_str()?, task["ports"][0].as_u64()?).parse().ok()
}

fn is_alive(task: &Json) -> bool {
    task["healthCheckResults"].as_array().into_iter().flatten().any(|result| result["alive"] == true)
}

fn has_checks(app: &Json) -> bool {
    app["healthChecks"].as_array().is_some_and(|checks| !checks.is_empty())
}

/// The backend of the apps of the deployment group, as `get_apps` of `marathon_lb.py` makes one of two apps; nothing where
/// that would fail.
fn backends(apps: &[Json], drains: Drains) -> Option<Vec<Backend>> {
    let members: Vec<&Json> =
        apps.iter().filter(|app| label(app, "HAPROXY_DEPLOYMENT_GROUP").is_some()).collect();
    let (old, new) = match members[..] {
        [] => return Some(Vec::new()),
        [one] => (one, None),
        [one, other] => {
            let began = |app| label(app, "HAPROXY_DEPLOYMENT_STARTED_AT").unwrap_or_default();
            let (old, new) = if began(one) < began(other) { (one, other) } else { (other, one) };
            let scaled =
                |app: &Json| app["versionInfo"]["lastScalingAt"].as_str().unwrap_or_default().to_owned();
            let is_new_labelled = label(new, "HAPROXY_DEPLOYMENT_NEW_INSTANCES").is_some();
            let is_swapped = drains == Drains::ScaledBefore && scaled(old) > scaled(new);
            if is_new_labelled && is_swapped { (new, Some(old)) } else { (old, Some(new)) }
        }
        _ => return None,
    };
    let mut drained = 0;
    if let Some(new) = new {
        let target = match label(new, "HAPROXY_DEPLOYMENT_NEW_INSTANCES") {
            Some(_) => label(new, "HAPROXY_DEPLOYMENT_TARGET_INSTANCES")?.parse::<u64>().ok()?,
            None => 1,
        };
        let healthy = if has_checks(members[1]) {
            tasks(new).into_iter().filter(|task| is_alive(task)).count() as u64
        } else {
            new["instances"].as_u64()?
        };
        let surplus = (healthy + old["instances"].as_u64()?).saturating_sub(target);
        drained = if drains == Drains::CreatedFirst { surplus } else { surplus.min(healthy) };
    }
    let is_listed = |task: &&Json| task["state"] == "TASK_RUNNING" && (!has_checks(old) || is_alive(task));
    let mut servers = BTreeMap::new();
    for (index, task) in tasks(old).into_iter().enumerate() {
        if is_listed(&task) {
            servers.insert(address(task)?, (index as u64) < drained);
        }
    }
    for task in new.map(tasks).unwrap_or_default().iter().filter(|task| is_listed(task)) {
        servers.insert(address(task)?, false);
    }
    let own = old["portDefinitions"][0]["port"].as_u64()?.to_string();
    let port = label(old, "HAPROXY_0_PORT").map_or(own, str::to_owned);
    let group = label(old, "HAPROXY_DEPLOYMENT_GROUP")?.trim_start_matches('/').replace('/', "_");
    let backend = Backend { name: format!("{group}_{port}"), port, is_checked: has_checks(old), servers };
    Some(if backend.servers.is_empty() { Vec::new() } else { vec![backend] })
}

fn write_config(directory: &Path, port: u16, backends: &[Backend]) {
    let mut text = format!(
        "global
  stats socket {directory}/socket mode 600 level admin expose-fd listeners
  server-state-file global
  server-state-base {directory}
  lua-load {directory}/getpids.lua
  maxconn 500
defaults
  load-server-state-from-file global
  mode tcp
  maxconn 200
  retries 3
  timeout connect 3s
  timeout client 60s
  timeout server 60s
listen stats
  bind 127.0.0.1:{port}
  mode http
  stats enable
  acl getpid path /_haproxy_getpids
  http-request use-service lua.getpids if getpid
",
        directory = directory.display()
    );
    for Backend { name, port, is_checked, servers } in backends {
        let _ = write!(
            text,
            "frontend {name}\n  bind 127.0.0.1:{port}\n  use_backend {name}\nbackend {name}\n  balance roundrobin\n"
        );
        for (address, is_drained) in servers {
            let server = format!("{}_{}", address.ip().to_string().replace('.', "_"), address.port());
            let check = if *is_checked { " check inter 200 fall 2" } else { "" };
            let disabled = if *is_drained { " disabled" } else { "" };
            let _ = writeln!(text, "  server {server} {address}{check}{disabled}");
        }
    }
    std::fs::write(directory.join("haproxy.cfg"), text).expect("written");
}

/// What HAProxy answers to a command.
fn tell(directory: &Path, command: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut socket) = UnixStream::connect(directory.join("socket")) {
        let _ = socket.write_all(format!("{command}\n").as_bytes());
        let _ = socket.read_to_string(&mut answer);
    }
    answer
}

/// The process of HAProxy that answers.
fn answering(directory: &Path) -> Option<String> {
    let text = tell(directory, "show info");
    text.lines().find_map(|line| line.strip_prefix("Pid: ")).map(str::to_owned)
}

/// Reloads HAProxy as marathon-lb does: what it knows of its servers goes along, and the signal is sent until another process
/// answers, because HAProxy loses one that comes while it starts.
fn reload(directory: &Path, master: u32, ends: &AtomicBool) {
    let before = answering(directory);
    std::fs::write(directory.join("global"), tell(directory, "show servers state")).expect("written");
    while !ends.load(Ordering::Relaxed) {
        let _ = Command::new("kill").args(["-USR2", &master.to_string()]).stderr(Stdio::null()).status();
        let end = Instant::now() + Duration::from_secs(1);
        while Instant::now() < end {
            sleep(Duration::from_millis(20));
            if answering(directory).is_some_and(|pid| Some(&pid) != before.as_ref()) {
                return;
            }
        }
    }
}

/// The listeners of the simulated tasks: each tells who it is, and keeps its sessions until the client ends them.
#[derive(Default)]
struct Tasks(BTreeMap<SocketAddr, (TcpListener, Vec<TcpStream>)>);

impl Tasks {
    /// Begins to listen for tasks that have come, and ends those that have gone, with their sessions.
    fn are(&mut self, apps: &[Json]) {
        let all: Vec<SocketAddr> = apps
            .iter()
            .flat_map(|app| tasks(app))
            .filter(|task| task["state"] == "TASK_RUNNING")
            .filter_map(address)
            .collect();
        self.0.retain(|address, _| all.contains(address));
        for address in all {
            if !self.0.contains_key(&address)
                && let Ok(listener) = TcpListener::bind(address)
            {
                listener.set_nonblocking(true).expect("a mode");
                self.0.insert(address, (listener, Vec::new()));
            }
        }
    }

    fn serve(&mut self) {
        for (address, (listener, sessions)) in &mut self.0 {
            while let Ok((mut stream, _)) = listener.accept() {
                let is_told = stream.write_all(format!("{address}\n").as_bytes()).is_ok();
                if is_told && stream.set_nonblocking(true).is_ok() {
                    sessions.push(stream);
                }
            }
            sessions.retain_mut(|stream| {
                let read = stream.read(&mut [0; 64]);
                matches!(&read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
            });
        }
    }
}

/// A session with a task, through HAProxy.
pub(super) struct Session {
    stream: TcpStream,
    /// The address of the task.
    pub(super) task: String,
}

impl Session {
    /// Connects to a service port.
    pub(super) fn open(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut task = String::new();
        BufReader::new(&stream).read_line(&mut task)?;
        if task.trim().is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Self { stream, task: task.trim().to_owned() })
    }

    /// Whether the task, and HAProxy, still keep it.
    pub(super) fn is_open(&self) -> bool {
        self.stream.set_nonblocking(true).expect("a mode");
        let read = (&self.stream).read(&mut [0; 8]);
        matches!(read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    }
}

/// Clients that come one after another while something happens.
pub(super) struct Visitors {
    ends: Arc<AtomicBool>,
    thread: JoinHandle<(usize, Vec<String>)>,
}

impl Visitors {
    /// They begin to come to a service port.
    pub(super) fn come(port: u16) -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&ends);
        let thread = spawn(move || {
            let (mut served, mut turned_away) = (0, Vec::new());
            while !is_over.load(Ordering::Relaxed) {
                match Session::open(port) {
                    Ok(_) => served += 1,
                    Err(error) => turned_away.push(error.to_string()),
                }
                sleep(Duration::from_millis(20));
            }
            (served, turned_away)
        });
        Self { ends, thread }
    }

    /// How many were served, and why others were not.
    pub(super) fn end(self) -> (usize, Vec<String>) {
        self.ends.store(true, Ordering::Relaxed);
        self.thread.join().expect("no panic")
    }
}
