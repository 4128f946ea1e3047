//! The page at `/ui`, and the check of a definition that it offers.

use regex::Regex;
use serde_json::{Value as Json, json};

use super::Server;
use super::browser::Browser;
use crate::common::each_case;

const WEB: &str = r#"{"id": "/shop/web", "cmd": "sleep 100", "cpus": 0.1, "mem": 32, "instances": 2}"#;
const OLD: &str = "{\n  \"id\": \"/old\",\n  \"cmd\": \"sleep 1\",\n  \"cpu\": 1,\n  \"uris\": [\"https://example.com/a.tgz\"]\n}\n";

#[test]
fn the_page_is_served_where_it_is_asked_for() {
    let server = Server::start(&["--ui"]);
    each_case(
        [
            ("/ui", "text/html;charset=utf-8"),
            ("/ui/", "text/html;charset=utf-8"),
            ("/ui/page.css", "text/css;charset=utf-8"),
            ("/ui/page.js", "text/javascript;charset=utf-8"),
            ("/ui/check.js", "text/javascript;charset=utf-8"),
        ],
        |(path, kind)| {
            let answer = server.send("GET", path, &[], "");
            assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{path}");
            assert_eq!(
                answer.header("content-security-policy"),
                Some(
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; \
                 base-uri 'none'; form-action 'none'"
                )
            );
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        },
    );
    assert_eq!(server.send("GET", "/ui/other.js", &[], "").status, 404);
    assert_eq!(server.send("POST", "/ui/", &[], "").status, 405);
    // Without it, and without a terminal, it is as on a Marathon whose page was left out.
    let plain = Server::start(&[]);
    assert_eq!(plain.send("GET", "/ui/", &[], "").status, 404);
    assert_eq!(plain.send("GET", "/ui", &[], "").header("location"), Some("/ui/"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the repository's own files")]
fn the_page_knows_every_event_and_sets_text_as_text() {
    let page = include_str!("../../../src/server/ui/page.js");
    let check = include_str!("../../../src/server/ui/check.js");
    let name = Regex::new(
        r#""(\w+_event|deployment_(?:info|step_\w+|success|failed)|group_change_\w+|event_stream_\w+)""#,
    )
    .expect("a pattern");
    let known: Vec<&str> =
        name.captures_iter(page).filter_map(|found| Some(found.get(1)?.as_str())).collect();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src/server");
    let mut open = vec![std::path::PathBuf::from(root)];
    let mut sent = 0;
    while let Some(directory) = open.pop() {
        for entry in
            std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                open.push(entry);
            } else if entry.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&entry).expect("a file");
                for found in name.captures_iter(&text) {
                    sent += 1;
                    assert!(known.contains(&&found[1]), "page.js does not listen to {}", &found[1]);
                }
            }
        }
    }
    assert!(sent > 15, "only {sent} events found");
    each_case(
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"],
        |way| {
            assert!(!page.contains(way) && !check.contains(way), "{way}");
        },
    );
}

