//! What may run beside the registry and its token server: a web page that shows the images, and a scanner of their
//! vulnerabilities. Both reach the registry by its own name, and trust its certificate by the authority of the group.

use std::fmt::Write as _;

use crate::definition::{App, Containerizer, DockerParameter, ReadMode};
use crate::image::Reference;
use crate::registry::RegistryOptions;
use crate::registry::app::builder::AppBuilder;
use crate::registry::app::http_secret::Plain;
use crate::registry::app::naming::Naming;
use crate::registry::app::service::{Listener, ServiceApp, tcp_check};
use crate::registry::app::tls::{self, CERT_DIR};

use super::{GroupError, GroupOptions, in_container};

/// The port of the web page in its container, with TLS.
pub(crate) const UI_PORT: u16 = 8443;
/// Who may read the key of the certificate: the image has another user.
pub(super) const UI_USER: &str = "root";
/// The authority's certificate: the file's name in [`CERT_DIR`] of the agents.
pub(crate) const AUTHORITY: &str = "ca.crt";
/// Its directory in the containers.
const TRUSTED: &str = "/trusted/";
/// The user that the scanner signs in as.
pub(crate) const SCANNER: &str = "scanner";
/// The variable with its password.
const PASSWORD: &str = "SCANNER_PASSWORD";
/// How long the scanner waits before it scans again, in seconds.
const DAY: u32 = 24 * 3600;

/// The web page (docker-registry-browser). Who opens it signs in as at the registry.
#[derive(Clone, Debug)]
pub(crate) struct Ui {
    /// The image.
    pub image: String,
    /// Its names.
    pub naming: Naming,
    /// What it signs its cookies with.
    pub secret: Plain,
}

/// The scanner (trivy), with a user of its own that may pull everything.
#[derive(Clone, Debug)]
pub(crate) struct ScannerMember {
    /// The image.
    pub image: String,
    /// The images to scan each day: `shop/web:1`.
    pub images: Vec<String>,
    /// The bcrypt hash of its password.
    pub hash: String,
    /// Its password.
    pub password: ScannerPassword,
}

/// Where the scanner has its password from.
#[derive(Clone, Debug)]
pub(crate) enum ScannerPassword {
    /// The definition.
    Plain(Plain),
    /// This path of the secret store.
    Source(String),
}

/// The app of the web page.
pub(super) fn ui_app(
    options: &GroupOptions,
    ui: &Ui,
    registry: &RegistryOptions,
    builder: &mut AppBuilder,
) -> App {
    let [certificate, key] = in_container();
    let address = first_address(registry);
    builder.mount(CERT_DIR, tls::MOUNTED, ReadMode::ReadOnly);
    builder.env("DOCKER_REGISTRY_URL", format!("https://{address}"));
    builder.env("PUBLIC_REGISTRY_URL", &address);
    builder.env("SSL_CERT_PATH", certificate);
    builder.env("SSL_KEY_PATH", key);
    if options.has_authority {
        builder.env("CA_FILE", format!("{}{AUTHORITY}", tls::MOUNTED));
    }
    if registry.serving.deletes {
        builder.env("ENABLE_DELETE_IMAGES", "true");
    }
    ui.secret.add_as("SECRET_KEY_BASE", builder);
    ui.naming.add_to(true, builder);
    let mut app = ServiceApp {
        listener: Some(Listener { name: "ui", number: UI_PORT, service_port: None }),
        health_check: registry.health_path.is_some().then(tcp_check),
        ..service(&options.ui_id(), &ui.image, registry)
    }
    .app(builder);
    as_root(&mut app);
    app
}

/// The app of the scanner.
///
/// # Errors
/// When an image to scan is none.
pub(super) fn scanner_app(
    options: &GroupOptions,
    scanner: &ScannerMember,
    registry: &RegistryOptions,
    builder: &mut AppBuilder,
) -> Result<App, GroupError> {
    let address = first_address(registry);
    if options.has_authority {
        builder.mount(
            &format!("{CERT_DIR}{AUTHORITY}"),
            &format!("{TRUSTED}{AUTHORITY}"),
            ReadMode::ReadOnly,
        );
        // The other authorities, too: the scanner gets its data base from the internet.
        builder.env("SSL_CERT_DIR", format!("/etc/ssl/certs:{}", TRUSTED.trim_end_matches('/')));
    }
    match &scanner.password {
        ScannerPassword::Plain(password) => {
            password.add_as(PASSWORD, builder);
            builder.warn(
                "the password of the scanner is in the definition, readable for everybody who may read the app; \
                 --scanner-password-from SOURCE leaves it in the secret store",
            );
        }
        ScannerPassword::Source(source) => builder.secret_env(PASSWORD, "scanner-password", source),
    }
    let mut images = String::new();
    for image in &scanner.images {
        let name = format!("{address}/{image}");
        let is_image =
            Reference::parse(&name).is_ok() && !name.contains(['\'', '"', '$', '`', ';', '&', '|', ' ']);
        if !is_image {
            return Err(GroupError::Image(image.clone()));
        }
        let _ = write!(images, " {name}");
    }
    let command = format!(
        "printf %s \"${PASSWORD}\" | trivy registry login --username {SCANNER} --password-stdin {address} && while true; do \
         for image in{images}; do trivy image --quiet --severity HIGH,CRITICAL $image; done; sleep {DAY}; done"
    );
    builder.note("the findings of the scanner are in its standard output");
    Ok(ServiceApp {
        cpus: 1.0,
        mem: 1024.0,
        command: Some(&command),
        ..service(&options.scanner_id(), &scanner.image, registry)
    }
    .app(builder))
}

/// The address by which the members reach the registry.
fn first_address(registry: &RegistryOptions) -> String {
    registry.naming.image_names(&registry.id, true).into_iter().next().unwrap_or_default()
}

/// A member with one instance, which runs as the registry does.
pub(super) fn service<'a>(id: &'a str, image: &'a str, registry: &'a RegistryOptions) -> ServiceApp<'a> {
    ServiceApp {
        id,
        image,
        instances: 1,
        cpus: 0.1,
        mem: 256.0,
        containerizer: registry.containerizer,
        release: registry.release,
        listener: None,
        command: None,
        health_check: None,
        constraints: &registry.constraints,
    }
}

/// Runs the container as [`UI_USER`]. The Universal Container Runtime does without it.
fn as_root(app: &mut App) {
    let container = app.container.as_mut().filter(|it| it.r#type == Some(Containerizer::Docker));
    if let Some(docker) = container.and_then(|container| container.docker.as_mut()) {
        let user = DockerParameter { key: "user".to_owned(), value: UI_USER.to_owned() };
        docker.parameters = Some(vec![user]);
    }
}
