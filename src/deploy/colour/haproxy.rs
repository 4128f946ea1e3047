//! What an HAProxy says of its servers: the statistics as CSV, and the ids of its processes.

use super::task::ColourTask;

/// A server of a backend, as one HAProxy sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BackendServer {
    /// The backend.
    pub backend: String,
    /// The name, which tells the task.
    pub name: String,
    /// What HAProxy does with it.
    pub status: Status,
    /// Sessions that go on, and requests that wait for it.
    pub open: u64,
}

/// What HAProxy does with a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It gets requests.
    Up,
    /// It gets no new sessions: marathon-lb has disabled it.
    Maintenance,
    /// It gets no requests but those of clients that are bound to it.
    Draining,
    /// It fails HAProxy's check.
    Down,
}

impl Status {
    /// The status in the words of HAProxy: `UP`, `UP 1/3`, `no check`, `MAINT`, `MAINT (via a/b)`, `DRAIN`, `NOLB`, `DOWN`,
    /// `DOWN 1/2`, ….
    fn of(text: &str) -> Self {
        match text.split_whitespace().next() {
            Some("UP" | "no") => Self::Up,
            Some("MAINT") => Self::Maintenance,
            Some("DRAIN" | "NOLB") => Self::Draining,
            _ => Self::Down,
        }
    }
}

/// Why an answer is not that of an HAProxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StatsError {
    /// Something else answers.
    #[error("it answers with something other than HAProxy's statistics")]
    Other,
    /// The answer ends early.
    #[error("its statistics are cut off")]
    CutOff,
    /// A field is missing or no number.
    #[error("its statistics have no usable field {0}")]
    NoField(&'static str),
    /// The list of processes is none.
    #[error("it answers with something other than the ids of processes")]
    NoProcesses,
}

/// The servers of a deployment group in the statistics of one HAProxy: those of all backends that are named after the group
/// and a port.
///
/// # Errors
/// When the text is not, or not all of, the statistics.
pub(crate) fn servers(csv: &str, group: &str) -> Result<Vec<BackendServer>, StatsError> {
    // The name of the first field follows a `#`.
    let text = csv.trim_start().strip_prefix('#').map(str::trim_start).ok_or(StatsError::Other)?;
    if !text.starts_with("pxname,svname,") {
        return Err(StatsError::Other);
    }
    if !text.ends_with('\n') {
        return Err(StatsError::CutOff);
    }
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|_| StatsError::Other)?.clone();
    let field = |name: &'static str| {
        headers.iter().position(|header| header == name).ok_or(StatsError::NoField(name))
    };
    let (backend, name, status) = (field("pxname")?, field("svname")?, field("status")?);
    let (sessions, waiting) = (field("scur")?, field("qcur")?);
    let (mut servers, mut is_open) = (Vec::new(), None);
    for record in reader.records() {
        // A record with fewer fields than there are headers is cut off.
        let record = record.map_err(|_| StatsError::CutOff)?;
        let text = |at: usize| record.get(at).unwrap_or_default();
        if !is_backend_of(text(backend), group) {
            continue;
        }
        match text(name) {
            "FRONTEND" => {}
            // It comes after the servers of its backend.
            "BACKEND" => is_open = None,
            server => {
                is_open = Some(());
                let number = |at: usize, name| match text(at) {
                    "" => Ok(0),
                    digits => digits.parse::<u64>().map_err(|_| StatsError::NoField(name)),
                };
                servers.push(BackendServer {
                    backend: text(backend).to_owned(),
                    name: server.to_owned(),
                    status: Status::of(text(status)),
                    open: number(sessions, "scur")? + number(waiting, "qcur")?,
                });
            }
        }
    }
    if is_open.is_some() { Err(StatsError::CutOff) } else { Ok(servers) }
}

