//! A real registry: Debian's package docker-registry.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::common::{TestDir, free_port, has_program};

/// foo:letmein-please, in bcrypt, which is all that the registry takes.
pub(crate) const HTPASSWD: &str = "foo:$2b$04$V2GXQkHWt3crFhfthGQ1FO043lls8gG5jH4Zw5UmA.EvdUC.AT70.\n";

/// With `domain.crt`, `domain.key` and `htpasswd` of the test directory.
pub(crate) const TLS_AND_HTPASSWD: &str = "  tls:\n    certificate: [DIR]/domain.crt\n    key: [DIR]/domain.key\n\
     auth:\n  htpasswd:\n    realm: r\n    path: [DIR]/htpasswd\n";

/// Whether Debian's registry is here.
pub(crate) fn is_there() -> bool {
    has_program("docker-registry", "--version", "Debian: apt-get install docker-registry")
}

/// A program that is installed beside the tests, or one in the path.
pub(crate) fn tool(name: &str) -> PathBuf {
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools").join(name);
    if beside.exists() { beside } else { PathBuf::from(name) }
}

/// Waits until a child listens at this address.
pub(crate) fn wait_for(child: &mut Child, address: (&str, u16)) {
    while TcpStream::connect(address).is_err() {
        let ended = child.try_wait().expect("its state is known");
        assert!(ended.is_none(), "the server ended before it listened: {ended:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A running registry, ended with the test.
pub(crate) struct Registry {
    child: Child,
    pub(crate) port: u16,
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Registry {
    /// Starts one that keeps images in the test directory; nothing where the package is not installed. `more` follows the
    /// settings of its address; `[DIR]` is the directory.
    pub(crate) fn start(test: &TestDir, more: &str) -> Option<Self> {
        Self::start_with(test, "images", more)
    }

    /// The same, with the images in this directory below the test's.
    pub(crate) fn start_with(test: &TestDir, images: &str, more: &str) -> Option<Self> {
        Self::start_at(free_port(), test, images, more)
    }

    /// The same, at this port.
    pub(crate) fn start_at(port: u16, test: &TestDir, images: &str, more: &str) -> Option<Self> {
        Self::launch(test, images, port, more, &BTreeMap::new())
    }

    /// The same, with so many bytes for images, as `tmpfs` takes the number.
    pub(crate) fn start_with_space(test: &TestDir, space: &str) -> Option<Self> {
        if !is_there() {
            return None;
        }
        std::fs::create_dir(test.path().join("images")).expect("made");
        let script =
            format!("mount -t tmpfs -o size={space} tmpfs images && exec docker-registry serve images.yml");
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", &script]);
        Some(Self::launch_as(command, test, "images", free_port(), "", &BTreeMap::new()))
    }

    /// Registry 3, at this port, which its environment sets up.
    pub(crate) fn start_third(
        test: &TestDir,
        port: u16,
        environment: &BTreeMap<String, String>,
    ) -> Option<Self> {
        let program = tool("registry");
        let module = "github.com/distribution/distribution/v3/cmd/registry@v3.0.0";
        if !has_program(&program, "--version", &format!("go install {module}")) {
            return None;
        }
        let mut command = Command::new(program);
        command.args(["serve", "images.yml"]);
        Some(Self::launch_as(command, test, "images", port, "", environment))
    }

    /// One at this port that its environment sets up.
    pub(crate) fn start_with_environment(
        test: &TestDir,
        port: u16,
        environment: &BTreeMap<String, String>,
    ) -> Option<Self> {
        Self::start_with_images(test, port, "images", environment)
    }

    /// The same, with the images in this directory below the test's.
    pub(crate) fn start_with_images(
        test: &TestDir,
        port: u16,
        images: &str,
        environment: &BTreeMap<String, String>,
    ) -> Option<Self> {
        Self::launch(test, images, port, "", environment)
    }

    fn launch(
        test: &TestDir,
        images: &str,
        port: u16,
        more: &str,
        environment: &BTreeMap<String, String>,
    ) -> Option<Self> {
        if !is_there() {
            return None;
        }
        let mut command = Command::new("docker-registry");
        command.args(["serve", &format!("{images}.yml")]);
        Some(Self::launch_as(command, test, images, port, more, environment))
    }

    fn launch_as(
        mut command: Command,
        test: &TestDir,
        images: &str,
        port: u16,
        more: &str,
        environment: &BTreeMap<String, String>,
    ) -> Self {
        let child = spawn(&mut command, test, (images, port), more, environment);
        let mut registry = Self { child, port };
        wait_for(&mut registry.child, ("127.0.0.1", port));
        registry
    }
}

/// Whether one runs that its environment sets up, or ends before it listens; nothing where the package is not installed.
pub(crate) fn starts_with(test: &TestDir, environment: &BTreeMap<String, String>) -> Option<bool> {
    if !is_there() {
        return None;
    }
    let mut registry = spawned(test, environment);
    loop {
        if registry.child.try_wait().expect("its state is known").is_some() {
            return Some(false);
        }
        if TcpStream::connect(("127.0.0.1", registry.port)).is_ok() {
            return Some(true);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits for the end of one that its environment sets up, whether or not it listened before.
pub(crate) fn expect_end_with(test: &TestDir, environment: &BTreeMap<String, String>) {
    let status = spawned(test, environment).child.wait().expect("its end is known");
    assert!(!status.success(), "{environment:?}: {status}");
}

fn spawned(test: &TestDir, environment: &BTreeMap<String, String>) -> Registry {
    let port = free_port();
    let mut command = Command::new("docker-registry");
    command.args(["serve", "images.yml"]);
    Registry { child: spawn(&mut command, test, ("images", port), "", environment), port }
}

/// Starts one at a port, with the images below the test directory.
fn spawn(
    command: &mut Command,
    test: &TestDir,
    (images, port): (&str, u16),
    more: &str,
    environment: &BTreeMap<String, String>,
) -> Child {
    let directory = test.path().to_str().expect("UTF-8");
    let more = more.replace("[DIR]", directory);
    let config = format!(
        "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {directory}/{images}\n  delete:\n    enabled: true\n\
             http:\n  addr: 127.0.0.1:{port}\n{more}"
    );
    std::fs::write(test.path().join(format!("{images}.yml")), config).expect("written");
    command.current_dir(test.path()).envs(environment);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs")
}
