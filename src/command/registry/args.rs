//! The options that `registry app` and `registry group` share.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

#[cfg(all(feature = "net", feature = "cert"))]
use crate::definition::App;
use crate::definition::{AppConstraint, Containerizer};
#[cfg(all(feature = "net", feature = "cert"))]
use crate::registry::app::app;
use crate::registry::app::auth::Auth;
use crate::registry::app::http_secret::{HttpSecret, Plain};
use crate::registry::app::naming::{Address, Naming, Vip};
use crate::registry::app::serving::{Proxy, Serving};
use crate::registry::app::storage::{DirectoryStorage, Driver, Storage};
#[cfg(all(feature = "net", feature = "cert"))]
use crate::registry::app::tls::Security;
use crate::registry::app::tls::Tls;
use crate::registry::app::version::RegistryVersion;
use crate::registry::{self, RegistryOptions};
use crate::source;
use crate::target::Settings;

use super::super::target::{NO_FILES, TargetArgs};
use super::Terminal;

/// The environment variable with the http secret, which does not show in the list of processes.
const SECRET_VARIABLE: &str = "MILEPOST_HTTP_SECRET";

/// The options of the registry itself.
#[derive(Debug, clap::Args)]
pub(super) struct RegistryAppArgs {
    #[command(flatten)]
    image: ImageArgs,

    /// The number of instances; several must share storage and http secret
    #[arg(hide_short_help = true, long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i32).range(0..))]
    instances: i32,

    #[command(flatten)]
    app: RunArgs,

    #[command(flatten)]
    naming: NamingArgs,

    #[command(flatten)]
    storage: StorageArgs,

    #[command(flatten)]
    serving: ServingArgs,

    #[command(flatten)]
    http_secret: HttpSecretArgs,

    /// A label of the app; can be repeated
    #[arg(hide_short_help = true, long, value_name = "NAME=VALUE", value_parser = pair, help_heading = "App")]
    label: Vec<(String, String)>,

    /// The path of the health check [default: /v2/, with authentication /]
    #[arg(hide_short_help = true, long, value_name = "PATH", help_heading = "Health")]
    health_path: Option<String>,

    /// No health check
    #[arg(hide_short_help = true, long, conflicts_with = "health_path", help_heading = "Health")]
    no_health_check: bool,

    #[command(flatten)]
    target: TargetArgs,
}

/// The image of the registry.
#[derive(Debug, clap::Args)]
pub(super) struct ImageArgs {
    /// The image to run
    #[arg(hide_short_help = true, long, default_value = "registry")]
    image: String,

    /// The image's tag [default: 2]
    #[arg(hide_short_help = true, long)]
    tag: Option<String>,

    /// The registry's version, such as 2.8 or 3.0.0: the tag, unless --tag or --image gives another name
    #[arg(hide_short_help = true, long, value_name = "VERSION", value_parser = version)]
    registry_version: Option<String>,
}

/// How an app runs.
#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    /// CPU shares of one instance
    #[arg(hide_short_help = true, long, value_name = "SHARES", default_value_t = 0.5)]
    pub(super) cpus: f64,

    /// Memory of one instance, in MiB
    #[arg(hide_short_help = true, long, value_name = "MIB", default_value_t = 128.0)]
    pub(super) mem: f64,

    /// The containerizer that runs it
    #[arg(hide_short_help = true, long, value_enum, default_value_t = Containerizer::Docker)]
    pub(super) containerizer: Containerizer,

    /// An environment variable, such as a setting of the registry: `REGISTRY_LOG_LEVEL=debug`; can be repeated
    #[arg(hide_short_help = true, long, value_name = "NAME=VALUE", value_parser = pair, help_heading = "App")]
    pub(super) env: Vec<(String, String)>,

    /// Where instances run, such as hostname:UNIQUE or rack:LIKE:rack-[1-3]; can be repeated
    #[arg(hide_short_help = true, long, value_name = "FIELD:OPERATOR[:VALUE]", value_parser = constraint, help_heading = "App")]
    pub(super) constraint: Vec<AppConstraint>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Images")]
