//! Makes a certificate for a registry.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType, SerialNumber,
};
use time::{Duration, OffsetDateTime};

use super::key::{KeyError, KeyKind, PrivateKey};
use super::name::SubjectName;
use super::read::Certificate;

/// The lifetime of a new authority, in days, unless its certificate is to last longer.
const AUTHORITY_DAYS: u32 = 3650;

/// The longest common name, in characters (RFC 5280, ub-common-name); OpenSSL rejects longer ones.
const MAX_COMMON_NAME: usize = 64;

/// Certificates start this much earlier, as agents' clocks may be behind.
const EARLIER: Duration = Duration::hours(1);

/// The signer.
#[derive(Debug)]
pub(crate) enum Authority {
    /// The certificate's own key.
    Itself,
    /// A new authority.
    New,
    /// An existing authority.
    Given {
        /// Its certificate.
        certificate: Certificate,
        /// Its key.
        key: PrivateKey,
    },
}

/// The certificate to make.
#[derive(Debug)]
pub(crate) struct CertificateRequest {
    /// The names it is for; the first one that is short enough is the common name.
    pub names: Vec<SubjectName>,
    /// How many days it is valid.
    pub days: u32,
    /// The kind of its key; a new authority's is the same.
    pub key: KeyKind,
    /// The signer.
    pub authority: Authority,
    /// Now.
    pub now: OffsetDateTime,
}

/// The certificate and its keys.
#[derive(Debug)]
pub(crate) struct Issued {
    /// The certificate, as the registry serves it.
    pub certificate: Certificate,
    /// The authority's certificate, if the registry has to serve it too because another authority has signed it.
    pub intermediate: Option<Certificate>,
    /// Its key.
    pub key: PrivateKey,
    /// The new authority with its key, if one was made.
    pub authority: Option<(Certificate, PrivateKey)>,
}

/// Why no certificate could be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IssueError {
    /// There is no name.
    #[error("a certificate needs a name that clients use for the registry: give --dns or --ip")]
    NoName,
    /// All names are too long.
    #[error(
        "the common name needs a name of at most {MAX_COMMON_NAME} characters: give a shorter one as well"
    )]
    LongNames,
    /// No key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The authority may not sign certificates.
    #[error(
        "the certificate of the authority, {0}, may not sign others (no CA:TRUE in its basic constraints)"
    )]
    NoAuthority(String),
    /// The authority has expired.
    #[error("the authority {name} expired on {day}")]
    Ended {
        /// Its name.
        name: String,
        /// The day.
        day: String,
    },
    /// The key belongs to another certificate.
    #[error("the authority's key does not match its certificate")]
    WrongKey,
    /// rcgen cannot write the authority's name.
    #[error(
        "the name of the authority, {0}, has duplicate parts or parts of a rare kind: sign with openssl instead"
    )]
    Name(String),
    /// Another error of rcgen.
    #[error("the certificate cannot be made: {0}")]
    Make(#[from] rcgen::Error),
}

