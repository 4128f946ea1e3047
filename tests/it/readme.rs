//! The commands in the README, and then those in the page about registries, run as written, in their order.

use std::path::Path;
use std::process::Command;

use super::common::{TestDir, each_case};
use super::serve::Server;

/// The shell blocks of a page.
fn blocks(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).expect("readable");
    let parts = text.split("```").skip(1).step_by(2);
    parts.filter_map(|block| block.strip_prefix("sh\n")).map(str::to_owned).collect()
}

#[test]
fn its_commands_run() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Path::new(env!("CARGO_BIN_EXE_milepost"));
    let test = TestDir::new();
    std::os::unix::fs::symlink(repository.join("fixtures"), test.path().join("fixtures")).expect("linked");
    let server = Server::start(&["--checks", "pass"]);
    let path = format!("{}:{}", program.parent().expect("a directory").display(), env!("PATH"));
    let mut count = 0;
    each_case([blocks("README.md"), blocks("docs/registry.md")].concat(), |block| {
        // The tests cannot run themselves; the build is the one under test; the server listens elsewhere.
        if block == "cargo test\n" {
            return;
        }
        let script = block
            .replace("cargo run --release -- ", "milepost ")
            .replace("http://localhost:8080", &format!("http://{}", server.address));
        // Every command has to succeed; for `lint` that means that nothing was found wrong.
        let output = Command::new("bash")
            .args(["-euc", &script])
            .current_dir(test.path())
            .env("PATH", &path)
            .env("PASSWORD", "letmein-please")
            .env_remove("MARATHON_URL")
            .output()
            .expect("bash runs");
        assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
        count += 1;
    });
    assert!(count >= 7, "only {count} blocks were run");
    assert!(test.read("registry.json").contains("registry"), "the main job writes a definition");
}

#[test]
fn its_first_commands_are_the_set_up_and_the_tests_that_ci_runs() {
    let blocks = blocks("README.md");
    assert!(blocks[0].starts_with("cargo run --release -- registry app "), "{}", blocks[0]);
    assert_eq!(blocks[1], "cargo test\n");
    let ci =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run")).expect("readable");
    assert!(ci.lines().any(|line| line == blocks[1].trim_end()), "CI runs the README's own test command");
}
