//! What milepost makes of a registry that fails.

use super::archives::{Saved, large_image, saved_image};
use super::stub::{Faults, Stub};
use crate::common::{TestDir, each_case};

fn run(stub: &Stub, test: &TestDir, args: &[&str]) -> String {
    let args: Vec<String> =
        args.iter().map(|arg| arg.replace("[HOST]", &format!("localhost:{}", stub.port))).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let output = test.command(&args).output().expect("it runs");
    test.describe(&output).replace(&format!("localhost:{}", stub.port), "[HOST]")
}

/// A proxy's answer is no proof that an image is stored or deleted.
#[test]
fn what_a_proxy_answers_is_not_taken_for_done() {
    let Saved { tar, .. } = saved_image(&["web:1"], 1);
    let test = TestDir::new().file("web.tar", tar);
    let other =
        "Docker-Content-Digest: sha256:0000000000000000000000000000000000000000000000000000000000000000\r\n";
    each_case([(200, "Content-Type: text/html\r\n"), (201, ""), (201, other)], |(status, headers)| {
        let stub = Stub::start(Faults::default());
        let image = format!("localhost:{}/web:1", stub.port);
        stub.set(Faults { odd_manifests: Some((status, headers)), ..Faults::default() });
        let pushed = test.run(&["image", "push", "web.tar", &image]);
        assert!(!pushed.starts_with("exit: 0\n") && !pushed.contains("pushed"), "{pushed}");
        assert!(stub.manifests().is_empty());
        stub.set(Faults::default());
        let pushed = test.run(&["image", "push", "web.tar", &image]);
        assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
        stub.set(Faults { odd_manifests: Some((200, headers)), ..Faults::default() });
        let deleted = test.run(&["image", "delete", &image, "--yes"]);
        assert!(!deleted.starts_with("exit: 0\n") && deleted.contains("is there afterwards"), "{deleted}");
    });
}

/// An upload that breaks off goes on where the registry stopped, and sends no byte twice.
#[test]
fn an_upload_goes_on_where_it_broke_off() {
    let Saved { tar, .. } = large_image(&["web:1"]);
    let test = TestDir::new().file("web.tar", tar);
    let stub = Stub::start(Faults { broken_uploads: 3, ..Faults::default() });
    let said = run(&stub, &test, &["image", "push", "web.tar", "[HOST]/web:1", "--at-once", "1"]);
    assert!(said.starts_with("exit: 0\n"), "{said}");
    assert_eq!(stub.received(), stub.blob_bytes());
    assert_eq!(stub.manifests(), ["1"]);
    // A download, too.
    stub.set(Faults { broken_downloads: 3, ..Faults::default() });
    let pulled = run(&stub, &test, &["image", "pull", "[HOST]/web:1", "-o", "out.tar"]);
    assert!(pulled.starts_with("exit: 0\n"), "{pulled}");
}

/// A pull that was killed in the middle of a blob goes on there, and asks for the rest of it only.
#[test]
fn a_part_of_a_blob_is_not_pulled_again() {
    let Saved { tar, .. } = large_image(&["web:1"]);
    let test = TestDir::new().file("web.tar", tar);
    let stub = Stub::start(Faults::default());
    let pushed = run(&stub, &test, &["image", "push", "web.tar", "[HOST]/web:1"]);
    assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
    let (digest, half) = {
        let state = stub.state.lock().expect("no panic");
        let (digest, blob) = state.blobs.iter().max_by_key(|(_, blob)| blob.len()).expect("a blob");
        (digest.clone(), blob[..blob.len() / 2].to_vec())
    };
    let hex = digest.strip_prefix("sha256:").expect("a digest");
    let test = test.file(&format!("out.tar.partial/blobs/sha256/{hex}.part"), &half);
    let pulled = run(&stub, &test, &["image", "pull", "[HOST]/web:1", "-o", "out.tar"]);
    assert!(pulled.starts_with("exit: 0\n"), "{pulled}");
    let state = stub.state.lock().expect("no panic");
    assert_eq!(state.ranges, [format!("{}-", half.len())]);
    let all: usize = state.blobs.values().map(Vec::len).sum();
    assert_eq!(state.served, all - half.len());
}

