//! Which images a backup has, or a restoring brings back.

use anyhow::{Context as _, bail};
use globset::{GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};
use regex_automata::hybrid::dfa::DFA;
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

use crate::image::referrer::{Chosen, repository_of, subject_of_tag};

/// Which images.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Selection")]
pub(super) struct ChoiceArgs {
    /// Only what this pattern matches: REPOSITORY or REPOSITORY:TAG, with * for any characters; may be repeated
    ///
    /// `?` stands for one character, [ab] for one of these, {web,db} for one of these texts. What refers to an image that is
    /// chosen, such as its signatures, goes with it. What matches nothing is an error before anything is written, but an --exclude with `*` is
    /// only told.
    #[arg(long, value_name = "PATTERN")]
    include: Vec<String>,

    /// Not what this pattern matches; may be repeated
    ///
    /// What refers only to images that are left out, such as signatures under tags of their own, is left out with them, unless
    /// an --include matches its own name, as '*:sha256-*' does. An --exclude that matches the name itself always leaves out.
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
}

/// Which images of a registry are chosen.
pub(super) struct ImageChoice {
    include: Option<GlobSet>,
    exclude: GlobSet,
    /// Patterns that match all with the same beginning.
    open_excludes: GlobSet,
    /// All patterns, each with its option.
    patterns: Vec<ChoicePattern>,
}

/// One of the patterns.
pub(super) struct ChoicePattern {
    /// Whether it is of --include.
    is_include: bool,
    /// As it is written.
    pub(super) text: String,
    glob: GlobMatcher,
    beginnings: NameBeginnings,
}

/// The beginnings of the names that a pattern matches.
struct NameBeginnings(DFA);

