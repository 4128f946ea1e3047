//! What Docker, Compose and Kubernetes write as one text: `/data:/data:ro`, `8080:80`, `--net=host`, `512m`, and shares in per
//! cent.

use serde_json::{Number, Value as Json, json};

use crate::finding::{Change, Fix};
use crate::source::Value;

use super::{Rewritten, shown};
use crate::schema::shape::{ObjectShape, Shape};
use crate::schema::type_error::{Bound, TypeError};

/// The object that a text of `docker run` or Compose stands for.
pub(super) fn object(value: Value<'_>, object: &ObjectShape) -> Option<Rewritten> {
    let text = value.as_str()?;
    let with = match object.name {
        "AppHostVolume" | "AppPersistentVolume" | "AppExternalVolume" | "AppSecretVolume" => volume(&text),
        "ContainerPortMapping" => port_mapping(&text),
        "DockerParameter" => parameter(&text),
        _ => None,
    }?;
    Some(guessed(value, with))
}

/// What the text says is likely, but not certain: no safe fix.
fn guessed(value: Value<'_>, with: Json) -> Rewritten {
    let help = format!("write {}", shown(&with));
    Rewritten::help(help.clone(), Some(Fix::unsafe_(help, [Change::replace(value, with)])))
}

/// `/srv/data:/data:ro`
fn volume(text: &str) -> Option<Json> {
    let mut parts = text.split(':');
    let (host, container) = (parts.next()?, parts.next()?);
    let mode = match parts.next() {
        None | Some("rw") => "RW",
        Some("ro") => "RO",
        Some(_) => return None,
    };
    let is_whole = parts.next().is_none() && [host, container].iter().all(|path| path.starts_with('/'));
    is_whole.then(|| json!({ "containerPath": container, "hostPath": host, "mode": mode }))
}

/// `80`, `8080:80`, `8080:80/udp`
fn port_mapping(text: &str) -> Option<Json> {
    let (ports, protocol) = text.split_once('/').map_or((text, None), |(ports, of)| (ports, Some(of)));
    let (host, container) = ports.split_once(':').map_or((None, ports), |(host, of)| (Some(host), of));
    let mut with = json!({ "containerPort": container.parse::<u16>().ok()? });
    if let Some(host) = host {
        with["hostPort"] = host.parse::<u16>().ok()?.into();
    }
    match protocol {
        None => {}
        Some(protocol @ ("tcp" | "udp")) => with["protocol"] = protocol.into(),
        Some(_) => return None,
    }
    Some(with)
}

/// `--net=host`, `net=host`
fn parameter(text: &str) -> Option<Json> {
    let (key, value) = text.trim_start_matches('-').split_once('=')?;
    let is_name = |c: char| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit();
    (key.len() > 1 && key.chars().all(is_name)).then(|| json!({ "key": key, "value": value }))
}

/// Fewer per cent are more likely a number of instances.
const FEWEST_PER_CENT: f64 = 10.0;

/// A number that is written with a unit, or in per cent.
pub(super) fn number(name: &str, value: Value<'_>, error: &TypeError<'_>) -> Option<Rewritten> {
    let (amount, what) = match error {
        TypeError::WrongType(Shape::Double { .. } | Shape::Integer { .. }) => {
            let text = value.as_str()?;
            match name {
                "cpus" => (thousandths(&text)?, "CPUs"),
                "mem" | "disk" | "size" | "shmSize" => (mebibytes(&text)?, "MiB"),
                _ => return None,
            }
        }
        TypeError::TooLarge { max: Bound::Real(1.0), .. } => {
            let share = value.as_f64().filter(|share| (2.0..=100.0).contains(share))?;
            if share < FEWEST_PER_CENT {
                let help = "write a share: 1 is all instances, 0.5 half of them";
                return Some(Rewritten::help(help.to_owned(), None));
            }
            (share / 100.0, "of 1: it is a share, and no percentage")
        }
        _ => return None,
    };
    let amount = whole_or_real(amount)?;
    let fix = Fix::unsafe_(format!("write {amount}"), [Change::replace(value, amount.clone())]);
    Some(Rewritten::help(format!("write {amount} ({what})"), Some(fix)))
}

/// A number without a needless `.0`.
fn whole_or_real(amount: f64) -> Option<Json> {
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
    let whole = (amount.fract() == 0.0 && amount.abs() < 1e9).then(|| Json::from(amount as i64));
    whole.or_else(|| Number::from_f64(amount).map(Json::Number))
}

/// `500m` of Kubernetes.
fn thousandths(text: &str) -> Option<f64> {
    Some(digits(text.strip_suffix('m')?)? / 1000.0)
}

/// `512m`, `512MB`, `2Gi`, in MiB as Docker reads them: all its units are of 1024.
fn mebibytes(text: &str) -> Option<f64> {
    let start = text.find(|c: char| c.is_ascii_alphabetic())?;
    let factor = match text[start..].to_ascii_lowercase().as_str() {
        "m" | "mb" | "mi" | "mib" => 1.0,
        "g" | "gb" | "gi" | "gib" => 1024.0,
        "k" | "kb" | "ki" | "kib" => 1.0 / 1024.0,
        _ => return None,
    };
    Some(digits(text[..start].trim_end())? * factor)
}

fn digits(text: &str) -> Option<f64> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_plain.then(|| text.parse().ok())?
}
