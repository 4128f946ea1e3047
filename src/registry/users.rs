//! The users of a registry: a file for the registry itself (`htpasswd`), or the configuration of the token server docker_auth
//! (`users` in `auth_config.yml`). Both keep bcrypt hashes of passwords, the only ones that either takes.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::source::{Document, EditError, Editor, Format, Pointer, Type, Value};

/// The cost of a hash. The registry checks a password with each request; a tenth of a second each would be felt.
pub(crate) const COST: u32 = 10;

/// The costs that registry and docker_auth take.
const COSTS: std::ops::RangeInclusive<u32> = 4..=31;

/// bcrypt takes no more bytes of a password, and Go refuses to hash longer ones. The zero byte at its end is one more, which
/// nobody counts.
const MAX_PASSWORD: usize = 72;

/// A file of users.
#[derive(Debug)]
pub(crate) enum UserFile {
    /// A line for each user, `NAME:HASH`, up to the line feed.
    Htpasswd(Vec<String>),
    /// The configuration of docker_auth.
    AuthConfig(Box<Editor>),
}

/// A user, and what is wrong with the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RegistryUser {
    /// The name.
    pub name: String,
    /// What that means, as it follows the name; nothing where the password may be right.
    pub fault: Option<&'static str>,
}

/// Why users cannot be changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UserError {
    /// The file cannot be parsed.
    #[error("it cannot be parsed: {0}")]
    Syntax(String),
    /// It is another file.
    #[error(
        "it has no `users`, so it is not the configuration of docker_auth; a file for the registry itself is called without .yml"
    )]
    NoUsers,
    /// A change cannot be made.
    #[error("it cannot be changed: write the entry out, without anchor or alias, or change it in an editor")]
    Edit(#[from] EditError),
    /// A line that the registry cannot read.
    #[error("line {0} is no NAME:HASH, so the registry takes no password of the whole file: remove the line")]
    Line(usize),
    /// The name cannot be one.
    #[error(
        "\"{0}\" cannot be a user's name: {1}; take letters, digits and any of . _ - @ +, such as `dev` or `ann@example.com`"
    )]
    Name(String, &'static str),
    /// The password cannot be one.
    #[error("the password is empty")]
    EmptyPassword,
    /// The password cannot be one.
    #[error("the password has {0} bytes, and bcrypt takes at most {MAX_PASSWORD}: give a shorter one")]
    LongPassword(usize),
    /// Clients end a password there, or cannot be given one.
    #[error(
        "the password has a line break or a NUL byte in it, which no client can send: give one line of text"
    )]
    OddPassword,
    /// It cannot be hashed.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
}

/// The bcrypt hash of a password, as `htpasswd -B` writes it.
///
/// # Errors
/// When the password is empty or too long, or the system gives no random bytes.
pub(crate) fn hash(password: &SecretString, cost: u32) -> Result<String, UserError> {
    let password = password.expose_secret();
    match password.len() {
        0 => return Err(UserError::EmptyPassword),
        length if length > MAX_PASSWORD => return Err(UserError::LongPassword(length)),
        _ if password.contains(['\0', '\n', '\r']) => return Err(UserError::OddPassword),
        _ => {}
    }
    let parts = bcrypt::hash_with_result(password, cost);
    let parts = parts.map_err(|error| UserError::Hash(error.to_string()))?;
    Ok(parts.format_for_version(bcrypt::Version::TwoY))
}

/// A user's name: the same in the files of users, in the header that clients send, and in the rights of a token server.
///
/// # Errors
/// When the text means something else in one of them.
pub(crate) fn user_name(text: &str) -> Result<String, UserError> {
    match name_fault(text) {
        None => Ok(text.to_owned()),
        Some(fault) => Err(UserError::Name(text.replace(char::is_control, "?"), fault)),
    }
}

/// Why a text cannot be a user's name; nothing where it can.
pub(crate) fn name_fault(name: &str) -> Option<&'static str> {
    let has = |odd: &[char]| name.contains(odd);
    if name.is_empty() {
        Some("it is empty")
    } else if has(&[':']) {
        Some("a colon ends the name in an htpasswd and in what clients send")
    } else if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        Some("it has a blank or a control character")
    } else if name.starts_with('#') {
        Some("a line that begins with # is a comment in an htpasswd")
    } else if has(&['/']) {
        Some(
            "the acl of docker_auth takes /…/ for a regular expression, and repositories of one's own need a name without /",
        )
    } else if has(&['*', '?', '[', ']', '\\', '$', '{', '}']) {
        Some("the acl of docker_auth takes it for a pattern of other names")
    } else if has(&['"', '\'', '`', ',']) {
        Some("it has a quote or a comma, which YAML takes for its own")
    } else {
        None
    }
}

