//! Chromium without a window, driven over its `DevTools` pipe: messages in JSON, a zero byte after each.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// A browser with one page, which ends with this value.
pub(super) struct Browser {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    session: Option<String>,
    last: u64,
    /// What came that was no answer.
    events: Vec<Json>,
    _profile: TempDir,
}

const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

impl Browser {
    /// Starts one with an empty page of this size; nothing, and a loud word about it, where there is none.
    #[expect(clippy::print_stderr, reason = "a test that is left out says so")]
    pub(super) fn start(width: u32, height: u32) -> Option<Self> {
        let is_there = |name: &&&str| {
            let asked =
                Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            asked.is_ok_and(|status| status.success())
        };
        let Some(name) = NAMES.iter().find(is_there) else {
            eprintln!("SKIPPED: there is no chromium here (Debian: apt-get install chromium)");
            return None;
        };
        let profile = TempDir::new().expect("a scratch directory");
        // The pipe is file descriptors 3 and 4.
        let script = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;
        let mut child = Command::new("sh")
            .args(["-c", script, name, "--headless=new", "--no-sandbox", "--disable-gpu"])
            .args(["--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let mut browser =
            Self { child, input, output, session: None, last: 0, events: Vec::new(), _profile: profile };
        let page = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let page =
            browser.call("Target.attachToTarget", json!({"targetId": page["targetId"], "flatten": true}));
        browser.session = page["sessionId"].as_str().map(str::to_owned);
        for domain in ["Runtime", "Log", "Page"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        browser.call("Emulation.setDeviceMetricsOverride", size);
        Some(browser)
    }

    fn call(&mut self, method: &str, parameters: impl Into<Json>) -> Json {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters.into()});
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.input.write_all(format!("{message}\0").as_bytes()).expect("a browser that listens");
        loop {
            let mut bytes = Vec::new();
            self.output.read_until(0, &mut bytes).expect("a browser that answers");
            assert!(bytes.pop().is_some(), "the browser ended: {method}");
            let mut message: Json = serde_json::from_slice(&bytes).expect("JSON");
            if message["id"] == self.last {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    /// Opens an address.
    pub(super) fn open(&mut self, address: &str) {
        self.call("Page.navigate", json!({"url": address}));
    }

    /// The value of an expression in the page.
    pub(super) fn value(&mut self, expression: &str) -> Json {
        let wanted = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let found = self.call("Runtime.evaluate", wanted);
        assert!(found.get("exceptionDetails").is_none(), "{expression}: {found}");
        found["result"]["value"].clone()
    }

    /// Waits until an expression in the page has this value.
    pub(super) fn until(&mut self, expression: &str, expected: &Json) {
        let end = Instant::now() + Duration::from_mins(2);
        loop {
            let now = self.value(expression);
            if now == *expected {
                return;
            }
            let is_late = Instant::now() >= end;
            assert!(!is_late, "{expression} stays {now}, not {expected}: {:?}", self.errors());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses a key.
    pub(super) fn press(&mut self, key: &str, code: u32) {
        for kind in ["keyDown", "keyUp"] {
            let text = if key == "Enter" { "\r" } else { "" };
            let stroke =
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
            self.call("Input.dispatchKeyEvent", stroke);
        }
    }

    /// What the console shows as an error, and what scripts threw.
    pub(super) fn errors(&mut self) -> Vec<String> {
        self.value("0");
        let is_error = |event: &&Json| match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Runtime.consoleAPICalled") => event["params"]["type"] == "error",
            Some("Log.entryAdded") => event["params"]["entry"]["level"] == "error",
            _ => false,
        };
        self.events.iter().filter(is_error).map(Json::to_string).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
