//! Registries and disks that take nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use super::archives::{Saved, large_image, saved_image};
use super::{digest_of, open_registry, run};
use crate::common::{TestDir, each_case, free_port, has_own_mounts};
use crate::docker_registry::Registry;
use crate::token_server::environment;

/// A registry that runs as an app of these options does, and its host.
fn registry_of(test: &TestDir, options: &[&str], images: &str) -> Option<(Registry, String)> {
    let made = test.run(&[&["registry", "app", "-o", "registry.json"], options].concat());
    assert!(made.starts_with("exit: 0\n"), "{made}");
    let app: Json = serde_json::from_str(&test.read("registry.json")).expect("JSON");
    let mut environment: BTreeMap<String, String> = environment(test, ".", &app);
    environment.entry("REGISTRY_STORAGE_DELETE_ENABLED".to_owned()).or_insert_with(|| "false".to_owned());
    let port = free_port();
    let registry = Registry::start_with_images(test, port, images, &environment)?;
    Some((registry, format!("localhost:{port}")))
}

/// In an address `..` leads to another repository: no command and no backup may say so.
#[test]
fn a_name_leads_to_no_other_repository() {
    let Saved { tar, .. } = saved_image(&["web:1"], 1);
    let test = TestDir::new().file("web.tar", tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    run(&test, &host, &["image", "push", "web.tar", &format!("{host}/shop/web:1")]);
    each_case(["team/../shop/web:1", "../shop/web:1", "./shop/web:1", "shop/web:.."], |name| {
        let image = format!("{host}/{name}");
        for command in [&["push", "web.tar", &image][..], &["inspect", &image], &["delete", &image, "--yes"]]
        {
            let said = run(&test, &host, &[&["image"], command].concat());
            assert!(said.starts_with("exit: 2\n") && said.contains("only dots"), "{name}: {said}");
        }
    });
    run(&test, &host, &["registry", "backup", &host, "-o", "backup/"]);
    let index = test.read("backup/index.json").replace("shop/web", "shop/../prod/web");
    let test = test.file("backup/index.json", index);
    let said = run(&test, &host, &["registry", "restore", "backup/", &host]);
    assert!(!said.starts_with("exit: 0\n") && said.contains("only dots"), "{said}");
    assert_eq!(run(&test, &host, &["image", "list", &host]).matches("web").count(), 1);
}

/// Seed 004's registry without and with deletion, and while garbage is collected: what it refuses is told, and by what it takes
/// more.
#[test]
fn a_registry_that_refuses_says_so() {
    let Saved { tar, .. } = saved_image(&["web:1"], 1);
    let test = TestDir::new().file("web.tar", tar);
    let Some((registry, host)) = registry_of(&test, &["--tls", "none"], "images") else { return };
    let image = format!("{host}/web:1");
    let digest = digest_of(&run(&test, &host, &["image", "push", "web.tar", &image]));
    let kept = run(&test, &host, &["image", "delete", &image, "--yes"]);
    assert!(kept.starts_with("exit: 3\n") && kept.contains("answers 405"), "{kept}");
    assert!(
        kept.contains("help: this registry deletes nothing: it needs REGISTRY_STORAGE_DELETE_ENABLED=true"),
        "{kept}"
    );
    drop(registry);
    let read_only = ["--tls", "none", "--read-only", "--delete"];
    let Some((_registry, host)) = registry_of(&test, &read_only, "images") else { return };
    let image = format!("{host}/web:1");
    each_case(
        [
            &["image", "push", "web.tar", &format!("{host}/other:1")][..],
            &["image", "copy", &image, &format!("{host}/web:2")],
        ],
        |args| {
            let said = run(&test, &host, args);
            assert!(said.starts_with("exit: 3\n") && said.contains("answers 405"), "{args:?}: {said}");
            assert!(said.contains("help: the registry takes no images: it is read-only"), "{args:?}: {said}");
        },
    );
    let kept = run(&test, &host, &["image", "delete", &image, "--yes"]);
    assert!(kept.starts_with("exit: 3\n") && kept.contains("answers 405"), "{kept}");
    // It can be read all the same.
    let saved = run(&test, &host, &["registry", "backup", &host, "-o", "backup/"]);
    assert!(saved.starts_with("exit: 0\n"), "{saved}");
    assert!(test.read("backup/index.json").contains(&digest));
}

/// `registry app --proxy`: images come from the other registry, and stay readable when that is gone; nothing is pushed or deleted.
#[test]
fn a_cache_of_another_registry() {
    let Saved { tar, .. } = saved_image(&["shop/web:1"], 2);
    let test = TestDir::new().file("web.tar", tar);
    let Some((other, host)) = open_registry(&test) else { return };
    let digest = digest_of(&run(&test, &host, &["image", "push", "web.tar", &format!("{host}/shop/web:1")]));
    let proxy = format!("http://{host}");
    let Some((_cache, cache)) = registry_of(&test, &["--tls", "none", "--proxy", &proxy], "cache") else {
        return;
    };
    let image = format!("{cache}/shop/web:1");
    let pulled = run(&test, &cache, &["image", "pull", &image, "-o", "first.tar"]);
    assert!(pulled.starts_with("exit: 0\n") && pulled.contains(&digest), "{pulled}");
    let checked = run(&test, &cache, &["image", "check", &image]);
    assert!(checked.starts_with("exit: 0\n"), "{checked}");
    let pushed = run(&test, &cache, &["image", "push", "web.tar", &format!("{cache}/shop/new:1")]);
    assert!(pushed.starts_with("exit: 3\n") && pushed.contains("or a cache of another one"), "{pushed}");
    let kept = run(&test, &cache, &["image", "delete", &image, "--yes"]);
    assert!(kept.starts_with("exit: 3\n") && kept.contains("or a cache of another one"), "{kept}");
    drop(other);
    let again = run(&test, &cache, &["image", "pull", &image, "-o", "second.tar"]);
    assert!(again.starts_with("exit: 0\n") && again.contains(&digest), "{again}");
}

/// Runs milepost where the directory `full` has so much space.
fn run_with_space(test: &TestDir, host: &str, space: &str, args: &[&str]) -> String {
    let script = format!(
        "mkdir -p full && mount -t tmpfs -o size={space} tmpfs full && \"$@\"; code=$?; echo \"left: $(ls -A full | tr '\\n' ' ')\" >&2; exit $code"
    );
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", &script, "sh", env!("CARGO_BIN_EXE_milepost")])
        .args(args)
        .current_dir(test.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", test.path())
        .env("TMPDIR", Path::new(test.path()).join("full"))
        .output()
        .expect("unshare runs");
    test.describe(&output).replace(host, "[REGISTRY]")
}

/// A disk that is full, here or at the registry: it is told, and nothing looks whole.
#[test]
fn a_full_disk_on_either_side() {
    if !has_own_mounts() {
        return;
    }
    let Saved { tar, .. } = large_image(&["web:1"]);
    let test = TestDir::new().file("web.tar", tar);
    let Some((registry, host)) = open_registry(&test) else { return };
    let image = format!("{host}/web:1");
    // What is packed on the way is in the directory for temporary files.
    let packed = run_with_space(&test, &host, "1m", &["image", "push", "web.tar", &image]);
    assert!(packed.starts_with("exit: 2\n") && packed.contains("No space left on device"), "{packed}");
    assert!(packed.ends_with("left: \n"), "what was packed is removed: {packed}");
    assert!(!run(&test, &host, &["image", "tags", &format!("{host}/web")]).starts_with("exit: 0\n"));
    assert!(run(&test, &host, &["image", "push", "web.tar", &image]).starts_with("exit: 0\n"));
    each_case(
        [
            &["image", "pull", &image, "-o", "full/out.tar"][..],
            &["image", "pull", &image, "-o", "full/layout/"],
            &["registry", "backup", &host, "-o", "full/out.tar"],
            &["registry", "backup", &host, "-o", "full/layout/"],
        ],
        |args| {
            let said = run_with_space(&test, &host, "3m", args);
            assert!(
                said.starts_with("exit: 2\n") && said.contains("No space left on device"),
                "{args:?}: {said}"
            );
            assert!(!said.contains("left: out.tar "), "{args:?}: {said}");
        },
    );
    drop(registry);
    let other = TestDir::new();
    std::fs::rename(test.path().join("web.tar"), other.path().join("web.tar")).expect("moved");
    let Some(registry) = Registry::start_with_space(&other, "3m") else { return };
    let host = format!("localhost:{}", registry.port);
    let said = run(&other, &host, &["image", "push", "web.tar", &format!("{host}/web:1")]);
    assert!(said.starts_with("exit: 8\n") && said.contains("answers 500"), "{said}");
    let tags = run(&other, &host, &["image", "tags", &format!("{host}/web")]);
    assert!(!tags.contains("\n1\n"), "{tags}");
}
