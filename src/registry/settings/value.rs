//! Whether a value is what the registry reads it as. Values are YAML (yaml.v2).

use crate::registry::app::version::RegistryVersion;
use crate::source::{Document, Format, Type, Value};
use crate::util::suggest::suggest;

use super::configuration::{SettingField, SettingShape};
use super::names::{NamedSetting, named};
use super::{GivenSettings, PREFIX, SettingFault, SettingProblem, is_unfilled};

/// What yaml.v2 takes for true.
const TRUE: [&str; 11] = ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
/// What it takes for false.
const FALSE: [&str; 11] = ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];
/// What it takes for nothing.
const NULL: [&str; 5] = ["", "~", "null", "Null", "NULL"];
/// The greatest number of 64 bits.
const GREATEST: f64 = 9.3e18;

/// What each value has to be.
const YAML: &str = "YAML";

/// The members of `uploadpurging`, and what they are.
const PURGING: [&str; 3] = ["age", "interval", "dryrun"];

/// What a value is not.
struct Misfit {
    /// What the registry wants in its place.
    wanted: String,
    /// What the registry gets, where it may be shown.
    got: Option<String>,
    help: String,
}

impl Misfit {
    fn new(wanted: impl Into<String>, help: impl Into<String>) -> Self {
        Self { wanted: wanted.into(), got: None, help: help.into() }
    }

    /// The same, of a value that is no secret.
    fn got(self, value: Value<'_>) -> Self {
        Self { got: Some(value.source().trim().to_owned()), ..self }
    }
}

/// A scalar as yaml.v2 sees it.
enum PlainScalar {
    /// A text in quotes, or one over several lines.
    Quoted(String),
    /// The word itself.
    Plain(String),
    /// It has a tag or an anchor.
    Marked,
}

/// Whether a value is true.
pub(super) fn is_true(value: Value<'_>) -> bool {
    matches!(scalar(value), Some(PlainScalar::Plain(word)) if TRUE.contains(&&*word))
}

/// Values that are of another type than the setting.
pub(super) fn faults(given: &GivenSettings) -> Vec<SettingFault> {
    let of = |(name, text): (&String, &String)| match named(name, given.version) {
        NamedSetting::Known(shape) => {
            // A secret is not known, either.
            if is_unfilled(text) || is_secret(text) { None } else { fault(name, text, shape, given.version) }
        }
        NamedSetting::OfList(length) => Some(SettingFault::new(
            SettingProblem::Unread,
            &[name],
            format!("registry 2 takes no notice of {PREFIX}{name}: it takes a list as a whole"),
            format!("set {PREFIX}{} to all of it, in YAML, as in [{{\"name\":\"…\"}}]", &name[..length]),
        )),
        NamedSetting::NoNumber => Some(SettingFault::new(
            SettingProblem::Value,
            &[name],
            format!("{PREFIX}{name} is of a list, whose elements have numbers: the registry does not start"),
            "write the number of the element, from 0",
        )),
        _ => None,
    };
    given.env.iter().filter_map(of).collect()
}

/// Whether a value stands for one of Marathon's secret store.
pub(crate) fn is_secret(text: &str) -> bool {
    text.starts_with('{')
        && Document::parse(text, Format::Json).is_ok_and(|document| {
            let root = document.root();
            root.get("secret").is_some() && root.members().count() == 1
        })
}

