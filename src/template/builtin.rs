//! The built-in templates.

/// A built-in template.
#[derive(Debug)]
pub struct Builtin {
    name: &'static str,
    text: &'static str,
}

static ALL: [Builtin; 6] = [
    Builtin { name: "web-docker", text: include_str!("../../templates/web-docker.json.j2") },
    Builtin { name: "web-ucr", text: include_str!("../../templates/web-ucr.json.j2") },
    Builtin { name: "pod", text: include_str!("../../templates/pod.json.j2") },
    Builtin { name: "worker", text: include_str!("../../templates/worker.json.j2") },
    Builtin { name: "stateful", text: include_str!("../../templates/stateful.json.j2") },
    Builtin { name: "registry", text: include_str!("../../templates/registry.json.j2") },
];

impl Builtin {
    /// All built-in templates, in the order of the list.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The built-in template of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|builtin| builtin.name == name)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The template's text.
    #[must_use]
    pub fn text(&self) -> &'static str {
        self.text
    }
}
