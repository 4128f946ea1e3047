//! What is to be deployed: files, directories, standard input, addresses, templates with values, or a saved plan.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};

use super::super::Terminal;
use super::super::discover::{SkippedFile, Walk, WalkArgs, WalkEnd};
use super::super::environment;
use super::super::input::{FoundFile, Input, is_address};
use crate::config::{Environment, ProjectConfig};
use crate::deploy::{DefinitionText, SAVED_PLAN, SavedPlan};
use crate::http::{Client, Url, shown};
use crate::source::{Document, Format, Kind, Type, is_template, is_template_of_another_engine};
use crate::template::{self, Template, TemplateError, Typing, Values};
use crate::util::escape::shown_path;
use crate::util::text::listed;

/// The arguments that name what is deployed.
#[derive(Debug, clap::Args)]
pub(in super::super) struct InputArgs {
    /// Files, directories, templates (*.j2), URLs, a plan, or -
    ///
    /// A plan is what `milepost plan -o` has written; `-` is standard input.
    #[arg(value_name = "FILE|DIR|URL|-")]
    pub(super) paths: Vec<String>,

    #[command(flatten)]
    walk: WalkArgs,

    #[command(flatten)]
    values: ValueArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Values of templates")]
struct ValueArgs {
    /// Take values from this file; can be repeated
    ///
    /// Later files win.
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    values: Vec<PathBuf>,

    /// Set a value of a template
    ///
    /// It is a number, true, false or null if the text is that in JSON, otherwise a string.
    #[arg(long, value_name = "NAME=TEXT")]
    set: Vec<String>,
}

/// What was read.
pub(super) enum Inputs {
    /// Definitions.
    Texts(Vec<DefinitionText>),
    /// A plan that `milepost plan -o` wrote.
    Saved(Box<SavedPlan>),
}

impl InputArgs {
    /// The paths that a settings file can belong to.
    pub(super) fn files(&self) -> Vec<&str> {
        self.paths.iter().map(String::as_str).filter(|path| !is_address(path)).collect()
    }

    /// Reads everything that is named; templates also with the values of this environment of `milepost.toml`.
    ///
    /// # Errors
    /// When something cannot be read: nothing is sent then.
    pub(super) fn read(
        &self,
        client: &Client,
        (project, environment): (Option<&ProjectConfig>, Option<&str>),
        prune: bool,
        term: &mut Terminal,
    ) -> anyhow::Result<Inputs> {
        let stdin = ["-".to_owned()];
        let paths = match &self.paths[..] {
            [] if io::stdin().is_terminal() => {
                bail!("nothing to deploy: name files, directories or addresses, or pipe definitions in")
            }
            [] => &stdin[..],
            paths => paths,
        };
        let environment = environment.map(|name| environment::named(name, project)).transpose()?;
        let values = self.values.values(environment)?;
        let excludes = self.walk.excludes(project)?;
        let mut texts = Vec::new();
        for path in paths {
            if is_address(path) {
                texts.push(fetched(path, client)?);
            } else if Path::new(path).is_dir() {
                let walk = Walk::of(&[path.into()], &excludes);
                self.directory(Path::new(path), walk, (&values, prune), &mut texts, term)?;
            } else if is_own_template(Path::new(path)) {
                texts.extend(rendered(path, &values)?);
            } else {
                let input = Input::read_as_marathon(path)?;
                let root = input.document.root();
                if root.kind() == Type::Object && root.get(SAVED_PLAN).is_some() {
                    if paths.len() > 1 {
                        bail!("{}: a saved plan is applied by itself: name nothing else", input.name);
                    }
                    let plan = SavedPlan::read(root.to_json());
                    return Ok(Inputs::Saved(Box::new(plan.with_context(|| input.name.clone())?)));
                }
                texts.push(definition(input)?);
            }
        }
        Ok(Inputs::Texts(texts))
    }

    fn directory(
        &self,
        directory: &Path,
        mut walk: Walk,
        (values, prune): (&Values, bool),
        texts: &mut Vec<DefinitionText>,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let before = texts.len();
        for file in std::mem::take(&mut walk.files) {
            match FoundFile::read(&file.path)? {
                FoundFile::Definition(Input { name, document }, kind) => {
                    texts.push(DefinitionText { name, document, kind });
                }
                FoundFile::Skipped(why) => walk.skip(file.path, &why.to_string()),
            }
        }
        for template in fillable(walk.take_templates(), values)? {
            texts.extend(rendered(&template.to_string_lossy(), values)?);
        }
        if walk.end(&self.walk, term)? == WalkEnd::Unreadable {
            bail!("{}: not all of it can be read, so nothing is sent", shown_path(&directory));
        }
        if prune {
            self.all_is_read(&walk, term)?;
        }
        if texts.len() == before {
            let what = format!("{}: found no definitions", shown_path(&directory));
            walk.end_without_files(&what, term)?;
        }
        Ok(())
    }

