//! The engine's errors in terms of the template, without values.

use std::error::Error as _;
use std::ops::Range;

use minijinja::{Error, ErrorKind};

use crate::finding::Rule;
use crate::source::LineIndex;

use super::super::error::TemplateFault;
use super::super::rules;
use super::super::source::{Template, join};
use super::super::values::Values;
use super::super::variable::Variables;
use super::FUEL;
use crate::util::suggest::suggest;

/// An error of the engine for the template's author.
pub(super) fn fault(
    error: &Error,
    template: &Template,
    variables: &Variables,
    values: &Values,
) -> TemplateFault {
    let mut chain = vec![error];
    let mut last = error;
    while let Some(source) = last.source().and_then(|source| source.downcast_ref::<Error>()) {
        chain.push(source);
        last = source;
    }
    // The location is that of the innermost error that has one.
    let placed = chain.iter().rev().find(|error| error.name().is_some()).copied().unwrap_or(error);
    let cause = chain.last().copied().unwrap_or(error);
    let here = placed.name().unwrap_or(template.name());
    let (name, line) = undefined_at(cause, here).unwrap_or((here, None));
    let text = template.load(name).ok().flatten().unwrap_or_else(|| template.text().to_owned());
    let (rule, message, help) = words(cause, &chain, &text, template, variables, values);
    let range = match line {
        Some(line) => whole_line(&text, line),
        None => range(placed, &text),
    };
    TemplateFault {
        rule,
        name: template.display(name).into(),
        range: narrow(range, &text, cause),
        text: text.into(),
        message,
        help,
    }
}

fn range(error: &Error, text: &str) -> Range<usize> {
    match error.range().filter(|range| text.get(range.clone()).is_some()) {
        Some(range) => range,
        None => error.line().map_or(0..0, |line| whole_line(text, line)),
    }
}

fn whole_line(text: &str, line: usize) -> Range<usize> {
    let line = LineIndex::new(text).line(text, line.clamp(1, text.lines().count().max(1)));
    let indent = text[line.clone()].len() - text[line.clone()].trim_start().len();
    line.start + indent..line.end
}

/// The origin of an undefined value that was passed through a macro or a variable: the engine's "(from line 3)" or
/// "(from parts/ports.j2:3)".
fn undefined_at<'e>(error: &'e Error, here: &'e str) -> Option<(&'e str, Option<usize>)> {
    let (_, origin) = error.detail()?.split_once("is undefined")?.1.split_once("from ")?;
    let origin = origin.trim_end_matches(')');
    match origin.strip_prefix("line ") {
        Some(line) => Some((here, line.parse().ok())),
        None => origin.rsplit_once(':').map(|(name, line)| (name, line.parse().ok())),
    }
}

/// Underlines only the undefined variable instead of its whole statement.
fn narrow(range: Range<usize>, text: &str, error: &Error) -> Range<usize> {
    let found = undefined_name(error).and_then(|name| {
        text[range.clone()].find(name).map(|at| range.start + at..range.start + at + name.len())
    });
    found.unwrap_or(range)
}

/// The expression in the engine's "`docker.image` is undefined".
fn undefined_name(error: &Error) -> Option<&str> {
    let (before, _) = error.detail()?.split_once("` is undefined")?;
    Some(&before[before.rfind('`')? + 1..])
}

