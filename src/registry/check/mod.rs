//! Whether the parts of a registry with authentication agree: its definition (for Marathon or Docker Compose), the
//! configuration of its token server, its users, certificates and keys.
//!
//! [`files`] tells which file is which part, [`service`] what definitions say ([`marathon`] and [`compose`] read them),
//! [`auth_config`] and [`acl`] what docker_auth makes of its configuration. [`alone`] and [`runs`] check each registry and
//! token server, [`agreement`] what has to agree across files, and [`askers`] the services beside them that ask the registry.

mod acl;
mod agreement;
mod alone;
mod askers;
mod auth_config;
mod certificates;
mod compose;
mod files;
mod inner;
mod marathon;
mod rules;
mod running;
mod runs;
mod service;
mod settings;
mod sorts;

use std::collections::BTreeMap;
use std::ops::Range;

use time::OffsetDateTime;

use crate::finding::{Effect, Finding, RatedFinding, Rule};
use crate::registry::settings::{is_secret, is_unfilled};
use crate::source::{Pointer, Value};

pub(crate) use files::{FileRole, SetupFile};
pub(crate) use rules::RULES;

use service::CheckedService;

/// What was found, and what could not be checked.
#[derive(Debug, Default)]
pub(crate) struct CheckReport {
    /// The findings, by the index of their file.
    pub findings: BTreeMap<usize, Vec<RatedFinding>>,
    /// What was not checked, and what would be needed for it.
    pub not_checked: Vec<String>,
}

/// A place in one of the files.
#[derive(Clone, Debug)]
struct FilePlace {
    file: usize,
    pointer: Pointer,
    range: Range<usize>,
}

impl FilePlace {
    fn of(file: usize, pointer: Pointer, value: &Value<'_>) -> Self {
        Self { file, pointer, range: value.range() }
    }

    /// The beginning of a file.
    fn start(file: usize) -> Self {
        Self { file, pointer: Pointer::root(), range: 0..0 }
    }
}

/// A text with its place.
#[derive(Clone, Debug)]
struct PlacedText {
    text: String,
    at: FilePlace,
}

impl PlacedText {
    /// Whether Docker Compose or a template puts something in, which is not known.
    fn is_unfilled(&self) -> bool {
        is_unfilled(&self.text)
    }

    /// Whether it stands for a secret of Marathon's store.
    fn is_secret(&self) -> bool {
        is_secret(&self.text)
    }
}

impl CheckReport {
    fn add(
        &mut self,
        rule: &'static Rule,
        at: &FilePlace,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add_as(rule, rule.effect, at, message, help);
    }

    fn add_as(
        &mut self,
        rule: &'static Rule,
        effect: Effect,
        at: &FilePlace,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let finding = Finding {
            rule,
            effect,
            pointer: at.pointer.clone(),
            message: message.into(),
            help: Some(help.into().into()),
            range: at.range.clone(),
            answer: None,
            refusal: None,
            fix: None,
        };
        let findings = self.findings.entry(at.file).or_default();
        // Two services may be told the same of one file.
        if !findings.iter().any(|known| known.finding == finding) {
            findings.push(finding.into());
        }
    }

    fn not_checked(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.not_checked.contains(&what) {
            self.not_checked.push(what);
        }
    }
}

/// Checks the parts, each alone and against each other. `is_missing` tells of a path whether its directory is on this machine,
/// and the file is not.
#[must_use]
pub(crate) fn check(
    files: &[SetupFile],
    is_missing: &dyn Fn(&str) -> bool,
    now: OffsetDateTime,
) -> CheckReport {
    let mut checked = CheckReport::default();
    let services: Vec<CheckedService> =
        files.iter().enumerate().flat_map(|(index, file)| service::services(index, file)).collect();
    let registries: Vec<&CheckedService> = services.iter().filter(|service| service.is_registry()).collect();
    let servers: Vec<&CheckedService> = services.iter().filter(|service| service.is_token_server()).collect();
    for registry in &registries {
        alone::check(registry, &mut checked);
        runs::check_registry(registry, &mut checked);
    }
    let configs = files.iter().enumerate().filter_map(|(index, file)| auth_config::read(index, file));
    let configs: Vec<auth_config::AuthConfig<'_>> = configs.collect();
    let names: Vec<String> = registries.iter().filter_map(|it| it.text("AUTH_TOKEN_SERVICE")).collect();
    let is_mirror =
        !registries.is_empty() && registries.iter().all(|it| it.env.contains_key("PROXY_REMOTEURL"));
    for config in &configs {
        config.check(&mut checked);
        acl::check(config, &names, is_mirror, &mut checked);
    }
    for server in &servers {
        let config = runs::config_of(server, files, is_missing, &mut checked);
        if let Some(config) = config.and_then(|index| configs.iter().find(|config| config.file == index)) {
            runs::check_server(server, config, &mut checked);
        }
    }
    for (index, file) in files.iter().enumerate() {
        if let FileRole::Users(users) = &file.part {
            auth_config::check_users(&users.users(), |_| FilePlace::start(index), &mut checked);
            if users.users().is_empty() {
                auth_config::nobody_signs_in(&FilePlace::start(index), &mut checked);
            }
            if let Some(fault) = users.fault() {
                let help = "write NAME:HASH, or # before a comment";
                checked.add(&rules::USER_LINE, &FilePlace::start(index), fault.to_string(), help);
            }
        }
    }
    running::check(&registries, &servers, &mut checked);
    running::check_addresses(files, &services, &mut checked);
    inner::check(&services, &mut checked);
    sorts::check(files, &services, &configs, &mut checked);
    agreement::check(&registries, &servers, &configs, &mut checked);
    askers::check(files, &services, &configs, &mut checked);
    certificates::check(files, is_missing, &services, &configs, now, &mut checked);
    for findings in checked.findings.values_mut() {
        findings.sort_by_key(|rated| rated.finding.range.start);
    }
    checked
}
