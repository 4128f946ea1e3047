//! `milepost registry app`

use std::path::{Path, PathBuf};

#[cfg(all(feature = "net", feature = "cert"))]
use crate::definition::App;
use crate::finding::Severity;
use crate::registry::RegistryNote;
use crate::registry::app::app;
use crate::registry::app::auth::{Auth, AuthError, ISSUER, SERVICE, TokenAuth, USERS_DIR};
use crate::registry::app::builder::Generated;
use crate::registry::app::naming::Naming;
use crate::registry::app::tls::{CERT_DIR, CERTIFICATE, KEY, Security, Tls};
use crate::source::{Format, Kind, json_text};
use crate::target::Settings;

use super::super::input::Input;
use super::super::output::{named_file, write_text};
use super::args::{RegistryAppArgs, RegistryChoices};
use super::{Exit, Terminal};

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

/// Print the app definition of a private registry (`registry:2`)
///
/// The definition goes to standard output, warnings and the steps that remain to standard error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES, mut_arg("target", |arg| arg.visible_alias("marathon-version")))]
pub(super) struct Args {
    /// The app's id
    #[arg(long, default_value = "/registry")]
    id: String,

    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    tls: TlsArgs,

    #[command(flatten)]
    auth: AuthArgs,

    #[command(flatten)]
    registry: RegistryAppArgs,
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

pub(super) fn run(args: Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let Args { id, output, tls, auth, registry } = args;
    let TlsArgs { tls, cert_dir, certificate, key } = tls;
    let tls = Tls::new(tls, cert_dir, certificate, key)?;
    let auth = auth.into_auth()?;
    let health_path = auth.open_path();
    let default_naming = Naming::default_for(&id);
    let choices = RegistryChoices { id, tls, auth, health_path, default_naming, has_files: false };
    let (options, settings) = registry.into_options(choices, term)?;
    hand_out(&app(&options)?, output.as_deref(), &settings, term)
}

/// The names of images, up to the tag, in a registry with TLS that these options make; nothing where they are wrong.
#[cfg(all(feature = "net", feature = "cert"))]
pub(super) fn image_names(options: &[String]) -> Option<Vec<String>> {
    let args: Args = super::parsed(options)?;
    Some(args.registry.image_names(&args.id, &args.id))
}

/// The app of a registry with TLS that these options make; nothing where they are wrong by themselves.
///
/// # Errors
/// When they make no working registry.
#[cfg(all(feature = "net", feature = "cert"))]
pub(super) fn made(options: &[String], term: &mut Terminal) -> anyhow::Result<Option<App>> {
    let Some(Args { id, registry, .. }) = super::parsed(options) else { return Ok(None) };
    registry.made(id, term).map(Some)
}

/// Tells what the operator should know of an app, and writes its definition to a file or to standard output.
pub(super) fn hand_out(
    generated: &Generated,
    output: Option<&Path>,
    settings: &Settings,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    tell(&generated.notes, term)?;
    let text = json_text::of_serialized(&generated.to_json()?)? + "\n";
    // The options may ask for what the target refuses, such as secrets.
    let input = Input::parse("registry.json", &text, Format::Json)?;
    if !input.check(Kind::App, settings, Severity::Error, term)? {
        return Ok(Exit::Findings);
    }
    match named_file(output) {
        Some(path) => write_text(path, &text, term)?,
        None => write!(term.out(), "{}", input.document.text())?,
    }
    Ok(Exit::Fine)
}

/// Tells what the operator should know.
pub(super) fn tell(notes: &[RegistryNote], term: &mut Terminal) -> anyhow::Result<()> {
    for note in notes {
        match note {
            RegistryNote::Warning(text) => writeln!(term.err(), "warning: {text}")?,
            RegistryNote::Note(text) => writeln!(term.err(), "note: {text}")?,
        }
    }
    Ok(())
}
