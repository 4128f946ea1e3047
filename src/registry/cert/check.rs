//! Checks a certificate for a registry's clients: Docker and containerd (Go's crypto/x509), and Mesos's fetcher (curl with
//! OpenSSL).

use time::{Duration, OffsetDateTime};

use crate::finding::Rule;
use crate::util::escape::shell_word;
use crate::util::key_usage::is_for_servers;

use super::explain;
use super::key::PrivateKey;
use super::name::SubjectName;
use super::read::{Bundle, Certificate, day};
use super::rules;
use super::text::TextFault;

mod chain;
mod limits;

/// A certificate needs renewal when less than this is left, or less than a third of its lifetime if that is shorter.
const RENEW: Duration = Duration::days(30);

/// A problem of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CertFinding {
    /// What it breaks: by an error clients reject the certificate, or soon will; by a warning some may.
    pub rule: &'static Rule,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What the certificate is checked against.
#[derive(Debug)]
pub(crate) struct CertCheckOptions<'a> {
    /// The addresses that clients use.
    pub names: &'a [SubjectName],
    /// The key that it should match.
    pub key: Option<&'a PrivateKey>,
    /// The authorities that clients trust.
    pub authorities: Option<&'a [Certificate]>,
    /// Why others find nothing in the file of the key, and in that of the authorities.
    pub text_faults: [Option<TextFault>; 2],
    /// Now.
    pub now: OffsetDateTime,
}

/// Collects the findings.
#[derive(Debug, Default)]
struct Findings(Vec<CertFinding>);

impl Findings {
    fn add(&mut self, rule: &'static Rule, message: impl Into<String>, help: impl Into<String>) {
        self.0.push(CertFinding { rule, message: message.into(), help: help.into() });
    }
}

/// Checks the certificate of a file, which is the first in it, and those that come with it.
#[must_use]
pub(crate) fn check(bundle: &Bundle, asked: &CertCheckOptions<'_>) -> Vec<CertFinding> {
    let mut findings = Findings::default();
    let Some(certificate) = bundle.certificates.first() else { return findings.0 };
    if let Some(fault) = bundle.text_fault {
        let (rule, what) = if fault.is_fine_for_go() {
            (&rules::PEM_OF_GO_ONLY, "")
        } else {
            (&rules::UNUSABLE_PEM, ": a registry does not start with it")
        };
        findings.add(rule, format!("the file {fault}{what}"), fault.help());
    }
    if bundle.has_key {
        findings.add(
            &rules::KEY_BESIDE_CERTIFICATE,
            "the file also holds a private key",
            "keep the key in its own file: certificates are copied to every agent",
        );
    }
    let files = ["the file of the key", "the file of the authority"];
    for (file, fault) in files.into_iter().zip(asked.text_faults) {
        if let Some(fault) = fault {
            let rule = if fault.is_fine_for_go() { &rules::PEM_OF_GO_ONLY } else { &rules::UNUSABLE_PEM };
            findings.add(rule, format!("{file} {fault}"), fault.help());
        }
    }
    names(certificate, asked.names, &mut findings);
    validity(certificate, "it", asked.now, &mut findings);
    if let Some(key) = asked.key
        && !key.belongs_to(certificate)
    {
        findings.add(&rules::KEY_OF_OTHER_CERTIFICATE, "the key does not match the certificate",
            "use the key that was made together with it, or make both again; a registry does not start with these",
        );
    }
    strength(certificate, "it", &mut findings);
    usage(certificate, &mut findings);
    chain::check(bundle, asked, &mut findings);
    findings.0
}

fn names(certificate: &Certificate, wanted: &[SubjectName], findings: &mut Findings) {
    let have = match explain::names(certificate) {
        Ok(have) => have,
        Err(cause) => {
            return findings.add(
                &rules::UNREADABLE_CERTIFICATE_NAMES,
                format!("its alternative names cannot be read: {cause}"),
                "make it again",
            );
        }
    };
    if have.is_empty() {
        findings.add(&rules::NO_ALTERNATIVE_NAME, "it has no subject alternative names: Docker and other clients in Go (1.15 and later) ignore the common name",
            made_again(certificate),
        );
    }
    let common = explain::common_name(certificate);
    for wanted in wanted.iter().filter(|wanted| !have.iter().any(|have| have.covers(wanted))) {
        let text = wanted.to_string();
        let is_text = |have: &SubjectName| have.to_string() == text;
        let help = if have.iter().any(is_text) {
            "it is among the host names, where clients do not look for an IP address; make it again with --ip"
                .to_owned()
        } else if common.as_deref() == Some(text.as_str()) {
            "it is the common name, which clients ignore; make it again with this among its names".to_owned()
        } else if have.is_empty() {
            "it has no names".to_owned()
        } else {
            let have: Vec<String> = have.iter().map(SubjectName::to_string).collect();
            format!("it is for {}; use one of these, or make it again", have.join(", "))
        };
        findings.add(&rules::CERTIFICATE_FOR_OTHER_NAME, format!("it is not for {text}"), help);
    }
}

