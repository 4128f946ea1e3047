//! Volumes in the canonical API (`AppValidation.validVolume`, the providers of external volumes).

use crate::diagnostic::Stage::{Canonical, Conversion};
use crate::rule::shared::{
    DISABLED_FEATURE, RESIDENT_OVER_CAPACITY, UNDEFINED_SECRET, feature_text, first_repeat,
};
use crate::schema::fits;
use crate::source::Value;
use crate::target::{Release, Settings};

use super::super::java;
use super::super::{Fields, Judge, Rule};
use super::view::{App, Container, Engine, Volume, distinct};

pub(super) static BAD_VOLUME_SIZE: Rule =
    Rule::verdict("bad-volume-size", "A volume has a size of more than 0 MiB, and a greater `maxSize`");
static BAD_VOLUME_PATH: Rule = Rule::verdict(
    "bad-volume-path",
    "A persistent volume is mounted at a plain name in the sandbox: no slash, not `.` or `..`",
);
static READ_ONLY_VOLUME: Rule =
    Rule::verdict("read-only-volume", "Persistent volumes, and external ones on UCR, are mounted RW");
static BAD_VOLUME_CONSTRAINT: Rule = Rule::verdict(
    "bad-volume-constraint",
    "A constraint on a volume is [\"path\", \"LIKE\", REGEX], on a volume of type path or mount",
);
static VOLUME_NAME_TWICE: Rule =
    Rule::verdict("volume-name-twice", "External volumes of an app differ in name");
static BAD_EXTERNAL_VOLUME: Rule = Rule::verdict(
    "bad-external-volume",
    "An external volume says its name, provider and driver as they understand them",
);
static SINGLE_INSTANCE_VOLUME: Rule =
    Rule::verdict("single-instance-volume", "A volume for one instance is used by one instance");

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[
    &BAD_VOLUME_SIZE,
    &BAD_VOLUME_PATH,
    &READ_ONLY_VOLUME,
    &BAD_VOLUME_CONSTRAINT,
    &VOLUME_NAME_TWICE,
    &BAD_EXTERNAL_VOLUME,
    &SINGLE_INSTANCE_VOLUME,
];

pub(super) fn judge(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    let Some(container) = &app.container else { return };
    if container.volumes.is_empty() {
        return;
    }
    let at = container.fields.map_or(app.fields.value, |fields| fields.at("volumes"));
    let names = container.volumes.iter().filter_map(|volume| match volume {
        Volume::Dvdi { info, .. } | Volume::Csi { info, .. } => info.text("name"),
        _ => None,
    });
    if first_repeat(names, |name| Some(name.clone())).is_some() {
        judge.refuse(&VOLUME_NAME_TWICE, Canonical, at, "/container/volumes", "Volume names must be unique");
    }
    for (index, volume) in container.volumes.iter().enumerate() {
        let path = format!("/container/volumes({index})");
        match volume {
            Volume::Persistent { volume, info } => persistent(volume, info, &path, judge),
            Volume::Dvdi { volume, info } => {
                feature(volume, settings.external_volumes, &path, judge);
                dvdi(volume, info, container.engine, settings, &path, judge);
            }
            Volume::Csi { volume, info } => {
                feature(volume, settings.external_volumes, &path, judge);
                if !matches!(info.text("provider").as_deref(), Some("csi" | "dvdi")) {
                    let path = format!("{path}/external/provider");
                    judge.refuse(
                        &BAD_EXTERNAL_VOLUME,
                        Canonical,
                        info.at("provider"),
                        path,
                        "is unknown provider",
                    );
                }
            }
            Volume::Secret { volume } => {
                if !app.has_secret(&volume.text("secret").unwrap_or_default()) {
                    let text = "volume.secret must refer to an existing secret";
                    judge.refuse(&UNDEFINED_SECRET, Canonical, volume.at("secret"), path, text);
                }
            }
            Volume::Host => {}
        }
    }
    let has_secrets = container.volumes.iter().any(|volume| matches!(volume, Volume::Secret { .. }));
    if has_secrets && !settings.secrets {
        let path = "/container/secretVolumes(container)";
        for text in ["must be empty", &feature_text("secrets")] {
            judge.refuse(&DISABLED_FEATURE, Canonical, at, path, text);
        }
    }
    whole_app(app, container, judge);
}

fn feature(volume: &Fields<'_>, enabled: bool, path: &str, judge: &mut Judge) {
    if !enabled {
        let text = feature_text("external_volumes");
        judge.refuse(&DISABLED_FEATURE, Canonical, volume.value, path, text).message =
            "external volumes need Marathon to run with --enable_features external_volumes".into();
    }
}

