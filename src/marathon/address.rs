//! Which ids can be asked for by their own path.

/// Segments that Marathon takes for parts of its own addresses: `GET /v2/groups/shop/apps` lists the apps of `/shop`, and
/// `/v2/apps/shop/tasks/web` is no app (`GroupsResource`, `AppsResource`, 1.4 to 1.11).
const WORDS: [&str; 5] = ["apps", "pods", "restart", "tasks", "versions"];

/// The innermost group above an id that can be asked for, where the id itself cannot; `/` always can.
pub(crate) fn group_to_ask(id: &str) -> Option<&str> {
    let mut end = 0;
    for segment in id.trim_start_matches('/').split('/') {
        if WORDS.contains(&segment) {
            return Some(if end == 0 { "/" } else { &id[..end] });
        }
        end += 1 + segment.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::group_to_ask;

    #[test]
    fn words_of_addresses_are_asked_for_by_the_group_above() {
        for (id, group) in [
            ("/shop/web", None),
            ("/shop/my-apps/web", None),
            ("/shop/apps", Some("/shop")),
            ("/shop/eu/tasks/web", Some("/shop/eu")),
            ("/versions/x", Some("/")),
            ("/", None),
        ] {
            assert_eq!(group_to_ask(id), group, "{id}");
        }
    }
}
