//! Digests of images, as references name them: `sha256:` and 64 hexadecimal digits.

use std::io::{self, Read};

use ring::digest::{Context, SHA256, digest};

use crate::util::hex::hex;

/// How a digest of SHA-256 begins.
pub(crate) const SHA256_PREFIX: &str = "sha256:";

/// The SHA-256 digest of a manifest or blob.
pub(crate) fn sha256(content: &[u8]) -> String {
    format!("{SHA256_PREFIX}{}", hex(digest(&SHA256, content).as_ref()))
}

/// Whether a text is a SHA-256 digest as a reference names it.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.strip_prefix(SHA256_PREFIX)
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Computes the SHA-256 digest of content that comes in parts.
pub(crate) struct PartsDigest(Context);

impl PartsDigest {
    pub(crate) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    /// Takes in the next part.
    pub(crate) fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// Takes in all that is left to read: how many bytes.
    pub(crate) fn read_all(&mut self, mut content: impl Read) -> io::Result<u64> {
        let (mut buffer, mut read) = (vec![0; 256 << 10], 0);
        loop {
            match content.read(&mut buffer)? {
                0 => return Ok(read),
                count => {
                    self.update(&buffer[..count]);
                    read += count as u64;
                }
            }
        }
    }

    /// The digest of all parts.
    pub(crate) fn finish(self) -> String {
        format!("{SHA256_PREFIX}{}", hex(self.0.finish().as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_have_the_form_of_references() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b""), empty);
        assert!(is_sha256(empty));
        for other in
            ["", "sha256:", "sha256:e3b0", &empty.replace("sha256", "sha512"), &empty.replace('e', "g")]
        {
            assert!(!is_sha256(other), "{other}");
        }
    }
}
