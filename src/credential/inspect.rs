//! Checks whether an archive of credentials works on an agent.

use secrecy::zeroize::Zeroizing;

use super::check::{self, ConfigFinding, View};
use super::config::{self, Config, Logins};
use super::rules;
use super::unpack::{ArchiveMember, UnpackError, quoted, read};

const MAKE: &str = "`milepost creds archive` makes a correct one";

/// An archive, checked.
pub struct Inspected {
    /// Its entries.
    pub members: Vec<ArchiveMember>,
    /// Its problems.
    pub found: Vec<ConfigFinding>,
    /// The config file in it, if the Docker Engine finds and reads one.
    pub config: Option<Config>,
    /// The usable credentials.
    pub logins: Logins,
}

/// Checks an archive as the Mesos fetcher would unpack it into the sandbox, where the Docker Engine's client looks for
/// `.docker/config.json` (or, before 1.7, `.dockercfg`).
#[must_use]
pub fn inspect(bytes: &[u8], view: View<'_>) -> Inspected {
    let nothing = |found| Inspected { members: Vec::new(), found, config: None, logins: Logins::default() };
    if bytes.trim_ascii_start().starts_with(b"{") {
        return nothing(vec![ConfigFinding::error(
            &rules::NOT_AN_ARCHIVE,
            "this is a config file, not an archive: the fetcher puts it into the sandbox under its own name",
            "pack it: `milepost creds archive --config FILE --for DEFINITION -o docker.tar.gz`",
        )]);
    }
    let members = match read(bytes) {
        Ok(members) => members,
        Err(error) => return nothing(vec![unreadable(&error)]),
    };
    let mut found = Vec::new();
    for member in &members {
        dangers(member, &mut found);
    }
    let (config, logins) = match place(&members, &mut found) {
        Some(member) => {
            modes(&members, member, &mut found);
            content(member, &mut found)
        }
        None => (None, Logins::default()),
    };
    if let Some(config) = &config {
        found.extend(check::check(config, view));
    }
    Inspected { members, found, config, logins }
}

fn unreadable(error: &UnpackError) -> ConfigFinding {
    let rule = match error {
        UnpackError::NotAnArchive(_) => &rules::NOT_AN_ARCHIVE,
        UnpackError::Truncated(_) | UnpackError::Broken(_) => &rules::BROKEN_ARCHIVE,
        UnpackError::TooLarge | UnpackError::TooDense | UnpackError::TooMany => &rules::TAR_BOMB,
    };
    ConfigFinding::error(rule, error.to_string(), MAKE)
}

/// Entries that would write outside the sandbox, or are not files.
fn dangers(member: &ArchiveMember, found: &mut Vec<ConfigFinding>) {
    let name = quoted(&member.path);
    if member.path.starts_with(b"/") {
        found.push(ConfigFinding::error(&rules::ABSOLUTE_PATH, format!("{name} is an absolute path"), MAKE));
    }
    if climbs(&member.path) {
        found.push(ConfigFinding::error(
            &rules::PATH_TRAVERSAL,
            format!("{name} leads out of the sandbox"),
            MAKE,
        ));
    }
    if member.kind.is_symlink() || member.kind.is_hard_link() {
        let to = member.link.as_deref().map(quoted).unwrap_or_default();
        found.push(ConfigFinding::error(
            &rules::LINK_IN_ARCHIVE,
            format!("{name} is a link to {to}, which agents do not have, or have as another file"),
            "`tar --dereference` packs the target of a link",
        ));
    } else if !member.kind.is_file() && !member.kind.is_dir() {
        found.push(ConfigFinding::error(&rules::SPECIAL_FILE, format!("{name} is not a regular file"), MAKE));
    }
}

fn climbs(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/').any(|part| part == b"..")
}

/// Whether [`dangers`] reports the path.
fn is_dangerous(path: &[u8]) -> bool {
    path.starts_with(b"/") || climbs(path)
}

/// The segments of a path, without `.` and empty ones.
fn plain(path: &[u8]) -> Vec<&[u8]> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").collect()
}

