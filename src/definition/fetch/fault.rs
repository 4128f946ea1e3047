//! Why the fetcher cannot fetch a file. Each launch of an instance fails with it.

use std::fmt;

/// Why a file is never fetched, told by the text alone. `Display` gives a part of a sentence about the URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FetchFault<'a> {
    /// `'` or `\` (the agent, `Fetcher::basename`).
    Character(char),
    /// Nothing follows the host (the agent, `Fetcher::basename`).
    NoPath,
    /// `destPath` leads out of the sandbox (the agent, `validateOutputFile`).
    AbsoluteDestination,
    /// A path follows `file://` that does not begin with a slash (`Fetcher::uriToLocalPath`).
    RelativeFile,
    /// A scheme without `//`, which the fetcher takes for a path (`Fetcher::uriToLocalPath`).
    NoSlashes,
    /// Neither a scheme with `://` nor an absolute path (`Fetcher::uriToLocalPath`).
    Relative,
    /// A scheme of the fetcher's own, but not in lower case (`Fetcher::isNetUri`).
    Capitals,
    /// A scheme that the fetcher leaves to the Hadoop client of the agent.
    Scheme(&'a str),
    /// The URI ends with a slash, so the file has no name.
    NoName,
    /// `destPath` names a directory: it ends with a slash, or with `.` or `..`.
    DirectoryDestination,
    /// The name of the file is longer than file systems take (`net::download`).
    LongName {
        /// It is that of `destPath`.
        is_destination: bool,
    },
    /// A `file:` URI is percent-encoded, which the fetcher does not decode.
    Encoded,
    /// The end of the query makes the fetcher unpack what is no archive by its name.
    NoArchive,
}

impl FetchFault<'_> {
    /// Whether every agent fails. The others depend on how agents are set up: a Hadoop client, a `--frameworks_home`.
    pub(crate) fn is_certain(self) -> bool {
        !matches!(self, Self::Scheme(_) | Self::Relative)
    }

    /// Whether it is about `destPath`, and not about the URI.
    pub(crate) fn is_about_destination(self) -> bool {
        matches!(
            self,
            Self::AbsoluteDestination | Self::DirectoryDestination | Self::LongName { is_destination: true }
        )
    }

    /// What to do.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Character('\\') => "write it with `/`, or percent-encoded: %5C",
            Self::Character(_) => "write it percent-encoded: %27",
            Self::NoPath | Self::NoName => "name the file: https://files.example.com/app.tar.gz",
            Self::AbsoluteDestination => {
                "write a path below the sandbox; the service can link or copy the file from there"
            }
            Self::RelativeFile => "write three slashes and the path on the agents: file:///etc/docker.tar.gz",
            Self::NoSlashes => {
                "write two slashes after the colon: https://HOST/PATH, or file:// and an absolute path"
            }
            Self::Relative => "write https://HOST/PATH, or for a file of the agents file:///PATH",
            Self::Capitals => "write the scheme in lower case",
            Self::Scheme(_) => "serve it over https",
            Self::DirectoryDestination => "name the file, not its directory",
            Self::LongName { is_destination: false } => {
                "name the file with `destPath`: what follows the last slash is its name, query included"
            }
            Self::LongName { is_destination: true } => "write shorter names",
            Self::Encoded => "write the path as it is on the agents",
            Self::NoArchive => "set \"extract\": false, or a `destPath` with the file's own name",
        }
    }
}

impl fmt::Display for FetchFault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(c) => write!(f, "agents reject a URI with `{c}` in it"),
            Self::NoPath => f.write_str("it names no file: no path follows the host"),
            Self::AbsoluteDestination => f.write_str("its `destPath` is not below the sandbox"),
            Self::RelativeFile => {
                f.write_str("what follows `file://` is no absolute path: it does not begin with a slash")
            }
            Self::NoSlashes => f.write_str("no `//` follows its scheme, so it is taken for a relative path"),
            Self::Relative => f.write_str(
                "it is a relative path, which only agents with a directory for such files (`--frameworks_home`) find",
            ),
            Self::Capitals => f.write_str("the fetcher knows its scheme in lower case only"),
            Self::Scheme(scheme) => {
                write!(f, "the fetcher leaves `{scheme}://` to a Hadoop client, which agents need for it")
            }
            Self::NoName => f.write_str("it ends with a slash, so the file would have no name"),
            Self::DirectoryDestination => {
                f.write_str("its `destPath` is a directory, so the file would have no name")
            }
            Self::LongName { .. } => f.write_str("its name would be longer than 255 bytes"),
            Self::Encoded => f.write_str("the fetcher looks for a file of the agent with the `%` in its name"),
            Self::NoArchive => f.write_str(
                "its query ends like the name of an archive, and the fetcher tries to unpack the file",
            ),
        }
    }
}
