//! Checks whether an archive of credentials works on an agent.

use secrecy::zeroize::Zeroizing;

use super::check::{self, ConfigFinding, View};
use super::config::{self, Config, Logins};
use super::layout::{ArchiveEntry, climbs, find, plain};
use super::rules;
use super::unpack::{ArchiveMember, UnpackError, quoted, read};
use crate::finding::Severity;
use crate::report::FileFault;

pub(super) const MAKE: &str = "`milepost creds archive` makes a correct one";

/// An archive, checked.
pub struct Inspected {
    /// Its entries.
    pub members: Vec<ArchiveMember>,
    /// Its problems.
    pub found: Vec<ConfigFinding>,
    /// The config file in it, if the Docker Engine finds and reads one.
    pub config: Option<Config>,
    /// What is wrong in the text of that file.
    pub fault: Option<FileFault>,
    /// Whether that is a `.dockercfg`.
    pub is_dockercfg: bool,
    /// Whether it is an archive that agents unpack and milepost does not.
    pub is_closed: bool,
    /// The usable credentials.
    pub logins: Logins,
}

impl Inspected {
    /// Why there are no credentials in it: the first error, or else the first finding.
    pub(super) fn why_not(&self) -> &str {
        let is_error = |found: &&ConfigFinding| found.severity == Severity::Error;
        let found = self.found.iter().find(is_error).or(self.found.first());
        found.map_or("", |found| found.message.as_str())
    }
}

/// Checks an archive as the Mesos fetcher would unpack it into the sandbox, where the Docker Engine's client looks for
/// `.docker/config.json` (or, before 1.7, `.dockercfg`).
#[must_use]
pub fn inspect(bytes: &[u8], view: View<'_>) -> Inspected {
    let nothing = |found, is_closed| Inspected {
        members: Vec::new(),
        found: vec![found],
        config: None,
        fault: None,
        is_dockercfg: false,
        is_closed,
        logins: Logins::default(),
    };
    if bytes.trim_ascii_start().starts_with(b"{") {
        let found = ConfigFinding::error(
            &rules::NOT_AN_ARCHIVE,
            "this is a config file, not an archive: the fetcher puts it into the sandbox under its own name",
            "pack it: `milepost creds archive --config FILE --for DEFINITION -o docker.tar.gz`",
        );
        return nothing(found, false);
    }
    let members = match read(bytes) {
        Ok(members) => members,
        Err(error) => return nothing(unreadable(&error), matches!(error, UnpackError::Closed(_))),
    };
    let mut found = Vec::new();
    let (file, is_dockercfg) = place(&members, &mut found);
    let (mut config, mut fault) = (None, None);
    if let Some(member) = file {
        modes(&members, member, &mut found);
        match content(member) {
            Ok(read) => config = Some(read),
            Err((problem, at)) => {
                found.push(problem);
                fault = at;
            }
        }
    }
    let logins = config.as_ref().map(|config| config.logins().0).unwrap_or_default();
    if let Some(config) = &config {
        found.extend(check::check(config, view));
    }
    Inspected { members, found, config, fault, is_dockercfg, is_closed: false, logins }
}

fn unreadable(error: &UnpackError) -> ConfigFinding {
    let rule = match error {
        UnpackError::Closed(_) => {
            let help = "pack it as .tar.gz to have it checked, and to be sure that agents unpack it";
            return ConfigFinding::warning(&rules::UNOPENED_ARCHIVE, error.to_string(), help);
        }
        UnpackError::NotAnArchive(_) => &rules::NOT_AN_ARCHIVE,
        UnpackError::Truncated(_) | UnpackError::Broken(_) => &rules::BROKEN_ARCHIVE,
        UnpackError::TooLarge | UnpackError::TooDense | UnpackError::TooMany => &rules::TAR_BOMB,
    };
    ConfigFinding::error(rule, error.to_string(), MAKE)
}

/// Entries that would write outside the sandbox, links that lead out of it, and what is no file.
fn dangers(member: &ArchiveMember, broken: Option<&ArchiveMember>, found: &mut Vec<ConfigFinding>) {
    let name = quoted(&member.path);
    if member.path.starts_with(b"/") {
        found.push(ConfigFinding::warning(
            &rules::ABSOLUTE_PATH,
            format!(
                "{name} is an absolute path, which agents unpack into the sandbox without its first slash"
            ),
            MAKE,
        ));
    }
    if climbs(&member.path) {
        found.push(ConfigFinding::error(
            &rules::PATH_TRAVERSAL,
            format!("{name} leads out of the sandbox"),
            MAKE,
        ));
    }
    if member.is_link() {
        let to = member.link.as_deref().map(quoted).unwrap_or_default();
        let message = format!("{name} is a link to {to}, which agents do not have, or have as another file");
        let help = "`tar --dereference` packs the target of a link";
        if broken.is_some_and(|broken| std::ptr::eq(broken, member)) {
            found.push(ConfigFinding::error(&rules::LINK_IN_ARCHIVE, message, help));
        } else if member.link.as_deref().is_some_and(|to| to.starts_with(b"/")) {
            found.push(ConfigFinding::warning(&rules::LINK_IN_ARCHIVE, message, help));
        }
    } else if !member.is_file() && !member.kind.is_dir() {
        let message = format!("{name} is not a regular file");
        found.push(ConfigFinding::warning(&rules::SPECIAL_FILE, message, MAKE));
    }
}