fn persistent(volume: &Fields<'_>, info: &Fields<'_>, path: &str, judge: &mut Judge) {
    let name = volume.text("containerPath").unwrap_or_default();
    let at = volume.at("containerPath");
    if matches!(&*name, "." | "..") {
        judge.refuse(
            &BAD_VOLUME_PATH,
            Canonical,
            at,
            format!("{path}/containerPath"),
            "can not be one of (.,..)",
        );
    }
    if name.contains('/') {
        let text = "value must not contain \"/\"";
        judge.refuse(&BAD_VOLUME_PATH, Canonical, at, format!("{path}/containerPath"), text).help = Some(
            "name it plainly, and mount a host volume from that name to the absolute path the program wants"
                .to_owned(),
        );
    }
    if volume.word("mode") == Some("RO") {
        judge.refuse(
            &READ_ONLY_VOLUME,
            Canonical,
            volume.at("mode"),
            format!("{path}/mode"),
            "does not equal RW",
        );
    }
    let size = info.int("size").unwrap_or(0);
    let persistent = format!("{path}/persistent");
    if size <= 0 {
        let text = format!("got {size}, expected more than 0");
        judge.refuse(&BAD_VOLUME_SIZE, Canonical, info.at("size"), format!("{persistent}/size"), text);
    }
    let constraints = distinct(info.list("constraints"));
    let kind = info.word("type");
    if let Some(max) = info.int("maxSize") {
        if kind != Some("mount") {
            let text = "Only mount volumes can have maxSize";
            judge.refuse(&BAD_VOLUME_SIZE, Canonical, info.at("maxSize"), persistent.as_str(), text);
        }
        if max <= size {
            let text = "Max size must be larger than size";
            judge.refuse(&BAD_VOLUME_SIZE, Canonical, info.at("maxSize"), persistent.as_str(), text);
        }
    }
    if !constraints.is_empty() && kind.is_none_or(|kind| kind == "root") {
        let text = "Constraints on root volumes are not supported";
        judge.refuse(&BAD_VOLUME_CONSTRAINT, Canonical, info.at("constraints"), persistent.as_str(), text);
    }
    for constraint in constraints {
        self::constraint(constraint, &format!("{persistent}/constraints"), judge);
    }
}

fn constraint(constraint: Value<'_>, path: &str, judge: &mut Judge) {
    let parts: Vec<_> = constraint.elements().filter_map(|part| part.as_str()).collect();
    let mut refuse = |path: &str, text: String| {
        judge.refuse(&BAD_VOLUME_CONSTRAINT, Canonical, constraint, path, text);
    };
    match &parts[..] {
        [] => refuse(path, "Missing field and operator".to_owned()),
        [field, operator, value, ..] if field == "path" => match &**operator {
            "LIKE" | "UNLIKE" if java::is_pattern(value) => {}
            "LIKE" | "UNLIKE" => refuse(&format!("{path}/{value}"), "Invalid regular expression".to_owned()),
            "UNIQUE" | "CLUSTER" | "GROUP_BY" | "MAX_PER" | "IS" => {
                refuse(path, "Operator must be one of LIKE, UNLIKE".to_owned());
            }
            _ => refuse(path, format!("unknown constraint operator {operator}")),
        },
        _ => refuse(path, format!("Unsupported constraint {}", parts.join(","))),
    }
}

/// The driver whose options Marathon knows.
const REXRAY: &str = "rexray";

