//! The values that options of `docker run` take (docker/cli `opts/`, docker/go-units, moby `daemon/`; 20.10 where releases
//! differ and the release on the agents is not known).

use std::net::IpAddr;

use super::{device, mounting, number, port, word};
use crate::rule::agent::{engine_error, runtime_error};
use crate::target::DockerRelease;

/// The values that an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueForm {
    Text,
    Boolean,
    Integer,
    /// Bytes, with a unit.
    Size,
    /// As [`Self::Size`], or -1 for no bound.
    SwapSize,
    Swappiness,
    OomScore,
    Shares,
    Period,
    Quota,
    Weight,
    Cpus,
    /// A list of CPUs or memory nodes; the word is Docker's for them.
    CpuSet(&'static str),
    /// Of a health check.
    Pause,
    Ulimit,
    Address,
    AddHost,
    Domain,
    MacAddress,
    Link,
    Stream,
    /// A capability; the word is Docker's for the list it is in.
    Capability(&'static str),
    Namespace {
        words: &'static [&'static str],
        takes_container: bool,
        fault: &'static str,
    },
    /// Only Windows has another than the default.
    Isolation,
    Device,
    DeviceRule,
    /// A device and bytes a second.
    Rate,
    /// A device and operations a second.
    Operations,
    WeightOfDevice,
    Gpus,
    StorageOption,
    Platform,
    VolumesFrom,
    Label,
    Variable,
    Expose,
    Publish,
    Mount,
    Tmpfs,
    Volume,
    Security,
    Sysctl,
    Restart,
    Signal,
    HostName,
    AbsolutePath,
    /// A file of the agent or the sandbox.
    File,
    /// The name or number of a group.
    Group,
    /// A user, and perhaps a group.
    User,
    LinkLocal,
}

/// What is wrong with a value, by who refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RefusedValue {
    /// The command line does not take it as a value of the option.
    Flag(String),
    /// The command line refuses it together with the others.
    Client(String),
    /// The Docker Engine refuses the container.
    Engine(String),
    /// runc cannot create the container.
    Runtime(String),
}

impl RefusedValue {
    /// What Docker writes to stderr for `--OPTION=VALUE`; `flag` is the option as its messages name it.
    pub(super) fn said(&self, flag: &str, value: &str) -> String {
        match self {
            Self::Flag(why) => format!("invalid argument {value:?} for {flag:?} flag: {why}"),
            Self::Client(why) => format!("docker: {why}."),
            Self::Engine(why) => engine_error(why),
            Self::Runtime(why) => runtime_error(why),
        }
    }

    /// The reason alone.
    pub(super) fn why(&self) -> &str {
        match self {
            Self::Flag(why) | Self::Client(why) | Self::Engine(why) | Self::Runtime(why) => why,
        }
    }
}

/// The Docker Engine that gets a value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Engine {
    /// Its release, where that is known.
    pub(super) release: Option<DockerRelease>,
    /// Whether another driver than its own makes the volumes, which may have any name then.
    pub(super) has_driver: bool,
}

impl Engine {
    /// Whether its release is known to be this one or a later one.
    pub(super) fn is_from(self, major: u16, minor: u16) -> bool {
        self.release.is_some_and(|release| release >= DockerRelease::new(major, minor))
    }
}

