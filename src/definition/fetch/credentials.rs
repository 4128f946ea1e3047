//! Docker credentials among the fetched files.

use super::fetcher::archive_stem;
use super::{FetchFault, Fetched, Packed, Unpacking, file_name};

/// The form in which credentials are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CredentialsForm {
    /// An archive with `.docker/config.json` in it.
    Archive,
    /// `.docker/config.json` itself.
    Config,
    /// `.dockercfg`, which Docker reads up to version 22 where there is no `.docker/config.json`.
    Dockercfg,
}

/// Credentials for registries that are fetched into the sandbox, which is the home directory of the Docker Engine's client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FetchedCredentials<'a> {
    /// Their form.
    pub(crate) form: CredentialsForm,
    /// Why the client does not find them, if it does not.
    pub(crate) unread: Option<Unread<'a>>,
}

/// Why the Docker Engine's client does not find fetched credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread<'a> {
    /// They are never fetched.
    Fault(FetchFault<'a>),
    /// The archive stays packed.
    Packed(Packed),
    /// They are written under another path.
    Elsewhere,
}

impl Fetched<'_> {
    /// The credentials that it is, as far as names tell: a file that is written to where the client looks, or an archive
    /// that is called like one of credentials. What else an archive holds, only a look into it can tell.
    pub(crate) fn credentials(&self) -> Option<FetchedCredentials<'_>> {
        let form = self.credentials_form()?;
        let place = |path: &str| (self.plain_path() != path).then_some(Unread::Elsewhere);
        let unread = self.fault().filter(|fault| fault.is_certain()).map(Unread::Fault).or_else(|| {
            match (form, self.unpacking()) {
                (CredentialsForm::Config, _) => place(".docker/config.json"),
                (CredentialsForm::Dockercfg, _) => place(".dockercfg"),
                (CredentialsForm::Archive, Unpacking::Archive) => None,
                (CredentialsForm::Archive, Unpacking::Single) => Some(Unread::Packed(Packed::Name)),
                (CredentialsForm::Archive, Unpacking::Packed(why)) => Some(Unread::Packed(why)),
            }
        });
        Some(FetchedCredentials { form, unread })
    }

    /// The same file, fetched so that the client finds the credentials in it: unpacked, or at the path where it looks.
    pub(crate) fn made_readable(&self) -> Self {
        let mut made = self.clone();
        if made.fault().is_some_and(FetchFault::is_about_destination) {
            made.destination = None;
        }
        let is_config = file_name(&self.uri) == "config.json";
        match made.credentials_form().unwrap_or(if is_config {
            CredentialsForm::Config
        } else {
            CredentialsForm::Archive
        }) {
            CredentialsForm::Config => made.put_at(".docker/config.json"),
            CredentialsForm::Dockercfg => made.put_at(".dockercfg"),
            CredentialsForm::Archive => {
                (made.extract, made.executable) = (true, false);
                if made.unpacking() != Unpacking::Archive {
                    made.destination = Some(archive_name(&self.uri).into());
                }
                // A cached file has the name of its URI.
                made.cache &= made.unpacking() == Unpacking::Archive;
            }
        }
        made
    }

    fn put_at(&mut self, path: &'static str) {
        if self.plain_path() != path {
            self.destination = Some(path.into());
        }
    }

    fn credentials_form(&self) -> Option<CredentialsForm> {
        let (uri, path) = (file_name(&self.uri), self.plain_path());
        if path == ".docker/config.json" || self.uri_path().ends_with("/.docker/config.json") {
            Some(CredentialsForm::Config)
        } else if uri == ".dockercfg" || path == ".dockercfg" {
            Some(CredentialsForm::Dockercfg)
        } else {
            let written = path.rsplit('/').next().unwrap_or_default();
            (is_called_credentials(uri) || is_called_credentials(written)).then_some(CredentialsForm::Archive)
        }
    }

    /// The URI without query and fragment.
    fn uri_path(&self) -> &str {
        self.uri.split(['?', '#']).next().unwrap_or_default()
    }
}

/// A name by which the fetcher knows the archive at a URI: its own in lower case, without query and fragment.
fn archive_name(uri: &str) -> String {
    let name = file_name(uri);
    match archive_stem(name) {
        Some(stem) if !stem.is_empty() => format!("{stem}{}", name[stem.len()..].to_ascii_lowercase()),
        _ => "docker.tar.gz".to_owned(),
    }
}

