//! Values of variables: what is refused is what the real registry (2.8.2) does not start with.

#[cfg(feature = "cert")]
use std::collections::BTreeMap;

use super::run;
#[cfg(feature = "cert")]
use crate::common::TestDir;
use crate::common::each_case;
#[cfg(feature = "cert")]
use crate::docker_registry;

/// Settings, without `REGISTRY_`, that it does not start with.
const REFUSED: &[&str] = &[
    "LOG_LEVEL=loud",
    "LOGLEVEL=trace",
    "LOG_FORMATTER=xml",
    "LOG_FORMATTER=JSON",
    "LOG_ACCESSLOG_DISABLED=yep",
    "LOG_ACCESSLOG_DISABLED=1",
    "LOG_ACCESSLOG_DISABLED=\"true\"",
    "LOG_ACCESSLOG_DISABLED=tRue",
    "LOG_FIELDS=x",
    "LOG_HOOKS=x",
    "LOG_HOOKS=[{type: mail, disabled: maybe}]",
    "LOG=x",
    "LOG={level: loud}",
    "NOTIFICATIONS_ENDPOINTS=x",
    "NOTIFICATIONS_ENDPOINTS=[{name: a, url: \"http://127.0.0.1:1/\", timeout: 5s, threshold: many}]",
    "NOTIFICATIONS_EVENTCONFIG_INCLUDEREFERENCES=maybe",
    "HEALTH_STORAGEDRIVER_ENABLED=sure",
    "HEALTH_STORAGEDRIVER_INTERVAL=10 s",
    "HEALTH_STORAGEDRIVER_INTERVAL=1d",
    "HEALTH_STORAGEDRIVER_THRESHOLD=x",
    "HEALTH_STORAGEDRIVER_THRESHOLD=\"3\"",
    "HEALTH_STORAGEDRIVER_THRESHOLD=99999999999999999999",
    "HEALTH_FILECHECKERS=x",
    "HEALTH_FILECHECKERS=[{file: /x, interval: soon}]",
    "PROXY_REMOTEURL=registry-1.docker.io",
    "PROXY_REMOTEURL=ftp://x",
    "PROXY_USERNAME=[a]",
    "HTTP_PREFIX={a: b}",
    "HTTP_SECRET=@foo",
    "HTTP_SECRET=a: b",
    "HTTP_SECRET=%x",
    "HTTP_SECRET=*x",
    "HTTP_SECRET=`x",
    "HTTP_SECRET='x",
    "HTTP_SECRET=[x",
    "HTTP_SECRET=- x",
    "HTTP_HOST=::x",
    "HTTP_HOST=http://a b",
    "HTTP_RELATIVEURLS=oui",
    "HTTP_DRAINTIMEOUT=soon",
    "HTTP_HEADERS=x",
    "HTTP_HEADERS={X-A: b}",
    "HTTP_HEADERS_X=x",
    "HTTP_TLS_CLIENTCAS=/x",
    "HTTP_TLS_CIPHERSUITES=X",
    "HTTP_TLS=x",
    "HTTP_HTTP2_DISABLED=nope",
    "HTTP_DEBUG_PROMETHEUS_ENABLED=maybe",
    "HTTP_DEBUG=x",
    "HTTP=x",
    "REDIS_DB=x",
    "REDIS_DIALTIMEOUT=x",
    "REDIS_POOL_MAXIDLE=many",
    "REDIS_POOL=5",
    "REDIS_ADDR=[a]",
    "CATALOG_MAXENTRIES=all",
    "CATALOG=5",
    "COMPATIBILITY_SCHEMA1_ENABLED=maybe",
    "VALIDATION_DISABLED=maybe",
    "VALIDATION_MANIFESTS_URLS_ALLOW=x",
    "POLICY_REPOSITORY_CLASSES=image",
    "REPORTING_NEWRELIC_VERBOSE=maybe",
    "REPORTING_BUGSNAG_APIKEY=[x]",
    "MIDDLEWARE=x",
    "MIDDLEWARE_REGISTRY=x",
    "VERSION=x",
    "VERSION=1",
    "STORAGE=[a]",
    "STORAGE={filesystem: 5}",
    "STORAGE_DELETE=true",
    "STORAGE_REDIRECT_DISABLE=maybe",
    "STORAGE_REDIRECT=x",
    "STORAGE_CACHE=x",
    "STORAGE_FILESYSTEM_MAXTHREADS=many",
    "STORAGE_FILESYSTEM=x",
    "STORAGE_MAINTENANCE_READONLY=true",
    "STORAGE_MAINTENANCE_READONLY={enabled: maybe}",
    "STORAGE_MAINTENANCE_UPLOADPURGING=false",
    "STORAGE_MAINTENANCE_UPLOADPURGING={enabled: maybe}",
    "STORAGE_MAINTENANCE_UPLOADPURGING={enabled: true, age: 1d, interval: 24h, dryrun: false}",
    "STORAGE_MAINTENANCE_UPLOADPURGING={enabled: true, age: 168h}",
    "STORAGE_MAINTENANCE=x",
    "STORAGE_MAINTENANCE_READONLY={enabled: }",
    "STORAGE_MAINTENANCE_UPLOADPURGING={enabled: true, age: 24, interval: 24h, dryrun: false}",
    "STORAGE_MAINTENANCE_UPLOADPURGING={enabled: true, age: 24h, interval: 24h}",
    "STORAGE_MAINTENANCE_UPLOADPURGING={age: 24h, interval: 24h, dryrun: maybe}",
    "STORAGE_FILESYSTEM_MAXTHREADS=5.5",
    "HTTP_HOST=https://r.example.com:port",
    "HTTP_SECRET=\tb",
    "HTTP_SECRET=a: b: c",
    "HTTP_SECRET=|x",
    "HTTP_SECRET=>x",
    "HTTP_SECRET=? x",
    "HTTP_SECRET=,x",
    "HTTP_SECRET=]x",
    "HTTP_SECRET=}x",
    "HTTP_SECRET={{x}}",
    "HTTP_SECRET=\"\\q\"",
    "HTTP_SECRET=...",
    "HTTP_SECRET=-",
    "HTTP_SECRET=!!binary x",
    "HTTP_SECRET={a: b, a: c}",
    "LOG_FIELDS_X=a: b: c",
    "CATALOG_MAXENTRIES=.inf",
    "CATALOG_MAXENTRIES=yes",
    "LOG_LEVEL=[info]",
    "LOG_LEVEL=warning",
];