fn checked(server: &Server, query: &str, definition: &str) -> Json {
    let answer = server.post(&format!("/milepost/check{query}"), definition);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

/// The rules of the findings, and the lines they begin on.
fn found(said: &Json) -> Vec<(&str, u64)> {
    let findings = said["diagnostics"].as_array().expect("a list").iter();
    let line = |each: &Json| each["range"]["start"]["line"].as_u64().unwrap_or_default();
    findings.map(|each| (each["rule"].as_str().unwrap_or_default(), line(each))).collect()
}

#[test]
fn a_definition_is_checked_for_the_server_itself() {
    let server = Server::start(&["--target", "dcos-2.0"]);
    let said = checked(&server, "", WEB);
    assert_eq!(
        (&said["accepted"], &said["kind"], &said["release"]),
        (&json!(true), &json!("app"), &json!("1.9"))
    );
    assert_eq!((found(&said), &said["answer"]), (vec![], &Json::Null));
    let stored: Json = serde_json::from_str(said["normalized"].as_str().expect("a text")).expect("JSON");
    assert_eq!(
        (&stored["role"], &stored["upgradeStrategy"]["minimumHealthCapacity"]),
        (&json!("shop"), &json!(1))
    );
    assert_eq!((&said["migration"]["steps"], &said["migration"]["diff"]), (&json!([]), &json!("")));
    // Nothing was created.
    assert_eq!(server.get("/v2/apps")["apps"], json!([]));
}

#[test]
fn a_definition_is_checked_for_another_target() {
    let server = Server::start(&["--target", "dcos-2.2"]);
    let said = checked(&server, "?target=dcos-1.10", OLD);
    assert_eq!(found(&said), [("unknown-field", 4), ("old-uris", 5)]);
    assert_eq!(
        (&said["target"], &said["release"], &said["accepted"]),
        (&json!("dcos-1.10"), &json!("1.5"), &json!(true))
    );
    let migration = &said["migration"];
    assert_eq!(migration["steps"][0]["rule"], "old-uris");
    assert_eq!(
        migration["text"],
        OLD.replace(
            r#""uris": ["https://example.com/a.tgz"]"#,
            r#""fetch": [{ "uri": "https://example.com/a.tgz" }]"#
        )
    );
    assert!(
        migration["diff"]
            .as_str()
            .is_some_and(|diff| diff.contains("-  \"uris\"") && diff.contains("+  \"fetch\""))
    );
    let ancient = checked(&server, "?target=marathon-1.4", OLD);
    assert_eq!(
        ancient["migration"]["why"],
        "Marathon 1.4 knows only the old forms: the releases to migrate to are 1.5 to 1.11"
    );
}

#[test]
fn what_is_wrong_is_said_as_marathon_says_it() {
    let server = Server::start(&[]);
    let bad = checked(&server, "", "{\"id\": \"/a\",\n\"cmd\": 5}");
    assert_eq!((&bad["accepted"], &bad["normalized"]), (&json!(false), &Json::Null));
    assert_eq!(found(&bad), [("wrong-type", 2)]);
    let details = json!([{"path": "/cmd", "errors": ["error.expected.jsstring"]}]);
    assert_eq!(
        bad["answer"],
        json!({"status": 422, "body": {"message": "Invalid JSON", "details": details}})
    );
    assert_eq!(server.post("/v2/apps", "{\"id\": \"/a\",\n\"cmd\": 5}").json(), bad["answer"]["body"]);
    let cut = checked(&server, "", "{\"id\": \"/a\",\n\"cmd\":");
    assert_eq!(
        (found(&cut), &cut["accepted"], &cut["answer"]["status"]),
        (vec![("syntax-error", 2)], &json!(false), &json!(400))
    );
    let other = checked(&server, "", "[1, 2]");
    assert_eq!((&other["accepted"], &other["kind"]), (&json!(false), &Json::Null));
    assert!(other["skipped"].as_str().is_some_and(|why| why.starts_with("this is not an app, pod or group")));
}

#[test]
fn the_format_is_what_the_text_looks_like_or_what_is_asked_for() {
    let server = Server::start(&[]);
    let commented = "// why\n{\"id\": \"/a\", /* so */ \"cmd\": \"sleep 1\",}";
    each_case(
        [
            ("", "id: /a\ncmd: sleep 1\n"),
            ("?format=yaml", "{id: /a, cmd: sleep 1}"),
            ("", commented),
            ("?format=jsonc", commented),
        ],
        |(query, text)| {
            let said = checked(&server, query, text);
            assert_eq!((&said["accepted"], &said["kind"]), (&json!(true), &json!("app")), "{said}");
        },
    );
    assert_eq!(checked(&server, "?format=json", commented)["accepted"], json!(false));
    let choices = server.get("/milepost/check");
    assert_eq!(choices["formats"], json!(["json", "jsonc", "yaml"]));
    assert!(choices["targets"].as_array().is_some_and(|all| all.contains(&json!("dcos-2.2"))));
}

#[test]
fn a_check_has_limits() {
    let server = Server::start(&[]);
    let status = |query: &str, body: &str| server.post(&format!("/milepost/check{query}"), body).status;
    assert_eq!(status("?target=dcos-9", WEB), 422);
    assert_eq!(status("?format=xml", WEB), 422);
    assert_eq!(server.put("/milepost/check", WEB).status, 405);
    let large = format!("{{\"id\": \"/a\", \"cmd\": \"{}\"}}", "x".repeat(1024 * 1024));
    let refused = server.post("/milepost/check", &large);
    assert_eq!(
        (refused.status, refused.json()),
        (413, json!({"message": "the definition is larger than 1024 KiB"}))
    );
    // Deeper than any definition: an answer, and a server that goes on.
    let deep =
        format!("{{\"id\": \"/a\", \"cmd\": \"b\", \"x\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(checked(&server, "", &deep)["normalized"], Json::Null);
    let secret = checked(
        &server,
        "?target=dcos-2.2",
        r#"{"id": "/a", "cmd": "b", "uris": ["https://me:letmein1@example.com/a"], "env": {"TOKEN": 5}}"#,
    );
    let said =
        json!([secret["diagnostics"], secret["migration"]["diff"], secret["migration"]["steps"]]).to_string();
    assert!(!said.contains("letmein1"), "{said}");
}

#[test]
fn pages_of_other_origins_change_nothing() {
    let server = Server::start(&["--ui"]);
    let own = format!("Origin: http://{}", server.address);
    let create = |origin: &str| {
        server.send("POST", "/v2/apps", &["Content-Type: application/json", origin], WEB).status
    };
    assert_eq!(create("Origin: http://evil.example"), 403);
    assert_eq!(create("Origin: null"), 403);
    assert_eq!(server.get("/v2/apps")["apps"], json!([]));
    // What needs no body needs no question of the browser before it.
    for (method, path) in
        [("POST", "/milepost/restart?memory=false"), ("DELETE", "/v2/leader"), ("PUT", "/v2/groups")]
    {
        let refused = server.send(method, path, &["Origin: http://evil.example"], "");
        assert_eq!(refused.status, 403, "{path}");
        assert_eq!(
            refused.json(),
            json!({"message": "a page of http://evil.example cannot change what is on this server: only its own page can"})
        );
    }
    // Reading is answered, as Marathon does; without a header that lets the page see it.
    let read = server.send("GET", "/v2/apps", &["Origin: http://evil.example"], "");
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, None));
    assert_eq!(create(&own), 201);
}

