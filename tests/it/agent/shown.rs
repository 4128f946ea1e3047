//! What `explain --task` shows, and what it hides.

use super::{BRIDGE, docker};
use crate::common::{TestDir, each_case};

/// Issue 18 and the invariant "no secret in output": what lint masks, `explain --task` does, too, and nothing around it.
#[test]
fn an_explained_task_hides_what_lint_does() {
    let app = |docker_members: &str, more: &str| docker(BRIDGE, docker_members, more);
    let parameter = |key: &str, value: &str| {
        app(&format!(r#", "parameters": [{{"key": "{key}", "value": "{value}"}}]"#), "")
    };
    let ucr = |cmd: &str| format!(r#"{{"id": "/a", "cmd": "{cmd}"}}"#);
    let env = |value: &str| app("", &format!(r#", "cmd": "serve it", "env": {{"X": "{value}"}}"#));
    let args = r#", "args": ["curl", "-u", "u:apw1", "--password", "apw2", "--token=apw3", "$PORT0"]"#;
    let check = r#", "healthChecks": [{"protocol": "COMMAND", "command": {"value": "curl --user u:hcpw9 localhost"}}]"#;
    each_case(
        [
            (app("", args), &["apw1", "apw2", "apw3"][..]),
            (ucr("curl -u user:cpw1 https://h/x && run --db-pass k4"), &["cpw1", "k4"]),
            (ucr("curl https://h && mysql -pSqlPw2 && run -e API_KEY=k3"), &["SqlPw2", "k3"]),
            (env("-u user:xpw5"), &["xpw5"]),
            (parameter("health-cmd", "curl -u u:hpw8 h"), &["hpw8"]),
            (parameter("PASSWORD", "kpw"), &["kpw"]),
            (parameter("env", "DB_PASSWORD=epw6"), &["epw6"]),
            (app("", check), &["hcpw9"]),
        ],
        |(text, secrets)| {
            let test = TestDir::new().file("a.json", text.clone());
            for format in ["text", "json"] {
                let said = test.run(&["explain", "--task", "a.json", "--format", format]);
                assert!(said.contains("***"), "{format} of {text}: {said}");
                for secret in secrets {
                    assert!(!said.contains(secret), "{secret} in {format} of {text}: {said}");
                }
            }
        },
    );
}

/// A mask ends where the secret does.
#[test]
fn a_mask_ends_with_the_secret() {
    let fetch = r#", "fetch": [{"uri": "https://u:pw7@example.com/a/b.tgz?token=S8"}]"#;
    let cmd = r#", "cmd": "curl https://h && mysql -pSqlPw2 && run -e API_KEY=k3 --all""#;
    let test = TestDir::new().file("a.json", docker(BRIDGE, "", &format!("{fetch}{cmd}")));
    let said = test.run(&["explain", "--task", "a.json"]);
    assert!(said.contains("https://u:***@example.com/a/b.tgz?token=***: "), "{said}");
    each_case(["text", "json"], |format| {
        let said = test.run(&["explain", "--task", "a.json", "--format", format]);
        assert!(said.contains("mysql -p*** && run -e API_KEY=*** --all"), "{said}");
    });
}

/// Only a task has formats.
#[test]
fn a_rule_has_no_format() {
    let test = TestDir::new();
    let said = test.run(&["explain", "second-mesos-check", "--format", "json"]);
    assert!(said.starts_with("exit: 2") && said.contains("--task"), "{said}");
    assert!(test.run(&["explain", "second-mesos-check"]).starts_with("exit: 0"));
}

/// A table of agents is read in either form, kept with any target, and refused where it says nothing.
#[test]
fn agents_are_described_in_milepost_toml() {
    let app = r#"{"id": "/a", "cmd": "serve it", "requirePorts": true, "portDefinitions": [{"port": 80}]}"#;
    let said = |agents: &str, options: &[&str], app: &str| {
        let file = format!("[target]\nname = \"bare\"\n[target.agents]\n{agents}\n");
        let test = TestDir::new().file("milepost.toml", file).file("a.json", app);
        test.run(&[&["lint", "a.json"], options].concat())
    };
    // Marathon picks one.
    let any = app.replacen("80", "0", 1);
    assert!(!said(r#"ports = "1000-2000""#, &[], &any).contains("host-port-not-offered"));
    each_case([r#"ports = "1000-2000""#, r#"ports = ["1000-1500", "1501-2000"]"#], |ports| {
        for options in [&[][..], &["--target", "standalone"]] {
            let said = said(ports, options, app);
            assert!(said.contains("error[host-port-not-offered]"), "{ports} {options:?}: {said}");
        }
    });
    let public =
        app.replacen("\"requirePorts\"", r#""acceptedResourceRoles": ["slave_public"], "requirePorts""#, 1);
    let said_of_public = said(r#"ports = "1000-2000""#, &["--target", "dcos"], &public);
    assert!(!said_of_public.contains("host-port-not-offered"), "{said_of_public}");
    each_case(
        [
            (r#"ports = ["80-"]"#, "no range of ports"),
            ("ports = 80", "expected ranges of ports"),
            (r#"paths = ["relative"]"#, "must be an absolute path"),
            (r#"paths = ["/x", "~/x"]"#, "must be an absolute path"),
            (r#"created-paths = ["x"]"#, "must be an absolute path"),
            (r#"users = [""]"#, "names nothing"),
            (r#"roles = ["*"]"#, "expected the ports of each role: {slave_public = \"1-21\"}"),
            (r#"roles = {slave_public = "x"}"#, "no range of ports"),
            ("docker = 20.10", "expected a release of Docker in quotes: \"20.10\""),
            (r#"docker = "new""#, "no release of Docker"),
        ],
        |(agents, why)| {
            let said = said(agents, &[], app);
            assert!(
                said.starts_with("exit: 2") && said.contains(" --> milepost.toml:4:"),
                "{agents}: {said}"
            );
            assert!(said.contains(why), "{agents}: {said}");
        },
    );
}
