//! What the certificates of a chain limit: critical extensions that no client knows, the length of the chain, and the names
//! that an authority may sign for.

use std::net::IpAddr;

use x509_parser::extensions::GeneralName;

use super::super::explain;
use super::super::name::SubjectName;
use super::super::read::Certificate;
use super::super::rules;
use super::Findings;

/// The extensions that Go knows (crypto/x509, `processExtensions`). It rejects any other that is critical; OpenSSL knows few
/// more.
const KNOWN: [&str; 12] = [
    "2.5.29.14",
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.19",
    "2.5.29.30",
    "2.5.29.31",
    "2.5.29.32",
    "2.5.29.33",
    "2.5.29.35",
    "2.5.29.36",
    "2.5.29.37",
    "1.3.6.1.5.5.7.1.1",
];

/// Checks a chain, the server's certificate first.
pub(super) fn check(chain: &[&Certificate], findings: &mut Findings) {
    let Some((server, authorities)) = chain.split_first() else { return };
    for (index, certificate) in chain.iter().enumerate() {
        let who = if index == 0 { "it".to_owned() } else { title(certificate) };
        for oid in unknown_critical(certificate) {
            findings.add(
                &rules::UNKNOWN_CRITICAL_EXTENSION,
                format!(
                    "{who} has a critical extension that clients do not know ({oid}), and which they reject"
                ),
                "make it again without the extension, or without marking it critical",
            );
        }
    }
    for (below, authority) in authorities.iter().enumerate() {
        path_length(authority, &authorities[..below], findings);
        names(authority, server, findings);
    }
}

fn title(authority: &Certificate) -> String {
    format!("the authority {}", authority.subject())
}

fn unknown_critical(certificate: &Certificate) -> Vec<String> {
    let parsed = certificate.parsed();
    let critical = parsed.extensions().iter().filter(|extension| extension.critical);
    critical
        .map(|extension| extension.oid.to_id_string())
        .filter(|oid| !KNOWN.contains(&oid.as_str()))
        .collect()
}

/// Reports more authorities below this one than it allows. Those that sign themselves do not count (RFC 5280, 4.2.1.9).
fn path_length(authority: &Certificate, below: &[&Certificate], findings: &mut Findings) {
    let parsed = authority.parsed();
    let limit = parsed.basic_constraints().ok().flatten().and_then(|basic| basic.value.path_len_constraint);
    let count = below.iter().filter(|certificate| !certificate.is_self_issued()).count();
    if let Some(limit) = limit.filter(|limit| u32::try_from(count).is_ok_and(|count| count > *limit)) {
        findings.add(
            &rules::TOO_MANY_AUTHORITIES,
            format!(
                "{} allows {limit} authorities below it (its path length), and there are {count}",
                title(authority)
            ),
            "sign the server's certificate with that authority itself, or make the authority again",
        );
    }
}

/// Reports the names that an authority may not sign for.
fn names(authority: &Certificate, server: &Certificate, findings: &mut Findings) {
    let parsed = authority.parsed();
    let Ok(Some(constraints)) = parsed.name_constraints() else { return };
    let bases = |list: &Option<Vec<_>>| -> Vec<ConstraintSubject> {
        let subtrees: &[x509_parser::extensions::GeneralSubtree<'_>] = list.as_deref().unwrap_or_default();
        subtrees.iter().filter_map(|subtree| ConstraintSubject::of(&subtree.base)).collect()
    };
    let permitted = bases(&constraints.value.permitted_subtrees);
    let excluded = bases(&constraints.value.excluded_subtrees);
    for name in explain::names(server).unwrap_or_default() {
        let same_kind: Vec<&ConstraintSubject> = permitted.iter().filter(|base| base.is_for(&name)).collect();
        let is_permitted = same_kind.is_empty() || same_kind.iter().any(|base| base.covers(&name));
        if !is_permitted || excluded.iter().any(|base| base.covers(&name)) {
            findings.add(
                &rules::NAME_NOT_PERMITTED,
                format!("{} may not sign for {name} (its name constraints)", title(authority)),
                "leave the name out, or have another authority sign it: clients reject the whole certificate",
            );
        }
    }
}

/// What a constraint is about.
enum ConstraintSubject {
    /// A domain: itself and all below it; after a dot only those below.
    Domain(String),
    /// A network: address and mask.
    Network(Vec<u8>, Vec<u8>),
}

impl ConstraintSubject {
    fn of(base: &GeneralName<'_>) -> Option<Self> {
        match base {
            GeneralName::DNSName(domain) => Some(Self::Domain(domain.to_ascii_lowercase())),
            GeneralName::IPAddress(bytes) if matches!(bytes.len(), 8 | 32) => {
                let (address, mask) = bytes.split_at(bytes.len() / 2);
                Some(Self::Network(address.to_vec(), mask.to_vec()))
            }
            _ => None,
        }
    }

    fn is_for(&self, name: &SubjectName) -> bool {
        matches!(
            (self, name),
            (Self::Domain(_), SubjectName::Dns(_)) | (Self::Network(..), SubjectName::Ip(_))
        )
    }

    fn covers(&self, name: &SubjectName) -> bool {
        match (self, name) {
            (Self::Domain(domain), SubjectName::Dns(name)) => {
                let name = name.to_ascii_lowercase();
                let suffix = domain.trim_start_matches('.');
                let is_below = name.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
                suffix.is_empty() || is_below || (!domain.starts_with('.') && name == suffix)
            }
            (Self::Network(network, mask), SubjectName::Ip(address)) => {
                let bytes = match address {
                    IpAddr::V4(address) => address.octets().to_vec(),
                    IpAddr::V6(address) => address.octets().to_vec(),
                };
                bytes.len() == network.len()
                    && bytes
                        .iter()
                        .zip(network)
                        .zip(mask)
                        .all(|((one, other), mask)| one & mask == other & mask)
            }
            _ => false,
        }
    }
}
