//! Every HAProxy of marathon-lb: its addresses, and what it answers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

use super::haproxy::{BackendServer, Usual, processes, servers};
use crate::http::{Client, Url, is_web, shown};

/// How long one HAProxy may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The addresses of HAProxys, as the user names them.
#[derive(Clone, Debug)]
pub(crate) struct Balancers {
    named: Vec<Url>,
    usual: BTreeMap<String, Usual>,
}

/// What the HAProxys say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BalancerStates {
    /// The servers, for each HAProxy.
    pub servers: Vec<Vec<BackendServer>>,
    /// Each HAProxy of which an earlier process still goes on with its sessions, which nothing tells the number of.
    pub reloading: BTreeSet<String>,
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BalancerError {
    /// It is none.
    #[error("--haproxy: {0}; write it like http://marathon-lb.example:9090")]
    NoUrl(String),
    /// It has a password.
    #[error(
        "--haproxy: the address must not hold a user name or password, which every user of this machine could read"
    )]
    Password,
}

impl Balancers {
    /// Takes the addresses, of which each may stand for several HAProxys: one for each record of its name.
    ///
    /// # Errors
    /// When one is not an http or https address.
    pub(crate) fn new(addresses: &[String]) -> Result<Self, BalancerError> {
        let named = addresses.iter().map(|address| {
            // The message does not repeat the address, which may hold a password.
            let url = Url::parse(address).map_err(|error| BalancerError::NoUrl(error.to_string()))?;
            if !is_web(&url) {
                return Err(BalancerError::NoUrl("this is not an http or https address".to_owned()));
            }
            if !url.username().is_empty() || url.password().is_some() {
                return Err(BalancerError::Password);
            }
            Ok(url)
        });
        Ok(Self { named: named.collect::<Result<_, _>>()?, usual: BTreeMap::new() })
    }

    /// Asks every HAProxy for the servers of a group.
    ///
    /// # Errors
    /// In words: the first HAProxy that does not tell.
    pub(crate) fn ask(&mut self, client: &mut Client, group: &str) -> Result<BalancerStates, String> {
        let usual = client.timeout();
        client.set_timeout(usual.min(PATIENCE));
        let seen = self.ask_all(client, group);
        client.set_timeout(usual);
        seen
    }

    fn ask_all(&mut self, client: &Client, group: &str) -> Result<BalancerStates, String> {
        let mut seen = BalancerStates::default();
        for url in self.each()? {
            let csv =
                client.fetch_anew(&below(&url, "/haproxy?stats;csv")).map_err(|error| error.to_string())?;
            seen.servers.push(servers(&csv, group).map_err(|error| format!("{}: {error}", shown(&url)))?);
            // The processes last: a process that a reload before the statistics left behind, with sessions that these do not
            // tell of, is among them.
            let pids =
                client.fetch_anew(&below(&url, "/_haproxy_getpids")).map_err(|error| error.to_string())?;
            let number = processes(&pids).map_err(|error| format!("{}: {error}", shown(&url)))?;
            if self.usual.entry(url.to_string()).or_default().is_reloading(number) {
                seen.reloading.insert(shown(&url));
            }
        }
        Ok(seen)
    }

    /// The address of each HAProxy, looked up anew, because there may be more or fewer by now.
    fn each(&self) -> Result<Vec<Url>, String> {
        let mut all = Vec::new();
        for url in &self.named {
            // A certificate is for a name, not for the addresses behind it.
            let (Some(name), "http") = (url.domain(), url.scheme()) else {
                all.push(url.clone());
                continue;
            };
            let port = url.port_or_known_default().unwrap_or(80);
            let found = (name, port).to_socket_addrs();
            let found = found.map_err(|error| format!("{}: cannot look up the name: {error}", shown(url)))?;
            let found = one_family(found.map(|address: SocketAddr| address.ip()).collect());
            if found.is_empty() {
                return Err(format!("{}: the name has no address", shown(url)));
            }
            for address in found {
                let mut one = url.clone();
                if one.set_ip_host(address).is_ok() && !all.contains(&one) {
                    all.push(one);
                }
            }
        }
        Ok(all)
    }
}

/// The IPv4 addresses where there are some: HAProxy has both, and would be counted twice.
fn one_family(mut addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    if addresses.iter().any(IpAddr::is_ipv4) {
        addresses.retain(IpAddr::is_ipv4);
    }
    addresses
}

fn below(base: &Url, path: &str) -> Url {
    let text = format!("{}{path}", base.as_str().trim_end_matches('/'));
    Url::parse(&text).unwrap_or_else(|_| base.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_web_addresses_without_passwords() {
        let of = |address: &str| Balancers::new(&[address.to_owned()]).map(|balancers| balancers.each());
        let good = of("http://127.0.0.1:9090/").expect("an address").expect("it needs no look-up");
        assert_eq!(below(&good[0], "/haproxy?stats;csv").as_str(), "http://127.0.0.1:9090/haproxy?stats;csv");
        assert_eq!(of("http://u:hunter2@lb.example:9090").err(), Some(BalancerError::Password));
        assert!(matches!(of("ftp://lb.example"), Err(BalancerError::NoUrl(_))));
        assert!(matches!(of("lb.example:9090"), Err(BalancerError::NoUrl(_))));
    }

    #[test]
    fn a_name_stands_for_all_its_addresses_of_one_family() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(
            one_family(vec![ip("10.0.0.1"), ip("::1"), ip("10.0.0.2")]),
            [ip("10.0.0.1"), ip("10.0.0.2")]
        );
        assert_eq!(one_family(vec![ip("::1")]), [ip("::1")]);
    }
}
