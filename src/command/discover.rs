//! Finding definitions below directories. What is left out is listed, with the reason.

mod excludes;
mod git_wide;

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Exit, Terminal};
use crate::config::{self, ProjectConfig};
use crate::schema::recognize::NotADefinition;
use crate::source::{
    is_template, is_template_of_a_definition, is_template_of_another_engine, may_be_a_definition,
};
use crate::util::escape::{on_one_line, shown_path};
use crate::util::hash::Set;
use crate::util::text::count;
pub(super) use excludes::Excludes;

/// The options of commands that walk directories.
#[derive(Debug, Default, clap::Args)]
pub(super) struct WalkArgs {
    /// Leave out what this pattern matches: a name at any depth, or a path from the current directory such as
    /// 'charts/**'; several with commas
    ///
    /// `exclude` in milepost.toml adds to it
    #[arg(hide_short_help = true, long, value_name = "PATTERN", value_delimiter = ',')]
    exclude: Vec<String>,

    /// List what is skipped, with the reason
    #[arg(hide_short_help = true, long, short)]
    pub(super) verbose: bool,
}

impl WalkArgs {
    /// Whether --exclude is given.
    #[cfg(feature = "net")]
    pub(super) fn leaves_out(&self) -> bool {
        !self.exclude.is_empty()
    }

    /// The patterns of the option and of the settings file that counts for these paths.
    pub(super) fn excludes(&self, settings: Option<&ProjectConfig>) -> anyhow::Result<Excludes> {
        Excludes::new(&self.exclude, settings)
    }

    /// The files of these paths, without what the options and the settings file that counts for them exclude.
    pub(super) fn walk(&self, paths: &[PathBuf]) -> anyhow::Result<Walk> {
        let settings = config::read_for(paths, crate::rule_docs::known())?;
        Ok(Walk::of(paths, &self.excludes(settings.as_ref())?))
    }
}

/// A file to read, and how it was found.
pub(super) struct InputFile {
    pub(super) path: PathBuf,
    /// It was named on the command line, not found below a directory.
    pub(super) is_named: bool,
    /// It is known to be a regular file, not a pipe or a device.
    pub(super) is_regular: bool,
}

/// Whether every directory was listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WalkEnd {
    /// All were.
    Whole,
    /// One was not: its files are unknown.
    Unreadable,
}

/// A file that is not read.
pub(super) struct SkippedFile {
    pub(super) path: PathBuf,
    pub(super) reason: String,
}

/// How much is left out of a walk.
#[derive(Debug, Default)]
pub(in crate::command) struct LeftOut {
    files: Vec<PathBuf>,
    directories: Vec<PathBuf>,
}

impl LeftOut {
    /// The number of files and directories.
    pub(in crate::command) fn total(&self) -> usize {
        self.files.len() + self.directories.len()
    }

    /// In words; nothing when it is nothing.
    fn in_words(&self) -> Option<String> {
        let directories = match self.directories.len() {
            0 => None,
            1 => Some("1 directory".to_owned()),
            several => Some(format!("{several} directories")),
        };
        let files = (!self.files.is_empty()).then(|| count(self.files.len(), "file"));
        let words: Vec<String> = files.into_iter().chain(directories).collect();
        (!words.is_empty()).then(|| words.join(" and "))
    }
}

/// The files of a run.
#[derive(Default)]
pub(super) struct Walk {
    pub(super) files: Vec<InputFile>,
    /// Templates, excluded files, and what is no definition.
    pub(super) skipped: Vec<SkippedFile>,
    /// Those of the skipped files that are excluded.
    excluded: Vec<PathBuf>,
    /// Those of the skipped files that are templates of definitions.
    templates: Vec<PathBuf>,
    /// What `.gitignore` or `.ignore` leave out.
    pub(in crate::command) ignored: LeftOut,
    /// What is hidden by its name, and is or has a definition by its name.
    hidden: LeftOut,
    /// The directories that were named.
    pub(super) directories: Vec<PathBuf>,
    /// Directories that cannot be listed, with the reason.
    pub(super) unreadable: Vec<SkippedFile>,
    /// The patterns of `--exclude` that leave out nothing of a directory.
    idle_excludes: Vec<String>,
    /// Several paths were named, so that a file can be met twice.
    pub(super) is_of_several: bool,
}

/// The file of patterns of a directory that is no regular file, such as a device: reading it might not end.
fn unreadable_ignore_file(directory: &Path) -> Option<PathBuf> {
    let is_odd = |file: &PathBuf| file.metadata().is_ok_and(|file| !file.is_file() && !file.is_dir());
    [".gitignore", ".ignore"].into_iter().map(|name| directory.join(name)).find(is_odd)
}

