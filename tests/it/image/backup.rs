//! `milepost registry backup` and `restore`.

use std::collections::BTreeMap;
use std::path::Path;

use super::archives::{Saved, saved_image, several, two_platforms};
use super::stub::{Faults, Stub};
use super::{digest_of, open_registry, run};
use crate::common::{TestDir, each_case, free_port};
use crate::docker_registry::Registry;

/// A registry with three repositories: shop/web with two tags of one image and a third of another, shop/db, and one for two
/// platforms.
fn filled() -> Option<(TestDir, Registry, String)> {
    let Saved { tar, .. } = saved_image(&["x:1", "x:latest"], 2);
    let test =
        TestDir::new().file("web.tar", tar).file("all.tar", several(&[&["shop/web:2"], &["shop/db:1"]]));
    two_platforms(&test.path().join("layout"));
    let (registry, host) = open_registry(&test)?;
    each_case(
        [
            ["push", "web.tar", &format!("{host}/shop/web"), "--at-once=2"],
            ["push", "all.tar", &host, "--all"],
            ["push", "layout", &format!("{host}/multi:1"), "--at-once=1"],
        ],
        |args| {
            let pushed = run(&test, &host, &[&["image"], &args[..]].concat());
            assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
        },
    );
    Some((test, registry, host))
}

/// Every repository with its tags and their digests.
pub(super) fn contents(test: &TestDir, host: &str) -> Vec<String> {
    let lines = |args: &[&str]| -> Vec<String> {
        let output = test.command(args).output().expect("it runs");
        String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
    };
    let mut all = Vec::new();
    for repository in lines(&["image", "list", host]) {
        for tag in lines(&["image", "tags", &format!("{host}/{repository}")]) {
            let digest = lines(&["image", "inspect", &format!("{host}/{repository}:{tag}")]).swap_remove(0);
            all.push(format!("{repository}:{tag} {digest}"));
        }
    }
    all
}

fn names(directory: &Path) -> Vec<String> {
    let entry = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("an entry").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = std::fs::read_dir(directory).expect("a directory").map(entry).collect();
    names.sort();
    names
}

/// Seed 004, "back up the registry": backup, an empty registry, restore: every tag and digest is as before.
#[test]
fn a_restored_registry_is_the_same() {
    let Some((test, _registry, host)) = filled() else { return };
    let before = contents(&test, &host);
    assert_eq!(before.len(), 5, "{before:?}");
    let saved = run(&test, &host, &["registry", "backup", &host, "-o", "backup/"]);
    assert!(
        saved.starts_with("exit: 0\n") && saved.contains("wrote backup/: 5 images of [REGISTRY]\n"),
        "{saved}"
    );
    let again = run(&test, &host, &["registry", "backup", &host, "-o", "backup/"]);
    assert!(again.contains("read 0 blobs, 0 B; "), "{again}");
    let packed = run(&test, &host, &["registry", "backup", &host, "-o", "backup.tar"]);
    assert!(packed.starts_with("exit: 0\n") && !test.path().join("backup.tar.partial").exists(), "{packed}");
    for (images, backup) in [("empty-1", "backup"), ("empty-2", "backup.tar")] {
        let Some(empty) = Registry::start_with(&test, images, "") else { return };
        let target = format!("localhost:{}", empty.port);
        let restored = run(&test, &target, &["registry", "restore", backup, &target]);
        assert!(
            restored.starts_with("exit: 0\n") && restored.contains("restored 5 images to [REGISTRY]\n"),
            "{restored}"
        );
        assert_eq!(contents(&test, &target), before);
        let twice = run(&test, &target, &["registry", "restore", backup, &target]);
        assert!(twice.contains("sent 0 blobs, 0 B; "), "{twice}");
        assert_eq!(contents(&test, &target), before);
    }
}

