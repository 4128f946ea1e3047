//! References to images, taken apart as the Docker Engine and Mesos do (distribution/reference; Mesos,
//! `docker::spec::parseImageReference`).

use crate::definition::Containerizer;
use crate::rule::advice::{image_fault, split_host};

use super::host::Host;

/// Where Docker Hub's registry is.
pub const HUB_ADDRESS: &str = "registry-1.docker.io";

/// What follows where a reference names no tag.
const LATEST: &str = "latest";

/// A reference to an image: `[HOST[:PORT]/]NAME[:TAG][@DIGEST]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Everything before the tag, as it is written.
    named: String,
    host: Host,
    /// The host as it is written, if it is.
    written_host: Option<String>,
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl Reference {
    /// Takes a reference apart. Docker Hub's own images get the `library/` that is left out.
    ///
    /// # Errors
    /// Why no registry can look it up, as part of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(fault) = image_fault(text) {
            return Err(fault);
        }
        let host = Host::of_image(text).ok_or_else(|| "its registry is no host".to_owned())?;
        let (tagged, digest) =
            text.split_once('@').map_or((text, None), |(tagged, digest)| (tagged, Some(digest)));
        let (written_host, path) = split_host(tagged);
        let (name, tag) = path.split_once(':').map_or((path, None), |(name, tag)| (name, Some(tag)));
        let library = if host.is_hub() && !name.contains('/') { "library/" } else { "" };
        let tag_length = tag.map_or(0, |tag| tag.len() + 1);
        Ok(Self {
            named: tagged[..tagged.len() - tag_length].to_owned(),
            host,
            written_host: written_host.map(str::to_owned),
            repository: format!("{library}{name}"),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The registry.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The host, and port, that is asked. Mesos asks the one that is written, whatever stands for Docker Hub.
    #[must_use]
    pub fn address(&self, containerizer: Containerizer) -> &str {
        match &self.written_host {
            Some(host) if !self.host.is_hub() || containerizer == Containerizer::Mesos => host,
            _ => HUB_ADDRESS,
        }
    }

    /// The name below the registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// What is asked for: the digest, else the tag, else `latest`.
    #[must_use]
    pub fn version(&self) -> &str {
        self.digest().or(self.tag.as_deref()).unwrap_or(LATEST)
    }

    /// The digest, where it names one.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// The same image by this digest, with no tag, which old Docker Engines do not take beside a digest.
    #[must_use]
    pub fn pinned(&self, digest: &str) -> String {
        format!("{}@{digest}", self.named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String, String, String) {
        let image = Reference::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        let text = |text: &str| text.to_owned();
        (
            text(image.address(Containerizer::Docker)),
            text(image.repository()),
            text(image.version()),
            image.pinned("sha256:00"),
        )
    }

    #[test]
    fn references_are_taken_apart() {
        let expect = |image: &str, host: &str, name: &str, version: &str, pinned: &str| {
            let expected = [host, name, version, pinned].map(str::to_owned);
            assert_eq!(<[String; 4]>::from(parts(image)), expected, "{image}");
        };
        expect("nginx", HUB_ADDRESS, "library/nginx", "latest", "nginx@sha256:00");
        expect("team/web:1", HUB_ADDRESS, "team/web", "1", "team/web@sha256:00");
        expect("docker.io/nginx:1", HUB_ADDRESS, "library/nginx", "1", "docker.io/nginx@sha256:00");
        expect("localhost/web", "localhost", "web", "latest", "localhost/web@sha256:00");
        expect("r:5000/a/b:1", "r:5000", "a/b", "1", "r:5000/a/b@sha256:00");
        expect("r:5000/a", "r:5000", "a", "latest", "r:5000/a@sha256:00");
        expect("r.example.com/a:1@sha256:11", "r.example.com", "a", "sha256:11", "r.example.com/a@sha256:00");
    }

    #[test]
    fn mesos_asks_the_host_that_is_written() {
        let image = Reference::parse("docker.io/library/nginx").expect("fine");
        assert_eq!(image.address(Containerizer::Mesos), "docker.io");
        assert_eq!(Reference::parse("nginx").expect("fine").address(Containerizer::Mesos), HUB_ADDRESS);
    }

    #[test]
    fn what_is_no_reference_is_told() {
        for bad in ["", "Web:1", "https://r.example.com/web", "web:${V}", "r:port/web", "a b"] {
            assert!(Reference::parse(bad).is_err(), "{bad}");
        }
    }
}
