//! TLS as a registry's other clients do it: a certificate that is itself given with `--ca-file` is trusted, and keys on
//! P-521 are known.

mod p521;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, SignatureVerificationAlgorithm, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::error::ClientError;
use crate::source::read_bytes;

/// Reads the certificates of `--ca-file`.
///
/// # Errors
/// When the file cannot be read, or has none, or one that is none.
pub(super) fn read_roots(path: &Path) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let bad = |problem: String| ClientError::CaFile { path: path.to_owned(), problem };
    let bytes = read_bytes(path)?;
    let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let roots = roots.map_err(|error| bad(error.to_string()))?;
    if roots.is_empty() {
        return Err(bad("it holds no certificate".to_owned()));
    }
    match roots.iter().position(|root| X509Certificate::from_der(root).is_err()) {
        Some(index) => Err(bad(format!("certificate {} in it cannot be read", index + 1))),
        None => Ok(roots),
    }
}

/// The settings of a client that trusts these certificates besides the system's.
///
/// # Errors
/// When the system has no trusted certificates, or one of these cannot be used.
pub(super) fn config(given: &[CertificateDer<'static>]) -> Result<ClientConfig, Error> {
    let provider = Arc::new(provider());
    let (given, unfit): (Vec<_>, Vec<_>) = given.iter().cloned().partition(|given| is_for_servers(given));
    let system =
        rustls_platform_verifier::Verifier::new_with_extra_roots(given.iter().cloned(), provider.clone())?;
    verified_by(Arc::new(Verifier { system: Arc::new(system), given, unfit }), provider)
}

/// The settings of a client that takes any certificate: for one server whose user has said so.
///
/// # Errors
/// Never with these versions of TLS.
pub(super) fn unverified() -> Result<ClientConfig, Error> {
    let provider = Arc::new(provider());
    verified_by(Arc::new(AnyCertificate(provider.clone())), provider)
}

/// The settings of a client whose servers this verifies.
fn verified_by(
    verifier: Arc<dyn ServerCertVerifier>,
    provider: Arc<CryptoProvider>,
) -> Result<ClientConfig, Error> {
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Takes any certificate; signatures have to be made with its key.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// ring, with the verification of signatures on P-521, which it lacks.
fn provider() -> CryptoProvider {
    /// Algorithms for certificates, and those of each scheme of TLS.
    type Algorithms = (
        Vec<&'static dyn SignatureVerificationAlgorithm>,
        Vec<(SignatureScheme, &'static [&'static dyn SignatureVerificationAlgorithm])>,
    );
    static ALGORITHMS: LazyLock<Algorithms> = LazyLock::new(|| {
        let ring = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        let all = ring.all.iter().chain(p521::ALL).copied().collect();
        let scheme = (SignatureScheme::ECDSA_NISTP521_SHA512, &p521::ALL[..1]);
        (all, ring.mapping.iter().copied().chain([scheme]).collect())
    });
    let (all, mapping) = &*ALGORITHMS;
    CryptoProvider {
        signature_verification_algorithms: WebPkiSupportedAlgorithms { all, mapping },
        ..rustls::crypto::ring::default_provider()
    }
}

/// Whether a certificate may be a server's or sign one: Go and OpenSSL look at the extended key usage of authorities, too,
/// and webpki at that of all but the trusted ones.
fn is_for_servers(certificate: &CertificateDer<'_>) -> bool {
    let Ok((_, parsed)) = X509Certificate::from_der(certificate) else { return true };
    crate::util::key_usage::is_for_servers(&parsed)
}

/// Verifies servers as the system does, but for certificates that are given themselves. webpki takes those as authorities
/// only; Go (`Certificate.Verify`) and OpenSSL trust them as they are, `CA:TRUE` or not.
#[derive(Debug)]
struct Verifier {
    system: Arc<dyn ServerCertVerifier>,
    given: Vec<CertificateDer<'static>>,
    /// Those given that may neither be a server's nor sign one.
    unfit: Vec<CertificateDer<'static>>,
}

impl Verifier {
    /// Whether one of these certificates is an unfit one, or names one as its signer.
    fn leads_to_unfit<'c>(&self, mut chain: impl Iterator<Item = &'c CertificateDer<'c>>) -> bool {
        let parsed =
            |certificate: &'c CertificateDer<'c>| Some(X509Certificate::from_der(certificate).ok()?.1);
        let unfit: Vec<_> =
            self.unfit.iter().filter_map(|unfit| Some(X509Certificate::from_der(unfit).ok()?.1)).collect();
        chain.any(|certificate| {
            let issuer = parsed(certificate).map(|parsed| parsed.issuer().as_raw().to_vec());
            issuer.is_some_and(|issuer| unfit.iter().any(|unfit| unfit.subject().as_raw() == issuer))
        })
    }

    /// Whether a server may show this given certificate.
    fn verify_given(
        certificate: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
        let (_, parsed) =
            X509Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
        let validity = parsed.validity();
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        if now < validity.not_before.timestamp() {
            return Err(CertificateError::NotValidYet.into());
        }
        if now > validity.not_after.timestamp() {
            return Err(CertificateError::Expired.into());
        }
        Ok(ServerCertVerified::assertion())
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.system.verify_server_cert(certificate, intermediates, name, ocsp, now);
        match verified {
            Err(_) if self.given.iter().any(|given| given == certificate) => {
                Self::verify_given(certificate, name, now)
            }
            Err(_) if self.leads_to_unfit(std::iter::once(certificate).chain(intermediates)) => {
                Err(CertificateError::InvalidPurpose.into())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.supported_verify_schemes()
    }
}
