//! Values of options that mount something: volumes, mounts, tmpfs and devices (moby `volume/mounts/linux_parser.go`,
//! docker/cli `opts/mount.go`).

use super::form::ValueFault;
use super::number::{boolean, size};
use crate::rule::agent::path;

/// A volume or mount of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mounted<'v> {
    /// A directory of the agent, or the name of a volume; none for a new volume.
    pub(super) source: Option<&'v str>,
    /// The path in the container.
    pub(super) target: &'v str,
}

impl<'v> Mounted<'v> {
    /// The path of the agent that has to be there.
    pub(super) fn host_path(&self) -> Option<&'v str> {
        self.source.filter(|source| source.starts_with('/'))
    }
}

/// Reads `[SOURCE:]TARGET[:MODE]`.
///
/// # Errors
/// What Docker refuses.
pub(super) fn volume(value: &str) -> Result<Mounted<'_>, ValueFault> {
    let invalid = || ValueFault::Engine(format!("invalid volume specification: '{value}'"));
    let parts: Vec<&str> = value.splitn(4, ':').collect();
    let (source, target, mode) = match parts[..] {
        [target] if !target.is_empty() => (None, target, ""),
        [source, target] if !source.is_empty() && !is_mode(target) => (Some(source), target, ""),
        [source, target, mode] if !source.is_empty() => (Some(source), target, mode),
        _ => return Err(invalid()),
    };
    if !mode.is_empty() && !is_mode(mode) {
        return Err(ValueFault::Engine(format!("invalid mode: {mode}")));
    }
    check_target(target).map_err(|why| {
        let kind = if source.is_some_and(|source| source.starts_with('/')) { "bind" } else { "volume" };
        ValueFault::Engine(format!(
            "invalid volume specification: '{value}': invalid mount config for type \"{kind}\": {why}"
        ))
    })?;
    if let Some(why) = source.filter(|source| !source.starts_with('/')).and_then(name_fault) {
        return Err(ValueFault::Engine(why));
    }
    Ok(Mounted { source, target })
}

fn check_target(target: &str) -> Result<(), String> {
    if !target.starts_with('/') {
        return Err(format!("invalid mount path: '{target}' mount path must be absolute"));
    }
    if path::clean(target) == "/" {
        return Err("invalid specification: destination can't be '/'".to_owned());
    }
    Ok(())
}

/// Why the Docker Engine creates no volume of this name (moby `volume/local/local.go`).
pub(in crate::rule::agent) fn name_fault(name: &str) -> Option<String> {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if name.chars().count() == 1 {
        return Some(format!(
            "create {name}: volume name is too short, names should be at least two alphanumeric characters"
        ));
    }
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_inner);
    (!is_name).then(|| {
        format!(
            "create {name}: {name:?} includes invalid characters for a local volume name, only \
             \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
        )
    })
}

/// Whether a text is a mode of a volume: at most one of each kind of word.
fn is_mode(text: &str) -> bool {
    const KINDS: [&[&str]; 5] = [
        &["rw", "ro"],
        &["z", "Z"],
        &["shared", "slave", "private", "rshared", "rslave", "rprivate"],
        &["nocopy"],
        &["consistent", "cached", "delegated", "default"],
    ];
    let mut seen = [false; KINDS.len()];
    text.split(',').all(|word| {
        let kind = KINDS.iter().position(|words| words.contains(&word));
        kind.is_some_and(|kind| !std::mem::replace(&mut seen[kind], true))
    })
}

/// What is wrong with `CONTAINER[:MODE]`; a mode says nothing of propagation and copies there.
pub(super) fn volumes_from(value: &str) -> Option<ValueFault> {
    if value.is_empty() {
        return Some(ValueFault::Engine("malformed volumes-from specification: \"\"".into()));
    }
    let (_, mode) = value.split_once(':')?;
    let is_other =
        |word: &str| ["shared", "slave", "private", "nocopy"].iter().any(|other| word.ends_with(other));
    let is_fine = is_mode(mode) && !mode.split(',').any(is_other);
    (!is_fine).then(|| ValueFault::Engine(format!("invalid mode: {mode}")))
}

