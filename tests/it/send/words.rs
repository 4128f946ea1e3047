//! What a server says, in tables and lists.

use super::{Behaviour, Server, with_target};
use crate::common::each_case;

/// What a server says is in lines of tables and of ids: nothing in it begins a line, or acts on a terminal, and no
/// secret is in it.
#[test]
fn what_a_server_says_is_one_line_without_secrets() {
    let hostile = format!(
        "/x \u{1b}[31m\u{202e}\n::error::boo password=letmein1 http://u:letmein2@h/{}",
        "q".repeat(9_000)
    );
    let list = serde_json::json!({
        "id": hostile, "affectedApps": [hostile, "/y"], "currentActions": [{"action": hostile, "app": hostile}],
        "appId": hostile, "host": hostile, "state": hostile, "plugin": hostile, "implementation": hostile,
        "currentStep": 1, "totalSteps": 2, "cmd": hostile, "cpus": 1, "mem": 32, "instances": 1,
        "app": {"id": hostile}, "since": hostile, "version": hostile,
    });
    let one = |name: &str| serde_json::json!({ name: [list] }).to_string();
    let groups =
        serde_json::json!({"id": "/", "groups": [{"id": hostile, "groups": [], "apps": []}], "apps": []});
    let server = Server::start(Behaviour::Holds(vec![
        ("/v2/deployments", serde_json::json!([list]).to_string()),
        ("/v2/tasks", one("tasks")),
        ("/v2/plugins", one("plugins")),
        ("/v2/queue", one("queue")),
        ("/v2/groups", groups.to_string()),
    ]));
    let test = with_target();
    let mut shown = 0;
    each_case(
        [
            &["deployment", "list"][..],
            &["deployment", "list", "--quiet"],
            &["deployment", "list", "--json"],
            &["task", "list"],
            &["task", "list", "--quiet"],
            &["task", "list", "--json"],
            &["plugin", "list"],
            &["plugin", "list", "--json"],
            &["debug", "list"],
            &["delay", "list"],
            &["group", "list"],
        ],
        |args| {
            let said = server.run(&test, args);
            shown += usize::from(said.contains("boo"));
            let is_json = args.contains(&"--json");
            let is_data = is_json || args.contains(&"--quiet");
            assert!(!said.contains(['\u{1b}', '\u{202e}']), "{args:?}: {said}");
            assert!(!said.lines().any(|line| line.trim_start().starts_with("::")), "{args:?}: {said}");
            assert!(is_json || !said.contains("letmein"), "{args:?}: {said}");
            assert!(is_data || said.lines().all(|line| line.len() < 5_000), "{args:?}: {said}");
            assert!(!is_json || said.contains("\\u001b[31m\\u202e\\n::error::boo"), "{args:?}: {said}");
        },
    );
    assert!(shown >= 9, "only {shown} of the answers are shown");
}
