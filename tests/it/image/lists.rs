//! Lists of tags that are none, and backups that are what is left of one.

use super::archives::saved_image;
use super::stub::{Faults, Stub};
use super::{open_registry, run};
use crate::common::{TestDir, each_case};

/// What a proxy says in place of a list of tags is not taken for a repository without tags: its images would be in no backup.
#[test]
fn what_is_no_list_of_tags_is_an_error() {
    let stub = Stub::start(Faults::default());
    let test = TestDir::new().file("web.tar", saved_image(&["web:1"], 1).tar);
    let host = format!("localhost:{}", stub.port);
    let web = format!("{host}/web");
    assert!(run(&test, &host, &["image", "push", "web.tar", &web]).starts_with("exit: 0\n"));
    let backup = |to: &str| run(&test, &host, &["registry", "backup", &host, "-o", to]);
    assert!(backup("former.tar").starts_with("exit: 0\n"));
    let former = std::fs::read(test.path().join("former.tar")).expect("read");
    let unlike = "http://[REGISTRY]/v2/web/tags/list answers 404, and not in the words of a registry";
    each_case(
        [
            (200, r#"{"status": "ok"}"#, "http://[REGISTRY]/v2/web/tags/list does not answer with a list"),
            (200, "[]", "does not answer with a list"),
            (404, "page not found", unlike),
            (404, "<html>not found</html>", unlike),
        ],
        |(status, said, why)| {
            stub.set(Faults { tags: Some((status, said)), ..Faults::default() });
            let first = backup("first/");
            assert!(first.starts_with("exit: 1\n") && first.contains("error: web: "), "{first}");
            assert!(
                first.contains(why) && first.contains("help: first/ is not a backup of this registry"),
                "{first}"
            );
            let later = backup("former.tar");
            assert!(later.starts_with("exit: 1\n") && later.contains(why), "{later}");
            let help = "help: former.tar stays the backup that it was before, and can be restored: 1 image cannot be read";
            assert!(later.contains(help), "{later}");
            assert!(std::fs::read(test.path().join("former.tar")).expect("read") == former);
            let tags = run(&test, &host, &["image", "tags", &web]);
            assert!(!tags.starts_with("exit: 0\n") && tags.contains(why), "{tags}");
        },
    );
    // Some registries write it so.
    each_case([r#"{"name": "web", "tags": null}"#, r#"{"name": "web"}"#, r#"{"tags": []}"#], |said| {
        stub.set(Faults { tags: Some((200, said)), ..Faults::default() });
        let tags = run(&test, &host, &["image", "tags", &web]);
        assert_eq!(tags, "exit: 0\n----- stdout -----\n----- stderr -----\n", "{said}");
        let none = backup("none/");
        assert!(none.contains("note: 1 repository is listed and has no tags: web\n"), "{none}");
    });
}

/// Repositories whose tags are gone are told in one line: they may have been lost, and not deleted.
#[test]
fn repositories_without_tags_are_told() {
    let test = TestDir::new().file("web.tar", saved_image(&["web:1"], 1).tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    for repository in ["kept", "one/lost", "two/lost"] {
        let pushed = run(&test, &host, &["image", "push", "web.tar", &format!("{host}/{repository}:1")]);
        assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
    }
    let whole = run(&test, &host, &["registry", "backup", &host, "-o", "whole/"]);
    assert!(whole.starts_with("exit: 0\n") && !whole.contains("no tags"), "{whole}");
    let repositories = test.path().join("images/docker/registry/v2/repositories");
    for repository in ["one/lost", "two/lost"] {
        std::fs::remove_dir_all(repositories.join(repository).join("_manifests/tags")).expect("removed");
    }
    let first = run(&test, &host, &["registry", "backup", &host, "-o", "first/"]);
    assert!(first.starts_with("exit: 0\n"), "{first}");
    assert!(
        first.contains("note: 2 repositories are listed and have no tags: one/lost, two/lost\n"),
        "{first}"
    );
    let some = run(&test, &host, &["registry", "backup", &host, "-o", "some/", "--include", "kept"]);
    assert!(some.starts_with("exit: 0\n") && !some.contains("no tags"), "{some}");
}

/// A backup that was cut is no foreign file, and is told as what it is.
#[test]
fn a_backup_that_is_cut_is_told() {
    let test = TestDir::new().file("web.tar", saved_image(&["web:1"], 2).tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let web = format!("{host}/web:1");
    assert!(run(&test, &host, &["image", "push", "web.tar", &web]).starts_with("exit: 0\n"));
    for (args, file) in
        [(&["registry", "backup", &host][..], "whole.tar"), (&["image", "pull", &web], "pulled.tar")]
    {
        let written = run(&test, &host, &[args, &["-o", file]].concat());
        assert!(written.starts_with("exit: 0\n"), "{written}");
    }
    let (whole, pulled) = (test.path().join("whole.tar"), test.path().join("pulled.tar"));
    let (whole, pulled) = (std::fs::read(whole).expect("read"), std::fs::read(pulled).expect("read"));
    let saved = std::fs::read(test.path().join("web.tar")).expect("read");
    let damaged =
        "cut.tar is a damaged backup: it is cut short, and is not replaced: remove it to have it made anew";
    // In the content of the last blob, in its header, in the index.
    let header = whole.windows(13).rposition(|part| part == b"blobs/sha256/").expect("a blob");
    let cases = [
        (&whole[..header + 600], damaged),
        (&whole[..header + 100], damaged),
        (&whole[..1700], damaged),
        (&pulled[..pulled.len() / 2], "cut.tar is not the backup of a registry"),
        (&saved[..700], "cut.tar is not the backup of a registry"),
    ];
    each_case(cases, |(content, why)| {
        std::fs::write(test.path().join("cut.tar"), content).expect("written");
        let saved = run(&test, &host, &["registry", "backup", &host, "-o", "cut.tar"]);
        assert!(saved.starts_with("exit: 2\n") && saved.contains(why), "{}: {saved}", content.len());
        assert!(std::fs::read(test.path().join("cut.tar")).expect("read") == content);
        let restored = run(&test, &host, &["registry", "restore", "cut.tar", &host]);
        assert!(restored.contains("cut.tar: it is cut short: "), "{}: {restored}", content.len());
    });
}
