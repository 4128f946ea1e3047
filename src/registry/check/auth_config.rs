//! What docker_auth makes of its configuration.

use std::collections::HashSet;

use crate::finding::Effect;
use crate::registry::users::{RegistryUser, UserFile, name_fault};
use crate::source::{Document, Pointer, Type, Value};
use crate::util::escape::shell_word;
use crate::util::suggest::suggest;

use super::{CheckReport, FilePlace, FileRole, SetupFile, rules};

/// Sections by which users can sign in.
const SIGN_IN: [&str; 13] = [
    "users",
    "google_auth",
    "github_auth",
    "gitlab_auth",
    "oidc_auth",
    "ldap_auth",
    "mongo_auth",
    "xorm_auth",
    "couchdb_auth",
    "ext_auth",
    "plugin_authn",
    "keycloak_direct_auth",
    "http_auth",
];

/// Sections that decide what a user may do.
const RIGHTS: [&str; 7] =
    ["acl", "acl_mongo", "acl_xorm", "acl_couchdb", "ext_authz", "plugin_authz", "casbin_authz"];

/// The other sections that docker_auth knows.
const OTHERS: [&str; 4] = ["server", "token", "redis_auth", "oauth2_proxy"];

/// The members of `server`.
const SERVER: [&str; 12] = [
    "addr",
    "net",
    "path_prefix",
    "real_ip_header",
    "real_ip_pos",
    "certificate",
    "key",
    "hsts",
    "tls_min_version",
    "tls_curve_preferences",
    "tls_cipher_suites",
    "letsencrypt",
];

/// The members of `token`.
const TOKEN: [&str; 5] = ["issuer", "expiration", "certificate", "key", "disable_legacy_key_id"];

/// The members of a user.
const USER: [&str; 2] = ["password", "labels"];

/// The members of an entry of `acl`.
const ENTRY: [&str; 3] = ["match", "actions", "comment"];

/// The members of `match`: the conditions of an entry.
const MATCH: [&str; 6] = ["account", "type", "name", "ip", "service", "labels"];

/// A part of the configuration whose members are known.
struct Section<'a> {
    at: Pointer,
    value: Value<'a>,
    known: &'a [&'static str],
}

impl Section<'_> {
    fn is_known(&self, name: &str) -> bool {
        self.known.contains(&name)
    }

    /// What comes of a member that is not known.
    fn outcome(&self) -> &'static str {
        let has_known =
            || self.value.members().any(|(key, _)| key.as_str().is_some_and(|name| self.is_known(&name)));
        if self.known != MATCH {
            ""
        } else if has_known() {
            ", so the entry matches more than is meant"
        } else {
            ", so the entry matches everybody"
        }
    }
}

/// A configuration of docker_auth.
#[derive(Debug)]
pub(super) struct AuthConfig<'a> {
    pub file: usize,
    /// The users of the file.
    pub users: Vec<RegistryUser>,
    document: &'a Document,
}

/// The configuration in a file; nothing for another part.
pub(super) fn read(file: usize, setup: &SetupFile) -> Option<AuthConfig<'_>> {
    match &setup.part {
        FileRole::AuthConfig(document) => {
            let users = UserFile::read(document.text(), true).map(|users| users.users()).unwrap_or_default();
            Some(AuthConfig { file, users, document })
        }
        _ => None,
    }
}

impl<'a> AuthConfig<'a> {
    /// Its users, as a file of them.
    pub(super) fn user_file(&self) -> Option<UserFile> {
        UserFile::read(self.document.text(), true).ok()
    }

