//! `milepost registry group`

mod certificate;
mod kept;
mod members;

use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::command::input::Input;
#[cfg(feature = "net")]
use crate::definition::App;
use crate::finding::Severity;
use crate::registry::app::auth::{Auth, ISSUER, SERVICE};
use crate::registry::app::naming::{Address, Naming, Vip};
use crate::registry::app::tls::{CERTIFICATE, KEY, Security, Tls};
use crate::registry::app::version::RegistryVersion;
use crate::registry::group::members::AUTHORITY;
use crate::registry::group::{
    AUTH_CONFIG, AUTH_DIR, AUTH_PORT, CERTS_DIR, GeneratedGroup, GroupOptions, TokenServer, group,
};
use crate::registry::users::user_name;
use crate::secret_scan::has_secrets;
use crate::source::{Format, Kind, json_text};
use crate::util::escape::shell_word;

use super::app::tell;
use super::args::{RegistryAppArgs, RegistryChoices};
use super::cert::{AUTHORITY_CERTIFICATE, AUTHORITY_KEY};
use super::files::{FileSet, NewFile};
use super::user::PasswordArgs;
use super::{Exit, Terminal};

use certificate::{CertificateArgs, Trusted};
use kept::Kept;
use members::MemberArgs;

/// The definition.
const DEFINITION: &str = "registry.json";
/// The file for Docker Compose.
const COMPOSE: &str = "docker-compose.yml";
/// The token server's image.
const AUTH_IMAGE: &str = "cesanta/docker_auth:1.14.0";

/// How long a token is valid, in seconds.
const EXPIRATION: u32 = 900;

/// Options that the short help leaves out, beside those that the help of `registry app` leaves out.
const LESS_USED: [&str; 9] =
    ["force", "id", "keep", "marathon_lb", "mesos_dns", "password_file", "storage", "target", "vip"];

const EXAMPLES: &str = "\
Examples:
  Both behind virtual IPs of DC/OS, with a new authority and the user admin:
    milepost registry group -o registry --volume-size 102400 --containerizer mesos

  At a name of your own, for Marathon and for Docker Compose:
    milepost registry group -o registry --host registry.example.com --compose \\
      --registry-version 3.0.0 --password-stdin < password.txt

  With other options later, and the same users and keys:
    milepost registry group -o registry --volume-size 204800 --containerizer mesos --keep

Written are registry.json (the group), certs/ (domain.crt, domain.key) and auth/ (auth_config.yml), ca.crt \
and ca.key, and with --compose docker-compose.yml. `milepost registry check DIR` checks that they still agree \
after you changed one.";

/// Write a group of a registry and its token server, and the files that both need.
///
/// The token server is docker_auth, with users in a file. Issuer, service, realm, key and the names in the certificate
/// are made once, so that they agree. At a terminal the password of the first user is asked for.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES, mut_arg("target", |arg| arg.visible_alias("marathon-version")))]
#[command(mut_args(|arg| if LESS_USED.contains(&arg.get_id().as_str()) { arg.hide_short_help(true) } else { arg }))]
pub(super) struct Args {
    /// The group's id
    #[arg(long, default_value = "/registry")]
    id: String,

    /// Write the files into this directory
    #[arg(short, long, value_name = "DIR", default_value = ".", value_parser = crate::command::output::parse_path)]
    output: PathBuf,

    /// Write docker-compose.yml as well, for one host without Marathon
    #[arg(long)]
    compose: bool,

    /// Keep users, keys and certificates that are there, where they agree; write the definition anew
    #[arg(long)]
    keep: bool,

    /// Overwrite files that are there, users and keys too
    #[arg(long, conflicts_with = "keep")]
    force: bool,

    #[command(flatten)]
    certificate: CertificateArgs,

    #[command(flatten)]
    token_server: TokenServerArgs,

    #[command(flatten)]
    members: MemberArgs,

    #[command(flatten)]
    registry: RegistryAppArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Token server")]
struct TokenServerArgs {
    /// The first user, who may do everything
    #[arg(long, value_name = "NAME", default_value = "admin", value_parser = user_name)]
    admin: String,

    #[command(flatten)]
    password: PasswordArgs,

    /// The token server's image
    #[arg(hide_short_help = true, long, value_name = "IMAGE", default_value = AUTH_IMAGE)]
    auth_image: String,