#[test]
fn a_name_that_leads_here_reads_nothing() {
    let server = Server::start(&["--ui", "--allow-host", "ci.example"]);
    let port = server.address.rsplit_once(':').expect("a port").1;
    let status = |name: &str, method: &str, path: &str| {
        server.send_to(&format!("{name}:{port}"), method, path, &[], "").status
    };
    for (method, path) in
        [("GET", "/v2/apps"), ("GET", "/ui/"), ("GET", "/v2/events"), ("DELETE", "/v2/leader")]
    {
        assert_eq!(status("evil.example", method, path), 403, "{method} {path}");
    }
    let refused = server.send_to("evil.example", "GET", "/v2/apps", &[], "");
    let said =
        "this server is not evil.example: call it by an address or localhost, or start it with --allow-host";
    assert_eq!(refused.json(), json!({ "message": said }));
    each_case(["localhost", "127.0.0.1", "ci.example", "marathon.localhost"], |name| {
        assert_eq!(status(name, "GET", "/v2/apps"), 200, "{name}");
    });
    // Other machines have names of their own for a server that they reach.
    let open = Server::start(&["--host", "0.0.0.0"]);
    assert_eq!(open.send_to("marathon:8080", "GET", "/v2/apps", &[], "").status, 200);
}

/// The address of the page with its box filled.
fn filled(server: &Server, target: &str, definition: &str) -> String {
    let encoded = definition.bytes().fold(String::new(), |all, byte| format!("{all}%{byte:02X}"));
    format!("http://{}/ui/#target={target}&definition={encoded}", server.address)
}

#[test]
fn a_browser_shows_what_runs_and_what_comes() {
    let Some(mut browser) = Browser::start(1300, 900) else { return };
    let server = Server::start(&["--ui"]);
    server.post("/v2/apps", WEB);
    server.settled();
    browser.open(&format!("http://{}/ui/", server.address));
    browser.until(
        "document.querySelector('[data-id=\"/shop/web\"] td:nth-of-type(2)')?.textContent ?? null",
        &json!("2 of 2"),
    );
    browser.until("document.getElementById('connection').textContent", &json!("Connected"));
    // What is created now appears by its events, its text as text.
    let odd = r#"{"id": "/shop/big", "cmd": "sleep 1", "cpus": 100000, "mem": 32, "labels": {"a": "<b>"}}"#;
    let deployment = server.post("/v2/apps", odd).deployment();
    let row = "document.querySelector('[data-id=\"/shop/big\"]')?.textContent ?? ''";
    browser.until(&format!("({row}).includes('in a deployment')"), &json!(true));
    browser.until(
        &format!("document.getElementById('deployments').textContent.includes('{deployment}')"),
        &json!(true),
    );
    browser.until(
        "document.getElementById('queue').textContent.includes('insufficient cpus: 4 of 4')",
        &json!(true),
    );
    browser.until("document.getElementById('events').textContent.includes('deployment_info')", &json!(true));
    server.delete(&format!("/v2/deployments/{deployment}"));
    browser.until("document.querySelector('[data-id=\"/shop/big\"]')", &Json::Null);
    assert_eq!(browser.errors(), [""; 0]);
}

