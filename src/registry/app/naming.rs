//! The names by which the registry is reached: virtual IPs, Mesos-DNS, Marathon-LB.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use super::builder::AppBuilder;

/// The domain of named VIPs in DC/OS (1.8 …), for apps of Marathon.
pub(crate) const VIP_DOMAIN: &str = "marathon.l4lb.thisdcos.directory";

/// The port that Docker uses when an image's name has none.
const HTTPS: u16 = 443;

/// Marathon-LB's template for a server line, with TLS to the registry added. The registry's certificate is for the name
/// that users know, not for the agent, so Marathon-LB does not verify it.
const TLS_BACKEND: &str = "  server {serverName} {host_ipv4}:{port}{cookieOptions}{healthCheckOptions}{otherOptions} \
                           ssl verify none\n";

/// A virtual IP of DC/OS, as in the label `VIP_0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Vip {
    /// `192.168.0.1:443`
    Address(SocketAddr),
    /// `/registry:5000`
    Named {
        /// The name, without the slash.
        name: String,
        /// The port.
        port: u16,
    },
}

impl Vip {
    fn address(&self) -> Address {
        match self {
            Self::Address(address) => Address { host: address.ip().to_string(), port: address.port() },
            Self::Named { name, port } => Address { host: format!("{name}.{VIP_DOMAIN}"), port: *port },
        }
    }
}

impl fmt::Display for Vip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Named { name, port } => write!(f, "/{name}:{port}"),
        }
    }
}

/// The address of a registry. Displayed as in an image's name: without port 443, which is Docker's default for https.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// A name or an IP.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Address {
    /// That of an address with http or https.
    #[cfg(feature = "cert")]
    pub(crate) fn of_url(url: &str) -> Option<Self> {
        let host = host_of(url)?;
        let default = if url.starts_with("http://") { 80 } else { HTTPS };
        let (host, port) = match host.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (host, default),
        };
        Some(Self { host: host.trim_matches(['[', ']']).to_owned(), port })
    }

    /// The address in an image's name. Without TLS the port is always written: without one Docker tries 443 by https, and
    /// 80 by http where the registry is an insecure one.
    pub(crate) fn in_images(&self, has_tls: bool) -> String {
        if has_tls || self.port != HTTPS { self.to_string() } else { format!("{self}:{HTTPS}") }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        if self.port == HTTPS { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// The text is not a virtual IP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a VIP is written like 192.168.0.1:443 or /registry:5000")]
pub(crate) struct VipError;

impl FromStr for Vip {
    type Err = VipError;

    fn from_str(text: &str) -> Result<Self, VipError> {
        let vip = match text.strip_prefix('/') {
            None => Self::Address(text.parse().map_err(|_| VipError)?),
            Some(named) => {
                let (name, port) = named.rsplit_once(':').ok_or(VipError)?;
                if !is_host_name(name) {
                    return Err(VipError);
                }
                Self::Named { name: name.to_owned(), port: port.parse().map_err(|_| VipError)? }
            }
        };
        let port = match &vip {
            Self::Address(address) => address.port(),
            Self::Named { port, .. } => *port,
        };
        if port == 0 { Err(VipError) } else { Ok(vip) }
    }
}

/// The names of a registry. All may be used at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Naming {
    /// Virtual IPs; labels `VIP_0`, `VIP_1`, … of the port.
    pub vips: Vec<Vip>,
    /// Mesos-DNS: the port on the agents, fixed so that it can be part of the name.
    pub mesos_dns: Option<u16>,
    /// A host name of the operator's own that leads to the agents, with the port, fixed there.
    pub host: Option<Address>,
    /// Marathon-LB: the virtual host, or several with commas between.
    pub marathon_lb: Option<String>,
}

/// Not a virtual host that Marathon-LB can match.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a host name for Marathon-LB; give one such as registry.example.com")]
pub(crate) struct VhostError(String);

/// What two services have in common that only one can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SharedName {
    /// A port on the agents.
    #[cfg(feature = "cert")]
    Port(u16),
    /// A virtual IP.
    Vip(Vip),
    /// A host of Marathon-LB.
    Vhost(String),
}

impl SharedName {
    /// The end of the option that gives it.
    pub(crate) fn option(&self) -> &'static str {
        match self {
            #[cfg(feature = "cert")]
            Self::Port(_) => "port",
            Self::Vip(_) => "vip",
            Self::Vhost(_) => "marathon-lb",
        }
    }
}

impl fmt::Display for SharedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "cert")]
            Self::Port(port) => write!(f, "port {port} of the agents"),
            Self::Vip(vip) => write!(f, "the virtual IP {vip}"),
            Self::Vhost(host) => write!(f, "the host {host} of Marathon-LB"),
        }
    }
}

impl Naming {
    /// What another service cannot have besides.
    #[cfg(feature = "cert")]
    pub(crate) fn shared_with(&self, other: &Self) -> Option<SharedName> {
        let port = self.fixed_port().filter(|port| other.fixed_port() == Some(*port)).map(SharedName::Port);
        let vip = || self.vips.iter().find(|vip| other.vips.contains(vip)).cloned().map(SharedName::Vip);
        let vhost = || {
            let is_other = |host: &&str| other.vhosts().any(|it| it.eq_ignore_ascii_case(host));
            self.vhosts().find(is_other).map(|host| SharedName::Vhost(host.to_owned()))
        };
        port.or_else(vip).or_else(vhost)
    }

