//! How a registry of a given name gets that name.

use anyhow::bail;

use super::steps::line as words;
use super::{Args, UpAuth};
use crate::registry::app::naming::{VIP_DOMAIN, mesos_dns_name};
use crate::registry::cert::SubjectName;

/// The port of an address as in the names of images.
pub(super) fn port(address: &str) -> &str {
    match address.rsplit_once(':') {
        Some((_, port)) if !port.ends_with(']') => port,
        _ => "443",
    }
}

/// How a registry of this name gets it, as options of `registry app`; `has_port` is whether the port on the agents is among the
/// others.
pub(super) fn naming(args: &Args, has_port: bool) -> anyhow::Result<Vec<String>> {
    let host = args.host.to_string();
    let port = port(&host);
    let on_agents = |options: &[&str]| {
        let port = if has_port { Vec::new() } else { words(&["--host-port", port]) };
        [words(options), port].concat()
    };
    match args.host.name() {
        SubjectName::Ip(address) => {
            let port = port.parse().unwrap_or(443);
            Ok(words(&["--vip", &std::net::SocketAddr::new(*address, port).to_string()]))
        }
        SubjectName::Dns(name) => {
            if let Some(vip) = name.strip_suffix(VIP_DOMAIN).and_then(|name| name.strip_suffix('.')) {
                return Ok(words(&["--vip", &format!("/{vip}:{port}")]));
            }
            let mesos_dns = match args.auth {
                UpAuth::Htpasswd => mesos_dns_name("/registry"),
                UpAuth::Token => mesos_dns_name("/registry/registry"),
            };
            if *name == mesos_dns {
                return Ok(on_agents(&["--mesos-dns"]));
            }
            if host != *name {
                return Ok(on_agents(&["--host", name]));
            }
            bail!(
                "{host} is no virtual IP and has no port: write {host}:PORT where it leads to the agents, or give after -- how \
                 the registry gets that name, such as --vip or --marathon-lb"
            )
        }
    }
}
