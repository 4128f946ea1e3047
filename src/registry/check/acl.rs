//! The rights that docker_auth gives: the first entry of `acl` that matches counts.

use std::net::IpAddr;

use globset::GlobBuilder;
use regex::Regex;

use crate::finding::Effect;
use crate::source::{Pointer, Type, Value};
use crate::util::suggest::suggest;

use super::auth_config::AuthConfig;
use super::{CheckReport, FilePlace, rules};

/// The actions that clients ask for.
const ACTIONS: [&str; 4] = ["pull", "push", "delete", "*"];

/// What an entry matches, in docker_auth's notation: `/…/` is a regular expression, anything else a glob in which `*` stops
/// at a slash.
enum AclPattern {
    Regex(Regex),
    Glob(globset::GlobMatcher),
    /// It has a variable such as `${account}` in it, which is another text for each request.
    Variable,
}

/// An entry of the list.
struct AclEntry {
    account: Option<AclPattern>,
    kind: Option<AclPattern>,
    service: Option<AclPattern>,
    /// The pattern of the repositories that it is for; nothing for all.
    name: Option<String>,
    /// Whether it is for some addresses or labels only.
    is_of_some: bool,
    pushes: bool,
    pulls: bool,
}

impl AclPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Why it is none.
    fn parse(text: &str) -> Result<Self, String> {
        let inner =
            text.strip_prefix('/').and_then(|text| text.strip_suffix('/')).filter(|inner| !inner.is_empty());
        if text.contains("${") {
            return Ok(Self::Variable);
        }
        if let Some(inner) = inner {
            // The last line says what is wrong; the lines before quote the pattern.
            let why = |error: regex::Error| {
                let error = error.to_string();
                error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
            };
            return Regex::new(inner).map(Self::Regex).map_err(why);
        }
        // Braces mean nothing in docker_auth's globs.
        let escaped = text.replace('{', "[{]").replace('}', "[}]");
        let glob = GlobBuilder::new(&escaped).literal_separator(true).build();
        glob.map(|glob| Self::Glob(glob.compile_matcher())).map_err(|error| error.kind().to_string())
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Regex(regex) => regex.is_match(text),
            Self::Glob(glob) => glob.is_match(text),
            Self::Variable => true,
        }
    }
}