#[test]
fn patterns_choose_images() {
    let Some((test, _registry, host)) = filled() else { return };
    let args = ["registry", "backup", &host, "-o", "some/", "--include", "shop/*", "--exclude", "*:latest"];
    let saved = run(&test, &host, &args);
    assert!(saved.contains("wrote some/: 3 images"), "{saved}");
    let Some(empty) = Registry::start_with(&test, "empty", "") else { return };
    let target = format!("localhost:{}", empty.port);
    let restored = run(&test, &target, &["registry", "restore", "some", &target, "--include", "shop/web:2"]);
    assert!(restored.contains("restored 1 image "), "{restored}");
    assert_eq!(contents(&test, &target).len(), 1);
}

/// A pattern that matches nothing is mostly a slip: nothing is written, and each is named with what is near.
#[test]
fn patterns_that_match_nothing_are_refused() {
    let Some((test, _registry, host)) = filled() else { return };
    let Some(empty) = Registry::start_with(&test, "empty", "") else { return };
    let target = format!("localhost:{}", empty.port);
    assert!(
        run(&test, &host, &["registry", "backup", &host, "-o", "all/"]).starts_with("exit: 0\n"),
        "all of it"
    );
    let told = |output: &str| {
        output.lines().find_map(|line| line.strip_prefix("error: ")).unwrap_or_default().to_owned()
    };
    let place =
        |place: &str, why: &str| format!("nothing in {place} is matched by {why}, so nothing was written");
    each_case(
        [
            (&["--include", "x"][..], "--include 'x' (there is multi, shop/db, shop/web)"),
            (
                &["--include", "shop/web:2", "--include", "shop/wbe"],
                "--include 'shop/wbe' (perhaps shop/web is meant)",
            ),
            (&["--include", "shop/web:7"], "--include 'shop/web:7' (perhaps shop/web:1 is meant)"),
            (&["--include", "multi", "--include", "mult?:2"], "--include 'mult?:2' (perhaps multi is meant)"),
            (&["--exclude", "typo/web"], "--exclude 'typo/web' (there is multi, shop/db, shop/web)"),
            (
                &[
                    "--include",
                    "none",
                    "--include",
                    "multi",
                    "--exclude",
                    "*:latset",
                    "--exclude",
                    "shop/wbe",
                ],
                "--include 'none' (there is multi, shop/db, shop/web), --exclude 'shop/wbe' (perhaps shop/web is meant)",
            ),
        ],
        |(patterns, why)| {
            let saved =
                run(&test, &host, &[&["registry", "backup", &host, "-o", "none/"], patterns].concat());
            assert!(saved.starts_with("exit: 2\n"), "{saved}");
            assert_eq!(told(&saved), place("[REGISTRY]", why));
            let restored =
                run(&test, &target, &[&["registry", "restore", "all", &target], patterns].concat());
            assert!(restored.starts_with("exit: 2\n"), "{restored}");
            assert_eq!(told(&restored), place("all", why));
        },
    );
    assert!(!test.path().join("none").exists() && contents(&test, &target).is_empty());
    // What another pattern leaves out is there all the same.
    each_case(
        [
            &["--include", "shop/*", "--exclude", "multi:1"][..],
            &["--include", "shop/web", "--exclude", "shop/db", "--exclude", "*:latest"],
            &["--include", "{multi,shop/web}:[12]"],
        ],
        |patterns| {
            let saved =
                run(&test, &host, &[&["registry", "backup", &host, "-o", "some/"], patterns].concat());
            assert!(saved.starts_with("exit: 0\n"), "{patterns:?}: {saved}");
        },
    );
}

