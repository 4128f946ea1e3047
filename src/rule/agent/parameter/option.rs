//! The long options of `docker run`, as data: their one-letter forms and the values they take.

use super::form::Form;
use crate::target::DockerRelease;

/// A long option of `docker run`.
#[derive(Debug)]
pub(super) struct DockerOption {
    /// Its name, without dashes.
    pub(super) name: &'static str,
    /// Its one-letter form, which a parameter cannot use.
    pub(super) letter: Option<char>,
    /// The values it takes.
    pub(super) form: Form,
    /// Whether each one counts where there are several. Of any other option the last one does.
    pub(super) is_list: bool,
    /// The release that came with it, where agents may have an older one.
    pub(super) since: Option<DockerRelease>,
}

impl DockerOption {
    const fn several(self) -> Self {
        Self { is_list: true, ..self }
    }

    const fn since(self, major: u16, minor: u16) -> Self {
        Self { since: Some(DockerRelease::new(major, minor)), ..self }
    }

    /// The option as the messages of Docker name it.
    pub(super) fn flag(&self) -> String {
        match self.letter {
            Some(letter) => format!("-{letter}, --{}", self.name),
            None => format!("--{}", self.name),
        }
    }

    /// The option of this name.
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        OPTIONS.binary_search_by(|option| option.name.cmp(name)).ok().map(|index| &OPTIONS[index])
    }

    /// The option with this one-letter form.
    pub(super) fn of_letter(letter: char) -> Option<&'static Self> {
        OPTIONS.iter().find(|option| option.letter == Some(letter))
    }

    /// The names of all options.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        OPTIONS.iter().map(|option| option.name)
    }
}

const fn option(name: &'static str, form: Form) -> DockerOption {
    DockerOption { name, letter: None, form, is_list: false, since: None }
}

const fn lettered(letter: char, name: &'static str, form: Form) -> DockerOption {
    DockerOption { name, letter: Some(letter), form, is_list: false, since: None }
}

/// Words of options for namespaces that other containers can share, beside `container:NAME`.
const fn shared(words: &'static [&'static str], fault: &'static str) -> Form {
    Form::Namespace { words, takes_container: true, fault }
}

const fn own(words: &'static [&'static str], fault: &'static str) -> Form {
    Form::Namespace { words, takes_container: false, fault }
}

