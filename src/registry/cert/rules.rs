//! What can be wrong with a registry's certificate, as rules.

use crate::finding::{Rule, Scope};

/// The rules declared here.
pub(crate) static RULES: &[&Rule] = &[
    &AUTHORITY_AS_SERVER,
    &CERTIFICATES_OUT_OF_ORDER,
    &CERTIFICATE_FOR_OTHER_NAME,
    &CERTIFICATE_NOT_YET_VALID,
    &EXPIRED_CERTIFICATE,
    &EXPIRING_CERTIFICATE,
    &FALSE_SIGNATURE,
    &KEY_BESIDE_CERTIFICATE,
    &KEY_OF_OTHER_CERTIFICATE,
    &NAME_NOT_PERMITTED,
    &NOT_FOR_SERVERS,
    &NO_ALTERNATIVE_NAME,
    &PEM_OF_GO_ONLY,
    &REJECTED_SIGNATURE_ALGORITHM,
    &SIGNED_IN_A_CIRCLE,
    &SIGNER_IS_NO_AUTHORITY,
    &STRAY_CERTIFICATE,
    &TOO_MANY_AUTHORITIES,
    &UNCHECKED_SIGNATURE,
    &UNKNOWN_CRITICAL_EXTENSION,
    &UNREADABLE_CERTIFICATE_NAMES,
    &UNSUPPORTED_KEY,
    &UNTRUSTED_SIGNER,
    &UNUSABLE_PEM,
    &WEAK_KEY,
    &WEAK_SIGNATURE_ALGORITHM,
];

pub(super) static AUTHORITY_AS_SERVER: Rule = Rule::risky("authority-as-server", "A server's certificate may not sign others")
    .about(Scope::Certificates)
    .why(
        "The certificate says CA:TRUE, and a server's should not. Docker and curl accept it; clients with rustls do not.",
    )
    .example("milepost registry cert --check ca.crt");

pub(super) static CERTIFICATES_OUT_OF_ORDER: Rule = Rule::verdict("certificates-out-of-order", "A file has the server's certificate first")
    .about(Scope::Certificates)
    .why(
        "A registry sends the certificates in the order of its file, and clients take the first one for the server's. Its signer comes next, and so on.",
    )
    .example("milepost registry cert --check chain.pem");

pub(super) static CERTIFICATE_FOR_OTHER_NAME: Rule = Rule::verdict("certificate-for-other-name", "A certificate is for the addresses that clients use")
    .about(Scope::Certificates)
    .why(
        "Clients compare the address that they connect to with the certificate's alternative names. Where none of them is the address, the pull fails with `x509: certificate is valid for …, not …`.",
    )
    .example("milepost registry cert --check domain.crt --for registry.example.com:5000");

pub(super) static CERTIFICATE_NOT_YET_VALID: Rule = Rule::verdict("certificate-not-yet-valid", "A certificate is valid already")
    .about(Scope::Certificates)
    .why(
        "Clients reject a certificate before the day that it is valid from. Often the clock of the machine that made it was wrong.",
    )
    .example("milepost registry cert --check domain.crt");

pub(super) static EXPIRED_CERTIFICATE: Rule = Rule::verdict("expired-certificate", "A certificate has not expired")
    .about(Scope::Certificates)
    .why(
        "Clients reject a certificate after its last day: every pull fails with `x509: certificate has expired or is not yet valid`.",
    )
    .example("milepost registry cert --check domain.crt");

pub(super) static EXPIRING_CERTIFICATE: Rule = Rule::verdict("expiring-certificate", "A certificate is valid for some time yet")
    .about(Scope::Certificates)
    .why(
        "Less than 30 days are left, or less than a third of the lifetime where that is shorter. Renew it before every pull fails.",
    )
    .example("milepost registry cert --check domain.crt");

pub(super) static FALSE_SIGNATURE: Rule = Rule::verdict("false-signature", "A certificate is signed with the key of its signer")
    .about(Scope::Certificates)
    .why(
        "Clients verify each signature with the key of the certificate that is named as its signer. An authority that was made again under the same name has another key, and a certificate that was changed has a wrong signature.",
    )
    .example("milepost registry cert --check domain.crt --ca ca.crt");

pub(super) static KEY_BESIDE_CERTIFICATE: Rule =
    Rule::risky("key-beside-certificate", "A file of certificates holds no private key")
        .about(Scope::Certificates)
        .why("Certificates are copied to every agent, and the key would be copied with them.")
        .example("milepost registry cert --check both.pem");

pub(super) static KEY_OF_OTHER_CERTIFICATE: Rule =
    Rule::verdict("key-of-other-certificate", "A key belongs to its certificate")
        .about(Scope::Certificates)
        .why("A registry does not start with a key that does not match its certificate.")
        .example("milepost registry cert --check domain.crt --key other.key");

pub(super) static NAME_NOT_PERMITTED: Rule = Rule::verdict("name-not-permitted", "An authority may sign for the certificate's names")
    .about(Scope::Certificates)
    .why(
        "An authority's name constraints list the names it may sign for. Clients reject the whole certificate where one of its names is outside of them.",
    )
    .example("milepost registry cert --check domain.crt --ca ca.crt");

pub(super) static NOT_FOR_SERVERS: Rule = Rule::verdict("not-for-servers", "A certificate may be used by a server")
    .about(Scope::Certificates)
    .why(
        "A key usage or an extended key usage that does not allow a TLS server makes clients reject the certificate. Go and OpenSSL look at the extended key usage of the authorities that signed it, too.",
    )
    .example("milepost registry cert --check client.crt");

