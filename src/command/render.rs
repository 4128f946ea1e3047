//! `milepost render`

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};

use crate::finding::{Finding, Severity};
use crate::source::{Format, Kind};
use crate::target::Settings;
use crate::template::{self, Rendered, Template, TemplateError, Typing, Values, Variables, root_of};
use crate::util::escape::shown_path;
use crate::util::suggest::suggest;

use super::format::FindingsArgs;
use super::input::Input;
use super::output::named_file;
use super::target::TargetArgs;
use super::{Exit, Terminal, templates};

mod memory;
mod output;

/// Turn a template and values into a checked definition.
///
/// The definition is checked for the target before it is written. If Marathon would reject or ignore a part of it, that is
/// shown and nothing is written, unless --no-check is given.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct Args {
    /// The path of a template (`web.json.j2`, `web.jsonc.j2`, `web.yaml.j2`), or the name of a built-in one
    template: String,

    #[command(flatten)]
    layers: Layers,

    /// Write to this file, or a file for each definition into this directory
    ///
    /// It is a directory if it exists as one or ends in `/`. A file is named after the whole id: DIR/shop/web.json for
    /// /shop/web.
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,

    /// Write what was rendered without checking it
    #[arg(long)]
    no_check: bool,

    /// List the variables the template takes, and render nothing
    #[arg(long)]
    list_variables: bool,

    #[command(flatten)]
    findings: FindingsArgs,

    #[command(flatten)]
    target: TargetArgs,
}

/// The sources of values.
#[derive(Debug, clap::Args)]
struct Layers {
    /// Take values from this file; can be repeated, and later files win
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    values: Vec<PathBuf>,

    /// Set a value: a number, true, false or null if the text is that in JSON, otherwise a string
    #[arg(long, value_name = "NAME=TEXT")]
    set: Vec<String>,

    /// Set a value to a string, whatever it looks like; wins over --set
    #[arg(hide_short_help = true, long, value_name = "NAME=TEXT")]
    set_string: Vec<String>,

    /// Set a value to any JSON; --set wins over it
    #[arg(hide_short_help = true, long, value_name = "NAME=JSON")]
    set_json: Vec<String>,

    /// Take values from the environment: with P, `P_TEAM` is `team` and `P_DOCKER__IMAGE` is `docker.image`
    #[arg(long, value_name = "P")]
    env_prefix: Option<String>,
}

const AFTER_HELP: &str = "\
Later values win: the template's own defaults, the files in the order given, the environment, --set-json, --set, \
--set-string. Maps are merged key by key; any other value is replaced. Dots lead into maps and brackets into lists; a \
dot within a name is escaped: --set 'apps[0].labels.com\\.example=web'. Do not put secrets on a command line, where \
all users of the machine can read them: use --env-prefix or a file.

A value cannot change the structure of the definition. By itself it is written as JSON, with quotes: `\"id\": {{ id }}`. \
Within quotes its characters are escaped: `\"id\": \"/{{ team }}/{{ name }}\"`.

A values.schema.json (or .yaml) beside the template says what the values have to be: they are checked before anything \
is rendered.

Examples:
  milepost render web-docker --set id=/shop/web --set image=nginx:1.27.3
  milepost render web-ucr --set id=/shop/web --set image=nginx:1.27.3 -o web.json
  milepost render worker --set id=/a --set image=b --set-json 'env={\"LOG\": \"info\"}'
  milepost render pod --list-variables

Exit codes: 0 written; 1 the template or what it makes cannot be parsed, Marathon would reject or ignore a part of it, or \
the values break their schema; 2 a variable or a value is wrong.";

pub(super) fn run(args: Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let Args { template: name, layers, output, no_check, list_variables, target, findings } = args;
    findings.apply(term);
    // These errors already contain the messages of their sources.
    let template = Template::find(&name).map_err(|error| anyhow!("{error}"))?;
    if list_variables {
        return match template::compile(&template) {
            Ok(()) => list(&Variables::of(&template), term),
            Err(error) => show_error(error, term),
        };
    }
    let (values, paths) = values(&layers)?;
    if !check_values(&template, &name, &values, term)? {
        return Ok(Exit::Findings);
    }
    match memory::limited(|| template::render(&template, &values)) {
        Ok(rendered) => {
            check_names(&paths, &values, &Variables::of(&template), &rendered, &name, term)?;
            let settings = if no_check { None } else { Some(target.settings(&[&name], term)?) };
            write(&rendered.text, &name, settings.as_ref(), output.as_deref(), term)
        }
        Err(error) => show_error(error, term),
    }
}