fn validity(certificate: &Certificate, who: &str, now: OffsetDateTime, findings: &mut Findings) {
    let (start, end) = certificate.validity();
    let left = end - now;
    if end <= now {
        findings.add(&rules::EXPIRED_CERTIFICATE, format!("{who} expired on {}", day(end)), "renew it");
    } else if now < start {
        findings.add(
            &rules::CERTIFICATE_NOT_YET_VALID,
            format!("{who} is not valid before {}", day(start)),
            "wait, or check the clock of the machine that made it",
        );
    } else if left < RENEW.min((end - start) / 3) {
        let left = explain::days(left.whole_days());
        findings.add(
            &rules::EXPIRING_CERTIFICATE,
            format!("{who} expires on {}, {left} from now", day(end)),
            "renew it",
        );
    }
}

fn strength(certificate: &Certificate, who: &str, findings: &mut Findings) {
    let algorithm = explain::signature_algorithm(certificate);
    let lower = algorithm.to_ascii_lowercase();
    if ["sha1", "md5", "md4", "md2"].iter().any(|weak| lower.contains(weak)) && !certificate.is_self_issued()
    {
        findings.add(
            &rules::REJECTED_SIGNATURE_ALGORITHM,
            format!("{who} is signed with {algorithm}, which Go rejects (1.18 and later)"),
            "sign it with SHA-256",
        );
    } else if ["sha1", "md5", "md4", "md2"].iter().any(|weak| lower.contains(weak)) {
        findings.add(
            &rules::WEAK_SIGNATURE_ALGORITHM,
            format!("{who} is signed with {algorithm}, which is no longer safe"),
            "make it again with SHA-256",
        );
    }
    match explain::key(certificate) {
        explain::CertKey::Rsa(bits) if bits < 2048 => findings.add(
            &rules::WEAK_KEY,
            format!(
                "{who} has an RSA key of {bits} bits, which OpenSSL of current Linux distributions rejects"
            ),
            "make it again with 2048 bits or more",
        ),
        explain::CertKey::Curve(name, false) | explain::CertKey::Other(name) => findings.add(
            &rules::UNSUPPORTED_KEY,
            format!("{who} has a key of a kind that Go does not know ({name})"),
            "make it again with RSA, or ECDSA on P-256",
        ),
        _ => {}
    }
}

/// The command that makes a certificate for the same names, or without them for the common name.
fn made_again(certificate: &Certificate) -> String {
    let mut names = explain::names(certificate).unwrap_or_default();
    if names.is_empty() {
        let common = explain::common_name(certificate);
        names
            .extend(common.and_then(|name| SubjectName::ip(&name).or_else(|_| SubjectName::dns(&name)).ok()));
    }
    let option = |name: &SubjectName| match name {
        SubjectName::Ip(address) => format!("--ip {address}"),
        SubjectName::Dns(name) => format!("--dns {}", shell_word(name)),
    };
    let options: Vec<String> = names.iter().map(option).collect();
    let options = if options.is_empty() { "--dns NAME".to_owned() } else { options.join(" ") };
    format!("make it again, for example with: milepost registry cert {options}")
}

/// Whether it may be used for a server.
fn usage(certificate: &Certificate, findings: &mut Findings) {
    let parsed = certificate.parsed();
    if !is_for_servers(&parsed) {
        findings.add(
            &rules::NOT_FOR_SERVERS,
            "it is not meant for servers (its extended key usage lacks serverAuth)",
            "make it for a TLS server",
        );
    }
    if let Ok(Some(usage)) = parsed.key_usage()
        && !usage.value.digital_signature()
        && !usage.value.key_encipherment()
    {
        findings.add(
            &rules::NOT_FOR_SERVERS,
            "its key usage allows no TLS (neither digitalSignature nor keyEncipherment)",
            "make it for a TLS server",
        );
    }
    if certificate.is_authority() {
        findings.add(&rules::AUTHORITY_AS_SERVER, "it may sign others (CA:TRUE), which a server's certificate should not: Docker and curl accept it, clients \
             with rustls do not",
            made_again(certificate),
        );
    }
}
