//! Patterns of --include and --exclude that match nothing: mostly a slip, after which a backup lacks what it should have, or has
//! what it should not.

use anyhow::bail;

use super::super::Terminal;
use super::choice::{ChoicePattern, ImageChoice};
use crate::image::referrer::repository_of;
use crate::util::suggest::suggest;
use crate::util::text::first_of;

/// How many names are told where none is near.
const MOST: usize = 3;

/// The patterns that have matched nothing so far, and what there is.
pub(super) struct PatternSearch<'a> {
    open: Vec<&'a ChoicePattern>,
    repositories: Vec<String>,
    names: Vec<String>,
}

impl<'a> PatternSearch<'a> {
    pub(super) fn new(choice: &'a ImageChoice) -> Self {
        let open = choice.patterns().iter().collect();
        Self { open, repositories: Vec::new(), names: Vec::new() }
    }

    /// Whether each pattern has matched something.
    pub(super) fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// There is a repository. What it has by its digest alone is not asked.
    pub(super) fn see_repository(&mut self, repository: &str) {
        self.open.retain(|pattern| !pattern.has_all_of(repository) && !pattern.is_for_digests_of(repository));
        self.repositories.push(repository.to_owned());
    }

    /// There is an image by this name.
    pub(super) fn see(&mut self, name: &str) {
        self.open.retain(|pattern| !pattern.has(name));
        self.names.push(name.to_owned());
        let repository = repository_of(name);
        if self.repositories.last().is_none_or(|last| last != repository) {
            self.repositories.push(repository.to_owned());
        }
    }

    /// Whether the tags of a repository tell more.
    pub(super) fn wants_tags_of(&self, repository: &str) -> bool {
        self.open.iter().any(|pattern| pattern.may_have_some_of(repository))
    }

    /// The tags of a repository cannot be read: what may match there is taken to do so.
    pub(super) fn cannot_see(&mut self, repository: &str) {
        self.open.retain(|pattern| !pattern.may_have_some_of(repository));
    }

    /// Not all repositories are known: only patterns that can match in one of these are judged.
    pub(super) fn judge_only(&mut self, repositories: &[String]) {
        let names = |pattern: &ChoicePattern| {
            pattern.is_name() && repositories.iter().any(|it| it == repository_of(&pattern.text))
        };
        self.open.retain(|pattern| names(pattern));
    }

    /// Refuses what matches nothing. An --exclude with `*` is only told: such a pattern is for what may come, such as images of
    /// branches, of which there may be none today.
    pub(super) fn finish(mut self, place: &str, term: &mut Terminal) -> anyhow::Result<()> {
        self.repositories.sort_unstable();
        self.repositories.dedup();
        let is_fine = |pattern: &&&ChoicePattern| pattern.is_exclude() && !pattern.is_name();
        let (fine, wrong): (Vec<_>, Vec<_>) = self.open.iter().partition(is_fine);
        let told = |patterns: Vec<&&ChoicePattern>| -> String {
            let words = patterns.into_iter().map(|pattern| {
                format!("{} '{}' ({})", pattern.option(), pattern.text, self.what_is_there(&pattern.text))
            });
            words.collect::<Vec<_>>().join(", ")
        };
        if !wrong.is_empty() {
            bail!("nothing in {place} is matched by {}, so nothing was written", told(wrong));
        }
        if !fine.is_empty() {
            writeln!(term.err(), "note: nothing in {place} is matched by {}", told(fine))?;
        }
        Ok(())
    }

    /// What is near a pattern.
    fn what_is_there(&self, text: &str) -> String {
        let repository = repository_of(text);
        let tags: Vec<&str> =
            self.names.iter().filter(|name| repository_of(name) == repository).map(String::as_str).collect();
        let all: Vec<&str> =
            if tags.is_empty() { self.repositories.iter().map(String::as_str).collect() } else { tags };
        let wanted =
            if all.first().is_some_and(|first| first.contains([':', '@'])) { text } else { repository };
        if let Some(near) = suggest(wanted, all.iter().copied()) {
            return format!("perhaps {near} is meant");
        }
        if all.is_empty() {
            "there is no image".to_owned()
        } else {
            format!("there is {}", first_of(&all, MOST))
        }
    }
}