struct ServingArgs {
    /// Keep copies of the images of the registry at this address (a pull-through cache); nothing can be pushed
    #[arg(hide_short_help = true, long, value_name = "URL")]
    proxy: Option<String>,

    /// The user at that registry …
    #[arg(hide_short_help = true, long, value_name = "NAME", requires = "proxy")]
    proxy_user: Option<String>,

    /// … and the path of the password in the secret store
    #[arg(hide_short_help = true, long, value_name = "SOURCE", requires = "proxy")]
    proxy_password_from: Option<String>,

    /// Refuse pushes and deletions, as while garbage is collected
    #[arg(hide_short_help = true, long)]
    read_only: bool,

    /// Let images be deleted
    #[arg(hide_short_help = true, long)]
    delete: bool,
}

impl ServingArgs {
    fn into_serving(self) -> Serving {
        let (user, password_from) = (self.proxy_user, self.proxy_password_from);
        let proxy = self.proxy.map(|url| Proxy { url, user, password_from });
        Serving { proxy, is_read_only: self.read_only, deletes: self.delete }
    }
}

/// All can be combined; without any the registry gets a VIP named after its id.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Naming")]
#[command(group = clap::ArgGroup::new("fixed-port").args(["mesos_dns", "host"]).multiple(true))]
struct NamingArgs {
    /// A virtual IP of DC/OS, such as 192.168.0.1:443 or /registry:5000; can be repeated
    #[arg(long, value_name = "VIP")]
    vip: Vec<Vip>,

    /// Reach it by its Mesos-DNS name, at a fixed port on the agents
    #[arg(long)]
    mesos_dns: bool,

    /// Reach it by this name of your own, at a fixed port on the agents that the name leads to
    #[arg(hide_short_help = true, long, value_name = "NAME", value_parser = host_name)]
    host: Option<String>,

    /// The port for --mesos-dns and --host
    #[arg(hide_short_help = true, long, value_name = "PORT", default_value_t = registry::PORT, requires = "fixed-port",
          value_parser = clap::value_parser!(u16).range(1..))]
    host_port: u16,

    /// Reach it through Marathon-LB at this host name
    #[arg(long, value_name = "VHOST", value_parser = Naming::vhost)]
    marathon_lb: Option<String>,

    /// The service port; Marathon picks one otherwise
    #[arg(hide_short_help = true, long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    service_port: Option<u16>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Storage")]
pub(super) struct StorageArgs {
    /// Where images are stored
    #[arg(long, value_enum, default_value_t = Driver::Filesystem)]
    storage: Driver,

    /// filesystem: this directory on the agents
    #[arg(hide_short_help = true, long, value_name = "DIR", conflicts_with = "volume_size")]
    host_path: Option<String>,

    /// filesystem: a local persistent volume of this size (needs --containerizer mesos)
    #[arg(hide_short_help = true, long, value_name = "MIB", value_parser = clap::value_parser!(i64).range(0..))]
    volume_size: Option<i64>,

    /// A parameter of the storage driver, by the registry's own name: bucket=images; can be repeated
    #[arg(hide_short_help = true, long, value_name = "NAME=VALUE", value_parser = pair)]
    storage_option: Vec<(String, String)>,

    /// A credential of the storage driver, and its path in the secret store: secretkey=registry/s3; can be repeated
    #[arg(hide_short_help = true, long, value_name = "NAME=SOURCE", value_parser = pair)]
    storage_secret: Vec<(String, String)>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Http secret (shared by all instances)")]
#[command(group = clap::ArgGroup::new("http-secret-source").multiple(false))]
struct HttpSecretArgs {
    /// This value, readable in the definition and the list of processes; prefer --http-secret-file or the environment
    /// variable `MILEPOST_HTTP_SECRET`
    #[arg(hide_short_help = true, long, value_name = "VALUE", group = "http-secret-source")]
    http_secret: Option<Plain>,

