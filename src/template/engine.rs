//! Renders templates.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior};
use serde_json::Value as Json;

use crate::finding::Rule;
use crate::source::file::MAX_BYTES;

use super::error::{TemplateError, TemplateFault};
use super::fill::{self, SlotOrigin};
use super::rules;
use super::slot::{JsonText, SlotMode, Slots, Spelled};
use super::source::{Template, TemplateLoadError, join};
use super::values::{Spellings, Values};
use super::variable::Variables;

mod explain;

/// The most steps of the engine for one template, with the templates it includes: a hundred times as many as ten
/// thousand apps need, and a few seconds on any machine.
pub const FUEL: u64 = 10_000_000;

/// A rendered template.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The definition, or the array of them, as JSON: two spaces a level, members in the template's order.
    pub text: String,
    /// The names of the values that the template read.
    pub read: BTreeSet<String>,
}

/// Renders a template.
///
/// # Errors
/// Where the template, or the text it renders to, is wrong: see [`TemplateError`].
pub fn render(template: &Template, values: &Values) -> Result<Rendered, TemplateError> {
    let slots = Slots::new(values.spellings().clone()).map_err(|error| no_random(template, error))?;
    let slots = Arc::new(slots);
    let environment = environment(template, &slots);
    let read = Arc::new(Mutex::new(BTreeSet::new()));
    let run = |mode: SlotMode, spelled: bool| {
        slots.set_mode(mode);
        let context = RenderContext {
            members: values
                .root()
                .iter()
                .map(|(name, json)| (name.clone(), value(json, spelled.then_some(values.spellings()))))
                .collect(),
            read: Arc::clone(&read),
        };
        run(&environment, template.name(), Value::from_object(context))
    };
    let fault = |error: &Error| {
        let variables = Variables::of(template);
        explain::fault(error, template, &variables, values)
    };
    let marked = run(SlotMode::Mark, false).map_err(|error| fault(&error))?;
    let plain = run(SlotMode::Plain, false).map_err(|error| fault(&error))?;
    let unmarked = slots.unmark(&marked);
    if unmarked != plain {
        let message = "a comparison or filter looks into text that a macro or a `set` block put together";
        return Err(differs(template, &unmarked, &plain, message, CAPTURE_HELP).into());
    }
    if values.spellings().matter()
        && let Ok(spelled) = run(SlotMode::Plain, true)
        && spelled != plain
    {
        let message = "a number goes through an expression that would lose the spelling it was given in";
        return Err(differs(template, &spelled, &plain, message, SPELLING_HELP).into());
    }
    let origin = SlotOrigin { name: template.display_rendered(), format: template.format() };
    let text = fill::fill(&marked, &slots, &origin)?;
    let read = read.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(Rendered { text, read })
}

/// Parses a template without running it.
///
/// # Errors
/// Where its syntax is wrong.
pub fn compile(template: &Template) -> Result<(), TemplateError> {
    let slots = Arc::new(Slots::new(Spellings::default()).map_err(|error| no_random(template, error))?);
    let environment = environment(template, &slots);
    let compiled = environment.get_template(template.name());
    compiled.map_err(|error| explain::fault(&error, template, &Variables::default(), &Values::new()))?;
    Ok(())
}

fn no_random(template: &Template, error: getrandom::Error) -> TemplateFault {
    whole(
        template,
        &rules::TEMPLATE_RUNTIME_ERROR,
        &format!("the system gives no random number: {error}"),
        None,
    )
}

const CAPTURE_HELP: &str = "put the text together in an expression instead, which has no such limit: \
                            `{% set id = \"/\" ~ team ~ \"/\" ~ name %}`";
const SPELLING_HELP: &str = "give a text that looks like a number, such as the tag 1.10, in quotes (on the command line \
                             with --set-string); write a number without zeros at its end";

/// A fault of the template as a whole.
fn whole(template: &Template, rule: &'static Rule, message: &str, help: Option<&str>) -> TemplateFault {
    TemplateFault {
        rule,
        name: template.display(template.name()).into(),
        text: template.text().into(),
        range: 0..0,
        message: message.to_owned(),
        help: help.map(str::to_owned),
    }
}