/// Why a hash never fits; nothing where it may.
fn fault_of(hash: &str) -> Option<&'static str> {
    let is_bcrypt =
        ["$2y$", "$2a$", "$2b$", "$2x$"].iter().any(|start| hash.starts_with(start)) && hash.len() == 60;
    let cost = hash.get(4..6).and_then(|cost| cost.parse::<u32>().ok());
    let is_whole = hash.get(6..).is_some_and(|rest| {
        let is_digit = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '/';
        rest.strip_prefix('$').is_some_and(|rest| rest.chars().all(is_digit))
    });
    match hash {
        _ if is_bcrypt && !cost.is_some_and(|cost| COSTS.contains(&cost)) => {
            Some("cannot sign in: the cost of the bcrypt hash is none from 04 to 31")
        }
        _ if is_bcrypt && !is_whole => Some("cannot sign in: the bcrypt hash has characters that none has"),
        _ if is_bcrypt => None,
        "" => Some("cannot sign in: there is no hash"),
        _ if hash.starts_with("$2") => Some("cannot sign in: the bcrypt hash is cut short or too long"),
        _ if hash.starts_with("$apr1$") => {
            Some("cannot sign in: the hash is of htpasswd's default kind (apr1), and only bcrypt is taken")
        }
        _ => Some("cannot sign in: it is not a bcrypt hash"),
    }
}

impl UserFile {
    /// Reads the text of a file; an empty one has no users.
    ///
    /// # Errors
    /// When it is no file of users.
    pub(crate) fn read(text: &str, is_auth_config: bool) -> Result<Self, UserError> {
        if !is_auth_config {
            return Ok(Self::Htpasswd(text.split_terminator('\n').map(str::to_owned).collect()));
        }
        let document =
            Document::parse(text, Format::Yaml).map_err(|error| UserError::Syntax(error.to_string()))?;
        match document.root().get("users").map(|users| users.kind()) {
            Some(Type::Object | Type::Null) => Ok(Self::AuthConfig(Box::new(Editor::new(document)))),
            _ => Err(UserError::NoUsers),
        }
    }

    /// All users, in the order of the file.
    pub(crate) fn users(&self) -> Vec<RegistryUser> {
        match self {
            Self::Htpasswd(lines) => lines
                .iter()
                .filter_map(|line| entry(line))
                .map(|(name, hash)| RegistryUser { name: name.to_owned(), fault: fault_of(hash) })
                .collect(),
            Self::AuthConfig(editor) => {
                let users = editor.document().root().get("users");
                let members = users.iter().flat_map(Value::members);
                members
                    .map(|(name, user)| {
                        let hash = user.get("password").filter(|hash| !hash.is_null());
                        let fault = match hash {
                            Some(hash) => fault_of(&hash.as_str().unwrap_or_default()),
                            // docker_auth, `staticUsersAuth.Authenticate`.
                            None if user.is_null() => Some("cannot sign in: there is no hash"),
                            None => Some("needs no password: docker_auth takes any from who knows the name"),
                        };
                        let name = name.as_str().unwrap_or_default().into_owned();
                        // The user without a name is everybody who does not sign in.
                        RegistryUser { fault: fault.filter(|_| !name.is_empty()), name }
                    })
                    .collect()
            }
        }
    }

    /// What makes the registry refuse the whole file.
    pub(crate) fn fault(&self) -> Option<UserError> {
        let Self::Htpasswd(lines) = self else { return None };
        let is_entry =
            |line: &str| line.trim().is_empty() || line.trim().starts_with('#') || line.contains(':');
        lines.iter().position(|line| !is_entry(line)).map(|index| UserError::Line(index + 1))
    }

