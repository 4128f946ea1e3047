//! Values of options that name block devices with an amount, and GPUs (docker/cli `opts/throttledevice.go`,
//! `opts/weightdevice.go`, `opts/gpus.go`).

use super::form::{RefusedValue, ValueForm};
use super::number::size;

/// What is wrong with `DEVICE:AMOUNT`.
pub(super) fn amount(form: ValueForm, value: &str) -> Option<RefusedValue> {
    let Some((path, amount)) = value.split_once(':') else {
        return Some(RefusedValue::Flag(format!("bad format: {value}")));
    };
    if !path.starts_with("/dev/") {
        return Some(RefusedValue::Flag(format!("bad format for device path: {value}")));
    }
    let (is_fine, of) = match form {
        ValueForm::Rate => (size(amount).is_some(), "rate"),
        ValueForm::Operations => (amount.parse::<u64>().is_ok(), "rate"),
        _ => (amount.parse::<u16>().is_ok_and(|weight| matches!(weight, 0 | 10..=1000)), "weight"),
    };
    (!is_fine).then(|| RefusedValue::Flag(format!("invalid {of} for device: {value}")))
}

/// What is wrong with a request for GPUs.
pub(super) fn gpus(value: &str) -> Option<RefusedValue> {
    let flag = |why: String| Some(RefusedValue::Flag(why));
    if value.is_empty() {
        return flag("EOF".into());
    }
    // Quoted fields are not looked into.
    if value.contains('"') {
        return None;
    }
    let is_count = |text: &str| text == "all" || text.parse::<i64>().is_ok();
    let (mut counts, mut has_devices) = (0, false);
    for field in value.split(',') {
        let (key, text) = field.split_once('=').unwrap_or(("count", field));
        match key {
            "count" if !is_count(text) => {
                return flag(format!("count ({text}) must be \"all\" or an integer"));
            }
            "count" => counts += 1,
            "device" => has_devices = true,
            "driver" | "capabilities" | "options" => {}
            _ => return flag(format!("unexpected key '{key}' in '{field}'")),
        }
    }
    if counts > 1 {
        return flag("gpu request key 'count' can be specified only once".into());
    }
    (counts == 1 && has_devices)
        .then(|| RefusedValue::Engine("cannot set both Count and DeviceIDs on device request".into()))
}
