//! The members of a group beside the registry and its token server.

use std::path::PathBuf;

use anyhow::Context as _;
use secrecy::ExposeSecret as _;

use crate::command::creds::read_password_file;
use crate::registry::app::http_secret::Plain;
use crate::registry::app::naming::{Naming, Vip};
use crate::registry::group::members::{SCANNER, ScannerMember, ScannerPassword, UI_PORT, Ui};
use crate::registry::users::hash;
use crate::util::escape::shown_path;

use super::kept::Kept;
use super::naming;

/// The web page's image.
const UI_IMAGE: &str = "klausmeyer/docker-registry-browser:1.8.3";
/// The scanner's image.
const SCANNER_IMAGE: &str = "aquasec/trivy:0.69.3";

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "More members")]
pub(super) struct MemberArgs {
    /// A web page that shows the images (docker-registry-browser)
    #[arg(long)]
    ui: bool,

    /// Its image
    #[arg(hide_short_help = true, long, value_name = "IMAGE", default_value = UI_IMAGE, requires = "ui")]
    ui_image: String,

    #[arg(hide_short_help = true, long, value_name = "VIP", requires = "ui", help = format!("Its virtual IP; can be repeated [default: /ID-ui:{UI_PORT}]"))]
    ui_vip: Vec<Vip>,

    /// Its port on the agents, for --mesos-dns and --host
    #[arg(hide_short_help = true, long, value_name = "PORT", default_value_t = UI_PORT, requires = "ui", value_parser = clap::value_parser!(u16).range(1..))]
    ui_port: u16,

    /// Reach it through Marathon-LB at this host name
    #[arg(hide_short_help = true, long, value_name = "VHOST", requires = "ui", value_parser = Naming::vhost)]
    ui_marathon_lb: Option<String>,

    /// A scanner of vulnerabilities (trivy) of the images of --scan, each day, with a user of its own
    #[arg(long, requires_all = ["scan", "scanner_password_file"])]
    scanner: bool,

    /// An image of the registry to scan, such as shop/web:1; can be repeated
    #[arg(hide_short_help = true, long, value_name = "IMAGE", requires = "scanner")]
    scan: Vec<String>,

    /// The scanner's image
    #[arg(hide_short_help = true, long, value_name = "IMAGE", default_value = SCANNER_IMAGE, requires = "scanner")]
    scanner_image: String,

    /// The file with the scanner's password, without the line break at its end
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "scanner")]
    scanner_password_file: Option<PathBuf>,

    /// The path of the same password in the secret store; without it the password is readable in the definition
    #[arg(hide_short_help = true, long, value_name = "SOURCE", requires = "scanner")]
    scanner_password_from: Option<String>,
}

impl MemberArgs {
    /// The members that the options ask for; `cost` is that of the hash of a password.
    pub(super) fn into_members(
        self,
        id: &str,
        at: &Naming,
        cost: u32,
        kept: &Kept,
    ) -> anyhow::Result<(Option<Ui>, Option<ScannerMember>)> {
        let ui = if self.ui {
            let naming = naming(id, "ui", at, (self.ui_vip, self.ui_port, self.ui_marathon_lb));
            Some(Ui { image: self.ui_image, naming, secret: Plain::generate()? })
        } else {
            None
        };
        let scanner = match self.scanner_password_file.filter(|_| self.scanner) {
            Some(file) => {
                let password = read_password_file(&file)?;
                kept.expect_user(SCANNER, ("--scanner-password-file", &password))?;
                let hash = hash(&password, cost).with_context(|| shown_path(&file))?;
                let password = self.scanner_password_from.map_or_else(
                    || ScannerPassword::Plain(Plain::from(password.expose_secret().to_owned())),
                    ScannerPassword::Source,
                );
                Some(ScannerMember { image: self.scanner_image, images: self.scan, hash, password })
            }
            None => None,
        };
        Ok((ui, scanner))
    }
}
