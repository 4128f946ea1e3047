//! Ids on the command line: what is none never becomes a part of an address.

use anyhow::anyhow;

use super::deploy::absolute;
use crate::marathon::Resource;

/// The id of an app or pod, with the slash in front.
pub(super) fn service(text: &str) -> Result<String, &'static str> {
    let id = absolute(text);
    if id == "/" || id.contains('*') {
        return Err("this is not the id of an app or pod, such as /shop/web");
    }
    Ok(id)
}

/// The id of a group, with the slash in front. Only `/` itself is the group of everything.
pub(super) fn group(text: &str) -> Result<String, &'static str> {
    let id = absolute(text);
    let is_root = !text.is_empty() && text.bytes().all(|byte| byte == b'/');
    if id.contains('*') || id == "/" && !is_root {
        return Err("this is not the id of a group, such as /shop; / is the group of everything");
    }
    Ok(id)
}

/// The id of a deployment, an app or a pod, as it is written.
pub(super) fn deployment_or_service(text: &str) -> Result<String, &'static str> {
    service(text).map(|_| text.to_owned())
}

/// The id of an app, a pod or a group.
pub(super) fn of(resource: Resource, text: &str) -> anyhow::Result<String> {
    let id = match resource {
        Resource::App | Resource::Pod => service(text),
        Resource::Group => group(text),
    };
    id.map_err(|why| anyhow!("{text:?}: {why}"))
}

/// The id of a deployment.
pub(super) fn deployment(text: &str) -> Result<String, &'static str> {
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if text.is_empty() || !text.bytes().all(is_id) {
        return Err("this is not the id of a deployment: `milepost deployment list` shows those that run");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_id_is_told() {
        for none in ["", "/", "//", ".", "a/..", "*", "shop/*"] {
            assert!(service(none).is_err(), "{none:?}");
        }
        for (text, id) in [("shop/web", "/shop/web"), ("//shop//web/", "/shop/web"), ("a/../b", "/b")] {
            assert_eq!(service(text).as_deref(), Ok(id));
        }
        for none in ["", ".", "a/..", "shop/*"] {
            assert!(group(none).is_err(), "{none:?}");
        }
        for (text, id) in [("/", "/"), ("//", "/"), ("shop", "/shop")] {
            assert_eq!(group(text).as_deref(), Ok(id));
        }
        for none in ["", "../apps/shop/web", "a?force=true", "."] {
            assert!(deployment(none).is_err(), "{none:?}");
        }
        assert!(deployment("5ed4c0c5-9ff8-4a6f-a0cd-f57f59a34b43").is_ok());
    }
}
