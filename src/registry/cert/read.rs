//! Reads certificates from PEM.

use std::fmt;

use ring::digest::{SHA256, digest};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Name;

use crate::util::hex::hex;

use super::hash;
use super::text::{self, TextFault};

/// One certificate.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    der: Vec<u8>,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.subject())
    }
}

/// The certificates of a file.
#[derive(Clone, Debug)]
pub(crate) struct Bundle {
    /// The certificates in their order; at least one.
    pub certificates: Vec<Certificate>,
    /// Whether the file also has a private key.
    pub has_key: bool,
    /// Why others find nothing in the text.
    pub text_fault: Option<TextFault>,
}

/// Why there is no certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CertReadError {
    /// The file is empty.
    #[error("it is empty; a PEM certificate (-----BEGIN CERTIFICATE-----) is expected")]
    Empty,
    /// It is binary, as Windows writes it.
    #[error(
        "it is a binary certificate (DER), but Docker and Mesos read PEM: convert it with \
         `openssl x509 -inform der -in FILE -out ca.crt`"
    )]
    Binary,
    /// It is not PEM.
    #[error("it holds no certificate; a PEM certificate (-----BEGIN CERTIFICATE-----) is expected")]
    NoPem,
    /// It holds a key.
    #[error("it holds a private key and no certificate; give the certificate (for example domain.crt)")]
    OnlyKey,
    /// It holds other PEM blocks.
    #[error("it holds {0} and no certificate")]
    Other(String),
    /// The PEM text is broken.
    #[error("it is broken: {0}; was it copied completely?")]
    BadPem(String),
    /// A block's content is not a certificate.
    #[error("certificate {0} in it cannot be read: its content is not an X.509 certificate")]
    BadCertificate(usize),
}

impl Bundle {
    /// Reads the certificates of a PEM text; text around the blocks is skipped, as by OpenSSL.
    ///
    /// # Errors
    /// When there is none, or one that cannot be read.
    pub(crate) fn parse(content: &[u8]) -> Result<Self, CertReadError> {
        if content.iter().all(u8::is_ascii_whitespace) {
            return Err(CertReadError::Empty);
        }
        if Certificate::from_der(content.to_vec()).is_ok() {
            return Err(CertReadError::Binary);
        }
        let blocks = pem::parse_many(text::without_blanks(content))
            .map_err(|error| CertReadError::BadPem(error.to_string()))?;
        let starts = String::from_utf8_lossy(content).matches("-----BEGIN ").count();
        if starts > blocks.len() {
            return Err(CertReadError::BadPem("a block has no end".to_owned()));
        }
        let is_key = |block: &pem::Pem| block.tag().ends_with("PRIVATE KEY");
        let has_key = blocks.iter().any(is_key);
        let mut certificates = Vec::new();
        for block in &blocks {
            // Both are OpenSSL's names for the same.
            if matches!(block.tag(), "CERTIFICATE" | "X509 CERTIFICATE") {
                let index = certificates.len() + 1;
                let certificate = Certificate::from_der(block.contents().to_vec())
                    .map_err(|_| CertReadError::BadCertificate(index))?;
                certificates.push(certificate);
            }
        }
        match (certificates.is_empty(), blocks.first()) {
            (false, _) => Ok(Self { certificates, has_key, text_fault: text::fault(content) }),
            (true, None) => Err(CertReadError::NoPem),
            (true, Some(_)) if has_key => Err(CertReadError::OnlyKey),
            (true, Some(other)) => Err(CertReadError::Other(other.tag().to_owned())),
        }
    }
}

impl Certificate {
    /// Takes the DER of exactly one certificate.
    ///
    /// # Errors
    /// The parser's reason.
    pub(crate) fn from_der(der: Vec<u8>) -> Result<Self, String> {
        match X509Certificate::from_der(&der) {
            Ok(([], _)) => Ok(Self { der }),
            Ok((rest, _)) => Err(format!("{} bytes follow it", rest.len())),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The parsed certificate.
    pub(super) fn parsed(&self) -> X509Certificate<'_> {
        let parsed = X509Certificate::from_der(&self.der);
        parsed.expect("internal error: a certificate is parsed when it is made").1
    }

    /// Its DER.
    #[must_use]
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its PEM text.
    #[must_use]
    pub(crate) fn pem(&self) -> String {
        let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
        pem::encode_config(&pem::Pem::new("CERTIFICATE", self.der.clone()), config)
    }

    /// The subject's name as people write it: `C=US, O=flak.io, CN=192.168.0.1`.
    #[must_use]
    pub(crate) fn subject(&self) -> String {
        shown(self.parsed().subject())
    }

    /// The issuer's name, in the same form.
    #[must_use]
    pub(crate) fn issuer(&self) -> String {
        shown(self.parsed().issuer())
    }

    /// The hash of its subject, as `openssl x509 -hash` prints it.
    #[must_use]
    pub(crate) fn subject_hash(&self) -> String {
        hash::of(self.parsed().subject())
    }

    /// Its SHA-256 fingerprint in lower-case hexadecimal digits.
    #[must_use]
    pub(crate) fn fingerprint(&self) -> String {
        hex(digest(&SHA256, &self.der).as_ref())
    }

    /// The start and end of its validity.
    #[must_use]
    pub(crate) fn validity(&self) -> (OffsetDateTime, OffsetDateTime) {
        let parsed = self.parsed();
        (parsed.validity().not_before.to_datetime(), parsed.validity().not_after.to_datetime())
    }

    /// Whether subject and issuer are the same.
    #[must_use]
    pub(crate) fn is_self_issued(&self) -> bool {
        let parsed = self.parsed();
        parsed.subject().as_raw() == parsed.issuer().as_raw()
    }

    /// Whether it may sign others: `CA:TRUE` in its basic constraints.
    #[must_use]
    pub(crate) fn is_authority(&self) -> bool {
        self.parsed().is_ca()
    }

    /// The content of its public key.
    pub(super) fn public_key(&self) -> Vec<u8> {
        self.parsed().public_key().subject_public_key.data.to_vec()
    }
}

/// A name as people write it. Control characters, which a terminal would interpret, are shown as `?`.
fn shown(name: &X509Name<'_>) -> String {
    let registry = x509_parser::objects::oid_registry();
    let mut parts = Vec::new();
    for attribute in name.iter_attributes() {
        let oid = attribute.attr_type();
        let kind = x509_parser::objects::oid2abbrev(oid, registry).map_or(oid.to_id_string(), str::to_owned);
        let value = attribute.attr_value();
        let text = hash::text(value.tag(), value.data).unwrap_or_else(|| "?".to_owned());
        let text: String = text.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        parts.push(format!("{kind}={text}"));
    }
    if parts.is_empty() { "(no name)".to_owned() } else { parts.join(", ") }
}

/// A day as `2027-11-21`.
#[must_use]
pub(crate) fn day(moment: OffsetDateTime) -> String {
    moment.date().to_string()
}
