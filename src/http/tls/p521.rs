//! ECDSA signatures on the curve P-521.

use ring::digest::{self, SHA256, SHA384, SHA512};
use rustls::pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};

use crate::util::p521;

/// The algorithms, by their hash: SHA-512, which TLS uses with this curve, first.
pub(super) static ALL: &[&dyn SignatureVerificationAlgorithm] = &[
    &P521 { hash: &SHA512, id: alg_id::ECDSA_SHA512 },
    &P521 { hash: &SHA384, id: alg_id::ECDSA_SHA384 },
    &P521 { hash: &SHA256, id: alg_id::ECDSA_SHA256 },
];

#[derive(Debug)]
struct P521 {
    hash: &'static digest::Algorithm,
    /// The signature's algorithm in a certificate.
    id: AlgorithmIdentifier,
}

impl SignatureVerificationAlgorithm for P521 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        if p521::verifies(self.hash, public_key, message, signature) { Ok(()) } else { Err(InvalidSignature) }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.id
    }
}
