//! Health checks of containers.

use crate::finding::Stage::Canonical;
use crate::rule::view::{Fields, PodContainerView};
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::util::suggest::suggest;

static SEVERAL_HEALTH_CHECK_KINDS: Rule = Rule::verdict(
    "several-health-check-kinds",
    "A health check is one of `http`, `tcp` and `exec`",
)
.aliases(&["health-check-kinds"])
.why(
    "A container's health check asks by `http`, by `tcp` or by running a command (`exec`). With none of \
             them there is nothing to do, and with two it is not clear what decides.",
)
.bad(
    r#"{"id": "/shop/web", "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "healthCheck": {"intervalSeconds": 30}}]}"#,
)
.good(
    r#"{"id": "/shop/web", "networks": [{"mode": "container"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "http", "containerPort": 80}],
                "healthCheck": {"http": {"endpoint": "http", "path": "/"}}}]}"#,
);
static UNDEFINED_ENDPOINT: Rule = Rule::verdict(
    "undefined-endpoint",
    "A health check asks an endpoint of its own container",
)
.why(
    "A check by `http` or `tcp` names the endpoint it asks, and that has to be an endpoint of the same \
             container: another container's is not looked for.",
)
.bad(
    r#"{"id": "/shop/web", "networks": [{"mode": "container"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "http", "containerPort": 80}],
                "healthCheck": {"http": {"endpoint": "htpp", "path": "/"}}}]}"#,
)
.good(
    r#"{"id": "/shop/web", "networks": [{"mode": "container"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "http", "containerPort": 80}],
                "healthCheck": {"http": {"endpoint": "http", "path": "/"}}}]}"#,
);
static SLOW_HEALTH_CHECK: Rule = Rule::verdict(
    "slow-health-check",
    "A health check must time out before the next one starts",
)
.why(
    "A check that may take as long as the time between two checks would run into the next one. For pods \
             Marathon refuses that; for apps it does not (see `slow-app-health-check`).",
)
.bad(
    r#"{"id": "/shop/web", "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "healthCheck": {"exec": {"command": {"shell": "true"}}, "intervalSeconds": 20,
                "timeoutSeconds": 20}}]}"#,
)
.good(
    r#"{"id": "/shop/web", "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "healthCheck": {"exec": {"command": {"shell": "true"}}, "intervalSeconds": 20,
                "timeoutSeconds": 10}}]}"#,
);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] =
    &[&SEVERAL_HEALTH_CHECK_KINDS, &UNDEFINED_ENDPOINT, &SLOW_HEALTH_CHECK];

const KINDS: [&str; 3] = ["http", "tcp", "exec"];

pub(super) fn check(container: &PodContainerView<'_>, place: &str, context: &mut Context<'_>) {
    let Some(check) = container.health_check else { return };
    let check = Fields::of(check, &table::HEALTH_CHECK);
    let timeout = check.int_or_default("timeoutSeconds");
    let interval = check.int_or_default("intervalSeconds");
    if timeout >= interval {
        let at = check.get("timeoutSeconds").unwrap_or_else(|| check.at("intervalSeconds"));
        context
            .reject(
                &SLOW_HEALTH_CHECK,
                Canonical,
                at,
                format!("{place}/healthCheck/timeoutSeconds"),
                format!("got {timeout}, expected less than {interval}"),
            )
            .describe(
                format!("a timeout of {timeout} s is not shorter than the interval of {interval} s"),
                "write a shorter `timeoutSeconds` or a longer `intervalSeconds`",
            );
    }
    for kind in ["http", "tcp"] {
        let Some(endpoint) = check.get(kind).and_then(|check| check.get("endpoint")) else {
            continue;
        };
        let name = endpoint.as_str().unwrap_or_default();
        if container.endpoints.iter().any(|endpoint| endpoint.name == name) {
            continue;
        }
        let help = match suggest(&name, container.endpoints.iter().map(|endpoint| &*endpoint.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add it to the container: \"endpoints\": [{{\"name\": \"{name}\", …}}]"),
        };
        context
            .reject(
                &UNDEFINED_ENDPOINT,
                Canonical,
                endpoint,
                format!("{place}/healthCheck/{kind}/endpoint"),
                "contained in the container endpoints",
            )
            .describe(format!("the container `{}` has no endpoint `{name}`", container.name), help);
    }
    if KINDS.iter().filter(|kind| check.has(kind)).count() != 1 {
        let given: Vec<_> = KINDS.into_iter().filter(|kind| check.has(kind)).collect();
        let message = if given.is_empty() {
            "this health check says neither `http` nor `tcp` nor `exec`".to_owned()
        } else {
            format!("this health check is {} at once", given.join(" and "))
        };
        context
            .reject(
                &SEVERAL_HEALTH_CHECK_KINDS,
                Canonical,
                check.value,
                format!("{place}/healthCheck"),
                "Only one of http, tcp, or command may be specified",
            )
            .describe(message, "write exactly one of `http`, `tcp` and `exec`");
    }
}