    /// The content of this file, readable in the definition
    #[arg(hide_short_help = true, long, value_name = "FILE", group = "http-secret-source")]
    http_secret_file: Option<PathBuf>,

    /// The secret at this path of the secret store
    #[arg(hide_short_help = true, long, value_name = "SOURCE", group = "http-secret-source")]
    http_secret_from: Option<String>,

    /// A new random value, readable in the definition
    #[arg(hide_short_help = true, long, group = "http-secret-source")]
    generate_http_secret: bool,
}

/// What the commands decide about the registry.
pub(super) struct RegistryChoices {
    pub(super) id: String,
    pub(super) tls: Tls,
    pub(super) auth: Auth,
    /// The path of the health check, unless the options give one.
    pub(super) health_path: &'static str,
    /// The names, unless the options give some.
    pub(super) default_naming: Naming,
    pub(super) has_files: bool,
}

impl RegistryAppArgs {
    /// The names that the options give.
    #[cfg(feature = "cert")]
    pub(super) fn naming(&self) -> Naming {
        self.naming.naming()
    }

    /// The names of images, up to the tag, in a registry with TLS whose app is `app`. Without options for its names it gets
    /// one after `id`.
    #[cfg(all(feature = "net", feature = "cert"))]
    pub(super) fn image_names(&self, id: &str, app: &str) -> Vec<String> {
        let naming = self.naming();
        let naming = if naming.is_empty() { Naming::default_for(id) } else { naming };
        naming.image_names(app, true)
    }

    /// The app of a registry with TLS that these options make, apart from who is let in.
    ///
    /// # Errors
    /// When they make no working registry.
    #[cfg(all(feature = "net", feature = "cert"))]
    pub(super) fn made(self, id: String, term: &mut Terminal) -> anyhow::Result<App> {
        let tls = Tls::new(Security::SelfSigned, None, None, None)?;
        let default_naming = Naming::default_for(&id);
        let choices =
            RegistryChoices { id, tls, auth: Auth::None, health_path: "/", default_naming, has_files: true };
        let (options, _) = self.into_options(choices, term)?;
        Ok(app(&options)?.app)
    }

