//! Certificates and keys of registry and token server: each one as clients check it, and the root bundle.

use time::OffsetDateTime;

use crate::registry::app::naming::Address;
use crate::registry::app::version::RegistryVersion;
use crate::registry::cert::explain::has_rsa_key;
use crate::registry::cert::{
    self, Bundle, CertCheckOptions, Certificate, PrivateKey, SubjectName, TextFault,
};

use super::auth_config::AuthConfig;
use super::service::CheckedService;
use super::{CheckReport, FilePlace, FileRole, SetupFile, rules};

/// A certificate to check, and what it is for.
struct CertificateUse<'a> {
    certificate: Named<'a>,
    key: Option<Named<'a>>,
    /// The hosts that it has to be for.
    hosts: Vec<String>,
}

/// A path outside of the container, and the service whose definition names it.
struct Named<'a> {
    path: String,
    by: Option<&'a CheckedService>,
}

/// The files that are certificates and keys.
struct Files<'a> {
    files: &'a [SetupFile],
    /// Whether a file of this machine is missing in a directory that is there.
    is_missing: &'a dyn Fn(&str) -> bool,
}

impl<'a> Files<'a> {
    /// The file that a path is likely to be: of those of the sort that `pick` picks, the one whose path has the most parts
    /// in common with it.
    fn like<T>(&self, path: &str, pick: impl Fn(&'a FileRole) -> Option<T>) -> Option<(usize, T)> {
        let files = self.files.iter().enumerate();
        let found = files.filter_map(|(index, file)| {
            let likeness = file.likeness(path);
            let part = pick(&file.part).filter(|_| likeness > 0)?;
            Some((likeness, index, part))
        });
        found
            .max_by_key(|(likeness, index, _)| (*likeness, usize::MAX - index))
            .map(|(_, index, part)| (index, part))
    }

    fn certificate(&self, path: &str) -> Option<(usize, &'a Bundle)> {
        self.like(path, |part| match part {
            FileRole::Certificates(bundle) => Some(bundle),
            _ => None,
        })
    }

    fn key(&self, path: &str) -> Option<(&'a PrivateKey, Option<TextFault>)> {
        let found = self.like(path, |part| match part {
            FileRole::Key(key, fault) => Some((key, *fault)),
            _ => None,
        });
        found.map(|(_, key)| key)
    }

    /// Reports a file that a definition for Docker Compose wants beside it, and that is not there.
    fn is_reported_missing(&self, Named { path, by }: &Named<'_>, checked: &mut CheckReport) -> bool {
        let Some(service) =
            by.filter(|service| matches!(self.files[service.at.file].part, FileRole::Compose(_)))
        else {
            return false;
        };
        let definition = &self.files[service.at.file].name;
        let directory =
            definition.rsplit_once(['/', std::path::MAIN_SEPARATOR]).map_or(".", |(directory, _)| directory);
        // A path without a dot before it is the name of a volume.
        let is_missing = path.starts_with('.') && (self.is_missing)(&format!("{directory}/{path}"));
        if is_missing {
            checked.add(
                &rules::FILE_NOT_THERE,
                &service.at,
                format!("{path} is not there: what needs it does not start"),
                "put the file there, or write the path of the one that is meant",
            );
        }
        is_missing
    }

    /// The authorities among the files.
    fn authorities(&self) -> Vec<Certificate> {
        let bundles = self.files.iter().filter_map(|file| match &file.part {
            FileRole::Certificates(bundle) => Some(bundle),
            _ => None,
        });
        bundles.flat_map(|bundle| &bundle.certificates).filter(|it| it.is_authority()).cloned().collect()
    }
}

pub(super) fn check(
    files: &[SetupFile],
    is_missing: &dyn Fn(&str) -> bool,
    registries: &[&CheckedService],
    servers: &[&CheckedService],
    configs: &[AuthConfig<'_>],
    now: OffsetDateTime,
    checked: &mut CheckReport,
) {
    let found = Files { files, is_missing };
    for (index, file) in files.iter().enumerate() {
        if let FileRole::Broken(why) = &file.part {
            let help = "give the PEM text of a certificate or a key";
            checked.add(
                &rules::UNREADABLE_PEM,
                &FilePlace::start(index),
                format!("it cannot be read: {why}"),
                help,
            );
        }
    }
    let authorities = found.authorities();
    let mut asked: Vec<CertificateUse<'_>> =
        registries.iter().filter_map(|registry| of_registry(registry)).collect();
    let realms: Vec<String> =
        registries.iter().filter_map(|registry| registry.text("AUTH_TOKEN_REALM")).collect();
    asked.extend(configs.iter().filter_map(|config| of_server(config, servers, &realms)));
    for asked in &asked {
        check_one(&found, asked, &authorities, now, checked);
    }
    for registry in registries {
        for config in configs {
            bundle(&found, registry, servers, config, checked);
        }
    }
}

fn hosts(service: &CheckedService) -> impl Iterator<Item = String> {
    service.addresses.own.iter().map(|address| address.host.clone())
}

fn of_registry(registry: &CheckedService) -> Option<CertificateUse<'_>> {
    let path = |name: &str| Some(outside(&[registry], registry.text(name)?));
    Some(CertificateUse {
        certificate: path("HTTP_TLS_CERTIFICATE")?,
        key: path("HTTP_TLS_KEY"),
        hosts: hosts(registry).collect(),
    })
}

/// The path outside of the container of a file of one of these services.
fn outside<'a>(services: &[&'a CheckedService], inside: String) -> Named<'a> {
    let found = services.iter().find_map(|service| Some((service.outside(&inside)?, *service)));
    let (path, by) = found.unzip();
    Named { path: path.unwrap_or(inside), by }
}