fn dvdi(
    volume: &Fields<'_>,
    info: &Fields<'_>,
    engine: Engine,
    settings: &Settings,
    path: &str,
    judge: &mut Judge,
) {
    let external = format!("{path}/external");
    let mut refuse = |at: Value<'_>, path: String, text: String| {
        judge.refuse(&BAD_EXTERNAL_VOLUME, Canonical, at, path, text);
    };
    let provider = info.text("provider");
    let name = info.text("name");
    let is_dvdi = provider.as_deref() == Some("dvdi");
    let name_path = format!("{external}/name");
    if name.as_deref().is_none_or(str::is_empty) {
        if name.is_none() && is_dvdi {
            refuse(info.value, name_path.clone(), "not defined".to_owned());
        }
        refuse(info.at("name"), name_path, "must not be empty".to_owned());
    } else if settings.release < Release::V1_9 && !name.as_deref().is_some_and(is_label) {
        refuse(info.at("name"), name_path, format!("must match regular expression '{LABEL}'"));
    }
    match provider.as_deref() {
        None => refuse(info.value, format!("{external}/provider"), "not defined".to_owned()),
        Some(provider) => {
            if !is_label(provider) {
                refuse(
                    info.at("provider"),
                    format!("{external}/provider"),
                    format!("must match regular expression '{LABEL}'"),
                );
            }
            if !matches!(provider, "dvdi" | "csi") {
                refuse(info.at("provider"), format!("{external}/provider"), "is unknown provider".to_owned());
            }
        }
    }
    for (key, _) in info.map("options") {
        if !is_option_key(&key.as_str().unwrap_or_default()) {
            refuse(
                key,
                format!("{external}/options/keys"),
                format!("must match regular expression '{OPTION_KEY}'"),
            );
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
        None => refuse(info.at("options"), format!("{options}(\"dvdi/driver\")"), "not defined".to_owned()),
        Some(driver) if !is_label(driver) => {
            let text = format!("must match regular expression '{LABEL}'");
            refuse(info.at("options"), format!("{options}(\"dvdi/driver\")"), text);
        }
        Some(REXRAY) => rexray(info, &option, &options, &mut refuse),
        Some(_) => {}
    }
    match engine {
        Engine::Mesos if volume.word("mode") == Some("RO") => {
            refuse(volume.at("mode"), format!("{path}/mode"), "does not equal RW".to_owned());
        }
        Engine::Docker => {
            if info.map("options").any(|(key, _)| !key.is_str("dvdi/driver")) {
                refuse(info.at("options"), options, "must only contain dvdi/driver".to_owned());
            }
            if info.has("size") {
                let text = "must be undefined for Docker containers".to_owned();
                refuse(info.at("size"), format!("{external}/size"), text);
            }
        }
        Engine::Mesos => {}
    }
    if matches!(volume.text("containerPath").as_deref(), Some("." | "..")) {
        let text = "can not be one of (.,..)".to_owned();
        refuse(volume.at("containerPath"), format!("{path}/containerPath"), text);
    }
}

fn rexray<'a>(
    info: &Fields<'a>,
    option: &dyn Fn(&str) -> Option<std::borrow::Cow<'a, str>>,
    options: &str,
    refuse: &mut dyn FnMut(Value<'a>, String, String),
) {
    let at = info.at("options");
    for name in ["dvdi/volumetype", "dvdi/newfstype"] {
        if option(name).is_some_and(|value| !is_label(&value)) {
            refuse(at, format!("{options}/\"{name}\""), format!("must match regular expression '{LABEL}'"));
        }
    }
    if let Some(value) = option("dvdi/iops").filter(|value| !is_positive_number(value)) {
        let text = format!("Expected a valid, positive integer instead of {value}");
        refuse(at, format!("{options}/\"dvdi/iops\""), text);
    }
    // Even "false" is refused: Marathon compares with the text of true.
    if option("dvdi/overwritefs").is_some_and(|value| !value.eq_ignore_ascii_case("true")) {
        refuse(at, format!("{options}/\"dvdi/overwritefs\""), "Expected a valid boolean".to_owned());
    }
}

const LABEL: &str = "^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$";
const OPTION_KEY: &str = r"^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?/[A-Za-z0-9](?:[-A-Za-z0-9\._:]*[A-Za-z0-9])?$";

/// [`LABEL`]
fn is_label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().zip(bytes.last()).is_some_and(|(first, last)| plain(*first) && plain(*last))
        && bytes.iter().all(|byte| plain(*byte) || *byte == b'-')
}

/// [`OPTION_KEY`]
fn is_option_key(text: &str) -> bool {
    let Some((label, name)) = text.split_once('/') else { return false };
    let bytes = name.as_bytes();
    is_label(label)
        && bytes
            .first()
            .zip(bytes.last())
            .is_some_and(|(a, b)| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._:".contains(byte))
}

/// What Java reads as a whole number above 0, in 64 bits: any decimal digits of Unicode, a plus in front.
fn is_positive_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let value = digits
        .chars()
        .try_fold(0_i64, |value, digit| value.checked_mul(10)?.checked_add(i64::from(java::digit(digit)?)));
    !digits.is_empty() && value.is_some_and(|value| value > 0)
}

