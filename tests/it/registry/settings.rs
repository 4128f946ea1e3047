//! Variables that a registry does not start with, or that make it lose images.

use super::run;
use crate::common::each_case;
#[cfg(feature = "cert")]
use crate::common::{TestDir, free_port};
#[cfg(feature = "cert")]
use crate::docker_registry;

/// A variable, what goes with it, and whether a registry with these starts.
type Given<'c> = (&'c [&'c str], bool);

const GIVEN: [Given<'_>; 12] = [
    (&["REGISTRY_STORAGE_S3_BUCKET=x"], false),
    (&["REGISTRY_STORAGE=s3"], false),
    (&["REGISTRY_STORAGE=S3"], false),
    (&["REGISTRY_STORAGE=inmemory"], true),
    (&["REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR=redis"], false),
    (&["REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR=redis", "REGISTRY_REDIS_ADDR=localhost:1"], true),
    (&["REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED=true"], false),
    (&["REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING_AGE=24h"], false),
    (&["REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING={\"enabled\":false}"], true),
    (&["REGISTRY_HTTP_NET=udp"], false),
    (&["REGISTRY_HTTP_DEBUG_ADDR=5001"], false),
    (&["REGISTRY_HTTP_DEBUG_ADDR=:5000"], false),
];

#[test]
fn variables_that_do_not_go_with_the_others_are_refused() {
    let app = |env: &[&str], more: &[&str]| {
        let env: Vec<&str> = env.iter().flat_map(|pair| ["--env", pair]).collect();
        run(&[&["--tls", "trusted", "--host-path", "/srv"], &env[..], more].concat())
    };
    each_case(GIVEN, |(env, starts)| {
        let said = app(env, &[]);
        assert_eq!(said.starts_with("exit: 0\n"), starts, "{env:?}: {said}");
        let name = env[0].split('=').next().unwrap_or_default();
        assert!(starts || said.contains(&format!("error: --env {name}: ")), "{env:?}: {said}");
    });
    let cases: [(&[&str], &[&str], &str); 9] = [
        (
            &["REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=/data"],
            &[],
            "the volume at /var/lib/registry stays empty",
        ),
        (&["REGISTRY_HTTP_ADDR=:6000"], &[], "listens on port 6000, and the definition leads to port 5000"),
        (&["REGISTRY_HTTP_ADDR=localhost:5000"], &[], "where nothing from outside arrives"),
        (&["REGISTRY_HTTP_NET=unix"], &[], "listens at a file of its container"),
        (&["REGISTRY_AUTH_TOKEN_REALM=x"], &["--auth", "htpasswd"], "the authentications htpasswd and token"),
        (&["REGISTRY_PROXY_REMOTEURL=https://a.example"], &["--delete"], "refuses each deletion (405)"),
        (
            &["REGISTRY_STORAGE_DELETE_ENABLED=true"],
            &["--proxy", "https://a.example"],
            "refuses each deletion (405)",
        ),
        (&[], &["--proxy", "https://a.example", "--delete"], "--delete does not go with --proxy"),
        (&["REGISTRY_STORAGE_TAG_CONCURRENCYLIMIT=8"], &[], "the storage drivers filesystem and tag"),
    ];
    each_case(cases, |(env, more, why)| {
        let said = app(env, more);
        assert!(said.starts_with("exit: 2\n") && said.contains(why), "{env:?}: {said}");
    });
    each_case(
        [
            (&["REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=/var/lib/registry/images"][..], &[][..]),
            (&["REGISTRY_HTTP_ADDR=0.0.0.0:5000", "REGISTRY_HTTP_DEBUG_ADDR=:5001"], &[]),
            (&["REGISTRY_STORAGE_TAG_CONCURRENCYLIMIT=8"], &["--registry-version", "3.0.0"]),
        ],
        |(env, more)| {
            let said = app(env, more);
            assert!(said.starts_with("exit: 0\n"), "{env:?}: {said}");
        },
    );
}

/// The real registry, with the configuration of the image, ends with what is refused. One that starts goes on until it is ended.
#[cfg(feature = "cert")]
#[test]
fn the_real_registry_does_not_start_with_what_is_refused() {
    if !docker_registry::is_there() {
        return;
    }
    let test = TestDir::new().file(
        "config.yml",
        "version: 0.1\nstorage:\n  cache:\n    blobdescriptor: inmemory\n  filesystem:\n    rootdirectory: images\n\
         http:\n  addr: :5000\n",
    );
    each_case(GIVEN.into_iter().filter(|(_, starts)| !starts), |(env, _)| {
        let port = format!(":{}", free_port());
        let env = env.iter().filter_map(|pair| pair.split_once('='));
        let env = env.map(|(name, value)| (name, if value == ":5000" { &*port } else { value }));
        let ended = std::process::Command::new("timeout")
            .args(["60", "docker-registry", "serve", "config.yml"])
            .env("REGISTRY_HTTP_ADDR", &port)
            .envs(env.clone())
            .current_dir(test.path())
            .output()
            .expect("it runs")
            .status;
        // 124 is that of timeout itself.
        assert!(!ended.success() && ended.code() != Some(124), "{:?}: {ended}", env.collect::<Vec<_>>());
    });
}