impl ChoiceArgs {
    pub(super) fn read(&self) -> anyhow::Result<ImageChoice> {
        for (option, texts) in [("--include", &self.include), ("--exclude", &self.exclude)] {
            if texts.iter().any(|text| text.trim().is_empty()) {
                bail!(
                    "{option} has an empty pattern, which matches nothing: give one such as 'shop/*', or leave it out for all"
                );
            }
        }
        let include = if self.include.is_empty() { None } else { Some(patterns(&self.include)?) };
        let open: Vec<String> = self.exclude.iter().filter(|text| text.ends_with('*')).cloned().collect();
        Ok(ImageChoice {
            include,
            exclude: patterns(&self.exclude)?,
            open_excludes: patterns(&open)?,
            patterns: of_option(&self.include, true)
                .chain(of_option(&self.exclude, false))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn patterns(texts: &[String]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for text in texts {
        let glob = GlobBuilder::new(text).build();
        set.add(glob.with_context(|| format!("`{text}` is not a pattern"))?);
    }
    Ok(set.build()?)
}

fn of_option(texts: &[String], is_include: bool) -> impl Iterator<Item = anyhow::Result<ChoicePattern>> {
    texts.iter().map(move |text| ChoicePattern::read(text, is_include))
}

impl ChoicePattern {
    fn read(text: &str, is_include: bool) -> anyhow::Result<Self> {
        let glob = GlobBuilder::new(text).build().with_context(|| format!("`{text}` is not a pattern"))?;
        let (beginnings, glob) = (NameBeginnings::of(text)?, glob.compile_matcher());
        Ok(Self { is_include, text: text.to_owned(), glob, beginnings })
    }

    /// The option that gives it.
    pub(super) fn option(&self) -> &'static str {
        if self.is_include { "--include" } else { "--exclude" }
    }

    /// Whether it is of --exclude.
    pub(super) fn is_exclude(&self) -> bool {
        !self.is_include
    }

    /// Whether it is a name, which matches nothing else.
    pub(super) fn is_name(&self) -> bool {
        !self.text.contains(['*', '?', '[', ']', '{', '}', '\\'])
    }

    /// Whether it matches an image by this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.glob.is_match(name) || self.has_all_of(repository_of(name))
    }

    /// Whether it matches all that a repository can have.
    pub(super) fn has_all_of(&self, repository: &str) -> bool {
        self.glob.is_match(repository)
            || self.text.ends_with('*') && self.glob.is_match(format!("{repository}:"))
    }

    /// Whether it can match an image of a repository: all of them, or one with a tag.
    pub(super) fn may_have_some_of(&self, repository: &str) -> bool {
        self.has_all_of(repository) || self.beginnings.has(&format!("{repository}:"))
    }

    /// Whether it is for images of a repository that have no tag.
    pub(super) fn is_for_digests_of(&self, repository: &str) -> bool {
        self.text.contains('@') && self.beginnings.has(&format!("{repository}@"))
    }
}

impl ImageChoice {
    /// All patterns.
    pub(super) fn patterns(&self) -> &[ChoicePattern] {
        &self.patterns
    }

    fn includes(&self) -> impl Iterator<Item = &ChoicePattern> {
        self.patterns.iter().filter(|pattern| pattern.is_include)
    }

    /// Whether not all images are chosen.
    pub(super) fn is_partial(&self) -> bool {
        self.include.is_some() || !self.exclude.is_empty()
    }

    /// Whether an image is chosen: `shop/web:1`. What refers to an image goes with it, unless a pattern is for its own name.
    pub(super) fn of(&self, name: &str) -> Chosen {
        let repository = repository_of(name);
        if self.exclude.is_match(name) || self.exclude.is_match(repository) {
            return Chosen::No;
        }
        let is_named = |set: &GlobSet| set.is_match(name) && !set.is_match(repository);
        let refers =
            name.contains('@') || name.rsplit_once(':').is_some_and(|(_, tag)| subject_of_tag(tag).is_some());
        if self.is_partial() && refers && !self.include.as_ref().is_some_and(is_named) {
            return Chosen::WithSubject;
        }
        let is_match = |set: &GlobSet| set.is_match(name) || set.is_match(repository);
        if self.include.as_ref().is_none_or(is_match) { Chosen::Yes } else { Chosen::No }
    }

    /// Whether an image of this repository can be chosen.
    pub(super) fn may_choose(&self, repository: &str) -> bool {
        let tagged = format!("{repository}:");
        if self.exclude.is_match(repository) || self.open_excludes.is_match(&tagged) {
            return false;
        }
        self.include.as_ref().is_none_or(|include| {
            let by_digest = format!("{repository}@");
            let begins = |it: &NameBeginnings| it.has(&tagged) || it.has(&by_digest);
            include.is_match(repository) || self.includes().any(|pattern| begins(&pattern.beginnings))
        })
    }

    /// The repositories of --include, where it has only names.
    pub(super) fn named_repositories(&self) -> Option<Vec<String>> {
        if self.include.is_none() || !self.includes().all(ChoicePattern::is_name) {
            return None;
        }
        let mut named: Vec<String> =
            self.includes().map(|pattern| repository_of(&pattern.text).to_owned()).collect();
        named.retain(|repository| self.may_choose(repository));
        named.sort();
        named.dedup();
        Some(named)
    }
}

impl NameBeginnings {
    fn of(pattern: &str) -> anyhow::Result<Self> {
        // As globset reads what it writes.
        let syntax = syntax::Config::new().utf8(false).dot_matches_new_line(true);
        let built = DFA::builder()
            .syntax(syntax)
            .thompson(thompson::Config::new().utf8(false))
            .build(GlobBuilder::new(pattern).build()?.regex());
        Ok(Self(built.with_context(|| format!("`{pattern}` is not a pattern"))?))
    }

    /// Whether a match can begin so. In doubt it can.
    fn has(&self, beginning: &str) -> bool {
        let mut cache = self.0.create_cache();
        let start = self.0.start_state_forward(&mut cache, &Input::new(beginning).anchored(Anchored::Yes));
        let Ok(mut state) = start else { return true };
        for byte in beginning.bytes() {
            match self.0.next_state(&mut cache, state, byte) {
                Ok(next) if next.is_dead() => return false,
                Ok(next) => state = next,
                Err(_) => return true,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_repositories_with_an_image_that_can_be_chosen_are_asked() {
        for (include, exclude, asked, not_asked) in [
            (&[][..], &[][..], "ci/z", ""),
            (&["ci/*"], &[], "ci/z ci/a/b", "admin/z ci admin/ci/z"),
            (&["ci/z:1"], &[], "ci/z", "admin/z ci/zz ci/a"),
            (&["ci/z"], &[], "ci/z", "ci/zz"),
            (&["*:latest"], &[], "ci/z admin/z", ""),
            (&["sh*1"], &[], "shop/web shop", "admin/z"),
            (&["shop/web?1", "x"], &[], "shop/web x", "shop/we shop/web2"),
            (&["{ci,qa}/z:1"], &[], "ci/z qa/z", "admin/z"),
            (&["{ci/z:1,qa/y:2}"], &[], "ci/z qa/y", "ci/y"),
            (&["[a-c]i/z:1"], &[], "ci/z", "qi/z"),
            (&["ci/z@sha256:0*"], &[], "ci/z", "ci/y"),
            (&[], &["admin/*"], "ci/z admin", "admin/z admin/a/b"),
            (&[], &["admin/z"], "ci/z admin/zz", "admin/z"),
            (&[], &["admin/z:1", "*:latest"], "ci/z admin/z", ""),
            (&[], &["admin/z:*"], "ci/z", "admin/z"),
            (&[], &["admin/z:1*"], "ci/z admin/z", ""),
            (&["ci/*"], &["ci/secret"], "ci/z", "ci/secret admin/z"),
        ] {
            let [include, exclude] =
                [include, exclude].map(|texts| texts.iter().map(|text| (*text).to_owned()).collect());
            let args = ChoiceArgs { include, exclude };
            let choice = args.read().expect("patterns");
            for (names, expected) in [(asked, true), (not_asked, false)] {
                for name in names.split_whitespace() {
                    assert_eq!(choice.may_choose(name), expected, "{args:?} {name}");
                }
            }
        }
    }
}