/// What volumes ask of the app as a whole.
fn whole_app(app: &App<'_>, container: &Container<'_>, judge: &mut Judge) {
    // Only volumes of the provider `dvdi` that are not shared count.
    let names = || {
        container.volumes.iter().filter_map(|volume| match volume {
            Volume::Dvdi { info, .. }
                if info.text("provider").as_deref() == Some("dvdi") && !info.is_true("shared") =>
            {
                info.text("name")
            }
            _ => None,
        })
    };
    let has_dvdi = container.volumes.iter().any(|volume| {
        matches!(volume, Volume::Dvdi { info, .. } if info.text("provider").as_deref() == Some("dvdi"))
    });
    if let Some(name) = first_repeat(names(), |name| Some(name.clone())) {
        let text = format!("Requested DVDI volume '{name}' is declared more than once within app {}", app.id);
        let at = container.fields.map_or(app.fields.value, |fields| fields.at("volumes"));
        judge.refuse(&VOLUME_NAME_TWICE, Canonical, at, "/", text);
    }
    if !has_dvdi {
        return;
    }
    if app.instances() > 1 {
        // Marathon prints its whole object here; only the beginning can be foretold.
        let text = "Number of instances is limited to 1 when declaring DVDI volumes in app [";
        judge.refuse(&SINGLE_INSTANCE_VOLUME, Canonical, app.fields.at("instances"), "/", text);
    }
    over_capacity(app, judge);
}

/// `maximumOverCapacity` has to be 0 where it is said.
pub(super) fn over_capacity(app: &App<'_>, judge: &mut Judge) {
    let Some(strategy) = app.fields.object("upgradeStrategy", &crate::schema::table::UPGRADE_STRATEGY) else {
        return;
    };
    let over = strategy.double("maximumOverCapacity").unwrap_or(0.0);
    let path = "/upgradeStrategy/maximumOverCapacity";
    let known =
        judge.of_this().iter().any(|found| found.answer.as_ref().is_some_and(|answer| answer.path == path));
    if over != 0.0 && !known {
        let text = format!("got {}, expected 0.0", java::double(over));
        judge
            .refuse(&RESIDENT_OVER_CAPACITY, Canonical, strategy.at("maximumOverCapacity"), path, text)
            .help = Some("write 0".to_owned());
    }
}

/// What fails when volumes are converted: answered with status 500.
pub(super) fn convert(app: &App<'_>, judge: &mut Judge) {
    let mut throw = |at: Value<'_>, text: String| {
        judge.refuse(&BAD_EXTERNAL_VOLUME, Conversion, at, "", text);
    };
    for volume in app.volumes() {
        match volume {
            Volume::Persistent { info, .. } => {
                for constraint in info.list("constraints") {
                    let parts: Vec<_> = constraint.elements().filter_map(|part| part.as_str()).collect();
                    if let [path, operator, value, ..] = &parts[..]
                        && operator == "UNLIKE"
                    {
                        throw(constraint, format!("illegal volume constraint {path},UNLIKE,{value}"));
                    }
                }
            }
            Volume::Csi { info, .. } => csi(info, &mut throw),
            Volume::Dvdi { info, .. } if info.text("provider").as_deref() == Some("csi") => {
                throw(info.value, "Bug. CSIVolumeValidator applied to DVDI external volume".to_owned());
            }
            _ => {}
        }
    }
}

fn csi(info: &Fields<'_>, throw: &mut dyn FnMut(Value<'_>, String)) {
    use crate::schema::{Shape, table};
    static CAPABILITY: Shape = Shape::Object(&table::CSI_CAPABILITY);
    let options = Fields::of(info.at("options"), &table::CSI_EXTERNAL_VOLUME_INFO_OPTIONS);
    let Some(capability) = options.get("capability").filter(|value| fits(*value, &CAPABILITY)) else {
        return;
    };
    let capability = Fields::of(capability, &table::CSI_CAPABILITY);
    let access_mode = capability.text("accessMode").unwrap_or_default();
    let access_type = capability.text("accessType").unwrap_or_default();
    match &*access_type {
        "mount" if !capability.has("fsType") => {
            let text = "fsType must be specified with mount access type CSI volumes. This is a bug. Validation should \
                        have prevented this";
            throw(capability.value, text.to_owned());
        }
        "mount" | "block" => {}
        other => throw(capability.at("accessType"), format!("{other} (of class java.lang.String)")),
    }
    if !ACCESS_MODES.contains(&&*access_mode) {
        let text =
            "CSI options.access.mode is invalid. This is a bug. Validation should have prevented this.";
        throw(capability.at("accessMode"), text.to_owned());
    }
}

/// The access modes of CSI that Marathon knows.
const ACCESS_MODES: [&str; 5] = [
    "SINGLE_NODE_WRITER",
    "SINGLE_NODE_READER_ONLY",
    "MULTI_NODE_READER_ONLY",
    "MULTI_NODE_SINGLE_WRITER",
    "MULTI_NODE_MULTI_WRITER",
];