/// A setting with which it may listen for a moment before it ends.
const ENDS: &str = "HEALTH_STORAGEDRIVER_INTERVAL=-3s";

/// Settings that it starts with.
const TAKEN: &[&str] = &[
    "LOG_LEVEL=DEBUG",
    "LOG_LEVEL=~",
    "LOG_FORMATTER=json",
    "LOG_ACCESSLOG_DISABLED=yes",
    "LOG_ACCESSLOG_DISABLED=Y",
    "LOG_ACCESSLOG_DISABLED=On",
    "LOG_FIELDS={a: b}",
    "LOG_FIELDS_ENV=prod",
    "LOG_FIELDS_env=5",
    "LOG_HOOKS=[]",
    "LOG_HOOKS=[{type: mail, disabled: true}]",
    "LOG={level: debug}",
    "NOTIFICATIONS_ENDPOINTS=[{name: a, url: \"http://127.0.0.1:1/\", timeout: 5}]",
    "NOTIFICATIONS_EVENTCONFIG_INCLUDEREFERENCES=true",
    "NOTIFICATIONS_EVENTS_INCLUDEREFERENCES=maybe",
    "HEALTH_STORAGEDRIVER_INTERVAL=10",
    "HEALTH_STORAGEDRIVER_INTERVAL=1h30m",
    "HEALTH_STORAGEDRIVER_INTERVAL=.5s",
    "HEALTH_STORAGEDRIVER_INTERVAL=10s",
    "HEALTH_STORAGEDRIVER_THRESHOLD=0x10",
    "HEALTH_STORAGEDRIVER_THRESHOLD=3.5",
    "HEALTH_STORAGEDRIVER_THRESHOLD=1_000",
    "HEALTH_STORAGEDRIVER_THRESHOLD=-1",
    "HTTP_PREFIX=/reg",
    "HTTP_PREFIX=/reg/",
    "HTTP_SECRET=a # b",
    "HTTP_SECRET=true",
    "HTTP_SECRET=12",
    "HTTP_HOST=https://r.example.com",
    "HTTP_DRAINTIMEOUT=30",
    "HTTP_DRAINTIMEOUT=30s",
    "HTTP_HEADERS={X-A: [b]}",
    "HTTP_HEADERS_X=[x]",
    "HTTP_HEADERS_X-Frame-Options=[DENY]",
    "HTTP_H2C_ENABLED=maybe",
    "REDIS_DB=2",
    "CATALOG_MAXENTRIES=10",
    "COMPATIBILITY_SCHEMA1_SIGNINGKEYFILE=/x",
    "VALIDATION_MANIFESTS_URLS_ALLOW=[\"^https://\"]",
    "POLICY_REPOSITORY_CLASSES=[image]",
    "VERSION=0.1",
    "STORAGE_DELETE={enabled: true}",
    "STORAGE_REDIRECT_DISABLE=yes",
    "STORAGE_FILESYSTEM_MAXTHREADS=50",
    "STORAGE_FILESYSTEM_MAXTHREADS=-5",
    "STORAGE_MAINTENANCE_READONLY={enabled: yes}",
    "STORAGE_MAINTENANCE_READONLY={}",
    "STORAGE_MAINTENANCE_UPLOADPURGING={enabled: true, age: 168h, interval: 24h, dryrun: false}",
    "STORAGE_MAINTENANCE_UPLOADPURGING={enabled: false}",
    "STORAGE_FILESYSTEM_MAXTHREADS=\"50\"",
    "HTTP_SECRET=a\tb",
    "HTTP_SECRET=a:b",
    "HTTP_SECRET=?x",
    "HTTP_SECRET=:x",
    "HTTP_SECRET=&x",
    "HTTP_SECRET=&x y",
    "HTTP_SECRET=---",
    "HTTP_SECRET=--- x",
    "HTTP_SECRET=a[b]",
    "HTTP_SECRET=a{b",
    "HTTP_SECRET=a,b",
    "HTTP_SECRET=-x",
    "HTTP_SECRET=2024-01-01",
    "HTTP_SECRET==",
    "HTTP_SECRET=<<",
    "HTTP_SECRET=p@ss$w0rd#1!&*",
    "LOG_FIELDS={a: b, a: c}",
    "HTTP_DRAINTIMEOUT=1.5",
    "HTTP_DRAINTIMEOUT=1h ",
    "HTTP_DRAINTIMEOUT=\"1h\"",
    "HTTP_DRAINTIMEOUT=0",
    "HTTP_DRAINTIMEOUT=+3s",
    "HTTP_DRAINTIMEOUT=1µs",
    "HTTP_DRAINTIMEOUT=-1h",
    "CATALOG_MAXENTRIES=0o17",
    "CATALOG_MAXENTRIES=017",
    "CATALOG_MAXENTRIES=089",
    "CATALOG_MAXENTRIES=+5",
    "CATALOG_MAXENTRIES=0b11",
    "CATALOG_MAXENTRIES=1e3",
    "CATALOG_MAXENTRIES=5 # five",
    "LOG_LEVEL=\"info\"",
];