#[test]
fn on_a_phone_all_columns_are_seen() {
    let Some(mut browser) = Browser::start(390, 800) else { return };
    let server = Server::start(&["--ui"]);
    let big =
        r#"{"id": "/shop/a-service-with-a-rather-long-name", "cmd": "sleep 1", "cpus": 100000, "mem": 32}"#;
    server.post("/v2/apps", big);
    server.post("/v2/apps", r#"{"id": "/shop/bad", "cmd": "exit 3", "cpus": 0.1, "mem": 32}"#);
    browser.open(&format!("http://{}/ui/", server.address));
    let cells = |table: &str, column: &str| {
        format!("[...document.querySelectorAll('#{table} td[data-column=\"{column}\"]')]")
    };
    let says = |table: &str, column: &str, words: &str| {
        format!("{}.some((each) => each.textContent.includes('{words}'))", cells(table, column))
    };
    each_case(
        [
            ("services", "State", "in a deployment"),
            ("services", "State", "last failure: "),
            ("deployments", "Now", "scale /shop/a-service-with-a-rather-long-name"),
            ("queue", "Last offers refused for", "insufficient cpus: 4 of 4"),
        ],
        |(table, column, words)| browser.until(&says(table, column, words), &json!(true)),
    );
    each_case(["services", "deployments", "queue"], |table| {
        let sideways = format!(
            "(({{scrollWidth, clientWidth}}) => scrollWidth - clientWidth)(document.getElementById('{table}').parentElement)"
        );
        assert_eq!(browser.value(&sideways), json!(0), "{table}");
        let outside = format!(
            "[...document.querySelectorAll('#{table} td')].filter((each) => each.getBoundingClientRect().right > 390).length"
        );
        assert_eq!(browser.value(&outside), json!(0), "{table}");
    });
    // Each line says what it is.
    let named =
        format!("getComputedStyle({}[0], '::before').content.includes('State')", cells("services", "State"));
    assert_eq!(browser.value(&named), json!(true));
    assert_eq!(browser.value("document.documentElement.scrollWidth"), json!(390));
    assert_eq!(browser.errors(), [""; 0]);
}

#[test]
fn a_browser_shows_the_findings_of_a_pasted_definition() {
    let Some(mut browser) = Browser::start(390, 800) else { return };
    let server = Server::start(&["--ui"]);
    browser.open(&filled(&server, "dcos-2.1", OLD));
    let rules = "[...document.querySelectorAll('#result [data-rule]')].map((each) => [each.dataset.rule, each.dataset.line])";
    browser.until(rules, &json!([["unknown-field", "4"], ["old-uris", "5"]]));
    let verdict = browser.value("document.getElementById('verdict').textContent");
    assert_eq!(verdict, "dcos-2.1 (Marathon 1.10) accepts this app: 1 error, 1 warning");
    let changes = browser.value("document.querySelector('#diff .added').textContent");
    assert_eq!(changes, "+  \"fetch\": [{ \"uri\": \"https://example.com/a.tgz\" }]");
    assert_eq!(
        browser.value("document.getElementById('normalized').textContent.includes('\"cpus\": 1')"),
        json!(true)
    );
    // On a phone nothing is wider than the screen, and a column is all there is.
    assert_eq!(browser.value("document.documentElement.scrollWidth"), json!(390));
    assert_eq!(
        browser
            .value("getComputedStyle(document.querySelector('main')).gridTemplateColumns.split(' ').length"),
        json!(1)
    );
    // With the keyboard: from a finding to its line, and a check by Enter on the button.
    browser.value("document.querySelector('#result button.line').focus()");
    browser.press("Enter", 13);
    let selected = "(({value, selectionStart, selectionEnd}) => value.slice(selectionStart, selectionEnd))(document.getElementById('definition'))";
    browser.until(selected, &json!("  \"cpu\": 1,"));
    browser.value("document.getElementById('definition').value = '<img src=x onerror=alert(1)>: 1'");
    browser.value("document.querySelector('#check-form button').focus()");
    browser.press("Enter", 13);
    browser.until(
        "document.getElementById('verdict').textContent.includes('does not accept this text')",
        &json!(true),
    );
    assert_eq!(browser.value("document.images.length"), json!(0));
    // What the page needs for those who do not see it.
    let unnamed = "[...document.querySelectorAll('input, select, textarea')].filter((each) => each.labels.length === 0).length";
    assert_eq!(browser.value(unnamed), json!(0));
    let uncaptioned = "[...document.querySelectorAll('table')].filter((each) => !each.caption).length";
    assert_eq!(browser.value(uncaptioned), json!(0));
    assert_eq!(browser.errors(), [""; 0]);
}