impl ValueForm {
    /// What is wrong with a value.
    pub(super) fn fault(self, value: &str, engine: Engine) -> Option<RefusedValue> {
        match self {
            Self::Text => None,
            Self::Boolean => number::boolean(value)
                .is_none()
                .then(|| RefusedValue::Flag(format!("strconv.ParseBool: parsing {value:?}: invalid syntax"))),
            Self::Integer
            | Self::Size
            | Self::SwapSize
            | Self::Swappiness
            | Self::OomScore
            | Self::Shares
            | Self::Period
            | Self::Quota
            | Self::Weight
            | Self::Cpus
            | Self::CpuSet(_)
            | Self::Pause
            | Self::Ulimit => number::fault(self, value),
            Self::Address => (!is_address(value.trim()))
                .then(|| RefusedValue::Flag(format!("{value} is not an ip address"))),
            Self::AddHost => add_host(value, engine),
            Self::Domain => domain(value),
            Self::Expose => port::expose(value),
            Self::Publish => port::publish(value, engine).err(),
            Self::Mount => mounting::mount(value, engine).err(),
            Self::Tmpfs => mounting::tmpfs(value).err(),
            Self::Volume => mounting::volume(value, engine).err(),
            Self::Device => mounting::device(value),
            Self::VolumesFrom => mounting::volumes_from(value),
            Self::Rate | Self::Operations | Self::WeightOfDevice => device::amount(self, value),
            Self::Gpus => device::gpus(value),
            Self::MacAddress
            | Self::Link
            | Self::Stream
            | Self::Capability(_)
            | Self::Namespace { .. }
            | Self::Isolation
            | Self::DeviceRule
            | Self::StorageOption
            | Self::Platform
            | Self::Label
            | Self::Variable
            | Self::Security
            | Self::Sysctl
            | Self::Restart
            | Self::Signal
            | Self::HostName
            | Self::AbsolutePath
            | Self::File
            | Self::Group
            | Self::User
            | Self::LinkLocal => word::fault(self, value),
        }
    }
}

pub(super) fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

fn add_host(value: &str, engine: Engine) -> Option<RefusedValue> {
    // Docker 25 takes NAME=ADDRESS, too.
    let at = if engine.is_from(25, 0) { value.find([':', '=']) } else { value.find(':') };
    let Some(at) = at.filter(|at| *at > 0) else {
        return Some(RefusedValue::Flag(format!("bad format for add-host: {value:?}")));
    };
    let address = &value[at + 1..];
    let inner = address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    let bare = inner.filter(|_| engine.is_from(25, 0)).unwrap_or(address);
    let is_gateway = bare == "host-gateway" && (engine.release.is_none() || engine.is_from(20, 10));
    (!is_gateway && !is_address(bare.trim()))
        .then(|| RefusedValue::Flag(format!("invalid IP address in add-host: {address:?}")))
}