/// Whether this is the name of an archive that is called like one of Docker credentials: `docker.tar.gz`, `dockercfg.tgz`,
/// `docker-hub.zip`, `registry-creds.tar`.
fn is_called_credentials(name: &str) -> bool {
    const ABOUT: [&str; 10] =
        ["auth", "cfg", "config", "cred", "hub", "login", "passw", "pull", "registry", "secret"];
    const CREDENTIALS: [&str; 4] = ["auth", "cred", "login", "secret"];
    let Some(stem) = archive_stem(name) else { return false };
    let stem = stem.to_ascii_lowercase();
    let mut words = stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let is_dockers = words.next().is_some_and(|first| first.starts_with("docker"));
    let says = |list: &[&str]| list.iter().any(|word| stem.contains(word));
    stem.trim_start_matches('.') == "docker"
        || is_dockers && says(&ABOUT)
        || stem.contains("registry") && says(&CREDENTIALS)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::target::Release;

    fn form(uri: &str) -> Option<CredentialsForm> {
        let fetched = Fetched::of_uri(Cow::Borrowed(uri), Release::LATEST);
        fetched.credentials().map(|credentials| credentials.form)
    }

    #[test]
    fn credentials_are_known_by_their_names() {
        for name in [
            "docker.tar.gz",
            ".docker.tgz",
            "dockercfg.tar.gz",
            "docker-registry-credentials.zip",
            "docker.TAR.GZ",
            "docker-hub.tbz2",
            "registry-creds.tar.xz",
        ] {
            assert_eq!(form(name), Some(CredentialsForm::Archive), "{name}");
            let uri = format!("https://files.example.com/a/{name}?version=1#top");
            assert_eq!(form(&uri), Some(CredentialsForm::Archive), "{uri}");
        }
        assert_eq!(form("file:///root/.dockercfg"), Some(CredentialsForm::Dockercfg));
        assert_eq!(form("file:///root/.docker/config.json"), Some(CredentialsForm::Config));
        for name in [
            "docker-27.3.1.tgz",
            "docker",
            "docker.txt",
            "app.tar.gz",
            "docker-compose.tar.gz",
            "mydocker.tar.gz",
            "dockercfg",
            "registry.tar.gz",
        ] {
            assert_eq!(form(name), None, "{name}");
        }
    }

    #[test]
    fn the_client_finds_what_is_at_the_top_of_the_sandbox() {
        let unread = |fetched: Fetched<'_>| {
            fetched.credentials().expect("credentials").unread.map(|unread| format!("{unread:?}"))
        };
        let of = |uri: &'static str, destination: Option<&'static str>| Fetched {
            uri: Cow::Borrowed(uri),
            extract: true,
            executable: false,
            cache: false,
            destination: destination.map(Cow::Borrowed),
        };
        assert_eq!(unread(of("https://h/docker.tar.gz", Some("creds/docker.tar.gz"))), None);
        assert_eq!(unread(of("https://h/x", Some("./.docker/config.json"))), None);
        assert_eq!(unread(of("https://h/x/.docker/config.json", None)).as_deref(), Some("Elsewhere"));
        assert_eq!(unread(of("https://h/.dockercfg", Some("x/.dockercfg"))).as_deref(), Some("Elsewhere"));
        assert_eq!(unread(of("https://h/docker.tar.gz?s", None)).as_deref(), Some("Packed(Name)"));
        assert_eq!(unread(of("file://h/docker.tar.gz", None)).as_deref(), Some("Fault(RelativeFile)"));
        let kept = Fetched { extract: false, ..of("https://h/docker.tar.gz", None) };
        assert_eq!(unread(kept).as_deref(), Some("Packed(NotAsked)"));
    }

    #[test]
    fn any_entry_can_be_made_readable() {
        let plain = |uri: &'static str| Fetched::of_uri(Cow::Borrowed(uri), Release::LATEST);
        for (uri, path) in [
            ("https://h/docker.tar.gz", "docker.tar.gz"),
            ("https://h/docker.tar.gz?sig=ab", "docker.tar.gz"),
            ("https://h/docker.TAR.GZ#top", "docker.tar.gz"),
            ("https://h/Creds.TGZ", "Creds.tgz"),
            ("https://h/get?file=docker.tgz", "get?file=docker.tgz"),
            ("https://h/blob/123", "docker.tar.gz"),
            ("https://h/docker.gz", "docker.tar.gz"),
            ("https://h/config.json", ".docker/config.json"),
            ("file:///root/.docker/config.json", ".docker/config.json"),
            ("file:///root/.dockercfg", ".dockercfg"),
        ] {
            for destination in [None, Some("x.bin"), Some("/docker.tar.gz"), Some("a/")] {
                for (extract, executable, cache) in
                    [(true, false, false), (false, true, false), (true, false, true)]
                {
                    let destination = destination.map(Cow::Borrowed);
                    let made =
                        Fetched { extract, executable, cache, destination, ..plain(uri) }.made_readable();
                    let is_archive = path.ends_with("gz");
                    assert_eq!(made.fault(), None, "{made:?}");
                    if is_archive {
                        assert_eq!(made.unpacking(), Unpacking::Archive, "{made:?}");
                    } else {
                        assert_eq!(made.plain_path(), path, "{made:?}");
                        assert_eq!(made.credentials().and_then(|found| found.unread), None, "{made:?}");
                    }
                    assert_eq!(made.made_readable(), made, "nothing is left to do");
                }
            }
            let made = Fetched { extract: true, ..plain(uri) }.made_readable();
            assert_eq!(made.written_path(), path);
        }
    }
}
