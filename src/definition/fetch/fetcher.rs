//! What the Mesos fetcher does with one file (Mesos, `src/slave/containerizer/fetcher.cpp` in the agent and
//! `src/launcher/fetcher.cpp` in the program that the agent runs).

use std::borrow::Cow;

use crate::source::{Type, Value};
use crate::target::Release;

use super::{FetchFault, file_name, is_extracted_by_name};

/// The endings of names of archives that the fetcher unpacks, case-sensitive. A name that ends in `.gz` alone is a single
/// file, which is uncompressed.
const ARCHIVES: [&str; 8] = [".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".zip"];

/// The longest name of a file, in bytes (Linux, `NAME_MAX`).
const LONGEST_NAME: usize = 255;

/// The schemes that the fetcher gets itself.
const SCHEMES: [&str; 5] = ["file", "http", "https", "ftp", "ftps"];

/// A file of `fetch`, `uris` or `artifacts`, with all that decides what the fetcher does with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fetched<'a> {
    /// Its URI.
    pub(crate) uri: Cow<'a, str>,
    /// Whether an archive is to be unpacked, as Marathon tells the fetcher.
    pub(crate) extract: bool,
    /// Whether it is to be executable.
    pub(crate) executable: bool,
    /// Whether the agent caches it.
    pub(crate) cache: bool,
    /// Its path below the sandbox, where one is given.
    pub(crate) destination: Option<Cow<'a, str>>,
}

/// What becomes of a file in the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unpacking {
    /// Its content is unpacked into the sandbox's top directory, whatever directory `destPath` names.
    Archive,
    /// It is uncompressed to a single file.
    Single,
    /// It stays as it is.
    Packed(Packed),
}

/// Why a file stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packed {
    /// `extract` is false.
    NotAsked,
    /// `executable` is true, which the fetcher looks at first.
    Executable,
    /// The name does not end as an archive's.
    Name,
}

impl<'a> Fetched<'a> {
    /// An entry of `fetch` or `artifacts`, or, where it is a string, of `uris`. `None` for an entry without a URI.
    pub(crate) fn of(entry: &Value<'a>, release: Release) -> Option<Self> {
        if entry.kind() != Type::Object {
            return Some(Self::of_uri(entry.as_str()?, release));
        }
        let flag = |name| entry.get(name).and_then(|value| value.as_bool());
        let destination = entry.get("destPath").and_then(|path| path.as_str());
        Some(Self {
            uri: entry.get("uri")?.as_str()?,
            extract: flag("extract").unwrap_or(true),
            executable: flag("executable").unwrap_or(false),
            cache: flag("cache").unwrap_or(false),
            destination,
        })
    }

    /// An entry of `uris`.
    pub(crate) fn of_uri(uri: Cow<'a, str>, release: Release) -> Self {
        let extract = is_extracted_by_name(&uri, release);
        Self { uri, extract, executable: false, cache: false, destination: None }
    }