/// The entry that holds the credentials.
fn place<'m>(members: &'m [ArchiveMember], found: &mut Vec<ConfigFinding>) -> Option<&'m ArchiveMember> {
    let is_config = |member: &&ArchiveMember| {
        !is_dangerous(&member.path) && plain(&member.path) == [b".docker".as_slice(), b"config.json"]
    };
    let is_old = |member: &&ArchiveMember| plain(&member.path) == [b".dockercfg".as_slice()];
    let files = || members.iter().filter(|member| member.kind.is_file());
    let mut own = files().filter(is_config);
    // The last of several overwrites the others.
    let (config, others) = (own.next_back(), own.count());
    if others > 0 {
        found.push(ConfigFinding::error(
            &rules::REPEATED_FILE,
            ".docker/config.json is in it more than once",
            MAKE,
        ));
    }
    let config = config.or_else(|| files().rfind(is_old));
    let misplaced = if config.is_none() { files().find(|member| is_named_config(member)) } else { None };
    for member in files() {
        let is = |other: Option<&ArchiveMember>| other.is_some_and(|other| std::ptr::eq(member, other));
        if is(config) || is(misplaced) || is_config(&member) || is_dangerous(&member.path) {
            continue;
        }
        found.push(ConfigFinding::warning(
            &rules::FOREIGN_FILE,
            format!(
                "{} is not needed for a pull, and everybody who reads the sandbox has it",
                quoted(&member.path)
            ),
            MAKE,
        ));
    }
    match (config, misplaced) {
        (Some(_), _) => {}
        (None, Some(member)) => found.push(ConfigFinding::error(
            &rules::MISPLACED_CONFIG,
            format!(
                "{} is not where the Docker Engine looks: .docker/config.json at the top of the sandbox",
                quoted(&member.path)
            ),
            "pack it from the directory that has .docker in it: `tar -czf docker.tar.gz -C ~ .docker/config.json`",
        )),
        (None, None) => {
            found.push(ConfigFinding::error(&rules::NO_CONFIG, "there is no .docker/config.json in it", MAKE));
        }
    }
    config
}

fn is_named_config(member: &ArchiveMember) -> bool {
    plain(&member.path).last().is_some_and(|name| *name == b"config.json")
}

/// Checks who can read and change it where it is unpacked.
fn modes(members: &[ArchiveMember], config: &ArchiveMember, found: &mut Vec<ConfigFinding>) {
    let directory =
        members.iter().rfind(|member| member.kind.is_dir() && plain(&member.path) == [b".docker".as_slice()]);
    for member in directory.into_iter().chain([config]) {
        let (name, mode) = (quoted(&member.path), member.mode & 0o7777);
        let needed = if member.kind.is_dir() { 0o500 } else { 0o400 };
        if mode & needed != needed {
            found.push(ConfigFinding::error(
                &rules::UNREADABLE_CONFIG,
                format!("{name} has mode {mode:04o}: its own owner cannot read it"),
                MAKE,
            ));
        } else if mode & 0o022 != 0 {
            found.push(ConfigFinding::warning(
                &rules::WRITABLE_BY_OTHERS,
                format!("{name} has mode {mode:04o}: others than its owner can change it"),
                MAKE,
            ));
        }
        if member.uid != 0 {
            found.push(ConfigFinding::warning(
                &rules::FOREIGN_OWNER,
                format!(
                    "{name} belongs to {} ({}), which is another user or no user on an agent",
                    quoted(member.user.as_bytes()),
                    member.uid
                ),
                "`tar --owner=root:0 --group=root:0` packs it for root",
            ));
        }
    }
    if config.mode & 0o044 != 0 {
        found.push(ConfigFinding::info(
            &rules::READABLE_BY_ALL,
            format!(
                "{} has mode {:04o}: every user on an agent can read the credentials",
                quoted(&config.path),
                config.mode & 0o7777
            ),
            "0600 is enough unless Mesos runs Docker as another user than it unpacks as",
        ));
    }
}

fn content(member: &ArchiveMember, found: &mut Vec<ConfigFinding>) -> (Option<Config>, Logins) {
    let name = quoted(&member.path);
    let help = "`milepost creds login` and `milepost creds archive` make it again";
    let text = match String::from_utf8(member.content.to_vec()) {
        Ok(text) => Zeroizing::new(text),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            found.push(ConfigFinding::error(&rules::BAD_CONFIG, format!("{name} is not UTF-8 text"), help));
            return (None, Logins::default());
        }
    };
    let document = config::parse(&text);
    match document.and_then(|document| Config::read(&document)) {
        Ok(config) => {
            let (logins, _) = config.logins();
            (Some(config), logins)
        }
        Err(error) => {
            found.push(ConfigFinding::error(&rules::BAD_CONFIG, error.placed(&name, &text), help));
            (None, Logins::default())
        }
    }
}
