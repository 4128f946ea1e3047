//! ECDSA signatures on the curve P-521.

use p521::ecdsa::signature::hazmat::PrehashVerifier as _;
use p521::ecdsa::{Signature, VerifyingKey};
use ring::digest::{self, SHA256, SHA384, SHA512};
use rustls::pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};

/// The size of a number of the curve's field, in bytes.
const FIELD: usize = 66;

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
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = Signature::from_der(signature).map_err(|_| InvalidSignature)?;
        let hash = digest::digest(self.hash, message);
        // The crate rejects hashes that are much shorter than the field.
        let mut number = [0; FIELD];
        number[FIELD - hash.as_ref().len()..].copy_from_slice(hash.as_ref());
        key.verify_prehash(&number, &signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.id
    }
}