/// marathon-lb names backends by the group, with `_` for each slash in it, and the port.
fn is_backend_of(backend: &str, group: &str) -> bool {
    let group = group.strip_prefix('/').unwrap_or(group).replace('/', "_");
    let port = backend.strip_prefix(&group).and_then(|rest| rest.strip_prefix('_'));
    port.is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// How many processes an HAProxy has, from the answer to `/_haproxy_getpids`.
///
/// # Errors
/// When the text is no list of numbers.
pub(crate) fn processes(text: &str) -> Result<usize, StatsError> {
    let mut number = 0;
    for pid in text.split_whitespace() {
        pid.parse::<u32>().map_err(|_| StatsError::NoProcesses)?;
        number += 1;
    }
    if number == 0 { Err(StatsError::NoProcesses) } else { Ok(number) }
}

/// How many processes an HAProxy has when no earlier one is left: one, or two where a master looks after the worker. The fewest
/// that were ever seen tell which; never more than two, because then an earlier worker was there from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usual(Option<usize>);

impl Usual {
    /// Takes in a number of processes: whether an earlier one still goes on with its sessions.
    pub(crate) fn is_reloading(&mut self, processes: usize) -> bool {
        let usual = self.0.unwrap_or(2).min(processes);
        self.0 = Some(usual);
        processes > usual
    }
}

/// What all HAProxys together say of the tasks of two apps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// Tasks of the app that takes over to which every HAProxy sends requests.
    pub up: usize,
    /// Tasks of the app that takes over that an HAProxy knows and takes for dead.
    pub down: usize,
    /// Tasks of the app that takes over that get no more requests.
    pub held: usize,
    /// Tasks of the other app to which every HAProxy sends requests.
    pub other_up: usize,
    /// Tasks of the other app that get no more requests and have no open session anywhere, and those that never had any.
    pub drained: Vec<String>,
    /// Its tasks that get no more requests.
    pub draining: Vec<String>,
    /// Sessions that are open on those.
    pub open: u64,
}

impl Traffic {
    /// Takes back that tasks have no sessions: an earlier process of an HAProxy may have some that it does not tell of.
    pub(crate) fn doubt_drained(&mut self) {
        let Self { drained, draining, .. } = self;
        drained.retain(|id| !draining.contains(id));
    }

    /// Takes all tasks that get no more requests for those without sessions.
    pub(crate) fn give_up_sessions(&mut self) {
        self.doubt_drained();
        self.drained.append(&mut self.draining.clone());
    }
}

/// What the servers of each HAProxy tell of the tasks of the app that takes over, and of the other app.
pub(crate) fn traffic(balancers: &[Vec<BackendServer>], to: &[ColourTask], from: &[ColourTask]) -> Traffic {
    let number_up = |tasks: &[ColourTask]| tasks.iter().filter(|task| is_up(balancers, task)).count();
    let is_down = |task: &&ColourTask| {
        balancers.iter().flat_map(|all| of_task(all, task)).any(|server| server.status == Status::Down)
    };
    let down = to.iter().filter(is_down).count();
    let is_held = |task: &&ColourTask| {
        let mut servers = balancers.iter().map(|all| of_task(all, task));
        servers.all(|all| !all.is_empty() && all.iter().all(|server| server.status == Status::Maintenance))
    };
    let held = if balancers.is_empty() { 0 } else { to.iter().filter(is_held).count() };
    let mut traffic =
        Traffic { up: number_up(to), down, held, other_up: number_up(from), ..Traffic::default() };
    for task in from {
        let servers: Vec<Vec<&BackendServer>> = balancers.iter().map(|all| of_task(all, task)).collect();
        let mut all = servers.iter().flatten();
        let is_listed_everywhere = servers.iter().all(|servers| !servers.is_empty());
        // A task that does not run is nowhere.
        let is_nowhere = !task.is_routed && servers.iter().all(Vec::is_empty);
        if is_nowhere {
            traffic.drained.push(task.id.clone());
        } else if is_listed_everywhere && all.all(|server| server.status == Status::Maintenance) {
            let open: u64 = servers.iter().flatten().map(|server| server.open).sum();
            traffic.draining.push(task.id.clone());
            traffic.open += open;
            if open == 0 {
                traffic.drained.push(task.id.clone());
            }
        }
    }
    traffic
}

fn of_task<'s>(servers: &'s [BackendServer], task: &ColourTask) -> Vec<&'s BackendServer> {
    servers.iter().filter(|server| task.is_server(&server.name)).collect()
}

fn is_up(balancers: &[Vec<BackendServer>], task: &ColourTask) -> bool {
    !balancers.is_empty()
        && balancers.iter().all(|servers| {
            let mut servers = of_task(servers, task).into_iter().peekable();
            servers.peek().is_some() && servers.all(|server| server.status == Status::Up)
        })
}

#[cfg(test)]
mod tests;
