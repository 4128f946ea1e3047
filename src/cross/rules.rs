//! The rules across definitions, each with an example of several definitions in one.

use crate::finding::Rule;

pub(super) static DUPLICATE_SERVICE_PORT: Rule =
    Rule::risky("duplicate-service-port", "Each service port belongs to one app")
        .why(
            "A service port that is not 0 is taken as it is: Marathon does not look whether another app has it (it \
             makes only the ports unique that it picks itself). Marathon-LB and other load balancers listen on service \
             ports, so of two apps with the same one, one gets the other's requests, or neither gets any. Of two apps on the host \
             network with `requirePorts` the service ports are ports of the agents, and only those are compared \
             (`shared-host-port`, `host-port-conflict`).",
        )
        .bad(
            r#"[
  {"id": "/shop/web", "cmd": "./web", "portDefinitions": [{"port": 10080}]},
  {"id": "/shop/admin", "cmd": "./admin", "portDefinitions": [{"port": 10080}]}
]"#,
        )
        .good(
            r#"[
  {"id": "/shop/web", "cmd": "./web", "portDefinitions": [{"port": 10080}]},
  {"id": "/shop/admin", "cmd": "./admin", "portDefinitions": [{"port": 10081}]}
]"#,
        );

pub(super) static DUPLICATE_VIP: Rule = Rule::risky("duplicate-vip", "Each VIP belongs to one service")
    .why(
        "DC/OS sends a connection to a virtual IP to any of the instances that name it, of whichever service they are. \
         Two services with the same VIP therefore answer each other's requests in turn. Where that is meant, as in a \
         blue-green deployment, an exception says so.",
    )
    .bad(
        r#"[
  {"id": "/shop/web", "cmd": "./web", "portDefinitions": [{"port": 0, "labels": {"VIP_0": "/shop:80"}}]},
  {"id": "/shop/admin", "cmd": "./admin", "portDefinitions": [{"port": 0, "labels": {"VIP_0": "shop:80"}}]}
]"#,
    )
    .good(
        r#"[
  {"id": "/shop/web", "cmd": "./web", "portDefinitions": [{"port": 0, "labels": {"VIP_0": "/shop:80"}}]},
  {"id": "/shop/admin", "cmd": "./admin", "portDefinitions": [{"port": 0, "labels": {"VIP_0": "/admin:80"}}]}
]"#,
    );

pub(super) static HOST_PORT_CONFLICT: Rule = Rule::risky(
    "host-port-conflict",
    "Services that are bound to the same agent have different ports of it",
)
.why(
    "Both services want the same fixed port of the agent, and a constraint on `hostname` leaves each only one agent, \
     the same. Mesos gives a port away once: the second service waits for an offer for ever, and its deployment with \
     it.",
)
.bad(
    r#"[
  {"id": "/dns/primary", "cmd": "./named", "requirePorts": true, "portDefinitions": [{"port": 53}],
   "constraints": [["hostname", "CLUSTER", "10.0.0.7"]]},
  {"id": "/dns/cache", "cmd": "./cache", "requirePorts": true, "portDefinitions": [{"port": 53}],
   "constraints": [["hostname", "CLUSTER", "10.0.0.7"]]}
]"#,
)
.good(
    r#"[
  {"id": "/dns/primary", "cmd": "./named", "requirePorts": true, "portDefinitions": [{"port": 53}],
   "constraints": [["hostname", "CLUSTER", "10.0.0.7"]]},
  {"id": "/dns/cache", "cmd": "./cache", "requirePorts": true, "portDefinitions": [{"port": 53}],
   "constraints": [["hostname", "CLUSTER", "10.0.0.8"]]}
]"#,
);

pub(super) static SHARED_HOST_PORT: Rule =
    Rule::style("shared-host-port", "Services have different fixed ports of their agents")
        .why(
            "Two services with the same fixed host port can never run on the same agent: each takes agents away from \
             the other, and in a small cluster one of them waits. A port that Mesos picks (host port 0) has no such \
             bounds, and a VIP or load balancer finds it.",
        )
        .bad(
            r#"[
  {"id": "/metrics/node", "cmd": "./node", "requirePorts": true, "portDefinitions": [{"port": 9100}]},
  {"id": "/metrics/disk", "cmd": "./disk", "requirePorts": true, "portDefinitions": [{"port": 9100}]}
]"#,
        )
        .good(
            r#"[
  {"id": "/metrics/node", "cmd": "./node", "requirePorts": true, "portDefinitions": [{"port": 9100}]},
  {"id": "/metrics/disk", "cmd": "./disk", "requirePorts": true, "portDefinitions": [{"port": 9101}]}
]"#,
        );

pub(super) static DUPLICATE_ID: Rule = Rule::risky("duplicate-id", "Each id is defined once")
    .why(
        "A cluster holds one app or pod per id. When two definitions have one id, the one that is sent last \
         replaces the other, or Marathon refuses it because the id exists. Neither answer mentions the \
         difference. Within one group Marathon silently uses the last one. In an array each one changes the \
         result of the one before it.",
    )
    .bad(
        r#"[
  {"id": "/shop/web", "cmd": "./web --port 8080"},
  {"id": "shop/web", "cmd": "./web --port 8081"}
]"#,
    )
    .good(
        r#"[
  {"id": "/shop/web", "cmd": "./web --port 8080"},
  {"id": "/shop/web-canary", "cmd": "./web --port 8081"}
]"#,
    );

pub(super) static UNKNOWN_DEPENDENCY: Rule =
    Rule::risky("unknown-dependency", "What a service depends on is defined")
        .why(
            "Marathon takes a dependency on an id that does not exist and waits for nothing: the order that was asked \
             for is lost without an error. It is reported where all files are known: the dependency leads into a \
             group that is defined here as a whole, or milepost was given the directory and finds the neighbours of \
             what is missing. In an app that is sent alone a relative dependency counts from the root, not from the \
             app's group.",
        )
        .bad(
            r#"{"id": "/shop", "apps": [
  {"id": "web", "cmd": "./web", "dependencies": ["databse"]},
  {"id": "database", "cmd": "./database"}
]}"#,
        )
        .good(
            r#"{"id": "/shop", "apps": [
  {"id": "web", "cmd": "./web", "dependencies": ["database"]},
  {"id": "database", "cmd": "./database"}
]}"#,
        );

pub(super) static CYCLE_ACROSS: Rule = Rule::risky(
    "dependency-cycle-across",
    "Definitions that are sent separately do not depend on each other in a circle",
)
.why(
    "Each definition is fine by itself, and the first ones are taken; the one that closes the circle is refused with \
     \"Dependency graph has cyclic dependencies.\", which names none of them. Which one that is depends on the order \
     of sending.",
)
.example(
    r#"web.json:      {"id": "/shop/web", "cmd": "./web", "dependencies": ["/shop/database"]}
database.json: {"id": "/shop/database", "cmd": "./database", "dependencies": ["/shop/web"]}"#,
);

/// The rules across definitions.
pub(crate) static RULES: &[&Rule] = &[
    &DUPLICATE_SERVICE_PORT,
    &DUPLICATE_VIP,
    &HOST_PORT_CONFLICT,
    &SHARED_HOST_PORT,
    &DUPLICATE_ID,
    &UNKNOWN_DEPENDENCY,
    &CYCLE_ACROSS,
];
