//! The health checks of an app.

use std::borrow::Cow;

use crate::definition::{CheckMaker, SentCheck};
use crate::schema::table;

use super::Fields;
use super::set::distinct_by;

pub(in crate::rule) struct HealthCheckView<'a> {
    pub(in crate::rule) fields: Fields<'a>,
    pub(in crate::rule) protocol: &'static str,
    pub(in crate::rule) has_command: bool,
    pub(in crate::rule) has_port: bool,
    /// As given, or as Marathon adds it.
    pub(in crate::rule) port_index: Option<i64>,
}

impl HealthCheckView<'_> {
    /// A number of the check, or Marathon's default for it.
    pub(in crate::rule) fn number(&self, name: &str) -> i64 {
        self.fields.int_or_default(name)
    }

    /// Who makes it.
    pub(in crate::rule) fn maker(&self) -> CheckMaker {
        CheckMaker::of(self.protocol, self.has_port || self.port_index.is_some())
    }

    /// Whether its port is one of this number of ports.
    pub(in crate::rule) fn has_port_of(&self, ports: usize) -> bool {
        match self.port_index {
            Some(index) => usize::try_from(index).is_ok_and(|index| index < ports),
            None => self.has_port || ports == 1,
        }
    }
}

/// The one of an app's checks that Mesos gets.
pub(super) fn sent_check(checks: &[HealthCheckView<'_>]) -> SentCheck {
    SentCheck::among(checks.iter().map(HealthCheckView::maker))
}

/// The health checks, without duplicates. With `add_index` those without any port get the port index 0, as Marathon gives
/// it to them where the app has ports.
pub(super) fn health_checks<'a>(app: &Fields<'a>, add_index: bool) -> Vec<HealthCheckView<'a>> {
    let checks = app.list("healthChecks").map(|value| {
        let fields = Fields::of(value, &table::APP_HEALTH_CHECK);
        let protocol = fields.word("protocol").unwrap_or("HTTP");
        let has_port = fields.has("port");
        let given = fields.int("portIndex");
        let port_index = given.or((add_index && protocol != "COMMAND" && !has_port).then_some(0));
        HealthCheckView { fields, protocol, has_command: fields.has("command"), has_port, port_index }
    });
    distinct_by(checks, are_same, CheckKey::of)
}

/// All fields of a check with their defaults. Checks with the same key are one to Marathon, which has them in a set.
#[derive(PartialEq, Eq, Hash)]
struct CheckKey<'a> {
    protocol: &'static str,
    port_index: Option<i64>,
    port: Option<i64>,
    path: Option<Cow<'a, str>>,
    ignore_http_1xx: Option<bool>,
    ip_protocol: &'static str,
    command: Option<Cow<'a, str>>,
    numbers: [i64; 5],
}

impl<'a> CheckKey<'a> {
    fn of(check: &HealthCheckView<'a>) -> Self {
        let fields = &check.fields;
        let command = fields.object("command", &table::APP_COMMAND_CHECK);
        Self {
            protocol: check.protocol,
            port_index: check.port_index,
            port: fields.int("port"),
            path: fields.text("path"),
            ignore_http_1xx: fields.get("ignoreHttp1xx").and_then(|value| value.as_bool()),
            ip_protocol: fields.word("ipProtocol").unwrap_or("IPv4"),
            command: command.and_then(|command| command.text("value")),
            numbers: [
                "gracePeriodSeconds",
                "intervalSeconds",
                "maxConsecutiveFailures",
                "timeoutSeconds",
                "delaySeconds",
            ]
            .map(|name| check.number(name)),
        }
    }
}

/// Whether two checks have the same key. Most differ in what is compared first.
fn are_same(one: &HealthCheckView<'_>, other: &HealthCheckView<'_>) -> bool {
    one.protocol == other.protocol
        && one.port_index == other.port_index
        && one.fields.text("path") == other.fields.text("path")
        && CheckKey::of(one) == CheckKey::of(other)
}
