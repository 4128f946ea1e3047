//! A registry whose users sign in at a token server: a group of two apps, and the files that they share.
//!
//! Registry and token server have to agree on the issuer, the realm, the service, the key that tokens are signed with, and
//! the names in the certificate. [`group`] makes all of them from one set of choices. The token server is docker_auth; it
//! signs tokens with the key of its certificate, and the registry's root bundle is that certificate itself: neither version
//! of the registry takes a token by the certificate's authority.

mod auth_config;
mod compose;
pub(crate) mod members;

use serde_json::Value as Json;

use crate::definition::{App, Containerizer, Group, ReadMode};
use crate::format::LayoutError;
use crate::registry::RegistryOptions;
use crate::registry::app::auth::{Auth, AuthError, TokenAuth, USERS_DIR};
use crate::registry::app::builder::{AppBuilder, RegistryNote, in_reading_order};
use crate::registry::app::definition::{RegistryError, app};
use crate::registry::app::naming::{Address, Naming};
use crate::registry::app::service::{Listener, ServiceApp, health_check};
use crate::registry::app::tls::{self, CERT_DIR, CERTIFICATE, KEY};
use crate::registry::cert::{NameError, SubjectName};

use members::{SCANNER, ScannerMember, UI_PORT, UI_USER, Ui, scanner_app, service, ui_app};

/// The port that the token server listens on in its container, unless its realm has another one.
pub(crate) const AUTH_PORT: u16 = 5001;
/// The path of tokens at the token server.
const TOKEN_PATH: &str = "/auth";
/// Its configuration: the file's name on the agents, in [`USERS_DIR`], and in the container, in `CONFIG_DIR`.
pub(crate) const AUTH_CONFIG: &str = "auth_config.yml";
/// Where the image of the token server looks for its configuration.
const CONFIG_DIR: &str = "/config/";

/// The directory, beside the definition, of what goes to [`CERT_DIR`] of the agents.
pub(crate) const CERTS_DIR: &str = "certs";
/// The directory, beside the definition, of what goes to [`USERS_DIR`] of the agents.
pub(crate) const AUTH_DIR: &str = "auth";

/// The choices for the token server.
#[derive(Clone, Debug)]
pub(crate) struct TokenServer {
    /// Its image.
    pub image: String,
    /// Its names.
    pub naming: Naming,
    /// The address that clients get tokens from, where it is not the first of its names.
    pub realm: Option<String>,
    /// The registry's name at it.
    pub service: String,
    /// Its name in its tokens.
    pub issuer: String,
    /// How long a token is valid, in seconds.
    pub expiration: u32,
    /// The first user, who may do everything.
    pub admin: String,
    /// The bcrypt hash of the first user's password.
    pub hash: String,
}

/// The choices for a group.
#[derive(Clone, Debug)]
pub(crate) struct GroupOptions {
    /// The group's id, such as `/registry`.
    pub id: String,
    /// The registry. Its id and its authentication follow from the group.
    pub registry: RegistryOptions,
    /// The token server.
    pub token_server: TokenServer,
    /// Whether `ca.crt`, which clients have to trust, is beside the certificate on the agents.
    pub has_authority: bool,
    /// The web page.
    pub ui: Option<Ui>,
    /// The scanner.
    pub scanner: Option<ScannerMember>,
}

/// A group, and what belongs to it.
#[derive(Debug)]
pub(crate) struct GeneratedGroup {
    /// The definition, as JSON.
    pub group: Json,
    /// The configuration of the token server, `auth_config.yml`.
    pub auth_config: String,
    /// The same services as a file for Docker Compose.
    pub compose: String,
    /// Two services, and the port of the host that they would both have in that file.
    pub shared_port: Option<(&'static str, &'static str, u16)>,
    /// The names that the certificate of both has to be for.
    pub names: Vec<SubjectName>,
    /// The addresses of the registry, as in the names of images.
    pub addresses: Vec<String>,
    /// The address that clients get tokens from.
    pub realm: String,
    /// What the operator should know.
    pub notes: Vec<RegistryNote>,
}