/// Settings that it starts with, and does not heed.
const WITHOUT_EFFECT: &[(&str, &str)] = &[
    ("STORAGE_DELETE_ENABLED=sure", "it deletes nothing"),
    ("STORAGE_CACHE_BLOBDESCRIPTOR=mem", "it goes without a cache"),
    ("HTTP_HOST=r.example.com", "it takes no notice of it"),
    ("HTTP_PREFIX=reg", "it answers 404 to every request"),
    ("NOTIFICATIONS_ENDPOINTS_0_NAME=x", "it takes a list as a whole"),
    ("LOG_HOOKS_0_TYPE=mail", "it takes a list as a whole"),
    ("HTTP_TLS_CLIENTCAS_0=/x", "it takes a list as a whole"),
    ("NOTIFICATIONS_ENDPOINTS_X=x", "it takes a list as a whole"),
    ("HTTP_SECRET=!x y", "it reads another value"),
    ("HTTP_SECRET=# comment", "it reads another value"),
    ("HTTP_HOST=r.example.com:5000", "it takes no notice of it"),
    ("MIDDLEWARE_STORAGE_0_NAME=x", "it takes a list as a whole"),
    ("HTTP_HOST=https://", "it takes no notice of it"),
    ("HTTP_HOST=/x", "it takes no notice of it"),
    ("HTTP_SECRET=\"x\" y", "it reads another value"),
    ("HTTP_SECRET=!x", "it reads another value"),
];

