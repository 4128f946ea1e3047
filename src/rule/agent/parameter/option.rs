//! The long options of `docker run`, as data: their one-letter forms and the values they take.

use super::form::ValueForm;
use crate::target::DockerRelease;

/// A long option of `docker run`.
#[derive(Debug)]
pub(super) struct DockerOption {
    /// Its name, without dashes.
    pub(super) name: &'static str,
    /// Its one-letter form, which a parameter cannot use.
    pub(super) letter: Option<char>,
    /// The values it takes.
    pub(super) form: ValueForm,
    /// Whether each one counts where there are several. Of any other option the last one does.
    pub(super) is_list: bool,
    /// The release that came with it, where agents may have an older one.
    pub(super) since: Option<DockerRelease>,
    /// The release up to which only a Docker Engine with experimental features has it.
    pub(super) experimental_before: Option<DockerRelease>,
}

impl DockerOption {
    const fn several(self) -> Self {
        Self { is_list: true, ..self }
    }

    const fn since(self, major: u16, minor: u16) -> Self {
        Self { since: Some(DockerRelease::new(major, minor)), ..self }
    }

    const fn experimental_before(self, major: u16, minor: u16) -> Self {
        Self { experimental_before: Some(DockerRelease::new(major, minor)), ..self }
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

const fn option(name: &'static str, form: ValueForm) -> DockerOption {
    DockerOption { name, letter: None, form, is_list: false, since: None, experimental_before: None }
}

const fn lettered(letter: char, name: &'static str, form: ValueForm) -> DockerOption {
    DockerOption { letter: Some(letter), ..option(name, form) }
}

/// Words of options for namespaces that other containers can share, beside `container:NAME`.
const fn shared(words: &'static [&'static str], fault: &'static str) -> ValueForm {
    ValueForm::Namespace { words, takes_container: true, fault }
}

const fn own(words: &'static [&'static str], fault: &'static str) -> ValueForm {
    ValueForm::Namespace { words, takes_container: false, fault }
}

