//! Verifies ECDSA signatures on the curve P-521, which ring does not know.

use p521::ecdsa::signature::hazmat::PrehashVerifier as _;
use p521::ecdsa::{Signature, VerifyingKey};
use ring::digest;

/// The size of a number of the curve's field, in bytes.
const FIELD: usize = 66;

/// Whether the key, a point in SEC 1's form, has signed the message. The signature is in DER.
pub(crate) fn verifies(
    hash: &'static digest::Algorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(key), Signature::from_der(signature))
    else {
        return false;
    };
    let hash = digest::digest(hash, message);
    // The crate rejects hashes that are much shorter than the field.
    let mut number = [0; FIELD];
    number[FIELD - hash.as_ref().len()..].copy_from_slice(hash.as_ref());
    key.verify_prehash(&number, &signature).is_ok()
}