/// Holds the values against the schema that lies beside the template, if there is one.
fn check_values(
    template: &Template,
    name: &str,
    values: &Values,
    term: &mut Terminal,
) -> anyhow::Result<bool> {
    let Some(directory) = template.directory() else { return Ok(true) };
    let found = template::find_values_schema(&directory).map_err(|[first, second]| {
        anyhow!(
            "{} has {first} and {second}, and only one can say what values there are: remove the other",
            shown_path(&directory)
        )
    })?;
    let Some(schema) = found else { return Ok(true) };
    let faults = values.check(&schema)?;
    for faults in faults.chunk_by(|one, next| one.file == next.file) {
        // What an option or a variable sets has no place: it is reported at the template.
        let (name, text) = faults[0].file.as_ref().map_or((name, ""), |file| (&file.name, &file.covered));
        let findings: Vec<Finding> = faults.iter().map(|fault| fault.finding(&schema)).collect();
        term.findings(name, text, &findings)?;
    }
    Ok(faults.is_empty())
}

/// Shows what is wrong with a template, on its line.
fn show_error(error: TemplateError, term: &mut Terminal) -> anyhow::Result<Exit> {
    let TemplateError::Fault(fault) = error else { bail!("{error}") };
    term.findings(&fault.name, &fault.text, &[fault.finding()])?;
    // As of any file that cannot be parsed.
    Ok(if fault.is_of_syntax() { Exit::Findings } else { Exit::Usage })
}

fn list(variables: &Variables, term: &mut Terminal) -> anyhow::Result<Exit> {
    templates::list(&variables.list, "", term)?;
    if variables.open {
        writeln!(term.err(), "note: a template is included by a computed name: there may be more variables")?;
    }
    for name in &variables.unreadable {
        writeln!(term.err(), "warning: {name} cannot be read: its variables are not listed")?;
    }
    Ok(Exit::Fine)
}

/// Writes what was rendered, after a check where a target is given.
fn write(
    text: &str,
    template: &str,
    settings: Option<&Settings>,
    output: Option<&Path>,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    let whole = Input::parse(&format!("{template} (rendered)"), text, Format::Json)?;
    let definitions = output::definitions(&whole)?;
    if let Some(settings) = settings
        && !check(&whole, &definitions, settings, term)?
    {
        return Ok(Exit::Findings);
    }
    match named_file(output) {
        None => term.out().write_all(text.as_bytes())?,
        Some(path) => output::write(path, text, &definitions, term)?,
    }
    Ok(Exit::Fine)
}

/// The values, and the paths that the command line sets.
fn values(layers: &Layers) -> anyhow::Result<(Values, Vec<(&'static str, String)>)> {
    let mut values = Values::new();
    for file in &layers.values {
        values.add_file(file)?;
    }
    if let Some(prefix) = &layers.env_prefix {
        if prefix.is_empty() {
            bail!(
                "--env-prefix is empty, which would take every environment variable; give the prefix of yours"
            );
        }
        values.add_environment(prefix, std::env::vars_os())?;
    }
    let mut paths = Vec::new();
    let assignments = [
        ("--set-json", &layers.set_json, Typing::Json),
        ("--set", &layers.set, Typing::Scalar),
        ("--set-string", &layers.set_string, Typing::String),
    ];
    for (option, assignments, typing) in assignments {
        for assignment in assignments {
            paths.push((option, values.set(assignment, typing)?.join(".")));
        }
    }
    Ok((values, paths))
}

/// Refuses names on the command line that the template never reads: it would silently use a default. Files may be shared
/// between templates and contain more than one template reads, so that only a name close to an unset one gets a warning.
fn check_names(
    paths: &[(&'static str, String)],
    values: &Values,
    variables: &Variables,
    rendered: &Rendered,
    template: &str,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    let reads = |path: &str| variables.may_read(path, &rendered.read);
    let near = |path: &str| {
        let free = variables.list.iter().map(|variable| variable.name.as_str());
        suggest(path, free.filter(|name| !values.root().contains_key(root_of(name))))
    };
    if let Some((option, path)) = paths.iter().find(|(_, path)| !reads(path)) {
        let hint = match near(path) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("`milepost render {template} --list-variables` lists what it takes"),
        };
        bail!("{option} {path}: {template} has no such variable; {hint}");
    }
    for name in values.root().keys().filter(|name| !reads(name)) {
        if let Some(near) = near(name) {
            writeln!(
                term.err(),
                "warning: {template} never reads `{name}` of the values; did you mean `{near}`?"
            )?;
        }
    }
    Ok(())
}

/// Checks what was rendered and shows all findings; `false` when there is an error among them.
fn check(
    whole: &Input,
    definitions: &[output::RenderedDefinition],
    settings: &Settings,
    term: &mut Terminal,
) -> anyhow::Result<bool> {
    if let Some(kind) = Kind::detect(&whole.document.root()) {
        return whole.check(kind, settings, Severity::Info, term);
    }
    // An array with pods or groups: Marathon takes each element by itself.
    let mut passes = true;
    for definition in definitions {
        passes &= definition.input.check(definition.kind, settings, Severity::Info, term)?;
    }
    Ok(passes)
}
