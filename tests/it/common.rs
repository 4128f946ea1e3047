//! Running the program as a user would, in a directory of its own, with an environment that holds no surprises.

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Output, Stdio};

use assert_cmd::Command;
use tempfile::TempDir;

/// How long a condition is waited for that has to come. No test is right because of it: it only ends one that hangs.
#[cfg(any(feature = "net", feature = "serve"))]
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_mins(5);

/// A scratch directory and the program to run in it.
pub(crate) struct TestDir {
    directory: TempDir,
}

impl TestDir {
    /// An empty directory.
    pub(crate) fn new() -> Self {
        Self { directory: TempDir::new().expect("a scratch directory") }
    }

    /// Puts a file there, directories included.
    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a parent")).expect("directories made");
        std::fs::write(path, content).expect("file written");
        self
    }

    /// Puts one of the repository's fixtures there, under its own file name.
    pub(crate) fn fixture(self, fixture: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
        let name = path.file_name().expect("a fixture is a file").to_str().expect("UTF-8").to_owned();
        let content = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self.file(&name, content)
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A file's content.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.directory.path().join(name)).expect("the file is there")
    }

    /// The permission bits of a file.
    pub(crate) fn mode(&self, name: &str) -> u32 {
        std::fs::metadata(self.directory.path().join(name)).expect("it is there").permissions().mode()
            & 0o7777
    }

    /// Gives a file these permission bits.
    pub(crate) fn with_mode(self, name: &str, mode: u32) -> Self {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.directory.path().join(name), permissions).expect("mode set");
        self
    }

    /// The program, ready to run with these arguments.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_milepost"));
        command.args(args).current_dir(self.directory.path()).env_clear().env("NO_COLOR", "1");
        command
    }

    /// Runs the program and describes what came out, for a snapshot.
    pub(crate) fn run(&self, args: &[&str]) -> String {
        self.describe(&self.command(args).output().expect("the program runs"))
    }

    /// Runs the program on this standard input.
    pub(crate) fn run_with_stdin(&self, args: &[&str], stdin: &str) -> String {
        let output = self.command(args).write_stdin(stdin).output().expect("the program runs");
        self.describe(&output)
    }

    /// Describes what came out, for a snapshot.
    pub(crate) fn describe(&self, output: &Output) -> String {
        let text = |bytes: &[u8]| {
            let directory = self.directory.path().to_str().expect("UTF-8");
            String::from_utf8_lossy(bytes).replace(directory, "[DIR]")
        };
        format!(
            "exit: {}\n----- stdout -----\n{}----- stderr -----\n{}",
            output.status.code().map_or("killed".to_owned(), |code| code.to_string()),
            text(&output.stdout),
            text(&output.stderr)
        )
    }
}

/// Whether a program is here: it ends well with this argument. Where it is not, that is said past the test's captured output,
/// with what brings the program.
pub(crate) fn has_program(program: impl AsRef<OsStr>, argument: &str, brought_by: &str) -> bool {
    let program = program.as_ref();
    let mut command = std::process::Command::new(program);
    command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let is_there = command.status().is_ok_and(|status| status.success());
    if !is_there {
        say_skipped(&format!("there is no {}", program.to_string_lossy()), brought_by);
    }
    is_there
}

/// Whether a process can have mounts of its own here (`unshare -rm`).
#[cfg(any(feature = "net", feature = "serve"))]
pub(crate) fn has_own_mounts() -> bool {
    let mounts = ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"];
    let mounted = std::process::Command::new("unshare").args(mounts).output();
    let is_there = mounted.is_ok_and(|output| output.status.success());
    if !is_there {
        say_skipped("no mounts of its own can be had", "unshare -rm");
    }
    is_there
}

/// Says past the test's captured output that a test is left out.
fn say_skipped(why: &str, brought_by: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let said = format!("\nSKIPPED, at least in part: {test}: {why} here ({brought_by})\n");
    let _ = std::io::stderr().write_all(said.as_bytes());
}

/// Whether `script` of util-linux is here, which runs a command on a terminal.
pub(crate) fn has_script() -> bool {
    has_program("script", "--version", "Debian: apt-get install util-linux")
}

/// Whether skopeo is here.
#[cfg(feature = "net")]
pub(crate) fn has_skopeo() -> bool {
    has_program("skopeo", "--version", "Debian: apt-get install skopeo")
}

/// A port that is free at the moment.
#[cfg(any(feature = "cert", feature = "net", feature = "serve"))]
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Sends a signal to a child.
#[cfg(any(feature = "net", feature = "serve"))]
pub(crate) fn signal(child: &std::process::Child, name: &str) {
    let sent = std::process::Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

/// Whether an output has an error about a place of a file, laid out as findings are: `a.json:2:9: what is wrong` is in two lines.
pub(crate) fn says_fault(output: &str, fault: &str) -> bool {
    let Some((place, message)) = fault.split_once(": ") else { return false };
    let is_place = |line: &str| line.trim_start().starts_with("--> ") && line.ends_with(place);
    output.contains(&format!("error: {message}")) && output.lines().any(is_place)
}

/// Checks every case of a table, and fails once at the end: a run shows all cases that are wrong, not only the first.
///
/// # Panics
///
/// When `check` panics for a case, or when there is no case.
pub(crate) fn each_case<C>(cases: impl IntoIterator<Item = C>, mut check: impl FnMut(C)) {
    let (mut all, mut failed) = (0, 0);
    for case in cases {
        all += 1;
        failed += usize::from(catch_unwind(AssertUnwindSafe(|| check(case))).is_err());
    }
    assert!(all > 0, "the table has no cases");
    assert!(failed == 0, "{failed} of {all} cases fail; each is shown above");
}