    /// Makes sure that `--prune` removes no service whose definition is there and was not read.
    ///
    /// # Errors
    /// When files were skipped that may be definitions. What the user leaves out is only named.
    fn all_is_read(&self, walk: &Walk, term: &mut Terminal) -> anyhow::Result<()> {
        let values: Vec<PathBuf> =
            self.values.values.iter().filter_map(|file| file.canonicalize().ok()).collect();
        let is_of_values =
            |file: &&SkippedFile| file.path.canonicalize().is_ok_and(|path| values.contains(&path));
        let unread: Vec<String> = walk
            .unread()
            .filter(|file| !is_of_values(file))
            .map(|SkippedFile { path, reason }| format!("{} ({reason})", shown_path(path)))
            .collect();
        if !unread.is_empty() {
            bail!(
                "nothing was sent: --prune would remove what these files define, because they are not read: {}; correct \
                 them, or leave them out with --exclude",
                unread.join(", ")
            );
        }
        let left_out: Vec<String> = walk.left_out().into_iter().map(shown_path).collect();
        if !left_out.is_empty() {
            writeln!(
                term.err(),
                "warning: --prune removes what these define, because they are left out: {}",
                left_out.join(", ")
            )?;
        }
        Ok(())
    }
}

/// The templates of a directory, which are to be filled in.
///
/// # Errors
/// When they cannot be, so that what they define would be missing.
fn fillable(templates: Vec<PathBuf>, values: &Values) -> anyhow::Result<Vec<PathBuf>> {
    let names = |of: &dyn Fn(&Path) -> bool| -> Vec<String> {
        templates.iter().filter(|path| of(path)).map(shown_path).collect()
    };
    let of_others = names(&|path| !is_own_template(path));
    if !of_others.is_empty() {
        bail!(
            "templates of another engine are not filled in: {}: name what their own tool makes of them, or leave them out \
             with --exclude",
            listed(&of_others)
        );
    }
    if values.root().is_empty() && !templates.is_empty() {
        bail!(
            "no values are given to fill in {}: give them with -f, --set or -e, fill it in with `milepost render`, or leave \
             it out with --exclude",
            listed(&names(&|_| true))
        );
    }
    Ok(templates)
}

impl ValueArgs {
    /// The values of all layers: the environment's files, the files in their order, then single values.
    fn values(&self, environment: Option<&Environment>) -> anyhow::Result<Values> {
        let mut values = Values::new();
        let of_environment = environment.map(|environment| &*environment.values).unwrap_or_default();
        for file in of_environment.iter().chain(&self.values) {
            values.add_file(file).map_err(|error| anyhow!("{error}"))?;
        }
        for assignment in &self.set {
            values.set(assignment, Typing::Scalar)?;
        }
        Ok(values)
    }
}

fn is_own_template(path: &Path) -> bool {
    is_template(path) && !is_template_of_another_engine(path)
}

/// Reads a definition from an address, without the credentials for Marathon.
fn fetched(name: &str, client: &Client) -> anyhow::Result<DefinitionText> {
    // The message does not repeat the address, which may contain a password.
    let url = Url::parse(name).context("the definition's address is not a URL")?;
    let text = client.fetch(&url)?;
    definition(Input::parse(&shown(&url), &text, Format::of_path(Path::new(url.path())))?)
}

fn definition(input: Input) -> anyhow::Result<DefinitionText> {
    let kind = input.kind()?;
    Ok(DefinitionText { name: input.name, document: input.document, kind })
}

/// What a template gives: one definition, or an array of apps, pods and groups.
fn rendered(path: &str, values: &Values) -> anyhow::Result<Vec<DefinitionText>> {
    let template = Template::find(path).map_err(|error| anyhow!("{error}"))?;
    let rendered = template::render(&template, values).map_err(|error| match error {
        TemplateError::Fault(fault) => {
            let finding = fault.finding();
            let place = crate::report::text::place(&fault.name, &fault.text, finding.range.start);
            anyhow!("{place}: {}", finding.message)
        }
        other => anyhow!("{other}"),
    })?;
    let name = format!("{path} (rendered)");
    let input = Input::parse(&name, &rendered.text, Format::Json)?;
    let root = input.document.root();
    if root.kind() != Type::Array || Kind::detect(&root) == Some(Kind::Apps) {
        return Ok(vec![definition(input)?]);
    }
    let elements = root.elements().enumerate();
    elements
        .map(|(index, element)| {
            let document = Document::parse(element.source(), Format::Json)?;
            definition(Input { name: format!("{name} [{index}]"), document })
        })
        .collect()
}
