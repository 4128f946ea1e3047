//! External volumes by the provider dvdi, with the options of its drivers.

use crate::definition::Containerizer;
use crate::finding::Stage::{self, Canonical};
use crate::source::Value;
use crate::target::Release;

use super::{Context, Fields, Rule, java};

pub(super) static BAD_EXTERNAL_VOLUME: Rule = Rule::verdict(
    "bad-external-volume",
    "An external volume says its name, provider and driver as they understand them",
)
.why(
    "Marathon passes an external volume on to a provider, `dvdi` or (since 1.11) `csi`, and holds its options against what \
     the provider takes. With the Docker Engine a dvdi volume has a driver and nothing else; on UCR it can have a size and \
     the driver's options. What CSI does not understand fails with a server error.",
)
.setting("--enable_features external_volumes")
.bad(r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
        "volumes": [{"containerPath": "data", "mode": "RW", "external": {"provider": "dvdi",
        "name": "db"}}]}}"#)
.good(r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
        "volumes": [{"containerPath": "data", "mode": "RW", "external": {"provider": "dvdi",
        "name": "db", "options": {"dvdi/driver": "rexray"}}}]}}"#);

/// Rejects an unknown provider.
pub(super) fn unknown_provider(info: &Fields<'_>, path: String, context: &mut Context<'_>) {
    let provider = info.text("provider").unwrap_or_default();
    context
        .reject(&BAD_EXTERNAL_VOLUME, Canonical, info.at("provider"), path, "is unknown provider")
        .describe(format!("Marathon knows no provider `{provider}`"), PROVIDERS);
}

const PROVIDERS: &str = "write \"dvdi\", or \"csi\" with its options (since 1.11)";
const NAMELESS: &str = "an external volume has a name: it is found by it";
const NAME_IT: &str = "add \"name\"";
const LABEL_HELP: &str = "write small letters, digits and dashes";

/// Marathon's words where a text does not match.
fn pattern(expression: &str) -> String {
    format!("must match regular expression '{expression}'")
}

/// The driver whose options Marathon knows.
const REXRAY: &str = "rexray";

/// Checks a dvdi volume: the volume `index` of all, and the volume `external_index` of the external ones.
pub(super) fn check(
    volume: &Fields<'_>,
    info: &Fields<'_>,
    containerizer: Containerizer,
    (index, external_index): (usize, usize),
    context: &mut Context<'_>,
) {
    let path = format!("/container/volumes({index})");
    let external = format!("{path}/external");
    let release = context.release();
    let mut reject = |at: Value<'_>, path: String, text: String, message: &str, help: &'static str| {
        context.reject(&BAD_EXTERNAL_VOLUME, Canonical, at, path, text).describe(message, help);
    };
    let provider = info.text("provider");
    let name = info.text("name");
    let is_dvdi = provider.as_deref() == Some("dvdi");
    let name_path = || format!("{external}/name");
    let is_old = release < Release::V1_6;
    if name.is_none() && (is_dvdi || is_old) {
        reject(info.value, name_path(), "not defined".to_owned(), NAMELESS, NAME_IT);
    }
    // Only the provider rejects an empty name.
    let is_empty = name.as_deref().map_or(!is_old, |name| name.is_empty() && is_dvdi);
    if is_empty {
        reject(info.at("name"), name_path(), "must not be empty".to_owned(), NAMELESS, NAME_IT);
    }
    let is_unfit = |name: &str| !is_label(name) && (is_old || !name.is_empty());
    if release < Release::V1_9 && name.as_deref().is_some_and(is_unfit) {
        let message = format!("Marathon {release} does not take such a name");
        reject(info.at("name"), name_path(), pattern(LABEL), &message, LABEL_HELP);
    }
    match provider.as_deref() {
        None => reject(
            info.value,
            format!("{external}/provider"),
            "not defined".to_owned(),
            "an external volume has a provider",
            "add \"provider\": \"dvdi\"",
        ),
        Some(provider) => {
            if !is_label(provider) {
                let message = format!("`{provider}` can be no provider");
                let path = format!("{external}/provider");
                reject(info.at("provider"), path, pattern(LABEL), &message, PROVIDERS);
            }
            if !matches!(provider, "dvdi" | "csi") {
                let message = format!("Marathon knows no provider `{provider}`");
                let (path, text) = (format!("{external}/provider"), "is unknown provider".to_owned());
                reject(info.at("provider"), path, text, &message, PROVIDERS);
            }
        }
    }
    for (key, _) in info.map("options") {
        if !is_option_key(&key.as_str().unwrap_or_default()) {
            let message = "the name of an option is a label, a slash and a name";
            let path = format!("{external}/options/keys");
            reject(key, path, pattern(OPTION_KEY), message, "write \"dvdi/driver\" or the like");
        }
    }
    if !is_dvdi {
        return;
    }
    let option = |name: &str| {
        info.map("options").filter(|(key, _)| key.is_str(name)).last().and_then(|(_, value)| value.as_str())
    };
    let driver = option("dvdi/driver");
    let options = format!("{external}/options");
    match driver.as_deref() {
        None => reject(
            info.at("options"),
            format!("{options}(\"dvdi/driver\")"),
            "not defined".to_owned(),
            "a dvdi volume has a driver",
            "add \"dvdi/driver\": \"rexray\" to its `options`",
        ),
        Some(driver) if !is_label(driver) => {
            let message = format!("`{driver}` can be no driver");
            let path = format!("{options}(\"dvdi/driver\")");
            reject(info.at("options"), path, pattern(LABEL), &message, LABEL_HELP);
        }
        Some(REXRAY) => rexray(info, &option, &options, &mut reject),
        Some(_) => {}
    }
    mounted(volume, info, containerizer, index, context);
    // Marathon checks the same once more for the whole app, and then counts external volumes only.
    if external_index != index {
        mounted(volume, info, containerizer, external_index, context);
    }
}

