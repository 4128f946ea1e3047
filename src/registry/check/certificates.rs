//! Certificates and keys of registry, token server and web page: each one as clients check it. What tokens are signed with, and
//! the root bundle, are in [`tokens`], and what other services trust in [`trusted`].

mod tokens;
mod trusted;

use time::OffsetDateTime;

use crate::registry::app::naming::Address;
use crate::registry::cert::{
    self, Bundle, CertCheckOptions, Certificate, PrivateKey, SubjectName, TextFault,
};

use super::askers::{self, RegistryAsker, askers};
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
    /// in common with it. Beside a file for Docker Compose it is the one at that path.
    fn like<T>(&self, named: &Named<'_>, pick: impl Fn(&'a FileRole) -> Option<T>) -> Option<(usize, T)> {
        let files = self.files.iter().enumerate();
        let is_whole = self.is_beside(named);
        let found = files.filter_map(|(index, file)| {
            let likeness = file.likeness(&named.path);
            let part = pick(&file.part).filter(|_| likeness > 0 && (!is_whole || file.is_at(&named.path)))?;
            Some((likeness, index, part))
        });
        found
            .max_by_key(|(likeness, index, _)| (*likeness, usize::MAX - index))
            .map(|(_, index, part)| (index, part))
    }

    /// Whether a path is one beside a file for Docker Compose.
    fn is_beside(&self, Named { path, by }: &Named<'_>) -> bool {
        // A path without a dot before it is the name of a volume, or one of another machine.
        path.starts_with('.')
            && by.is_some_and(|by| matches!(self.files[by.at.file].part, FileRole::Compose(_)))
    }

    fn certificate(&self, named: &Named<'_>, checked: &mut CheckReport) -> Option<(usize, &'a Bundle)> {
        let found = self.like(named, |part| match part {
            FileRole::Certificates(bundle) => Some(bundle),
            _ => None,
        });
        found.inspect(|(index, _)| self.tell_likeness(*index, named, checked))
    }

    fn key(
        &self,
        named: &Named<'_>,
        checked: &mut CheckReport,
    ) -> Option<(&'a PrivateKey, Option<TextFault>)> {
        let found = self.like(named, |part| match part {
            FileRole::Key(key, fault) => Some((key, *fault)),
            _ => None,
        });
        found.inspect(|(index, _)| self.tell_likeness(*index, named, checked)).map(|(_, key)| key)
    }

    /// Tells that what is checked may be another file than the one that a container sees.
    fn tell_likeness(&self, index: usize, named: &Named<'_>, checked: &mut CheckReport) {
        if named.by.is_some() {
            self.files[index].tell_likeness(&named.path, checked);
        }
    }

    /// Reports a file that a definition for Docker Compose wants beside it, and that is not there.
    fn is_reported_missing(&self, named: &Named<'_>, checked: &mut CheckReport) -> bool {
        let Named { path, by } = named;
        let Some(service) = by.filter(|_| self.is_beside(named)) else { return false };
        let definition = &self.files[service.at.file].name;
        let directory =
            definition.rsplit_once(['/', std::path::MAIN_SEPARATOR]).map_or(".", |(directory, _)| directory);
        let is_missing = (self.is_missing)(&format!("{directory}/{path}"));
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
    services: &[CheckedService],
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
    let registries: &[&CheckedService] = &services.iter().filter(|it| it.is_registry()).collect::<Vec<_>>();
    let servers: &[&CheckedService] = &services.iter().filter(|it| it.is_token_server()).collect::<Vec<_>>();
    let askers = askers(services);
    let mut asked: Vec<CertificateUse<'_>> =
        registries.iter().filter_map(|registry| of_registry(registry, &askers)).collect();
    asked.extend(askers.iter().filter_map(|asker| of_web_page(asker.service)));
    let realms: Vec<String> =
        registries.iter().filter_map(|registry| registry.text("AUTH_TOKEN_REALM")).collect();
    asked.extend(configs.iter().filter_map(|config| of_server(config, servers, &realms)));
    for asked in &asked {
        check_one(&found, asked, &authorities, now, checked);
    }
    tokens::check(&found, registries, servers, configs, checked);
    trusted::check(&found, &askers, registries, checked);
}

fn hosts(service: &CheckedService) -> impl Iterator<Item = String> {
    service.addresses.own.iter().map(|address| address.host.clone())
}

fn of_registry<'a>(registry: &'a CheckedService, askers: &[RegistryAsker<'_>]) -> Option<CertificateUse<'a>> {
    let path = |name: &str| Some(outside(&[registry], registry.text(name)?));
    let beside =
        askers.iter().filter(|asker| asker.service.at.file == registry.at.file && !asker.is_careless());
    let is_proxied =
        |asked: &Address| registry.addresses.proxied.iter().any(|known| known.host == asked.host);
    let asked =
        beside.flat_map(RegistryAsker::asks).filter(|(_, is_tls, _)| *is_tls).map(|(asked, ..)| asked);
    Some(CertificateUse {
        certificate: path("HTTP_TLS_CERTIFICATE")?,
        key: path("HTTP_TLS_KEY"),
        hosts: hosts(registry)
            .chain(asked.filter(|asked| !is_proxied(asked)).map(|asked| asked.host))
            .collect(),
    })
}

/// The certificate of a web page, which is as a rule that of the registry.
fn of_web_page(service: &CheckedService) -> Option<CertificateUse<'_>> {
    let path = |name: &str| Some(outside(&[service], service.said(name)?.text.clone()));
    service.said(askers::URL)?;
    Some(CertificateUse {
        certificate: path("SSL_CERT_PATH")?,
        key: path("SSL_KEY_PATH"),
        hosts: hosts(service).collect(),
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
    let Some((file, bundle)) = files.certificate(&asked.certificate, checked) else {
        checked.not_checked(format!("the certificate {path} (it is not among the files)"));
        return;
    };
    let key = wanted_key.and_then(|named| files.key(named, checked));
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
