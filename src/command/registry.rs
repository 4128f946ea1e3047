//! `milepost registry`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::definition::{AppConstraint, Containerizer};
use crate::finding::Severity;
use crate::registry::app::auth::{Auth, AuthError, ISSUER, SERVICE, TokenAuth, USERS_DIR};
use crate::registry::app::http_secret::{HttpSecret, Plain};
use crate::registry::app::naming::{Naming, Vip};
use crate::registry::app::storage::{DirectoryStorage, Driver, Storage};
use crate::registry::app::tls::{CERT_DIR, CERTIFICATE, KEY, Security, Tls};
use crate::registry::{self, RegistryNote, RegistryOptions};
use crate::source::{self, Format, Kind};
use crate::target::Release;

use super::input::Input;
use super::output::write_text;
use super::target::{NO_FILES, TargetArgs};
use super::{Exit, Terminal};

#[cfg(feature = "net")]
mod backup;
#[cfg(feature = "cert")]
mod cert;
#[cfg(feature = "net")]
mod drain;
#[cfg(feature = "cert")]
mod names;
#[cfg(feature = "cert")]
mod trust;
#[cfg(all(feature = "net", feature = "cert"))]
mod up;
#[cfg(feature = "cert")]
mod user;

/// The environment variable with the http secret, which does not show in the list of processes.
const SECRET_VARIABLE: &str = "MILEPOST_HTTP_SECRET";

const EXAMPLES: &str = "\
Examples:
  A self-signed registry behind a virtual IP, images in S3:
    milepost registry app --tls self-signed --vip 192.168.0.1:443 --storage s3 \\
      --storage-option region=eu-central-1 --storage-option bucket=images \\
      --storage-secret accesskey=registry/accesskey \\
      --storage-secret secretkey=registry/secretkey \\
      --http-secret-from registry/http-secret --instances 2 -o registry.json

  On the Universal Container Runtime with a persistent volume of 100 GiB:
    milepost registry app --tls trusted --vip /registry:5000 \\
      --containerizer mesos --volume-size 102400

  For Marathon 1.4 and earlier, as in the DC/OS tutorial:
    milepost registry app --tls self-signed --vip 192.168.0.1:443 --http-secret 248345asecret \\
      --service-port 10000 --no-health-check --target 1.4

The certificate and the key must be on every agent that may run the registry.";

/// Run a private registry
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: RegistryCommand,
}

#[derive(Debug, clap::Subcommand)]
enum RegistryCommand {
    /// Print the app definition of a private registry (`registry:2`)
    ///
    /// The definition goes to standard output, warnings and the steps that remain to standard error.
    App(Box<AppArgs>),
    #[cfg(feature = "net")]
    Backup(Box<backup::BackupArgs>),
    #[cfg(feature = "net")]
    Restore(Box<backup::RestoreArgs>),
    #[cfg(feature = "cert")]
    Cert(Box<cert::Args>),
    #[cfg(feature = "net")]
    Drain(Box<drain::Args>),
    #[cfg(feature = "cert")]
    Trust(Box<trust::Args>),
    #[cfg(all(feature = "net", feature = "cert"))]
    Up(Box<up::Args>),
    #[cfg(feature = "cert")]
    User(Box<user::Args>),
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES, mut_arg("target", |arg| arg.visible_alias("marathon-version")))]
struct AppArgs {
    /// The app's id
    #[arg(long, default_value = "/registry")]
    id: String,

    /// The image to run
    #[arg(hide_short_help = true, long, default_value = "registry")]
    image: String,

    /// The image's tag [default: 2]
    #[arg(hide_short_help = true, long)]
    tag: Option<String>,

    /// The number of instances; several must share storage and http secret
    #[arg(hide_short_help = true, long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i32).range(0..))]
    instances: i32,

    /// CPU shares of one instance
    #[arg(hide_short_help = true, long, value_name = "SHARES", default_value_t = 0.5)]
    cpus: f64,

    /// Memory of one instance, in MiB
    #[arg(hide_short_help = true, long, value_name = "MIB", default_value_t = 128.0)]
    mem: f64,

    /// The containerizer that runs it
    #[arg(hide_short_help = true, long, value_enum, default_value_t = Containerizer::Docker)]
    containerizer: Containerizer,

    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    tls: TlsArgs,

    #[command(flatten)]
    naming: NamingArgs,

    #[command(flatten)]
    storage: StorageArgs,

    #[command(flatten)]
    http_secret: HttpSecretArgs,

    /// An environment variable, such as a setting of the registry: `REGISTRY_LOG_LEVEL=debug`; can be repeated
    #[arg(hide_short_help = true, long, value_name = "NAME=VALUE", value_parser = pair, help_heading = "App")]
    env: Vec<(String, String)>,

