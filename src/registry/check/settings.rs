//! What a registry makes of its own variables: those it knows, and those that nothing reads.

use crate::finding::Rule;
use crate::registry::app::version::RegistryVersion;
use crate::registry::settings::{NamedSetting, PREFIX, SettingProblem, all_names, named};
use crate::util::suggest::suggest;

use super::service::CheckedService;
use super::{CheckReport, rules};

/// The rule of a fault that definitions are not written with either.
fn rule_of(problem: SettingProblem) -> &'static Rule {
    match problem {
        SettingProblem::TwoKinds => &rules::TWO_KINDS,
        SettingProblem::Driver => &rules::STORAGE_DRIVER,
        SettingProblem::Missing => &rules::SETTING_MISSING,
        SettingProblem::OutsideSection => &rules::SETTING_OUTSIDE_SECTION,
        SettingProblem::ImagesOutside => &rules::IMAGES_OUTSIDE_VOLUME,
        SettingProblem::BesideProxy => &rules::SETTING_BESIDE_PROXY,
        SettingProblem::PortTwice => &rules::PORT_TWICE,
        SettingProblem::Nowhere => &rules::LISTENS_NOWHERE,
        SettingProblem::Value => &rules::SETTING_VALUE,
        SettingProblem::Unread => &rules::UNKNOWN_REGISTRY_SETTING,
    }
}

/// Checks the variables of a registry, and the kind of authentication that is for tests.
pub(super) fn check(registry: &CheckedService, checked: &mut CheckReport) {
    let names = all_names(registry.version());
    for (name, setting) in &registry.env {
        if let Some((message, help)) = unknown(name, registry.version(), &names) {
            checked.add(&rules::UNKNOWN_REGISTRY_SETTING, &setting.at, message, help);
        }
    }
    for fault in registry.given_settings().faults() {
        let at = fault.settings.first().map_or(&registry.at, |name| registry.place_of(name));
        checked.add(rule_of(fault.problem), at, fault.message, fault.help);
    }
    if registry.authentication() == "silly" {
        checked.add(
            &rules::AUTHENTICATION_FOR_TESTS,
            registry.place_of("AUTH"),
            "REGISTRY_AUTH=silly lets in whoever sends any credentials, right or wrong",
            "write htpasswd or token",
        );
    }
    let is_redirected = registry.env.get("AUTH_TOKEN_AUTOREDIRECT").filter(|it| it.text.trim() == "true");
    if let Some(setting) = is_redirected.filter(|_| registry.authentication() == "token") {
        checked.add(
            &rules::REALM_UNUSED,
            &setting.at,
            "the registry ignores REGISTRY_AUTH_TOKEN_REALM, and sends clients for tokens to its own address, where it answers 404 itself",
            "remove it, unless a proxy before the registry leads to the token server",
        );
    }
}

/// Why the registry takes no notice of a variable, and what to do.
fn unknown(
    name: &str,
    version: Option<RegistryVersion>,
    names: &[(String, String)],
) -> Option<(String, String)> {
    let found = named(name, version);
    if name == "CONFIGURATION_PATH" || matches!(found, NamedSetting::Known(_)) {
        return None;
    }
    let is_like = |like: &str| names.iter().find(|(known, _)| known == like);
    let like = is_like(name).or_else(|| is_like(suggest(name, names.iter().map(|(like, _)| like.as_str()))?));
    let like = like.map(|(_, known)| format!("perhaps {PREFIX}{known} is meant"));
    let message = match &found {
        NamedSetting::OfVersion(RegistryVersion::Two) => {
            format!("{PREFIX}{name} is a setting of registry 2 only: registry 3 takes no notice of it")
        }
        NamedSetting::OfVersion(RegistryVersion::Three) => {
            format!("{PREFIX}{name} is a setting of registry 3 only: registry 2 takes no notice of it")
        }
        NamedSetting::Unknown | NamedSetting::Foreign | NamedSetting::Beyond => {
            format!("{PREFIX}{name} is no setting of the registry, which takes no notice of it")
        }
        // They are among the faults.
        NamedSetting::OfList(_) | NamedSetting::NoNumber | NamedSetting::Known(_) => return None,
    };
    // Scripts in an image may have variables of their own.
    let help =
        if matches!(found, NamedSetting::Foreign) { like? } else { like.unwrap_or("remove it".to_owned()) };
    Some((message, help))
}
