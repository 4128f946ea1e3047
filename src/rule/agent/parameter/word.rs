//! Values of options that are words, names and pairs.

use super::form::{RefusedValue, ValueForm};

pub(super) fn fault(form: ValueForm, value: &str) -> Option<RefusedValue> {
    let flag = |why: String| Some(RefusedValue::Flag(why));
    match form {
        ValueForm::Stream => {
            let is_stream = ["stdin", "stdout", "stderr"].iter().any(|name| name.eq_ignore_ascii_case(value));
            if is_stream { None } else { flag("valid streams are STDIN, STDOUT and STDERR".into()) }
        }
        ValueForm::Capability(list) => (!is_capability(value)).then(|| {
            let name = value.to_ascii_uppercase();
            let prefix = if name.starts_with("CAP_") { "" } else { "CAP_" };
            RefusedValue::Engine(format!("invalid {list}: unknown capability: \"{prefix}{name}\""))
        }),
        ValueForm::Isolation => (!value.is_empty() && !value.eq_ignore_ascii_case("default"))
            .then(|| RefusedValue::Engine(format!("Invalid isolation: {value:?} - linux only supports 'default'"))),
        ValueForm::Namespace { words, takes_container, fault } => {
            let is_container = takes_container && value.strip_prefix("container:").is_some_and(|name| !name.is_empty());
            (!words.contains(&value) && !is_container).then(|| RefusedValue::Client(fault.to_owned()))
        }
        ValueForm::MacAddress => (!value.is_empty() && !is_mac_address(value))
            .then(|| RefusedValue::Client(format!("{value} is not a valid mac address"))),
        ValueForm::Link if value.is_empty() => flag("empty string specified for links".into()),
        ValueForm::Link => {
            if value.matches(':').count() > 1 { flag(format!("bad format for links: {value}")) } else { None }
        }
        ValueForm::Label => label(value),
        ValueForm::Variable if value.is_empty() || value.starts_with('=') => {
            flag(format!("invalid environment variable: {value}"))
        }
        ValueForm::DeviceRule => {
            if is_device_rule(value) { None } else { flag(format!("invalid device cgroup format '{value}'")) }
        }
        ValueForm::StorageOption => match value.split_once('=') {
            None => Some(RefusedValue::Client("invalid storage option".into())),
            // All drivers of Linux know this one alone.
            Some((name, _)) => (!name.eq_ignore_ascii_case("size"))
                .then(|| RefusedValue::Engine(format!("Storage opt {name} not supported"))),
        },
        ValueForm::Platform => platform(value).map(RefusedValue::Client),
        ValueForm::Security => security(value),
        ValueForm::Sysctl => sysctl(value),
        ValueForm::Restart => restart(value),
        ValueForm::Signal => {
            (!value.is_empty() && !is_signal(value)).then(|| RefusedValue::Engine(format!("Invalid signal: {value}")))
        }
        // The kernel's bound.
        ValueForm::HostName => (value.len() > 64).then(|| {
            RefusedValue::Runtime(
                "unable to start container process: error during container init: sethostname: invalid argument".into(),
            )
        }),
        ValueForm::AbsolutePath => (!value.is_empty() && !value.starts_with('/')).then(|| {
            RefusedValue::Engine(format!(
                "the working directory '{value}' is invalid, it needs to be an absolute path"
            ))
        }),
        ValueForm::File => value
            .is_empty()
            .then(|| RefusedValue::Client(format!("open {value}: no such file or directory"))),
        ValueForm::Group if value.is_empty() => {
            Some(RefusedValue::Engine("Unable to find group : no matching entries in group file".into()))
        }
        ValueForm::Group => account(value),
        ValueForm::User => value.split(':').find_map(|text| account(text).or_else(|| blank(text))),
        ValueForm::LinkLocal => (!super::form::is_address(value))
            .then(|| RefusedValue::Engine(format!("invalid link local IP address: {value}"))),
        _ => None,
    }
}

/// What is wrong with a name that no image has.
fn blank(name: &str) -> Option<RefusedValue> {
    name.contains(char::is_whitespace).then(|| {
        RefusedValue::Engine(format!("unable to find user {name}: no matching entries in passwd file"))
    })
}

