//! Credential helpers with children of their own.

use super::import::{import, test_dir};
use crate::common::TestDir;

/// A child that the helper leaves behind may keep its output open for ever.
#[test]
fn the_answer_of_a_helper_that_leaves_a_child_behind_counts() {
    let test = test_dir(r#"{"credHelpers": {"quay.io": "fake"}}"#);
    let child = Child::in_file(&test, "child");
    let helper = format!(
        "#!/bin/sh\nsleep 300 &\necho $! > {}\necho '{{\"Username\": \"a\", \"Secret\": \"b\"}}'\n",
        child.file.display()
    );
    std::fs::write(test.path().join("bin/docker-credential-fake"), helper).expect("written");
    let said = import(&test, &[]);
    assert!(said.starts_with("exit: 0\n") && said.contains("YTpi"), "{said}");
    // It may be an agent with the keys, which others use, too.
    assert!(child.runs(), "{said}");
}

#[test]
fn the_children_of_a_helper_that_hangs_are_ended() {
    let test = test_dir(r#"{"credHelpers": {"quay.io": "fake"}}"#);
    let child = Child::in_file(&test, "child");
    let helper = format!("#!/bin/sh\nsleep 300 &\necho $! > {}\nsleep 300\n", child.file.display());
    std::fs::write(test.path().join("bin/docker-credential-fake"), helper).expect("written");
    let said = import(&test, &["--helper-timeout", "1"]);
    assert!(said.starts_with("exit: 2\n") && said.contains("did not answer within 1 s"), "{said}");
    assert!(child.ends(), "{said}");
}

#[test]
fn a_signal_that_ends_an_import_ends_its_helper() {
    let test = test_dir(r#"{"credHelpers": {"quay.io": "fake"}}"#);
    let child = Child::in_file(&test, "child");
    let helper = format!("#!/bin/sh\necho $$ > {}\nexec sleep 300\n", child.file.display());
    std::fs::write(test.path().join("bin/docker-credential-fake"), helper).expect("written");
    let mut import = std::process::Command::new(env!("CARGO_BIN_EXE_milepost"))
        .args(["creds", "import", "-o", "-"])
        .env("HOME", test.path())
        .env("PATH", format!("{}:/usr/bin:/bin", test.path().join("bin").display()))
        .env_remove("DOCKER_CONFIG")
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the program runs");
    child.wait_for_start();
    kill("-TERM", &import.id().to_string());
    import.wait().expect("it ends");
    assert!(child.ends());
}

/// A process that writes its number into a file, and is ended with the test.
struct Child {
    file: std::path::PathBuf,
}

impl Child {
    fn in_file(test: &TestDir, name: &str) -> Self {
        Self { file: test.path().join(name) }
    }

    fn number(&self) -> Option<i32> {
        std::fs::read_to_string(&self.file).ok()?.trim().parse().ok()
    }

    fn wait_for_start(&self) {
        while self.number().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Whether it ends, long before it would by itself.
    fn ends(&self) -> bool {
        (0..6_000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            !self.runs()
        })
    }

    /// Whether it still runs. One that nobody has waited for does not.
    fn runs(&self) -> bool {
        let number = self.number().expect("it was started");
        let state = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        let state = state.rsplit(") ").next().and_then(|rest| rest.chars().next());
        state.is_some_and(|state| !matches!(state, 'Z' | 'X'))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Some(number) = self.number().filter(|_| self.runs()) {
            kill("-9", &number.to_string());
        }
    }
}

fn kill(signal: &str, process: &str) {
    let sent = std::process::Command::new("kill").args([signal, process]).status();
    assert!(sent.expect("kill runs").success(), "{signal} {process}");
}
