//! A real registry: Debian's package docker-registry.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::common::{TestDir, free_port};

/// foo:letmein-please, in bcrypt, which is all that the registry takes.
pub(crate) const HTPASSWD: &str = "foo:$2b$04$V2GXQkHWt3crFhfthGQ1FO043lls8gG5jH4Zw5UmA.EvdUC.AT70.\n";

/// With `domain.crt`, `domain.key` and `htpasswd` of the test directory.
pub(crate) const TLS_AND_HTPASSWD: &str = "  tls:\n    certificate: [DIR]/domain.crt\n    key: [DIR]/domain.key\n\
     auth:\n  htpasswd:\n    realm: r\n    path: [DIR]/htpasswd\n";

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

    /// One at this port that its environment sets up.
    pub(crate) fn start_with_environment(
        test: &TestDir,
        port: u16,
        environment: &BTreeMap<String, String>,
    ) -> Option<Self> {
        Self::launch(test, "images", port, "", environment)
    }

    #[expect(clippy::print_stderr, reason = "a test that is left out says so")]
    fn launch(
        test: &TestDir,
        images: &str,
        port: u16,
        more: &str,
        environment: &BTreeMap<String, String>,
    ) -> Option<Self> {
        let directory = test.path().to_str().expect("UTF-8");
        let more = more.replace("[DIR]", directory);
        let config = format!(
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {directory}/{images}\n  delete:\n    enabled: true\n\
             http:\n  addr: 127.0.0.1:{port}\n{more}"
        );
        let name = format!("{images}.yml");
        std::fs::write(test.path().join(&name), config).expect("written");
        let mut command = Command::new("docker-registry");
        command.args(["serve", &name]).current_dir(test.path()).envs(environment);
        let Ok(child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
            eprintln!("SKIPPED: there is no docker-registry here (Debian: apt-get install docker-registry)");
            return None;
        };
        let mut registry = Self { child, port };
        wait_for(&mut registry.child, ("127.0.0.1", port));
        Some(registry)
    }
}