    /// Why it is never fetched, by the text alone.
    pub(crate) fn fault(&self) -> Option<FetchFault<'_>> {
        let uri = self.uri.as_ref();
        let destination = self.destination.as_deref();
        if let Some(c) = uri.chars().find(|c| matches!(c, '\'' | '\\' | '\0')) {
            return Some(FetchFault::Character(c));
        }
        let rest = uri.find("://").filter(|at| *at > 1).map(|at| &uri[at + 3..]);
        if rest.is_some_and(|rest| rest.find('/').is_none_or(|slash| slash + 1 >= rest.len())) {
            return Some(FetchFault::NoPath);
        }
        if destination.is_some_and(|path| path.starts_with('/')) {
            return Some(FetchFault::AbsoluteDestination);
        }
        if let Some(fault) = address_fault(uri) {
            return Some(fault);
        }
        match destination {
            Some(path) if matches!(path.rsplit('/').next(), Some("" | "." | "..")) => {
                return Some(FetchFault::DirectoryDestination);
            }
            None if rest.is_some() && matches!(uri.rsplit('/').next(), Some("" | "." | "..")) => {
                return Some(FetchFault::NoName);
            }
            _ => {}
        }
        // The cache has short names of its own.
        if !self.cache && self.written_path().split('/').any(|name| name.len() > LONGEST_NAME) {
            return Some(FetchFault::LongName { is_destination: destination.is_some() });
        }
        if uri.starts_with("file://") && is_encoded(uri) {
            return Some(FetchFault::Encoded);
        }
        self.is_no_archive().then_some(FetchFault::NoArchive)
    }

    /// Whether only the query makes it an archive, while its path names a text.
    fn is_no_archive(&self) -> bool {
        /// The endings of names of texts.
        const TEXTS: [&str; 12] = [
            ".cfg",
            ".conf",
            ".css",
            ".csv",
            ".env",
            ".ini",
            ".js",
            ".json",
            ".properties",
            ".txt",
            ".xml",
            ".yml",
        ];
        let Some((path, _)) = self.uri.split_once('?').filter(|_| self.destination.is_none()) else {
            return false;
        };
        let is_unpacked = matches!(self.unpacking(), Unpacking::Archive | Unpacking::Single);
        is_unpacked && TEXTS.iter().any(|end| path.ends_with(end))
    }

    /// The path below the sandbox under which the file is written: `destPath`, or what follows the last slash of the URI,
    /// query and fragment included.
    pub(crate) fn written_path(&self) -> &str {
        match self.destination.as_deref() {
            Some(path) => path,
            None => self.uri.rsplit('/').next().unwrap_or_default(),
        }
    }

    /// [`Self::written_path`] without `.` and empty parts.
    pub(crate) fn plain_path(&self) -> String {
        let parts = self.written_path().split('/').filter(|part| !part.is_empty() && *part != ".");
        parts.collect::<Vec<_>>().join("/")
    }

    /// What becomes of it in the sandbox.
    pub(crate) fn unpacking(&self) -> Unpacking {
        if self.executable {
            return Unpacking::Packed(Packed::Executable);
        }
        if !self.extract {
            return Unpacking::Packed(Packed::NotAsked);
        }
        let name = self.judged_name();
        if ARCHIVES.iter().any(|end| name.ends_with(end)) {
            Unpacking::Archive
        } else if name.strip_suffix(".gz").is_some() {
            Unpacking::Single
        } else {
            Unpacking::Packed(Packed::Name)
        }
    }

    /// The name by whose end the fetcher tells an archive. A cached file has the name of its URI.
    pub(crate) fn judged_name(&self) -> &str {
        match self.destination.as_deref().filter(|_| !self.cache) {
            Some(path) => path.rsplit('/').next().unwrap_or_default(),
            None => self.uri.rsplit('/').next().unwrap_or_default(),
        }
    }

    /// Whether only its `destPath` names an archive, which is not looked at because the file is cached.
    pub(crate) fn is_archive_in_vain(&self) -> bool {
        let name = self.destination.as_deref().map(file_name);
        self.cache && name.and_then(archive_stem).is_some() && !self.is_archive_by_uri()
    }

    /// Whether its URI names an archive, in any case and before any query.
    pub(crate) fn is_archive_by_uri(&self) -> bool {
        archive_stem(file_name(&self.uri)).is_some()
    }
}

/// A file name without the ending of an archive, which is taken in any case. `None` for other names.
pub(super) fn archive_stem(name: &str) -> Option<&str> {
    let cut = |end: &str| {
        let at = name.len().checked_sub(end.len())?;
        name.get(at..)?.eq_ignore_ascii_case(end).then(|| &name[..at])
    };
    ARCHIVES.iter().filter_map(|end| cut(end)).min_by_key(|stem| stem.len())
}