/// What of a directory could not be listed, and why.
fn listing_fault<'e>(error: &'e ignore::Error, root: &'e Path) -> (&'e Path, String) {
    match error {
        ignore::Error::WithDepth { err, .. } => listing_fault(err, root),
        ignore::Error::WithPath { path, err } => listing_fault(err, path),
        // The cause by itself: what is around it names the path again.
        ignore::Error::Io(error) => {
            let cause = error.get_ref().and_then(|inner| inner.source());
            (root, cause.map_or_else(|| error.to_string(), ToString::to_string))
        }
        other => (root, other.to_string()),
    }
}

fn not_regular(file: &Path) -> String {
    format!("{} is not a regular file, so the files of its directory are not listed", shown_path(&file))
}

impl Walk {
    /// The named files, and those below the named directories: by their extension definitions, sorted, without hidden
    /// files and what `.gitignore` and `.ignore` leave out.
    pub(super) fn of(paths: &[PathBuf], excludes: &Excludes) -> Self {
        let mut walk = Self { is_of_several: paths.len() > 1, ..Self::default() };
        for path in paths {
            let kind = path.metadata().map(|metadata| metadata.file_type()).ok();
            if kind.is_some_and(|kind| kind.is_dir()) {
                walk.directories.push(path.clone());
                walk.directory(path, excludes);
            } else if excludes.has(path) && path != Path::new("-") {
                walk.exclude(path.clone());
            } else {
                let is_regular = kind.is_some_and(|kind| kind.is_file());
                walk.files.push(InputFile { path: path.clone(), is_named: true, is_regular });
            }
        }
        // A hook names some files, with the same patterns each time.
        if !walk.directories.is_empty() {
            walk.idle_excludes = excludes.idle();
        }
        walk
    }

    /// Notes a file that is not read.
    pub(super) fn skip(&mut self, path: PathBuf, reason: &str) {
        self.skipped.push(SkippedFile { path, reason: reason.to_owned() });
    }

    /// Notes a file that is not read because the user excludes it.
    pub(super) fn exclude(&mut self, path: PathBuf) {
        self.excluded.push(path.clone());
        self.skip(path, "it is excluded");
    }

    /// How a run ends that has no file to work on, `what` being what it did not do: well, where the user excludes files.
    ///
    /// # Errors
    /// Why there is none, where none is excluded.
    pub(super) fn end_without_files(&self, what: &str, term: &mut Terminal) -> anyhow::Result<Exit> {
        let why = self.why_nothing_is_left();
        if self.excluded.is_empty() {
            anyhow::bail!("{what}: {why}");
        }
        writeln!(term.err(), "note: {what}: {why}")?;
        Ok(Exit::Fine)
    }