/// Why there is no group.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GroupError {
    /// The registry's app cannot be made.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// What the registry and the token server share cannot be.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// No certificate can be for a name.
    #[error("no certificate can be for {0}: {1}")]
    Name(String, NameError),
    /// Passwords would go over the network in the clear.
    #[error(
        "--token-realm {0} is without TLS: the token server of a group has TLS, so give an address with https"
    )]
    PlainRealm(String),
    /// The scanner has a user of its own, with a password of its own.
    #[error("--admin {SCANNER}: the user of the scanner is called so; give another name")]
    AdminIsScanner,
    /// Not an image of the registry.
    #[error("--scan \"{0}\" is not an image of the registry: give one such as shop/web:1")]
    Image(String),
    /// The file for Docker Compose cannot be written.
    #[error("docker-compose.yml cannot be written: {0}")]
    Compose(#[from] LayoutError),
    /// JSON cannot be written.
    #[error("the group cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// A service of the group.
#[derive(Debug)]
struct MemberService {
    /// Its name in Docker Compose.
    name: &'static str,
    app: App,
    /// The port that clients use.
    port: u16,
    /// The hosts that clients use.
    hosts: Vec<String>,
    /// The user that its container runs as, where it is not the image's.
    user: Option<&'static str>,
    /// Whether it keeps images.
    has_images: bool,
}

impl MemberService {
    /// A member, its port that of its first name.
    fn new(name: &'static str, app: App, naming: &Naming, port: u16) -> Self {
        let addresses = naming.direct(&app.id);
        let port = addresses.first().map_or(port, |first| first.port);
        let mut hosts: Vec<String> = addresses.into_iter().map(|address| address.host).collect();
        hosts.dedup();
        Self { name, app, port, hosts, user: None, has_images: false }
    }

    /// The member, started after another one.
    fn after(mut self, id: &str) -> Self {
        self.app.dependencies = Some(vec![id.to_owned()]);
        self
    }
}

impl GroupOptions {
    /// The id of the registry's app.
    fn registry_id(&self) -> String {
        format!("{}/registry", self.id)
    }

    /// The id of the token server's app.
    fn auth_id(&self) -> String {
        format!("{}/auth", self.id)
    }

    /// The id of the web page's app.
    fn ui_id(&self) -> String {
        format!("{}/ui", self.id)
    }

    /// The id of the scanner's app.
    fn scanner_id(&self) -> String {
        format!("{}/scanner", self.id)
    }

    /// The address that clients get tokens from.
    fn realm(&self) -> String {
        let server = &self.token_server;
        let first = || server.naming.addresses(&self.auth_id()).into_iter().next();
        let of = |address: Address| format!("https://{address}{TOKEN_PATH}");
        server.realm.clone().or_else(|| first().map(of)).unwrap_or_default()
    }

    /// The port that the token server listens on in its container: where a host of its own is in the realm, that of the realm. In
    /// the network of Docker Compose that host leads to the container itself.
    fn auth_port(&self, realm: &str) -> u16 {
        let own = self.token_server.naming.direct(&self.auth_id());
        let asked = Address::of_url(realm).filter(|asked| own.iter().any(|known| known.host == asked.host));
        asked.map_or(AUTH_PORT, |asked| asked.port)
    }

    /// The names of the certificate: every host at which clients reach a member with TLS.
    fn names(&self, realm: &str) -> Result<Vec<SubjectName>, GroupError> {
        let registry = self.registry.naming.addresses(&self.registry_id());
        let server = self.token_server.naming.addresses(&self.auth_id());
        let ui = self.ui.iter().flat_map(|ui| ui.naming.addresses(&self.ui_id()));
        let hosts = registry.into_iter().chain(server).chain(ui).map(|address| address.host);
        let mut names = Vec::new();
        for host in hosts.chain([realm.to_owned()]) {
            let name = SubjectName::of_address(&host).map_err(|error| GroupError::Name(host, error))?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }
}

/// Makes the group.
///
/// # Errors
/// When the registry or its token server would not work so.
pub(crate) fn group(options: &GroupOptions) -> Result<GeneratedGroup, GroupError> {
    let realm = options.realm();
    if realm.starts_with("http://") {
        return Err(GroupError::PlainRealm(realm));
    }
    let server = &options.token_server;
    if options.scanner.is_some() && server.admin == SCANNER {
        return Err(GroupError::AdminIsScanner);
    }
    let auth = Auth::token(TokenAuth {
        realm: realm.clone(),
        service: server.service.clone(),
        issuer: server.issuer.clone(),
        bundle: format!("{CERT_DIR}{CERTIFICATE}"),
    })?;
    let registry =
        RegistryOptions { id: options.registry_id(), auth, has_files: true, ..options.registry.clone() };
    let names = options.names(&realm)?;
    let generated = app(&registry)?;
    let mut builder = AppBuilder { notes: generated.notes, ..AppBuilder::default() };
    let auth_port = options.auth_port(&realm);
    let auth_app = auth_app(options, auth_port, &registry, &mut builder);
    let host_of_realm = SubjectName::of_address(&realm);
    if matches!(host_of_realm, Ok(SubjectName::Ip(_))) {
        builder.warn(format!(
            "some clients, such as crane, get no token from an IP address of a private network, as in {realm}: give the token \
             server a name"
        ));
    }
    let mut registry_app = generated.app;
    registry_app.dependencies = Some(vec![options.auth_id()]);
    let mut members = vec![
        MemberService::new("auth", auth_app, &server.naming, AUTH_PORT),
        MemberService {
            has_images: true,
            ..MemberService::new("registry", registry_app, &registry.naming, crate::registry::PORT)
        },
    ];
    if let Some(ui) = &options.ui {
        let app = ui_app(options, ui, &registry, &mut builder);
        let member =
            MemberService { user: Some(UI_USER), ..MemberService::new("ui", app, &ui.naming, UI_PORT) };
        members.push(member.after(&registry.id));
    }
    if let Some(scanner) = &options.scanner {
        let app = scanner_app(options, scanner, &registry, &mut builder)?;
        members.push(MemberService::new("scanner", app, &Naming::default(), 0).after(&registry.id));
    }
    let compose = compose::text(&members)?;
    let shared_port = shared_port(&members);
    let mut json = serde_json::to_value(Group {
        id: Some(options.id.as_str().into()),
        apps: Some(members.into_iter().map(|member| member.app).collect()),
        ..Group::default()
    })?;
    in_reading_order(&mut json);
    Ok(GeneratedGroup {
        group: json,
        auth_config: auth_config::text(server, auth_port, registry.version, options.scanner.as_ref()),
        compose,
        shared_port,
        names,
        addresses: registry.naming.image_names(&registry.id, true),
        realm,
        notes: builder.notes,
    })
}

/// Two members with one port, where clients reach both.
fn shared_port(members: &[MemberService]) -> Option<(&'static str, &'static str, u16)> {
    let reached: Vec<&MemberService> = members.iter().filter(|member| member.port > 0).collect();
    reached.iter().enumerate().find_map(|(index, member)| {
        let other = reached[..index].iter().find(|other| other.port == member.port)?;
        Some((other.name, member.name, member.port))
    })
}

/// The token server's app.
fn auth_app(options: &GroupOptions, port: u16, registry: &RegistryOptions, builder: &mut AppBuilder) -> App {
    let server = &options.token_server;
    builder.mount(CERT_DIR, tls::MOUNTED, ReadMode::ReadOnly);
    // The directory and not the file: a file that is replaced keeps its old content in a container.
    builder.mount(USERS_DIR, CONFIG_DIR, ReadMode::ReadOnly);
    server.naming.add_to(true, builder);
    let mut app = ServiceApp {
        mem: 64.0,
        listener: Some(Listener { name: "auth", number: port, service_port: None }),
        // Without a user the path of tokens answers 401.
        health_check: registry.health_path.is_some().then(|| health_check("/", true)),
        ..service(&options.auth_id(), &server.image, registry)
    }
    .app(builder);
    if registry.containerizer == Containerizer::Docker {
        app.args = Some(vec![format!("{CONFIG_DIR}{AUTH_CONFIG}")]);
    }
    app
}

/// The paths of certificate and key in the containers.
fn in_container() -> [String; 2] {
    [CERTIFICATE, KEY].map(|name| format!("{}{name}", tls::MOUNTED))
}
