//! Which notation a file is in, by its name.

use std::path::Path;

/// The notation a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Strict JSON, as Marathon accepts it.
    Json,
    /// JSON with comments and trailing commas, for people; sent as JSON.
    Jsonc,
    /// YAML 1.2, JSON-like subset of types.
    Yaml,
}

impl Format {
    /// The format by a file's extension; JSON, which Marathon accepts, for unknown ones.
    #[must_use]
    pub fn of_path(path: &Path) -> Self {
        if is_json(path) {
            return Self::Json;
        }
        match &*extension(path) {
            "jsonc" | "json5" => Self::Jsonc,
            "yaml" | "yml" => Self::Yaml,
            // A template has the format of what it makes: `web.yaml.j2`.
            extension if TEMPLATE_EXTENSIONS.contains(&extension) => {
                path.file_stem().map_or(Self::Json, |made| Self::of_path(Path::new(made)))
            }
            _ => Self::Json,
        }
    }
}

/// The extensions of templates, after that of what they make (`web.json.j2`); those that are surely not Jinja's are last.
const TEMPLATE_EXTENSIONS: &[&str] =
    &["j2", "jinja", "jinja2", "template", "mustache", "tmpl", "tpl", "gotmpl", "erb"];

/// How many of them may be Jinja's.
const JINJA_EXTENSIONS: usize = 4;

/// Whether a file is JSON by its name. Nearly all are; then the path need not be split.
fn is_json(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().ends_with(b".json")
}

/// The extension of a file in small letters, as file systems without capitals keep it.
fn extension(path: &Path) -> String {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase()
}

/// Whether a file is by its name a definition or a template of one.
#[must_use]
pub fn may_be_a_definition(path: &Path) -> bool {
    is_json(path) || ["json", "jsonc", "yaml", "yml"].contains(&&*extension(path)) || is_template(path)
}

/// Whether a file is a template by its name.
#[must_use]
pub fn is_template(path: &Path) -> bool {
    !is_json(path) && TEMPLATE_EXTENSIONS.contains(&&*extension(path))
}

/// Whether a file is by its name a template of an engine that is not Jinja: Mustache, Go's, ERB.
#[must_use]
pub fn is_template_of_another_engine(path: &Path) -> bool {
    !is_json(path) && TEMPLATE_EXTENSIONS[JINJA_EXTENSIONS..].contains(&&*extension(path))
}

/// Whether a file is by its name a template of a definition: `web.json.j2`, and `web.j2`, but not `nginx.conf.j2`.
#[must_use]
pub fn is_template_of_a_definition(path: &Path) -> bool {
    let made = Path::new(path.file_stem().unwrap_or_default());
    let is_named_alone = made.extension().is_none() && !is_template_of_another_engine(path);
    is_template(path) && (is_named_alone || may_be_a_definition(made))
}
