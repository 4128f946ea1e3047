//! `milepost render`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};

use crate::finding::{Finding, Severity};
use crate::report;
use crate::source::{Format, Kind};
use crate::target::Target;
use crate::template::{self, Rendered, Template, TemplateError, Typing, Values, Variables};
use crate::util::suggest::suggest;

use super::input::Input;
use super::{Exit, Terminal, templates};

mod output;

#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct Args {
    /// A template of your own, by its path (`web.json.j2`, `web.jsonc.j2`, `web.yaml.j2`), or a built-in one by its
    /// name
    template: String,

    #[command(flatten)]
    layers: Layers,

    /// Write to this file; or, into this directory (one that exists, or a name ending in `/`), a file for each
    /// definition, named by its id
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,

    /// List the variables the template takes, and render nothing
    #[arg(long)]
    list_variables: bool,
}

/// Where values come from.
#[derive(Debug, clap::Args)]
struct Layers {
    /// Take values from this file; give it more than once to lay files on top of each other
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    values: Vec<PathBuf>,

    /// Set a value. The text is taken as a number, true, false or null if it is exactly that in JSON, else as a string
    #[arg(long, value_name = "NAME=TEXT")]
    set: Vec<String>,

    /// Set a value to a string, whatever it looks like; laid on top of --set
    #[arg(long, value_name = "NAME=TEXT")]
    set_string: Vec<String>,

    /// Set a value to any JSON; laid below --set
    #[arg(long, value_name = "NAME=JSON")]
    set_json: Vec<String>,

    /// Take values from the environment: with P, `P_TEAM` is `team` and `P_DOCKER__IMAGE` is `docker.image`
    #[arg(long, value_name = "P")]
    env_prefix: Option<String>,
}

const AFTER_HELP: &str = "\
Values are laid on top of each other: the template's own defaults, then the files in the order given, then the \
environment, then --set-json, --set and --set-string. Maps merge member by member; anything else replaces what was \
there. Names lead into maps by dots and into lists by brackets; a dot within a name is escaped: \
--set 'apps[0].labels.com\\.example=web'. Secrets do not belong on a command line, where everyone on the machine \
can read them: use --env-prefix or a file.

A value cannot leave its place. By itself it is written as JSON, quotes included: `\"id\": {{ id }}`. Within quotes \
its characters are: `\"id\": \"/{{ team }}/{{ name }}\"`.

A values.schema.json (or .yaml) beside the template says what the values have to be: they are checked before anything \
is rendered.

What the template renders to is checked before it is written: what Marathon would refuse or ignore is shown, and \
then nothing is written.

Examples:
  milepost render web-docker --set id=/shop/web --set image=nginx:1.27.3
  milepost render web-ucr --set id=/shop/web --set image=nginx:1.27.3 -o web.json
  milepost render worker --set id=/a --set image=b --set-json 'env={\"LOG\": \"info\"}'
  milepost render pod --list-variables

Exit codes: 0 written, 1 Marathon would refuse or ignore part of it, or the values are not as their schema wants them, 2 the template or a value is wrong.";

pub(super) fn run(args: Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let Args { template: name, layers, output, list_variables } = args;
    // The errors of these rooms say all there is to say; their sources would say it again.
    let template = Template::find(&name).map_err(|error| anyhow!("{error}"))?;
    if list_variables {
        return match template::compile(&template) {
            Ok(()) => list(&Variables::of(&template), term),
            Err(error) => tell(error, term),
        };
    }
    let (values, paths) = values(&layers)?;
    if !check_values(&template, &values, term)? {
        return Ok(Exit::Findings);
    }
    match template::render(&template, &values) {
        Ok(rendered) => {
            heed_unread(&paths, &values, &Variables::of(&template), &rendered, &name, term)?;
            deliver(&rendered.text, &name, output.as_deref(), term)
        }
        Err(error) => tell(error, term),
    }
}

/// Holds the values against the schema that lies beside the template, if there is one.
fn check_values(template: &Template, values: &Values, term: &mut Terminal) -> anyhow::Result<bool> {
    let Some(schema) = template.directory().as_deref().and_then(template::find_values_schema) else {
        return Ok(true);
    };
    let faults = values.check(&schema).map_err(|error| anyhow!("{error}"))?;
    for fault in &faults {
        writeln!(term.err(), "error: {}: {} ({})", fault.place, fault.message, schema.display())?;
    }
    Ok(faults.is_empty())
}

/// Says what is wrong with a template, its line underlined.
fn tell(error: TemplateError, term: &mut Terminal) -> anyhow::Result<Exit> {
    let TemplateError::Fault(fault) = error else { bail!("{error}") };
    report::text::write(term.err(), &fault.name, &fault.text, &[fault.diagnostic()])?;
    Ok(Exit::Usage)
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

/// Checks what was rendered and, if it is fine, writes it.
fn deliver(text: &str, template: &str, output: Option<&Path>, term: &mut Terminal) -> anyhow::Result<Exit> {
    let whole = Input::parse(&format!("{template} (rendered)"), text, Format::Json)?;
    let definitions = output::definitions(&whole)?;
    if !check(&whole, &definitions, term)? {
        return Ok(Exit::Findings);
    }
    match output {
        None => term.out().write_all(text.as_bytes())?,
        Some(path) => output::write(path, text, &definitions, term)?,
    }
    Ok(Exit::Fine)
}

/// The values, and the paths that the command line sets.
fn values(layers: &Layers) -> anyhow::Result<(Values, Vec<(&'static str, String)>)> {
    let mut values = Values::new();
    for file in &layers.values {
        values.add_file(file).map_err(|error| anyhow!("{error}"))?;
    }
    if let Some(prefix) = &layers.env_prefix {
        if prefix.is_empty() {
            bail!(
                "--env-prefix is empty: every environment variable would be taken; give the first letters of yours"
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

/// A name on the command line that the template never reads is a slip: silently, a default would stand in its place.
/// Files are shared between templates and may hold more than one of them takes; only a near miss is worth a warning.
fn heed_unread(
    paths: &[(&'static str, String)],
    values: &Values,
    variables: &Variables,
    rendered: &Rendered,
    template: &str,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    // A template that includes others by computed names may read more than reading it shows.
    let reads = |path: &str| variables.reads(path) || (variables.open && rendered.read.contains(root(path)));
    let near = |path: &str| {
        let free = variables.list.iter().map(|variable| variable.name.as_str());
        suggest(path, free.filter(|name| !values.root().contains_key(root(name))))
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

fn root(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// Checks what was rendered and says what there is to say about it; `false` when Marathon would refuse or ignore
/// part of it.
fn check(
    whole: &Input,
    definitions: &[output::RenderedDefinition],
    term: &mut Terminal,
) -> anyhow::Result<bool> {
    let mut fine = true;
    let mut tell = |input: &Input, kind: Kind| -> anyhow::Result<()> {
        let found: Vec<Finding> = crate::lint::check(&input.document, kind, &Target::default().settings());
        fine &= found.iter().all(|diagnostic| diagnostic.severity() != Severity::Error);
        report::text::write(term.err(), &input.name, input.document.text(), &found)
            .context("cannot write to stderr")
    };
    match Kind::detect(&whole.document.root()) {
        Some(kind) => tell(whole, kind)?,
        // An array of apps and others: Marathon takes each by itself.
        None => definitions.iter().try_for_each(|definition| tell(&definition.input, definition.kind))?,
    }
    Ok(fine)
}