/// Makes a certificate for a registry.
///
/// # Errors
/// When there is no name for it, or the authority cannot sign it.
pub(crate) fn issue(request: CertificateRequest) -> Result<Issued, IssueError> {
    let CertificateRequest { names, days, key: kind, authority, now } = request;
    let until = now + Duration::days(days.into());
    let key = PrivateKey::generate(kind)?;
    let pair = pair(&key)?;
    let mut params = server(&names, kind, now, until)?;
    match authority {
        Authority::Itself => {
            // OpenSSL before 3.0 treats a certificate as self-signed only if its key usage, where it has one, allows to
            // sign certificates, and a certificate that is not an authority must not allow that. Without a key usage, all
            // is allowed.
            params.key_usages.clear();
            let certificate = made(&params.self_signed(&pair)?);
            Ok(Issued { certificate, intermediate: None, key, authority: None })
        }
        Authority::New => {
            let authority_key = PrivateKey::generate(kind)?;
            let authority =
                new_authority(&names, now, now + Duration::days(days.max(AUTHORITY_DAYS).into()))?;
            let authority_pair = self::pair(&authority_key)?;
            let certificate = made(&authority.self_signed(&authority_pair)?);
            let issuer = Issuer::new(authority, authority_pair);
            let server = made(&params.signed_by(&pair, &issuer)?);
            let authority = Some((certificate, authority_key));
            Ok(Issued { certificate: server, intermediate: None, key, authority })
        }
        Authority::Given { certificate, key: authority_key } => {
            check_authority(&certificate, &authority_key, now)?;
            // A certificate is not valid longer than its authority.
            params.not_after = until.min(certificate.validity().1);
            let issuer = Issuer::from_ca_cert_der(&certificate.der().into(), self::pair(&authority_key)?)
                .map_err(|_| IssueError::Name(certificate.subject()))?;
            let server = made(&params.signed_by(&pair, &issuer)?);
            if server.parsed().issuer().as_raw() != certificate.parsed().subject().as_raw() {
                return Err(IssueError::Name(certificate.subject()));
            }
            let intermediate = (!certificate.is_self_issued()).then_some(certificate);
            Ok(Issued { certificate: server, intermediate, key, authority: None })
        }
    }
}

/// The contents of a server's certificate.
fn server(
    names: &[SubjectName],
    kind: KeyKind,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<CertificateParams, IssueError> {
    let mut params = params(&common_name(names)?, now, until)?;
    for name in names {
        params.subject_alt_names.push(match name {
            SubjectName::Ip(address) => SanType::IpAddress(*address),
            SubjectName::Dns(name) => SanType::DnsName(name.as_str().try_into()?),
        });
    }
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages.push(KeyUsagePurpose::DigitalSignature);
    if kind == KeyKind::Rsa2048 {
        // For TLS 1.2 without Diffie-Hellman.
        params.key_usages.push(KeyUsagePurpose::KeyEncipherment);
    }
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    Ok(params)
}

fn new_authority(
    names: &[SubjectName],
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<CertificateParams, IssueError> {
    // OpenSSL finds an authority by its name, so the authorities of two registries need different ones.
    let name: String =
        format!("Registry CA for {}", common_name(names)?).chars().take(MAX_COMMON_NAME).collect();
    let mut params = params(&name, now, until)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages.extend([KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign]);
    Ok(params)
}

fn params(
    common_name: &str,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<CertificateParams, IssueError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_before = now - EARLIER;
    params.not_after = until;
    // OpenSSL needs it to tell authorities of the same name apart.
    params.use_authority_key_identifier_extension = true;
    let mut serial = [0; 16];
    getrandom::fill(&mut serial).map_err(|error| KeyError::Make(error.to_string()))?;
    // Positive, and of a fixed length.
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    Ok(params)
}

fn common_name(names: &[SubjectName]) -> Result<String, IssueError> {
    if names.is_empty() {
        return Err(IssueError::NoName);
    }
    let mut names = names.iter().map(SubjectName::to_string);
    names.find(|name| name.len() <= MAX_COMMON_NAME).ok_or(IssueError::LongNames)
}

fn check_authority(
    certificate: &Certificate,
    key: &PrivateKey,
    now: OffsetDateTime,
) -> Result<(), IssueError> {
    if !certificate.is_authority() {
        return Err(IssueError::NoAuthority(certificate.subject()));
    }
    let (_, end) = certificate.validity();
    if end <= now {
        return Err(IssueError::Ended { name: certificate.subject(), day: super::read::day(end) });
    }
    if !key.belongs_to(certificate) {
        return Err(IssueError::WrongKey);
    }
    Ok(())
}

fn pair(key: &PrivateKey) -> Result<KeyPair, IssueError> {
    Ok(KeyPair::try_from(key.pkcs8())?)
}

fn made(certificate: &rcgen::Certificate) -> Certificate {
    Certificate::from_der(certificate.der().to_vec())
        .expect("internal error: rcgen writes certificates that can be read")
}