    /// Whether it has a user.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.users().iter().any(|user| user.name == name)
    }

    /// Whether this is the password of a user.
    pub(crate) fn accepts(&self, name: &str, password: &SecretString) -> bool {
        let hash = match self {
            Self::Htpasswd(lines) => {
                // Of several lines the last one counts.
                let mut entries = lines.iter().rev().filter_map(|line| entry(line));
                entries.find(|(known, _)| *known == name).map(|(_, hash)| hash.to_owned())
            }
            Self::AuthConfig(editor) => {
                let user = editor.document().root().get("users").and_then(|users| users.get(name));
                user.and_then(|user| user.get("password")?.as_str().map(String::from))
            }
        };
        hash.is_some_and(|hash| bcrypt::verify(password.expose_secret(), &hash).unwrap_or_default())
    }

    /// Gives a user a hash, a new user at the end.
    ///
    /// # Errors
    /// When the name cannot be one, or the text cannot be edited.
    pub(crate) fn set(&mut self, name: &str, hash: &str) -> Result<(), UserError> {
        user_name(name)?;
        match self {
            Self::Htpasswd(lines) => {
                // As the file ends its lines.
                let end = if lines.iter().any(|line| line.ends_with('\r')) { "\r" } else { "" };
                let new = format!("{name}:{hash}{end}");
                // The last one may have no end.
                if let Some(last) = lines.last_mut().filter(|last| !last.ends_with(end)) {
                    last.push_str(end);
                }
                // The line that counts.
                match lines.iter_mut().rev().find(|line| entry(line).is_some_and(|(known, _)| known == name))
                {
                    Some(line) => *line = new,
                    None => lines.push(new),
                }
            }
            Self::AuthConfig(editor) => {
                let users = Pointer::root().key("users");
                let user = users.key(name);
                let root = editor.document().root();
                let is_null = root.get("users").is_some_and(|users| users.kind() == Type::Null);
                let is_known = root
                    .get("users")
                    .and_then(|users| users.get(name))
                    .is_some_and(|user| user.kind() == Type::Object);
                if is_null {
                    editor.set(&users, &json!({name: {"password": hash}}))?;
                    below_comments(editor);
                } else if is_known {
                    editor.set(&user.key("password"), &json!(hash))?;
                } else {
                    editor.set(&user, &json!({"password": hash}))?;
                }
            }
        }
        Ok(())
    }

    /// Removes a user.
    ///
    /// # Errors
    /// When the text cannot be edited.
    pub(crate) fn remove(&mut self, name: &str) -> Result<(), UserError> {
        match self {
            Self::Htpasswd(lines) => lines.retain(|line| entry(line).is_none_or(|(known, _)| known != name)),
            Self::AuthConfig(editor) => editor.remove(&Pointer::root().key("users").key(name))?,
        }
        Ok(())
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Htpasswd(lines) => lines.iter().fold(String::new(), |text, line| text + line + "\n"),
            Self::AuthConfig(editor) => editor.document().text().to_owned(),
        }
    }
}

/// Moves the first user below the comments that stand under `users:`.
fn below_comments(editor: &mut Editor) {
    let document = editor.document();
    let Some(users) = document.root().get("users") else { return };
    let (text, range) = (document.text(), users.range());
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |at| range.end + at + 1);
    // What is not indented is of the next section.
    let is_comment = |line: &&str| line.starts_with([' ', '\t']) && line.trim_start().starts_with('#');
    let comments: usize = text[end..].split_inclusive('\n').take_while(is_comment).map(str::len).sum();
    let (user, rest) = (&text[start..end], &text[end + comments..]);
    if comments == 0 || !text[start..range.start].trim().is_empty() {
        return;
    }
    let comments = &text[end..end + comments];
    let line_end = if comments.ends_with('\n') { "" } else { "\n" };
    let moved = format!("{}{comments}{line_end}{user}{rest}", &text[..start]);
    if let Ok(moved) = Document::parse(moved, Format::Yaml) {
        *editor = Editor::new(moved);
    }
}

