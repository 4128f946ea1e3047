//! Errors of templates.

use std::fmt;
use std::ops::Range;

use crate::finding::{Effect, Finding, Rule};
use crate::report;
use crate::source::{FileError, Pointer};

use super::builtin::Builtin;
use super::rules::{RENDERED_SYNTAX_ERROR, TEMPLATE_SYNTAX_ERROR};
use crate::util::suggest::suggest;

/// Why a template cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The template cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Neither a file nor a built-in template has this name.
    #[error("there is no template `{name}`: {hint}")]
    Unknown {
        /// The name as given.
        name: String,
        /// Which names exist.
        hint: String,
    },
    /// An error at a location of a template, or of the text it rendered to.
    #[error("{0}")]
    Fault(Box<TemplateFault>),
}

impl TemplateError {
    /// The error for a name that neither a file nor a built-in template has.
    #[must_use]
    pub fn unknown(name: &str) -> Self {
        let names = || Builtin::all().iter().map(Builtin::name);
        let near = suggest(name, names()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let hint = format!("{near}the built-in ones are {}", names().collect::<Vec<_>>().join(", "));
        Self::Unknown { name: name.to_owned(), hint }
    }
}

impl From<TemplateFault> for TemplateError {
    fn from(fault: TemplateFault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

/// An error at a location. Names variables, never their values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFault {
    /// The rule that it breaks.
    pub rule: &'static Rule,
    /// The text's name: a template's path, or the main template's with ` (rendered)`.
    pub name: Box<str>,
    /// The text to which the range refers. A rendered text shows `{{…}}` in place of values.
    pub text: Box<str>,
    /// The bytes at fault.
    pub range: Range<usize>,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl TemplateFault {
    /// Whether the template, or what it makes, cannot be parsed.
    #[must_use]
    pub fn is_of_syntax(&self) -> bool {
        [&TEMPLATE_SYNTAX_ERROR, &RENDERED_SYNTAX_ERROR].contains(&self.rule)
    }

    /// The finding for this error.
    #[must_use]
    pub fn finding(&self) -> Finding {
        Finding {
            rule: self.rule,
            effect: Effect::Rejected,
            pointer: Pointer::root(),
            message: self.message.clone(),
            help: self.help.clone().map(Into::into),
            range: self.range.clone(),
            answer: None,
            refusal: None,
            fix: None,
        }
    }
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = report::text::place(&self.name, &self.text, self.range.start);
        write!(f, "{place}: {}", self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}