    /// The options of the registry, and what the target accepts.
    pub(super) fn into_options(
        self,
        choices: RegistryChoices,
        term: &mut Terminal,
    ) -> anyhow::Result<(RegistryOptions, Settings)> {
        let settings = self.target.settings(NO_FILES, term)?;
        let RegistryChoices { id, tls, auth, health_path, default_naming, has_files } = choices;
        let (image, version) = self.image.image()?;
        let health_path = match (self.no_health_check, self.health_path) {
            (true, _) => None,
            (false, path) => Some(path.unwrap_or_else(|| health_path.to_owned())),
        };
        let service_port = self.naming.service_port;
        let naming = self.naming.naming();
        if let Some(twice) = naming.twice() {
            bail!("{twice} is given twice: give each --{} once", twice.option());
        }
        let options = RegistryOptions {
            image,
            version,
            instances: self.instances,
            cpus: self.app.cpus,
            mem: self.app.mem,
            containerizer: self.app.containerizer,
            tls,
            service_port,
            naming: if naming.is_empty() { default_naming } else { naming },
            storage: self.storage.into_storage()?,
            http_secret: self.http_secret.into_secret(term)?,
            serving: self.serving.into_serving(),
            auth,
            health_path,
            env: self.app.env,
            labels: self.label,
            constraints: self.app.constraint,
            has_files,
            release: settings.release,
            id,
        };
        Ok((options, settings))
    }
}

impl ImageArgs {
    /// The image with its tag, and the registry's version in it; an image that has a tag or digest stays as it is.
    pub(super) fn image(self) -> anyhow::Result<(String, RegistryVersion)> {
        let Self { image, tag, registry_version } = self;
        let name = image.rsplit('/').next().unwrap_or_default();
        let is_complete = name.contains(':') || name.contains('@');
        let image = match tag {
            Some(tag) if is_complete => {
                bail!("--image {image} has a tag or digest already: leave out --tag {tag}")
            }
            None if is_complete => image,
            tag => format!("{image}:{}", tag.as_deref().or(registry_version.as_deref()).unwrap_or("2")),
        };
        let of_image = RegistryVersion::of_image(&image);
        let given = registry_version.as_deref().and_then(RegistryVersion::of_tag);
        if let (Some(given), Some(of_image)) = (given, of_image)
            && given != of_image
        {
            bail!("{image} is not version {}", registry_version.unwrap_or_default());
        }
        Ok((image, given.or(of_image).unwrap_or_default()))
    }
}

/// A version of the registry.
fn version(text: &str) -> Result<String, String> {
    let known = RegistryVersion::of_tag(text).map(|_| text.to_owned());
    known.ok_or_else(|| "give a version 2 or 3 of the registry, such as 2.8 or 3.0.0".to_owned())
}

impl NamingArgs {
    fn naming(&self) -> Naming {
        let port = self.host_port;
        Naming {
            vips: self.vip.clone(),
            mesos_dns: self.mesos_dns.then_some(port),
            host: self.host.clone().map(|host| Address { host, port }),
            marathon_lb: self.marathon_lb.clone(),
        }
    }
}

impl StorageArgs {
    pub(super) fn into_storage(self) -> anyhow::Result<Storage> {
        let directory = match (self.host_path, self.volume_size) {
            (Some(path), _) => DirectoryStorage::Host(path),
            (None, Some(size)) => DirectoryStorage::Volume(size),
            (None, None) => DirectoryStorage::Container,
        };
        Ok(Storage::new(self.storage, directory, self.storage_option, self.storage_secret)?)
    }
}

impl HttpSecretArgs {
    fn into_secret(self, term: &mut Terminal) -> anyhow::Result<HttpSecret> {
        if let Some(source) = self.http_secret_from {
            if source.is_empty() {
                bail!("--http-secret-from needs the secret's path in the secret store");
            }
            return Ok(HttpSecret::Source(source));
        }
        if self.generate_http_secret {
            return Ok(HttpSecret::generate()?);
        }
        let plain = if let Some(path) = &self.http_secret_file {
            Some(read_secret(path)?)
        } else if self.http_secret.is_some() {
            writeln!(
                term.err(),
                "warning: the http secret on the command line shows in the list of processes and the shell's history; \
                 give it with --http-secret-file FILE or {SECRET_VARIABLE}"
            )?;
            self.http_secret
        } else {
            std::env::var(SECRET_VARIABLE).ok().map(Plain::from)
        };
        match plain {
            Some(plain) if plain.is_empty() => bail!("the http secret is empty"),
            Some(plain) => Ok(HttpSecret::Plain(plain)),
            None => Ok(HttpSecret::None),
        }
    }
}

/// The content of a file without the line break that editors leave at its end.
fn read_secret(path: &Path) -> anyhow::Result<Plain> {
    let text = source::read(path).context("cannot read the http secret")?;
    Ok(Plain::from(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// A host name without a port.
fn host_name(text: &str) -> Result<String, String> {
    if !text.contains(',') && Naming::vhost(text).is_ok() {
        Ok(text.to_owned())
    } else {
        Err("give a host name without a port, such as registry.example.com".to_owned())
    }
}

/// `hostname:UNIQUE` or `rack:LIKE:rack-1`; the value may have colons in it.
fn constraint(text: &str) -> Result<AppConstraint, String> {
    let parts: AppConstraint = text.splitn(3, ':').map(str::to_owned).collect();
    if parts.len() < 2 || parts.iter().any(String::is_empty) {
        return Err("write it as FIELD:OPERATOR or FIELD:OPERATOR:VALUE, such as hostname:UNIQUE".to_owned());
    }
    Ok(parts)
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}
