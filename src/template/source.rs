//! Finds a template, and the templates it includes, extends or imports: built in, or files below one directory.

use std::fs;
use std::path::{Component, Path, PathBuf};

use minijinja::machinery::{Token, tokenize};

use crate::source::{self, FileError, Format};

use super::builtin::Builtin;
use super::error::TemplateError;

/// A template to render.
#[derive(Clone, Debug)]
pub struct Template {
    /// The file name, or the name of a built-in template.
    name: String,
    origin: TemplateOrigin,
    text: String,
}

#[derive(Clone, Debug)]
enum TemplateOrigin {
    Builtin,
    /// A file in this directory; all files that it refers to have to be below this directory.
    Directory(PathBuf),
}

/// Why a template that another one refers to cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub(super) enum TemplateLoadError {
    #[error("`{0}` is outside of the template's directory; only files below that directory are included")]
    Outside(String),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("line {0}: more than {MAX_CHAIN} operators or `elif` in a row, the limit of milepost")]
    Chain(u16),
}

/// The most operators in one tag, and `elif` in one file. The engine parses them by recursion without a limit of its
/// own: four thousand exhaust the stack.
const MAX_CHAIN: usize = 1500;

impl Template {
    /// The directory it lies in; nothing for a built-in one.
    #[must_use]
    pub fn directory(&self) -> Option<PathBuf> {
        match &self.origin {
            TemplateOrigin::Builtin => None,
            TemplateOrigin::Directory(directory) => Some(directory.clone()),
        }
    }

    /// Finds a template: a built-in one by its name, any other by its path. A file with the name of a built-in template
    /// is given as `./name`.
    ///
    /// # Errors
    /// When it does not exist, or cannot be read.
    pub fn find(name: &str) -> Result<Self, TemplateError> {
        if let Some(builtin) = Builtin::find(name) {
            return Ok(Self {
                name: builtin.name().to_owned(),
                origin: TemplateOrigin::Builtin,
                text: builtin.text().to_owned(),
            });
        }
        let path = Path::new(name);
        // A bare word may be the name of a built-in template or of a file.
        if !path.exists() && path.components().count() == 1 && path.extension().is_none() {
            return Err(TemplateError::unknown(name));
        }
        let text = source::read(path)?;
        let file = path.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self { name: file, origin: TemplateOrigin::Directory(directory), text })
    }

    /// The name of the template in the engine.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The template's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The notation it renders to, by the extension before `.j2`: YAML for `web.yaml.j2`. JSON for unknown extensions.
    #[must_use]
    pub fn format(&self) -> Format {
        match self.origin {
            TemplateOrigin::Builtin => Format::Json,
            TemplateOrigin::Directory(_) => {
                let path = Path::new(&self.name);
                match path.extension().and_then(|extension| extension.to_str()) {
                    Some("j2" | "jinja" | "jinja2") => Format::of_path(&path.with_extension("")),
                    _ => Format::of_path(path),
                }
            }
        }
    }

    /// The name of one of this template's files in messages.
    #[must_use]
    pub fn display(&self, name: &str) -> String {
        match &self.origin {
            TemplateOrigin::Builtin => name.to_owned(),
            TemplateOrigin::Directory(directory) => directory.join(name).to_string_lossy().into_owned(),
        }
    }

    /// The name of the rendered text in messages.
    pub(super) fn display_rendered(&self) -> String {
        format!("{} (rendered)", self.display(&self.name))
    }

    /// The text of the template itself, or of one that it refers to by a name from [`join`]; `None` when there is no
    /// such file.
    pub(super) fn load(&self, name: &str) -> Result<Option<String>, TemplateLoadError> {
        let text = if name == self.name { Some(self.text.clone()) } else { self.read(name)? };
        if let Some(line) = text.as_deref().and_then(endless_chain) {
            return Err(TemplateLoadError::Chain(line));
        }
        Ok(text)
    }

    fn read(&self, name: &str) -> Result<Option<String>, TemplateLoadError> {
        let TemplateOrigin::Directory(directory) = &self.origin else {
            return Ok(None);
        };
        let outside = || TemplateLoadError::Outside(name.to_owned());
        if !Path::new(name).components().all(|component| matches!(component, Component::Normal(_))) {
            return Err(outside());
        }
        let path = directory.join(name);
        let base = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        match (fs::canonicalize(base), fs::canonicalize(&path)) {
            // Symbolic links may point outside of the directory.
            (Ok(base), Ok(real)) if !real.starts_with(&base) => Err(outside()),
            (_, Err(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            _ => Ok(Some(source::read(&path)?)),
        }
    }
}

/// The line of a chain of operators that is too long for the engine.
fn endless_chain(text: &str) -> Option<u16> {
    let (mut operators, mut branches) = (0, 0);
    for (token, span) in
        tokenize(text, false, minijinja::syntax::SyntaxConfig::default()).map_while(Result::ok)
    {
        match token {
            Token::VariableStart | Token::BlockStart => operators = 0,
            Token::Ident("elif") => branches += 1,
            Token::Ident("not" | "and" | "or" | "if" | "is" | "in")
            | Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::FloorDiv
            | Token::Pow
            | Token::Mod
            | Token::Dot
            | Token::Tilde
            | Token::Pipe
            | Token::Eq
            | Token::Ne
            | Token::Gt
            | Token::Gte
            | Token::Lt
            | Token::Lte
            | Token::BracketOpen
            | Token::ParenOpen => operators += 1,
            _ => {}
        }
        if operators > MAX_CHAIN || branches > MAX_CHAIN {
            return Some(span.start_line);
        }
    }
    None
}

/// The name of a template that `parent` refers to as `name`, relative to the directory of `parent`. A name that leads
/// out of the main template's directory keeps its `..`; [`Template::load`] rejects it.
pub(super) fn join(name: &str, parent: &str) -> String {
    if name.starts_with('/') {
        return name.to_owned();
    }
    let mut segments: Vec<&str> = parent.split('/').collect();
    segments.pop();
    for segment in name.split('/') {
        match segment {
            "" | "." => {}
            ".." if segments.last().is_some_and(|last| *last != "..") => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_that_would_exhaust_the_stack_are_found() {
        assert_eq!(endless_chain(&format!("a\n{{{{ {}a }}}}", "a ~ ".repeat(5000))), Some(2));
        assert_eq!(endless_chain(&format!("{{{{ {}a }}}}", "not ".repeat(5000))), Some(1));
        assert_eq!(
            endless_chain(&format!("{{% if a %}}{}{{% endif %}}", "{% elif a %}".repeat(5000))),
            Some(1)
        );
        assert_eq!(endless_chain(&"{{ a.b | c }}".repeat(5000)), None);
        assert_eq!(endless_chain(&format!("{{% set a = [{}] %}}", "\"x\", ".repeat(5000))), None);
    }

    #[test]
    fn names_are_relative_to_the_file_that_uses_them() {
        assert_eq!(join("ports.j2", "web.json.j2"), "ports.j2");
        assert_eq!(join("parts/ports.j2", "web.json.j2"), "parts/ports.j2");
        assert_eq!(join("ports.j2", "parts/all.j2"), "parts/ports.j2");
        assert_eq!(join("../base.j2", "parts/all.j2"), "base.j2");
        assert_eq!(join("./a/./b.j2", "x/y.j2"), "x/a/b.j2");
        assert_eq!(join("../../etc/passwd", "parts/all.j2"), "../etc/passwd");
        assert_eq!(join("/etc/passwd", "parts/all.j2"), "/etc/passwd");
    }
}
