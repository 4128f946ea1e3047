//! Private keys: makes them, reads the forms that OpenSSL writes, and compares them with a certificate.

use std::fmt;

use rsa::pkcs8::EncodePrivateKey as _;
use x509_parser::der_parser::asn1_rs::{Any, FromDer as _, Integer, Oid, Tag};
use zeroize::Zeroizing;

use super::der;
use super::read::Certificate;

/// rsaEncryption, 1.2.840.113549.1.1.1
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// id-ecPublicKey, 1.2.840.10045.2.1
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// id-Ed25519, 1.3.101.112
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// The kind of key to make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum KeyKind {
    /// RSA with 2048 bits, which every client accepts
    #[default]
    Rsa2048,
    /// ECDSA on the curve P-256, smaller and quicker
    Ecdsa,
}

/// A private key, in PKCS#8. Never shown, not even by `Debug`, and wiped from memory when dropped.
pub(crate) struct PrivateKey {
    pkcs8: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

/// Why there is no key. Never quotes any part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyError {
    /// The machine gives no randomness, or no memory.
    #[error("no key could be made: {0}")]
    Make(String),
    /// The file has no key.
    #[error("it holds no private key; a PEM key (-----BEGIN PRIVATE KEY-----) is expected")]
    None,
    /// A certificate in place of a key.
    #[error("it holds a certificate and no private key; give the key (for example domain.key)")]
    Certificate,
    /// It needs a passphrase.
    #[error(
        "the key is encrypted, but no one can enter the passphrase when a registry starts: decrypt it with \
         `openssl pkey -in FILE -out domain.key`"
    )]
    Encrypted,
    /// The file has several keys.
    #[error("it holds {0} private keys, and one is expected")]
    Several(usize),
    /// It cannot be read.
    #[error("the private key in it cannot be read: it is broken, or not of the kinds RSA, ECDSA and Ed25519")]
    Unreadable,
}

impl PrivateKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub(crate) fn generate(kind: KeyKind) -> Result<Self, KeyError> {
        let pkcs8 = match kind {
            KeyKind::Rsa2048 => {
                let failed = |error: &dyn fmt::Display| KeyError::Make(error.to_string());
                let key =
                    rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).map_err(|e| failed(&e))?;
                Zeroizing::new(key.to_pkcs8_der().map_err(|e| failed(&e))?.as_bytes().to_vec())
            }
            KeyKind::Ecdsa => {
                let algorithm = &ring::signature::ECDSA_P256_SHA256_ASN1_SIGNING;
                let random = ring::rand::SystemRandom::new();
                let key = ring::signature::EcdsaKeyPair::generate_pkcs8(algorithm, &random)
                    .map_err(|_| KeyError::Make("the system gives no randomness".to_owned()))?;
                Zeroizing::new(key.as_ref().to_vec())
            }
        };
        Ok(Self { pkcs8 })
    }

    /// Reads the one key of a PEM text: PKCS#8, or the older forms of RSA (PKCS#1) and ECDSA (SEC 1).
    ///
    /// # Errors
    /// When there is none, or one that cannot be read.
    pub(crate) fn parse(content: &[u8]) -> Result<Self, KeyError> {
        let blocks =
            pem::parse_many(super::text::without_blanks(content)).map_err(|_| KeyError::Unreadable)?;
        let keys: Vec<&pem::Pem> =
            blocks.iter().filter(|block| block.tag().ends_with("PRIVATE KEY")).collect();
        let [block] = keys[..] else {
            return Err(match (keys.len(), blocks.iter().any(|block| block.tag() == "CERTIFICATE")) {
                (0, true) => KeyError::Certificate,
                (0, false) => KeyError::None,
                (several, _) => KeyError::Several(several),
            });
        };
        let is_encrypted = block.tag() == "ENCRYPTED PRIVATE KEY"
            || block.headers().get("Proc-Type").is_some_and(|kind| kind.contains("ENCRYPTED"));
        if is_encrypted {
            return Err(KeyError::Encrypted);
        }
        let pkcs8 = match block.tag() {
            "RSA PRIVATE KEY" => {
                wrap(&[der::element(der::OID, RSA), der::element(der::NULL, &[])], block.contents())
            }
            "EC PRIVATE KEY" => {
                let curve = sec1(block.contents()).and_then(|sec1| sec1.curve).ok_or(KeyError::Unreadable)?;
                wrap(&[der::element(der::OID, EC), curve], block.contents())
            }
            _ => Zeroizing::new(block.contents().to_vec()),
        };
        let key = Self { pkcs8 };
        if key.public().is_none() { Err(KeyError::Unreadable) } else { Ok(key) }
    }

    /// Its PEM text, in PKCS#8.
    #[must_use]
    pub(crate) fn pem(&self) -> Zeroizing<String> {
        let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
        Zeroizing::new(pem::encode_config(&pem::Pem::new("PRIVATE KEY", self.pkcs8.to_vec()), config))
    }

    /// Whether a certificate is for this key.
    #[must_use]
    pub(crate) fn belongs_to(&self, certificate: &Certificate) -> bool {
        self.public() == Some(certificate.public_key())
    }

    /// Its PKCS#8 DER.
    pub(super) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public key as certificates have it; `None` for a key that does not contain it.
    fn public(&self) -> Option<Vec<u8>> {
        let (algorithm, inner) = unwrap(&self.pkcs8)?;
        match algorithm.as_slice() {
            RSA => {
                let (_, sequence) = Any::from_der(inner).ok()?;
                let (rest, _version) = Integer::from_der(sequence.data).ok()?;
                let (rest, modulus) = Any::from_der(rest).ok()?;
                let (_, exponent) = Any::from_der(rest).ok()?;
                let both =
                    [der::element(der::INTEGER, modulus.data), der::element(der::INTEGER, exponent.data)];
                Some(der::element(der::SEQUENCE, &both.concat()))
            }
            EC => sec1(inner)?.public,
            ED25519 => {
                let (_, seed) = Any::from_der(inner).ok()?;
                let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(seed.data).ok()?;
                Some(ring::signature::KeyPair::public_key(&pair).as_ref().to_vec())
            }
            _ => None,
        }
    }
}

