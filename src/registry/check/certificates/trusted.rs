//! Whether services that ask the registry trust its certificate, where that is of an authority of one's own.

use crate::registry::cert::Certificate;

use super::super::askers::{RegistryAsker, URL};
use super::super::runs::not_mounted;
use super::super::service::CheckedService;
use super::super::{CheckReport, FilePlace, rules};
use super::{Files, Named, outside};
use crate::util::path::is_within;

/// The variables by which Go's programs find authorities.
const DIRECTORIES: &str = "SSL_CERT_DIR";
const FILE: &str = "SSL_CERT_FILE";
/// Where a container has its authorities.
const SYSTEM: [&str; 4] = [
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
];

/// Checks each service that asks a registry of the same file.
pub(super) fn check(
    files: &Files<'_>,
    askers: &[RegistryAsker<'_>],
    registries: &[&CheckedService],
    checked: &mut CheckReport,
) {
    let authorities = files.authorities();
    for asker in askers.iter().filter(|asker| !asker.is_careless()) {
        let beside = registries.iter().filter(|registry| registry.at.file == asker.service.at.file);
        for registry in beside {
            let Some(inside) = registry.text("HTTP_TLS_CERTIFICATE") else { continue };
            let Some((_, bundle)) = files.certificate(&outside(&[registry], inside), checked) else {
                continue;
            };
            let Some(leaf) = bundle.certificates.first() else { continue };
            let is_own = leaf.is_self_issued() || authorities.iter().any(|it| it.subject() == leaf.issuer());
            if !is_own {
                continue;
            }
            if let Some(url) = asker.said(URL).filter(|url| url.text.starts_with("https://")) {
                web_page(files, asker, leaf, &url.at, checked);
            }
            if asker.sign_in.is_some() {
                program(files, asker, leaf, checked);
            }
        }
    }
}

/// A web page trusts the authorities of its `CA_FILE`.
fn web_page(
    files: &Files<'_>,
    asker: &RegistryAsker<'_>,
    leaf: &Certificate,
    at: &FilePlace,
    checked: &mut CheckReport,
) {
    let Some(given) = asker.said("CA_FILE") else {
        return checked.add(
            &rules::CERTIFICATE_NOT_TRUSTED,
            at,
            "the web page does not trust the registry's certificate, which is of an authority of your own",
            "set CA_FILE to the path of that authority's certificate in its container",
        );
    };
    if not_mounted(asker.service, &given.text, &given.at, checked) {
        return;
    }
    let named = outside(&[asker.service], given.text.clone());
    if files.is_reported_missing(&named, checked) {
        return;
    }
    if let Some((_, bundle)) = files.certificate(&named, checked)
        && !bundle.certificates.iter().any(|it| is_trusted_by(leaf, it))
    {
        checked.add(
            &rules::CERTIFICATE_NOT_TRUSTED,
            &given.at,
            format!(
                "{} is not the authority of the registry's certificate: the web page does not trust it",
                named.path
            ),
            "name the certificate of that authority",
        );
    }
}

/// Whether who trusts a certificate trusts another one.
fn is_trusted_by(leaf: &Certificate, authority: &Certificate) -> bool {
    authority == leaf || authority.is_authority() && authority.subject() == leaf.issuer()
}

/// A program of Go trusts what is in its directories.
fn program(files: &Files<'_>, asker: &RegistryAsker<'_>, leaf: &Certificate, checked: &mut CheckReport) {
    let service = asker.service;
    if service.has_other_files {
        return;
    }
    let said = |name: &str| asker.said(name);
    let directories = said(DIRECTORIES).map_or_else(Vec::new, |it| it.text.split(':').collect());
    let directories: Vec<&str> = directories.into_iter().chain(SYSTEM).collect();
    let file = said(FILE).map(|it| it.text.as_str());
    let read = service.mounts.iter().filter(|(_, inside)| {
        let inside = inside.trim_end_matches('/');
        directories.iter().any(|it| is_within(inside, it.trim_end_matches('/')))
            || file.is_some_and(|file| is_within(file, inside))
    });
    let mut is_known = true;
    for (path, inside) in read {
        let path = match file.and_then(|file| file.strip_prefix(&**inside)) {
            Some(rest) => format!("{}/{}", path.trim_end_matches('/'), rest.trim_start_matches('/')),
            None => path.clone(),
        };
        let named = Named { path: path.trim_end_matches('/').to_owned(), by: Some(service) };
        if files.is_reported_missing(&named, checked) {
            return;
        }
        match files.certificate(&named, checked) {
            Some((_, bundle)) if bundle.certificates.iter().any(|it| is_trusted_by(leaf, it)) => return,
            Some(_) => {}
            // A directory, or a file that is not here.
            None => is_known = false,
        }
    }
    if is_known {
        let at = said(DIRECTORIES).or(said(FILE)).map_or(&service.at, |it| &it.at);
        checked.add(
            &rules::CERTIFICATE_NOT_TRUSTED,
            at,
            format!(
                "{} does not trust the registry's certificate, which is of an authority of your own",
                service.name
            ),
            format!(
                "mount that authority's certificate in a directory of its own, and name that in {DIRECTORIES}"
            ),
        );
    }
}
