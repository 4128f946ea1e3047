//! Values of options that mount something: volumes, mounts, tmpfs and devices (moby `volume/mounts/linux_parser.go`,
//! docker/cli `opts/mount.go`).

use super::form::{Engine, RefusedValue};
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
pub(super) fn volume(value: &str, engine: Engine) -> Result<Mounted<'_>, RefusedValue> {
    let invalid = || RefusedValue::Engine(format!("invalid volume specification: '{value}'"));
    if is_new_volume(value, engine) {
        let is_root = value.starts_with('/') && path::clean(value) == "/";
        return if is_root { Err(invalid()) } else { Ok(Mounted { source: None, target: value }) };
    }
    let parts: Vec<&str> = value.splitn(4, ':').collect();
    let (source, target, mode) = match parts[..] {
        [source, target] if !source.is_empty() && !is_mode(target) => (Some(source), target, ""),
        [source, target, mode] if !source.is_empty() => (Some(source), target, mode),
        _ => return Err(invalid()),
    };
    if !mode.is_empty() && !is_mode(mode) {
        return Err(RefusedValue::Engine(format!("invalid mode: {mode}")));
    }
    let is_path = |source: &str| source.starts_with('/') || is_below_here(source, engine);
    let kind = if source.is_some_and(is_path) { "bind" } else { "volume" };
    let wrong = |why: String| {
        RefusedValue::Engine(format!(
            "invalid volume specification: '{value}': invalid mount config for type \"{kind}\": {why}"
        ))
    };
    check_target(target).map_err(wrong)?;
    let other = mode.split(',').find_map(|word| match word {
        "nocopy" if kind == "bind" => Some("VolumeOptions"),
        _ if is_propagation(word) && kind == "volume" => Some("BindOptions"),
        _ => None,
    });
    if let Some(other) = other {
        return Err(wrong(format!("field {other} must not be specified")));
    }
    match source.filter(|source| !is_path(source) && !engine.has_driver).and_then(name_fault) {
        Some(why) => Err(RefusedValue::Engine(why)),
        None => Ok(Mounted { source, target }),
    }
}

/// Whether the command line finds no source in a text, so that the whole of it is where a new volume is: a letter and a colon
/// are a drive to it (docker/cli, `cli/compose/loader/volume.go`).
fn is_new_volume(value: &str, engine: Engine) -> bool {
    let mut chars = value.chars();
    let drive = chars.next().filter(|first| first.is_alphabetic() && chars.next() == Some(':'));
    let rest = &value[drive.map_or(0, |drive| drive.len_utf8() + 1)..];
    // Later releases report what is empty before a colon.
    let has_no_source = |at| at == 0 && drive.is_none() && !engine.is_from(23, 0);
    !value.is_empty() && (value.len() <= 2 || rest.find(':').is_none_or(has_no_source))
}

/// Whether a source is a path of the sandbox to Docker: from 23 on its command line makes `./data` absolute.
fn is_below_here(source: &str, engine: Engine) -> bool {
    (source == "." || source.starts_with("./")) && engine.is_from(23, 0)
}

/// Whether a word says how mounts in a volume spread.
fn is_propagation(word: &str) -> bool {
    PROPAGATIONS.contains(&word)
}

const PROPAGATIONS: &[&str] = &["shared", "slave", "private", "rshared", "rslave", "rprivate"];

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
        PROPAGATIONS,
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
pub(super) fn volumes_from(value: &str) -> Option<RefusedValue> {
    if value.is_empty() {
        return Some(RefusedValue::Engine("malformed volumes-from specification: \"\"".into()));
    }
    let (name, mode) = value.split_once(':')?;
    if name.is_empty() {
        return Some(RefusedValue::Engine("invalid name or ID supplied: \"\"".into()));
    }
    let is_other = |word: &str| is_propagation(word) || word == "nocopy";
    let is_fine = is_mode(mode) && !mode.split(',').any(is_other);
    (!is_fine).then(|| RefusedValue::Engine(format!("invalid mode: {mode}")))
}

/// Reads `type=…,src=…,dst=…`.
///
/// # Errors
/// What Docker refuses.
pub(super) fn mount(value: &str, engine: Engine) -> Result<Mounted<'_>, RefusedValue> {
    // Quoted fields are not looked into.
    if value.contains('"') {
        return Ok(Mounted { source: None, target: "" });
    }
    let fields = MountFields::of(value).map_err(RefusedValue::Flag)?;
    let MountFields { kind, source, target, .. } = &fields;
    let (kind, source, target) = (kind.as_str(), *source, *target);
    let invalid = |why: &str| RefusedValue::Engine(format!("invalid mount config for type {kind:?}: {why}"));
    check_target(target).map_err(|why| invalid(&why))?;
    match (kind, source) {
        ("bind", None | Some("")) => Err(invalid("field Source must not be empty")),
        ("bind", Some(source)) if !source.starts_with('/') && !is_below_here(source, engine) => {
            Err(invalid(&format!("invalid mount path: '{source}' mount path must be absolute")))
        }
        ("bind", _) if fields.propagation.is_some_and(|word| !is_propagation(word)) => {
            let word = fields.propagation.unwrap_or_default();
            Err(invalid(&format!("invalid propagation mode: {word}")))
        }
        ("bind", source) => Ok(Mounted { source, target }),
        ("volume", None | Some("")) if fields.is_read_only => {
            Err(invalid("must not set ReadOnly mode when using anonymous volumes"))
        }
        ("volume", Some(source)) if !source.is_empty() && !fields.has_driver => match name_fault(source) {
            Some(why) => Err(RefusedValue::Engine(why)),
            None => Ok(Mounted { source: None, target }),
        },
        ("tmpfs", Some(_)) => Err(invalid("field Source must not be specified")),
        ("npipe", _) => Err(invalid("mount type unknown")),
        ("volume" | "tmpfs" | "image" | "cluster", _) => Ok(Mounted { source: None, target }),
        _ => Err(RefusedValue::Engine(format!("mount type {kind:?} unknown"))),
    }
}

