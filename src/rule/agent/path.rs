//! Paths of the sandbox and of containers.

use crate::target::SANDBOX;
use crate::util::path::is_within;

/// A path without `.`, `..`, empty parts and a slash at its end (Go, `path.Clean`).
pub(super) fn clean(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (is_absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Where a path of a volume is in the container: a relative one is below the sandbox.
pub(super) fn in_container(path: &str) -> String {
    if path.starts_with('/') { clean(path) } else { clean(&format!("{SANDBOX}/{path}")) }
}

/// Whether every Linux system has this directory, so that something can be mounted there.
pub(super) fn is_usual_directory(path: &str) -> bool {
    const PLACES: [&str; 34] = [
        "/",
        "/bin",
        "/boot",
        "/dev",
        "/dev/shm",
        "/etc",
        "/home",
        "/lib",
        "/lib64",
        "/media",
        "/mnt",
        "/opt",
        "/opt/mesosphere",
        "/proc",
        "/root",
        "/run",
        "/sbin",
        "/srv",
        "/sys",
        "/sys/fs/cgroup",
        "/tmp",
        "/usr",
        "/usr/bin",
        "/usr/lib",
        "/usr/local",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/share",
        "/var",
        "/var/lib",
        "/var/log",
        "/var/run",
        "/var/tmp",
        "/var/lib/mesos",
    ];
    PLACES.contains(&path)
}

/// Whether a path is below a directory that systems and their packages fill, so that agents may have it.
pub(super) fn is_below_the_system(path: &str) -> bool {
    let first = path.strip_prefix('/').and_then(|rest| rest.split_once('/'));
    first.is_some_and(|(first, _)| is_usual_directory(&format!("/{first}")))
}

/// Whether every Linux system has this file.
pub(super) fn is_usual_file(path: &str) -> bool {
    const FILES: [&str; 13] = [
        "/etc/group",
        "/etc/hostname",
        "/etc/hosts",
        "/etc/machine-id",
        "/etc/os-release",
        "/etc/passwd",
        "/etc/resolv.conf",
        "/etc/shadow",
        "/etc/localtime",
        "/var/run/docker.sock",
        "/run/docker.sock",
        "/dev/null",
        "/proc/cpuinfo",
    ];
    FILES.contains(&path)
}

/// Whether every Linux system has this device.
pub(super) fn is_usual_device(path: &str) -> bool {
    const DEVICES: [&str; 12] = [
        "/dev",
        "/dev/console",
        "/dev/full",
        "/dev/fuse",
        "/dev/kvm",
        "/dev/mem",
        "/dev/net/tun",
        "/dev/null",
        "/dev/random",
        "/dev/tty",
        "/dev/urandom",
        "/dev/zero",
    ];
    DEVICES.contains(&path)
}

/// Whether a path of an agent is of a kind that every agent has: of the system, of Docker or of DC/OS.
pub(super) fn is_of_every_agent(path: &str) -> bool {
    is_usual_directory(path)
        || is_usual_file(path)
        || [
            "/proc",
            "/sys",
            "/dev",
            "/run",
            "/var/run",
            "/opt/mesosphere",
            "/var/lib/dcos",
            "/var/lib/docker",
            "/usr",
        ]
        .iter()
        .any(|place| is_within(path, place))
}

#[cfg(test)]
mod tests {
    use super::{clean, in_container};

    #[test]
    fn paths_are_cleaned_as_go_does_it() {
        for (path, cleaned) in [
            ("/data/", "/data"),
            ("//data/./x/..", "/data"),
            ("/..", "/"),
            ("a/../..", ".."),
            ("./a", "a"),
            ("", "."),
            ("/", "/"),
            ("/data/.x", "/data/.x"),
            ("/data/x", "/data/x"),
        ] {
            assert_eq!(clean(path), cleaned, "{path}");
        }
        assert_eq!(in_container("../data"), "/mnt/mesos/data");
    }
}
