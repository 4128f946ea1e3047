//! Which token server may have a password: the one place that says so, for every command.

use reqwest::Url;

use crate::credential::Login;
use crate::http::{is_loopback, shown};

use super::{Stop, is_safe};

/// Whether the token server that a registry names may be asked, with these credentials: on a way where nobody reads along, and
/// only where it is of the registry's own domain, or is allowed to have them. For a registry on this machine, and for no other
/// one, that is any token server on this machine.
pub(super) fn may_ask(registry: &Url, realm: &Url, login: Option<&Login>) -> Result<(), Stop> {
    let is_local = is_loopback(realm) && is_loopback(registry);
    let (from, to) = (shown(registry), shown(realm));
    if !is_local && !is_safe(registry, realm) {
        return Err(Stop::Odd(format!(
            "{from} wants the password sent to {to}, where it could be read on the way"
        )));
    }
    let place = (realm.host_str().unwrap_or_default(), realm.port_or_known_default().unwrap_or_default());
    let name = registry.host_str().unwrap_or_default();
    if login.is_some_and(|login| !is_local && !login.is_for(name, place)) {
        return Err(Stop::Foreign(format!(
            "{from} wants the password sent to {to}, which is not of its domain: --token-server {} allows it",
            place.0
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_stays_with_its_registry() {
        let login = Login::new("a", "x".into()).expect("fine");
        let allowed = login.clone().also_for(&["tokens.example.org".to_owned()]);
        let hub = "https://registry-1.docker.io/v2/";
        for (registry, realm, by_itself, if_allowed) in [
            (hub, "https://auth.docker.io/token", true, true),
            (hub, "https://tokens.example.org/token", false, true),
            (hub, "http://auth.docker.io/token", false, false),
            (hub, "http://127.0.0.1:5999/token", false, false),
            (hub, "https://localhost/token", false, false),
            ("https://localhost:5000/v2/", "https://tokens.example.org/token", false, true),
            ("https://localhost:5000/v2/", "http://tokens.example.org/token", false, false),
            ("http://localhost:5000/v2/", "http://127.0.0.1:5999/token", true, true),
        ] {
            let [from, to] = [registry, realm].map(|text| Url::parse(text).expect("an address"));
            assert_eq!(may_ask(&from, &to, Some(&login)).is_ok(), by_itself, "{registry} {realm}");
            assert_eq!(may_ask(&from, &to, Some(&allowed)).is_ok(), if_allowed, "{registry} {realm}");
        }
    }
}
