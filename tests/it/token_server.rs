//! The token server of a registry: distribution's own, by its public module.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};

use serde_json::Value as Json;

use crate::common::{TestDir, has_program};
use crate::docker_registry::{tool, wait_for};
use crate::openssl;

/// The token server, ended with the test.
pub(crate) struct TokenServer(Child);

impl Drop for TokenServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether the token server is here.
pub(crate) fn is_there() -> bool {
    let module = "github.com/docker/distribution/contrib/token-server@v2.8.3+incompatible";
    has_program(tool("token-server"), "-h", &format!("go install {module}"))
}

impl TokenServer {
    /// Starts it with the certificate of the group in `directory`, and the users in `htpasswd`.
    pub(crate) fn start(test: &TestDir, directory: &str, port: u16, issuer: &str) -> Self {
        let [certificate, key] = ["crt", "key"].map(|end| format!("{directory}/certs/domain.{end}"));
        openssl::say(test.path(), &["rsa", "-traditional", "-in", &key, "-out", "signing.key"]);
        let address = format!("localhost:{port}");
        let mut command = Command::new(tool("token-server"));
        command.args(["-issuer", issuer, "-addr", &address, "-passwd", "htpasswd", "-realm", "auth"]);
        command.args(["-tlscert", &certificate, "-tlskey", &key, "-key", "signing.key"]);
        command.current_dir(test.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut server = Self(command.spawn().expect("it runs"));
        wait_for(&mut server.0, ("localhost", port));
        server
    }
}

/// The environment of an app of a registry, its files those below `directory` in place of those below `/etc/privateregistry`.
pub(crate) fn environment(test: &TestDir, directory: &str, app: &Json) -> BTreeMap<String, String> {
    let directory = test.path().join(directory);
    let directory = directory.to_str().expect("UTF-8");
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    let volumes = app["container"]["volumes"].as_array().into_iter().flatten();
    let volumes: Vec<(String, String)> =
        volumes.map(|volume| (text(&volume["containerPath"]), text(&volume["hostPath"]))).collect();
    let env = app["env"].as_object();
    env.into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = text(value);
            let mount = volumes.iter().find_map(|(inside, outside)| {
                let rest = value.strip_prefix(inside.as_str())?;
                Some(format!("{outside}{rest}").replace("/etc/privateregistry", directory))
            });
            (name.clone(), mount.unwrap_or(value))
        })
        .collect()
}
