//! Labels of DC/OS's Admin Router in forms that it does not read.

use crate::rule::view::AppView;
use crate::source::placeholder::{self, TextReader};
use crate::util::text::count;

use super::{Context, Rule};

static SERVICE_LABELS: Rule =
    Rule::ignored("service-labels-without-effect", "The labels DCOS_SERVICE_… are complete, and name a port of the app")
        .why(
            "Admin Router shows a service at /service/NAME only where DCOS_SERVICE_NAME, DCOS_SERVICE_SCHEME and \
             DCOS_SERVICE_PORT_INDEX are all there, and the index is that of a port. Otherwise it writes a line to its log, \
             and answers 404. (DC/OS, `adminrouter/extra/src/lib/cache.lua`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}], "labels": {
                "DCOS_SERVICE_NAME": "web", "DCOS_SERVICE_SCHEME": "http", "DCOS_SERVICE_PORT_INDEX": "1"}}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}], "labels": {
                "DCOS_SERVICE_NAME": "web", "DCOS_SERVICE_SCHEME": "http", "DCOS_SERVICE_PORT_INDEX": "0"}}"#);

pub(super) static RULES: &[&Rule] = &[&SERVICE_LABELS];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    const NAMES: [&str; 3] = ["DCOS_SERVICE_NAME", "DCOS_SERVICE_SCHEME", "DCOS_SERVICE_PORT_INDEX"];
    let Some(labels) = app.fields.get("labels") else { return };
    // Frameworks register themselves: their name alone is usual.
    let [_, scheme, index] = NAMES.map(|name| app.label(name));
    if scheme.is_none() && index.is_none() {
        return;
    }
    if let Some(missing) = NAMES.into_iter().find(|name| app.label(name).is_none()) {
        let found = context.warn(&SERVICE_LABELS, labels);
        found.message = format!("Admin Router does not show this service: it has no label {missing}");
        found.help = Some("write all three labels, or none".into());
        return;
    }
    let Some(index) = index.filter(|index| placeholder::find(index, TextReader::Plain).is_none()) else {
        return;
    };
    let ports = app.port_count();
    let is_known = !app.is_update || ports > 0;
    if !is_known || index.trim().parse::<usize>().is_ok_and(|index| index < ports) {
        return;
    }
    let found = context.warn(&SERVICE_LABELS, labels.get(NAMES[2]).unwrap_or(labels));
    found.message = format!(
        "Admin Router does not show this service: it has {}, and none with the index `{index}`",
        count(ports, "port")
    );
    found.help = Some("write the index of a port, the first is 0".into());
}