/// The entry that holds the credentials, and whether that is a `.dockercfg`.
fn place<'m>(
    members: &'m [ArchiveMember],
    found: &mut Vec<ConfigFinding>,
) -> (Option<&'m ArchiveMember>, bool) {
    let (config, old) = (find(members, &[b".docker", b"config.json"]), find(members, &[b".dockercfg"]));
    let (file, is_old, broken) = match (config, old) {
        (ArchiveEntry::File(file), _) => (Some(file), false, None),
        (ArchiveEntry::Link(link), ArchiveEntry::File(file)) => (Some(file), true, Some(link)),
        (ArchiveEntry::Nowhere, ArchiveEntry::File(file)) => (Some(file), true, None),
        (ArchiveEntry::Link(link), _) | (_, ArchiveEntry::Link(link)) => (None, false, Some(link)),
        (ArchiveEntry::Nowhere, ArchiveEntry::Nowhere) => (None, false, None),
    };
    for member in members {
        dangers(member, broken, found);
    }
    repeated(members, found);
    let misplaced =
        members.iter().find(|member| file.is_none() && member.is_file() && is_named_config(member));
    others(members, file.or(misplaced), found);
    match (file, misplaced) {
        (Some(_), _) if is_old => found.push(ConfigFinding::warning(
            &rules::OLD_CONFIG,
            "there is a .dockercfg in it and no .docker/config.json: Docker 23 and later do not read it",
            MAKE,
        )),
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
    (file, is_old)
}

fn is_config(member: &ArchiveMember) -> bool {
    member.is_file()
        && !climbs(&member.path)
        && plain(&member.path) == [b".docker".as_slice(), b"config.json"]
}

/// The last of several overwrites the others.
fn repeated(members: &[ArchiveMember], found: &mut Vec<ConfigFinding>) {
    if members.iter().filter(|member| is_config(member)).count() > 1 {
        found.push(ConfigFinding::warning(
            &rules::REPEATED_FILE,
            ".docker/config.json is in it more than once, and the last one stays",
            MAKE,
        ));
    }
}

/// Reports files that a pull does not need, in one finding. macOS puts a `._` file beside each, which holds no secrets.
fn others(members: &[ArchiveMember], config: Option<&ArchiveMember>, found: &mut Vec<ConfigFinding>) {
    const NAMED: usize = 3;
    let is_other = |member: &&ArchiveMember| {
        let is_apples = plain(&member.path).last().is_some_and(|name| name.starts_with(b"._"));
        let is_the_config = config.is_some_and(|config| std::ptr::eq(config, *member));
        member.is_file() && !is_the_config && !is_config(member) && !climbs(&member.path) && !is_apples
    };
    let others: Vec<String> = members.iter().filter(is_other).map(|member| quoted(&member.path)).collect();
    let (is, has) = match others.len() {
        0 => return,
        1 => ("is", "it"),
        _ => ("are", "them"),
    };
    let named = others.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = others.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    found.push(ConfigFinding::warning(
        &rules::FOREIGN_FILE,
        format!("{named}{more} {is} not needed for a pull, and everybody who reads the sandbox has {has}"),
        MAKE,
    ));
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
            found.push(ConfigFinding::info(
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

/// Reads the config file. If it is none, why, and at which place of its text.
fn content(member: &ArchiveMember) -> Result<Config, (ConfigFinding, Option<FileFault>)> {
    let name = quoted(&member.path);
    let problem = |message: String| {
        let help = "`milepost creds login` and `milepost creds archive` make it again";
        ConfigFinding::error(&rules::BAD_CONFIG, message, help)
    };
    let text = String::from_utf8(member.content.to_vec()).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        (problem(format!("{name} is not UTF-8 text")), None)
    })?;
    let config = config::parse(&text).and_then(|document| Config::read(&document));
    config.map_err(|error| {
        let fault = error.in_file(&name, &text);
        (problem(fault.to_string()), Some(fault))
    })
}
