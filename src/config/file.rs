//! `milepost.toml`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::finding::{Rule, Severity};
use crate::report::FileFault;
use crate::source::{self, FileError};
use crate::target::{Aim, Target};
use crate::util::escape::shown_path;
use crate::util::path::clean;

use super::exception::{Exception, Exceptions};
use super::paths::{Base, PathPattern, PathPatterns};
use super::pattern::RulePattern;
use super::policy::{PolicySettings, PolicyTable, with_policies};
use super::selection::{Layer, Level};
use super::server::{ServerSettings, UrlList};
use super::target::{self, TargetTable};
use super::unmatched::WrittenPatterns;
use super::{FILE_NAME, SOME_TEXT, shown};

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProjectConfigError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The current directory is gone.
    #[error("cannot find the current directory: {0}")]
    CurrentDirectory(#[source] std::io::Error),
    /// Two paths have different settings: each path, and its settings file.
    #[error(
        "{} has the settings of {}, and {} those of {}: name them in separate runs",
        shown_path(&.0[0].0), .0[0].1, shown_path(&.0[1].0), .0[1].1
    )]
    Several(Box<[(PathBuf, String); 2]>),
    /// It has an error at a place.
    #[error("{0}")]
    Fault(FileFault),
    /// It has an error.
    #[cfg(feature = "net")]
    #[error("{place}: {message}")]
    Wrong {
        /// The file.
        place: String,
        /// What is wrong, and what to do.
        message: String,
    },
}

/// The lowest severity that makes a run fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FailOn {
    /// Only errors.
    #[default]
    Error,
    /// Errors and warnings.
    Warning,
    /// Any finding.
    Info,
    /// Findings do not make a run fail.
    Never,
}

impl FailOn {
    /// The severity; nothing for never.
    #[must_use]
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

/// The content of a settings file.
#[derive(Clone, Debug)]
pub(crate) struct ProjectConfig {
    /// The file's path, as it is printed.
    pub path: String,
    /// The file's text, which ranges refer to.
    pub text: String,
    /// Its settings about rules.
    pub layer: Layer,
    /// The lowest severity that makes a run fail.
    pub fail_on: Option<FailOn>,
    /// The target.
    pub aim: Aim,
    /// The baseline's file.
    pub baseline: Option<PathBuf>,
    /// Findings that are meant to stay.
    pub exceptions: Exceptions,
    /// The organisation's own rules.
    pub policies: Vec<PolicySettings>,
    /// Files and directories that are left out.
    pub exclude: Option<PathPatterns>,
    /// The environments, in the order of their names.
    pub environments: Vec<Environment>,
    /// All patterns of files that environments, policies, exceptions and `exclude` have.
    pub(super) patterns: WrittenPatterns,
    /// All rules, the policies among them.
    pub rules: &'static [&'static Rule],
}

/// A cluster that files are for.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    /// Its name.
    pub name: String,
    /// Its files.
    pub paths: PathPatterns,
    /// The files of values that templates are filled with for it.
    #[cfg_attr(
        not(feature = "net"),
        expect(dead_code, reason = "only deployments fill templates by environment")
    )]
    pub values: Vec<PathBuf>,
    /// Its server.
    #[cfg_attr(not(feature = "net"), expect(dead_code, reason = "only connections use it"))]
    pub server: ServerSettings,
}

/// Settings of milepost for a directory and all below it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "milepost.toml")]
pub(super) struct Tables {
    /// What `lint` reports, and how.
    #[serde(default)]
    lint: Lint,
    /// The Marathon that definitions are for.
    #[schemars(with = "Option<TargetTable>")]
    target: Option<Spanned<TargetTable>>,
    /// An organisation's own rules, as JSON Schemas.
    #[serde(default)]
    policy: Vec<PolicyTable>,
    /// Files and directories that are left out, relative to this file: a name (`charts`), which counts at any depth, or a
    /// path (`envs/dev/**`).
    #[serde(default)]
    #[schemars(with = "Vec<String>", inner(regex(pattern = SOME_TEXT)))]
    exclude: Vec<Spanned<String>>,
    /// The clusters that files are for, by their names. Services are compared with each other (ids, ports, VIPs) where
    /// they are for the same cluster: files of one environment, or of one directory that is in none.
    #[serde(default)]
    environment: BTreeMap<String, EnvironmentTable>,
}

