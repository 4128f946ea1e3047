//! Who is refused by a registry, and what they wanted.

use std::fmt::{self, Display};

use crate::credential::Login;

/// A user of a registry, and what they want there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefusedAccess {
    /// The registry.
    pub host: String,
    /// The repository; empty for the list of all.
    pub repository: String,
    /// The rights that are needed: `pull,push`.
    pub actions: &'static str,
    /// The user; nothing for a request without credentials.
    pub user: Option<String>,
}

impl RefusedAccess {
    pub(crate) fn new(host: &str, repository: &str, actions: &'static str, login: Option<&Login>) -> Self {
        let name = |login: &Login| match login.user() {
            "" => format!("this {}", login.kind()),
            user => user.replace(char::is_control, "?"),
        };
        Self { host: host.to_owned(), repository: repository.to_owned(), actions, user: login.map(name) }
    }

    /// How the refusal is told, before the address that refuses with this status.
    pub(super) fn told(&self, status: u16) -> String {
        match (status, &self.user) {
            (401, None) => format!("{} asks for credentials, and there are none for it", self.host),
            (401, Some(user)) => format!("{} does not take the credentials of {user}", self.host),
            (_, None) => format!("without credentials nobody may {}", self.deed()),
            (_, Some(user)) => format!("{user} may not {}", self.deed()),
        }
    }

    fn deed(&self) -> String {
        let Self { host, repository, .. } = self;
        if repository.is_empty() {
            return format!("list the repositories of {host}");
        }
        let deed = match self.right() {
            "delete" => "delete from",
            "push" => "push to",
            _ => "pull from",
        };
        format!("{deed} {repository} of {host}")
    }

    /// The right that goes furthest.
    fn right(&self) -> &'static str {
        self.actions.rsplit(',').next().unwrap_or(self.actions)
    }

    /// What to do about a refusal with this status.
    pub(crate) fn help(&self, status: u16) -> String {
        let Self { host, repository, .. } = self;
        match (status, &self.user) {
            (401, None) => format!(
                "`milepost creds login {host} -u USER` keeps credentials for all commands; -u USER with --password-stdin gives \
                 them to this one"
            ),
            (401, Some(_)) => format!(
                "the user or the password is wrong, or has expired: `milepost creds login {host} -u USER` keeps others"
            ),
            _ if repository.is_empty() => {
                "whoever runs the registry gives the right, as * on registry:catalog (docker_auth: an \
                 entry of acl with type registry and name catalog); `milepost image tags` needs none but pull"
                    .to_owned()
            }
            _ => format!(
                "whoever runs the registry gives the right: {} on the repository {repository} (docker_auth: in its acl)",
                Rights(self.actions)
            ),
        }
    }
}

/// `pull and push`
struct Rights(&'static str);

impl Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.rsplit_once(',') {
            Some((others, last)) => write!(f, "{} and {last}", others.replace(',', ", ")),
            None => f.write_str(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_right_that_is_missing() {
        let access =
            |repository: &str, actions| RefusedAccess::new("localhost:5000", repository, actions, None);
        let delete = access("shop/web", "pull,push,delete");
        assert_eq!(delete.told(403), "without credentials nobody may delete from shop/web of localhost:5000");
        assert!(delete.help(403).contains("pull, push and delete on the repository shop/web"));
        assert!(access("shop/web", "pull").help(403).contains(": pull on the repository shop/web"));
        let list = access("", "*");
        assert_eq!(list.told(403), "without credentials nobody may list the repositories of localhost:5000");
        assert!(list.help(401).contains("`milepost creds login localhost:5000 -u USER`"));
    }
}