fn of_server<'a>(
    config: &AuthConfig<'_>,
    servers: &[&'a CheckedService],
    realms: &[String],
) -> Option<CertificateUse<'a>> {
    let path = |name: &str| Some(outside(servers, config.text(&["server", name])?));
    let own = servers.iter().copied().flat_map(hosts);
    let proxied: Vec<&Address> = servers.iter().flat_map(|server| &server.addresses.proxied).collect();
    let is_proxied = |realm: &str| {
        let host = SubjectName::of_address(realm).map(|name| name.to_string());
        host.is_ok_and(|host| proxied.iter().any(|address| address.host == host))
    };
    Some(CertificateUse {
        certificate: path("certificate")?,
        key: path("key"),
        hosts: realms.iter().filter(|realm| !is_proxied(realm)).cloned().chain(own).collect(),
    })
}

/// Checks a certificate as `registry cert --check` does.
fn check_one(
    files: &Files<'_>,
    asked: &CertificateUse<'_>,
    authorities: &[Certificate],
    now: OffsetDateTime,
    checked: &mut CheckReport,
) {
    let wanted_key = asked.key.as_ref().filter(|key| !files.is_reported_missing(key, checked));
    if files.is_reported_missing(&asked.certificate, checked) {
        return;
    }
    let path = &asked.certificate.path;
    let Some((file, bundle)) = files.certificate(path) else {
        checked.not_checked(format!("the certificate {path} (it is not among the files)"));
        return;
    };
    let key = wanted_key.and_then(|named| files.key(&named.path));
    if let Some(Named { path, .. }) = wanted_key.filter(|_| key.is_none()) {
        checked.not_checked(format!("the key {path} (it is not among the files)"));
    }
    let names: Vec<SubjectName> =
        asked.hosts.iter().filter_map(|host| SubjectName::of_address(host).ok()).collect();
    let is_self_signed = bundle.certificates.first().is_some_and(Certificate::is_self_issued);
    let options = CertCheckOptions {
        names: &names,
        key: key.map(|(key, _)| key),
        // A self-signed one is what clients trust.
        authorities: Some(authorities).filter(|authorities| !authorities.is_empty() && !is_self_signed),
        text_faults: [key.and_then(|(_, fault)| fault), None],
        now,
    };
    for finding in cert::check(bundle, &options) {
        checked.add(finding.rule, &FilePlace::start(file), finding.message, finding.help);
    }
}

/// The certificate that tokens are signed with is in the registry's root bundle.
fn bundle(
    files: &Files<'_>,
    registry: &CheckedService,
    servers: &[&CheckedService],
    config: &AuthConfig<'_>,
    checked: &mut CheckReport,
) {
    let Some((at, inside)) = registry.placed("AUTH_TOKEN_ROOTCERTBUNDLE") else { return };
    let named = outside(&[registry], inside);
    if files.is_reported_missing(&named, checked) {
        return;
    }
    let path = named.path;
    let Some((_, roots)) = files.certificate(&path) else {
        checked.not_checked(format!("the root bundle {path} (it is not among the files)"));
        return;
    };
    let Some(signer) = config.signer().map(|inside| outside(servers, inside).path) else { return };
    let Some((_, bundle)) = files.certificate(&signer) else {
        checked.not_checked(format!("the certificate {signer} (it is not among the files)"));
        return;
    };
    let Some(leaf) = bundle.certificates.first() else { return };
    if !roots.certificates.contains(leaf) {
        let is_signed = |root: &Certificate| root.subject() == leaf.issuer();
        let what = if roots.certificates.iter().any(is_signed) {
            "it has only the certificate of its authority"
        } else {
            "it has other certificates"
        };
        checked.add(
            &rules::BUNDLE_WITHOUT_SIGNER,
            at,
            format!("the root bundle {path} lacks the certificate that the token server signs with ({what}): the registry takes no token"),
            format!("put {signer} itself into it"),
        );
    }
    if registry.version() == Some(RegistryVersion::Three) && !has_rsa_key(leaf) {
        checked.add(
            &rules::SIGNING_KEY_NOT_RSA,
            at,
            "registry 3 cannot tell the token server's key, which is not an RSA key, from others of its kind",
            "sign with an RSA key: milepost registry cert makes one",
        );
    }
}
