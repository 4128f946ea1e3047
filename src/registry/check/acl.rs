//! The rights that docker_auth gives: the first entry of `acl` that matches counts.

use globset::GlobBuilder;
use regex::Regex;

use crate::source::{Pointer, Value};

use super::auth_config::AuthConfig;
use super::{Checked, Place, rules};

/// What an entry matches, in docker_auth's notation: `/…/` is a regular expression, anything else a glob in which `*` stops
/// at a slash.
enum Pattern {
    Regex(Regex),
    Glob(globset::GlobMatcher),
    /// It has a variable such as `${account}` in it, which is another text for each request.
    Variable,
}

/// An entry of the list.
struct Entry {
    account: Option<Pattern>,
    kind: Option<Pattern>,
    service: Option<Pattern>,
    /// Whether it is for some repositories or addresses only.
    is_partial: bool,
    pushes: bool,
}

impl Pattern {
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

impl Entry {
    /// Reads an entry; faults become findings, and a pattern that is none matches nothing.
    fn read(
        entry: Value<'_>,
        place: impl Fn(&str, Value<'_>) -> Place,
        checked: &mut Checked,
    ) -> Option<Self> {
        let conditions = entry.get("match");
        let mut is_sound = true;
        let mut pattern = |name: &str| {
            let value = conditions?.get(name)?;
            let text = value.as_str()?;
            match Pattern::parse(&text) {
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
        let is_partial = ["name", "ip", "labels", "email", "team"].iter().any(|name| has(name));
        let actions = entry.get("actions");
        let mut actions = actions.iter().flat_map(Value::elements);
        let pushes = actions.any(|action| action.is_str("*") || action.is_str("push"));
        is_sound.then_some(Self { account, kind, service, is_partial, pushes })
    }

    /// Whether it matches requests of a user for repositories of a registry.
    fn is_for(&self, user: &str, services: &[String]) -> bool {
        let fits = |pattern: &Option<Pattern>, text: &str| pattern.as_ref().is_none_or(|it| it.matches(text));
        let is_service = services.is_empty() || services.iter().any(|service| fits(&self.service, service));
        fits(&self.account, user) && fits(&self.kind, "repository") && is_service
    }
}

/// Checks the rights: that patterns are such, that an entry is for a service that is there, and that a user may push.
pub(super) fn check(config: &AuthConfig<'_>, services: &[String], is_mirror: bool, checked: &mut Checked) {
    let Some(acl) = config.at(&["acl"]) else { return };
    let at = |index: usize| Pointer::root().key("acl").index(index);
    let mut entries = Vec::new();
    for (index, entry) in acl.elements().enumerate() {
        let place =
            |name: &str, value: Value<'_>| Place::of(config.file, at(index).key("match").key(name), &value);
        let Some(read) = Entry::read(entry, place, checked) else { continue };
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
            if !entry.is_partial {
                return false;
            }
        }
        false
    };
    if !users.is_empty() && !users.iter().any(|user| pushes(&user.name)) {
        checked.add(
            &rules::NOBODY_PUSHES,
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
        let mut checked = Checked::default();
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
            "[{match: {account: nobody}, actions: ['*']}]",
            "[{match: {}, actions: [pull]}, {match: {account: admin}, actions: ['*']}]",
            "[{match: {account: admin, type: registry}, actions: ['*']}]",
            "[{match: {account: '/^x/'}, actions: [push]}]",
        ];
        for acl in not {
            assert_eq!(broken(acl), [rules::NOBODY_PUSHES.slug], "{acl}");
        }
        assert_eq!(
            broken(
                "[{match: {account: admin, service: other}, actions: ['*']}, {match: {account: dev}, actions: ['*']}]"
            ),
            [rules::SERVICE_DIFFERS.slug]
        );
        assert_eq!(
            broken("[{match: {account: '/(/'}, actions: ['*']}, {match: {account: '/a/'}, actions: ['*']}]"),
            [rules::ACL_PATTERN.slug]
        );
    }
}