/// All options, sorted by name (docker/cli 19.03 to 28, `cli/command/container/opts.go` and `run.go`).
static OPTIONS: &[DockerOption] = &[
    option("add-host", ValueForm::AddHost).several(),
    option("annotation", ValueForm::Text).several().since(24, 0),
    lettered('a', "attach", ValueForm::Stream).several(),
    option("blkio-weight", ValueForm::Weight),
    option("blkio-weight-device", ValueForm::WeightOfDevice).several(),
    option("cap-add", ValueForm::Capability("CapAdd")).several(),
    option("cap-drop", ValueForm::Capability("CapDrop")).several(),
    option("cgroup-parent", ValueForm::Text),
    option("cgroupns", own(&["", "host", "private"], "--cgroupns: invalid CGROUP mode")).since(20, 10),
    option("cidfile", ValueForm::Text),
    option("cpu-count", ValueForm::Integer),
    option("cpu-percent", ValueForm::Integer),
    option("cpu-period", ValueForm::Period),
    option("cpu-quota", ValueForm::Quota),
    option("cpu-rt-period", ValueForm::Integer),
    option("cpu-rt-runtime", ValueForm::Integer),
    lettered('c', "cpu-shares", ValueForm::Shares),
    option("cpus", ValueForm::Cpus),
    option("cpuset-cpus", ValueForm::CpuSet("cpus")),
    option("cpuset-mems", ValueForm::CpuSet("mems")),
    lettered('d', "detach", ValueForm::Boolean),
    option("detach-keys", ValueForm::Text),
    option("device", ValueForm::Device).several(),
    option("device-cgroup-rule", ValueForm::DeviceRule).several(),
    option("device-read-bps", ValueForm::Rate).several(),
    option("device-read-iops", ValueForm::Operations).several(),
    option("device-write-bps", ValueForm::Rate).several(),
    option("device-write-iops", ValueForm::Operations).several(),
    option("disable-content-trust", ValueForm::Boolean),
    option("dns", ValueForm::Address).several(),
    option("dns-opt", ValueForm::Text).several(),
    option("dns-option", ValueForm::Text).several(),
    option("dns-search", ValueForm::Domain).several(),
    option("domainname", ValueForm::Text),
    option("entrypoint", ValueForm::Text),
    lettered('e', "env", ValueForm::Variable).several(),
    option("env-file", ValueForm::File).several(),
    option("expose", ValueForm::Expose).several(),
    option("gpus", ValueForm::Gpus).several().since(19, 3),
    option("group-add", ValueForm::Group).several(),
    option("health-cmd", ValueForm::Text),
    option("health-interval", ValueForm::Pause),
    option("health-retries", ValueForm::Integer),
    option("health-start-interval", ValueForm::Pause).since(25, 0),
    option("health-start-period", ValueForm::Pause),
    option("health-timeout", ValueForm::Pause),
    option("help", ValueForm::Boolean),
    lettered('h', "hostname", ValueForm::HostName),
    option("init", ValueForm::Boolean),
    lettered('i', "interactive", ValueForm::Boolean),
    option("io-maxbandwidth", ValueForm::Size),
    option("io-maxiops", ValueForm::Integer),
    option("ip", ValueForm::Text),
    option("ip6", ValueForm::Text),
    option("ipc", shared(&["", "none", "private", "shareable", "host"], "invalid IPC mode")),
    option("isolation", ValueForm::Isolation),
    option("kernel-memory", ValueForm::Size),
    lettered('l', "label", ValueForm::Label).several(),
    option("label-file", ValueForm::File).several(),
    option("link", ValueForm::Link).several(),
    option("link-local-ip", ValueForm::LinkLocal).several(),
    option("log-driver", ValueForm::Text),
    option("log-opt", ValueForm::Text).several(),
    option("mac-address", ValueForm::MacAddress),
    lettered('m', "memory", ValueForm::Size),
    option("memory-reservation", ValueForm::Size),
    option("memory-swap", ValueForm::SwapSize),
    option("memory-swappiness", ValueForm::Swappiness),
    option("mount", ValueForm::Mount).several(),
    option("name", ValueForm::Text),
    option("net", ValueForm::Text).several(),
    option("net-alias", ValueForm::Text).several(),
    option("network", ValueForm::Text).several(),
    option("network-alias", ValueForm::Text).several(),
    option("no-healthcheck", ValueForm::Boolean),
    option("oom-kill-disable", ValueForm::Boolean),
    option("oom-score-adj", ValueForm::OomScore),
    option("pid", shared(&["", "host"], "--pid: invalid PID mode")),
    option("pids-limit", ValueForm::Integer),
    option("platform", ValueForm::Platform).experimental_before(20, 10),
    option("privileged", ValueForm::Boolean),
    lettered('p', "publish", ValueForm::Publish).several(),
    lettered('P', "publish-all", ValueForm::Boolean),
    option("pull", ValueForm::Text).since(20, 10),
    option("quiet", ValueForm::Boolean).since(23, 0),
    option("read-only", ValueForm::Boolean),
    option("restart", ValueForm::Restart),
    option("rm", ValueForm::Boolean),
    option("runtime", ValueForm::Text),
    option("security-opt", ValueForm::Security).several(),
    option("shm-size", ValueForm::Size),
    option("sig-proxy", ValueForm::Boolean),
    option("stop-signal", ValueForm::Signal),
    option("stop-timeout", ValueForm::Integer),
    option("storage-opt", ValueForm::StorageOption).several(),
    option("sysctl", ValueForm::Sysctl).several(),
    option("tmpfs", ValueForm::Tmpfs).several(),
    lettered('t', "tty", ValueForm::Boolean),
    option("ulimit", ValueForm::Ulimit).several(),
    option("use-api-socket", ValueForm::Boolean).since(28, 0),
    lettered('u', "user", ValueForm::User),
    option("userns", own(&["", "host"], "--userns: invalid USER mode")),
    option("uts", own(&["", "host"], "--uts: invalid UTS mode")),
    lettered('v', "volume", ValueForm::Volume).several(),
    option("volume-driver", ValueForm::Text),
    option("volumes-from", ValueForm::VolumesFrom).several(),
    lettered('w', "workdir", ValueForm::AbsolutePath),
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