fn fault(
    name: &str,
    text: &str,
    shape: &'static SettingShape,
    version: Option<RegistryVersion>,
) -> Option<SettingFault> {
    let begins_with_a_tab = text.trim_start_matches(' ').starts_with('\t');
    let misfit = match Document::parse(text, Format::Yaml) {
        // Nothing is no YAML to the parser here.
        _ if text.trim().is_empty() => match shape {
            SettingShape::Set(inner) => of_nothing(inner),
            _ => return None,
        },
        Ok(document) if !begins_with_a_tab => misfit(document.root(), shape, version)?,
        _ => Misfit::new(YAML, "write it in quotes within the value: \"\\\"…\\\"\""),
    };
    let got = misfit.got.map(|got| format!(", and gets {got}")).unwrap_or_default();
    // It goes on, and does not do what is meant.
    let outcome = match (name, shape) {
        ("STORAGE_DELETE_ENABLED", SettingShape::Bool) => "it deletes nothing",
        ("STORAGE_CACHE_BLOBDESCRIPTOR", SettingShape::Word(..)) => "it goes without a cache",
        ("HTTP_HOST", SettingShape::Address) => "it takes no notice of it, or does not start",
        ("HTTP_PREFIX", SettingShape::Path) => "it answers 404 to every request",
        // A tag, a comment, or what follows the end of a text.
        _ if misfit.wanted == YAML && text.starts_with(['!', '#', '"']) => "it reads another value",
        _ => "it does not start",
    };
    let message = format!("the registry wants {} as {PREFIX}{name}{got}: {outcome}", misfit.wanted);
    Some(SettingFault::new(SettingProblem::Value, &[name], message, misfit.help))
}

/// A value that must not be empty, and is.
fn of_nothing(shape: &SettingShape) -> Misfit {
    Misfit::new(format!("{}, and not nothing", wanted(shape)), example(shape))
}

/// Why a value is not of a shape.
fn misfit(value: Value<'_>, shape: &SettingShape, version: Option<RegistryVersion>) -> Option<Misfit> {
    let scalar = scalar(value);
    match (shape, &scalar) {
        (SettingShape::Any, _) | (_, Some(PlainScalar::Marked)) => return None,
        (SettingShape::Set(inner), Some(PlainScalar::Plain(word))) if NULL.contains(&&**word) => {
            return Some(of_nothing(inner));
        }
        (SettingShape::Set(inner), _) => return misfit(value, inner, version),
        (_, Some(PlainScalar::Plain(word))) if NULL.contains(&&**word) => return None,
        _ => {}
    }
    let fits = match (shape, scalar) {
        (SettingShape::List(element), None) => return list(value, element, version),
        (SettingShape::Map(element), None) => return map(value, &|_| Some(element), version),
        (SettingShape::Section(fields) | SettingShape::Options(fields, _), None) => {
            return map(value, &|key| field(fields, key, version), version);
        }
        (SettingShape::Kinds(fields, _), None) => {
            let other = &SettingShape::Options(&[], true);
            return map(value, &|key| field(fields, key, version).or(Some(other)), version);
        }
        (SettingShape::Purging, None) => return purging(value),
        (SettingShape::Text | SettingShape::Kinds(..), Some(_)) => true,
        (shape, Some(scalar)) => is_scalar(shape, &scalar),
        _ => false,
    };
    (!fits).then(|| {
        let misfit = Misfit::new(wanted(shape), help(value, shape));
        let is_secret = matches!(shape, SettingShape::Text | SettingShape::Address);
        if is_secret { misfit } else { misfit.got(value) }
    })
}

fn field(
    fields: &'static [SettingField],
    key: &str,
    version: Option<RegistryVersion>,
) -> Option<&'static SettingShape> {
    fields.iter().find(|field| field.is_key(key) && field.is_of(version)).map(|field| field.shape)
}

fn list(value: Value<'_>, element: &SettingShape, version: Option<RegistryVersion>) -> Option<Misfit> {
    if value.kind() != Type::Array {
        return Some(Misfit::new("a list", example(&SettingShape::List(&SettingShape::Text))));
    }
    value.elements().find_map(|value| misfit(value, element, version))
}

