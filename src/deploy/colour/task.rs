//! Tasks, and which servers of HAProxy they are.

use serde_json::Value as Json;

/// A task of an app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ColourTask {
    /// Its id.
    pub id: String,
    host: String,
    addresses: Vec<String>,
    /// Ports of the agent.
    host_ports: Vec<u64>,
    /// Ports of the task's own address.
    own_ports: Vec<u64>,
    /// marathon-lb gives it to HAProxy: it runs, and a health check passes where there are some.
    pub is_routed: bool,
}

/// The tasks of an app, in the order in which marathon-lb drains them.
pub(crate) fn tasks(app: &Json) -> Vec<ColourTask> {
    let list =
        |value: &Json, path: &str| value.pointer(path).and_then(Json::as_array).cloned().unwrap_or_default();
    let numbers = |values: Vec<Json>| values.iter().filter_map(Json::as_u64).collect::<Vec<_>>();
    let has_checks = !list(app, "/healthChecks").is_empty();
    let mut own_ports = Vec::new();
    for (path, field) in [
        ("/container/portMappings", "containerPort"),
        ("/container/docker/portMappings", "containerPort"),
        ("/ipAddress/discovery/ports", "number"),
    ] {
        own_ports.extend(list(app, path).iter().filter_map(|port| port.get(field)?.as_u64()));
    }
    let mut tasks: Vec<ColourTask> = list(app, "/tasks")
        .iter()
        .map(|task| {
            let text = |name: &str| task.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
            let is_alive = |result: &Json| result.get("alive").and_then(Json::as_bool) == Some(true);
            let is_running = matches!(text("state").as_str(), "TASK_RUNNING" | "");
            let addresses = list(task, "/ipAddresses");
            ColourTask {
                id: text("id"),
                host: text("host"),
                addresses: addresses
                    .iter()
                    .filter_map(|address| address.get("ipAddress")?.as_str().map(str::to_owned))
                    .collect(),
                host_ports: numbers(list(task, "/ports")),
                own_ports: own_ports.clone(),
                is_routed: is_running
                    && (!has_checks || list(task, "/healthCheckResults").iter().any(is_alive)),
            }
        })
        .collect();
    tasks.sort_by(|one, other| one.id.cmp(&other.id));
    tasks
}

impl ColourTask {
    /// Whether a server of HAProxy is this task. marathon-lb names servers by host, address and port, the address left out
    /// where it is the host.
    pub(crate) fn is_server(&self, name: &str) -> bool {
        let is = |parts: &[&str]| word(&parts.join("_")) == name;
        for port in &self.host_ports {
            let port = port.to_string();
            if is(&[&self.host, &port]) || is_resolved(name, &word(&self.host), &port) {
                return true;
            }
        }
        let ports = self.host_ports.iter().chain(&self.own_ports).map(u64::to_string);
        ports.into_iter().any(|port| self.addresses.iter().any(|address| is(&[&self.host, address, &port])))
    }
}

/// Letters that names of servers do not have become `_`.
fn word(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' })
        .collect()
}

/// `HOST_A_B_C_D_PORT`: marathon-lb has looked up the host's IPv4 address, which the task does not tell.
fn is_resolved(name: &str, host: &str, port: &str) -> bool {
    let rest = name.strip_prefix(host).and_then(|rest| rest.strip_prefix('_'));
    let Some(address) = rest.and_then(|rest| rest.strip_suffix(port)?.strip_suffix('_')) else {
        return false;
    };
    let mut numbers = 0;
    let is_number = |part: &str| part.parse::<u8>().is_ok();
    address.split('_').inspect(|_| numbers += 1).all(is_number) && numbers == 4
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(app: &Json) -> ColourTask {
        tasks(app).remove(0)
    }

    #[test]
    fn servers_are_named_by_host_address_and_port() {
        let on_host = one(&json!({"tasks": [{"id": "t", "host": "10.0.0.1", "ports": [31000, 31001],
            "state": "TASK_RUNNING", "ipAddresses": [{"ipAddress": "172.17.0.2"}]}]}));
        let named = one(&json!({"tasks": [{"id": "t", "host": "agent-1.example", "ports": [31000]}]}));
        let own_address = one(&json!({"tasks": [{"id": "t", "host": "agent.example", "ports": [],
            "ipAddresses": [{"ipAddress": "9.0.1.7"}]}], "container": {"portMappings": [{"containerPort": 8080}]}}));
        for (task, name, is_it) in [
            (&on_host, "10_0_0_1_31000", true),
            (&on_host, "10_0_0_1_31001", true),
            (&on_host, "10_0_0_1_31002", false),
            (&on_host, "10_0_0_11_31000", false),
            (&on_host, "172_17_0_2_31000", false),
            (&named, "agent-1_example_31000", true),
            (&named, "agent-1_example_10_0_0_1_31000", true),
            (&named, "agent-1_example_10_0_0_31000", false),
            (&named, "agent-1_example_10_0_0_1_31001", false),
            (&named, "agent-1_example_2_10_0_0_1_31000", false),
            (&own_address, "agent_example_9_0_1_7_8080", true),
            (&own_address, "agent_example_9_0_1_8_8080", false),
            (&own_address, "agent_example_8080", false),
        ] {
            assert_eq!(task.is_server(name), is_it, "{name} {task:?}");
        }
    }

    #[test]
    fn only_tasks_that_run_and_are_alive_are_routed() {
        let app = |checks: Json, results: Json| json!({"healthChecks": checks, "tasks": [{"id": "t", "state": "TASK_RUNNING", "healthCheckResults": results}]});
        assert!(one(&app(json!([]), json!([]))).is_routed);
        assert!(!one(&app(json!([{}]), json!([]))).is_routed);
        assert!(one(&app(json!([{}]), json!([{"alive": true}, {"alive": false}]))).is_routed);
        assert!(!one(&app(json!([{}]), json!([{"alive": false}]))).is_routed);
        assert!(!one(&json!({"tasks": [{"id": "t", "state": "TASK_STAGING"}]})).is_routed);
        let order = json!({"tasks": [{"id": "b"}, {"id": "a"}]});
        assert_eq!(tasks(&order).iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