type Words = (&'static Rule, String, Option<String>);

fn words(
    error: &Error,
    chain: &[&Error],
    text: &str,
    template: &Template,
    variables: &Variables,
    values: &Values,
) -> Words {
    let detail = error.detail().unwrap_or_default();
    if let Some(name) = undefined_name(error) {
        return undefined(name, variables, values);
    }
    match error.kind() {
        ErrorKind::UndefinedError => {
            (&rules::UNDEFINED_VARIABLE, "a value is not given".to_owned(), Some(SOMEWHERE.to_owned()))
        }
        ErrorKind::OutOfFuel => (
            &rules::TEMPLATE_RUNS_ON,
            format!("the template takes more than {FUEL} steps: it seems to loop endlessly"),
            Some("look for loops in loops over long lists, and for macros that call themselves".to_owned()),
        ),
        ErrorKind::SyntaxError => (&rules::TEMPLATE_SYNTAX_ERROR, detail.to_owned(), None),
        ErrorKind::WriteFailure => (
            &rules::TEMPLATE_RUNS_ON,
            "the template renders to more than 16 MiB, the limit for a definition".to_owned(),
            Some("look for loops in loops over long lists".to_owned()),
        ),
        ErrorKind::TemplateNotFound => not_found(error, template),
        ErrorKind::InvalidOperation if detail.contains("recursion limit") => recursion(chain, template),
        ErrorKind::InvalidOperation if detail.starts_with("cycle in template inheritance") => (
            &rules::TEMPLATE_RUNS_ON,
            "the template extends itself, directly or through another one".to_owned(),
            Some("break the cycle".to_owned()),
        ),
        kind @ (ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::UnknownFunction) => {
            // The name in `map(name)` may come from a value.
            let is_written = detail.split(' ').nth_back(2).is_some_and(|name| text.contains(name));
            let message = if is_written { detail.to_owned() } else { kind.to_string() };
            (&rules::TEMPLATE_SYNTAX_ERROR, message, Some(KNOWN.to_owned()))
        }
        // The only message of the engine that repeats values.
        ErrorKind::InvalidOperation if detail.starts_with("unable to calculate") => {
            (&rules::TEMPLATE_RUNTIME_ERROR, "the result is too large, or undefined".to_owned(), None)
        }
        ErrorKind::InvalidOperation if !detail.is_empty() => {
            (&rules::TEMPLATE_RUNTIME_ERROR, detail.to_owned(), None)
        }
        kind if detail.is_empty() => (&rules::TEMPLATE_RUNTIME_ERROR, kind.to_string(), None),
        kind => (&rules::TEMPLATE_RUNTIME_ERROR, format!("{kind}: {detail}"), None),
    }
}

const SOMEWHERE: &str = "give it with `--set name=…` or in a values file, or write a default: \
                         `{{ name | default(…) }}`";
const KNOWN: &str = "templates have minijinja's filters, tests and functions, except `safe` and `debug`";

fn undefined(name: &str, variables: &Variables, values: &Values) -> Words {
    let message = format!("`{name}` is not given");
    let root = name.split(['.', '[', '(']).next().unwrap_or(name);
    let given = values.root().keys().map(String::as_str);
    // A given name that the template does not use may be a typing error.
    let slip = suggest(root, given.filter(|given| !variables.reads(given)));
    let help = if !variables.reads(root) {
        format!(
            "`{root}` comes from the template itself: check where it is set, or the list that it is taken from"
        )
    } else if let Some(slip) = slip.filter(|_| !values.root().contains_key(root)) {
        format!("the values have `{slip}`: did you mean `{root}`?")
    } else {
        let name = if name.contains(['[', '(']) { root } else { name };
        format!("give it with `--set {name}=…` or in a values file")
    };
    (&rules::UNDEFINED_VARIABLE, message, Some(help))
}

fn not_found(error: &Error, template: &Template) -> Words {
    let detail = error.detail().unwrap_or_default();
    let name = detail.split(['"', '\'']).nth(1).unwrap_or_default();
    // The engine reports the name as written for `include`, and the resolved one for `extends` and `import`.
    let name = match error.name().filter(|_| detail.starts_with("tried to include")) {
        Some(parent) => join(name, parent),
        None => name.to_owned(),
    };
    let message = if detail.contains("multiple templates") {
        "none of these templates exists".to_owned()
    } else {
        format!("there is no template `{}`", template.display(&name))
    };
    (
        &rules::MISSING_TEMPLATE,
        message,
        Some("names are relative to the file that includes, extends or imports".to_owned()),
    )
}

fn recursion(chain: &[&Error], template: &Template) -> Words {
    let mut names = vec![template.name()];
    for error in chain.iter().filter(|error| error.kind() == ErrorKind::BadInclude) {
        if let Some(name) = error.detail().and_then(|detail| detail.split('"').nth(1)) {
            names.push(name);
        }
    }
    let cycle = names.iter().enumerate().find_map(|(at, name)| {
        let first = names[..at].iter().position(|earlier| earlier == name)?;
        Some(names[first..=at].iter().map(|name| template.display(name)).collect::<Vec<_>>().join(" → "))
    });
    match cycle {
        Some(cycle) => (
            &rules::TEMPLATE_RUNS_ON,
            format!("the template includes itself endlessly: {cycle}"),
            Some("break the cycle, or put a condition around the include".to_owned()),
        ),
        None => (
            &rules::TEMPLATE_RUNS_ON,
            "macros or includes are nested too deep: one seems to call itself endlessly".to_owned(),
            None,
        ),
    }
}
