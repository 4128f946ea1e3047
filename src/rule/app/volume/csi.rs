//! Volumes by the Container Storage Interface (since Marathon 1.11).

use crate::finding::Stage::Conversion;
use crate::schema::{Shape, fits, table};
use crate::source::Value;

use super::{BAD_EXTERNAL_VOLUME, Context, Fields};

/// Checks what fails when a CSI volume is converted.
pub(super) fn convert(info: &Fields<'_>, context: &mut Context<'_>) {
    static CAPABILITY: Shape = Shape::Object(&table::CSI_CAPABILITY);
    let options = Fields::of(info.at("options"), &table::CSI_EXTERNAL_VOLUME_INFO_OPTIONS);
    let Some(capability) = options.get("capability").filter(|value| fits(*value, &CAPABILITY)) else {
        return;
    };
    let capability = Fields::of(capability, &table::CSI_CAPABILITY);
    let mut throw = |at: Value<'_>, text: &str, message: String, help: String| {
        context.reject(&BAD_EXTERNAL_VOLUME, Conversion, at, "", text).describe(message, help);
    };
    let access_mode = capability.text("accessMode").unwrap_or_default();
    let access_type = capability.text("accessType").unwrap_or_default();
    match &*access_type {
        "mount" if !capability.has("fsType") => {
            let text = "fsType must be specified with mount access type CSI volumes. This is a bug. Validation should \
                        have prevented this";
            let message = "a volume of the access type mount needs to know its file system".to_owned();
            throw(capability.value, text, message, "add \"fsType\": \"xfs\" or another one".to_owned());
        }
        "mount" | "block" => {}
        other => throw(
            capability.at("accessType"),
            &format!("{other} (of class java.lang.String)"),
            format!("`{other}` is not an access type"),
            "write \"mount\" or \"block\"".to_owned(),
        ),
    }
    let modes = capability.values("accessMode");
    if !modes.contains(&&*access_mode) {
        let text =
            "CSI options.access.mode is invalid. This is a bug. Validation should have prevented this.";
        throw(
            capability.at("accessMode"),
            text,
            format!("`{access_mode}` is not an access mode of CSI"),
            format!("write one of {}", modes.join(", ")),
        );
    }
}