/// A cluster that files are for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct EnvironmentTable {
    /// Patterns of its files, relative to this file. A directory stands for all below it.
    #[serde(default)]
    #[schemars(with = "Vec<String>", inner(regex(pattern = SOME_TEXT)))]
    paths: Vec<Spanned<String>>,
    /// Files of values for templates that are deployed to it, relative to this file; later ones win.
    #[serde(default)]
    values: Vec<PathBuf>,
    /// The address of its Marathon, or several of one Marathon, which are tried in their order.
    url: Option<UrlList>,
    /// The name of its Marathon as a service of DC/OS, such as `marathon-user`: `/service/NAME` is added to the address.
    service: Option<String>,
    /// A file with the DC/OS token for it, relative to this file.
    token_file: Option<PathBuf>,
    /// A file with the service account to sign in with, as DC/OS hands it out, relative to this file.
    service_account: Option<PathBuf>,
    /// The user of a Marathon with HTTP authentication; its password is in `password-file`.
    user: Option<String>,
    /// A file with the user's password, relative to this file.
    password_file: Option<PathBuf>,
    /// A file of certificates to trust besides the system's, relative to this file.
    ca_file: Option<PathBuf>,
}

impl EnvironmentTable {
    /// Its server; `origin` is how messages name the table.
    fn server(&self, origin: String, base: &Base) -> ServerSettings {
        let file = |file: &Option<PathBuf>| file.as_ref().map(|file| base.resolve(&file.to_string_lossy()));
        let urls = self.url.as_ref().map(UrlList::list).unwrap_or_default();
        ServerSettings {
            origin,
            urls,
            service: self.service.clone(),
            token_file: file(&self.token_file),
            service_account: file(&self.service_account),
            user: self.user.clone(),
            password_file: file(&self.password_file),
            ca_file: file(&self.ca_file),
        }
    }
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Lint {
    /// Report only these rules: names, or patterns such as `unknown-*`.
    #[schemars(with = "Option<Vec<String>>")]
    select: Option<Vec<Spanned<String>>>,
    /// Leave these rules out.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    ignore: Vec<Spanned<String>>,
    /// How severe the findings of rules are, by names or patterns. Of several that match, the narrowest counts.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Level>")]
    severity: BTreeMap<Spanned<String>, Level>,
    /// The least severity that makes the exit code 1. Default `error`.
    fail_on: Option<FailOn>,
    /// A target by its name, such as `dcos-2.1`; instead of the table `[target]`.
    #[schemars(with = "Option<String>", extend("pattern" = Target::pattern()))]
    target: Option<Spanned<String>>,
    /// A file of recorded findings that are not reported, relative to this file.
    baseline: Option<PathBuf>,
    /// Findings that are meant to stay.
    #[serde(default)]
    #[schemars(with = "Vec<ExceptionTable>")]
    exception: Vec<Spanned<ExceptionTable>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ExceptionTable {
    /// A pattern of files, relative to this file. A directory stands for all below it.
    #[schemars(with = "String", regex(pattern = SOME_TEXT))]
    path: Spanned<String>,
    /// The place in the definition, as a JSON pointer, with all below it. Default the whole file.
    #[schemars(with = "Option<String>", regex(pattern = "^(/|$)"))]
    pointer: Option<Spanned<String>>,
    /// The rule, or a pattern of rules.
    #[schemars(with = "String")]
    rule: Spanned<String>,
    /// Why, for whoever reads this next.
    #[schemars(with = "String", regex(pattern = SOME_TEXT))]
    reason: Spanned<String>,
}

/// The settings file of a directory: the nearest one at or above it, up to the root of the repository.
#[must_use]
pub(crate) fn find(directory: &Path) -> Option<PathBuf> {
    for directory in directory.ancestors() {
        let candidate = directory.join(FILE_NAME);
        if candidate.is_file() {
            return Some(candidate);
        }
        if directory.join(".git").exists() {
            return None;
        }
    }
    None
}

/// The settings file that counts for a file or directory: its own, or that of the current directory.
#[must_use]
pub(crate) fn find_for(path: &Path, current: &Path) -> Option<PathBuf> {
    let is_stdin = path == Path::new("-");
    let directory = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let own = (!is_stdin).then(|| find(&clean(&current.join(directory)))).flatten();
    own.or_else(|| find(current))
}

/// The settings that count for these files and directories; nothing without any.
///
/// # Errors
/// When they cannot be read, or when several settings files count.
pub(crate) fn read_for(
    paths: &[PathBuf],
    rules: &'static [&'static Rule],
) -> Result<Option<ProjectConfig>, ProjectConfigError> {
    let current = std::env::current_dir().map_err(ProjectConfigError::CurrentDirectory)?;
    let mut found: Option<(PathBuf, &Path)> = None;
    let here = [PathBuf::from("-")];
    for path in if paths.is_empty() { &here } else { paths } {
        let Some(file) = find_for(path, &current) else { continue };
        match &found {
            Some((first, of)) if *first != file => {
                return Err(ProjectConfigError::Several(Box::new([
                    (of.to_path_buf(), shown(first, &current)),
                    (path.clone(), shown(&file, &current)),
                ])));
            }
            _ => found = Some((file, path)),
        }
    }
    found.map(|(file, _)| ProjectConfig::read(&file, &current, rules)).transpose()
}

impl ProjectConfig {
    /// Reads a settings file. `current` is the absolute path of the current directory, `rules` are all rules.
    ///
    /// # Errors
    /// When it cannot be read, or has an error.
    pub(crate) fn read(
        path: &Path,
        current: &Path,
        rules: &'static [&'static Rule],
    ) -> Result<Self, ProjectConfigError> {
        let text = source::read(path)?;
        let mut reader = ConfigReader { path: shown(path, current), text: &text, rules };
        let Tables { lint, target, policy, exclude, environment } =
            toml::from_str(&text).map_err(|error: toml::de::Error| reader.syntax(&error))?;
        let base = Base::of_file(path, current);
        let policies = reader.policies(&policy, &base, current)?;
        let patterns = all_patterns(&lint.exception, &policy, &environment, &exclude, &base);
        let levels = lint
            .severity
            .iter()
            .map(|(name, level)| Ok((reader.rule(name)?, *level)))
            .collect::<Result<Vec<_>, ProjectConfigError>>()?;
        let layer = Layer::new(
            lint.select.as_ref().map(|names| reader.all_rules(names)).transpose()?,
            reader.all_rules(&lint.ignore)?,
            levels,
        );
        Ok(Self {
            layer,
            fail_on: lint.fail_on,
            aim: reader.aim(lint.target.as_ref(), target.as_ref())?,
            baseline: lint.baseline.map(|file| base.resolve(&file.to_string_lossy())),
            exclude: (!exclude.is_empty()).then(|| reader.excluded(&exclude, &base)).transpose()?,
            environments: reader.environments(&environment, &base)?,
            exceptions: reader.exceptions(&lint.exception, base)?,
            policies,
            patterns,
            rules: reader.rules,
            path: reader.path,
            text,
        })
    }
}

