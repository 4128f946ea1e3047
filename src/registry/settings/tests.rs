use super::*;

fn given(env: &[&str]) -> GivenSettings {
    let env = env.iter().map(|pair| pair.split_once('=').expect("NAME=VALUE"));
    GivenSettings {
        env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        mounts: vec![crate::registry::app::storage::ROOT.to_owned(), "/certs/".to_owned()],
        has_all_mounts: true,
        has_all_env: true,
        has_default_config: true,
        version: Some(RegistryVersion::Two),
    }
}

/// What the real registry 2.8.2 does with each, with the configuration of its image.
#[test]
fn settings_that_do_not_go_together() {
    use SettingProblem::{
        BesideProxy, Driver, ImagesOutside, Missing, Nowhere, OutsideSection, PortTwice, TwoKinds, Unread,
        Value,
    };
    let s3 = ["STORAGE=s3", "STORAGE_S3_BUCKET=x", "STORAGE_S3_REGION=r"];
    let token = ["AUTH=token", "AUTH_TOKEN_REALM=http://x", "AUTH_HTPASSWD_PATH=/other"];
    for (env, problem) in [
        (&[][..], None),
        (&["STORAGE_S3_BUCKET=x"], Some((TwoKinds, "STORAGE_S3_BUCKET"))),
        (&["STORAGE=filesystem", "STORAGE_S3_BUCKET=x"], Some((TwoKinds, "STORAGE_S3_BUCKET"))),
        (&["STORAGE_TAG_CONCURRENCYLIMIT=3"], Some((TwoKinds, "STORAGE_TAG_CONCURRENCYLIMIT"))),
        (&["STORAGE={filesystem: {}, s3: {}}"], Some((TwoKinds, "STORAGE"))),
        (&["STORAGE={inmemory: {}}"], None),
        (&["STORAGE=inmemory"], None),
        (&["STORAGE=filesystem"], None),
        (&["STORAGE=s3"], Some((Driver, "STORAGE"))),
        (&s3, None),
        (&["STORAGE=S3"], Some((Driver, "STORAGE"))),
        (&["STORAGE_CACHE_BLOBDESCRIPTOR=redis"], Some((Missing, "STORAGE_CACHE_BLOBDESCRIPTOR"))),
        (&["STORAGE_CACHE_BLOBDESCRIPTOR=redis", "REDIS_ADDR=redis:6379"], None),
        (&["STORAGE_CACHE_BLOBDESCRIPTOR=inmemory"], None),
        (
            &["STORAGE_MAINTENANCE_READONLY_ENABLED=true"],
            Some((OutsideSection, "STORAGE_MAINTENANCE_READONLY_ENABLED")),
        ),
        (&["STORAGE_MAINTENANCE_READONLY={\"enabled\":true}"], None),
        (
            &["STORAGE_FILESYSTEM_ROOTDIRECTORY=/data"],
            Some((ImagesOutside, "STORAGE_FILESYSTEM_ROOTDIRECTORY")),
        ),
        (
            &["STORAGE_FILESYSTEM_ROOTDIRECTORY=/var/lib/registry/../x"],
            Some((ImagesOutside, "STORAGE_FILESYSTEM_ROOTDIRECTORY")),
        ),
        (&["STORAGE_FILESYSTEM_ROOTDIRECTORY=/var/lib/registry/images"], None),
        (&["HTTP_DEBUG_ADDR=:5000"], Some((PortTwice, "HTTP_DEBUG_ADDR"))),
        (&["HTTP_DEBUG_ADDR=127.0.0.1:5001"], None),
        (&["HTTP_DEBUG_ADDR=:6000", "HTTP_ADDR=:6000"], Some((PortTwice, "HTTP_DEBUG_ADDR"))),
        (&["HTTP_DEBUG_ADDR=5001"], Some((Nowhere, "HTTP_DEBUG_ADDR"))),
        (&["HTTP_NET=udp"], Some((Nowhere, "HTTP_NET"))),
        (&token, Some((TwoKinds, "AUTH_HTPASSWD_PATH"))),
        (&token[..2], None),
        (
            &["PROXY_REMOTEURL=https://x", "STORAGE_DELETE_ENABLED=true"],
            Some((BesideProxy, "STORAGE_DELETE_ENABLED")),
        ),
        (&["PROXY_REMOTEURL=https://x", "STORAGE_DELETE_ENABLED=false"], None),
        (&["LOG_LEVEL=loud"], Some((Value, "LOG_LEVEL"))),
        (&["LOG_LEVEL="], None),
        (&["LOG_LEVEL=${LEVEL}"], None),
        (&["HTTP_RELATIVEURLS={\"secret\": \"relative\"}"], None),
        (&["STORAGE_REDIRECT_DISABLE="], Some((Value, "STORAGE_REDIRECT_DISABLE"))),
        (&["STORAGE_MAINTENANCE_READONLY="], Some((Value, "STORAGE_MAINTENANCE_READONLY"))),
        (&["NOTIFICATIONS_ENDPOINTS_0_NAME=x"], Some((Unread, "NOTIFICATIONS_ENDPOINTS_0_NAME"))),
        (&["LOG_FIELDS_env=5", "STORAGE_FILESYSTEM_maxthreads=50"], None),
        (&["STORAGE_filesystem_MAXTHREADS=many"], Some((Value, "STORAGE_filesystem_MAXTHREADS"))),
        (
            &["PROXY_REMOTEURL=https://x", "STORAGE_MAINTENANCE_READONLY={enabled: true}"],
            Some((BesideProxy, "STORAGE_MAINTENANCE_READONLY")),
        ),
    ] {
        let faults = given(env).faults();
        let found = faults.first().map(|fault| (fault.problem, fault.settings[0].as_str()));
        assert_eq!(found, problem, "{env:?}: {faults:?}");
        assert!(faults.len() < 2, "{env:?}: {faults:?}");
    }
}

#[test]
fn an_own_configuration_may_have_what_the_variables_do_not() {
    let other =
        |env: &[&str]| GivenSettings { has_default_config: false, has_all_env: false, ..given(env) }.faults();
    for env in [&["STORAGE_S3_BUCKET=x"][..], &["STORAGE=s3"], &["STORAGE_CACHE_BLOBDESCRIPTOR=redis"]] {
        assert_eq!(other(env), [], "{env:?}");
    }
    assert_eq!(other(&["STORAGE_S3_BUCKET=x", "STORAGE_GCS_BUCKET=x"]).len(), 1);
}

#[test]
fn a_registry_listens_where_its_definition_leads() {
    for (setting, is_there) in [
        ("HTTP_ADDR=:5000", true),
        ("HTTP_ADDR=0.0.0.0:5000", true),
        ("HTTP_ADDR=:6000", false),
        ("HTTP_ADDR=6000", false),
        ("HTTP_ADDR=localhost:5000", false),
        ("HTTP_NET=unix", false),
    ] {
        assert_eq!(led_elsewhere(&given(&[setting]), 5000).is_none(), is_there, "{setting}");
    }
}
