//! What is to be deployed: files, directories, standard input, addresses, templates with values, or a saved plan.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail, ensure};

use super::super::Terminal;
use super::super::discover::{SkippedFile, Walk, WalkArgs, WalkEnd};
use super::super::environment;
use super::super::input::{FoundFile, Input, is_address};
use crate::config::{Environment, ProjectConfig};
use crate::deploy::{DefinitionText, SAVED_PLAN, SavedPlan};
use crate::http::{Client, Url, shown};
use crate::source::{Document, Format, Kind, Type, is_template, is_template_of_another_engine};
use crate::template::{self, Rendered, Template, TemplateError, Typing, Values, Variables};
use crate::util::escape::{on_one_line, shown_path};
use crate::util::suggest::suggest;
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

    /// Reads everything that is named; templates also with the values of this environment of `milepost.toml`. `of_plans` are
    /// the given options that only a new plan can heed.
    ///
    /// # Errors
    /// When something cannot be read: nothing is sent then.
    pub(super) fn read(
        &self,
        client: &Client,
        (project, environment): (Option<&ProjectConfig>, Option<&str>),
        (prune, of_plans): (bool, &[&'static str]),
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
        let mut values = self.values.values(environment)?;
        let excludes = self.walk.excludes(project)?;
        let mut texts = Vec::new();
        for path in paths {
            if is_address(path) {
                texts.push(fetched(path, client)?);
            } else if Path::new(path).is_dir() {
                let walk = Walk::of(&[path.into()], &excludes);
                self.directory(Path::new(path), walk, (&mut values, prune), &mut texts, term)?;
            } else if is_own_template(Path::new(path)) {
                texts.extend(values.fill_in(path)?);
            } else {
                let input = Input::read_as_marathon(path)?;
                let root = input.document.root();
                if root.kind() == Type::Object && root.get(SAVED_PLAN).is_some() {
                    if paths.len() > 1 {
                        bail!("{}: a saved plan is applied by itself: name nothing else", input.name);
                    }
                    self.expect_as_it_is(&input.name, of_plans)?;
                    if let Some(Environment { name, .. }) = environment.filter(|it| !it.values.is_empty()) {
                        let name = on_one_line(name);
                        writeln!(
                            term.err(),
                            "note: the values of environment {name} do not count: a saved plan is filled in already"
                        )?;
                    }
                    let plan = SavedPlan::read(root.to_json());
                    return Ok(Inputs::Saved(Box::new(plan.with_context(|| input.name.clone())?)));
                }
                texts.push(definition(input)?);
            }
        }
        self.values.expect_used(&values)?;
        Ok(Inputs::Texts(texts))
    }

    /// Refuses options that a saved plan leaves without effect.
    fn expect_as_it_is(&self, name: &str, of_plans: &[&'static str]) -> anyhow::Result<()> {
        let own = [
            ("--values", !self.values.values.is_empty()),
            ("--set", !self.values.set.is_empty()),
            ("--exclude", self.walk.leaves_out()),
        ];
        let own = own.into_iter().filter(|(_, is_given)| *is_given).map(|(option, _)| option);
        let given: Vec<String> = of_plans.iter().copied().chain(own).map(str::to_owned).collect();
        if !given.is_empty() {
            bail!(
                "{name} is a saved plan, which is applied as it is: leave out {}, or plan again with {}",
                listed(&given),
                if given.len() == 1 { "it" } else { "them" }
            );
        }
        Ok(())
    }

    fn directory(
        &self,
        directory: &Path,
        mut walk: Walk,
        (values, prune): (&mut TemplateValues, bool),
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
        for template in fillable(walk.take_templates(), &values.all)? {
            texts.extend(values.fill_in(&template.to_string_lossy())?);
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

/// The values of templates, and what the templates that were filled in take.
struct TemplateValues {
    all: Values,
    /// The paths that --set gives.
    set: Vec<String>,
    /// What is taken, and the names that were read, by template.
    taken: Vec<(Variables, BTreeSet<String>)>,
}

impl TemplateValues {
    /// What a template gives: one definition, or an array of apps, pods and groups.
    fn fill_in(&mut self, path: &str) -> anyhow::Result<Vec<DefinitionText>> {
        let (template, rendered) = rendered(path, &self.all)?;
        self.taken.push((Variables::of(&template), rendered.read));
        definitions(path, &rendered.text)
    }

    /// Whether a template takes the value of this path.
    fn takes(&self, path: &str) -> bool {
        self.taken.iter().any(|(variables, read)| variables.may_read(path, read))
    }
}

impl ValueArgs {
    /// The values of all layers: the environment's files, the files in their order, then single values.
    fn values(&self, environment: Option<&Environment>) -> anyhow::Result<TemplateValues> {
        let (mut all, mut set) = (Values::new(), Vec::new());
        let of_environment = environment.map(|environment| &*environment.values).unwrap_or_default();
        for file in of_environment.iter().chain(&self.values) {
            all.add_file(file)?;
        }
        for assignment in &self.set {
            set.push(all.set(assignment, Typing::Scalar)?.join("."));
        }
        Ok(TemplateValues { all, set, taken: Vec::new() })
    }

    /// Refuses values on the command line that nothing takes: a default would be deployed instead. Files may be shared, and
    /// contain more than a template takes.
    fn expect_used(&self, values: &TemplateValues) -> anyhow::Result<()> {
        if values.taken.is_empty() {
            let option = if self.set.is_empty() { "--values" } else { "--set" };
            let is_given = !self.set.is_empty() || !self.values.is_empty();
            ensure!(!is_given, "{option} gives values, and none of what is named is a template (*.j2)");
        }
        let Some(path) = values.set.iter().find(|path| !values.takes(path)) else { return Ok(()) };
        let names = values.taken.iter().flat_map(|(variables, _)| &variables.list);
        let hint = match suggest(path, names.map(|variable| variable.name.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`milepost render TEMPLATE --list-variables` lists what it takes".to_owned(),
        };
        bail!("--set {path}: no template has such a variable; {hint}")
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

fn rendered(path: &str, values: &Values) -> anyhow::Result<(Template, Rendered)> {
    let template = Template::find(path).map_err(|error| anyhow!("{error}"))?;
    let rendered = template::render(&template, values).map_err(|error| match error {
        TemplateError::Fault(fault) => {
            let finding = fault.finding();
            let place = crate::report::text::place(&fault.name, &fault.text, finding.range.start);
            anyhow!("{place}: {}", finding.message)
        }
        other => anyhow!("{other}"),
    })?;
    Ok((template, rendered))
}

/// The definitions in the text that a template gives.
fn definitions(path: &str, text: &str) -> anyhow::Result<Vec<DefinitionText>> {
    let name = format!("{path} (rendered)");
    let input = Input::parse(&name, text, Format::Json)?;
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