/// What is wrong with the number of a user or group.
fn account(text: &str) -> Option<RefusedValue> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && text.parse::<u32>().ok().and_then(|number| i32::try_from(number).ok()).is_none())
        .then(|| RefusedValue::Engine("uids and gids must be in range 0-2147483647".into()))
}

fn is_capability(value: &str) -> bool {
    const NAMES: &[&str] = &[
        "ALL",
        "AUDIT_CONTROL",
        "AUDIT_READ",
        "AUDIT_WRITE",
        "BLOCK_SUSPEND",
        "BPF",
        "CHECKPOINT_RESTORE",
        "CHOWN",
        "DAC_OVERRIDE",
        "DAC_READ_SEARCH",
        "FOWNER",
        "FSETID",
        "IPC_LOCK",
        "IPC_OWNER",
        "KILL",
        "LEASE",
        "LINUX_IMMUTABLE",
        "MAC_ADMIN",
        "MAC_OVERRIDE",
        "MKNOD",
        "NET_ADMIN",
        "NET_BIND_SERVICE",
        "NET_BROADCAST",
        "NET_RAW",
        "PERFMON",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYSLOG",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_CHROOT",
        "SYS_MODULE",
        "SYS_NICE",
        "SYS_PACCT",
        "SYS_PTRACE",
        "SYS_RAWIO",
        "SYS_RESOURCE",
        "SYS_TIME",
        "SYS_TTY_CONFIG",
        "WAKE_ALARM",
    ];
    let name = value.to_ascii_uppercase();
    name.strip_prefix("CAP_")
        .map_or_else(|| NAMES.contains(&name.as_str()), |bare| bare != "ALL" && NAMES.contains(&bare))
}

/// What is wrong with a platform: `OS[/ARCHITECTURE[/VARIANT]]`, or one of the first two (containerd, `platforms`).
fn platform(value: &str) -> Option<String> {
    const NAMES: &[&str] = &[
        "386",
        "aarch64",
        "aix",
        "amd64",
        "amd64p32",
        "android",
        "arm",
        "arm64",
        "arm64be",
        "armbe",
        "armel",
        "armhf",
        "darwin",
        "dragonfly",
        "freebsd",
        "hurd",
        "i386",
        "illumos",
        "ios",
        "js",
        "linux",
        "loong64",
        "macos",
        "mips",
        "mips64",
        "mips64le",
        "mips64p32",
        "mips64p32le",
        "mipsle",
        "nacl",
        "netbsd",
        "openbsd",
        "plan9",
        "ppc",
        "ppc64",
        "ppc64le",
        "riscv",
        "riscv64",
        "s390",
        "s390x",
        "solaris",
        "sparc",
        "sparc64",
        "wasip1",
        "wasm",
        "windows",
        "x86-64",
        "x86_64",
        "zos",
    ];
    let wrong =
        |why: &str| Some(format!("error parsing specified platform: {value:?}{why}: invalid argument"));
    if value.is_empty() {
        return None;
    }
    if value.contains('*') {
        return wrong(": wildcards not yet supported");
    }
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    };
    let parts: Vec<&str> = value.splitn(5, '/').collect();
    // The version of Windows may be behind it, in brackets.
    if let Some(part) = parts.iter().find(|part| !is_part(part) && !part.contains('(')) {
        return Some(format!(
            "error parsing specified platform: {part:?} is an invalid component of {value:?}: platform specifier component \
             must match \"^[A-Za-z0-9_.-]+$\": invalid argument"
        ));
    }
    match parts[..] {
        [name] if !NAMES.contains(&name.to_ascii_lowercase().as_str()) && !name.contains('(') => {
            wrong(": unknown operating system or architecture")
        }
        [_] | [_, _] | [_, _, _] => None,
        _ => wrong(": cannot parse platform specifier"),
    }
}

fn is_mac_address(value: &str) -> bool {
    let pairs: Vec<&str> = value.split([':', '-']).collect();
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_dotted = || {
        let parts: Vec<&str> = value.split('.').collect();
        matches!(parts.len(), 3 | 4 | 10) && parts.iter().all(|part| part.len() == 4 && is_hex(part))
    };
    matches!(pairs.len(), 6 | 8 | 20) && pairs.iter().all(|pair| pair.len() == 2 && is_hex(pair))
        || is_dotted()
}

