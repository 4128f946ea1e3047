//! Which pages in a browser may change what the server holds: those of the server itself.

use std::net::{IpAddr, SocketAddr};

use crate::server::api::answer::Reply;

/// Refuses a request that would change something and was made by a page of another origin: the browser sends it along even
/// where it does not let the page read the answer. Marathon has no such check (`CORSFilter` only adds headers); but then it
/// is not what people have open beside a browser.
///
/// `address` is where the server listens, `host` what the client calls it.
pub(super) fn refused(method: &str, origin: Option<&str>, host: &str, address: &str) -> Option<Reply> {
    let origin = origin.filter(|_| !matches!(method, "GET" | "HEAD" | "OPTIONS"))?;
    let own = origin.split_once("://").is_some_and(|(scheme, authority)| {
        matches!(scheme, "http" | "https")
            && authority.eq_ignore_ascii_case(host)
            && (is_loopback_name(authority) || !listens_on_loopback(address))
    });
    (!own).then(|| {
        Reply::message(
            403,
            format!("a page of {origin} cannot change what is on this server: only its own page can"),
        )
    })
}

fn listens_on_loopback(address: &str) -> bool {
    address.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback())
}

/// Whether a host with a port is this machine by its name. Any other name may be made to lead to it by whoever owns the
/// name, and then a page of theirs would have this server's origin.
fn is_loopback_name(authority: &str) -> bool {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let host =
        authority.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(authority, |(host, _)| host);
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    plain.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        || host.eq_ignore_ascii_case("localhost")
        || host.to_ascii_lowercase().ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn only_the_servers_own_pages_change_things() {
        let local = "127.0.0.1:8080";
        let cases = [
            ("POST", None, local, local, true),
            ("POST", Some("http://127.0.0.1:8080"), local, local, true),
            ("PUT", Some("http://localhost:8080"), "localhost:8080", local, true),
            ("DELETE", Some("http://[::1]:8080"), "[::1]:8080", "[::1]:8080", true),
            ("POST", Some("http://localhost"), "localhost", "127.0.0.1:80", true),
            ("GET", Some("http://evil.example"), local, local, true),
            ("OPTIONS", Some("http://evil.example"), local, local, true),
            ("POST", Some("http://evil.example"), local, local, false),
            ("PUT", Some("http://127.0.0.1:8081"), local, local, false),
            ("POST", Some("null"), local, local, false),
            ("PATCH", Some("file://127.0.0.1:8080"), local, local, false),
            // A name of theirs that leads here.
            ("POST", Some("http://evil.example:8080"), "evil.example:8080", local, false),
            ("POST", Some("http://ci.example:8080"), "ci.example:8080", "10.0.0.1:8080", true),
            ("POST", Some("http://evil.example"), "ci.example:8080", "0.0.0.0:8080", false),
        ];
        for (method, origin, host, address, is_allowed) in cases {
            let refusal = refused(method, origin, host, address);
            assert_eq!(refusal.is_none(), is_allowed, "{method} {origin:?} to {host} at {address}");
        }
    }
}
