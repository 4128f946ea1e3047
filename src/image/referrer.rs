//! What refers to an image without being a part of it: signatures, attestations, lists of what is in it. A backup of the image
//! keeps them.

use serde::Deserialize;

use super::digest::{SHA256_PREFIX, is_sha256};

/// Whether an image is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    Yes,
    /// It is where what it refers to is.
    WithSubject,
    No,
}

/// `shop/web` of `shop/web:1` and `shop/web@sha256:…`, the names of images in a backup.
pub(crate) fn repository_of(name: &str) -> &str {
    name.split([':', '@']).next().unwrap_or_default()
}

/// The image that the content of a tag refers to, by its digest: registries that list no referrers have the list of them under
/// `sha256-HEX` (OCI distribution-spec 1.1, "Referrers Tag Schema"), and cosign its signatures under `sha256-HEX.sig` and the
/// like.
pub(crate) fn subject_of_tag(tag: &str) -> Option<String> {
    let (hex, end) = tag.strip_prefix("sha256-")?.split_at_checked(64)?;
    let digest = format!("{SHA256_PREFIX}{hex}");
    (is_sha256(&digest) && (end.is_empty() || end.starts_with(['.', '-', '_']))).then_some(digest)
}

/// The digest of what a manifest refers to (OCI image-spec 1.1, `subject`).
pub(crate) fn subject_of_manifest(content: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Referring {
        subject: Subject,
    }
    #[derive(Deserialize)]
    struct Subject {
        digest: String,
    }
    let referring: Referring = serde_json::from_slice(content).ok()?;
    Some(referring.subject.digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_what_they_refer_to() {
        let hex = "0123456789abcdef".repeat(4);
        let digest = Some(format!("sha256:{hex}"));
        for (tag, subject) in [
            (format!("sha256-{hex}"), &digest),
            (format!("sha256-{hex}.sig"), &digest),
            (format!("sha256-{hex}.att"), &digest),
            (format!("sha256-{hex}-cosign"), &digest),
            (format!("sha256-{hex}0"), &None),
            (format!("sha256-{}", &hex[1..]), &None),
            (format!("sha512-{hex}"), &None),
            ("1.0".to_owned(), &None),
        ] {
            assert_eq!(subject_of_tag(&tag), *subject, "{tag}");
        }
        let manifest =
            format!(r#"{{"schemaVersion": 2, "subject": {{"digest": "sha256:{hex}", "size": 1}}}}"#);
        assert_eq!(subject_of_manifest(manifest.as_bytes()), digest);
        assert_eq!(subject_of_manifest(b"{}"), None);
    }
}