    /// The value at these names.
    pub(super) fn at(&self, names: &[&str]) -> Option<Value<'a>> {
        names.iter().try_fold(self.document.root(), |value, name| value.get(name))
    }

    /// The text at these names; a number, too, as docker_auth reads it.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        let value = self.at(names)?;
        match value.kind() {
            Type::String => value.as_str().map(String::from),
            Type::Number | Type::Boolean => Some(value.source().to_owned()),
            _ => None,
        }
    }

    /// The place of the value at these names, or of the nearest one around it.
    pub(super) fn place(&self, names: &[&str]) -> FilePlace {
        let (mut pointer, mut value) = (Pointer::root(), self.document.root());
        let mut range = 0..0;
        for name in names {
            let Some((_, found)) = value.member(name) else { break };
            (pointer, value) = (pointer.key(*name), found);
            range = value.first_line();
        }
        FilePlace { file: self.file, pointer, range }
    }

    /// The certificate that tokens are signed with, in the container.
    pub(super) fn signer(&self) -> Option<String> {
        self.text(&["token", "certificate"]).or_else(|| self.text(&["server", "certificate"]))
    }

    /// Whether the token server has TLS.
    pub(super) fn has_tls(&self) -> bool {
        self.text(&["server", "certificate"]).is_some() || self.at(&["server", "letsencrypt"]).is_some()
    }

    /// Whether it identifies keys as registry 3 does.
    pub(super) fn has_new_key_ids(&self) -> bool {
        self.at(&["token", "disable_legacy_key_id"]).and_then(|value| value.as_bool()).unwrap_or_default()
    }

    /// Whether all users are those of the file.
    pub(super) fn has_users_only(&self) -> bool {
        SIGN_IN.iter().filter(|name| **name != "users").all(|name| self.at(&[name]).is_none())
    }

    /// Checks it alone.
    pub(super) fn check(&self, checked: &mut CheckReport) {
        let mut stops = |names: &[&str], message: String, help: &str| {
            checked.add(&rules::TOKEN_SERVER_DOES_NOT_START, &self.place(names), message, help.to_owned());
        };
        let has_text = |names: &[&str]| self.text(names).is_some_and(|text| !text.is_empty());
        for names in [["server", "addr"], ["token", "issuer"]] {
            if !has_text(&names) {
                stops(
                    &names,
                    format!("there is no {}: docker_auth does not start", names.join(".")),
                    "add it",
                );
            }
        }
        let expiration = self.text(&["token", "expiration"]);
        let is_number = self.at(&["token", "expiration"]).is_some_and(|value| value.kind() == Type::Number);
        let seconds = expiration.as_ref().and_then(|text| text.parse::<i64>().ok()).filter(|_| is_number);
        if seconds.is_none_or(|seconds| seconds <= 0) {
            let what = expiration.map_or_else(|| "missing".to_owned(), |text| format!("{text:?}"));
            let message = format!(
                "token.expiration is {what}: docker_auth wants a number of seconds above 0, and does not start"
            );
            stops(&["token", "expiration"], message, "write, for example, 900");
        }
        for section in ["server", "token"] {
            let [certificate, key] = ["certificate", "key"].map(|name| has_text(&[section, name]));
            if certificate != key {
                let message = format!("{section} has one of certificate and key: docker_auth does not start");
                stops(&[section], message, "give both, or neither");
            }
        }
        if self.signer().is_none() && self.at(&["server", "letsencrypt"]).is_none() {
            let message =
                "there is no certificate to sign tokens with: docker_auth does not start".to_owned();
            stops(
                &["token"],
                message,
                "give server.certificate and server.key, or token.certificate and token.key",
            );
        }
        for (name, kind) in
            [("server", Type::Object), ("token", Type::Object), ("users", Type::Object), ("acl", Type::Array)]
        {
            let odd =
                self.at(&[name]).map(|value| value.kind()).filter(|it| ![kind, Type::Null].contains(it));
            if let Some(odd) = odd {
                let (is, wanted) = (odd.with_article(), kind.with_article());
                let message = format!("{name} is {is}, and docker_auth wants {wanted}: it does not start");
                stops(&[name], message, "write it as in the example of docker_auth");
            }
        }
        if !SIGN_IN.iter().any(|name| self.at(&[name]).is_some_and(|value| !value.is_null())) {
            stops(&[], "there are no users: docker_auth does not start".to_owned(), "add `users`");
        }
        if !RIGHTS.iter().any(|name| self.at(&[name]).is_some_and(|value| !value.is_null())) {
            stops(&[], "there is no acl: docker_auth does not start".to_owned(), "add `acl`");
        }
        let users = self.at(&["users"]).filter(|users| !users.is_null() && self.users.is_empty());
        if users.is_some() && self.has_users_only() {
            nobody_signs_in(&self.place(&["users"]), checked);
        }
        self.check_names(checked);
        check_users(&self.users, |index| self.user_place(index), checked);
        for (index, user) in self.users.iter().enumerate().filter(|(_, user)| !user.name.is_empty()) {
            if let Some(fault) = name_fault(&user.name) {
                checked.add(
                    &rules::USER_NAME,
                    &self.user_place(index),
                    format!("{:?} is no name for a user: {fault}", user.name),
                    "give the user another name",
                );
            }
        }
    }

    fn user_place(&self, index: usize) -> FilePlace {
        let pointer = Pointer::root().key("users").key(&*self.users[index].name);
        // Only the name: what follows it is a hash.
        let users = self.at(&["users"]);
        let range = users.iter().flat_map(Value::members).nth(index).map(|(key, _)| key.range());
        FilePlace { file: self.file, pointer, range: range.unwrap_or_default() }
    }

    /// docker_auth tells nothing of names that it does not know.
    fn check_names(&self, checked: &mut CheckReport) {
        let top = [SIGN_IN.as_slice(), RIGHTS.as_slice(), OTHERS.as_slice()].concat();
        for section in self.sections(&top) {
            for (key, _) in section.value.members() {
                let name = key.as_str().unwrap_or_default();
                // An anchor for the rest of the file.
                if section.is_known(&name) || name.starts_with("x-") || name == "<<" {
                    continue;
                }
                let help = suggest(&name, section.known.iter().copied())
                    .map_or_else(|| "remove it".to_owned(), |known| format!("perhaps `{known}` is meant"));
                let outcome = section.outcome();
                checked.add(
                    &rules::UNKNOWN_TOKEN_SERVER_SETTING,
                    &FilePlace::of(self.file, section.at.key(&*name), &key),
                    format!("docker_auth knows no `{name}` here, and ignores it without a word{outcome}"),
                    help,
                );
            }
        }
    }

    /// The parts whose members are known; `top` are those of the file itself.
    fn sections<'s>(&'s self, top: &'s [&'static str]) -> Vec<Section<'s>> {
        let (root, at) = (self.document.root(), Pointer::root());
        let mut sections = vec![Section { at: at.clone(), value: root, known: top }];
        for (name, known) in [("server", SERVER.as_slice()), ("token", TOKEN.as_slice())] {
            sections.extend(root.get(name).map(|value| Section { at: at.key(name), value, known }));
        }
        for (key, value) in root.get("users").iter().flat_map(Value::members) {
            let name = key.as_str().unwrap_or_default();
            sections.push(Section { at: at.key("users").key(&*name), value, known: &USER });
        }
        for (index, entry) in root.get("acl").iter().flat_map(Value::elements).enumerate() {
            let at = at.key("acl").index(index);
            let conditions = entry.get("match");
            sections.push(Section { at: at.clone(), value: entry, known: &ENTRY });
            sections.extend(conditions.map(|value| Section { at: at.key("match"), value, known: &MATCH }));
        }
        sections
    }
}