/// A repository that is left out is not asked, whatever its name; where nobody may list the repositories, names do.
#[test]
fn only_what_can_be_chosen_is_asked() {
    let stub = Stub::start(Faults::default());
    let test = TestDir::new().file("web.tar", saved_image(&["web:1"], 1).tar);
    let host = format!("localhost:{}", stub.port);
    assert!(
        run(&test, &host, &["image", "push", "web.tar", &format!("{host}/web:1")]).starts_with("exit: 0\n")
    );
    let backup =
        |more: &[&str]| run(&test, &host, &[&["registry", "backup", &host, "-o", "part/"], more].concat());
    let saves = |more: &[&str]| {
        let saved = backup(more);
        assert!(
            saved.starts_with("exit: 0\n") && saved.contains(": 1 image of [REGISTRY]\n"),
            "{more:?}: {saved}"
        );
        saved
    };
    stub.set(Faults { closed: &["/v2/secret/"], ..Faults::default() });
    assert!(backup(&[]).starts_with("exit: 2\n"));
    assert!(backup(&["--exclude", "secret"]).contains("`../odd` is not the name of a repository"));
    each_case(
        [&["--include", "web"][..], &["--include", "w*:1"], &["--exclude", "secret:*", "--exclude", "../*"]],
        |more| {
            saves(more);
        },
    );
    stub.set(Faults { closed: &["/v2/secret/", "/v2/_catalog"], ..Faults::default() });
    each_case(
        [&["--include", "web"][..], &["--include", "web:1", "--include", "secret:1", "--exclude", "secret"]],
        |more| {
            let saved = saves(more);
            assert!(saved.contains("note: [REGISTRY] gives no list of its repositories"), "{saved}");
        },
    );
    insta::assert_snapshot!(backup(&["--include", "we*"]), @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: the list of all repositories cannot be read; --include with names and no patterns needs none: without credentials nobody may list the repositories of [REGISTRY]: http://[REGISTRY]/v2/_catalog answers 403
    help: whoever runs the registry gives the right, as * on registry:catalog (docker_auth: an entry of acl with type registry and name catalog); `milepost image tags` needs none but pull
    ");
    each_case(["--include", "--exclude"], |option| {
        let empty = backup(&[option, ""]);
        let told = format!("{option} has an empty pattern");
        assert!(empty.starts_with("exit: 2\n") && empty.contains(&told), "{empty}");
    });
    // Where the names of the repositories are not told, one that is not there is named.
    each_case(["typo", "web:7"], |name| {
        let missing = backup(&["--include", "web", "--include", name]);
        assert!(
            missing.starts_with("exit: 2\n")
                && missing.contains(&format!("is matched by --include '{name}' (")),
            "{missing}"
        );
    });
    let secret = backup(&["--include", "web", "--include", "secret"]);
    assert!(secret.starts_with("exit: 3\n") && secret.contains("secret"), "{secret}");
}

/// Two runs into one directory or file: the second is refused at once, and nothing is lost. A killed run keeps nobody out.
#[test]
fn two_backups_at_once_lose_nothing() {
    let Some((test, _registry, host)) = filled() else { return };
    each_case(
        [("two/", "two/blobs/sha256"), ("two.tar", "two.tar.partial/blobs/sha256")],
        |(output, blobs)| {
            let backup = |pattern: &str| {
                run(&test, &host, &["registry", "backup", &host, "-o", output, "--include", pattern])
            };
            // What the other run holds as long as it runs.
            std::fs::create_dir_all(test.path().join(blobs)).expect("made");
            let other = std::fs::File::open(test.path().join(blobs)).expect("opened");
            other.try_lock().expect("locked");
            let refused = backup("multi");
            assert!(
                refused.starts_with("exit: 2\n") && refused.contains("another run of milepost"),
                "{refused}"
            );
            drop(other);
            assert!(backup("multi").contains("1 image of [REGISTRY]\n"));
            let second = backup("shop/*");
            assert!(second.contains("4 images of [REGISTRY]; 1 image of the former backup"), "{second}");
        },
    );
    // The same of a pull.
    std::fs::create_dir_all(test.path().join("pulled/blobs/sha256")).expect("made");
    let other = std::fs::File::open(test.path().join("pulled/blobs/sha256")).expect("opened");
    other.try_lock().expect("locked");
    let refused = run(&test, &host, &["image", "pull", &format!("{host}/multi:1"), "-o", "pulled/"]);
    assert!(refused.starts_with("exit: 2\n") && refused.contains("another run of milepost"), "{refused}");
}

/// What such a directory holds has no names that a registry gives: nothing could be restored from it.
#[test]
fn a_layout_that_is_no_backup_is_not_made_one() {
    let Some((test, _registry, host)) = filled() else { return };
    let pulled = run(&test, &host, &["image", "pull", &format!("{host}/multi:1"), "-o", "pulled/"]);
    assert!(pulled.starts_with("exit: 0\n"), "{pulled}");
    let index = test.read("pulled/index.json");
    for selection in [&[][..], &["--include", "shop/*"], &["--prune"]] {
        let refused =
            run(&test, &host, &[&["registry", "backup", &host, "-o", "pulled/"], selection].concat());
        assert!(
            refused.starts_with("exit: 2\n") && refused.contains("not the backup of a registry"),
            "{refused}"
        );
    }
    assert_eq!(test.read("pulled/index.json"), index);
}

/// What is named by its digest alone is nobody's `latest`.
#[test]
fn a_copy_of_a_digest_needs_a_tag() {
    let Some((test, _registry, host)) = filled() else { return };
    let shown = run(&test, &host, &["image", "inspect", &format!("{host}/shop/db:1")]);
    let digest = shown.split_whitespace().find(|word| word.starts_with("sha256:")).expect("a digest");
    let from = format!("{host}/shop/db@{digest}");
    let refused = run(&test, &host, &["image", "copy", &from, &format!("{host}/copy/db")]);
    assert!(
        refused.starts_with("exit: 2\n") && refused.contains("has no tag: give the copy one"),
        "{refused}"
    );
    let copied = run(&test, &host, &["image", "copy", &from, &format!("{host}/copy/db:2")]);
    assert!(copied.starts_with("exit: 0\n") && copied.contains(digest), "{copied}");
}

/// What refers to an image stays with it where the registry lists no referrers, too: under the tags of the OCI's fallback, and
/// those of cosign; and what refers to that.
#[test]
fn a_choice_keeps_tags_that_refer_to_its_images() {
    let Some((test, _registry, host)) = filled() else { return };
    let push = |archive: &str, tag: &str| {
        let pushed = run(&test, &host, &["image", "push", archive, &format!("{host}/shop/web:{tag}")]);
        assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
        digest_of(&pushed)
    };
    let digest = |tag: &str| {
        let said = run(&test, &host, &["image", "inspect", &format!("{host}/shop/web:{tag}")]);
        said.split_whitespace().find(|word| word.starts_with("sha256:")).expect("a digest").to_owned()
    };
    let tag_of = |digest: &str, end: &str| format!("{}{end}", digest.replace(':', "-"));
    std::fs::write(test.path().join("sig.tar"), saved_image(&["x:1"], 3).tar).expect("written");
    std::fs::write(test.path().join("att.tar"), saved_image(&["x:1"], 4).tar).expect("written");
    let signature = tag_of(&digest("1"), ".sig");
    let of_signature = tag_of(&push("sig.tar", &signature), ".sig");
    push("att.tar", &of_signature);
    let index = tag_of(&digest("1"), "");
    push("layout", &index);
    let of_other = tag_of(&digest("2"), ".sig");
    push("sig.tar", &of_other);
    let kept = |more: &[&str]| -> Vec<String> {
        let Some(empty) = Registry::start_with(&test, &format!("empty-{}", free_port()), "") else {
            return Vec::new();
        };
        let target = format!("localhost:{}", empty.port);
        let restored = run(&test, &target, &[&["registry", "restore"], more, &[&target]].concat());
        assert!(restored.starts_with("exit: 0\n"), "{restored}");
        let tags = run(&test, &target, &["image", "tags", &format!("{target}/shop/web")]);
        let tags = tags.lines().skip(2).take_while(|line| !line.starts_with("-----"));
        tags.map(str::to_owned).collect()
    };
    let mut expected = vec!["1".to_owned(), signature.clone(), of_signature.clone(), index];
    expected.sort();
    let backup = ["registry", "backup", &host, "-o"];
    let saved = run(&test, &host, &[&backup[..], &["some/", "--include", "shop/web:1"]].concat());
    assert!(saved.starts_with("exit: 0\n") && saved.contains("wrote some/: 4 images"), "{saved}");
    assert_eq!(kept(&["some"]), expected);
    // What is saved anew is there once.
    let again = run(&test, &host, &[&backup[..], &["some/", "--include", "shop/web:1"]].concat());
    assert!(again.contains("wrote some/: 4 images of [REGISTRY]\n"), "{again}");
    let all = run(&test, &host, &[&backup[..], &["all/"]].concat());
    assert!(all.starts_with("exit: 0\n") && all.contains("wrote all/: 9 images"), "{all}");
    assert_eq!(kept(&["all", "--include", "shop/web:1"]), expected);
    expected.retain(|tag| tag.strip_suffix(".sig").is_none());
    assert_eq!(kept(&["all", "--include", "shop/web:1", "--exclude", "*.sig"]), expected);
    assert_eq!(kept(&["all", "--include", "*:sha256-*"]).len(), 4);
}

/// A backup whose disk lost something is made whole by the next run; it is not taken for whole by its sizes.
#[test]
fn a_damaged_backup_is_made_whole() {
    let Some((test, _registry, host)) = filled() else { return };
    let args = ["registry", "backup", &host, "-o", "backup/"];
    assert!(run(&test, &host, &args).starts_with("exit: 0\n"));
    let blobs = test.path().join("backup/blobs/sha256");
    let before: Vec<(String, Vec<u8>)> = names(&blobs)
        .into_iter()
        .map(|name| {
            let content = std::fs::read(blobs.join(&name)).expect("read");
            (name, content)
        })
        .collect();
    for (name, content) in &before {
        let mut damaged = content.clone();
        damaged[content.len() / 2] ^= 1;
        std::fs::write(blobs.join(name), damaged).expect("written");
    }
    let again = run(&test, &host, &args);
    assert!(again.starts_with("exit: 0\n"), "{again}");
    for (name, content) in &before {
        assert_eq!(std::fs::read(blobs.join(name)).as_ref().ok(), Some(content), "{name}");
    }
}

/// A part of the images is saved anew, and the others stay in the backup.
#[test]
fn a_choice_replaces_what_it_chooses() {
    let Some((test, _registry, host)) = filled() else { return };
    run(&test, &host, &["registry", "backup", &host, "-o", "backup/"]);
    let before = test.read("backup/index.json");
    let args = ["registry", "backup", &host, "-o", "backup/", "--include", "shop/web:2", "--prune"];
    let some = run(&test, &host, &args);
    assert!(
        some.contains("wrote backup/: 1 image of [REGISTRY]; 4 images of the former backup stay"),
        "{some}"
    );
    assert_eq!(test.read("backup/index.json"), before);
    let Some(empty) = Registry::start_with(&test, "empty", "") else { return };
    let target = format!("localhost:{}", empty.port);
    run(&test, &target, &["registry", "restore", "backup", &target]);
    assert_eq!(contents(&test, &target), contents(&test, &host));
    // The backup of another registry would take the names of this one.
    let other = run(&test, &target, &["registry", "backup", &target, "-o", "backup/"]);
    assert!(other.starts_with("exit: 2\n") && other.contains("is a backup of localhost:"), "{other}");
    assert_eq!(test.read("backup/index.json"), before);
    let part = run(&test, &target, &["registry", "backup", &format!("{target}/shop"), "-o", "shop/"]);
    assert!(part.starts_with("exit: 2\n") && part.contains("--include 'shop/*'"), "{part}");
}

/// A backup in a file is gone on with, as one in a directory; nothing else is replaced by it, and nothing replaces it.
#[test]
fn a_backup_in_a_file_is_gone_on_with() {
    let Some((test, _registry, host)) = filled() else { return };
    run(&test, &host, &["registry", "backup", &host, "-o", "all.tar.d/"]);
    let backup = |more: &[&str]| {
        run(&test, &host, &[&["registry", "backup", &host, "-o", "backup.tar"], more].concat())
    };
    assert!(backup(&[]).starts_with("exit: 0\n"));
    let again = backup(&[]);
    assert!(again.contains("read 0 blobs, 0 B; "), "{again}");
    let some = backup(&["--include", "shop/web:2"]);
    assert!(some.contains("1 image of [REGISTRY]; 4 images of the former backup stay"), "{some}");
    let Some(empty) = Registry::start_with(&test, "empty", "") else { return };
    let target = format!("localhost:{}", empty.port);
    run(&test, &target, &["registry", "restore", "backup.tar", &target]);
    assert_eq!(contents(&test, &target), contents(&test, &host));
    let before = std::fs::read(test.path().join("backup.tar")).expect("it is there");
    let other = run(&test, &target, &["registry", "backup", &target, "-o", "backup.tar"]);
    assert!(other.starts_with("exit: 2\n") && other.contains("is a backup of localhost:"), "{other}");
    let image = format!("{host}/shop/web:1");
    each_case(["backup.tar", "all.tar.d/"], |output| {
        let pulled = run(&test, &host, &["image", "pull", &image, "-o", output]);
        assert!(pulled.starts_with("exit: 2\n") && pulled.contains("is a backup of [REGISTRY]"), "{pulled}");
    });
    assert!(std::fs::read(test.path().join("backup.tar")).expect("it is there") == before);
    let foreign = run(&test, &host, &["registry", "backup", &host, "-o", "web.tar"]);
    assert!(
        foreign.starts_with("exit: 2\n") && foreign.contains("is not the backup of a registry"),
        "{foreign}"
    );
}

/// A restore of what is there changes nothing, so that a registry that takes nothing is no obstacle.
#[test]
fn restoring_twice_changes_nothing() {
    let Some((test, registry, host)) = filled() else { return };
    run(&test, &host, &["registry", "backup", &host, "-o", "backup/"]);
    drop(registry);
    let read_only = BTreeMap::from([(
        "REGISTRY_STORAGE_MAINTENANCE_READONLY".to_owned(),
        "{\"enabled\":true}".to_owned(),
    )]);
    let port = free_port();
    let Some(_registry) = Registry::start_with_environment(&test, port, &read_only) else { return };
    let host = format!("localhost:{port}");
    let again = run(&test, &host, &["registry", "restore", "backup", &host]);
    assert!(again.starts_with("exit: 0\n") && again.contains("sent 0 blobs, 0 B; "), "{again}");
}

/// What two repositories have is sent once: the registry takes it from the first one.
#[test]
fn what_two_repositories_share_is_sent_once() {
    let Saved { tar, .. } = saved_image(&["shop/web:1", "shop/api:1", "base:2"], 2);
    let test = TestDir::new().file("all.tar", tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let pushed = run(&test, &host, &["image", "push", "all.tar", &host, "--all"]);
    assert!(pushed.contains("pushed 3 blobs, "), "{pushed}");
    assert_eq!(pushed.matches("pushed 0 blobs, 0 B; 3 taken from another repository").count(), 2, "{pushed}");
    let before = contents(&test, &host);
    run(&test, &host, &["registry", "backup", &host, "-o", "backup/"]);
    let Some(empty) = Registry::start_with(&test, "empty", "") else { return };
    let target = format!("localhost:{}", empty.port);
    let restored = run(&test, &target, &["registry", "restore", "backup", &target]);
    assert!(
        restored.contains("sent 3 blobs, ") && restored.contains("; 6 taken from another repository"),
        "{restored}"
    );
    assert_eq!(contents(&test, &target), before);
    each_case(["shop/web:1", "shop/api:1", "base:2"], |image| {
        let checked = run(&test, &target, &["image", "check", &format!("{target}/{image}")]);
        assert!(checked.starts_with("exit: 0\n"), "{checked}");
    });
}

/// Images that are damaged in the registry are named, all of them, and there is no backup; what leaves no backup leaves no
/// directory either.
#[test]
fn damaged_images_are_named() {
    let Some((test, _registry, host)) = filled() else { return };
    let inspected =
        run(&test, &host, &["image", "inspect", &format!("{host}/shop/web:1"), "--format", "json"]);
    let json: serde_json::Value =
        serde_json::from_str(inspected.lines().nth(2).expect("JSON")).expect("JSON");
    let layer = json["images"][0]["layers"][0]["digest"].as_str().expect("a digest");
    let hex = layer.strip_prefix("sha256:").expect("a digest");
    let blob = test.path().join(format!("images/docker/registry/v2/blobs/sha256/{}/{hex}/data", &hex[..2]));
    let mut content = std::fs::read(&blob).expect("the registry keeps it there");
    content[20] ^= 1;
    std::fs::write(&blob, content).expect("written");
    let saved = run(&test, &host, &["registry", "backup", &host, "-o", "backup/"]);
    assert!(saved.starts_with("exit: 1\n") && !test.path().join("backup/index.json").exists(), "{saved}");
    each_case(["shop/web:1", "shop/web:latest"], |image| {
        assert!(saved.contains(&format!("error: {image}: ")), "{image}: {saved}");
    });
    assert!(!saved.contains("error: multi:1"), "{saved}");
    let unfinished = run(&test, &host, &["image", "push", "backup", &format!("{host}/x:1")]);
    assert!(unfinished.contains("an interrupted backup or pull"), "{unfinished}");
    let piped = run(&test, &host, &["registry", "restore", "-", &host]);
    assert!(piped.starts_with("exit: 2\n") && piped.contains("not read from standard input"), "{piped}");
    let none = run(&test, &host, &["registry", "backup", &host, "-o", "none/", "--include", "nothing"]);
    assert!(none.starts_with("exit: 2\n") && !test.path().join("none").exists(), "{none}");
    let packed = run(&test, &host, &["registry", "backup", &host, "-o", "all.tar.gz"]);
    assert!(
        packed.starts_with("exit: 2\n") && packed.contains("give a name that ends with .tar"),
        "{packed}"
    );
}

/// Each tag of a registry that is written to meanwhile is one that it had, and whole.
#[test]
fn a_backup_while_images_are_pushed() {
    let Some((test, _registry, host)) = filled() else { return };
    let digest_of_tag = |host: &str| {
        let inspected = run(&test, host, &["image", "inspect", &format!("{host}/shop/web:1")]);
        inspected.lines().nth(2).expect("a digest").to_owned()
    };
    let first = digest_of_tag(&host);
    std::fs::write(test.path().join("other.tar"), saved_image(&["x:1"], 6).tar).expect("written");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for archive in ["other.tar", "web.tar", "other.tar", "web.tar", "other.tar"] {
                let pushed = run(&test, &host, &["image", "push", archive, &format!("{host}/shop/web:1")]);
                assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
            }
        });
        for number in 0..5 {
            let to = format!("backup-{number}/");
            let saved = run(&test, &host, &["registry", "backup", &host, "-o", &to]);
            assert!(saved.starts_with("exit: 0\n"), "{saved}");
        }
    });
    let last = digest_of_tag(&host);
    assert_ne!(first, last);
    for number in 0..5 {
        let Some(empty) = Registry::start_with(&test, &format!("empty-{number}"), "") else { return };
        let target = format!("localhost:{}", empty.port);
        let restored = run(&test, &target, &["registry", "restore", &format!("backup-{number}"), &target]);
        assert!(restored.starts_with("exit: 0\n"), "{restored}");
        assert!([&first, &last].contains(&&digest_of_tag(&target)));
        assert_eq!(contents(&test, &target).len(), 5);
        let checked = run(&test, &target, &["image", "check", &format!("{target}/shop/web:1")]);
        assert!(checked.starts_with("exit: 0\n"), "{checked}");
    }
}