/// The members of a map, each as `shape` tells of its name.
fn map<'s>(
    value: Value<'_>,
    shape: &dyn Fn(&str) -> Option<&'s SettingShape>,
    version: Option<RegistryVersion>,
) -> Option<Misfit> {
    if value.kind() != Type::Object {
        return Some(Misfit::new("a map", example(&SettingShape::Options(&[], true))));
    }
    value.members().find_map(|(key, value)| {
        let name = key.as_str()?;
        let misfit = misfit(value, shape(&name)?, version)?;
        Some(Misfit { wanted: format!("{} at {name}", misfit.wanted), ..misfit })
    })
}

/// What purges uploads wants all of its settings, and texts for its times.
fn purging(value: Value<'_>) -> Option<Misfit> {
    let help = example(&SettingShape::Purging);
    if value.kind() != Type::Object {
        return Some(Misfit::new(wanted(&SettingShape::Purging), help));
    }
    let is_off =
        |value: Value<'_>| matches!(scalar(value), Some(PlainScalar::Plain(word)) if FALSE.contains(&&*word));
    if value.get("enabled").is_some_and(is_off) {
        return None;
    }
    let odd = PURGING.iter().find(|name| {
        let scalar = value.get(name).and_then(scalar);
        !match scalar {
            Some(PlainScalar::Marked) => true,
            Some(it) if **name == "dryrun" => is_scalar(&SettingShape::Bool, &it),
            Some(PlainScalar::Plain(text) | PlainScalar::Quoted(text)) => {
                !is_number(&text) && is_duration(&text)
            }
            None => false,
        }
    })?;
    let what = if *odd == "dryrun" { "true or false" } else { "a duration with a unit" };
    Some(Misfit::new(format!("{what} at {odd}"), help))
}

/// A scalar; nothing for a list or a map.
fn scalar(value: Value<'_>) -> Option<PlainScalar> {
    let source = value.source().trim();
    Some(match value.kind() {
        Type::Array | Type::Object => return None,
        _ if source.starts_with(['!', '&', '*']) => PlainScalar::Marked,
        _ if source.starts_with(['"', '\'', '|', '>']) => {
            PlainScalar::Quoted(value.as_str().unwrap_or_default().into_owned())
        }
        _ => PlainScalar::Plain(source.to_owned()),
    })
}

fn is_scalar(shape: &SettingShape, scalar: &PlainScalar) -> bool {
    let (text, is_plain) = match scalar {
        PlainScalar::Plain(text) => (&**text, true),
        PlainScalar::Quoted(text) => (&**text, false),
        PlainScalar::Marked => return true,
    };
    match shape {
        SettingShape::Bool => is_plain && (TRUE.contains(&text) || FALSE.contains(&text)),
        SettingShape::Int => is_plain && is_number(text),
        SettingShape::Threads => text.parse::<i64>().is_ok(),
        SettingShape::Duration => is_plain && is_number(text) || is_duration(text),
        SettingShape::Interval => is_scalar(&SettingShape::Duration, scalar) && !text.starts_with('-'),
        SettingShape::Version => {
            let is_number = |part: &str| part.parse::<u64>().is_ok();
            text.split_once('.').is_some_and(|(major, rest)| {
                is_number(major) && is_number(rest.split('.').next().unwrap_or_default())
            })
        }
        SettingShape::Address => text.is_empty() || is_address(text),
        SettingShape::Path => text.is_empty() || text.starts_with('/'),
        SettingShape::Word(words, is_any_case) => {
            text.is_empty() && !is_any_case
                || words.iter().any(|word| word == &text || *is_any_case && word.eq_ignore_ascii_case(text))
        }
        _ => false,
    }
}

/// An address that Go reads, with a scheme that the registry knows.
fn is_address(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port),
        _ => (host, ""),
    };
    !name.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && !text.contains(|c: char| c.is_ascii_control())
        && !name.contains([' ', '"', '<', '>', '\\', '^', '`', '{', '|', '}'])
}

