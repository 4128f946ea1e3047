//! Paths in the secret store of DC/OS, whose parent directory says which services may read a secret ("spaces", DC/OS
//! Enterprise).

use super::id::AbsoluteId;

/// The space of a secret, if its path has one, and the secret's name in it.
pub(crate) fn space(path: &str) -> Option<(&str, &str)> {
    path.trim_start_matches('/').rsplit_once('/')
}

/// Whether the secret store lets a service read the secret at a path: a secret in the space `group` is for the service
/// `/group` and those below it, one without a space for all. A path with a placeholder may become any, so it may be read.
pub(crate) fn may_read(path: &str, id: &AbsoluteId) -> bool {
    let Some((space, _)) = space(path) else { return true };
    let mut service = id.segments();
    path.contains('{') || space.split('/').all(|part| service.next().is_some_and(|segment| segment == part))
}

/// Why no secret is at a path, as a part of a sentence about it. A slash before it does not matter.
pub(crate) fn fault(path: &str) -> Option<&'static str> {
    let mut parts = path.strip_prefix('/').unwrap_or(path).split('/');
    if leads_elsewhere(path) {
        Some("has a part `.` or `..`, which would lead to another secret")
    } else {
        parts.any(str::is_empty).then_some("has an empty part between slashes or at an end")
    }
}

/// Whether a part of a path is `.` or `..`, percent-encoded or not: a client or a proxy would resolve it, and ask for
/// another secret.
pub(crate) fn leads_elsewhere(path: &str) -> bool {
    let is_dots = |part: &str| matches!(&*part.replace("%2e", ".").replace("%2E", "."), "." | "..");
    path.split('/').any(is_dots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_names() {
        for path in ["db", "/db", "shop/db", "/shop/.db", "shop/db..", "a%2eb"] {
            assert_eq!(fault(path), None, "{path}");
        }
        for path in
            ["", "/", "//db", "shop//db", "shop/", "./db", "shop/../db", "..", "shop/%2e%2E/db", ".%2e"]
        {
            assert!(fault(path).is_some(), "{path}");
        }
    }

    #[test]
    fn a_space_is_for_its_service_and_those_below() {
        let may = |path: &str, id: &str| may_read(path, &AbsoluteId::parse(id));
        for path in ["db", "/db", "shop/db", "/shop/db", "shop/web/db", "{{ space }}/db"] {
            assert!(may(path, "/shop/web"), "{path}");
        }
        for path in ["billing/db", "shop/web/deep/db", "sho/db", "shop/other/db"] {
            assert!(!may(path, "/shop/web"), "{path}");
        }
    }
}