/// The fields of a mount.
#[derive(Default)]
struct MountFields<'v> {
    kind: String,
    source: Option<&'v str>,
    target: &'v str,
    propagation: Option<&'v str>,
    is_read_only: bool,
    /// Whether it names the driver of its volume.
    has_driver: bool,
    /// The kinds of mount that it has options of.
    families: Vec<&'static str>,
}

impl<'v> MountFields<'v> {
    /// Reads them.
    ///
    /// # Errors
    /// Why the command line refuses them.
    fn of(value: &'v str) -> Result<Self, String> {
        let mut fields = Self { kind: "volume".to_owned(), ..Self::default() };
        for field in value.split(',') {
            let (key, text) = match field.split_once('=') {
                Some((key, text)) => (key, Some(text)),
                None => (field, None),
            };
            fields.read(field, &key.to_ascii_lowercase(), text)?;
        }
        let Self { kind, target, families, .. } = &fields;
        if kind.is_empty() {
            return Err("type is required".into());
        }
        if target.is_empty() {
            return Err("target is required".into());
        }
        match families.iter().find(|family| *family != kind) {
            Some(family) => Err(format!("cannot mix '{family}-*' options with mount type '{kind}'")),
            None => Ok(fields),
        }
    }

    fn read(&mut self, field: &str, key: &str, text: Option<&'v str>) -> Result<(), String> {
        let is_switch = matches!(key, "readonly" | "ro" | "volume-nocopy" | "bind-nonrecursive");
        let text = match text {
            Some(text) => text,
            None if is_switch => "true",
            None => return Err(format!("invalid field '{field}' must be a key=value pair")),
        };
        let is_taken = match key {
            _ if is_switch => boolean(text).is_some(),
            "tmpfs-size" => size(text).is_some(),
            "tmpfs-mode" => u32::from_str_radix(text, 8).is_ok(),
            "bind-recursive" => matches!(text, "enabled" | "disabled" | "writable" | "readonly"),
            _ => true,
        };
        if !is_taken {
            return Err(format!("invalid value for {key}: {text}"));
        }
        match key {
            "type" => self.kind = text.to_ascii_lowercase(),
            "source" | "src" => self.source = Some(text),
            "target" | "dst" | "destination" => self.target = text,
            "readonly" | "ro" => self.is_read_only = boolean(text) == Some(true),
            "bind-propagation" => self.propagation = Some(text),
            "volume-driver" => self.has_driver = true,
            "consistency" | "bind-recursive" | "bind-nonrecursive" | "volume-nocopy" | "volume-label"
            | "volume-opt" | "volume-subpath" | "tmpfs-size" | "tmpfs-mode" | "image-subpath" => {}
            _ => return Err(format!("unexpected key '{key}' in '{field}'")),
        }
        let family = ["volume", "bind", "tmpfs"]
            .into_iter()
            .find(|family| key.strip_prefix(family).is_some_and(|rest| rest.starts_with('-')));
        self.families.extend(family);
        Ok(())
    }
}

/// Reads `TARGET[:OPTIONS]`.
///
/// # Errors
/// What Docker refuses.
pub(super) fn tmpfs(value: &str) -> Result<Mounted<'_>, RefusedValue> {
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
    check_target(target).map_err(RefusedValue::Engine)?;
    let is_option = |option: &str| match option.split_once('=') {
        Some(("size" | "nr_blocks" | "nr_inodes", amount)) => {
            size(amount).is_some()
                || amount.strip_suffix('%').is_some_and(|percent| percent.parse::<u32>().is_ok())
        }
        Some(("mode", mode)) => u32::from_str_radix(mode, 8).is_ok(),
        Some(("uid" | "gid" | "mpol", _)) => true,
        _ => FLAGS.contains(&option),
    };
    match options.split(',').find(|option| !options.is_empty() && !is_option(option)) {
        Some(odd) => Err(RefusedValue::Engine(format!("Invalid tmpfs option {odd:?}"))),
        None => Ok(Mounted { source: None, target }),
    }
}

/// A device: `PATH[:PATH][:MODE]`.
pub(super) fn device(value: &str) -> Option<RefusedValue> {
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
        _ => return Some(RefusedValue::Flag(format!("bad format for path: {value}"))),
    };
    // A device of the Container Device Interface: vendor.com/class=name.
    if parts.len() == 1 && value.contains('=') && value.contains('/') && !value.starts_with('/') {
        return None;
    }
    if !inner.starts_with('/') {
        return Some(RefusedValue::Flag(format!("{inner} is not an absolute path")));
    }
    mode.filter(|mode| !is_mode(mode)).map(|mode| RefusedValue::Flag(format!("bad mode specified: {mode}")))
}