    fn directory(&mut self, root: &Path, excludes: &Excludes) {
        let (mut found, mut visited, mut not_files) = (Vec::new(), Vec::new(), Vec::new());
        let barred = Arc::new(Mutex::new(Vec::new()));
        let note = Arc::clone(&barred);
        let is_open = move |entry: &ignore::DirEntry| {
            let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
            let fault = is_directory.then(|| unreadable_ignore_file(entry.path())).flatten();
            let is_open = fault.is_none();
            note.lock().unwrap_or_else(PoisonError::into_inner).extend(fault);
            is_open
        };
        if let Some(file) = root.ancestors().find_map(unreadable_ignore_file) {
            self.unreadable.push(SkippedFile { reason: not_regular(&file), path: root.to_owned() });
            return;
        }
        let mut walk = ignore::WalkBuilder::new(root);
        walk.require_git(false).git_global(git_wide::may_have_patterns()).filter_entry(is_open);
        for entry in walk.build() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let (path, error) = listing_fault(&error, root);
                    let reason = format!("cannot list the files of {}: {error}", shown_path(&path));
                    self.unreadable.push(SkippedFile { path: path.to_owned(), reason });
                    continue;
                }
            };
            let Some(kind) = entry.file_type() else { continue };
            let is_named = entry.depth() == 0;
            let path = entry.into_path();
            if kind.is_dir() {
                visited.push(path);
            } else if kind.is_file() && may_be_a_definition(&path) {
                found.push(path);
            } else if !is_named {
                not_files.push((path, kind.is_symlink()));
            }
        }
        for file in barred.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            self.unreadable.push(SkippedFile { reason: not_regular(&file), path: file });
        }
        self.note_left_out(&found, &visited);
        for (path, is_link) in not_files {
            let why = if is_link { why_not_followed(&path) } else { why_no_file(&path) };
            match why {
                Some(_) if excludes.has(&path) => self.exclude(path),
                Some(why) => self.skip(path, why),
                None => {}
            }
        }
        found.sort_unstable();
        for path in found {
            if excludes.has(&path) {
                self.exclude(path);
            } else if is_template(&path) {
                self.skip_template(path);
            } else {
                self.files.push(InputFile { path, is_named: false, is_regular: true });
            }
        }
    }

    fn skip_template(&mut self, path: PathBuf) {
        if is_template_of_a_definition(&path) {
            self.templates.push(path.clone());
        }
        let why = if is_template_of_another_engine(&path) {
            "it is a template, which the tool it was written for fills in"
        } else {
            "it is a template, which `milepost render` fills in"
        };
        self.skip(path, why);
    }

    /// Notes what is in the visited directories and was not found: the walk does not tell what it leaves out.
    fn note_left_out(&mut self, found: &[PathBuf], visited: &[PathBuf]) {
        let met: Set<&Path> = found.iter().chain(visited).map(PathBuf::as_path).collect();
        for entry in visited.iter().filter_map(|directory| directory.read_dir().ok()).flatten().flatten() {
            let (name, path) = (entry.file_name(), entry.path());
            let Ok(kind) = entry.file_type() else { continue };
            if met.contains(path.as_path()) {
                continue;
            }
            let is_hidden = is_hidden(&name);
            let left_out = if is_hidden { &mut self.hidden } else { &mut self.ignored };
            if kind.is_dir() && (!is_hidden || has_definitions(&path)) {
                left_out.directories.push(path);
            } else if kind.is_file() && may_be_a_definition(name.as_ref()) {
                left_out.files.push(path);
            }
        }
    }

    /// The templates of definitions that were found in directories, for a command that fills them in: they are not skipped
    /// then.
    #[cfg(feature = "net")]
    pub(super) fn take_templates(&mut self) -> Vec<PathBuf> {
        let templates = std::mem::take(&mut self.templates);
        let taken: Set<&Path> = templates.iter().map(PathBuf::as_path).collect();
        self.skipped.retain(move |file| !taken.contains(file.path.as_path()));
        templates
    }

    /// The files that are definitions by their names and are not read, except those that the user leaves out.
    #[cfg(feature = "net")]
    pub(super) fn unread(&self) -> impl Iterator<Item = &SkippedFile> {
        let excluded: Set<&Path> = self.excluded.iter().map(PathBuf::as_path).collect();
        self.skipped.iter().filter(move |file| !excluded.contains(file.path.as_path()))
    }

    /// What the user leaves out: by a pattern, or by a name that hides it.
    #[cfg(feature = "net")]
    pub(super) fn left_out(&self) -> Vec<&Path> {
        let unlisted = [&self.ignored, &self.hidden].into_iter();
        let unlisted = unlisted.flat_map(|left_out| left_out.files.iter().chain(&left_out.directories));
        self.excluded.iter().chain(unlisted).map(PathBuf::as_path).collect()
    }

    /// Leaves out files that were met before.
    pub(super) fn once(mut self) -> Self {
        if self.is_of_several {
            let mut known = SeenFiles::default();
            self.files.retain(|file| known.is_new(&file.path));
        }
        self
    }

    /// Notes a named file that is not read, and warns: others were named too, as a shell or a pre-commit hook does.
    pub(super) fn skip_named(
        &mut self,
        path: &Path,
        why: NotADefinition,
        term: &mut Terminal,
    ) -> std::io::Result<()> {
        let what = super::input::not_a_definition(why);
        writeln!(term.err(), "warning: skipped {}: {what}", shown_path(&path))?;
        self.skip(path.to_owned(), &why.to_string());
        Ok(())
    }

    /// Reports directories that could not be listed, and with `--verbose` what was skipped.
    pub(super) fn end(&mut self, args: &WalkArgs, term: &mut Terminal) -> std::io::Result<WalkEnd> {
        for SkippedFile { reason, .. } in &self.unreadable {
            writeln!(term.err(), "error: {reason}")?;
        }
        self.tell_idle_excludes(term)?;
        self.skipped.sort_by(|one, other| one.path.cmp(&other.path));
        if args.verbose {
            list_skipped(&self.skipped, term)?;
        }
        Ok(if self.unreadable.is_empty() { WalkEnd::Whole } else { WalkEnd::Unreadable })
    }

    /// Tells of patterns that leave out nothing: they may be misspelt.
    pub(super) fn tell_idle_excludes(&self, term: &mut Terminal) -> std::io::Result<()> {
        for pattern in &self.idle_excludes {
            writeln!(term.err(), "note: --exclude {} leaves out nothing", on_one_line(pattern))?;
        }
        Ok(())
    }

    /// How much was left out, for the end of a run's last line.
    pub(super) fn notes(&self, lists_skipped: bool) -> String {
        let more = if lists_skipped { "" } else { " (-v lists them)" };
        let skipped = match self.skipped.len() {
            0 => String::new(),
            1 => format!("; skipped 1 file that is not a definition{more}"),
            skipped => format!("; skipped {skipped} files that are not definitions{more}"),
        };
        let left_out = self.left_out_in_words().map(|words| format!("; {words}"));
        left_out.fold(skipped, |notes, words| notes + &words)
    }

    /// Ends a run on what was left out, where something was: `done` is what became of the other files.
    pub(super) fn tell_left_out(
        &self,
        done: &str,
        args: &WalkArgs,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let notes = self.notes(args.verbose);
        if !notes.is_empty() {
            term.out().flush()?;
            writeln!(term.err(), "{done}{notes}")?;
        }
        Ok(())
    }

    /// Why there is no file to work on.
    fn why_nothing_is_left(&self) -> String {
        let files = match &self.skipped[..] {
            [] => None,
            [SkippedFile { path, .. }] if self.excluded.len() == 1 => {
                Some(format!("{} is excluded", shown_path(&path)))
            }
            skipped if skipped.len() == self.excluded.len() => {
                Some(format!("all of {} files are excluded (-v lists them)", skipped.len()))
            }
            [SkippedFile { path, reason }] => Some(format!("{} is not one: {reason}", shown_path(&path))),
            skipped => {
                Some(format!("none of {} files is an app, pod or group (-v lists them)", skipped.len()))
            }
        };
        let reasons: Vec<String> = files.into_iter().chain(self.left_out_in_words()).collect();
        if reasons.is_empty() {
            "there is no .json, .jsonc, .yaml or .yml file".to_owned()
        } else {
            reasons.join("; ")
        }
    }

    /// What is left out without being looked at, in words.
    fn left_out_in_words(&self) -> impl Iterator<Item = String> {
        let ignored = self.ignored.in_words().map(|ignored| format!(".gitignore leaves out {ignored}"));
        let hidden = self.hidden.in_words().map(|hidden| format!("hidden and not read: {hidden}"));
        ignored.into_iter().chain(hidden)
    }
}