/// PKCS#8 around an older form.
fn wrap(algorithm: &[Vec<u8>], key: &[u8]) -> Zeroizing<Vec<u8>> {
    let key = Zeroizing::new(der::element(der::OCTETS, key));
    let algorithm = der::element(der::SEQUENCE, &algorithm.concat());
    let version = der::element(der::INTEGER, &[0]);
    let content = Zeroizing::new([version.as_slice(), &algorithm, &key].concat());
    Zeroizing::new(der::element(der::SEQUENCE, &content))
}

/// The algorithm's OID and the key inside PKCS#8.
fn unwrap(pkcs8: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (_, sequence) = Any::from_der(pkcs8).ok()?;
    let (rest, _version) = Integer::from_der(sequence.data).ok()?;
    let (rest, algorithm) = Any::from_der(rest).ok()?;
    let (_, oid) = Oid::from_der(algorithm.data).ok()?;
    let (_, key) = Any::from_der(rest).ok()?;
    (key.tag() == Tag::OctetString).then(|| (oid.as_bytes().to_vec(), key.data))
}

/// The fields after the number in an EC key of SEC 1.
struct Sec1 {
    /// The curve's OID, with its tag and length.
    curve: Option<Vec<u8>>,
    public: Option<Vec<u8>>,
}

fn sec1(key: &[u8]) -> Option<Sec1> {
    let (_, sequence) = Any::from_der(key).ok()?;
    let (rest, _version) = Integer::from_der(sequence.data).ok()?;
    let (mut rest, _number) = Any::from_der(rest).ok()?;
    let mut found = Sec1 { curve: None, public: None };
    while let Ok((next, part)) = Any::from_der(rest) {
        match part.tag().0 {
            0 => found.curve = Some(part.data.to_vec()),
            1 => {
                // A BIT STRING; its first byte says that no bits are unused.
                let (_, bits) = Any::from_der(part.data).ok()?;
                found.public = bits.data.get(1..).map(<[u8]>::to_vec);
            }
            _ => {}
        }
        rest = next;
    }
    Some(found)
}