pub(super) static NO_ALTERNATIVE_NAME: Rule = Rule::verdict(
    "no-alternative-name",
    "A certificate has subject alternative names",
)
.about(Scope::Certificates)
.why("Docker and other clients in Go (1.15 and later) ignore the common name. Only alternative names count.")
.example("milepost registry cert --check domain.crt");

pub(super) static REJECTED_SIGNATURE_ALGORITHM: Rule = Rule::verdict(
    "rejected-signature-algorithm",
    "A certificate is signed with an algorithm that clients accept",
)
.about(Scope::Certificates)
.why("Go 1.18 and later, and so Docker, reject signatures with SHA-1 and MD5.")
.example("milepost registry cert --check domain.crt");

pub(super) static SIGNED_IN_A_CIRCLE: Rule = Rule::verdict(
    "signed-in-a-circle",
    "Certificates do not sign each other",
)
.about(Scope::Certificates)
.why("A chain ends at an authority that clients trust. Certificates that sign each other lead to none.")
.example("milepost registry cert --check chain.pem --ca ca.crt");

pub(super) static SIGNER_IS_NO_AUTHORITY: Rule = Rule::verdict("signer-is-no-authority", "A signer may sign certificates")
    .about(Scope::Certificates)
    .why(
        "A signer needs CA:TRUE in its basic constraints and, where it has a key usage, keyCertSign in it. Clients reject what others sign.",
    )
    .example("milepost registry cert --check domain.crt --ca ca.crt");

pub(super) static STRAY_CERTIFICATE: Rule = Rule::risky("stray-certificate", "Each certificate in a file is part of the chain")
    .about(Scope::Certificates)
    .why(
        "A certificate that signs none of the others is sent to every client for nothing. Often the right one is missing instead.",
    )
    .example("milepost registry cert --check chain.pem");

pub(super) static TOO_MANY_AUTHORITIES: Rule = Rule::verdict("too-many-authorities", "A chain is no longer than its authorities allow")
    .about(Scope::Certificates)
    .why(
        "An authority's path length limits how many authorities may come below it. Clients reject a longer chain.",
    )
    .example("milepost registry cert --check chain.pem --ca ca.crt");

pub(super) static UNCHECKED_SIGNATURE: Rule =
    Rule::risky("unchecked-signature", "A signature can be checked")
        .about(Scope::Certificates)
        .why("milepost does not know the signature's algorithm, so it cannot tell whether clients accept it.")
        .example("milepost registry cert --check domain.crt --ca ca.crt");

pub(super) static UNKNOWN_CRITICAL_EXTENSION: Rule = Rule::verdict("unknown-critical-extension", "A certificate has no critical extension that clients do not know")
    .about(Scope::Certificates)
    .why(
        "A client must reject a certificate with a critical extension that it does not know (RFC 5280, section 4.2).",
    )
    .example("milepost registry cert --check domain.crt");

pub(super) static UNREADABLE_CERTIFICATE_NAMES: Rule =
    Rule::verdict("unreadable-certificate-names", "A certificate's alternative names can be read")
        .about(Scope::Certificates)
        .why("Clients reject a certificate whose alternative names are malformed.")
        .example("milepost registry cert --check domain.crt");

pub(super) static UNSUPPORTED_KEY: Rule = Rule::verdict(
    "unsupported-key",
    "A certificate has a key of a kind that clients know",
)
.about(Scope::Certificates)
.why("Go knows RSA, ECDSA on the NIST curves, and Ed25519. Docker rejects a certificate with any other key.")
.example("milepost registry cert --check domain.crt");

pub(super) static UNTRUSTED_SIGNER: Rule = Rule::verdict("untrusted-signer", "A certificate leads to an authority that clients trust")
    .about(Scope::Certificates)
    .why(
        "A client follows the signers from the server's certificate to an authority that it trusts. Where one is missing, the pull fails with `x509: certificate signed by unknown authority`.",
    )
    .example("milepost registry cert --check domain.crt --ca ca.crt");

pub(super) static PEM_OF_GO_ONLY: Rule = Rule::risky("pem-of-go-only", "Go and OpenSSL read a PEM file alike")
    .about(Scope::Certificates)
    .why(
        "Go, and so the registry and Docker, skips empty lines within a PEM block. OpenSSL, and so the agents' fetcher and curl, reads nothing after the first of them.",
    )
    .example("milepost registry cert --check ca.crt --for registry.example.com");

pub(super) static UNUSABLE_PEM: Rule = Rule::verdict("unusable-pem", "A PEM file can be read by a registry")
    .about(Scope::Certificates)
    .why(
        "A registry does not start with a file that has, for example, a byte order mark, or its base64 on one line with blanks.",
    )
    .example("milepost registry cert --check domain.crt");

pub(super) static WEAK_KEY: Rule = Rule::verdict("weak-key", "An RSA key has 2048 bits or more")
    .about(Scope::Certificates)
    .why("OpenSSL of current Linux distributions, and so the agents' fetcher, rejects shorter RSA keys.")
    .example("milepost registry cert --check domain.crt");

pub(super) static WEAK_SIGNATURE_ALGORITHM: Rule = Rule::risky("weak-signature-algorithm", "A self-signed certificate is signed with a safe algorithm")
    .about(Scope::Certificates)
    .why(
        "Clients do not check the signature of an authority that they trust. SHA-1 and MD5 are no longer safe all the same.",
    )
    .example("milepost registry cert --check ca.crt");
