//! The storage drivers of the registry and their parameters.

/// A storage driver of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Driver {
    /// A directory: in the container, on the agent, or a persistent volume
    Filesystem,
    /// Amazon S3, or a compatible service
    S3,
    /// Azure Blob Storage
    Azure,
    /// Google Cloud Storage
    Gcs,
    /// `OpenStack` Swift (up to registry 2)
    Swift,
}

/// A driver's parameters.
pub(super) struct Parameters {
    pub(super) required: &'static [&'static str],
    /// May be among the required ones.
    pub(super) credentials: &'static [&'static str],
    pub(super) other: &'static [&'static str],
}

impl Driver {
    /// The registry's name for it.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Filesystem => "filesystem",
            Self::S3 => "s3",
            Self::Azure => "azure",
            Self::Gcs => "gcs",
            Self::Swift => "swift",
        }
    }

    /// The driver of this name in the registry's settings.
    pub(in crate::registry) fn of_name(name: &str) -> Option<Self> {
        [Self::Filesystem, Self::S3, Self::Azure, Self::Gcs, Self::Swift]
            .into_iter()
            .find(|it| it.name() == name)
    }

    /// The parameters without which it does not start, but for credentials, which may be found elsewhere.
    pub(in crate::registry) fn needed(self) -> impl Iterator<Item = &'static str> {
        let Parameters { required, credentials, .. } = self.parameters();
        required.iter().copied().filter(|name| !credentials.contains(name))
    }

    /// The parameters of registry 2.8.
    pub(super) fn parameters(self) -> Parameters {
        match self {
            Self::Filesystem => Parameters { required: &[], credentials: &[], other: &["maxthreads"] },
            Self::S3 => Parameters {
                required: &["region", "bucket"],
                credentials: &["accesskey", "secretkey", "sessiontoken"],
                other: &[
                    "regionendpoint",
                    "forcepathstyle",
                    "encrypt",
                    "keyid",
                    "secure",
                    "skipverify",
                    "v4auth",
                    "chunksize",
                    "multipartcopychunksize",
                    "multipartcopymaxconcurrency",
                    "multipartcopythresholdsize",
                    "rootdirectory",
                    "storageclass",
                    "objectacl",
                    "useragent",
                    "usedualstack",
                    "accelerate",
                    "loglevel",
                ],
            },
            Self::Azure => Parameters {
                required: &["accountname", "accountkey", "container"],
                credentials: &["accountkey"],
                other: &["realm", "rootdirectory"],
            },
            Self::Gcs => Parameters {
                required: &["bucket"],
                credentials: &[],
                other: &["keyfile", "rootdirectory", "chunksize", "maxconcurrency"],
            },
            Self::Swift => Parameters {
                required: &["authurl", "username", "password", "container"],
                credentials: &["password", "secretkey"],
                other: &[
                    "region",
                    "tenant",
                    "tenantid",
                    "tenantdomain",
                    "tenantdomainid",
                    "domain",
                    "domainid",
                    "trustid",
                    "insecureskipverify",
                    "chunksize",
                    "prefix",
                    "rootdirectory",
                    "accesskey",
                    "authversion",
                    "endpointtype",
                    "tempurlcontainerkey",
                    "tempurlmethods",
                ],
            },
        }
    }
}