/// A number, as yaml.v2 reads one into Go's `int`: what follows the point is cut off.
fn is_number(text: &str) -> bool {
    let text = text.replace('_', "");
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let has_digits =
        |radix: u32| digits.get(2..).is_some_and(|rest| i64::from_str_radix(rest, radix).is_ok());
    match digits.get(..2) {
        Some("0x" | "0X") => return has_digits(16),
        Some("0o" | "0O") => return has_digits(8),
        Some("0b" | "0B") => return has_digits(2),
        _ => {}
    }
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte))
        && text.parse::<f64>().is_ok_and(|number| number.abs() < GREATEST)
}

/// A duration of Go: `1h30m`, `-.5s`, `0`.
fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (amount, after) = rest.split_at(number);
        let unit = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(unit);
        let is_amount = amount.bytes().any(|byte| byte.is_ascii_digit()) && amount.matches('.').count() < 2;
        if !is_amount || !["ns", "us", "µs", "μs", "ms", "s", "m", "h"].contains(&unit) {
            return false;
        }
        rest = next;
    }
    true
}

/// What a shape is, in words.
fn wanted(shape: &SettingShape) -> String {
    match shape {
        SettingShape::Text => "a text".to_owned(),
        SettingShape::Any => "a value".to_owned(),
        SettingShape::Bool => "true or false".to_owned(),
        SettingShape::Int | SettingShape::Threads => "a number".to_owned(),
        SettingShape::Duration => "a duration".to_owned(),
        SettingShape::Interval => "a duration of 0 or more".to_owned(),
        SettingShape::Version => "a version".to_owned(),
        SettingShape::Address => "an address with http:// or https://".to_owned(),
        SettingShape::Path => "a path that begins with a slash".to_owned(),
        SettingShape::Word(words, _) if words.len() > 9 => "a name that it knows".to_owned(),
        SettingShape::Word(words, _) => format!("one of {}", words.join(", ")),
        SettingShape::List(_) => "a list".to_owned(),
        SettingShape::Map(_)
        | SettingShape::Section(_)
        | SettingShape::Options(..)
        | SettingShape::Purging => "a map".to_owned(),
        SettingShape::Kinds(..) => "a text or a map of maps".to_owned(),
        SettingShape::Set(inner) => wanted(inner),
    }
}

/// How a value of a shape is written.
fn example(shape: &SettingShape) -> String {
    match shape {
        SettingShape::Text | SettingShape::Any => {
            "write it in quotes within the value: \"\\\"…\\\"\"".to_owned()
        }
        SettingShape::Bool => "write true or false, without quotes".to_owned(),
        SettingShape::Int | SettingShape::Threads => "write a number such as 100, without quotes".to_owned(),
        SettingShape::Duration | SettingShape::Interval => {
            "write a number with a unit of ms, s, m or h, such as 10s".to_owned()
        }
        SettingShape::Version => "leave it out".to_owned(),
        SettingShape::Address => "write one such as https://registry.example.com".to_owned(),
        SettingShape::Path => "write one such as /images".to_owned(),
        SettingShape::Word(words, _) => format!("write one such as {}", words.last().unwrap_or(&"")),
        SettingShape::List(_) => "write a list in YAML, such as [\"…\"]".to_owned(),
        SettingShape::Map(_)
        | SettingShape::Section(_)
        | SettingShape::Options(..)
        | SettingShape::Kinds(..) => "write a map in YAML, such as {\"name\":\"…\"}".to_owned(),
        SettingShape::Purging => {
            "write {\"enabled\":true,\"age\":\"168h\",\"interval\":\"24h\",\"dryrun\":false}".to_owned()
        }
        SettingShape::Set(inner) => example(inner),
    }
}

/// The same, for a value that is there.
fn help(value: Value<'_>, shape: &SettingShape) -> String {
    let word = value.as_str().unwrap_or_default();
    match shape {
        SettingShape::Word(words, _) => suggest(&word, words.iter().copied())
            .map_or_else(|| example(shape), |word| format!("write {word}")),
        _ => example(shape),
    }
}