/// An image that cannot be read whole makes no backup, and leaves the one that was there.
#[test]
fn a_backup_that_is_not_whole_is_none() {
    let Some((test, _registry, host)) = filled() else { return };
    run(&test, &host, &["registry", "backup", &host, "-o", "backup/"]);
    let index = test.read("backup/index.json");
    let new = saved_image(&["new:1"], 5);
    std::fs::write(test.path().join("new.tar"), new.tar).expect("written");
    let digest = digest_of(&run(&test, &host, &["image", "push", "new.tar", &format!("{host}/new:1")]));
    let hex = digest.strip_prefix("sha256:").expect("a digest");
    let manifest = test.path().join(format!("images/docker/registry/v2/blobs/sha256/{}/{hex}", &hex[..2]));
    std::fs::remove_dir_all(&manifest).expect("removed");
    let saved = run(&test, &host, &["registry", "backup", &host, "-o", "backup/"]);
    assert!(saved.starts_with("exit: 1\n") && saved.contains("error: new:1: "), "{saved}");
    assert!(saved.contains("--exclude leaves it out"), "{saved}");
    assert_eq!(test.read("backup/index.json"), index);
    let fresh = run(&test, &host, &["registry", "backup", &host, "-o", "fresh/"]);
    assert!(
        fresh.starts_with("exit: 1\n")
            && !names(&test.path().join("fresh")).contains(&"index.json".to_owned()),
        "{fresh}"
    );
    let without = run(&test, &host, &["registry", "backup", &host, "-o", "fresh/", "--exclude", "new"]);
    assert!(without.starts_with("exit: 0\n"), "{without}");
}