/// Lists what was skipped, for `--verbose`.
pub(super) fn list_skipped(skipped: &[SkippedFile], term: &mut Terminal) -> std::io::Result<()> {
    for SkippedFile { path, reason } in skipped {
        writeln!(term.err(), "skipped {}: {reason}", shown_path(&path))?;
    }
    Ok(())
}

/// Why what a symbolic link leads to is not read; nothing where it is no definition by its name.
fn why_not_followed(link: &Path) -> Option<&'static str> {
    match link.metadata() {
        Ok(found) if found.is_dir() => has_definitions(link)
            .then_some("it is a symbolic link to a directory, which is read where it is named"),
        _ if !may_be_a_definition(link) => None,
        Ok(found) if found.is_file() => Some("it is a symbolic link, which is read where it is named"),
        Ok(_) => Some("it is a symbolic link to something that is not a regular file"),
        Err(_) => Some("it is a symbolic link to a file that cannot be found"),
    }
}

/// Why a device, a pipe or a socket is not read; nothing where it is no definition by its name.
fn why_no_file(path: &Path) -> Option<&'static str> {
    may_be_a_definition(path).then_some("it is not a regular file")
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Whether a hidden directory has files that are definitions by their names. Directories of version control are not looked
/// into, and others not far.
fn has_definitions(directory: &Path) -> bool {
    const OF_VERSION_CONTROL: [&str; 4] = [".git", ".hg", ".svn", ".bzr"];
    /// How deep, and how many files.
    const MOST: (usize, usize) = (3, 1_000);
    let is_of_version_control = OF_VERSION_CONTROL.iter().any(|name| directory.ends_with(name));
    let files = || {
        let mut walk = ignore::WalkBuilder::new(directory);
        let walk = walk.standard_filters(false).max_depth(Some(MOST.0)).build().flatten();
        walk.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())).take(MOST.1)
    };
    !is_of_version_control && files().any(|file| may_be_a_definition(file.path()))
}

/// The files met so far, by their canonical paths.
#[derive(Default)]
pub(super) struct SeenFiles(HashSet<PathBuf>);

impl SeenFiles {
    /// Whether the file was not met before; remembers it.
    pub(super) fn is_new(&mut self, path: &Path) -> bool {
        // A path that does not exist is reported when it is read.
        self.0.insert(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
    }
}