    /// A label of the app; can be repeated
    #[arg(hide_short_help = true, long, value_name = "NAME=VALUE", value_parser = pair, help_heading = "App")]
    label: Vec<(String, String)>,

    /// Where instances run, such as hostname:UNIQUE or rack:LIKE:rack-[1-3]; can be repeated
    #[arg(hide_short_help = true, long, value_name = "FIELD:OPERATOR[:VALUE]", value_parser = constraint, help_heading = "App")]
    constraint: Vec<AppConstraint>,

    #[command(flatten)]
    auth: AuthArgs,

    /// The path of the health check [default: /v2/, with authentication /]
    #[arg(hide_short_help = true, long, value_name = "PATH", help_heading = "Health")]
    health_path: Option<String>,

    /// No health check
    #[arg(hide_short_help = true, long, conflicts_with = "health_path", help_heading = "Health")]
    no_health_check: bool,

    #[command(flatten)]
    target: TargetArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Security")]
struct TlsArgs {
    /// Who signed the registry's certificate
    #[arg(long, value_enum)]
    tls: Security,

    #[arg(hide_short_help = true, long, value_name = "DIR", help = format!("The directory on the agents that has both files [default: {CERT_DIR}]"))]
    cert_dir: Option<String>,

    #[arg(hide_short_help = true, long, value_name = "FILE", help = format!("The certificate: a name in that directory, or an absolute path on the agents [default: {CERTIFICATE}]"))]
    certificate: Option<String>,

    #[arg(hide_short_help = true, long, value_name = "FILE", help = format!("The private key, likewise [default: {KEY}]"))]
    key: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Authentication")]
struct AuthArgs {
    /// Who may pull and push
    #[arg(hide_short_help = true, long, value_enum, default_value_t = AuthKind::None)]
    auth: AuthKind,

    #[arg(hide_short_help = true, long, value_name = "FILE", help = format!("htpasswd: the file of users on the agents [default: {USERS_DIR}htpasswd]"))]
    htpasswd: Option<String>,

    /// token: the address that clients get tokens from, such as <https://auth.example.com:5001/auth>
    #[arg(hide_short_help = true, long, value_name = "URL")]
    token_realm: Option<String>,

    #[arg(hide_short_help = true, long, value_name = "NAME", help = format!("token: the registry's name at the token server [default: {SERVICE}]"))]
    token_service: Option<String>,

    #[arg(hide_short_help = true, long, value_name = "NAME", help = format!("token: the token server's name in its tokens [default: {ISSUER}]"))]
    token_issuer: Option<String>,

    #[arg(hide_short_help = true, long, value_name = "FILE", help = format!("token: the certificate that tokens are signed with, on the agents [default: {CERT_DIR}token.crt]"))]
    token_bundle: Option<String>,
}

/// The kind of authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum AuthKind {
    /// Everybody
    None,
    /// The users of a file with bcrypt hashes
    Htpasswd,
    /// Whom a token server (such as `docker_auth`) gives a token
    Token,
}

impl AuthArgs {
    fn into_auth(self) -> Result<Auth, AuthError> {
        let of_token = [
            ("--token-realm", &self.token_realm),
            ("--token-service", &self.token_service),
            ("--token-issuer", &self.token_issuer),
            ("--token-bundle", &self.token_bundle),
        ];
        let of_file = [("--htpasswd", &self.htpasswd)];
        let unused = |kind, options: &[(&'static str, &Option<String>)]| {
            let given = options.iter().find(|(_, value)| value.is_some());
            given.map_or(Ok(()), |(option, _)| Err(AuthError::Unused(kind, option)))
        };
        match self.auth {
            AuthKind::None => {
                unused("none", &of_file)?;
                unused("none", &of_token)?;
                Ok(Auth::None)
            }
            AuthKind::Htpasswd => {
                unused("htpasswd", &of_token)?;
                Auth::htpasswd(self.htpasswd.unwrap_or_else(|| format!("{USERS_DIR}htpasswd")))
            }
            AuthKind::Token => {
                unused("token", &of_file)?;
                Auth::token(TokenAuth {
                    realm: self.token_realm.ok_or(AuthError::Missing("token", "--token-realm URL"))?,
                    service: self.token_service.unwrap_or_else(|| SERVICE.to_owned()),
                    issuer: self.token_issuer.unwrap_or_else(|| ISSUER.to_owned()),
                    bundle: self.token_bundle.unwrap_or_else(|| format!("{CERT_DIR}token.crt")),
                })
            }
        }
    }
}

/// All can be combined; without any the registry gets a VIP named after its id.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Naming")]
struct NamingArgs {
    /// A virtual IP of DC/OS, such as 192.168.0.1:443 or /registry:5000; can be repeated
    #[arg(long, value_name = "VIP")]
    vip: Vec<Vip>,

