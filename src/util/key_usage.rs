//! What certificates may be used for.

use x509_parser::certificate::X509Certificate;

/// Whether the extended key usage of a certificate allows a server: of its own certificate, as of the authorities above it.
pub(crate) fn is_for_servers(certificate: &X509Certificate<'_>) -> bool {
    let usage = certificate.extended_key_usage().ok().flatten();
    usage.is_none_or(|usage| usage.value.server_auth || usage.value.any)
}
