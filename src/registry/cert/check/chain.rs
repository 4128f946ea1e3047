//! Checks who signed the certificate, up to a trusted authority.

use ring::digest::{SHA256, SHA384, SHA512};

use super::super::explain::{self, CertKey};
use super::super::read::{Bundle, Certificate};
use super::super::rules;
use super::{CertCheckOptions, Findings, limits, strength, validity};
use crate::util::key_usage::is_for_servers;
use crate::util::p521;

/// The limit for the length of a chain; a longer one is a circle.
const MAX_LENGTH: usize = 10;

/// Whether a certificate's key has signed another.
enum Signed {
    Yes,
    No,
    /// An algorithm that is not known here.
    Unknown,
}

pub(super) fn check(bundle: &Bundle, asked: &CertCheckOptions<'_>, findings: &mut Findings) {
    let Some((first, others)) = bundle.certificates.split_first() else { return };
    if first.is_authority()
        && let Some(at) = others.iter().position(|other| !other.is_authority())
    {
        return findings.add(
            &rules::CERTIFICATES_OUT_OF_ORDER,
            format!("the first certificate is an authority's, and the server's comes as number {}", at + 2),
            "put the server's first, then its signer, and so on",
        );
    }
    let mut used: Vec<&Certificate> = vec![first];
    let mut current = first;
    while used.len() < MAX_LENGTH {
        let trusted = asked.authorities.unwrap_or_default();
        if trusted.contains(current) {
            break;
        }
        if current.is_self_issued() && !matches!(signed(current, current), Signed::No) {
            if asked.authorities.is_some() {
                findings.add(
                    &rules::UNTRUSTED_SIGNER,
                    format!("{} is self-signed, and is not in the file of --ca", name(current, first)),
                    "give --ca the authority that clients trust; for a self-signed certificate that is the \
                     certificate itself",
                );
            }
            break;
        }
        let Some(issuer) = issuer(current, first, trusted, others, asked, findings) else { break };
        if used.contains(&issuer) {
            findings.add(
                &rules::SIGNED_IN_A_CIRCLE,
                "the certificates have signed each other in a circle",
                "make them again",
            );
            break;
        }
        used.push(issuer);
        current = issuer;
    }
    limits::check(&used, findings);
    for (index, other) in others.iter().enumerate() {
        if !used.contains(&other) && !other.is_self_issued() {
            findings.add(
                &rules::STRAY_CERTIFICATE,
                format!(
                    "certificate {} in the file ({}) is not part of its chain",
                    index + 2,
                    other.subject()
                ),
                "leave it out",
            );
        }
    }
}

/// The certificate that signed `current`; its problems become findings.
fn issuer<'a>(
    current: &Certificate,
    first: &Certificate,
    trusted: &'a [Certificate],
    others: &'a [Certificate],
    asked: &CertCheckOptions<'_>,
    findings: &mut Findings,
) -> Option<&'a Certificate> {
    let is_issuer = |other: &&Certificate| {
        other.parsed().subject().as_raw() == current.parsed().issuer().as_raw() && *other != current
    };
    let candidates: Vec<&Certificate> = trusted.iter().chain(others).filter(is_issuer).collect();
    let who = name(current, first);
    let found = candidates.iter().find(|other| !matches!(signed(current, other), Signed::No));
    let Some(&issuer) = found else {
        if let Some(namesake) = candidates.first() {
            findings.add(&rules::FALSE_SIGNATURE, format!(
                    "{who} names {} as its signer, but was not signed with the key of that certificate",
                    namesake.subject()
                ),
                "perhaps the authority was made again: sign this certificate again, or give the old authority",
            );
        } else if asked.authorities.is_some() {
            findings.add(
                &rules::UNTRUSTED_SIGNER,
                format!("{who} is signed by {}, which neither --ca nor the file has", current.issuer()),
                "give the right authority, or put the intermediate certificates into the file",
            );
        } else if current.is_self_issued() {
            findings.add(
                &rules::FALSE_SIGNATURE,
                format!("{who} has an invalid signature"),
                "it was changed after it was signed: make it again",
            );
        }
        return None;
    };
    if matches!(signed(current, issuer), Signed::Unknown) {
        findings.add(
            &rules::UNCHECKED_SIGNATURE,
            format!("whether {} has signed {who} was not checked", issuer.subject()),
            "milepost does not know the signature's algorithm; check with: openssl verify -CAfile FILE",
        );
    }
    let title = format!("the authority {}", issuer.subject());
    if !issuer.is_authority() {
        findings.add(
            &rules::SIGNER_IS_NO_AUTHORITY,
            format!("{title} may not sign others (no CA:TRUE in its basic constraints)"),
            "make the authority again",
        );
    } else if let Ok(Some(usage)) = issuer.parsed().key_usage()
        && !usage.value.key_cert_sign()
    {
        findings.add(
            &rules::SIGNER_IS_NO_AUTHORITY,
            format!("{title} may not sign others (its key usage lacks keyCertSign)"),
            "make it again",
        );
    }
    if !is_for_servers(&issuer.parsed()) {
        findings.add(
            &rules::NOT_FOR_SERVERS,
            format!("{title} may not sign for servers (its extended key usage lacks serverAuth)"),
            "make it again without an extended key usage, or with serverAuth",
        );
    }
    validity(issuer, &title, asked.now, findings);
    strength(issuer, &title, findings);
    Some(issuer)
}

fn signed(certificate: &Certificate, by: &Certificate) -> Signed {
    use x509_parser::error::X509Error;
    let signer = by.parsed();
    match certificate.parsed().verify_signature(Some(signer.public_key())) {
        Ok(()) => Signed::Yes,
        Err(X509Error::SignatureUnsupportedAlgorithm) => signed_with_p521(certificate, by),
        // ring does not verify with RSA keys of less than 2048 bits, so the result is unknown.
        Err(_) if matches!(explain::key(by), CertKey::Rsa(bits) if bits < 2048) => Signed::Unknown,
        Err(_) => match signed_with_p521(certificate, by) {
            Signed::Unknown => Signed::No,
            known => known,
        },
    }
}

/// For a key on the curve P-521; other keys leave the answer unknown.
fn signed_with_p521(certificate: &Certificate, by: &Certificate) -> Signed {
    let (certificate, signer) = (certificate.parsed(), by.parsed());
    // RFC 5758, section 3.2: ecdsa-with-SHA256, -SHA384 and -SHA512.
    let hash = match certificate.signature_algorithm.algorithm.to_id_string().as_str() {
        "1.2.840.10045.4.3.2" => &SHA256,
        "1.2.840.10045.4.3.3" => &SHA384,
        "1.2.840.10045.4.3.4" => &SHA512,
        _ => return Signed::Unknown,
    };
    if !matches!(explain::key(by), CertKey::Curve(name, _) if name == "P-521") {
        return Signed::Unknown;
    }
    let key = &signer.public_key().subject_public_key.data;
    let (message, signature) = (certificate.tbs_certificate.as_ref(), &certificate.signature_value.data);
    if p521::verifies(hash, key, message, signature) { Signed::Yes } else { Signed::No }
}

fn name(certificate: &Certificate, first: &Certificate) -> String {
    if certificate == first { "it".to_owned() } else { format!("the authority {}", certificate.subject()) }
}
