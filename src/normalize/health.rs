//! Health checks and readiness checks of apps.

use serde_json::json;

use crate::target::{Release, Settings};

use super::{Object, default, len, objects, set, text};

/// Converts and fills in what Marathon converts and fills in before its rules.
pub(super) fn migrate(app: &mut Object, has_definitions: bool) {
    let has_mappings = app.get("container").is_some_and(|container| container.get("portMappings").is_some());
    for check in objects(app, "healthChecks") {
        let has_port = check.contains_key("port") || check.contains_key("portIndex");
        if (has_definitions || has_mappings) && !has_port && text(check, "protocol") != Some("COMMAND") {
            set(check, "portIndex", 0);
        }
    }
    for check in objects(app, "readinessChecks") {
        if len(check, "httpStatusCodesForReady").is_none() {
            default(check, "httpStatusCodesForReady", json!([200]));
        }
        super::set::make(check, "httpStatusCodesForReady");
    }
}

/// Drops the fields that a kind of check does not have in Marathon's own model.
pub(super) fn convert(app: &mut Object, settings: &Settings) {
    for check in objects(app, "healthChecks") {
        let protocol = text(check, "protocol").unwrap_or_default().to_owned();
        check.remove("ignoreHttp1xx");
        match protocol.as_str() {
            "HTTP" | "HTTPS" | "TCP" => {
                set(check, "delaySeconds", 15);
                if protocol != "TCP" {
                    set(check, "ignoreHttp1xx", false);
                }
            }
            "COMMAND" => {
                check.remove("portIndex");
                check.remove("port");
                if settings.release >= Release::V1_6 {
                    set(check, "ipProtocol", "IPv4");
                }
            }
            _ => {}
        }
        if protocol.ends_with("TCP") {
            check.remove("path");
        }
    }
}
