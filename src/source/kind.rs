//! Detects the kind of a definition from its shape.

use super::tree::{Type, Value};

/// The kinds of definition that Marathon accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An app: the body of `POST /v2/apps`.
    App,
    /// A pod: the body of `POST /v2/pods`.
    Pod,
    /// A group of apps and groups: the body of `PUT /v2/groups`.
    Group,
    /// An array of apps: the body of `PUT /v2/apps`.
    Apps,
}

impl Kind {
    /// The word for output, for people and for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Pod => "pod",
            Self::Group => "group",
            Self::Apps => "apps",
        }
    }

    /// The kind meant by a user who names this one: for an array, `App` means a list of apps.
    #[must_use]
    pub fn of_shape(self, root: Value<'_>) -> Self {
        if self == Self::App && root.kind() == Type::Array { Self::Apps } else { self }
    }

    /// Detects the kind from the shape; `None` when the document does not look like a definition.
    ///
    /// `containers` makes a pod, `apps` or `groups` a group, an array of apps a list of apps. An app is an object
    /// with an `id` and at least one other field of an app, or without an `id` and with at least two fields that few
    /// other formats have (`cmd`, `cpus`, `healthChecks`, … but not `args`, `env` or `labels`).
    #[must_use]
    pub fn detect(root: &Value<'_>) -> Option<Self> {
        match root.kind() {
            Type::Array => {
                let mut elements = root.elements().peekable();
                elements.peek()?;
                // Not by recursion: arrays in arrays may nest deep.
                let is_app = |element: &Value<'_>| {
                    element.kind() == Type::Object && Self::of_object(element) == Some(Self::App)
                };
                elements.all(|element| is_app(&element)).then_some(Self::Apps)
            }
            Type::Object => Self::of_object(root),
            _ => None,
        }
    }

    fn of_object(object: &Value<'_>) -> Option<Self> {
        // Of duplicate names the last one counts, and its type.
        let (mut id, mut containers, mut networks, mut apps, mut groups) = (None, false, false, false, false);
        let (mut distinctive, mut common) = (0, 0);
        for (key, value) in object.members() {
            let is_array = || value.kind() == Type::Array;
            let name = key.as_str().unwrap_or_default();
            match &*name {
                "id" => id = Some(value.kind()),
                "containers" => containers = is_array(),
                "apps" => apps = is_array(),
                "groups" => groups = is_array(),
                "cmd"
                | "cpus"
                | "mem"
                | "instances"
                | "container"
                | "healthChecks"
                | "portDefinitions"
                | "upgradeStrategy"
                | "acceptedResourceRoles"
                | "backoffSeconds"
                | "fetch"
                | "uris"
                | "constraints" => distinctive += 1,
                "networks" => {
                    networks = is_array();
                    common += 1;
                }
                "args" | "env" | "labels" | "secrets" | "ports" | "user" | "dependencies" | "disk" => {
                    common += 1;
                }
                _ => {}
            }
        }
        if containers && (id.is_some() || networks) {
            return Some(Self::Pod);
        }
        if apps || (groups && id.is_some()) {
            return Some(Self::Group);
        }
        let is_app = if id == Some(Type::String) { distinctive + common >= 1 } else { distinctive >= 2 };
        is_app.then_some(Self::App)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Format};
    use super::*;

    #[test]
    fn an_array_that_nests_deep_is_not_a_list_of_apps() {
        let text = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        let document = Document::parse(text, Format::Json).expect("valid JSON");
        assert_eq!(Kind::detect(&document.root()), None);
    }

    #[test]
    fn kinds_are_detected_from_the_shape() {
        let cases = [
            (r#"{"id": "/a", "cmd": "x"}"#, Some(Kind::App)),
            (r#"{"cmd": "x", "cpus": 1}"#, Some(Kind::App)),
            (r#"{"id": "/a", "containers": []}"#, Some(Kind::Pod)),
            (r#"{"id": "/", "groups": []}"#, Some(Kind::Group)),
            (r#"{"id": "/g", "apps": [{"id": "a"}]}"#, Some(Kind::Group)),
            (r#"[{"id": "/a", "cmd": "x"}]"#, Some(Kind::Apps)),
            (r#"{"name": "left-pad", "version": "1.0.0"}"#, None),
            (r#"{"id": 5, "labels": []}"#, None),
            ("[]", None),
            ("5", None),
        ];
        for (text, kind) in cases {
            let document = Document::parse(text, Format::Json).expect("valid JSON");
            assert_eq!(Kind::detect(&document.root()), kind, "{text}");
        }
    }
}