    #[arg(hide_short_help = true, long, value_name = "VIP", help = format!("The token server's virtual IP; can be repeated [default: /ID-auth:{AUTH_PORT}]"))]
    auth_vip: Vec<Vip>,

    /// Its port on the agents, for --mesos-dns and --host
    #[arg(hide_short_help = true, long, value_name = "PORT", default_value_t = AUTH_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    auth_port: u16,

    /// Reach it through Marathon-LB at this host name
    #[arg(hide_short_help = true, long, value_name = "VHOST", value_parser = Naming::vhost)]
    auth_marathon_lb: Option<String>,

    /// The address that clients get tokens from [default: that of the token server's first name]
    #[arg(hide_short_help = true, long, value_name = "URL")]
    token_realm: Option<String>,

    /// The registry's name at the token server
    #[arg(hide_short_help = true, long, value_name = "NAME", default_value = SERVICE)]
    token_service: String,

    /// The token server's name in its tokens
    #[arg(hide_short_help = true, long, value_name = "NAME", default_value = ISSUER)]
    token_issuer: String,

    #[arg(hide_short_help = true, long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..), help = format!("How long a token is valid, in seconds [default: {EXPIRATION}]"))]
    token_expiration: Option<u32>,
}

pub(super) fn run(args: Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let Args { id, output, compose, keep, force, certificate, token_server, members, registry } = args;
    let files = FileSet::new(&output, force);
    let kept = if keep { Kept::of(&files)? } else { Kept::default() };
    if !keep {
        claim(&files)?;
    }
    let (ui, scanner) = members.into_members(&id, &registry.naming(), token_server.password.cost(), &kept)?;
    let needs_authority = ui.is_some() || scanner.is_some();
    let authority = if needs_authority { certificate.authority(&kept)? } else { Trusted::None };
    let web_page = ui.as_ref().map(|ui| &ui.naming);
    let server = token_server.into_server(&id, &registry.naming(), web_page, &kept, term)?;
    let choices = RegistryChoices {
        id: id.clone(),
        tls: Tls::new(Security::SelfSigned, None, None, None)?,
        auth: Auth::None,
        health_path: "/",
        default_naming: Naming::default_for(&id),
        has_files: true,
    };
    let (registry, settings) = registry.into_options(choices, term)?;
    let version = registry.version;
    let has_authority = !matches!(authority, Trusted::None);
    let generated = group(&GroupOptions { id, registry, token_server: server, has_authority, ui, scanner })?;
    let text = json_text::of_serialized(&generated.group)? + "\n";
    // The options may ask for what the target refuses, such as secrets.
    if !Input::parse(DEFINITION, &text, Format::Json)?.check(Kind::Group, &settings, Severity::Error, term)? {
        return Ok(Exit::Findings);
    }
    let trusted = certificate.trusted(&files, &kept)?;
    let mut new = certificate.files(&generated.names, version == RegistryVersion::Three, authority, &kept)?;
    new.push(NewFile::new(DEFINITION, &text, has_secrets(&text)));
    new.push(NewFile::new(format!("{AUTH_DIR}/{AUTH_CONFIG}"), &generated.auth_config, true));
    if compose {
        if let Some((one, other, port)) = &generated.shared_port {
            bail!(
                "{one} and {other} cannot both have port {port} of the one host of {COMPOSE}, which a virtual IP leaves out: give \
                 them other ports, or leave out --compose"
            );
        }
        let is_private = has_secrets(&generated.compose);
        new.push(NewFile::new(COMPOSE, &generated.compose, is_private));
    }
    if keep {
        new = kept.left_out_of(new, &files, term)?;
    }
    files.write(&new, term)?;
    tell(&generated.notes, term)?;
    tell_next(&generated, &trusted, term)?;
    Ok(Exit::Fine)
}

/// The names of images, up to the tag, in the registry of a group that these options make; nothing where they are wrong.
#[cfg(feature = "net")]
pub(super) fn image_names(options: &[String]) -> Option<Vec<String>> {
    let args: Args = super::parsed(options)?;
    Some(args.registry.image_names(&args.id, &format!("{}/registry", args.id)))
}

/// The registry's app in a group that these options make; nothing where they are wrong by themselves.
///
/// # Errors
/// When they make no working registry.
#[cfg(feature = "net")]
pub(super) fn made(options: &[String], term: &mut Terminal) -> anyhow::Result<Option<App>> {
    let Some(Args { id, registry, .. }) = super::parsed(options) else { return Ok(None) };
    registry.made(id, term).map(Some)
}

/// Refuses to overwrite what is there: users, and keys that others trust.
fn claim(files: &FileSet<'_>) -> anyhow::Result<()> {
    let certs = [CERTIFICATE, KEY, AUTHORITY].map(|name| format!("{CERTS_DIR}/{name}"));
    let config = format!("{AUTH_DIR}/{AUTH_CONFIG}");
    let own = [DEFINITION, &config, AUTHORITY_CERTIFICATE, AUTHORITY_KEY, COMPOSE];
    let names: Vec<&str> = own.into_iter().chain(certs.iter().map(String::as_str)).collect();
    let advice = "--keep keeps users, keys and certificates, and writes the definition anew; or give another directory with -o, \
                  or --force to make everything anew, users too";
    files.claim(&names, advice)
}

/// Tells what is left to do with the files.
fn tell_next(generated: &GeneratedGroup, trusted: &Path, term: &mut Terminal) -> anyhow::Result<()> {
    let GeneratedGroup { realm, addresses, .. } = generated;
    let first = addresses.first().map_or("HOST", String::as_str);
    writeln!(
        term.err(),
        "next: copy {CERTS_DIR}/ and {AUTH_DIR}/ to /etc/privateregistry/ of every agent that may run the group; clients \
         must reach {realm}; make the agents trust it: milepost registry trust --host {first} --ca {}",
        shell_word(&trusted.to_string_lossy())
    )?;
    Ok(())
}

impl TokenServerArgs {
    /// The token server; `at` is where the options have the registry, and `web_page` where the web page is.
    fn into_server(
        self,
        id: &str,
        at: &Naming,
        web_page: Option<&Naming>,
        kept: &Kept,
        term: &mut Terminal,
    ) -> anyhow::Result<TokenServer> {
        let naming = naming(id, "auth", at, (self.auth_vip, self.auth_port, self.auth_marathon_lb));
        let registry = if at.is_empty() { Naming::default_for(id) } else { at.clone() };
        refuse_shared(&registry, &naming, web_page)?;
        kept.expect_expiration(self.token_expiration)?;
        let hash = if kept.has_users() {
            if let Some((option, password)) = self.password.given()? {
                kept.expect_user(&self.admin, (option, &password))?;
            }
            String::new()
        } else {
            self.password.hash(&self.admin, term)?
        };
        Ok(TokenServer {
            image: self.auth_image,
            naming,
            realm: self.token_realm,
            service: self.token_service,
            issuer: self.token_issuer,
            expiration: self.token_expiration.unwrap_or(EXPIRATION),
            admin: self.admin,
            hash,
        })
    }
}

/// Refuses an address that two members would have.
fn refuse_shared(registry: &Naming, server: &Naming, web_page: Option<&Naming>) -> anyhow::Result<()> {
    let mut members = vec![("registry", "", registry), ("token server", "auth-", server)];
    members.extend(web_page.map(|naming| ("web page", "ui-", naming)));
    for (index, (name, prefix, naming)) in members.iter().enumerate() {
        if let Some(twice) = naming.twice() {
            bail!("{twice} is given twice: give each --{prefix}{} once", twice.option());
        }
        for (other, _, before) in &members[..index] {
            if let Some(shared) = naming.shared_with(before) {
                bail!(
                    "{other} and {name} cannot both have {shared}: give another --{prefix}{}",
                    shared.option()
                );
            }
        }
    }
    Ok(())
}

/// The names of a member: those of the options, and where the registry is at a fixed port, the same at this port; otherwise
/// a virtual IP.
fn naming(id: &str, member: &str, at: &Naming, own: (Vec<Vip>, u16, Option<String>)) -> Naming {
    let (vips, port, marathon_lb) = own;
    let naming = Naming {
        vips,
        mesos_dns: at.mesos_dns.map(|_| port),
        host: at.host.clone().map(|address| Address { port, ..address }),
        marathon_lb,
    };
    if naming.is_empty() {
        Naming::vip(&format!("{}-{member}", id.rsplit('/').next().unwrap_or(id)), port)
    } else {
        naming
    }
}
