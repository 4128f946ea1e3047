//! What is to be deployed: files, directories, standard input, addresses, templates with values, or a saved plan.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};

use super::super::Terminal;
use super::super::discover::{WalkArgs, WalkEnd};
use super::super::environment;
use super::super::input::{FoundFile, Input};
use crate::deploy::{DefinitionText, SavedPlan};
use crate::http::{Client, Url, shown};
use crate::source::{Document, Format, Kind, Type};
use crate::template::{self, Template, TemplateError, Typing, Values};
use crate::util::escape::shown_path;

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

    /// Reads everything that is named; templates also with the values of this environment.
    ///
    /// # Errors
    /// When something cannot be read: nothing is sent then.
    pub(super) fn read(
        &self,
        client: &Client,
        environment: Option<&str>,
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
        let values = self.values.values(environment, &self.files())?;
        let mut texts = Vec::new();
        for path in paths {
            if is_address(path) {
                texts.push(fetched(path, client)?);
            } else if Path::new(path).is_dir() {
                self.directory(Path::new(path), &mut texts, term)?;
            } else if is_template(path) {
                texts.extend(rendered(path, &values)?);
            } else {
                let input = Input::read_as_marathon(path)?;
                let root = input.document.root();
                if root.kind() == Type::Object && root.get("milepostPlan").is_some() {
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
        texts: &mut Vec<DefinitionText>,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let before = texts.len();
        let mut walk = self.walk.walk(&[directory.to_owned()])?;
        for file in std::mem::take(&mut walk.files) {
            match FoundFile::read(&file.path)? {
                FoundFile::Definition(Input { name, document }, kind) => {
                    texts.push(DefinitionText { name, document, kind });
                }
                FoundFile::Skipped(why) => walk.skip(file.path, &why.to_string()),
            }
        }
        if walk.end(&self.walk, term)? == WalkEnd::Unreadable {
            bail!("{}: not all of it can be read, so nothing is sent", shown_path(&directory));
        }
        if texts.len() == before {
            let what = format!("{}: found no definitions", shown_path(&directory));
            walk.end_without_files(&what, term)?;
        }
        Ok(())
    }
}

impl ValueArgs {
    /// The values of all layers: the environment's files, the files in their order, then single values.
    fn values(&self, environment: Option<&str>, files: &[&str]) -> anyhow::Result<Values> {
        let mut values = Values::new();
        let environment = environment.map(|name| environment::find(name, files)).transpose()?;
        let of_environment = environment.map(|environment| environment.values).unwrap_or_default();
        for file in of_environment.iter().chain(&self.values) {
            values.add_file(file).map_err(|error| anyhow!("{error}"))?;
        }
        for assignment in &self.set {
            values.set(assignment, Typing::Scalar)?;
        }
        Ok(values)
    }
}

fn is_address(name: &str) -> bool {
    let scheme = name.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

fn is_template(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("j2"))
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
