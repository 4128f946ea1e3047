//! What an answer is to contain beside definitions (`InfoEmbedResolver`).

/// What is shown of apps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of a query")]
pub(crate) struct AppEmbeds {
    pub(crate) counts: bool,
    pub(crate) deployments: bool,
    pub(crate) readiness: bool,
    pub(crate) tasks: bool,
    pub(crate) failure: bool,
    pub(crate) stats: bool,
}

/// What is shown of groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GroupEmbeds {
    pub(crate) apps: bool,
    pub(crate) pods: bool,
    pub(crate) groups: bool,
}

impl AppEmbeds {
    /// Reads words of a query. Unknown ones are ignored.
    pub(crate) fn read<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut embeds = Self::default();
        for word in words {
            let short = ["group.apps.", "apps.", "app."].iter().find_map(|prefix| word.strip_prefix(prefix));
            match short.unwrap_or(word) {
                "counts" | "count" => embeds.counts = true,
                "deployments" => embeds.deployments = true,
                "readiness" => embeds.readiness = true,
                "tasks" => embeds.tasks = true,
                "failures" => (embeds.tasks, embeds.failure, embeds.counts, embeds.deployments) = (true, true, true, true),
                "lastTaskFailure" => embeds.failure = true,
                "taskStats" => embeds.stats = true,
                _ => {}
            }
        }
        embeds
    }
}

impl GroupEmbeds {
    /// Reads words of a query; all where there is none.
    pub(crate) fn read(words: &[String]) -> Self {
        let has = |word: &str| words.is_empty() || words.iter().any(|other| other == word);
        Self { apps: has("group.apps"), pods: has("group.pods"), groups: has("group.groups") }
    }
}
