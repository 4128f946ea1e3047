//! Variables whose values are not in the files.

use super::{COMPOSE, YAML_AUTH, group, write};
use crate::common::{TestDir, each_case};

#[test]
fn what_docker_compose_puts_in_is_not_known() {
    let test = group();
    let compose = test.read(COMPOSE);
    let check = |more: &str| {
        write(&test, COMPOSE, &compose.replace(YAML_AUTH, &format!("{YAML_AUTH}\n      {more}")));
        test.run(&["registry", "check", "out", "--format", "concise"])
    };
    each_case(
        [
            ("REGISTRY_STORAGE: ${DRIVER}\n      REGISTRY_STORAGE_S3_BUCKET: x", "REGISTRY_STORAGE: foo"),
            ("REGISTRY_HTTP_DEBUG_ADDR: ${ADDRESS}", "REGISTRY_HTTP_DEBUG_ADDR: :5000"),
            (
                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: ${DIR}",
                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: /data",
            ),
        ],
        |(open, known)| {
            let said = check(open);
            assert!(said.starts_with("exit: 0\n") && !said.contains("REGISTRY_"), "{open}: {said}");
            let said = check(known);
            assert!(said.contains("REGISTRY_") || said.contains("storage driver"), "{known}: {said}");
        },
    );
}

/// An app as `registry app` writes it, with more variables.
fn app(more: &[&str]) -> TestDir {
    let test = TestDir::new();
    let args = ["registry", "app", "--tls", "trusted", "--host-path", "/srv", "-o", "registry.json"];
    let made = test.run(&[&args, more].concat());
    assert!(made.starts_with("exit: 0\n"), "{made}");
    test
}

#[test]
fn a_health_check_asks_below_the_prefix() {
    let test = app(&["--env", "REGISTRY_HTTP_PREFIX=/reg"]);
    let check = || test.run(&["registry", "check", "registry.json", "--format", "concise"]);
    assert!(!check().contains("health-check"), "{}", check());
    let json = test.read("registry.json");
    each_case([("/v2/", true), ("/reg/v2/", false), ("/reg/", true), ("/", false)], |(path, is_told)| {
        write(
            &test,
            "registry.json",
            &json.replace("\"path\": \"/reg/v2/\"", &format!("\"path\": \"{path}\"")),
        );
        assert_eq!(check().contains("error[health-check-finds-nothing]"), is_told, "{path}: {}", check());
    });
    // The same without a prefix.
    write(&test, "registry.json", &json.replace("/reg\"", "/\""));
    assert!(check().contains("error[health-check-finds-nothing]"), "{}", check());
}

/// What the configuration of the registry declares: names and types.
#[test]
fn names_and_values_are_those_of_the_configuration() {
    let test = app(&["--registry-version", "2.8.3"]);
    let json = test.read("registry.json");
    let cases = [
        ("LOG_LEVEL", "loud", "error[setting-value]"),
        ("HEALTH_STORAGEDRIVER_ENABLED", "sure", "error[setting-value]"),
        ("NOTIFICATIONS_ENDPOINTS", "x", "error[setting-value]"),
        ("PROXY_REMOTEURL", "registry-1.docker.io", "error[setting-value]"),
        ("HEALTH_FILE", "[]", "perhaps REGISTRY_HEALTH_FILECHECKERS is meant"),
        ("HEALTH_STORAGEDRIVER_ENABELD", "true", "perhaps REGISTRY_HEALTH_STORAGEDRIVER_ENABLED is meant"),
        ("LOG_level", "info", "perhaps REGISTRY_LOG_LEVEL is meant"),
        ("HTTP_H2C_ENABLED", "true", "is a setting of registry 3 only"),
        ("NOTIFICATIONS_ENDPOINTS_0_NAME", "x", "it takes a list as a whole"),
        ("REDIS_POOL_MAXIDLE_X", "1", "[unknown-registry-setting]"),
        ("LOG_LEVEL", "WARN", ""),
        ("LOG_FIELDS_env", "prod", ""),
        ("STORAGE_FILESYSTEM_maxthreads", "50", ""),
        ("HTTP_HEADERS_X-Frame-Options", "[DENY]", ""),
        ("START_HOOK", "run", ""),
    ];
    let check = |json: &str, name: &str, value: &str| {
        let env = format!("\"env\": {{\n    \"REGISTRY_{name}\": \"{value}\",");
        write(&test, "registry.json", &json.replace("\"env\": {", &env));
        test.run(&["registry", "check", "registry.json", "--format", "concise"])
    };
    each_case(cases, |(name, value, told)| {
        let said = check(&json, name, value);
        assert!(said.contains(told), "{name}={value}: {said}");
        assert_eq!(said.contains(&format!("REGISTRY_{name}")), !told.is_empty(), "{name}={value}: {said}");
    });
    let third = json.replace("registry:2.8.3", "registry:3.0.0");
    assert_ne!(json, third);
    each_case([("NOTIFICATIONS_ENDPOINTS_0_NAME", "x"), ("HTTP_H2C_ENABLED", "true")], |(name, value)| {
        let said = check(&third, name, value);
        assert!(!said.contains(&format!("REGISTRY_{name}")), "{name}: {said}");
    });
}