    /// Reach it by its Mesos-DNS name, at a fixed port on the agents
    #[arg(long)]
    mesos_dns: bool,

    /// The port for --mesos-dns
    #[arg(hide_short_help = true, long, value_name = "PORT", default_value_t = registry::PORT, requires = "mesos_dns",
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
struct StorageArgs {
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

pub(super) fn run(args: Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match args.command {
        #[cfg(feature = "net")]
        RegistryCommand::Backup(args) => backup::backup(&args, term),
        #[cfg(feature = "net")]
        RegistryCommand::Restore(args) => backup::restore(&args, term),
        RegistryCommand::App(args) => run_app(*args, term),
        #[cfg(feature = "cert")]
        RegistryCommand::Cert(args) => cert::run(*args, term),
        #[cfg(feature = "net")]
        RegistryCommand::Drain(args) => drain::run(&args, term),
        #[cfg(feature = "cert")]
        RegistryCommand::Trust(args) => trust::run(*args, term),
        #[cfg(all(feature = "net", feature = "cert"))]
        RegistryCommand::Up(args) => up::run(&args, term),
        #[cfg(feature = "cert")]
        RegistryCommand::User(args) => user::run(&args, term),
    }
}

fn run_app(args: AppArgs, term: &mut Terminal) -> anyhow::Result<Exit> {
    let output = args.output.clone();
    let settings = args.target.settings(NO_FILES, term)?;
    let options = args.into_options(settings.release, term)?;
    let generated = registry::app::app(&options)?;
    for note in &generated.notes {
        match note {
            RegistryNote::Warning(text) => writeln!(term.err(), "warning: {text}")?,
            RegistryNote::Note(text) => writeln!(term.err(), "note: {text}")?,
        }
    }
    let definition = generated.to_json()?;
    let text = serde_json::to_string_pretty(&definition)? + "\n";
    // The options may ask for what the target refuses, such as secrets.
    let input = Input::parse("registry.json", &text, Format::Json)?;
    if !input.check(Kind::App, &settings, Severity::Error, term)? {
        return Ok(Exit::Findings);
    }
    match output {
        Some(path) => write_text(&path, &text, term)?,
        None => write!(term.out(), "{}", input.document.text())?,
    }
    Ok(Exit::Fine)
}

impl AppArgs {
    fn into_options(self, release: Release, term: &mut Terminal) -> anyhow::Result<RegistryOptions> {
        let image = image(self.image, self.tag)?;
        let auth = self.auth.into_auth()?;
        let health_path = match (self.no_health_check, self.health_path) {
            (true, _) => None,
            (false, path) => Some(path.unwrap_or_else(|| auth.open_path().to_owned())),
        };
        let TlsArgs { tls, cert_dir, certificate, key } = self.tls;
        Ok(RegistryOptions {
            image,
            instances: self.instances,
            cpus: self.cpus,
            mem: self.mem,
            containerizer: self.containerizer,
            tls: Tls::new(tls, cert_dir, certificate, key)?,
            service_port: self.naming.service_port,
            naming: self.naming.into_naming(&self.id),
            storage: self.storage.into_storage()?,
            http_secret: self.http_secret.into_secret(term)?,
            auth,
            health_path,
            env: self.env,
            labels: self.label,
            constraints: self.constraint,
            release,
            id: self.id,
        })
    }
}

/// The image with its tag; an image that has a tag or digest stays as it is.
fn image(image: String, tag: Option<String>) -> anyhow::Result<String> {
    let name = image.rsplit('/').next().unwrap_or_default();
    let is_complete = name.contains(':') || name.contains('@');
    match tag {
        Some(tag) if is_complete => {
            bail!("--image {image} has a tag or digest already: leave out --tag {tag}")
        }
        None if is_complete => Ok(image),
        tag => Ok(format!("{image}:{}", tag.as_deref().unwrap_or("2"))),
    }
}

impl NamingArgs {
    fn into_naming(self, id: &str) -> Naming {
        let mesos_dns = self.mesos_dns.then_some(self.host_port);
        let naming = Naming { vips: self.vip, mesos_dns, marathon_lb: self.marathon_lb };
        if naming.is_empty() { Naming::default_for(id) } else { naming }
    }
}

impl StorageArgs {
    fn into_storage(self) -> anyhow::Result<Storage> {
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
