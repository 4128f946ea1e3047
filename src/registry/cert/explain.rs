//! The contents of a certificate in words.

use std::net::IpAddr;

use time::OffsetDateTime;
use x509_parser::extensions::GeneralName;
use x509_parser::public_key::PublicKey;

use super::name::SubjectName;
use super::read::{Certificate, day};

/// A certificate's key.
pub(super) enum CertKey {
    /// RSA, with its number of bits.
    Rsa(usize),
    /// ECDSA on this curve, and whether clients in Go know it.
    Curve(String, bool),
    /// Ed25519.
    Ed25519,
    /// Anything else.
    Other(String),
}

/// The contents of a certificate: titles and values.
#[must_use]
pub(crate) fn facts(certificate: &Certificate, now: OffsetDateTime) -> Vec<(&'static str, String)> {
    let (start, end) = certificate.validity();
    let left = (end - now).whole_days();
    let left = match left {
        _ if end <= now => "expired".to_owned(),
        left => format!("{} left", days(left)),
    };
    let names = match names(certificate) {
        Ok(names) if names.is_empty() && certificate.is_authority() => "signing others".to_owned(),
        Ok(names) if names.is_empty() => "no names (only the common name, which clients ignore)".to_owned(),
        Ok(names) => names.iter().map(SubjectName::to_string).collect::<Vec<_>>().join(", "),
        Err(cause) => format!("unreadable names: {cause}"),
    };
    let is_its_own = certificate.is_self_issued();
    let key = key_kind(certificate);
    vec![
        ("subject", certificate.subject()),
        ("signed by", if is_its_own { "itself".to_owned() } else { certificate.issuer() }),
        ("for", names),
        ("valid", format!("{} to {} ({left})", day(start), day(end))),
        ("key", key),
        ("signature", signature_algorithm(certificate)),
        ("authority", if certificate.is_authority() { "yes" } else { "no" }.to_owned()),
        ("SHA-256", certificate.fingerprint()),
        ("hash", certificate.subject_hash()),
    ]
}

/// `1 day`, `2 days`.
pub(super) fn days(count: i64) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

/// The names that clients check; others, such as mail addresses, are left out.
pub(in crate::registry) fn names(certificate: &Certificate) -> Result<Vec<SubjectName>, String> {
    let parsed = certificate.parsed();
    let names = parsed.subject_alternative_name().map_err(|error| error.to_string())?;
    let names = names.into_iter().flat_map(|names| &names.value.general_names);
    Ok(names
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => {
                Some(SubjectName::Dns(name.chars().map(|c| if c.is_control() { '?' } else { c }).collect()))
            }
            GeneralName::IPAddress(bytes) => address(bytes).map(SubjectName::Ip),
            _ => None,
        })
        .collect())
}

/// Whether clients take the certificate for this name.
pub(crate) fn is_for(certificate: &Certificate, wanted: &SubjectName) -> bool {
    names(certificate).is_ok_and(|names| names.iter().any(|name| name.covers(wanted)))
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        _ => None,
    }
}

/// The last common name of the subject.
pub(super) fn common_name(certificate: &Certificate) -> Option<String> {
    let parsed = certificate.parsed();
    let last = parsed.subject().iter_common_name().last()?;
    super::hash::text(last.attr_value().tag(), last.attr_value().data)
}

/// OpenSSL's name of the signature algorithm: `sha256WithRSAEncryption`.
pub(super) fn signature_algorithm(certificate: &Certificate) -> String {
    let parsed = certificate.parsed();
    let oid = &parsed.signature_algorithm.algorithm;
    let registry = x509_parser::objects::oid_registry();
    x509_parser::objects::oid2sn(oid, registry).map_or_else(|_| oid.to_id_string(), str::to_owned)
}

/// Whether a certificate has an RSA key.
#[must_use]
pub(crate) fn has_rsa_key(certificate: &Certificate) -> bool {
    matches!(key(certificate), CertKey::Rsa(_))
}

/// Whether token servers and registries take a certificate's key for tokens (libtrust): RSA, or ECDSA on a curve that Go knows.
#[must_use]
pub(crate) fn has_token_key(certificate: &Certificate) -> bool {
    matches!(key(certificate), CertKey::Rsa(_) | CertKey::Curve(_, true))
}

/// The kind of a certificate's key, in words.
#[must_use]
pub(crate) fn key_kind(certificate: &Certificate) -> String {
    match key(certificate) {
        CertKey::Rsa(bits) => format!("RSA, {bits} bits"),
        CertKey::Curve(name, _) => format!("ECDSA, {name}"),
        CertKey::Ed25519 => "Ed25519".to_owned(),
        CertKey::Other(name) => name,
    }
}

pub(super) fn key(certificate: &Certificate) -> CertKey {
    let parsed = certificate.parsed();
    let info = parsed.public_key();
    let registry = x509_parser::objects::oid_registry();
    let name_of = |oid| x509_parser::objects::oid2sn(oid, registry).map(str::to_owned);
    match info.parsed() {
        Ok(PublicKey::RSA(rsa)) => {
            let significant =
                rsa.modulus.iter().position(|&byte| byte != 0).map_or(&[][..], |at| &rsa.modulus[at..]);
            let unused = significant.first().map_or(0, |byte| byte.leading_zeros() as usize);
            CertKey::Rsa(significant.len() * 8 - unused)
        }
        Ok(PublicKey::EC(_)) => {
            let curve = info.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
            match curve.as_ref().map(x509_parser::der_parser::oid::Oid::to_id_string).as_deref() {
                Some("1.2.840.10045.3.1.7") => CertKey::Curve("P-256".to_owned(), true),
                Some("1.3.132.0.34") => CertKey::Curve("P-384".to_owned(), true),
                Some("1.3.132.0.35") => CertKey::Curve("P-521".to_owned(), true),
                Some(other) => CertKey::Curve(format!("curve {other}"), false),
                None => CertKey::Curve("a custom curve".to_owned(), false),
            }
        }
        _ => {
            let oid = &info.algorithm.algorithm;
            if oid.to_id_string() == "1.3.101.112" {
                CertKey::Ed25519
            } else {
                CertKey::Other(name_of(oid).unwrap_or_else(|_| oid.to_id_string()))
            }
        }
    }
}