/// Tells that a file has no users.
pub(super) fn nobody_signs_in(at: &FilePlace, checked: &mut CheckReport) {
    let message = "there are no users: nobody can sign in";
    checked.add(&rules::NOBODY_SIGNS_IN, at, message, "add one: milepost registry user add NAME FILE");
}

/// Users whose password is none, and those who are there twice. `place` is that of a user by its index.
pub(super) fn check_users(
    users: &[RegistryUser],
    place: impl Fn(usize) -> FilePlace,
    checked: &mut CheckReport,
) {
    let mut seen = HashSet::new();
    // Where no password is right, nobody can sign in at all.
    let is_nobody = users.iter().all(|user| user.fault.is_some());
    let effect = if is_nobody { Effect::Rejected } else { rules::USER_WITHOUT_BCRYPT.effect };
    for (index, RegistryUser { name, fault }) in users.iter().enumerate() {
        if let Some(fault) = fault {
            checked.add_as(
                &rules::USER_WITHOUT_BCRYPT,
                effect,
                &place(index),
                format!("{name} {fault}"),
                format!("give the user a password: milepost registry user passwd {} FILE", shell_word(name)),
            );
        }
        if !seen.insert(name) {
            checked.add(
                &rules::USER_TWICE,
                &place(index),
                format!("{name} is there twice: only the last entry counts"),
                "remove the others",
            );
        }
    }
}