fn app(setting: &str, more: &[&str]) -> String {
    let setting = format!("REGISTRY_{setting}");
    run(&[&["--tls", "trusted", "--host-path", "/srv", "--env", &setting], more].concat())
}

#[test]
fn values_of_another_type_are_refused() {
    each_case(REFUSED.iter().copied().chain([ENDS]), |setting| {
        let said = app(setting, &[]);
        let name = setting.split('=').next().unwrap_or_default();
        assert!(said.starts_with("exit: 2\n"), "{setting}: {said}");
        assert!(said.contains(&format!("error: --env REGISTRY_{name}: ")), "{setting}: {said}");
    });
    each_case(TAKEN.iter().copied(), |setting| {
        let said = app(setting, &[]);
        assert!(said.starts_with("exit: 0\n"), "{setting}: {said}");
    });
    each_case(WITHOUT_EFFECT.iter().copied(), |(setting, why)| {
        let said = app(setting, &[]);
        assert!(said.starts_with("exit: 2\n") && said.contains(why), "{setting}: {said}");
    });
    // Registry 3 knows elements of lists.
    let third = ["--registry-version", "3.0.0"];
    each_case(
        [
            ("NOTIFICATIONS_ENDPOINTS_0_NAME=x", true),
            ("NOTIFICATIONS_ENDPOINTS_0_TIMEOUT=5s", true),
            ("NOTIFICATIONS_ENDPOINTS_0_TIMEOUT=soon", false),
            ("NOTIFICATIONS_ENDPOINTS_FIRST_NAME=x", false),
            ("HTTP_TLS_MINIMUMTLS=tls1.0", false),
            ("PROXY_TTL=168h", true),
            ("PROXY_TTL=1w", false),
        ],
        |(setting, is_taken)| {
            let said = app(setting, &third);
            assert_eq!(said.starts_with("exit: 0\n"), is_taken, "{setting}: {said}");
        },
    );
}

#[cfg(feature = "cert")]
#[test]
fn the_real_registry_refuses_the_same_values() {
    if !docker_registry::is_there() {
        return;
    }
    let cases = REFUSED.iter().map(|setting| (*setting, false));
    let taken = TAKEN.iter().copied().chain(WITHOUT_EFFECT.iter().map(|(setting, _)| *setting));
    each_case(cases.chain(taken.map(|setting| (setting, true))), |(setting, starts)| {
        let test = TestDir::new();
        assert_eq!(docker_registry::starts_with(&test, &with(setting)), Some(starts), "{setting}");
    });
    docker_registry::expect_end_with(&TestDir::new(), &with(ENDS));
}

/// The environment with a setting, and with the check of the storage, which some are about.
#[cfg(feature = "cert")]
fn with(setting: &str) -> BTreeMap<String, String> {
    let (name, value) = setting.split_once('=').expect("NAME=VALUE");
    let health = ("HEALTH_STORAGEDRIVER_ENABLED", "true");
    [health, (name, value)].map(|(name, value)| (format!("REGISTRY_{name}"), value.to_owned())).into()
}

#[test]
fn a_prefix_moves_the_health_check() {
    each_case(
        [("/reg", "/reg/v2/"), ("/reg/", "/reg/v2/"), ("/", "/v2/"), ("/a/b", "/a/b/v2/")],
        |(prefix, path)| {
            let said = app(&format!("HTTP_PREFIX={prefix}"), &[]);
            assert!(said.starts_with("exit: 0\n"), "{said}");
            assert!(said.contains(&format!("\"path\": \"{path}\"")), "{prefix}: {said}");
            assert_eq!(said.contains("a proxy before it"), prefix != "/", "{prefix}: {said}");
        },
    );
    let said = app("PROXY_REMOTEURL=https://registry-1.docker.io", &[]);
    assert!(said.contains("nothing can be pushed to it"), "{said}");
}
