//! Finding a template, and the templates it includes, extends or imports: built in, or files below one directory.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::source::{self, FileError, Format};

use super::builtin::Builtin;
use super::error::TemplateError;

/// A template to render.
#[derive(Clone, Debug)]
pub struct Template {
    /// The name within its directory; the built-in one's own name.
    name: String,
    origin: Origin,
    text: String,
}

#[derive(Clone, Debug)]
enum Origin {
    Builtin,
    /// A file below this directory, which nothing it refers to may leave.
    Directory(PathBuf),
}

/// Why a template that another one refers to cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error("`{0}` lies outside of the template's directory, where nothing is included from")]
    Outside(String),
    #[error(transparent)]
    File(#[from] FileError),
}

impl Template {
    /// Finds a template by what a user calls it: a built-in one by its name, any other by its path. A file that has a
    /// built-in template's name is reached as `./name`.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn find(name: &str) -> Result<Self, TemplateError> {
        if let Some(builtin) = Builtin::find(name) {
            return Ok(Self {
                name: builtin.name().to_owned(),
                origin: Origin::Builtin,
                text: builtin.text().to_owned(),
            });
        }
        let path = Path::new(name);
        // A bare word is as likely meant for a built-in template as for a file.
        if !path.exists() && path.components().count() == 1 && path.extension().is_none() {
            return Err(TemplateError::unknown(name));
        }
        let text = source::read(path)?;
        let file = path
            .file_name()
            .map(|file| file.to_string_lossy().into_owned())
            .unwrap_or_default();
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self {
            name: file,
            origin: Origin::Directory(directory),
            text,
        })
    }

    /// The name the engine knows the template by.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The template's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The notation it renders to, told by the name below `.j2`: `web.yaml.j2` gives YAML. Anything unknown is JSON.
    #[must_use]
    pub fn format(&self) -> Format {
        match self.origin {
            Origin::Builtin => Format::Json,
            Origin::Directory(_) => {
                let path = Path::new(&self.name);
                match path.extension().and_then(|extension| extension.to_str()) {
                    Some("j2" | "jinja" | "jinja2") => Format::of_path(&path.with_extension("")),
                    _ => Format::of_path(path),
                }
            }
        }
    }

    /// What to call one of this template's files in a message.
    #[must_use]
    pub fn display(&self, name: &str) -> String {
        match &self.origin {
            Origin::Builtin => name.to_owned(),
            Origin::Directory(directory) => directory.join(name).to_string_lossy().into_owned(),
        }
    }

    /// What to call the text it renders to.
    pub(super) fn display_rendered(&self) -> String {
        format!("{} (rendered)", self.display(&self.name))
    }

    /// The text of the template itself, or of one it refers to by a name that [`join`] made; nothing when there is no
    /// such file.
    pub(super) fn load(&self, name: &str) -> Result<Option<String>, LoadError> {
        if name == self.name {
            return Ok(Some(self.text.clone()));
        }
        let Origin::Directory(directory) = &self.origin else {
            return Ok(None);
        };
        let outside = || LoadError::Outside(name.to_owned());
        if !Path::new(name)
            .components()
            .all(|component| matches!(component, Component::Normal(_)))
        {
            return Err(outside());
        }
        let path = directory.join(name);
        let base = if directory.as_os_str().is_empty() {
            Path::new(".")
        } else {
            directory
        };
        match (fs::canonicalize(base), fs::canonicalize(&path)) {
            // A symbolic link may lead anywhere.
            (Ok(base), Ok(real)) if !real.starts_with(&base) => Err(outside()),
            (_, Err(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            _ => Ok(Some(source::read(&path)?)),
        }
    }
}

/// The name of a template that `parent` refers to as `name`: relative to the directory `parent` is in. A name that
/// climbs out of the main template's directory keeps its `..`, for [`Template::load`] to refuse.
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
    fn names_are_relative_to_the_one_who_uses_them() {
        assert_eq!(join("ports.j2", "web.json.j2"), "ports.j2");
        assert_eq!(join("parts/ports.j2", "web.json.j2"), "parts/ports.j2");
        assert_eq!(join("ports.j2", "parts/all.j2"), "parts/ports.j2");
        assert_eq!(join("../base.j2", "parts/all.j2"), "base.j2");
        assert_eq!(join("./a/./b.j2", "x/y.j2"), "x/a/b.j2");
        assert_eq!(join("../../etc/passwd", "parts/all.j2"), "../etc/passwd");
        assert_eq!(join("/etc/passwd", "parts/all.j2"), "/etc/passwd");
    }
}