/// A registry that fails in the middle of a blob: the push ends well where it comes back, and leaves no tag where it does not.
#[test]
fn a_registry_that_fails_in_the_middle_of_a_blob() {
    let Saved { tar, .. } = large_image(&["web:1"]);
    let test = TestDir::new().file("web.tar", tar);
    let push =
        |stub: &Stub| run(stub, &test, &["image", "push", "web.tar", "[HOST]/web:1", "--at-once", "1"]);
    let passing = [
        Faults { refused_uploads: 2, ..Faults::default() },
        Faults { refused_uploads: 1, then: Some((2, 503)), ..Faults::default() },
        Faults { broken_uploads: 2, then: Some((1, 429)), ..Faults::default() },
        Faults { broken_uploads: 1, then: Some((2, 500)), ..Faults::default() },
    ];
    each_case(passing, |faults| {
        let stub = Stub::start(faults);
        let said = push(&stub);
        assert!(said.starts_with("exit: 0\n"), "{faults:?}: {said}");
        // The same of a pull.
        stub.set(Faults { broken_downloads: 2, then: Some((1, 503)), ..Faults::default() });
        let out = format!("{}.tar", stub.port);
        let pulled = run(&stub, &test, &["image", "pull", "[HOST]/web:1", "-o", &out]);
        assert!(pulled.starts_with("exit: 0\n"), "{faults:?}: {pulled}");
    });
    let stub = Stub::start(Faults { broken_uploads: 1, then: Some((1000, 500)), ..Faults::default() });
    let said = push(&stub);
    assert!(said.starts_with("exit: 8\n") && said.contains("the next run goes on"), "{said}");
    assert_eq!(stub.manifests(), [""; 0]);
    stub.set(Faults::default());
    assert!(push(&stub).starts_with("exit: 0\n"));
    stub.set(Faults { broken_downloads: 1, then: Some((1000, 502)), ..Faults::default() });
    let pulled = run(&stub, &test, &["image", "pull", "[HOST]/web:1", "-o", "out.tar"]);
    assert!(pulled.starts_with("exit: 8\n") && !test.path().join("out.tar").exists(), "{pulled}");
    stub.set(Faults::default());
    let pulled = run(&stub, &test, &["image", "pull", "[HOST]/web:1", "-o", "out.tar"]);
    assert!(pulled.starts_with("exit: 0\n") && test.path().join("out.tar").exists(), "{pulled}");
}

/// A web page is no registry, whatever is asked; a login page of a proxy answers 200.
#[test]
fn a_web_page_is_no_registry() {
    let stub = Stub::start(Faults { page: true, ..Faults::default() });
    let test = TestDir::new().file("web.tar", saved_image(&["web:1"], 1).tar);
    let commands: [&[&str]; 9] = [
        &["image", "push", "web.tar", "[HOST]/web:1"],
        &["image", "pull", "[HOST]/web:1", "-o", "out.tar"],
        &["image", "copy", "[HOST]/web:1", "[HOST]/other:1"],
        &["image", "list", "[HOST]"],
        &["image", "tags", "[HOST]/web"],
        &["image", "inspect", "[HOST]/web:1"],
        &["image", "delete", "[HOST]/web:1", "--yes"],
        &["image", "check", "[HOST]/web:1"],
        &["registry", "backup", "[HOST]", "-o", "backup/"],
    ];
    each_case(commands, |args| {
        let said = run(&stub, &test, args);
        assert!(said.starts_with("exit: 2\n") && said.contains("with a web page"), "{args:?}: {said}");
    });
}

/// A backup has every page of the list of tags, what refers to an image, and what refers to that.
#[test]
fn a_backup_has_all_pages_and_all_referrers() {
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let test = TestDir::new().file("web.tar", saved_image(&["web:1", "web:2", "web:3"], 1).tar);
    let stub = Stub::start(Faults { status: Some((1, 429)), ..Faults::default() });
    let pushed = run(&stub, &test, &["image", "push", "web.tar", "[HOST]/web"]);
    assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
    let mut subject = super::digest_of(&pushed);
    let manifest = stub.state.lock().expect("no panic").manifests[&subject].1.clone();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
    let signatures: Vec<String> = (0..2)
        .map(|_| {
            let signature = serde_json::json!({
                "schemaVersion": 2, "mediaType": kind, "artifactType": "application/vnd.example.signature",
                "config": manifest["config"], "layers": [],
                "subject": {"mediaType": kind, "digest": subject, "size": 1},
            });
            subject = stub.put(kind, signature.to_string().into_bytes());
            subject.clone()
        })
        .collect();
    stub.set(Faults { status: Some((2, 503)), ..Faults::default() });
    let saved = run(&stub, &test, &["registry", "backup", "[HOST]", "-o", "backup/"]);
    assert!(saved.starts_with("exit: 0\n") && saved.contains("wrote backup/: 5 images"), "{saved}");
    let empty = Stub::start(Faults::default());
    let restored = run(&empty, &test, &["registry", "restore", "backup", "[HOST]"]);
    assert!(restored.starts_with("exit: 0\n"), "{restored}");
    assert_eq!(empty.manifests(), ["1", "2", "3"]);
    for signature in signatures {
        assert!(empty.has(&signature), "{signature}");
    }
}