/// All options, sorted by name (docker/cli 19.03 to 28, `cli/command/container/opts.go` and `run.go`).
static OPTIONS: &[DockerOption] = &[
    option("add-host", Form::AddHost).several(),
    option("annotation", Form::Text).several().since(24, 0),
    lettered('a', "attach", Form::Stream).several(),
    option("blkio-weight", Form::Weight),
    option("blkio-weight-device", Form::WeightOfDevice).several(),
    option("cap-add", Form::Capability("CapAdd")).several(),
    option("cap-drop", Form::Capability("CapDrop")).several(),
    option("cgroup-parent", Form::Text),
    option("cgroupns", own(&["", "host", "private"], "--cgroupns: invalid CGROUP mode")).since(20, 10),
    option("cidfile", Form::Text),
    option("cpu-count", Form::Integer),
    option("cpu-percent", Form::Integer),
    option("cpu-period", Form::Period),
    option("cpu-quota", Form::Quota),
    option("cpu-rt-period", Form::Integer),
    option("cpu-rt-runtime", Form::Integer),
    lettered('c', "cpu-shares", Form::Shares),
    option("cpus", Form::Cpus),
    option("cpuset-cpus", Form::CpuSet("cpus")),
    option("cpuset-mems", Form::CpuSet("mems")),
    lettered('d', "detach", Form::Boolean),
    option("detach-keys", Form::Text),
    option("device", Form::Device).several(),
    option("device-cgroup-rule", Form::DeviceRule).several(),
    option("device-read-bps", Form::Rate).several(),
    option("device-read-iops", Form::Operations).several(),
    option("device-write-bps", Form::Rate).several(),
    option("device-write-iops", Form::Operations).several(),
    option("disable-content-trust", Form::Boolean),
    option("dns", Form::Address).several(),
    option("dns-opt", Form::Text).several(),
    option("dns-option", Form::Text).several(),
    option("dns-search", Form::Domain).several(),
    option("domainname", Form::Text),
    option("entrypoint", Form::Text),
    lettered('e', "env", Form::Variable).several(),
    option("env-file", Form::File).several(),
    option("expose", Form::Expose).several(),
    option("gpus", Form::Gpus).several().since(19, 3),
    option("group-add", Form::Group).several(),
    option("health-cmd", Form::Text),
    option("health-interval", Form::Pause),
    option("health-retries", Form::Integer),
    option("health-start-interval", Form::Pause).since(25, 0),
    option("health-start-period", Form::Pause),
    option("health-timeout", Form::Pause),
    option("help", Form::Boolean),
    lettered('h', "hostname", Form::HostName),
    option("init", Form::Boolean),
    lettered('i', "interactive", Form::Boolean),
    option("io-maxbandwidth", Form::Size),
    option("io-maxiops", Form::Integer),
    option("ip", Form::Text),
    option("ip6", Form::Text),
    option("ipc", shared(&["", "none", "private", "shareable", "host"], "invalid IPC mode")),
    option("isolation", Form::Isolation),
    option("kernel-memory", Form::Size),
    lettered('l', "label", Form::Label).several(),
    option("label-file", Form::File).several(),
    option("link", Form::Link).several(),
    option("link-local-ip", Form::LinkLocal).several(),
    option("log-driver", Form::Text),
    option("log-opt", Form::Text).several(),
    option("mac-address", Form::MacAddress),
    lettered('m', "memory", Form::Size),
    option("memory-reservation", Form::Size),
    option("memory-swap", Form::SwapSize),
    option("memory-swappiness", Form::Swappiness),
    option("mount", Form::Mount).several(),
    option("name", Form::Text),
    option("net", Form::Text).several(),
    option("net-alias", Form::Text).several(),
    option("network", Form::Text).several(),
    option("network-alias", Form::Text).several(),
    option("no-healthcheck", Form::Boolean),
    option("oom-kill-disable", Form::Boolean),
    option("oom-score-adj", Form::OomScore),
    option("pid", shared(&["", "host"], "--pid: invalid PID mode")),
    option("pids-limit", Form::Integer),
    option("platform", Form::Platform),
    option("privileged", Form::Boolean),
    lettered('p', "publish", Form::Publish).several(),
    lettered('P', "publish-all", Form::Boolean),
    option("pull", Form::Text).since(20, 10),
    option("quiet", Form::Boolean).since(23, 0),
    option("read-only", Form::Boolean),
    option("restart", Form::Restart),
    option("rm", Form::Boolean),
    option("runtime", Form::Text),
    option("security-opt", Form::Security).several(),
    option("shm-size", Form::Size),
    option("sig-proxy", Form::Boolean),
    option("stop-signal", Form::Signal),
    option("stop-timeout", Form::Integer),
    option("storage-opt", Form::StorageOption).several(),
    option("sysctl", Form::Sysctl).several(),
    option("tmpfs", Form::Tmpfs).several(),
    lettered('t', "tty", Form::Boolean),
    option("ulimit", Form::Ulimit).several(),
    option("use-api-socket", Form::Boolean).since(28, 0),
    lettered('u', "user", Form::User),
    option("userns", own(&["", "host"], "--userns: invalid USER mode")),
    option("uts", own(&["", "host"], "--uts: invalid UTS mode")),
    lettered('v', "volume", Form::Volume).several(),
    option("volume-driver", Form::Text),
    option("volumes-from", Form::VolumesFrom).several(),
    lettered('w', "workdir", Form::AbsolutePath),
];

/// Names that people write for an option, and the option that is meant.
pub(super) const SLIPS: &[(&str, &str)] = &[
    ("environment", "env"),
    ("volumes", "volume"),
    ("ports", "publish"),
    ("port", "publish"),
    ("mem-limit", "memory"),
    ("mem", "memory"),
    ("extra-hosts", "add-host"),
    ("links", "link"),
    ("labels", "label"),
    ("devices", "device"),
    ("command", "entrypoint"),
    ("working-dir", "workdir"),
    ("ulimits", "ulimit"),
];

#[cfg(test)]
mod tests {
    use super::OPTIONS;

    #[test]
    fn the_options_are_sorted() {
        assert!(OPTIONS.is_sorted_by(|one, next| one.name < next.name));
    }
}
