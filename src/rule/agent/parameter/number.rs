//! Values of options that are numbers, sizes and times.

use super::form::{RefusedValue, ValueForm};

/// A boolean as Go reads one.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// A whole number as Go reads one, with the prefix of its base and single underscores between digits.
fn integer(text: &str) -> Option<i64> {
    let (is_negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    // After a prefix one may come first.
    let digits = if base == 10 { digits } else { digits.strip_prefix('_').unwrap_or(digits) };
    let is_grouped = !digits.starts_with('_') && !digits.ends_with('_') && !digits.contains("__");
    if digits.starts_with(['-', '+']) || !is_grouped {
        return None;
    }
    let number = i64::from_str_radix(&digits.replace('_', ""), base).ok()?;
    Some(if is_negative { -number } else { number })
}

/// A size in bytes (`units.RAMInBytes`).
pub(super) fn size(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) || digits.ends_with('.') {
        return None;
    }
    let unit = unit.strip_prefix(' ').unwrap_or(unit).to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let unit = unit.strip_suffix('i').unwrap_or(unit);
    let power = match unit {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    digits.parse::<f64>().ok().map(|number| number * 1024_f64.powi(power))
}

/// The smallest memory of a container, in bytes (moby `daemon_unix.go`, `linuxMinMemory`).
pub(super) const LEAST_MEMORY: f64 = 6.0 * 1024.0 * 1024.0;

/// The same before Docker 20.10.
pub(super) const LEAST_MEMORY_BEFORE: f64 = 4.0 * 1024.0 * 1024.0;

pub(super) fn fault(form: ValueForm, text: &str) -> Option<RefusedValue> {
    let engine = |why: &str| Some(RefusedValue::Engine(why.to_owned()));
    match form {
        ValueForm::Size => {
            size(text).is_none().then(|| RefusedValue::Flag(format!("invalid size: '{text}'")))
        }
        ValueForm::SwapSize => (text != "-1" && size(text).is_none())
            .then(|| RefusedValue::Flag(format!("invalid size: '{text}'"))),
        ValueForm::Pause => pause(text),
        ValueForm::Ulimit => ulimit(text),
        ValueForm::Cpus => {
            let is_number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
            (!text.split('/').all(is_number))
                .then(|| RefusedValue::Flag(format!("failed to parse {text} as a rational number")))
        }
        ValueForm::CpuSet(of) => {
            (!is_set(text)).then(|| RefusedValue::Engine(format!("Invalid value {text} for cpuset {of}")))
        }
        _ => {
            let Some(number) = integer(text) else {
                return Some(RefusedValue::Flag(format!(
                    "strconv.ParseInt: parsing {text:?}: invalid syntax"
                )));
            };
            match (form, number) {
                (ValueForm::Swappiness, ..=-2 | 101..) => Some(RefusedValue::Client(format!(
                    "invalid value: {number}. Valid memory swappiness range is 0-100"
                ))),
                (ValueForm::OomScore, ..=-1001 | 1001..) => Some(RefusedValue::Engine(format!(
                    "Invalid value {number}, range for oom score adj is [-1000, 1000]"
                ))),
                (ValueForm::Shares, ..=-1) => engine("invalid CPU shares: value must be a positive integer"),
                (ValueForm::Shares, 1) => {
                    Some(RefusedValue::Runtime("the minimum allowed cpu-shares is 2".into()))
                }
                (ValueForm::Shares, 262_145..) => {
                    Some(RefusedValue::Runtime("the maximum allowed cpu-shares is 262144".into()))
                }
                (ValueForm::Period, ..=-1 | 1..=999 | 1_000_001..) => engine(
                    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
                ),
                (ValueForm::Quota, 1..=999) => engine("CPU cfs quota can not be less than 1ms (i.e. 1000)"),
                // Kernels that know no weights drop one that is out of range.
                (ValueForm::Weight, ..=-1 | 65_536..) => Some(RefusedValue::Flag(format!(
                    "strconv.ParseUint: parsing {text:?}: value out of range"
                ))),
                _ => None,
            }
        }
    }
}

/// Whether a text is a list of numbers and ranges, such as `0-3,5`.
fn is_set(text: &str) -> bool {
    let is_range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        matches!((from.parse::<u32>(), to.parse::<u32>()), (Ok(from), Ok(to)) if from <= to)
    };
    text.is_empty() || text.split(',').all(is_range)
}

/// What is wrong with a pause of a health check: none, or a millisecond at least.
fn pause(text: &str) -> Option<RefusedValue> {
    const LEAST: f64 = 1e6;
    match duration(text) {
        Err(fault) => Some(RefusedValue::Flag(fault)),
        Ok(nanoseconds) if nanoseconds > 0.0 && nanoseconds < LEAST => {
            Some(RefusedValue::Engine("a pause in Healthcheck cannot be less than 1ms".into()))
        }
        Ok(_) => None,
    }
}

/// Reads a duration, in nanoseconds (Go, `time.ParseDuration`).
///
/// # Errors
/// What is wrong with it.
fn duration(text: &str) -> Result<f64, String> {
    const UNITS: [(&str, f64); 8] = [
        ("ns", 1.0),
        ("us", 1e3),
        ("µs", 1e3),
        ("μs", 1e3),
        ("ms", 1e6),
        ("s", 1e9),
        ("m", 6e10),
        ("h", 3.6e12),
    ];
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut sum = 0.0;
    if rest == "0" {
        return Ok(sum);
    }
    if rest.is_empty() {
        return Err(format!("time: invalid duration {text:?}"));
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let Ok(amount) = rest[..digits].parse::<f64>() else {
            return Err(format!("time: invalid duration {text:?}"));
        };
        rest = &rest[digits..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = &rest[..end];
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {text:?}"));
        }
        let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("time: unknown unit {unit:?} in duration {text:?}"));
        };
        sum += amount * factor;
        rest = &rest[end..];
    }
    Ok(if text.starts_with('-') { -sum } else { sum })
}

/// What is wrong with a limit of a resource (`units.ParseUlimit`; Linux, `do_prlimit`).
fn ulimit(text: &str) -> Option<RefusedValue> {
    const NAMES: [&str; 15] = [
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ];
    let Some((name, limits)) = text.split_once('=') else {
        return Some(RefusedValue::Flag(format!("invalid ulimit argument: {text}")));
    };
    if !NAMES.contains(&name) {
        return Some(RefusedValue::Flag(format!("invalid ulimit type: {name}")));
    }
    let mut parts = limits.split(':');
    let (soft, hard) = (parts.next().unwrap_or_default(), parts.next());
    if parts.next().is_some() {
        return Some(RefusedValue::Flag(format!(
            "too many limit value arguments - {limits}, can only have up to two, `soft[:hard]`"
        )));
    }
    let number = |text: &str| {
        text.parse::<i64>().map_err(|_| format!("strconv.ParseInt: parsing {text:?}: invalid syntax"))
    };
    let read = number(soft).and_then(|soft| Ok((soft, hard.map(number).transpose()?)));
    match read {
        Err(fault) => Some(RefusedValue::Flag(fault)),
        Ok((soft, Some(hard))) if hard != -1 && (soft > hard || soft == -1) => Some(RefusedValue::Flag(format!(
            "ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}"
        ))),
        // Linux has a bound on files that not even root passes.
        Ok((soft, hard)) if name == "nofile" && hard.unwrap_or(soft) == -1 => Some(RefusedValue::Runtime(
            "unable to start container process: error during container init: error setting rlimits for ready process: \
             error setting rlimit type 7: operation not permitted"
                .into(),
        )),
        Ok(_) => None,
    }
}