#[test]
fn failures_of_the_registry_have_their_exit_codes() {
    let Saved { tar, .. } = saved_image(&["web:1"], 2);
    let test = TestDir::new().file("web.tar", tar);
    let cases = [
        (Faults { status: Some((2, 503)), ..Faults::default() }, "exit: 0\n", "pushed 3 blobs"),
        (Faults { status: Some((2, 429)), ..Faults::default() }, "exit: 0\n", "pushed 3 blobs"),
        (Faults { status: Some((1000, 500)), ..Faults::default() }, "exit: 8\n", "answers 500"),
        (Faults { status: Some((1000, 403)), ..Faults::default() }, "exit: 3\n", "answers 403"),
        (Faults { status: Some((1000, 400)), ..Faults::default() }, "exit: 3\n", "answers 400"),
        (Faults { page: true, ..Faults::default() }, "exit: 2\n", "answers 200 with a web page"),
    ];
    each_case(cases, |(faults, exit, error)| {
        let stub = Stub::start(faults);
        let said = run(&stub, &test, &["image", "push", "web.tar", "[HOST]/web:1", "--at-once", "1"]);
        assert!(said.starts_with(exit) && said.contains(error), "{faults:?}: {said}");
        assert_eq!(
            stub.manifests().is_empty(),
            exit != "exit: 0\n",
            "{faults:?}: a tag means that all is there"
        );
    });
}

