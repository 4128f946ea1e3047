//! `milepost image` against a real registry, and what other tools make of the result.

mod archives;
mod backup;
mod failing;
mod garbage;
mod hostile;
mod killed;
mod lists;
mod odd;
mod refusals;
mod stub;
mod targets;
mod terminal;
mod tokens;
mod unpacked;

use std::process::Command;

use archives::{Saved, saved_image};

use crate::common::{TestDir, each_case, has_skopeo};
use crate::docker_registry::{HTPASSWD, Registry, TLS_AND_HTPASSWD};

/// Runs milepost in the test directory, which is its home; the registry's host is left out of what it said.
fn run(test: &TestDir, host: &str, args: &[&str]) -> String {
    let output = test.command(args).env("HOME", test.path()).output().expect("it runs");
    test.describe(&output).replace(host, "[REGISTRY]")
}

/// A registry without authentication, over plain http.
fn open_registry(test: &TestDir) -> Option<(Registry, String)> {
    let registry = Registry::start(test, "")?;
    let host = format!("localhost:{}", registry.port);
    Some((registry, host))
}

fn skopeo(test: &TestDir, args: &[&str]) -> String {
    let output = Command::new("skopeo").args(args).current_dir(test.path()).output().expect("skopeo runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

/// The digest at the end of the first line of stdout.
fn digest_of(output: &str) -> String {
    let line = output.lines().find(|line| line.contains("@sha256:")).unwrap_or_else(|| panic!("{output}"));
    line.rsplit('@').next().expect("a digest").to_owned()
}

#[test]
fn what_docker_saved_is_pushed_and_pulled() {
    let Saved { tar, .. } = saved_image(&["shop/web:1", "shop/web:latest"], 3);
    let test = TestDir::new().file("web.tar", tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let web = format!("{host}/shop/web");
    let pushed = run(&test, &host, &["image", "push", "web.tar", &web]);
    let digest = digest_of(&pushed);
    let expected = format!(
        "exit: 0\n----- stdout -----\n[REGISTRY]/shop/web:1@{digest}\n[REGISTRY]/shop/web:latest@{digest}\n\
         ----- stderr -----\npushed 4 blobs, "
    );
    assert!(pushed.starts_with(&expected), "{pushed}");
    let again = run(&test, &host, &["image", "push", "web.tar", &format!("{web}:2")]);
    assert!(again.ends_with("pushed 0 blobs, 0 B; 4 there before\n"), "{again}");
    insta::assert_snapshot!(run(&test, &host, &["image", "tags", &web]), @r"
    exit: 0
    ----- stdout -----
    1
    2
    latest
    ----- stderr -----
    ");
    insta::assert_snapshot!(run(&test, &host, &["image", "list", &host, "--format", "json"]), @r#"
    exit: 0
    ----- stdout -----
    ["shop/web"]
    ----- stderr -----
    "#);
    let checked = run(&test, &host, &["image", "check", &format!("{web}:1")]);
    assert!(checked.contains(" is whole: 1 manifest and 4 blobs\n"), "{checked}");
    let pulled = run(&test, &host, &["image", "pull", &format!("{web}:1"), "-o", "out.tar"]);
    assert!(pulled.contains(&digest) && pulled.starts_with("exit: 0\n"), "{pulled}");
    assert!(!test.path().join("out.tar.partial").exists());
    // A file of another kind stays, unless it is told; an archive of before is replaced.
    std::fs::write(test.path().join("notes.tar"), "notes").expect("written");
    let pull = ["image", "pull", &format!("{web}:1"), "-o", "notes.tar"];
    let refused = run(&test, &host, &pull);
    assert!(refused.starts_with("exit: 2\n") && refused.contains("is no archive of images"), "{refused}");
    assert_eq!(test.read("notes.tar"), "notes");
    assert!(run(&test, &host, &[&pull[..], &["--force"]].concat()).starts_with("exit: 0\n"));
    assert!(run(&test, &host, &pull).starts_with("exit: 0\n"));
    let back = run(&test, &host, &["image", "push", "out.tar", &format!("{host}/back/web:1")]);
    assert_eq!(digest_of(&back), digest);
    if has_skopeo() {
        let inspect = |image: &str| {
            let image = format!("docker://{image}");
            skopeo(&test, &["inspect", "--tls-verify=false", "--format", "{{.Digest}}", &image])
        };
        assert_eq!(inspect(&format!("{web}:2")), digest);
        skopeo(
            &test,
            &[
                "copy",
                "-q",
                "--dest-tls-verify=false",
                "oci-archive:out.tar",
                &format!("docker://{host}/sk/web:1"),
            ],
        );
        assert_eq!(inspect(&format!("{host}/sk/web:1")), digest);
        // As `docker load` of any version reads it.
        skopeo(&test, &["copy", "-q", "docker-archive:out.tar", "dir:loaded"]);
        // What skopeo writes is read, too; its layers are not packed, so they give what ours gave.
        skopeo(
            &test,
            &[
                "copy",
                "-q",
                "--src-tls-verify=false",
                &format!("docker://{web}:1"),
                "docker-archive:sk.tar:a/b:1",
            ],
        );
        let from_skopeo = run(&test, &host, &["image", "push", "sk.tar", &format!("{host}/sk/saved:1")]);
        assert_eq!(digest_of(&from_skopeo), digest);
    }
}

#[test]
fn packed_archives_and_directories_are_read() {
    let Saved { tar, .. } = saved_image(&["web:1"], 2);
    let test = TestDir::new().file("web.tar.gz", archives::gzip(&tar)).file("web.tar", &tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let plain = run(&test, &host, &["image", "push", "web.tar", &format!("{host}/plain")]);
    let packed = run(&test, &host, &["image", "push", "web.tar.gz", &format!("{host}/packed")]);
    assert_eq!(digest_of(&plain), digest_of(&packed));
    let pulled = run(&test, &host, &["image", "pull", &format!("{host}/plain:1"), "-o", "layout/"]);
    assert!(pulled.starts_with("exit: 0\n") && test.path().join("layout/oci-layout").exists(), "{pulled}");
    let laid_out = run(&test, &host, &["image", "push", "layout", &format!("{host}/laid/out")]);
    assert_eq!(digest_of(&laid_out), digest_of(&plain));
    assert!(laid_out.contains("/laid/out:1@"), "the layout has the tag: {laid_out}");
    if Command::new("zstd")
        .args(["-q", "web.tar"])
        .current_dir(test.path())
        .status()
        .is_ok_and(|done| done.success())
    {
        let zstd = run(&test, &host, &["image", "push", "web.tar.zst", &format!("{host}/zstd:1")]);
        assert_eq!(digest_of(&zstd), digest_of(&plain));
    }
}

/// What `docker save` writes into a pipe; standard input cannot bring the password as well.
#[test]
fn an_archive_from_a_pipe() {
    let Saved { tar, .. } = saved_image(&["web:1"], 2);
    let test = TestDir::new().file("web.tar", &tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let named = run(&test, &host, &["image", "push", "web.tar", &format!("{host}/named:1")]);
    let piped = |content: &[u8], more: &[&str]| {
        let image = format!("{host}/piped:1");
        let mut command = test.command(&[&["image", "push", "-", &image], more].concat());
        let output = command.env("HOME", test.path()).write_stdin(content).output().expect("it runs");
        test.describe(&output).replace(&host, "[REGISTRY]")
    };
    for content in [tar.clone(), archives::gzip(&tar)] {
        let said = piped(&content, &[]);
        assert!(said.starts_with("exit: 0\n") && digest_of(&said) == digest_of(&named), "{said}");
    }
    for (content, more, why) in [
        (&b""[..], &[][..], "error: standard input: "),
        (&tar[..tar.len() / 2], &[], "error: standard input: "),
        (&tar, &["-u", "foo", "--password-stdin"], "cannot bring both the archive and the password"),
    ] {
        let said = piped(content, more);
        assert!(said.starts_with("exit: 2\n") && said.contains(why), "{said}");
    }
}

#[test]
fn an_archive_with_several_images_needs_a_choice() {
    let tar = archives::several(&[&["shop/web:1"], &["shop/db:2", "shop/db:3"]]);
    let test = TestDir::new().file("all.tar", tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    insta::assert_snapshot!(run(&test, &host, &["image", "push", "all.tar", &format!("{host}/x:1")]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: all.tar: there are 2 images in it, shop/web:1, shop/db:2: --image NAME pushes one, --all all
    ");
    let one = run(&test, &host, &["image", "push", "all.tar", &format!("{host}/y"), "--image", "shop/db:3"]);
    assert!(one.contains("/y:2@") && one.contains("/y:3@"), "{one}");
    let all = run(&test, &host, &["image", "push", "all.tar", &format!("{host}/team"), "--all"]);
    each_case(["/team/shop/web:1@", "/team/shop/db:2@", "/team/shop/db:3@"], |tag| {
        assert!(all.contains(tag), "{all}");
    });
    let none = run(&test, &host, &["image", "push", "all.tar", &format!("{host}/z"), "--image", "z"]);
    assert!(none.contains("there is no image `z` in it, only shop/web:1, shop/db:2"), "{none}");
}

#[test]
fn a_registry_with_tls_and_users_gets_credentials() {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    let Saved { tar, .. } = saved_image(&["web:1"], 1);
    let test = TestDir::new()
        .file("htpasswd", HTPASSWD)
        .file("domain.crt", key.cert.pem())
        .file("domain.key", key.signing_key.serialize_pem())
        .file("web.tar", tar);
    let Some(registry) = Registry::start(&test, TLS_AND_HTPASSWD) else { return };
    let host = format!("localhost:{}", registry.port);
    let image = format!("{host}/web:1");
    let push = |more: &[&str], stdin: &str| {
        let args = [&["image", "push", "web.tar", &image, "--ca-file", "domain.crt"], more].concat();
        let mut command = test.command(&args);
        let output = command.env("HOME", test.path()).write_stdin(stdin).output().expect("it runs");
        test.describe(&output).replace(&host, "[REGISTRY]")
    };
    insta::assert_snapshot!(push(&[], ""), @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: [REGISTRY] asks for credentials, and there are none for it: https://[REGISTRY]/v2/ answers 401
    help: `milepost creds login [REGISTRY] -u USER` keeps credentials for all commands; -u USER with --password-stdin gives them to this one
    ");
    let user = ["-u", "foo", "--password-stdin"];
    each_case(
        [
            &["image", "list", &host][..],
            &["image", "tags", &format!("{host}/web")],
            &["image", "inspect", &image],
            &["image", "delete", &image, "--yes"],
            &["registry", "backup", &host, "-o", "backup/"],
        ],
        |args| {
            let said = run(&test, &host, &[args, &["--ca-file", "domain.crt"]].concat());
            assert!(said.starts_with("exit: 3\n"), "{args:?}: {said}");
            let error = "error: [REGISTRY] asks for credentials, and there are none for it: ";
            assert!(said.contains(error), "{args:?}: {said}");
        },
    );
    let wrong = push(&user, "letmein-plaese");
    assert!(wrong.starts_with("exit: 3\n"), "{wrong}");
    assert!(wrong.contains("error: [REGISTRY] does not take the credentials of foo: "), "{wrong}");
    assert!(push(&user, "letmein-please\n").starts_with("exit: 0\n"));
    let distrusted = run(&test, &host, &["image", "tags", &format!("{host}/web")]);
    assert!(distrusted.starts_with("exit: 2\n") && distrusted.contains("--ca-file"), "{distrusted}");
    let mut login =
        test.command(&["creds", "login", &host, "-u", "foo", "--password-stdin", "--ca-file", "domain.crt"]);
    login.env("HOME", test.path()).write_stdin("letmein-please").assert().success();
    let with_file = push(&[], "");
    assert!(with_file.starts_with("exit: 0\n") && with_file.contains("2 there before"), "{with_file}");
    // What a credential helper keeps.
    std::fs::remove_file(test.path().join(".docker/config.json")).expect("removed");
    assert!(push(&[], "").starts_with("exit: 3\n"));
    let config = format!(r#"{{"credHelpers": {{"{host}": "kept"}}}}"#);
    let test = test.file(".docker/config.json", config).file(
        "bin/docker-credential-kept",
        "#!/bin/sh\nread -r host\necho '{\"ServerURL\": \"x\", \"Username\": \"foo\", \"Secret\": \"letmein-please\"}'\n",
    );
    let test = test.with_mode("bin/docker-credential-kept", 0o755);
    let mut tags = test.command(&["image", "tags", &format!("{host}/web"), "--ca-file", "domain.crt"]);
    tags.env("HOME", test.path()).env("PATH", crate::agents::search_path(&test));
    tags.assert().success().stdout("1\n");
}

#[test]
fn an_image_is_copied_with_all_its_platforms() {
    let test = TestDir::new();
    archives::two_platforms(&test.path().join("layout"));
    let Some((_registry, host)) = open_registry(&test) else { return };
    let Some(other) = Registry::start_with(&test, "others", "") else { return };
    let (from, to) = (format!("{host}/shop/web:1"), format!("localhost:{}/copy/web", other.port));
    let pushed = run(&test, &host, &["image", "push", "layout", &from]);
    let digest = digest_of(&pushed);
    assert!(pushed.contains("note: this is an OCI image, which Mesos cannot pull"), "{pushed}");
    let copied = run(&test, &host, &["image", "copy", &from, &to]);
    assert_eq!(digest_of(&copied), digest);
    assert!(copied.contains("/copy/web:1@") && copied.contains("copied 4 blobs"), "{copied}");
    let within = run(&test, &host, &["image", "copy", &from, &format!("{host}/shop/web:stable")]);
    assert!(within.contains("copied 0 blobs, 0 B; 4 there before"), "{within}");
    let mounted = run(&test, &host, &["image", "copy", &from, &format!("{host}/team/web:1")]);
    assert!(mounted.contains("copied 0 blobs, 0 B; 4 taken from another repository"), "{mounted}");
    let inspected = run(&test, &host, &["image", "inspect", &from]);
    assert!(
        inspected.contains("platform linux/amd64\n") && inspected.contains("platform linux/arm64\n"),
        "{inspected}"
    );
    let one =
        run(&test, &host, &["image", "copy", &from, &format!("{host}/arm/web"), "--platform", "linux/arm64"]);
    assert!(digest_of(&one) != digest && one.contains("2 taken from another repository"), "{one}");
    insta::assert_snapshot!(
        run(&test, &host, &["image", "pull", &from, "-o", "x.tar", "--platform", "linux/s390x"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the image is not for linux/s390x, only for linux/amd64, linux/arm64
    ");
}

#[test]
fn deleting_names_the_other_tags() {
    let Saved { tar, .. } = saved_image(&["web:1", "web:2"], 1);
    let test = TestDir::new().file("web.tar", tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let image = format!("{host}/web:1");
    let digest = digest_of(&run(&test, &host, &["image", "push", "web.tar", &format!("{host}/web")]));
    let delete = |more: &[&str]| {
        let args = [&["image", "delete", &image], more].concat();
        run(&test, &host, &args).replace(&digest, "[DIGEST]")
    };
    insta::assert_snapshot!(delete(&["--yes"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: nothing was deleted: [DIGEST] has the tags 2 too, which would go with it; --all-tags deletes them all
    ");
    insta::assert_snapshot!(delete(&["--all-tags"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: nothing was deleted: it cannot be confirmed without a terminal; --yes deletes without asking
    ");
    insta::assert_snapshot!(delete(&["--all-tags", "--yes"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    deleted [REGISTRY]/web:1 ([DIGEST])
    ");
    insta::assert_snapshot!(delete(&["--yes"]), @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: http://[REGISTRY]/v2/web/manifests/1 does not exist
    help: `milepost image tags HOST/REPOSITORY` lists what is there
    ");
}

#[test]
fn a_damaged_blob_is_found_and_never_pulled() {
    let Saved { tar, .. } = saved_image(&["web:1"], 2);
    let test = TestDir::new().file("web.tar", tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let image = format!("{host}/web:1");
    run(&test, &host, &["image", "push", "web.tar", &image]);
    let inspected = run(&test, &host, &["image", "inspect", &image, "--format", "json"]);
    let json: serde_json::Value =
        serde_json::from_str(inspected.lines().nth(2).expect("JSON")).expect("JSON");
    let layer = json["images"][0]["layers"][0]["digest"].as_str().expect("a digest");
    let hex = layer.strip_prefix("sha256:").expect("a digest");
    let blob = test.path().join(format!("images/docker/registry/v2/blobs/sha256/{}/{hex}/data", &hex[..2]));
    let content = std::fs::read(&blob).expect("the registry keeps it there");
    let mut damaged = content.clone();
    damaged[20] ^= 1;
    each_case([("damaged", Some(damaged)), ("missing", None)], |(what, content)| {
        match content {
            Some(content) => {
                std::fs::write(&blob, content).expect("written");
                // It is there, and nothing more is said of it.
                let quick = run(&test, &host, &["image", "check", &image, "--quick"]);
                assert!(quick.starts_with("exit: 0\n") && !quick.contains("whole"), "{quick}");
                assert!(quick.contains("--quick did not read the blobs"), "{quick}");
            }
            None => std::fs::remove_file(&blob).expect("removed"),
        }
        let checked = run(&test, &host, &["image", "check", &image]);
        assert!(checked.starts_with("exit: 1\n") && checked.contains(layer), "{what}: {checked}");
        let told = run(&test, &host, &["image", "check", &image, "--format", "json"]);
        let is_told = ["\"whole\": false", layer].iter().all(|text| told.contains(text));
        assert!(told.starts_with("exit: 1\n") && is_told, "{what}: {told}");
        let pulled = run(&test, &host, &["image", "pull", &image, "-o", "out.tar"]);
        assert!(
            !pulled.starts_with("exit: 0\n") && !test.path().join("out.tar").exists(),
            "{what}: {pulled}"
        );
    });
    std::fs::write(&blob, content).expect("written");
    // What the failed runs have left is no obstacle.
    let pulled = run(&test, &host, &["image", "pull", &image, "-o", "out.tar"]);
    assert!(pulled.starts_with("exit: 0\n") && test.path().join("out.tar").exists(), "{pulled}");
}

/// A push that is killed leaves no tag; the next run goes on.
#[test]
fn a_killed_push_goes_on() {
    let Saved { tar, .. } = archives::large_image(&["web:1"]);
    let test = TestDir::new().file("web.tar", tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let image = format!("{host}/web:1");
    let mut child = Command::new(env!("CARGO_BIN_EXE_milepost"))
        .args(["image", "push", "web.tar", &image, "--at-once", "1"])
        .current_dir(test.path())
        .env_clear()
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("it runs");
    let uploads = test.path().join("images/docker/registry/v2/repositories/web/_uploads");
    // Killed while the first blobs move; where it is quicker, there is nothing to go on with, and the rest holds as well.
    while !uploads.exists() && child.try_wait().expect("its state is known").is_none() {
        std::thread::yield_now();
    }
    child.kill().expect("killed");
    child.wait().expect("it ended");
    let pushed = run(&test, &host, &["image", "push", "web.tar", &image]);
    assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
    let checked = run(&test, &host, &["image", "check", &image]);
    assert!(checked.starts_with("exit: 0\n"), "{checked}");
}

/// What an interrupted pull has left is used where it is right, and read again where it is not.
#[test]
fn an_interrupted_pull_goes_on() {
    let Saved { tar, .. } = saved_image(&["web:1"], 3);
    let test = TestDir::new().file("web.tar", tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let image = format!("{host}/web:1");
    run(&test, &host, &["image", "push", "web.tar", &image]);
    run(&test, &host, &["image", "pull", &image, "-o", "whole/"]);
    let blobs = test.path().join("whole/blobs/sha256");
    let mut names: Vec<_> = std::fs::read_dir(&blobs)
        .expect("blobs")
        .map(|blob| blob.expect("a blob").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let partial = test.path().join("out.tar.partial/blobs/sha256");
    std::fs::create_dir_all(&partial).expect("made");
    for (index, name) in names.iter().enumerate() {
        let mut content = std::fs::read(blobs.join(name)).expect("read");
        let half = content.len() / 2;
        match index % 4 {
            // A first half, a first half that is wrong, too much, and a whole one.
            0 => content.truncate(half),
            1 => content = vec![7; half],
            2 => content.extend([0; 10]),
            _ => {
                std::fs::write(partial.join(name), content).expect("written");
                continue;
            }
        }
        std::fs::write(partial.join(format!("{name}.part")), content).expect("written");
    }
    let first = run(&test, &host, &["image", "pull", &image, "-o", "out.tar"]);
    // The wrong half is thrown away, and says so, unless it was not of a blob.
    let done = if first.starts_with("exit: 0\n") {
        first
    } else {
        run(&test, &host, &["image", "pull", &image, "-o", "out.tar"])
    };
    assert!(done.starts_with("exit: 0\n"), "{done}");
    run(&test, &host, &["image", "pull", &image, "-o", "fresh.tar"]);
    assert_eq!(
        std::fs::read(test.path().join("out.tar")).ok(),
        std::fs::read(test.path().join("fresh.tar")).ok()
    );
}