/// Reads `type=…,src=…,dst=…`.
///
/// # Errors
/// What Docker refuses.
pub(super) fn mount(value: &str) -> Result<Mounted<'_>, ValueFault> {
    // Quoted fields are not looked into.
    if value.contains('"') {
        return Ok(Mounted { source: None, target: "" });
    }
    let (mut kind, mut source, mut target) = ("volume", None, "");
    for field in value.split(',') {
        let (key, text) = match field.split_once('=') {
            Some((key, text)) => (key, Some(text)),
            None => (field, None),
        };
        match (key.to_ascii_lowercase().as_str(), text) {
            ("type", Some(text)) => kind = text,
            ("source" | "src", Some(text)) => source = Some(text),
            ("target" | "dst" | "destination", Some(text)) => target = text,
            ("readonly" | "ro" | "volume-nocopy" | "bind-nonrecursive", Some(text)) => {
                if boolean(text).is_none() {
                    return Err(ValueFault::Flag(format!("invalid value for {key}: {text}")));
                }
            }
            ("readonly" | "ro" | "volume-nocopy" | "bind-nonrecursive", None)
            | (
                "consistency" | "bind-propagation" | "bind-recursive" | "volume-label" | "volume-driver"
                | "volume-opt" | "volume-subpath" | "tmpfs-size" | "tmpfs-mode" | "image-subpath",
                Some(_),
            ) => {}
            (_, None) => {
                return Err(ValueFault::Flag(format!("invalid field '{field}' must be a key=value pair")));
            }
            (_, Some(_)) => return Err(ValueFault::Flag(format!("unexpected key '{key}' in '{field}'"))),
        }
    }
    if target.is_empty() {
        return Err(ValueFault::Flag("target is required".into()));
    }
    let kind = kind.to_ascii_lowercase();
    let invalid = |why: &str| ValueFault::Engine(format!("invalid mount config for type {kind:?}: {why}"));
    check_target(target).map_err(|why| invalid(&why))?;
    match (kind.as_str(), source) {
        ("bind", None | Some("")) => Err(invalid("field Source must not be empty")),
        ("bind", Some(source)) if !source.starts_with('/') => {
            Err(invalid(&format!("invalid mount path: '{source}' mount path must be absolute")))
        }
        ("bind", source) => Ok(Mounted { source, target }),
        ("tmpfs", Some(_)) => Err(invalid("field Source must not be specified")),
        ("volume" | "tmpfs" | "npipe" | "image" | "cluster", _) => Ok(Mounted { source: None, target }),
        _ => Err(ValueFault::Engine(format!("mount type {kind:?} unknown"))),
    }
}

pub(super) fn tmpfs(value: &str) -> Option<ValueFault> {
    const FLAGS: [&str; 34] = [
        "async",
        "atime",
        "bind",
        "defaults",
        "dev",
        "diratime",
        "dirsync",
        "exec",
        "iversion",
        "lazytime",
        "loud",
        "mand",
        "noatime",
        "nodev",
        "nodiratime",
        "noexec",
        "noiversion",
        "nolazytime",
        "nomand",
        "norelatime",
        "nostrictatime",
        "nosuid",
        "private",
        "rbind",
        "relatime",
        "remount",
        "ro",
        "rprivate",
        "rw",
        "silent",
        "strictatime",
        "suid",
        "sync",
        "shared",
    ];
    let (target, options) = value.split_once(':').unwrap_or((value, ""));
    if let Err(why) = check_target(target) {
        return Some(ValueFault::Engine(why));
    }
    let is_option = |option: &str| match option.split_once('=') {
        Some(("size" | "nr_blocks" | "nr_inodes", amount)) => {
            size(amount).is_some()
                || amount.strip_suffix('%').is_some_and(|percent| percent.parse::<u32>().is_ok())
        }
        Some(("mode" | "uid" | "gid" | "mpol", _)) => true,
        _ => FLAGS.contains(&option),
    };
    let odd = options.split(',').find(|option| !options.is_empty() && !is_option(option))?;
    Some(ValueFault::Engine(format!("Invalid tmpfs option {odd:?}")))
}

/// A device: `PATH[:PATH][:MODE]`.
pub(super) fn device(value: &str) -> Option<ValueFault> {
    let parts: Vec<&str> = value.splitn(4, ':').collect();
    let is_mode = |text: &str| {
        (1..=3).contains(&text.len())
            && ['r', 'w', 'm'].iter().map(|mode| text.matches(*mode).count()).sum::<usize>() == text.len()
            && ['r', 'w', 'm'].iter().all(|mode| text.matches(*mode).count() < 2)
    };
    let (inner, mode) = match parts[..] {
        [path] => (path, None),
        [path, mode] if is_mode(mode) => (path, Some(mode)),
        [_, inner] => (inner, None),
        [_, inner, mode] => (inner, Some(mode)),
        _ => return Some(ValueFault::Flag(format!("bad format for path: {value}"))),
    };
    // A device of the Container Device Interface: vendor.com/class=name.
    if parts.len() == 1 && value.contains('=') && value.contains('/') && !value.starts_with('/') {
        return None;
    }
    if !inner.starts_with('/') {
        return Some(ValueFault::Flag(format!("{inner} is not an absolute path")));
    }
    mode.filter(|mode| !is_mode(mode)).map(|mode| ValueFault::Flag(format!("bad mode specified: {mode}")))
}