/// What is told of an image that a registry has lost since the backup before.
const GONE: &str =
    "warning: 1 image of the former backup is no longer in [REGISTRY], and so not in backup/: shop/db:1";

/// A repository that is listed and whose tags answer 404 is emptied, or damaged: which one the registry does not tell.
#[test]
fn what_a_backup_no_longer_has_is_named() {
    let Some((test, _registry, host)) = filled() else { return };
    let backup = |to: &str, more: &[&str]| {
        let saved = run(&test, &host, &[&["registry", "backup", &host, "-o", to], more].concat());
        assert!(saved.starts_with("exit: 0\n"), "{saved}");
        saved
    };
    for to in ["backup/", "backup.tar", "part/"] {
        assert!(!backup(to, &[]).contains("no longer"), "there is no former one");
    }
    run(&test, &host, &["image", "delete", &format!("{host}/shop/db:1"), "--yes"]);
    assert!(!backup("part/", &["--exclude", "shop/*"]).contains("no longer"), "it is not chosen");
    for (to, more) in [("backup/", &[][..]), ("backup.tar", &[]), ("part/", &["--exclude", "multi:1"])] {
        let told = backup(to, more);
        assert!(told.contains(&GONE.replace("backup/", to)), "{to}: {told}");
        assert!(!backup(to, more).contains("no longer"), "{to}: once");
    }
}

#[test]
fn pruning_removes_what_no_image_needs() {
    let Some((test, _registry, host)) = filled() else { return };
    run(&test, &host, &["registry", "backup", &host, "-o", "backup/"]);
    let all = names(&test.path().join("backup/blobs/sha256")).len();
    run(&test, &host, &["image", "delete", &format!("{host}/shop/db:1"), "--yes"]);
    let again = run(&test, &host, &["registry", "backup", &host, "-o", "backup/"]);
    assert!(again.starts_with("exit: 0\n") && again.contains(GONE), "{again}");
    assert_eq!(
        names(&test.path().join("backup/blobs/sha256")).len(),
        all,
        "without --prune nothing is removed"
    );
    let pruned = run(&test, &host, &["registry", "backup", &host, "-o", "backup/", "--prune"]);
    assert!(pruned.contains("4 images") && !pruned.contains("no longer"), "{pruned}");
    assert!(names(&test.path().join("backup/blobs/sha256")).len() < all);
    let Some(empty) = Registry::start_with(&test, "empty", "") else { return };
    let target = format!("localhost:{}", empty.port);
    run(&test, &target, &["registry", "restore", "backup", &target]);
    assert_eq!(contents(&test, &target), contents(&test, &host));
}
