//! Definitions that are templates, or came out of one unfilled.

use serde_json::Value as Json;

use crate::common::{TestDir, each_case};

mod matrix;

fn findings(test: &TestDir, file: &str) -> Vec<Json> {
    let output = test.command(&["lint", "--format", "json", file]).output().expect("it runs");
    let report: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    report["files"][0]["diagnostics"].as_array().expect("a list").clone()
}

fn text<'a>(finding: &'a Json, name: &str) -> &'a str {
    finding[name].as_str().unwrap_or_default()
}

#[test]
fn a_placeholder_is_found_wherever_it_is() {
    let fields = [
        (r#""env": {"A": "{{ a }}"}"#, "{{ a }}", "/env/A"),
        (r#""env": {"A": "${DB_HOST}"}"#, "${DB_HOST}", "/env/A"),
        (r#""env": {"__NAME__": "a"}"#, "__NAME__", "/env/__NAME__"),
        (r#""labels": {"team": "<TEAM>"}"#, "<TEAM>", "/labels/team"),
        (r#""labels": {"a": "@@team@@"}"#, "@@team@@", "/labels/a"),
        (r#""constraints": [["%{rack}", "UNIQUE"]]"#, "%{rack}", "/constraints/0/0"),
        (r#""constraints": [["hostname", "{{ op }}"]]"#, "{{ op }}", "/constraints"),
        (r#""constraints": [["hostname", "MAX_PER", "${MOST}"]]"#, "${MOST}", "/constraints"),
        (r#""fetch": [{"uri": "https://example.com/<%= version %>.tgz"}]"#, "<%= version %>", "/fetch/0/uri"),
        (r#""user": "REPLACE_ME""#, "REPLACE_ME", "/user"),
        (r#""env": {"A": "__N__"}"#, "__N__", "/env/A"),
        (r#""labels": {"team": "REPLACE_ME_NAME"}"#, "REPLACE_ME_NAME", "/labels/team"),
        (r#""mem": "$mem""#, "$mem", "/mem"),
        (r#""mem": "<mem>""#, "<mem>", "/mem"),
        (r#""mem": "@mem@""#, "@mem@", "/mem"),
        (r#""instances": "$N""#, "$N", "/instances"),
        (r#""user": "x-${MESOS_ROLE}""#, "${MESOS_ROLE}", "/user"),
        (r#""fetch": [{"uri": "https://example.com/${HOST}.tgz"}]"#, "${HOST}", "/fetch/0/uri"),
        (
            r#""container": {"docker": {"image": "${MARATHON_IMAGE}:${MARATHON_TAG}"}}"#,
            "${MARATHON_IMAGE}",
            "/container/docker/image",
        ),
        (r#""ports": ["$PORT"]"#, "$PORT", "/ports/0"),
        (r#""portDefinitions": [{"port": "${PORT0}"}]"#, "${PORT0}", "/portDefinitions/0/port"),
        (
            r#""container": {"type": "DOCKER", "docker": {"image": "shop/web:$VERSION"}}"#,
            "$VERSION",
            "/container/docker/image",
        ),
        (
            r#""container": {"type": "DOCKER", "docker": {"image": "shop/web:1", "parameters": [{"key": "label", "value": "{{ x }}"}]}}"#,
            "{{ x }}",
            "/container/docker/parameters/0/value",
        ),
        (
            r#""container": {"type": "DOCKER", "docker": {"image": "shop/web:1", "parameters": [{"key": "log-opt", "value": "tag={{ .Values.tag }}"}]}}"#,
            "{{ .Values.tag }}",
            "/container/docker/parameters/0/value",
        ),
        (
            r#""container": {"docker": {"image": "shop/web:{{.Name}}"}}"#,
            "{{.Name}}",
            "/container/docker/image",
        ),
        (r#""args": ["run", "@@A@@"]"#, "@@A@@", "/args/1"),
        (r#""user": "%{http_user}""#, "%{http_user}", "/user"),
        (
            r#""container": {"type": "MESOS", "volumes": [{"containerPath": "a", "hostPath": "/{{ x }}", "mode": "RO"}]}"#,
            "{{ x }}",
            "/container/volumes/0/hostPath",
        ),
    ];
    each_case(fields, |(field, placeholder, pointer)| {
        let test = TestDir::new().file("a.json", format!(r#"{{"id": "/a", "cmd": "sleep 100", {field}}}"#));
        let found = findings(&test, "a.json");
        let says_so = |one: &&Json| text(one, "message").contains(&format!("`{placeholder}`"));
        let found: Vec<&Json> = found.iter().filter(says_so).collect();
        assert_eq!(found.len(), 1, "{field}: one finding");
        assert_eq!(text(found[0], "rule"), "unfilled-placeholder");
        assert!(text(found[0], "help").contains("milepost render"), "{}", found[0]);
        assert_eq!(text(found[0], "pointer"), pointer);
    });
}

#[test]
fn what_a_shell_reads_is_not_a_placeholder() {
    let fields = [
        r#""cmd": "echo $NAME ${NAME:-x} < IN > OUT; curl -w %{http_code} $HOST:$PORT0""#,
        r#""args": ["sh", "-c", "echo $NAME"]"#,
        r#""cmd": "a", "healthChecks": [{"protocol": "COMMAND", "command": {"value": "curl $HOST -w %{http_code}"}}]"#,
        r#""cmd": "a", "env": {"URL": "http://$HOST:${PORT0}/", "MAIL": "a@example.com", "X": "a__b__c", "Y": "5$"}"#,
        r#""cmd": "a", "labels": {"HAPROXY_0_BACKEND_HEAD": "log-format %{+Q}r {backend}"}"#,
        r#""cmd": "a", "_comment": "{{ x }}", "//b": "__TODO__""#,
        r#""cmd": "a", "env": {"A": "$PORT0", "B": "$MESOS_SANDBOX", "C": "pa$word", "D": "__init__", "E": "Host $host;"}"#,
        r#""cmd": "a", "$schema": "https://example.com/app.json", "$comment": "a", "$cmd": "b""#,
        r#""cmd": "sed s/@@A@@/b/ f; sed -i 's|{{a}}|$HOST|; s/__B__/c/' f && grep REPLACE_ME f""#,
        r#""args": ["sed", "-e", "s/@@A@@/b/", "f"]"#,
        r#""cmd": "docker inspect -f '{{.State.Pid}}' web; docker ps --format '{{json .}}'""#,
        r#""cmd": "cd $PWD/$HOME && run ${PORT0} $MESOS_SANDBOX $PORT_HTTP; printf '%{name}'""#,
        r#""cmd": "a", "env": {"A": "%{http_code} %{time_total}\\n", "B": "%h \"%{Referer}i\" \"%{User-Agent}i\"", "C": "%{IP:client} %{+YYYY.MM.dd}"}"#,
        r#""container": {"docker": {"image": "a/b:1", "parameters": [{"key": "log-opt", "value": "tag={{.Name}}/{{ .ImageName }}"}]}}"#,
        r#""container": {"docker": {"image": "a/b:1", "parameters": [{"key": "hostname", "value": "{{.Node.Hostname}}-{{.Task.Slot}}"}]}}"#,
        r#""container": {"docker": {"image": "a/b:1", "parameters": [{"key": "log-opt", "value": "tag={{if .ID}}{{.ID}}{{else}}x{{end}}"}]}}"#,
        r#""container": {"docker": {"image": "a/b:1", "parameters": [{"key": "label", "value": "x={{(.ExtraAttributes nil).MESOS_TASK_ID}}"}]}}"#,
        r#""cmd": "a", "labels": {"description": "<p>a <b>bold</b> text</p>", "mail": "me@example.com"}"#,
    ];
    each_case(fields, |field| {
        let test = TestDir::new().file("a.json", format!(r#"{{"id": "/a", {field}}}"#));
        let found = findings(&test, "a.json");
        assert!(!found.iter().any(|one| text(one, "rule") == "unfilled-placeholder"), "{field}: {found:?}");
    });
}

/// A command beside another one is not its argument.
#[test]
fn only_the_arguments_of_sed_are_its_own() {
    each_case(
        [
            ("sed -i s/a/b/ f && run __A__", "__A__"),
            ("sed -i 's/a/b/' f; run @@A@@", "@@A@@"),
            ("grep x f | run {{ a }}", "{{ a }}"),
            ("run {{ a }} sed", "{{ a }}"),
            ("docker run {{ image }} -f x", "{{ image }}"),
        ],
        |(cmd, placeholder)| {
            let test = TestDir::new().file("a.json", format!(r#"{{"id": "/a", "cmd": "{cmd}"}}"#));
            let found = findings(&test, "a.json");
            let says_so = |one: &Json| text(one, "message").contains(&format!("`{placeholder}`"));
            assert!(found.iter().any(says_so), "{cmd}: {found:?}");
        },
    );
}

#[test]
fn many_placeholders_are_one_finding_and_the_rest_is_checked() {
    let app = r#"{
  "id": "/{{ env }}/web",
  "cmd": "serve",
  "cpus": "${CPUS}",
  "mem": -1,
  "cpu": 1,
  "env": {"A": "__A__", "B": "__B__"},
  "container": {"type": "DOCKER", "docker": {"image": "shop/web:{{ tag }}"}}
}
"#;
    let test = TestDir::new().file("a.json", app);
    insta::assert_snapshot!(test.run(&["lint", "a.json"]));
    // All of Marathon's answers are kept.
    let found = findings(&test, "a.json");
    let template = found.iter().find(|one| text(one, "rule") == "unfilled-placeholder").expect("it is found");
    assert_eq!(template["effect"], "rejected");
    assert_eq!(template["answer"]["path"], "/id");
    assert_eq!(template["answer"]["others"][0]["path"], "/cpus");
    let server: Json = serde_json::from_slice(
        &test.command(&["lint", "--as-server", "a.json"]).output().expect("it runs").stdout,
    )
    .expect("JSON");
    let paths: Vec<&str> =
        server["details"].as_array().expect("a list").iter().map(|one| text(one, "path")).collect();
    assert_eq!(paths, ["/cpus", "/id", "/mem"]);
}

#[test]
fn many_places_are_cut_and_counted() {
    let env: Vec<String> = (0..16).map(|index| format!(r#""V{index}": "{{{{ v{index} }}}}""#)).collect();
    let app = format!(r#"{{"id": "/a", "cmd": "serve", "env": {{{}}}}}"#, env.join(", "));
    let found = findings(&TestDir::new().file("a.json", app), "a.json");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        text(&found[0], "message"),
        "this is a template: nothing has filled in `{{ v0 }}` (/env/V0), `{{ v1 }}` (/env/V1), `{{ v2 }}` (/env/V2), \
         `{{ v3 }}` (/env/V3) and 12 more"
    );
}

#[test]
fn what_is_wrong_beside_a_placeholder_in_a_value_is_said() {
    let test = TestDir::new().file("a.json", r#"{"id": "/Shop_A/{{ env }}", "cmd": "serve"}"#);
    let rules: Vec<String> =
        findings(&test, "a.json").iter().map(|one| text(one, "rule").to_owned()).collect();
    assert_eq!(rules, ["malformed-value", "unfilled-placeholder"]);
    let test = TestDir::new().file("a.json", r#"{"id": "/shop/{{ env }}", "cmd": "serve"}"#);
    let rules: Vec<String> =
        findings(&test, "a.json").iter().map(|one| text(one, "rule").to_owned()).collect();
    assert_eq!(rules, ["unfilled-placeholder"]);
}

#[test]
fn the_rest_is_checked_when_placeholders_are_not_in_quotes() {
    let cases = [
        ("a.json", r#"{"id": "/a", "cmd": "serve", "cpus": {{ cpus }}, "mem": -1}"#, "/cpus"),
        ("b.json", r#"{"id": "/a", "cmd": "serve", "cpus": __CPUS__, "mem": -1}"#, "/cpus"),
        ("n.json", r#"{"id": "/a", "cmd": "serve", "cpus": __N__, "mem": -1}"#, "/cpus"),
        ("c.json", r#"{"id": "/a", "cmd": "serve", "cpus": $CPUS, "instances": ${N}, "mem": -1}"#, "/cpus"),
        ("d.json", r#"{"id": "/a", "cmd": "serve", "cpus": {{ c["x"] }}, "mem": -1}"#, "/cpus"),
        ("e.json", r#"{"id": "/a", "cmd": "serve", {% if x %}"cpus": 1,{% endif %} "mem": -1}"#, ""),
        (
            "f.json",
            r#"{"id": "/a", "cmd": "serve", "cpus": {% if x %}1{% else %}2{% endif %}, "mem": -1}"#,
            "/cpus",
        ),
        (
            "g.json",
            r#"{"id": "/a", "cmd": "serve", "ports": [{% for p in ps %}{{ p }},{% endfor %}], "mem": -1}"#,
            "",
        ),
        ("h.yml", "id: /a\ncmd: serve\ncpus: {{ cpus }}\nmem: -1\n", "/cpus"),
        ("i.yml", "id: /a\n{% if x %}\ncmd: serve\n{% endif %}\nmem: -1\n", ""),
    ];
    each_case(cases, |(name, content, pointer)| {
        let test = TestDir::new().file(name, content);
        let found = findings(&test, name);
        let rules: Vec<&str> =
            found.iter().map(|one| text(one, "rule")).filter(|rule| *rule != "no-health-check").collect();
        assert_eq!(rules, ["unfilled-placeholder", "out-of-range"], "{content}");
        assert_eq!(text(&found[0], "pointer"), pointer, "{content}");
        assert_eq!(found[0]["answer"]["stage"], "syntax");
        assert_eq!(found[1]["answer"]["now"], false);
        // Nothing is changed.
        test.command(&["lint", "--fix=unsafe", name]).output().expect("it runs");
        assert_eq!(test.read(name), content);
        let status = test.run(&["lint", "--as-server", name]);
        assert!(
            status.contains(r#""message": "Invalid JSON""#)
                || status.contains(r#"{"message":"Invalid JSON"}"#),
            "{status}"
        );
    });
}

#[test]
fn commands_word_a_template_as_lint_does() {
    let jinja = "render it before Marathon sees it: `milepost render` takes";
    let other = "fill it with the tool it was written for";
    let unquoted = r#"{"id": "/a", "cmd": "serve", "cpus": {{ cpus }}}"#;
    let cases = [
        ("a.json", unquoted, jinja),
        ("a.json.j2", unquoted, jinja),
        ("a.json.mustache", unquoted, other),
        ("a.json.tmpl", r#"{"id": "/a", "cmd": "serve", "cpus": {{ .cpus }}}"#, other),
        ("a.json.erb", r#"{"id": "/a", "cmd": "serve", "cpus": <%= cpus %>}"#, other),
        ("b.json", r#"{"id": "/a", "cmd": "serve", "cpus": {{ cpus }},, }"#, jinja),
    ];
    each_case(cases, |(name, content, help)| {
        let test = TestDir::new().file(name, content).file("other.json", r#"{"id": "/a", "cmd": "serve"}"#);
        let lint = test.run(&["lint", name]);
        let first = lint.split("\n\n").next().unwrap_or_default().replace("exit: 1\n", "");
        let finding =
            first.trim_start_matches("----- stdout -----\n").trim_start_matches("----- stderr -----\n");
        assert!(
            finding.contains("this is a template: nothing has filled in `") && finding.contains(help),
            "{lint}"
        );
        for command in [
            &["normalize", name][..],
            &["migrate", "--to", "1.11", name],
            &["wire", "--archive", "file:///etc/docker.tar.gz", name],
            &["fmt", "--check", name],
            &["convert", "--to", "yaml", name],
            &["diff", name, "other.json"],
        ] {
            let output = test.run(command);
            assert!(output.contains(finding), "{command:?}: {output}\n{finding}");
            assert!(!output.starts_with("exit: 0"), "{command:?}: {output}");
        }
    });
}

#[test]
fn a_rejected_placeholder_is_one_finding_in_all_commands() {
    let app = r#"{"id": "/a", "cpus": "${CPUS}", "mem": "${MEM}",
  "container": {"type": "DOCKER", "docker": {"image": "shop/web:1"}}}"#;
    let test = TestDir::new().file("a.json", app).file("other.json", r#"{"id": "/a", "cmd": "serve"}"#);
    each_case(
        [
            &["lint", "a.json"][..],
            &["normalize", "a.json"],
            &["migrate", "--to", "1.11", "a.json"],
            &["wire", "--archive", "file:///etc/docker.tar.gz", "a.json"],
            &["diff", "a.json", "other.json"],
        ],
        |command| {
            let output = test.run(command);
            assert!(
                output.contains("nothing has filled in `${CPUS}` (/cpus) and `${MEM}` (/mem)"),
                "{output}"
            );
            assert_eq!(output.matches("error[").count(), 1, "{output}");
        },
    );
}

#[test]
fn what_follows_a_definition_may_be_of_a_template() {
    let app = r#"{"id": "/a", "cmd": "serve"}"#;
    each_case(["{% endfor %}", "{{ more }}", "{%- endif %}"], |rest| {
        let test = TestDir::new().file("a.json", format!("{app}\n{rest}\n"));
        let found = findings(&test, "a.json");
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(text(&found[0], "rule"), "unfilled-placeholder");
        // Marathon accepts it.
        assert_eq!(text(&found[0], "effect"), "ignored");
    });
    let test = TestDir::new().file("a.json", format!("{app}\n{app}\n"));
    assert_eq!(text(&findings(&test, "a.json")[0], "rule"), "trailing-content");
}

#[test]
fn typographic_characters_are_named_in_json_and_yaml() {
    let cases = [
        (
            "a.json",
            "{\"id\": \"/a\u{201d}, \"cmd\": \"x\"}",
            "`\u{201d}` (U+201D) is a typographic quote",
            "1:11",
        ),
        ("b.yml", "id: \"/a\u{201d}\ncmd: x\n", "`\u{201d}` (U+201D) is a typographic quote", "1:8"),
        (
            "c.yml",
            "id: \u{201c}/a\u{201d}\ncmd: x\n",
            "remove `\u{201c}` (U+201C), a typographic quote",
            "1:5",
        ),
        (
            "d.yml",
            "id: /a\n\u{a0}\u{a0}cmd: x\n",
            "a no-break space (U+00A0), which YAML does not take",
            "2:1",
        ),
        ("e.yml", "id:\u{a0}/a\ncmd:\u{a0}x\n", "a no-break space (U+00A0), which YAML does not take", "1:4"),
    ];
    each_case(cases, |(name, content, message, place)| {
        let output = TestDir::new().file(name, content).run(&["lint", name]);
        assert!(output.contains(message) && output.contains(&format!("--> {name}:{place}")), "{output}");
    });
}

#[test]
fn no_fix_touches_a_placeholder() {
    let app = r#"{"id": "/shop/janitor-__NAME__", "cmd": "a", "cpus": "{{ cpus }}", "instances": "2",
  "container": {"docker": {"image": "shop/web:1", "network": "${NETWORK}"}}, "upgradeStrategy": {"minimumHealthCapacity": "$CAPACITY"}}"#;
    let test = TestDir::new().file("a.json", app);
    test.command(&["lint", "--fix=unsafe", "a.json"]).output().expect("it runs");
    let fixed = test.read("a.json");
    each_case(["/shop/janitor-__NAME__", "\"{{ cpus }}\"", "${NETWORK}", "\"$CAPACITY\""], |placeholder| {
        assert!(fixed.contains(placeholder), "{placeholder} is gone: {fixed}");
    });
    assert!(fixed.contains("\"instances\": 2"), "other fixes are made: {fixed}");
}

#[test]
fn no_fix_rewrites_a_list_with_a_placeholder() {
    let fields = [
        r#""cmd": "a", "env": ["A=__X__"]"#,
        r#""cmd": "a", "env": [{"name": "A", "value": "{{ a }}"}]"#,
        r#""cmd": ["run", "${X}"]"#,
        r#""cmd": "a", "labels": ["a=$B"]"#,
        r#""cmd": "a", "constraints": ["hostname", "LIKE", "${RACK}"]"#,
        r#""cmd": "a", "fetch": ["https://example.com/{{ v }}.tgz"]"#,
        r#""container": {"docker": {"image": "a/b:1", "parameters": {"hostname": "<NAME>"}}}"#,
    ];
    each_case(fields, |field| {
        let app = format!(r#"{{"id": "/a", {field}}}"#);
        let test = TestDir::new().file("a.json", &app);
        test.command(&["lint", "--fix=unsafe", "a.json"]).output().expect("it runs");
        assert_eq!(test.read("a.json"), app);
    });
}

#[test]
fn a_template_that_cannot_be_parsed_is_named() {
    let cases = [
        ("bare.json", r#"{"id": "/a", "cpus": {{ cpus }}}"#, "nothing has filled in `{{ cpus }}`"),
        ("if.json", "{\n{% if a %}\n\"id\": \"/a\"\n{% endif %}\n}", "nothing has filled in `{% if a %}`"),
        ("shell.json", r#"{"id": "/a", "instances": $INSTANCES}"#, "nothing has filled in `$INSTANCES`"),
        ("at.json", r#"{"id": "/a", "instances": @@INSTANCES@@}"#, "nothing has filled in `@@INSTANCES@@`"),
        ("word.json", r#"{"id": "/a", "instances": __INSTANCES__}"#, "nothing has filled in `__INSTANCES__`"),
        ("angle.json", r#"{"id": "/a", "instances": <INSTANCES>}"#, "nothing has filled in `<INSTANCES>`"),
        ("erb.json", r#"{"id": "/a", "instances": <%= n %>}"#, "nothing has filled in `<%= n %>`"),
        ("web.yml", "id: /a\ncmd: serve\nenv:\n  HOST: {{db_host}}\n", "nothing has filled in `{{db_host}}`"),
        ("web.json.j2", r#"{"id": "/a", "cpus": {{ cpus }}}"#, "nothing has filled in `{{ cpus }}`"),
        (
            "conflict.json",
            "{\"id\": \"/a\",\n<<<<<<< HEAD\n\"cpus\": 1\n=======\n\"cpus\": 2\n>>>>>>> b\n}",
            "merge conflict",
        ),
        ("quotes.json", "{\u{201c}id\u{201d}: \u{201c}/a\u{201d}, \"cmd\": \"x\"}", "typographic quote"),
        ("nbsp.json", "{\"id\": \"/a\",\u{a0}\"cmd\": \"x\"}", "no-break space"),
    ];
    each_case(cases, |(name, content, message)| {
        let test = TestDir::new().file(name, content);
        for command in [&["lint", name][..], &["normalize", name]] {
            let output = test.run(command);
            assert!(output.starts_with("exit: 1"), "{output}");
            assert!(output.contains(message), "{output}");
            // What else `if.json` could be is not known.
            let is_template = message.starts_with("nothing has filled in") && name != "if.json";
            let rule = if is_template { "unfilled-placeholder" } else { "syntax-error" };
            assert!(output.contains(&format!("error[{rule}]: ")), "{output}");
            assert!(output.contains(&format!("--> {name}:")), "{output}");
            assert!(!output.contains("put the name in double quotes"), "{output}");
        }
    });
    let test = TestDir::new().file("README.md", "# A readme\n\nwith text\n");
    assert!(
        test.run(&["lint", "README.md"]).contains("this is not an app, pod or group"),
        "{}",
        test.run(&["lint", "README.md"])
    );
}

/// Variables that every shell has are for one, in variables and commands; elsewhere nothing fills them in.
#[test]
fn variables_of_a_shell_are_no_placeholders_of_a_template() {
    let found = |members: &str| {
        let test = TestDir::new().file("a.json", format!(r#"{{"id": "/a", {members}}}"#));
        test.run(&["lint", "--format", "concise", "a.json"]).contains("unfilled-placeholder")
    };
    each_case(
        [
            r#""cmd": "serve $HOME/x $PATH""#,
            r#""cmd": "serve", "env": {"PATH": "$PATH:/opt/x", "HOME": "$HOME", "LIB": "${LD_LIBRARY_PATH}:/x"}"#,
            r#""cmd": "serve", "env": {"PAGE": "<html>", "BREAK": "<br>"}"#,
        ],
        |members| {
            assert!(!found(members), "{members}");
        },
    );
    each_case(
        [
            r#""cmd": "serve", "env": {"A": "$NAME:/x"}"#,
            r#""cmd": "serve", "env": {"A": "<name>"}"#,
            r#""cmd": "serve", "user": "$USER""#,
        ],
        |members| {
            assert!(found(members), "{members}");
        },
    );
}
