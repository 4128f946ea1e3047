//! The tables `[[policy]]` of `milepost.toml`, and policies named on the command line: which schemas definitions are held
//! against. Compiling and applying them is the room [`crate::policy`]'s.

use std::ops::Range;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::finding::{Effect, Rule};
use crate::source::Kind;
use crate::util::escape::shown_path;

use super::paths::{Base, PathPatterns};
use super::{ProjectConfigError, SOME_TEXT, shown};

/// An organisation's rule for definitions, written as a JSON Schema.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PolicyTable {
    /// The policy's name, which findings carry and `--select`, `--ignore` and comments take: letters, digits, `-`, `_`.
    #[schemars(with = "String", regex(pattern = "^[A-Za-z0-9_-]+$"))]
    name: Spanned<String>,
    /// The file of the JSON Schema (JSON or YAML, any draft), relative to this file.
    #[schemars(with = "String", regex(pattern = SOME_TEXT))]
    schema: Spanned<String>,
    /// What a finding says, before what is wrong at its place. Default: the schema's `title` or `description`.
    message: Option<String>,
    /// What a violation is. Default `forbidden`, which is an error.
    #[serde(default)]
    effect: PolicyEffect,
    /// The kinds of definition it is for, wherever they are: in files of their own, in lists, in groups. Default apps and
    /// pods.
    #[schemars(with = "Option<Vec<PolicyKind>>", length(min = 1))]
    kinds: Option<Spanned<Vec<PolicyKind>>>,
    /// Patterns of the files it is for, relative to this file. A directory stands for all below it. Default all.
    #[schemars(with = "Option<Vec<String>>", length(min = 1), inner(regex(pattern = SOME_TEXT)))]
    paths: Option<Spanned<Vec<Spanned<String>>>>,
    /// What the schema is held against. Default `stored`.
    #[serde(default)]
    on: PolicyForm,
}

/// What a violation of a policy is.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum PolicyEffect {
    /// Against the organisation's rules: an error.
    #[default]
    Forbidden,
    /// Has no effect in its place: an error.
    Ignored,
    /// To be given up: a warning.
    Deprecated,
    /// Works, and will hurt: a warning.
    Risky,
    /// A matter of taste: a note.
    Style,
}

/// A kind of definition that a policy is for.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum PolicyKind {
    /// Apps, each by itself.
    App,
    /// Pods.
    Pod,
    /// Groups, each with what is in it.
    Group,
}

/// The form of a definition that a policy is held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PolicyForm {
    /// As Marathon would store it: with defaults, and old forms moved to new ones. What Marathon rejects is not held
    /// against it.
    #[default]
    Stored,
    /// As it is written.
    Text,
}

/// A policy as it was asked for.
#[derive(Clone, Debug)]
pub(crate) struct PolicySettings {
    /// Its name.
    pub name: String,
    /// The file of its schema.
    pub schema: PathBuf,
    /// What a finding says; nothing for what the schema says of itself.
    pub message: Option<String>,
    /// What a violation is.
    pub effect: Effect,
    /// [`Kind::App`], [`Kind::Pod`] and [`Kind::Group`], as far as it is for them.
    pub kinds: Vec<Kind>,
    /// The files it is for; nothing for all.
    pub paths: Option<PathPatterns>,
    /// Their patterns, as they are written.
    pub written_paths: Vec<String>,
    /// What it is held against.
    pub on: PolicyForm,
}

impl PolicySettings {
    /// A policy that is nothing but a schema. It is named after the file, without `.json`, `.schema.json` and the like.
    ///
    /// # Errors
    /// When that is not a name for a policy.
    pub(crate) fn of_file(schema: &Path) -> Result<Self, String> {
        let stem = schema.file_stem().unwrap_or_default().to_string_lossy();
        let name = stem.strip_suffix(".schema").unwrap_or(&stem).to_owned();
        check_name(&name).map_err(|message| format!("{}: {message}", shown_path(&schema)))?;
        Ok(Self {
            name,
            schema: schema.to_owned(),
            message: None,
            effect: PolicyEffect::default().effect(),
            kinds: default_kinds(),
            paths: None,
            written_paths: Vec::new(),
            on: PolicyForm::default(),
        })
    }
}