    /// What it has twice itself.
    pub(crate) fn twice(&self) -> Option<SharedName> {
        let mut vips = self.vips.iter().enumerate();
        let vip = vips.find(|(index, vip)| self.vips[..*index].contains(vip));
        let vhosts: Vec<&str> = self.vhosts().collect();
        let mut hosts = vhosts.iter().enumerate();
        let vhost = hosts
            .find(|(index, host)| vhosts[..*index].iter().any(|before| before.eq_ignore_ascii_case(host)));
        let vip = vip.map(|(_, vip)| SharedName::Vip(vip.clone()));
        vip.or_else(|| vhost.map(|(_, host)| SharedName::Vhost((*host).to_owned())))
    }

    fn vhosts(&self) -> impl Iterator<Item = &str> {
        self.marathon_lb.iter().flat_map(|hosts| hosts.split(','))
    }

    /// The default: a VIP named after the id, `/registry:5000`.
    #[must_use]
    pub(crate) fn default_for(id: &str) -> Self {
        Self::vip(id.rsplit('/').next().unwrap_or(id), crate::registry::PORT)
    }

    /// A VIP of this name.
    #[must_use]
    pub(crate) fn vip(name: &str, port: u16) -> Self {
        Self { vips: vec![Vip::Named { name: name.to_owned(), port }], ..Self::default() }
    }

    /// Whether it has no name.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.vips.is_empty() && self.mesos_dns.is_none() && self.host.is_none() && self.marathon_lb.is_none()
    }

    /// Parses a virtual host.
    ///
    /// # Errors
    /// When it is not a host name.
    pub(crate) fn vhost(text: &str) -> Result<String, VhostError> {
        if text.split(',').all(is_host_name) { Ok(text.to_owned()) } else { Err(VhostError(text.to_owned())) }
    }

    /// The addresses at which the registry itself answers. Its certificate must be for these hosts.
    #[must_use]
    pub(crate) fn direct(&self, id: &str) -> Vec<Address> {
        let vips = self.vips.iter().map(Vip::address);
        let mesos_dns = self.mesos_dns.map(|port| Address { host: mesos_dns_name(id), port });
        vips.chain(mesos_dns).chain(self.host.clone()).collect()
    }

    /// All addresses that clients may use, those of Marathon-LB last.
    #[cfg(feature = "cert")]
    #[must_use]
    pub(crate) fn addresses(&self, id: &str) -> Vec<Address> {
        self.direct(id).into_iter().chain(self.proxied()).collect()
    }

    /// The names of images, up to the tag. Marathon-LB speaks TLS to clients whether the registry does or not.
    #[must_use]
    pub(crate) fn image_names(&self, id: &str, has_tls: bool) -> Vec<String> {
        let direct = self.direct(id).into_iter().map(|address| address.in_images(has_tls));
        direct.chain(self.proxied().map(|address| address.to_string())).collect()
    }

    /// The port on the agents, where a name needs a fixed one.
    #[must_use]
    pub(crate) fn fixed_port(&self) -> Option<u16> {
        self.mesos_dns.or(self.host.as_ref().map(|address| address.port))
    }

    fn proxied(&self) -> impl Iterator<Item = Address> {
        self.vhosts().map(|host| Address { host: host.to_owned(), port: HTTPS })
    }

    pub(crate) fn add_to(&self, has_tls: bool, builder: &mut AppBuilder) {
        for (index, vip) in self.vips.iter().enumerate() {
            builder.port_labels.insert(format!("VIP_{index}"), vip.to_string());
        }
        if let Some(port) = self.fixed_port() {
            builder.host_port = port;
            if port < 1025 {
                builder.warn(format!(
                    "port {port} must be among those the agents offer; DC/OS offers 1025 and up"
                ));
            }
        }
        if let Some(host) = &self.marathon_lb {
            builder.labels.insert("HAPROXY_GROUP".to_owned(), "external".to_owned());
            builder.labels.insert("HAPROXY_0_VHOST".to_owned(), host.clone());
            if has_tls {
                builder.labels.insert("HAPROXY_0_BACKEND_SERVER_OPTIONS".to_owned(), TLS_BACKEND.to_owned());
            }
            builder.note(format!(
                "Marathon-LB answers for {host} with its own certificate, not with the registry's"
            ));
        }
    }
}

/// `/infra/registry` is `registry-infra.marathon.mesos`.
pub(crate) fn mesos_dns_name(id: &str) -> String {
    let segments: Vec<&str> = id.split('/').filter(|segment| !segment.is_empty()).rev().collect();
    format!("{}.marathon.mesos", segments.join("-"))
}

/// The host of an address with http or https, and what is written beside it: user and port.
pub(super) fn host_of(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"))?;
    rest.split('/').next()
}

fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*'))
    };
    text.split('.').all(is_label)
}
