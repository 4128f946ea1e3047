//! Which names a client may call the server, and which pages in a browser may change what it holds.
//!
//! Marathon has no such checks (`CORSFilter` only adds headers); but then it is not what people have open beside a browser.

use std::net::{IpAddr, SocketAddr};

use crate::server::api::answer::ApiReply;

/// Where the server is known to be.
#[derive(Clone, Debug)]
pub(super) struct KnownHosts {
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// Names that it was given: those that clients may call it beside addresses and `localhost`.
    pub(super) names: Vec<String>,
}

impl KnownHosts {
    /// Refuses a request to a name that is not this server's. Any name may be made to lead to this machine by whoever owns
    /// the name (DNS rebinding), and then a page of theirs would have this server's origin and read all that it holds.
    ///
    /// A server that listens for other machines is called by whatever name they have for it, so there every name is taken.
    pub(super) fn refused_host(&self, host: &str) -> Option<ApiReply> {
        (!self.is_known(host)).then(|| {
            ApiReply::message(
                403,
                format!("this server is not {host}: call it by an address or localhost, or start it with --allow-host"),
            )
        })
    }

    /// Refuses a request that would change something and was made by a page of another origin: the browser sends it along
    /// even where it does not let the page read the answer.
    pub(super) fn refused_origin(&self, method: &str, origin: Option<&str>, host: &str) -> Option<ApiReply> {
        let origin = origin.filter(|_| !matches!(method, "GET" | "HEAD" | "OPTIONS"))?;
        let own = origin.split_once("://").is_some_and(|(scheme, authority)| {
            matches!(scheme, "http" | "https")
                && authority.eq_ignore_ascii_case(host)
                && self.is_known(authority)
        });
        (!own).then(|| {
            ApiReply::message(
                403,
                format!("a page of {origin} cannot change what is on this server: only its own page can"),
            )
        })
    }

    fn is_known(&self, authority: &str) -> bool {
        if !self.address.ip().is_loopback() {
            return true;
        }
        let host = without_port(authority);
        host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
            || host.eq_ignore_ascii_case("localhost")
            || host.to_ascii_lowercase().ends_with(".localhost")
            || self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

fn without_port(authority: &str) -> &str {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    authority.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(authority, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use super::KnownHosts;

    fn known(address: &str) -> KnownHosts {
        KnownHosts { address: address.parse().expect("an address"), names: vec!["ci.example".to_owned()] }
    }

    #[test]
    fn on_loopback_only_known_names_are_answered() {
        let cases = [
            ("127.0.0.1:8080", "127.0.0.1:8080", true),
            ("127.0.0.1:8080", "localhost:8080", true),
            ("127.0.0.1:8080", "LOCALHOST", true),
            ("127.0.0.1:8080", "marathon.localhost:8080", true),
            ("127.0.0.1:80", "[::1]", true),
            ("[::1]:8080", "[::1]:8080", true),
            // Reached through a port that is passed on.
            ("127.0.0.1:8080", "10.0.0.7:80", true),
            ("127.0.0.1:8080", "CI.example:8080", true),
            ("127.0.0.1:8080", "evil.example:8080", false),
            ("127.0.0.1:8080", "localhost.evil.example:8080", false),
            ("127.0.0.1:8080", "", false),
            ("0.0.0.0:8080", "marathon:8080", true),
            ("10.0.0.1:8080", "evil.example:8080", true),
        ];
        for (address, host, is_answered) in cases {
            assert_eq!(known(address).refused_host(host).is_none(), is_answered, "{host} at {address}");
        }
    }

    #[test]
    fn only_the_servers_own_pages_change_things() {
        let local = "127.0.0.1:8080";
        let cases = [
            ("POST", None, local, local, true),
            ("POST", Some("http://127.0.0.1:8080"), local, local, true),
            ("PUT", Some("http://localhost:8080"), "localhost:8080", local, true),
            ("DELETE", Some("http://[::1]:8080"), "[::1]:8080", "[::1]:8080", true),
            ("POST", Some("http://localhost"), "localhost", "127.0.0.1:80", true),
            ("POST", Some("https://ci.example"), "ci.example", local, true),
            ("GET", Some("http://evil.example"), local, local, true),
            ("OPTIONS", Some("http://evil.example"), local, local, true),
            ("POST", Some("http://evil.example"), local, local, false),
            ("PUT", Some("http://127.0.0.1:8081"), local, local, false),
            ("POST", Some("null"), local, local, false),
            ("PATCH", Some("file://127.0.0.1:8080"), local, local, false),
            // A name of theirs that leads here.
            ("POST", Some("http://evil.example:8080"), "evil.example:8080", local, false),
            ("POST", Some("http://compose:8080"), "compose:8080", "10.0.0.1:8080", true),
            ("POST", Some("http://evil.example"), "compose:8080", "0.0.0.0:8080", false),
        ];
        for (method, origin, host, address, is_allowed) in cases {
            let refusal = known(address).refused_origin(method, origin, host);
            assert_eq!(refusal.is_none(), is_allowed, "{method} {origin:?} to {host} at {address}");
        }
    }
}
