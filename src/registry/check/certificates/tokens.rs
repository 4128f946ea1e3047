//! What tokens are signed with: certificates whose keys token server and registry take, and the root bundle.

use crate::registry::app::version::RegistryVersion;
use crate::registry::cert::explain::{has_rsa_key, has_token_key, key_kind};
use crate::registry::cert::{Bundle, Certificate};

use super::super::auth_config::AuthConfig;
use super::super::service::CheckedService;
use super::super::{CheckReport, FilePlace, rules};
use super::{Files, outside};

/// The root bundle of a registry.
struct RootBundle<'a> {
    at: &'a FilePlace,
    path: String,
    bundle: &'a Bundle,
}

/// Checks the certificates of token servers, and the root bundles of registries.
pub(super) fn check(
    files: &Files<'_>,
    registries: &[&CheckedService],
    servers: &[&CheckedService],
    configs: &[AuthConfig<'_>],
    checked: &mut CheckReport,
) {
    for config in configs {
        for section in ["server", "token"] {
            server_key(files, (config, section), servers, checked);
        }
    }
    for registry in registries {
        let Some(roots) = root_bundle(files, registry, checked) else { continue };
        root_keys(registry, &roots, checked);
        for config in configs {
            bundle(files, (registry, &roots), servers, config, checked);
        }
    }
}

fn root_bundle<'a>(
    files: &Files<'a>,
    registry: &'a CheckedService,
    checked: &mut CheckReport,
) -> Option<RootBundle<'a>> {
    let (at, inside) = registry.placed("AUTH_TOKEN_ROOTCERTBUNDLE")?;
    let named = outside(&[registry], inside);
    if files.is_reported_missing(&named, checked) {
        return None;
    }
    let Some((_, bundle)) = files.certificate(&named, checked) else {
        checked.not_checked(format!("the root bundle {} (it is not among the files)", named.path));
        return None;
    };
    Some(RootBundle { at, path: named.path, bundle })
}

/// docker_auth takes each of its certificates for one that tokens may be signed with, and ends where it cannot be.
fn server_key(
    files: &Files<'_>,
    (config, section): (&AuthConfig<'_>, &str),
    servers: &[&CheckedService],
    checked: &mut CheckReport,
) {
    let Some(inside) = config.text(&[section, "certificate"]) else { return };
    let named = outside(servers, inside);
    let Some((_, bundle)) = files.certificate(&named, checked) else { return };
    let Some(leaf) = bundle.certificates.first().filter(|leaf| !has_token_key(leaf)) else { return };
    checked.add(
        &rules::KEY_NOT_FOR_TOKENS,
        &config.place(&[section, "certificate"]),
        format!(
            "docker_auth cannot sign with the key of {} ({}), and does not start",
            named.path,
            key_kind(leaf)
        ),
        HELP,
    );
}

/// Registry 2 ends at a certificate in its bundle whose key it does not know; registry 3 passes over it.
fn root_keys(registry: &CheckedService, roots: &RootBundle<'_>, checked: &mut CheckReport) {
    let odd = roots.bundle.certificates.iter().find(|certificate| !has_token_key(certificate));
    let Some(odd) = odd.filter(|_| registry.version() != Some(RegistryVersion::Three)) else { return };
    checked.add(
        &rules::KEY_NOT_FOR_TOKENS,
        roots.at,
        format!(
            "the root bundle {} has a certificate with a key of another kind than RSA and ECDSA ({}): registry 2 does not start",
            roots.path,
            key_kind(odd)
        ),
        HELP,
    );
}

/// What to do.
const HELP: &str = "make it again with an RSA key: milepost registry cert makes one";

/// The certificate that tokens are signed with is in the registry's root bundle.
fn bundle(
    files: &Files<'_>,
    (registry, roots): (&CheckedService, &RootBundle<'_>),
    servers: &[&CheckedService],
    config: &AuthConfig<'_>,
    checked: &mut CheckReport,
) {
    let RootBundle { at, path, bundle: roots } = roots;
    let Some(signer) = config.signer().map(|inside| outside(servers, inside)) else { return };
    let Some((_, bundle)) = files.certificate(&signer, checked) else {
        checked.not_checked(format!("the certificate {} (it is not among the files)", signer.path));
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
            format!("put {} itself into it", signer.path),
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
