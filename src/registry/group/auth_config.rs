//! The configuration of docker_auth.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::registry::app::version::RegistryVersion;

use super::members::{SCANNER, ScannerMember};
use super::{TokenServer, in_container};

/// The text of `auth_config.yml`. Its rules are those of docker_auth's own example: the first user may do everything, and
/// everybody what lies below a name of his own.
pub(super) fn text(
    server: &TokenServer,
    port: u16,
    version: RegistryVersion,
    scanner: Option<&ScannerMember>,
) -> String {
    let quoted = |text: &str| Json::from(text).to_string();
    let [certificate, key] = in_container().map(|path| quoted(&path));
    let (issuer, admin, hash) = (quoted(&server.issuer), quoted(&server.admin), quoted(&server.hash));
    let expiration = server.expiration;
    let mut text = format!(
        "# The token server of a registry (docker_auth).\n\
         server:\n  addr: \":{port}\"\n  certificate: {certificate}\n  key: {key}\n\n\
         token:\n  # The same as REGISTRY_AUTH_TOKEN_ISSUER of the registry.\n  issuer: {issuer}\n  \
         # How long a token is valid, in seconds.\n  expiration: {expiration}\n"
    );
    if version == RegistryVersion::Three {
        text += "  # Registry 3 knows keys by another id than registry 2.\n  disable_legacy_key_id: true\n";
    }
    let _ = write!(
        text,
        "\n# Add users with `milepost registry user add NAME auth_config.yml`; passwords are bcrypt hashes.\n\
         users:\n  {admin}:\n    password: {hash}\n"
    );
    if let Some(scanner) = scanner {
        let _ = writeln!(text, "  {SCANNER}:\n    password: {}", quoted(&scanner.hash));
    }
    let _ = write!(
        text,
        "\n# The first entry that matches counts, and what none matches is refused.\n\
         acl:\n  - match: {{account: {admin}}}\n    actions: [\"*\"]\n    comment: \"everything\"\n"
    );
    if scanner.is_some() {
        let _ = writeln!(text, "  - match: {{account: {SCANNER}}}\n    actions: [\"pull\"]");
    }
    text += "  - match: {account: \"/.+/\", name: \"${account}/*\"}\n    actions: [\"*\"]\n    \
             comment: \"everybody's own repositories\"\n  \
             # Who only pulls, such as the agents of a cluster:\n  \
             # - match: {account: \"agents\"}\n  #   actions: [\"pull\"]\n";
    text
}