/// Two runs that should have printed the same text did not. Only the rendered line is known.
fn differs(template: &Template, left: &str, right: &str, message: &str, help: &str) -> TemplateFault {
    let same = left.lines().zip(right.lines()).take_while(|(left, right)| left == right).count();
    let message = format!("{message}, which shows on line {} of what it renders", same + 1);
    whole(template, &rules::AMBIGUOUS_TEXT, &message, Some(help))
}

fn run(environment: &Environment<'_>, name: &str, context: Value) -> Result<String, Error> {
    let mut out = Limited(Vec::new());
    environment.get_template(name)?.render_captured_to(context, &mut out)?;
    String::from_utf8(out.0).map_err(|_| Error::from(ErrorKind::WriteFailure))
}

/// A buffer with the size limit of a definition.
struct Limited(Vec<u8>);

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if (self.0.len() + bytes.len()) as u64 > MAX_BYTES {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn environment(template: &Template, slots: &Arc<Slots>) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    // Errors then have the text and the name of an undefined value.
    environment.set_debug(true);
    environment.set_auto_reload(false);
    // With escaping on, the engine distinguishes text that macros and `set` blocks put together from values.
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("milepost".into()));
    environment.set_path_join_callback(|name, parent| join(name, parent).into());
    let files = template.clone();
    environment.set_loader(move |name| files.load(name).map_err(refuse_load));
    let printer = Arc::clone(slots);
    environment.set_formatter(move |out, _, value| {
        let text = printer.print(value).map_err(invalid)?;
        out.write_str(&text).map_err(Error::from)
    });
    let reader = Arc::clone(slots);
    environment.add_filter("tojson", move |value: &Value| -> Result<Value, Error> {
        Ok(Value::from_object(JsonText(reader.json(value).map_err(invalid)?)))
    });
    // Every value is escaped for its position already, so that these filters have nothing to do.
    environment.add_filter("escape", |value: &Value| value.clone());
    environment.add_filter("e", |value: &Value| value.clone());
    environment.add_filter("safe", |_: &Value| -> Result<Value, Error> {
        Err(invalid(
            "`safe` would let a value change the structure; give structure as a list or map instead"
                .to_owned(),
        ))
    });
    environment.add_filter("format", format);
    // It prints all values.
    environment.remove_global("debug");
    environment
}

/// The engine's own filter, applied to plain text: otherwise it escapes its arguments inside an `autoescape` block.
fn format(
    state: &mut State<'_, '_>,
    text: String,
    arguments: minijinja::value::Rest<minijinja::value::ValueOrKwargs>,
) -> Result<Value, Error> {
    minijinja::filters::format(state, &Value::from(text), arguments)
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// The error for a file that exists but cannot be used: `include … ignore missing` must not ignore it.
fn refuse_load(error: TemplateLoadError) -> Error {
    Error::new(ErrorKind::InvalidOperation, error.to_string()).with_source(error)
}

/// The values for the template; records which of them it reads.
#[derive(Debug)]
struct RenderContext {
    members: std::collections::HashMap<String, Value>,
    read: Arc<Mutex<BTreeSet<String>>>,
}

impl Object for RenderContext {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned());
        self.members.get(key).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.members.keys().map(Value::from).collect())
    }
}

/// A value as the engine needs it.
fn value(json: &Json, spelled: Option<&Spellings>) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(integer), ..) => Value::from(integer),
            (_, Some(integer), _) => Value::from(integer),
            (.., float) => {
                let number_value = float.unwrap_or(f64::NAN);
                match spelled.and_then(|spellings| spellings.of(number).ok().flatten()) {
                    Some(text) if text != number.to_string() => {
                        Value::from_object(Spelled { number: number_value, text: text.to_owned() })
                    }
                    _ => Value::from(number_value),
                }
            }
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items.iter().map(|item| value(item, spelled)).collect(),
        Json::Object(members) => {
            Value::from_pairs(members.iter().map(|(name, member)| (name.as_str(), value(member, spelled))))
        }
    }
}

#[cfg(test)]
mod tests;