/// A password goes to no token server of another domain that a registry names, unless that is asked for.
#[test]
fn a_password_is_for_the_registrys_own_token_server() {
    // Nothing is at this address, so that a request to it fails.
    let realm = "https://tokens.invalid:1/auth";
    let stub = Stub::start(Faults { realm: Some(realm), ..Faults::default() });
    let config = format!(r#"{{"auths": {{"localhost:{}": {{"auth": "am9lOmh1bnRlcjI="}}}}}}"#, stub.port);
    let Saved { tar, .. } = saved_image(&["web:1"], 1);
    let test = TestDir::new().file("config.json", config).file("web.tar", tar);
    each_case(
        [
            &["image", "list", "[HOST]"][..],
            &["image", "push", "web.tar", "[HOST]/web:1"],
            &["image", "copy", "[HOST]/web:1", "[HOST]/web:2"],
            &["registry", "backup", "[HOST]", "-o", "backup/"],
        ],
        |args| {
            let with =
                |more: &[&str]| run(&stub, &test, &[args, &["--config", "config.json"], more].concat());
            let refused = with(&[]);
            assert!(refused.starts_with("exit: 2\n"), "{args:?}: {refused}");
            assert!(
                refused.contains("which is not of its domain: --token-server tokens.invalid allows it"),
                "{args:?}: {refused}"
            );
            let asked = with(&["--token-server", "tokens.invalid", "--timeout", "5"]);
            assert!(
                !asked.starts_with("exit: 0\n") && !asked.contains("not of its domain"),
                "{args:?}: {asked}"
            );
            assert!(asked.contains("tokens.invalid"), "{args:?}: {asked}");
        },
    );
}

/// A registry or a token server that has too much to do at the very first request is waited for, as at any other; one that
/// has too much to do for good is told as such, and how long it asks to wait.
#[test]
fn the_first_request_is_repeated_too() {
    let Saved { tar, .. } = saved_image(&["web:1"], 1);
    let test = TestDir::new().file("web.tar", tar);
    let busy = [
        (429, ""),
        (429, "Retry-After: 1\r\n"),
        (503, "Retry-After: 0\r\n"),
        (503, ""),
        (502, "Content-Type: text/html\r\n"),
    ];
    each_case(busy, |(status, header)| {
        each_case([false, true], |own_tokens| {
            let stub =
                Stub::start(Faults { busy: Some((2, status, header)), own_tokens, ..Faults::default() });
            let said = run(&stub, &test, &["image", "push", "web.tar", "[HOST]/web:1"]);
            assert!(said.starts_with("exit: 0\n"), "{status} {header:?} {own_tokens}: {said}");
            assert_eq!(stub.state.lock().expect("no panic").faults.busy.map(|(left, ..)| left), Some(0));
        });
    });
    let cases = [
        (429, "Retry-After: 120\r\n", "exit: 3\n", "answers 429; it asks to wait 120 s"),
        (503, "Retry-After: 3600\r\n", "exit: 8\n", "answers 503; it asks to wait 3600 s"),
    ];
    each_case(cases, |(status, header, exit, told)| {
        each_case([("/v2/", false), ("/token", true)], |(path, own_tokens)| {
            let stub =
                Stub::start(Faults { busy: Some((1, status, header)), own_tokens, ..Faults::default() });
            let said = run(&stub, &test, &["image", "tags", "[HOST]/web"]);
            assert!(said.starts_with(exit) && said.contains(&format!("{path} {told}")), "{said}");
            assert_eq!(said.contains("help: too many requests: try again later\n"), status == 429, "{said}");
            // Nothing was moved.
            assert!(!said.contains("stays") && !said.contains("next run"), "{said}");
        });
    });
}

/// A byte now and then is no transfer: the pull ends, however long the registry goes on.
#[test]
fn a_blob_that_drips_is_given_up() {
    let Saved { tar, .. } = large_image(&["web:1"]);
    let test = TestDir::new().file("web.tar", tar);
    let stub = Stub::start(Faults::default());
    let pushed = run(&stub, &test, &["image", "push", "web.tar", "[HOST]/web:1"]);
    assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
    stub.set(Faults { drips: true, ..Faults::default() });
    let said = run(&stub, &test, &["image", "pull", "[HOST]/web:1", "-o", "out.tar", "--timeout", "1"]);
    assert!(said.starts_with("exit: 5\n") && said.contains("or next to nothing, came through"), "{said}");
    stub.set(Faults::default());
    let pulled = run(&stub, &test, &["image", "pull", "[HOST]/web:1", "-o", "out.tar"]);
    assert!(pulled.starts_with("exit: 0\n"), "{pulled}");
}

/// A redirect to a login page is told as one.
#[test]
fn a_redirect_to_a_login_page_is_told() {
    let header = "Location: https://login.example.com/?secret=abc\r\n";
    let stub = Stub::start(Faults { busy: Some((100, 302, header)), ..Faults::default() });
    let said = run(&stub, &TestDir::new(), &["image", "tags", "[HOST]/web"]);
    assert!(said.starts_with("exit: 2\n"), "{said}");
    let told =
        "answers 302 and leads to https://login.example.com/: a login page or a proxy, and no registry\n";
    assert!(said.contains(told) && !said.contains("abc"), "{said}");
}

/// A choice of images keeps what refers to them, in the backup and out of it.
#[test]
fn a_choice_of_images_keeps_their_referrers() {
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let archive = |name: &str, layers| saved_image(&[name], layers).tar;
    let test = TestDir::new().file("one.tar", archive("web:1", 1)).file("two.tar", archive("web:2", 2));
    let stub = Stub::start(Faults::default());
    let mut signatures = Vec::new();
    for (file, tag) in [("one.tar", "1"), ("two.tar", "2")] {
        let pushed = run(&stub, &test, &["image", "push", file, &format!("[HOST]/web:{tag}")]);
        let subject = super::digest_of(&pushed);
        let manifest = stub.state.lock().expect("no panic").manifests[&subject].1.clone();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
        let signature = serde_json::json!({
            "schemaVersion": 2, "mediaType": kind, "artifactType": "application/vnd.example.signature",
            "config": manifest["config"], "layers": [], "subject": {"mediaType": kind, "digest": subject, "size": 1},
        });
        signatures.push(stub.put(kind, signature.to_string().into_bytes()));
    }
    let backup = |output: &str, more: &[&str]| {
        let saved = run(&stub, &test, &[&["registry", "backup", "[HOST]", "-o", output], more].concat());
        assert!(saved.starts_with("exit: 0\n"), "{saved}");
        saved
    };
    assert!(backup("all/", &[]).contains("4 images"));
    assert!(backup("some/", &["--include", "web:2"]).contains("wrote some/: 2 images"));
    let cases = [
        ("all", &["--include", "web:2"][..], &["2"][..], &signatures[1..]),
        ("some", &[], &["2"], &signatures[1..]),
        ("all", &["--exclude", "web:2"], &["1"], &signatures[..1]),
        ("all", &["--include", "web:*", "--exclude", "web@*"], &["1", "2"], &[]),
    ];
    each_case(cases, |(backup, choice, tags, kept)| {
        let empty = Stub::start(Faults::default());
        let restored = run(&empty, &test, &[&["registry", "restore", backup, "[HOST]"], choice].concat());
        assert!(restored.starts_with("exit: 0\n"), "{restored}");
        assert_eq!(empty.manifests(), tags, "{choice:?}");
        for signature in &signatures {
            assert_eq!(empty.has(signature), kept.contains(signature), "{choice:?}: {signature}");
        }
    });
}