fn label(value: &str) -> Option<RefusedValue> {
    let key = value.split('=').next().unwrap_or_default().trim_start();
    if key.is_empty() {
        return Some(RefusedValue::Flag(format!("invalid label '{value}': empty name")));
    }
    key.contains(char::is_whitespace)
        .then(|| RefusedValue::Flag(format!("label '{key}' contains whitespaces")))
}

fn is_device_rule(value: &str) -> bool {
    let mut parts = value.split(' ');
    let (Some(kind), Some(numbers), Some(modes), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let is_number =
        |text: &str| text == "*" || !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    matches!(kind, "a" | "b" | "c")
        && numbers.split_once(':').is_some_and(|(major, minor)| is_number(major) && is_number(minor))
        && (1..=3).contains(&modes.len())
        && modes.bytes().all(|byte| b"rwm".contains(&byte))
}

fn security(value: &str) -> Option<RefusedValue> {
    let (key, text) = match value.split_once('=').or_else(|| value.split_once(':')) {
        Some(parts) => parts,
        None if value == "no-new-privileges" => return None,
        None => return Some(RefusedValue::Client(format!("Invalid --security-opt: {value:?}"))),
    };
    let is_known = match key {
        "label" | "apparmor" | "seccomp" | "writable-cgroups" => true,
        "systempaths" => text == "unconfined",
        "no-new-privileges" => super::number::boolean(text).is_some(),
        _ => false,
    };
    (!is_known).then(|| RefusedValue::Engine(format!("invalid --security-opt 2: {value:?}")))
}

fn sysctl(value: &str) -> Option<RefusedValue> {
    const NAMES: [&str; 8] = [
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
    ];
    /// What follows `net.core.` in the network of the agent alone; other networks lack it, or cannot set it.
    const OF_THE_AGENT: [&str; 16] = [
        "bpf_jit_enable",
        "busy_poll",
        "busy_read",
        "default_qdisc",
        "dev_weight",
        "flow_limit_cpu_bitmap",
        "flow_limit_table_len",
        "message_burst",
        "message_cost",
        "netdev_budget",
        "netdev_max_backlog",
        "rmem_default",
        "rmem_max",
        "rps_sock_flow_entries",
        "wmem_default",
        "wmem_max",
    ];
    let name = value
        .split_once('=')
        .map(|(name, _)| name)
        .filter(|name| NAMES.contains(name) || name.starts_with("net.") || name.starts_with("fs.mqueue."));
    let Some(name) = name else {
        return Some(RefusedValue::Flag(format!("sysctl '{value}' is not whitelisted")));
    };
    let of_core = name.strip_prefix("net.core.").filter(|of_core| OF_THE_AGENT.contains(of_core))?;
    Some(RefusedValue::Runtime(format!(
        "unable to start container process: error during container init: open /proc/sys/net/core/{of_core}: no such file or \
         directory"
    )))
}

fn restart(value: &str) -> Option<RefusedValue> {
    let (policy, count) = match value.split_once(':') {
        Some((policy, count)) => (policy, Some(count)),
        None => (value, None),
    };
    if count.is_some_and(|count| count.parse::<i64>().is_err()) {
        return Some(RefusedValue::Client("maximum retry count must be an integer".into()));
    }
    match policy {
        "on-failure" if count.is_some_and(|count| count.starts_with('-')) => {
            Some(RefusedValue::Engine("maximum retry count cannot be negative".into()))
        }
        "always" | "unless-stopped" | "no" if count.is_some_and(|count| count != "0") => {
            Some(RefusedValue::Engine(format!(
                "maximum retry count cannot be used with restart policy '{policy}'"
            )))
        }
        "" | "no" | "always" | "unless-stopped" | "on-failure" => None,
        _ => Some(RefusedValue::Engine(format!("invalid restart policy '{policy}'"))),
    }
}

fn is_signal(value: &str) -> bool {
    const NAMES: &[&str] = &[
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL",
        "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP",
        "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
    ];
    if let Ok(number) = value.parse::<i64>() {
        return number != 0;
    }
    let upper = value.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let offset = |text: &str| text.parse::<u8>().is_ok_and(|offset| offset <= 15);
    NAMES.contains(&name)
        || name.strip_prefix("RTMIN+").is_some_and(offset)
        || name.strip_prefix("RTMAX-").is_some_and(offset)
}