impl PolicyEffect {
    fn effect(self) -> Effect {
        match self {
            Self::Forbidden => Effect::Forbidden,
            Self::Ignored => Effect::Ignored,
            Self::Deprecated => Effect::Deprecated,
            Self::Risky => Effect::Risky,
            Self::Style => Effect::Style,
        }
    }
}

impl From<PolicyKind> for Kind {
    fn from(kind: PolicyKind) -> Self {
        match kind {
            PolicyKind::App => Self::App,
            PolicyKind::Pod => Self::Pod,
            PolicyKind::Group => Self::Group,
        }
    }
}

fn default_kinds() -> Vec<Kind> {
    vec![Kind::App, Kind::Pod]
}

impl PolicyTable {
    pub(super) fn name(&self) -> &Spanned<String> {
        &self.name
    }

    /// Patterns of the files that it is for.
    pub(super) fn paths(&self) -> &[Spanned<String>] {
        self.paths.as_ref().map_or(&[], |paths| paths.get_ref())
    }

    /// What the table says; `wrong` makes an error about a place in the file.
    pub(super) fn settings(
        &self,
        base: &Base,
        current: &Path,
        wrong: &dyn Fn(&Range<usize>, String) -> ProjectConfigError,
    ) -> Result<PolicySettings, ProjectConfigError> {
        let name = self.name.get_ref().clone();
        check_name(&name).map_err(|message| wrong(&self.name.span(), message))?;
        if self.schema.get_ref().trim_ascii().is_empty() {
            let message = "the policy has no schema: name a file, relative to this one";
            return Err(wrong(&self.schema.span(), message.to_owned()));
        }
        let empty = [
            self.kinds.as_ref().filter(|kinds| kinds.get_ref().is_empty()).map(Spanned::span),
            self.paths.as_ref().filter(|paths| paths.get_ref().is_empty()).map(Spanned::span),
        ];
        if let Some(span) = empty.into_iter().flatten().next() {
            let message = "the policy is for nothing: name something, or leave the list out";
            return Err(wrong(&span, message.to_owned()));
        }
        let kinds =
            self.kinds.as_ref().map(|kinds| kinds.get_ref().iter().copied().map(Kind::from).collect());
        let patterns = |paths: &Spanned<Vec<Spanned<String>>>| {
            let paths = paths.get_ref();
            PathPatterns::new(paths.iter().map(|path| path.get_ref().as_str()), base.clone())
                .map_err(|(index, message)| wrong(&paths[index].span(), message))
        };
        let paths = self.paths.as_ref().map(patterns).transpose()?;
        Ok(PolicySettings {
            name,
            schema: shown(&base.resolve(self.schema.get_ref()), current).into(),
            message: self.message.clone(),
            effect: self.effect.effect(),
            kinds: kinds.unwrap_or_else(default_kinds),
            paths,
            written_paths: self.paths().iter().map(|path| path.get_ref().clone()).collect(),
            on: self.on,
        })
    }
}

/// A name is written in comments and on the command line, between commas.
fn check_name(name: &str) -> Result<(), String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if name.is_empty() || !name.bytes().all(is_plain) {
        return Err(format!("`{name}` is not a name for a policy: it has letters, digits, `-` and `_`"));
    }
    Ok(())
}

/// These rules and the policies, for patterns to name. Without policies it is the same list; with them it lives as long as
/// the program: there is one in a run.
///
/// # Errors
/// The index of the first policy whose name another rule or policy has.
pub(crate) fn with_policies(
    rules: &'static [&'static Rule],
    policies: &[PolicySettings],
) -> Result<&'static [&'static Rule], usize> {
    if policies.is_empty() {
        return Ok(rules);
    }
    let mut all = rules.to_vec();
    for (index, policy) in policies.iter().enumerate() {
        let name = policy.name.as_str();
        if all.iter().any(|rule| rule.slug == name || rule.aliases.contains(&name)) {
            return Err(index);
        }
        let rule = Rule::policy(policy.name.clone().leak(), "", policy.effect, "", "");
        all.push(Box::leak(Box::new(rule)));
    }
    Ok(all.leak())
}