impl AclEntry {
    /// Reads an entry; faults become findings, and a pattern that is none matches nothing.
    fn read(
        entry: Value<'_>,
        place: impl Fn(&str, Value<'_>) -> FilePlace,
        checked: &mut CheckReport,
    ) -> Option<Self> {
        let conditions = entry.get("match");
        let mut is_sound = true;
        let mut pattern = |name: &str| {
            let value = conditions?.get(name)?;
            let text = value.as_str()?;
            match AclPattern::parse(&text) {
                Ok(pattern) => Some(pattern),
                Err(why) => {
                    is_sound = false;
                    let is_regex = text.starts_with('/');
                    let outcome = if is_regex {
                        "docker_auth does not start"
                    } else {
                        "docker_auth lets it match nothing"
                    };
                    checked.add(
                        &rules::ACL_PATTERN,
                        &place(name, value),
                        format!("{text:?} is no pattern ({why}): {outcome}"),
                        "write a glob such as \"team/*\", or a regular expression between slashes",
                    );
                    None
                }
            }
        };
        let (account, kind, service) = (pattern("account"), pattern("type"), pattern("service"));
        let _ = pattern("name");
        let has = |name: &str| conditions.is_some_and(|conditions| conditions.get(name).is_some());
        let is_of_some = ["ip", "labels"].iter().any(|name| has(name));
        let name = conditions.and_then(|conditions| conditions.get("name"));
        let name = name.map(|name| name.as_str().unwrap_or_default().into_owned());
        let actions = entry.get("actions");
        let actions = actions.iter().flat_map(Value::elements);
        // Beside others `*` is no more than an action of that name.
        let is_alone = actions.clone().count() == 1;
        let gives = |wanted: &str| actions.clone().any(|it| is_alone && it.is_str("*") || it.is_str(wanted));
        let (pushes, pulls) = (gives("push"), gives("pull"));
        is_sound.then_some(Self { account, kind, service, name, is_of_some, pushes, pulls })
    }

    /// Whether it is for some repositories, addresses or labels only.
    fn is_partial(&self) -> bool {
        self.name.is_some() || self.is_of_some
    }

    /// Whether it is for a repository when a user asks for it. What its other variables are is not known: it may be.
    fn may_be_of(&self, repository: &str, user: &str) -> bool {
        let pattern = self.name.as_ref().map(|name| AclPattern::parse(&name.replace("${account}", user)));
        pattern.is_none_or(|pattern| pattern.is_ok_and(|pattern| pattern.matches(repository)))
    }

    /// Whether it matches requests of a user for repositories of a registry.
    fn is_for(&self, user: &str, services: &[String]) -> bool {
        let fits =
            |pattern: &Option<AclPattern>, text: &str| pattern.as_ref().is_none_or(|it| it.matches(text));
        let is_service = services.is_empty() || services.iter().any(|service| fits(&self.service, service));
        fits(&self.account, user) && fits(&self.kind, "repository") && is_service
    }
}

/// An entry without conditions or with actions that are no list ends docker_auth at its start.
fn check_form(file: usize, at: &Pointer, entry: Value<'_>, checked: &mut CheckReport) {
    let place = |name: &str| match entry.member(name) {
        Some((_, value)) => FilePlace::of(file, at.key(name), &value),
        None => FilePlace::of(file, at.clone(), &entry),
    };
    let mut stops = |name: &str, message: &str, help: &str| {
        checked.add(&rules::TOKEN_SERVER_DOES_NOT_START, &place(name), message, help);
    };
    if entry.get("match").is_none_or(|conditions| conditions.kind() != Type::Object) {
        stops(
            "match",
            "an entry of the acl has no conditions: docker_auth does not start",
            "write match: {account: \"NAME\"}, or match: {} for everybody",
        );
    }
    if entry.get("actions").is_some_and(|actions| !matches!(actions.kind(), Type::Array | Type::Null)) {
        stops(
            "actions",
            "the actions of an entry are no list: docker_auth does not start",
            "write them in brackets, such as [\"pull\"]",
        );
    }
}

/// Actions that docker_auth does not know.
fn check_actions(file: usize, at: &Pointer, entry: Value<'_>, checked: &mut CheckReport) {
    let Some(actions) = entry.get("actions").filter(|actions| !actions.is_null()) else {
        checked.add(
            &rules::ACL_ACTION,
            &FilePlace::of(file, at.clone(), &entry),
            "an entry of the acl has no actions: docker_auth gives no answer to who matches it",
            "write actions: [\"pull\"], or [] for none",
        );
        return;
    };
    let count = actions.elements().count();
    for (index, action) in actions.elements().enumerate() {
        let text = action.as_str().unwrap_or_default();
        let place = FilePlace::of(file, at.key("actions").index(index), &action);
        if !ACTIONS.contains(&&*text) {
            let help = suggest(&text, ACTIONS).map_or_else(
                || format!("the actions are {}", ACTIONS.join(", ")),
                |it| format!("perhaps `{it}` is meant"),
            );
            checked.add(&rules::ACL_ACTION, &place, format!("no client asks for the action {text:?}"), help);
        } else if text == "*" && count > 1 {
            checked.add(
                &rules::ACL_ACTION,
                &place,
                "\"*\" means all actions only where it is alone: here it gives nothing",
                "leave out the others, or \"*\"",
            );
        }
    }
}

/// The variables that docker_auth has for a request. `${name:1}` is what the first group of the pattern for `name` has
/// matched, and `${labels:NAME}` a label of the user (`authz/acl.go`).
const VARIABLES: [&str; 4] = ["account", "type", "name", "service"];
/// What clients ask for access to.
const KINDS: [&str; 2] = ["repository", "registry"];

/// Addresses, variables and kinds that no request has.
fn check_conditions(
    entry: Value<'_>,
    place: impl Fn(&str, Value<'_>) -> FilePlace,
    checked: &mut CheckReport,
) {
    let Some(conditions) = entry.get("match") else { return };
    for (key, value) in conditions.members() {
        let (Some(name), Some(text)) = (key.as_str(), value.as_str()) else { continue };
        let at = place(&name, value);
        if name == "ip" {
            if !is_network(&text) {
                checked.add(
                    &rules::ACL_PATTERN,
                    &at,
                    format!("{text:?} is no address and no network: docker_auth does not start"),
                    "write an address such as 10.0.0.1, or a network such as 10.0.0.0/8",
                );
            }
            continue;
        }
        for variable in text.split("${").skip(1) {
            let variable = variable.split('}').next().unwrap_or_default();
            if is_variable(variable) {
                continue;
            }
            let help = suggest(variable, VARIABLES).map_or_else(
                || format!("the variables are {}", VARIABLES.join(", ")),
                |known| format!("perhaps ${{{known}}} is meant"),
            );
            checked.add_as(
                &rules::ACL_PATTERN,
                Effect::Ignored,
                &at,
                format!("docker_auth has no variable {variable:?}, and takes it as it is written: the entry matches nothing"),
                help,
            );
        }
        if name == "type" && is_plain(&text) && !KINDS.contains(&&*text) {
            let help = suggest(&text, KINDS).map_or_else(
                || format!("the kinds are {}", KINDS.join(", ")),
                |known| format!("write {known}"),
            );
            checked.add_as(
                &rules::ACL_PATTERN,
                Effect::Ignored,
                &at,
                format!("no client asks for access to a {text:?}: the entry is never used"),
                help,
            );
        }
    }
}

/// Whether a condition is a text that matches only itself.
fn is_plain(condition: &str) -> bool {
    !condition.starts_with('/') && !condition.contains(['*', '?', '[', '$', '\\'])
}

/// Whether docker_auth has a variable of this name.
fn is_variable(variable: &str) -> bool {
    match variable.split_once(':') {
        Some(("labels", _)) => true,
        Some((name, group)) => VARIABLES.contains(&name) && group.parse::<u32>().is_ok(),
        None => VARIABLES.contains(&variable),
    }
}

/// Whether a text is an address, or one with the length of its network.
fn is_network(text: &str) -> bool {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, it)| (address, Some(it)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| length.parse::<u8>().is_ok_and(|length| length <= most))
}

/// An entry without a condition that gives everybody more than pulls.
fn check_everybody(file: usize, at: &Pointer, entry: Value<'_>, checked: &mut CheckReport) {
    let Some(conditions) = entry.get("match").filter(|it| it.kind() == Type::Object) else { return };
    let actions = entry.get("actions");
    let mut actions = actions.iter().flat_map(Value::elements);
    if conditions.members().next().is_none()
        && actions.any(|action| ["*", "push", "delete"].iter().any(|it| action.is_str(it)))
    {
        checked.add(
            &rules::ACL_FOR_EVERYBODY,
            &FilePlace::of(file, at.key("match"), &conditions),
            "an entry without conditions gives every user more than pulls, of every repository",
            "name an account, or give [\"pull\"]",
        );
    }
}

/// An entry for a user who is not there.
fn check_account(
    config: &AuthConfig<'_>,
    entry: Value<'_>,
    place: impl Fn(&str, Value<'_>) -> FilePlace,
    checked: &mut CheckReport,
) {
    let Some(value) = entry.get("match").and_then(|conditions| conditions.get("account")) else { return };
    let Some(account) = value.as_str() else { return };
    let users = &config.users;
    if is_plain(&account)
        && config.has_users_only()
        && !users.is_empty()
        && !users.iter().any(|user| user.name == account)
    {
        let help = suggest(&account, users.iter().map(|user| &*user.name)).map_or_else(
            || "add the user, or remove the entry".to_owned(),
            |known| format!("perhaps `{known}` is meant"),
        );
        checked.add(
            &rules::ACL_WITHOUT_USER,
            &place("account", value),
            format!("there is no user {account:?}, so the entry is never used"),
            help,
        );
    }
}

/// What of these repositories a user may not pull, or of all where none is named, in words; nothing where it may pull each. An
/// entry for some addresses before the one that counts is no fault.
pub(super) fn not_pulled(
    config: &AuthConfig<'_>,
    user: &str,
    services: &[String],
    repositories: &[&str],
) -> Option<String> {
    let acl = config.at(&["acl"]);
    // What is wrong with an entry is told once.
    let mut told = CheckReport::default();
    let place = |name: &str, value: Value<'_>| FilePlace::of(config.file, Pointer::root().key(name), &value);
    let entries = acl.iter().flat_map(Value::elements);
    let entries = entries.filter_map(|entry| AclEntry::read(entry, place, &mut told));
    let entries: Vec<_> = entries.filter(|entry| !entry.is_of_some && entry.is_for(user, services)).collect();
    let pulls = |entry: Option<&AclEntry>| entry.is_some_and(|entry| entry.pulls);
    if repositories.is_empty() {
        let all = pulls(entries.iter().find(|entry| !entry.is_partial()));
        return (!all).then(|| "every image".to_owned());
    }
    let of = |repository: &str| entries.iter().find(|entry| entry.may_be_of(repository, user));
    let refused: Vec<&str> = repositories.iter().copied().filter(|it| !pulls(of(it))).collect();
    (!refused.is_empty()).then(|| refused.join(", "))
}

/// Checks the rights: that patterns are such, that an entry is for a service that is there, and that a user may push.
pub(super) fn check(
    config: &AuthConfig<'_>,
    services: &[String],
    is_mirror: bool,
    checked: &mut CheckReport,
) {
    let Some(acl) = config.at(&["acl"]) else { return };
    let at = |index: usize| Pointer::root().key("acl").index(index);
    let mut entries = Vec::new();
    for (index, entry) in acl.elements().enumerate() {
        let place = |name: &str, value: Value<'_>| {
            FilePlace::of(config.file, at(index).key("match").key(name), &value)
        };
        check_form(config.file, &at(index), entry, checked);
        check_actions(config.file, &at(index), entry, checked);
        check_conditions(entry, place, checked);
        check_everybody(config.file, &at(index), entry, checked);
        check_account(config, entry, place, checked);
        let Some(read) = AclEntry::read(entry, place, checked) else { continue };
        let named = entry.get("match").and_then(|conditions| conditions.get("service"));
        if let Some((pattern, value)) = read.service.as_ref().zip(named)
            && !services.is_empty()
            && !services.iter().any(|service| pattern.matches(service))
        {
            checked.add(
                &rules::SERVICE_DIFFERS,
                &place("service", value),
                format!("this entry is never used: REGISTRY_AUTH_TOKEN_SERVICE is {}", services.join(", ")),
                "name the service of the registry, or leave `service` out",
            );
        }
        entries.push(read);
    }
    if is_mirror || !config.has_users_only() {
        return;
    }
    let users = &config.users;
    let pushes = |user: &str| {
        for entry in entries.iter().filter(|entry| entry.is_for(user, services)) {
            if entry.pushes {
                return true;
            }
            if !entry.is_partial() {
                return false;
            }
        }
        false
    };
    if !users.is_empty() && !users.iter().any(|user| pushes(&user.name)) {
        checked.add(
            &rules::NO_PUSH_ALLOWED,
            &config.place(&["acl"]),
            "the acl lets none of the users push: the first entry that matches counts, and what none matches is refused",
            "add an entry such as {match: {account: \"admin\"}, actions: [\"*\"]} before the others",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SetupFile, auth_config};
    use super::*;

    /// The rules that the rights of users `admin` and `dev` break.
    fn broken(acl: &str) -> Vec<&'static str> {
        let text =
            format!("users: {{admin: {{password: x}}, dev: {{password: x}}}}\nserver: {{}}\nacl: {acl}\n");
        let file = SetupFile::read("auth_config.yml", text.as_bytes()).expect("YAML").expect("a part");
        let config = auth_config::read(0, &file).expect("a configuration");
        let mut checked = CheckReport::default();
        check(&config, &["registry".to_owned()], false, &mut checked);
        checked.findings.values().flatten().map(|rated| rated.finding.rule.slug).collect()
    }

    #[test]
    fn the_first_entry_that_matches_counts() {
        let pushes = [
            "[{match: {account: admin}, actions: ['*']}]",
            "[{match: {account: '/.+/', name: '${account}/*'}, actions: [push, pull]}]",
            "[{match: {name: 'base/*'}, actions: [pull]}, {match: {account: dev}, actions: [push]}]",
            "[{match: {account: 'a*', type: repository}, actions: [push]}]",
            "[{match: {account: dev, service: registry}, actions: ['*']}]",
        ];
        for acl in pushes {
            assert_eq!(broken(acl), [""; 0], "{acl}");
        }
        let not = [
            "[]",
            "[{match: {account: '/^nobody/'}, actions: ['*']}]",
            "[{match: {}, actions: [pull]}, {match: {account: admin}, actions: ['*']}]",
            "[{match: {account: admin, type: registry}, actions: ['*']}]",
            "[{match: {account: '/^x/'}, actions: [push]}]",
        ];
        for acl in not {
            assert_eq!(broken(acl), [rules::NO_PUSH_ALLOWED.slug], "{acl}");
        }
        for (name, is_known) in [
            ("account", true),
            ("name:1", true),
            ("labels:team", true),
            ("ip", false),
            ("name:x", false),
            ("user", false),
        ] {
            let acl = format!(
                "[{{match: {{account: admin}}, actions: ['*']}}, {{match: {{name: '${{{name}}}/*'}}, actions: [pull]}}]"
            );
            assert_eq!(broken(&acl).contains(&rules::ACL_PATTERN.slug), !is_known, "{name}");
        }
        assert_eq!(
            broken(
                "[{match: {account: admin, service: other}, actions: ['*']}, {match: {account: dev}, actions: ['*']}]"
            ),
            [rules::SERVICE_DIFFERS.slug]
        );
        let odd = [
            ("[{actions: ['*']}]", rules::TOKEN_SERVER_DOES_NOT_START.slug),
            ("[{match: , actions: ['*']}]", rules::TOKEN_SERVER_DOES_NOT_START.slug),
            ("[{match: {}, actions: '*'}]", rules::TOKEN_SERVER_DOES_NOT_START.slug),
            ("[{match: {account: dev}}]", rules::ACL_ACTION.slug),
            ("[{match: {account: dev}, actions: [pul, push]}]", rules::ACL_ACTION.slug),
            ("[{match: {account: dev}, actions: ['*', pull]}]", rules::ACL_ACTION.slug),
            ("[{match: {account: dve}, actions: ['*']}]", rules::ACL_WITHOUT_USER.slug),
        ];
        for (acl, rule) in odd {
            assert!(broken(acl).contains(&rule), "{acl}");
        }
        assert_eq!(
            broken("[{match: {account: '/(/'}, actions: ['*']}, {match: {account: '/a/'}, actions: ['*']}]"),
            [rules::ACL_PATTERN.slug]
        );
    }
}