/// A settings file being read.
struct ConfigReader<'t> {
    path: String,
    text: &'t str,
    rules: &'static [&'static Rule],
}

impl ConfigReader<'_> {
    fn wrong(&self, range: &Range<usize>, message: impl Into<String>) -> ProjectConfigError {
        ProjectConfigError::Fault(FileFault::new(&self.path, self.text, range, message))
    }

    fn syntax(&self, error: &toml::de::Error) -> ProjectConfigError {
        let message = error.message().trim().replace('\n', ", ");
        self.wrong(&error.span().unwrap_or_default(), message)
    }

    /// The target: `target` under `[lint]`, or the table `[target]`.
    fn aim(
        &self,
        name: Option<&Spanned<String>>,
        table: Option<&Spanned<TargetTable>>,
    ) -> Result<Aim, ProjectConfigError> {
        let wrong = |range: &Range<usize>, message: String| self.wrong(range, message);
        match (name, table) {
            (Some(name), Some(_)) => {
                let message =
                    "the target is set here and in the table [target]: set it only there, as `name`";
                Err(self.wrong(&name.span(), message))
            }
            (Some(name), None) => Ok(Aim { target: Some(target::parse(name, &wrong)?), ..Aim::default() }),
            (None, Some(table)) => table.get_ref().aim(&wrong),
            (None, None) => Ok(Aim::default()),
        }
    }

    fn rule(&self, name: &Spanned<String>) -> Result<RulePattern, ProjectConfigError> {
        RulePattern::parse(name.get_ref(), self.rules)
            .map_err(|error| self.wrong(&name.span(), error.to_string()))
    }

    fn all_rules(&self, names: &[Spanned<String>]) -> Result<Vec<RulePattern>, ProjectConfigError> {
        names.iter().map(|name| self.rule(name)).collect()
    }

    /// The policies, and the rules with them.
    fn policies(
        &mut self,
        tables: &[PolicyTable],
        base: &Base,
        current: &Path,
    ) -> Result<Vec<PolicySettings>, ProjectConfigError> {
        let wrong = |range: &Range<usize>, message: String| self.wrong(range, message);
        let policies = tables.iter().map(|table| table.settings(base, current, &wrong));
        let policies = policies.collect::<Result<Vec<_>, _>>()?;
        self.rules = with_policies(self.rules, &policies).map_err(|index| {
            let name = tables[index].name();
            self.wrong(
                &name.span(),
                format!("the name `{}` is taken: there is another rule of it", name.get_ref()),
            )
        })?;
        Ok(policies)
    }

    fn excluded(&self, paths: &[Spanned<String>], base: &Base) -> Result<PathPatterns, ProjectConfigError> {
        let patterns = paths.iter().map(|path| path.get_ref().as_str());
        PathPatterns::excluding(patterns, base.clone())
            .map_err(|(index, message)| self.wrong(&paths[index].span(), message))
    }

    fn environments(
        &self,
        tables: &BTreeMap<String, EnvironmentTable>,
        base: &Base,
    ) -> Result<Vec<Environment>, ProjectConfigError> {
        let environment = |(name, table): (&String, &EnvironmentTable)| {
            let patterns = table.paths.iter().map(|path| path.get_ref().as_str());
            let paths = PathPatterns::new(patterns, base.clone())
                .map_err(|(index, message)| self.wrong(&table.paths[index].span(), message))?;
            let values = table.values.iter().map(|file| base.resolve(&file.to_string_lossy())).collect();
            let server = table.server(format!("{} [environment.{name}]", self.path), base);
            Ok(Environment { name: name.clone(), paths, values, server })
        };
        tables.iter().map(environment).collect()
    }

    fn exceptions(
        &self,
        tables: &[Spanned<ExceptionTable>],
        base: Base,
    ) -> Result<Exceptions, ProjectConfigError> {
        let mut list = Vec::new();
        for table in tables {
            let ExceptionTable { path, pointer, rule, reason } = table.get_ref();
            let files =
                PathPattern::new(path.get_ref()).map_err(|message| self.wrong(&path.span(), message))?;
            if let Some(pointer) = pointer
                && !(pointer.get_ref().is_empty() || pointer.get_ref().starts_with('/'))
            {
                let message = format!("a JSON pointer begins with `/`: \"/{}\"?", pointer.get_ref());
                return Err(self.wrong(&pointer.span(), message));
            }
            if reason.get_ref().trim_ascii().is_empty() {
                return Err(self.wrong(&reason.span(), "give the reason for the next reader"));
            }
            list.push(Exception {
                path: path.get_ref().clone(),
                files,
                pointer: pointer.as_ref().map(|pointer| pointer.get_ref().clone()),
                rule: self.rule(rule)?,
                range: table.span(),
            });
        }
        Ok(Exceptions::new(list, base))
    }
}

/// All patterns of files, to tell of those that match none.
fn all_patterns(
    exceptions: &[Spanned<ExceptionTable>],
    policies: &[PolicyTable],
    environments: &BTreeMap<String, EnvironmentTable>,
    exclude: &[Spanned<String>],
    base: &Base,
) -> WrittenPatterns {
    let of_exceptions =
        exceptions.iter().map(|table| (&table.get_ref().path, "[[lint.exception]]".to_owned()));
    let of_policies = policies.iter().flat_map(|table| {
        let user = format!("the policy {}", table.name().get_ref());
        table.paths().iter().map(move |path| (path, user.clone()))
    });
    let of_environments = environments.iter().flat_map(|(name, table)| {
        table.paths.iter().map(move |path| (path, format!("[environment.{name}]")))
    });
    let mut patterns = WrittenPatterns::new(base.clone());
    for (path, user) in of_exceptions.chain(of_policies).chain(of_environments) {
        patterns.add(path.get_ref(), path.span(), user);
    }
    for path in exclude {
        patterns.add_excluded(path.get_ref(), path.span());
    }
    patterns
}