/// The rules of the provider for each containerizer (`DVDIProviderValidations`, `ramlVolume` and `ramlApp`).
fn mounted(
    volume: &Fields<'_>,
    info: &Fields<'_>,
    containerizer: Containerizer,
    index: usize,
    context: &mut Context<'_>,
) {
    let path = format!("/container/volumes({index})");
    let external = format!("{path}/external");
    let mut reject = |at: Value<'_>, path: String, text: &str, message: &str, help: &'static str| {
        context.reject(&BAD_EXTERNAL_VOLUME, Canonical, at, path, text).describe(message, help);
    };
    match containerizer {
        Containerizer::Mesos if volume.word("mode") == Some("RO") => {
            let message = "UCR mounts a dvdi volume for reading and writing only";
            let text = "does not equal RW";
            reject(volume.at("mode"), format!("{path}/mode"), text, message, "write \"mode\": \"RW\"");
        }
        Containerizer::Docker => {
            if info.map("options").any(|(key, _)| !key.is_str("dvdi/driver")) {
                let text = "must only contain dvdi/driver";
                let message = "the Docker Engine passes no options to a driver";
                let help = "remove all options but \"dvdi/driver\"";
                reject(info.at("options"), format!("{external}/options"), text, message, help);
            }
            if info.has("size") {
                let text = "must be undefined for Docker containers";
                let message = "the Docker Engine makes no volumes of a size";
                reject(info.at("size"), format!("{external}/size"), text, message, "remove `size`");
            }
        }
        Containerizer::Mesos => {}
    }
    if matches!(volume.text("containerPath").as_deref(), Some("." | "..")) {
        let text = "can not be one of (.,..)";
        let message = "a volume cannot be mounted there";
        let path = format!("{path}/containerPath");
        reject(volume.at("containerPath"), path, text, message, "write an absolute path, or a plain name");
    }
}

/// Rejects options of CSI with the provider dvdi (1.11): a server error, whatever else is wrong.
pub(super) fn options_of_csi(info: &Fields<'_>, context: &mut Context<'_>) {
    let text = "Bug. DVDIProvider volume logic applied for CSI data structure. We should not get here.";
    context.reject(&BAD_EXTERNAL_VOLUME, Stage::Migration, info.at("provider"), "", text).describe(
        "these are the options of a volume of the provider csi, and the provider is dvdi",
        "write \"csi\", or options of dvdi",
    );
}

fn rexray<'a>(
    info: &Fields<'a>,
    option: &dyn Fn(&str) -> Option<std::borrow::Cow<'a, str>>,
    options: &str,
    reject: &mut dyn FnMut(Value<'a>, String, String, &str, &'static str),
) {
    let at = info.at("options");
    for name in ["dvdi/volumetype", "dvdi/newfstype"] {
        if option(name).is_some_and(|value| !is_label(&value)) {
            let message = format!("the option {name} is a label");
            reject(at, format!("{options}/\"{name}\""), pattern(LABEL), &message, LABEL_HELP);
        }
    }
    if let Some(value) = option("dvdi/iops").filter(|value| !is_positive_number(value)) {
        let text = format!("Expected a valid, positive integer instead of {value}");
        let message = format!("`{value}` is not a number of operations per second");
        reject(at, format!("{options}/\"dvdi/iops\""), text, &message, "write a whole number above 0");
    }
    // Even "false" is rejected: Marathon compares with "true".
    if option("dvdi/overwritefs").is_some_and(|value| !value.eq_ignore_ascii_case("true")) {
        let (path, text) = (format!("{options}/\"dvdi/overwritefs\""), "Expected a valid boolean".to_owned());
        let message = "Marathon takes nothing but \"true\" here, not even \"false\"";
        reject(at, path, text, message, "write \"true\", or remove the option");
    }
}

const LABEL: &str = "^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$";
const OPTION_KEY: &str = r"^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?/[A-Za-z0-9](?:[-A-Za-z0-9\._:]*[A-Za-z0-9])?$";

/// The text before the end that `$` finds: Java ignores one line terminator there.
fn before_end(text: &str) -> &str {
    let without = text.strip_suffix("\r\n");
    without.or_else(|| text.strip_suffix(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])).unwrap_or(text)
}

/// [`LABEL`]
fn is_label(text: &str) -> bool {
    is_plain_label(before_end(text))
}

fn is_plain_label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().zip(bytes.last()).is_some_and(|(first, last)| plain(*first) && plain(*last))
        && bytes.iter().all(|byte| plain(*byte) || *byte == b'-')
}

/// [`OPTION_KEY`]
fn is_option_key(text: &str) -> bool {
    let Some((label, name)) = before_end(text).split_once('/') else { return false };
    let bytes = name.as_bytes();
    is_plain_label(label)
        && bytes
            .first()
            .zip(bytes.last())
            .is_some_and(|(a, b)| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._:".contains(byte))
}

/// Whether Java reads a whole number above 0, in 64 bits: decimal digits of Unicode, with or without a plus.
fn is_positive_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let value = digits
        .chars()
        .try_fold(0_i64, |value, digit| value.checked_mul(10)?.checked_add(i64::from(java::digit(digit)?)));
    !digits.is_empty() && value.is_some_and(|value| value > 0)
}