/// Whether a URI has a percent-encoded character.
fn is_encoded(uri: &str) -> bool {
    uri.split('%')
        .skip(1)
        .any(|rest| rest.len() > 1 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

/// What is wrong with the scheme, or with a path without one.
fn address_fault(uri: &str) -> Option<FetchFault<'_>> {
    if let Some(path) = uri.strip_prefix("file://") {
        let path = path.strip_prefix("localhost").unwrap_or(path);
        return (!path.starts_with('/')).then_some(FetchFault::RelativeFile);
    }
    match uri.split_once("://") {
        None if uri.starts_with('/') => None,
        None => {
            let is_scheme = |text: &str| SCHEMES.iter().any(|own| own.eq_ignore_ascii_case(text));
            let has_scheme = uri.split_once(":/").is_some_and(|(scheme, _)| is_scheme(scheme));
            Some(if has_scheme { FetchFault::NoSlashes } else { FetchFault::Relative })
        }
        Some((scheme, _)) if SCHEMES.contains(&scheme) => None,
        Some((scheme, _)) if SCHEMES.iter().any(|own| own.eq_ignore_ascii_case(scheme)) => {
            Some(FetchFault::Capitals)
        }
        Some((scheme, _)) => Some(FetchFault::Scheme(scheme)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetched(uri: &str, destination: Option<&'static str>) -> Fetched<'static> {
        Fetched {
            uri: Cow::Owned(uri.to_owned()),
            extract: true,
            executable: false,
            cache: false,
            destination: destination.map(Cow::Borrowed),
        }
    }

    #[test]
    fn what_agents_never_fetch_is_told_by_the_text() {
        for (uri, destination, fault) in [
            ("file:///etc/docker.tar.gz", None, None),
            ("file://localhost/etc/docker.tar.gz", None, None),
            ("/etc/docker.tar.gz", None, None),
            ("ftps://h/a.tgz?x#y", Some("a/b"), None),
            ("https://h/a/", Some("a"), None),
            ("file://etc/docker.tar.gz", None, Some(FetchFault::RelativeFile)),
            ("file://localhost.example/a", None, Some(FetchFault::RelativeFile)),
            ("file:/etc/docker.tar.gz", None, Some(FetchFault::NoSlashes)),
            ("a/b.tgz", None, Some(FetchFault::Relative)),
            ("https://h", None, Some(FetchFault::NoPath)),
            ("https://h/", None, Some(FetchFault::NoPath)),
            ("https://h/a/", None, Some(FetchFault::NoName)),
            ("https://h/it's", None, Some(FetchFault::Character('\''))),
            ("https://h/a", Some("a\\b"), None),
            ("https://h/a", Some("it's"), None),
            ("https://h/a\\b", None, Some(FetchFault::Character('\\'))),
            ("https://h/a", Some("."), Some(FetchFault::DirectoryDestination)),
            ("https://h/a", Some("x/.."), Some(FetchFault::DirectoryDestination)),
            ("https://h/a%20b", None, None),
            ("file:///opt/a%20b", None, Some(FetchFault::Encoded)),
            ("https://h/a.conf?file=x.tgz", None, Some(FetchFault::NoArchive)),
            ("https://h/get.php?file=x.tgz", None, None),
            ("https://h/a", Some("/a"), Some(FetchFault::AbsoluteDestination)),
            ("https://h/a", Some("a/"), Some(FetchFault::DirectoryDestination)),
            ("HTTPS://h/a", None, Some(FetchFault::Capitals)),
            ("File:///a", None, Some(FetchFault::Capitals)),
            ("hdfs://h/a", None, Some(FetchFault::Scheme("hdfs"))),
        ] {
            assert_eq!(fetched(uri, destination).fault(), fault, "{uri}");
        }
    }

    #[test]
    fn an_archive_is_told_by_the_end_of_the_name_it_gets() {
        let name = Unpacking::Packed(Packed::Name);
        for (uri, destination, becomes) in [
            ("https://h/a.tar.gz", None, Unpacking::Archive),
            ("https://h/a.tbz2", None, Unpacking::Archive),
            ("https://h/a.txz", None, Unpacking::Archive),
            ("https://h/a.zip", Some("b/c.zip"), Unpacking::Archive),
            ("https://h/get?file=a.tgz", None, Unpacking::Archive),
            ("https://h/a", Some("a.tar.xz"), Unpacking::Archive),
            ("https://h/dump.sql.gz", None, Unpacking::Single),
            ("https://h/a.tar.gz?sig=x", None, name),
            ("https://h/a.tar.gz#top", None, name),
            ("https://h/a.TAR.GZ", None, name),
            ("https://h/a.tar.gz", Some("a.bin"), name),
            ("https://h/a.jar", None, name),
        ] {
            assert_eq!(fetched(uri, destination).unpacking(), becomes, "{uri}");
        }
        let cached = Fetched { cache: true, ..fetched("https://h/a.tar.gz", Some("a.bin")) };
        assert_eq!(cached.unpacking(), Unpacking::Archive, "a cached file has the name of its URI");
        let program = Fetched { executable: true, ..fetched("https://h/a.tar.gz", None) };
        assert_eq!(program.unpacking(), Unpacking::Packed(Packed::Executable));
    }
}