/// The user and hash of a line; nothing for a comment or an empty line.
fn entry(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.starts_with('#') { None } else { line.split_once(':') }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "$2y$05$oGKwJ8QJDLBOoTBmC/EQiefIMV1N9Yt9jpX3SqMoRqZRRql6q7yam";

    #[test]
    fn lines_of_users_keep_everything_else() {
        let text = "# the team\nfoo:$apr1$x$y\n\nbar:$2y$05$short\n";
        let mut file = UserFile::read(text, false).expect("read");
        let faults: Vec<_> = file.users().into_iter().map(|user| (user.name, user.fault.is_some())).collect();
        assert_eq!(faults, [("foo".to_owned(), true), ("bar".to_owned(), true)]);
        file.set("foo", HASH).expect("set");
        file.set("new", HASH).expect("set");
        file.remove("bar").expect("removed");
        assert_eq!(file.text(), format!("# the team\nfoo:{HASH}\n\nnew:{HASH}\n"));
        assert!(file.users().iter().all(|user| user.fault.is_none()));
        for bad in ["", "a:b", "a b", "#a", "a\n", "/.+/", "a\"b: x", "dev*", "${account}", "a/b", "'a'"] {
            assert!(matches!(file.set(bad, HASH), Err(UserError::Name(..))), "{bad:?}");
        }
        for good in ["ann@example.com", "robot+ci", "a.b_c-d", "Jörg"] {
            assert!(user_name(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn lines_end_as_the_file_ends_them() {
        for (text, after) in [
            ("# team\r\nfoo:x\r\n", format!("# team\r\nfoo:{HASH}\r\nnew:{HASH}\r\n")),
            ("# team\r\nfoo:x", format!("# team\r\nfoo:{HASH}\r\nnew:{HASH}\r\n")),
            ("# team\r\n\r\nfoo:x\r\n# end", format!("# team\r\n\r\nfoo:{HASH}\r\n# end\r\nnew:{HASH}\r\n")),
            ("foo:x", format!("foo:{HASH}\nnew:{HASH}\n")),
        ] {
            let mut file = UserFile::read(text, false).expect("read");
            file.set("foo", HASH).expect("set");
            file.set("new", HASH).expect("set");
            assert_eq!(file.text(), after, "{text:?}");
            assert!(
                file.fault().is_none() && file.users().iter().all(|user| user.fault.is_none()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_first_user_is_below_the_comments_of_the_users() {
        for (text, after) in [
            (
                "users:\n  # The team:\n  # (nobody yet)\nacl: []\n",
                "users:\n  # The team:\n  # (nobody yet)\n  dev:\n    password: H\nacl: []\n",
            ),
            (
                "users: # static\n  # The team:\n\n# Rights\nacl: []\n",
                "users: # static\n  # The team:\n  dev:\n    password: H\n\n# Rights\nacl: []\n",
            ),
            ("users:\n# Rights\nacl: []\n", "users:\n  dev:\n    password: H\n# Rights\nacl: []\n"),
            ("acl: []\nusers:\n  # The team", "acl: []\nusers:\n  # The team\n  dev:\n    password: H\n"),
        ] {
            let mut file = UserFile::read(text, true).expect("read");
            file.set("dev", HASH).expect("set");
            assert_eq!(file.text().replace(HASH, "H"), after, "{text:?}");
        }
    }

    #[test]
    fn the_configuration_of_docker_auth_is_edited() {
        let text = "server: {addr: \":5001\"}\n# Static users\nusers:\n  \"admin\": # all rights\n    password: \"x\"\nacl: []\n";
        let mut file = UserFile::read(text, true).expect("read");
        file.set("admin", HASH).expect("set");
        file.set("dev", HASH).expect("set");
        let after = file.text();
        assert_eq!(
            after,
            format!(
                "server: {{addr: \":5001\"}}\n# Static users\nusers:\n  \"admin\": # all rights\n    password: \"{HASH}\"\n  \
                 \"dev\":\n    password: {HASH}\nacl: []\n"
            )
        );
        assert_eq!(file.users().len(), 2);
        file.remove("admin").expect("removed");
        file.remove("dev").expect("removed");
        assert!(file.users().is_empty());
        let mut empty = UserFile::read("users:\nacl: []\n", true).expect("read");
        empty.set("a", HASH).expect("set");
        assert_eq!(empty.users(), [RegistryUser { name: "a".to_owned(), fault: None }]);
        assert!(matches!(UserFile::read("a: 1\n", true), Err(UserError::NoUsers)));
        assert!(matches!(UserFile::read("a: [\n", true), Err(UserError::Syntax(_))));
    }

    #[test]
    fn hashes_fit_their_passwords() {
        let made = hash(&"letmein".to_owned().into(), 4).expect("made");
        assert!(made.starts_with("$2y$04$") && fault_of(&made).is_none());
        assert!(
            bcrypt::verify("letmein", &made).expect("a hash")
                && !bcrypt::verify("other", &made).expect("a hash")
        );
        assert!(matches!(hash(&String::new().into(), 4), Err(UserError::EmptyPassword)));
        let longest = "a".repeat(72);
        let made = hash(&longest.clone().into(), 4).expect("made");
        assert!(bcrypt::verify(&longest, &made).expect("a hash"));
        assert!(!bcrypt::verify(&longest[1..], &made).expect("a hash"));
        for odd in ["a\nb", "a\r\nb", "a\0b", "a\n"] {
            assert!(matches!(hash(&odd.to_owned().into(), 4), Err(UserError::OddPassword)), "{odd:?}");
        }
        let long = hash(&"a".repeat(73).into(), 4).expect_err("too long").to_string();
        assert_eq!(long, "the password has 73 bytes, and bcrypt takes at most 72: give a shorter one");
    }
}