fn domain(value: &str) -> Option<RefusedValue> {
    let name = value.trim();
    let has_letter = name.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_label = |label: &str| {
        // The pattern of Docker takes one colon before each.
        let label = label.strip_prefix(':').unwrap_or(label);
        let is_inner = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_inner && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    let labels = name.strip_suffix('.').unwrap_or(name);
    let is_domain = name == "." || has_letter && labels.len() < 255 && labels.split('.').all(is_label);
    (!is_domain).then(|| RefusedValue::Flag(format!("{value} is not a valid domain")))
}

#[cfg(test)]
mod tests {
    use super::super::DockerRelease;
    use super::super::option::DockerOption;
    use super::Engine;

    #[test]
    fn values_are_taken_or_refused_as_docker_does() {
        let fault = |option: &str, value: &str| {
            let option = DockerOption::of(option).expect("an option");
            option.form.fault(value, Engine::default())
        };
        for (option, fine) in [
            ("init", "t"),
            ("memory", "64 MB"),
            ("memory", "1.5g"),
            ("memory-swap", "-1"),
            ("ulimit", "nofile=1024:2048"),
            ("ulimit", "core=0"),
            ("health-interval", "1m30s"),
            ("cpus", "0.5"),
            ("cpuset-cpus", "0-3,5"),
            ("dns", "2001:db8::1"),
            ("add-host", "db:10.0.0.1"),
            ("dns-search", "example.com"),
            ("dns-search", "a-b.c."),
            ("platform", "linux/arm/v7"),
            ("platform", "linux"),
            ("mount", "type=tmpfs,dst=/x,tmpfs-size=1m,tmpfs-mode=1777"),
            ("mount", "type=volume,src=/a,dst=/x,volume-driver=x"),
            ("cpu-shares", "1_000"),
            ("cpu-shares", "0x_ff"),
            ("expose", "80-90/udp"),
            ("publish", "127.0.0.1:8080:80/tcp"),
            ("publish", "18393-18394:80-81"),
            ("publish", "[::1]:8080:80"),
            ("publish", "[127.0.0.1]:8080:80/"),
            ("publish", "80/udp/more"),
            ("publish", "published=8080,target=80,protocol=udp,mode=host"),
            ("publish", "published=[::1]:8080,target=80"),
            ("mount", "type=bind,src=/tmp,dst=/data"),
            ("tmpfs", "/run:size=16m,noexec"),
            ("volume", "name:/data:ro,z"),
            ("volume", "/data"),
            ("device", "/dev/fuse:/dev/fuse:rwm"),
            ("mac-address", "92:d0:c6:0a:29:33"),
            ("cap-add", "cap_net_admin"),
            ("cap-drop", "ALL"),
            ("security-opt", "seccomp:unconfined"),
            ("security-opt", "no-new-privileges"),
            ("sysctl", "net.core.somaxconn=1024"),
            ("restart", "on-failure:3"),
            ("stop-signal", "SIGRTMIN+3"),
            ("hostname", "my_web"),
            ("workdir", "/my dir"),
            ("label", "a=b=c"),
            ("env", "A"),
            ("ipc", "container:x"),
            ("gpus", "all"),
            ("gpus", "2"),
            ("gpus", "device=0"),
            ("gpus", "driver=nvidia,count=1"),
            ("device-read-bps", "/dev/sda:1mb"),
            ("device-read-iops", "/dev/sda:1000"),
            ("blkio-weight-device", "/dev/sda:500"),
            ("volumes-from", "data:ro,z"),
            ("storage-opt", "size=10G"),
            ("blkio-weight", "5"),
            ("expose", "80/http"),
            ("isolation", "DEFAULT"),
            ("link-local-ip", "169.254.1.1"),
            ("volume", "data"),
            ("volume", "v:/b"),
            ("volume", ":/b"),
            ("health-timeout", "1ms"),
            ("health-start-period", "0"),
            ("ulimit", "memlock=-1:-1"),
            ("tmpfs", "/x:mode=1777"),
            ("user", "1000:audio"),
            ("group-add", "2147483647"),
            ("restart", "on-failure:0"),
            ("sysctl", "net.ipv4.tcp_syncookies=1"),
        ] {
            assert_eq!(fault(option, fine), None, "{option}={fine}");
        }
        for (option, bad) in [
            ("init", ""),
            ("rm", "yes"),
            ("memory", "-1"),
            ("memory", "lots"),
            ("ulimit", "nofile 1024"),
            ("ulimit", "nofile=2048:1024"),
            ("ulimit", "nofiles=1"),
            ("ulimit", "nofile=unlimited"),
            ("health-interval", "5"),
            ("cpuset-cpus", "a"),
            ("dns", "8.8.8.8,8.8.4.4"),
            ("add-host", "db=10.0.0.1"),
            ("add-host", "a:10.0.0.1 b:10.0.0.2"),
            ("expose", "80:80"),
            ("dns-search", "-x"),
            ("dns-search", "foo_bar.com"),
            ("dns-search", "a..b"),
            ("platform", "a/b/c/d"),
            ("platform", "linux/"),
            ("platform", "foo"),
            ("platform", "linux/*"),
            ("mount", "type=tmpfs,dst=/x,tmpfs-size=x"),
            ("mount", "type=tmpfs,dst=/x,tmpfs-mode=9"),
            ("mount", "type=bind,src=/tmp,dst=/x,volume-nocopy"),
            ("mount", "type=volume,src=v1,dst=/x,bind-propagation=shared"),
            ("mount", "type=bind,src=/tmp,dst=/x,tmpfs-size=1m"),
            ("mount", "type=bind,src=/tmp,dst=/x,bind-propagation=x"),
            ("mount", "type=bind,src=/tmp,dst=/x,bind-recursive=x"),
            ("mount", "type=volume,src=/a,dst=/x"),
            ("mount", "type=volume,dst=/x,readonly"),
            ("mount", "type=,dst=/x"),
            ("volume", "/a:/b:nocopy"),
            ("volume", "v1:/b:rshared"),
            ("volume", "$HOME/a:/b"),
            ("volume", "./a:/b"),
            ("cpu-shares", "1__0"),
            ("cpu-shares", "_2"),
            ("publish", "80:8080:80"),
            ("publish", "80/http"),
            ("publish", "::1:8080:80"),
            ("publish", "[::1:8080:80"),
            ("publish", "[::1]1:8080:80"),
            ("publish", "fe80::1%eth0:8080:80"),
            ("publish", "localhost:8080:80"),
            ("publish", "+8080:80"),
            ("publish", "published=8080"),
            ("publish", "published=8080,target=80,tcp"),
            ("publish", "published=::1:8080,target=80"),
            ("publish", "70000:80"),
            ("mount", "type=bind, src=/tmp, dst=/data"),
            ("tmpfs", "run"),
            ("volume", "~/data:/data"),
            ("volume", "/tmp: /data"),
            ("volume", "/a:/b:rwx"),
            ("volume", "v:/b:/c"),
            ("volume", "/a:/"),
            ("volume", "/"),
            ("add-host", "db:[::1]"),
            ("cap-add", "NET_ADMIN "),
            ("cap-add", "CAP_ALL"),
            ("cpuset-cpus", " 0"),
            ("env-file", ""),
            ("label-file", ""),
            ("group-add", ""),
            ("group-add", "-1"),
            ("user", "0:99999999999"),
            ("user", " root"),
            ("volumes-from", ":ro"),
            ("health-interval", "500us"),
            ("link-local-ip", ""),
            ("mount", "type=npipe,src=/a,dst=/x"),
            ("restart", "on-failure:-1"),
            ("security-opt", "disable"),
            ("storage-opt", "inodes=1"),
            ("sysctl", "net.core.rmem_max=1"),
            ("tmpfs", "/x:mode=rw"),
            ("ulimit", "nofile=-1"),
            ("ulimit", "nofile=1024:-1"),
            ("device", "dev/fuse"),
            ("device", "/dev/a:/dev/b:x"),
            ("mac-address", "92:d0"),
            ("cap-add", "NET_ADMIN,SYS_TIME"),
            ("security-opt", "seccomp"),
            ("security-opt", "foo=bar"),
            ("sysctl", "vm.swappiness=1"),
            ("sysctl", "net.core.somaxconn"),
            ("restart", "allways"),
            ("stop-signal", "SIGFOO"),
            ("stop-timeout", "1s"),
            ("workdir", "tmp"),
            ("label", "a b=c"),
            ("env", "=x"),
            ("uts", "private"),
            ("oom-score-adj", "-1001"),
            ("cpu-shares", "1"),
            ("cpu-period", "10"),
            ("gpus", ""),
            ("gpus", "two"),
            ("gpus", "device=0,1"),
            ("gpus", "gpu=1"),
            ("device-read-bps", "/dev/sda"),
            ("device-read-bps", "/dev/sda:fast"),
            ("device-read-iops", "/dev/sda:1mb"),
            ("device-write-iops", "sda:10"),
            ("blkio-weight-device", "/dev/sda:5"),
            ("volumes-from", ""),
            ("volumes-from", "data:shared"),
            ("storage-opt", "size"),
        ] {
            assert!(fault(option, bad).is_some(), "{option}={bad}");
        }
        let modern = Engine { release: Some(DockerRelease::new(25, 0)), ..Engine::default() };
        for (option, fine_since_25) in [("publish", "::1:8080:80"), ("add-host", "db=10.0.0.1")] {
            let form = DockerOption::of(option).expect("an option").form;
            assert!(fault(option, fine_since_25).is_some(), "{option}={fine_since_25}");
            assert_eq!(form.fault(fine_since_25, modern), None, "{option}={fine_since_25}");
        }
    }
}
