//! Where the images of an archive go.

use serde_json::{Value as Json, json};

use super::archives::{saved_image, several, two_platforms};
use super::{digest_of, open_registry, run};
use crate::common::{TestDir, each_case};

/// Two images for one tag: the registry would have only the second. Nothing is sent.
#[test]
fn two_images_of_an_archive_never_share_a_tag() {
    let differ: &[&[&str]] = &[&["a.example.com/x/c:1"], &["b.example.com/x/c:1", "x/d:1"]];
    let test = TestDir::new()
        .file("differ.tar", several(differ))
        .file("twice.tar", several(&[&["x/c:1"], &["x/c:1"]]))
        .file("same.tar", saved_image(&["a.example.com/x/c:1", "b.example.com/x/c:1"], 1).tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let push = |args: &[&str]| run(&test, &host, &[&["image", "push"], args].concat());
    insta::assert_snapshot!(push(&["differ.tar", &format!("{host}/cc"), "--all"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: differ.tar: a.example.com/x/c:1 (image 1) and b.example.com/x/c:1 (image 2) are different images, and both go to [REGISTRY]/cc/x/c:1: push each by itself, with --image and a tag of its own
    ");
    insta::assert_snapshot!(push(&["twice.tar", &host, "--all"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: twice.tar: x/c:1 (image 1) and x/c:1 (image 2) are different images, and both go to [REGISTRY]/x/c:1: push each by itself, with --image and a tag of its own
    ");
    insta::assert_snapshot!(push(&["twice.tar", &format!("{host}/y:1"), "--image", "x/c:1"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: twice.tar: images 1 and 2 of it are both named `x/c:1`: save one of them alone
    ");
    let empty = run(&test, &host, &["image", "list", &host]);
    assert!(!empty.contains("x/c"), "{empty}");
    let same = push(&["same.tar", &format!("{host}/cc"), "--all"]);
    assert!(same.starts_with("exit: 0\n"), "{same}");
    each_case(["a", "b"], |from| {
        let name = format!("{from}.example.com/x/c:1");
        let pushed = push(&["differ.tar", &format!("{host}/{from}/c:1"), "--image", &name]);
        assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
    });
}

/// The same in a layout, where a digest names an image.
#[test]
fn an_image_of_a_layout_is_named_by_its_digest_too() {
    let test = TestDir::new();
    two_platforms(&test.path().join("layout"));
    let mut index: Json = serde_json::from_str(&test.read("layout/index.json")).expect("JSON");
    let root = index["manifests"][0].clone();
    let hex = root["digest"].as_str().and_then(|digest| digest.split_once(':')).expect("a digest").1;
    let inner: Json = serde_json::from_str(&test.read(&format!("layout/blobs/sha256/{hex}"))).expect("JSON");
    let mut second = inner["manifests"][0].clone();
    second["annotations"] = root["annotations"].clone();
    index["manifests"] = json!([root, second]);
    let test = test.file("layout/index.json", index.to_string());
    let Some((_registry, host)) = open_registry(&test) else { return };
    let push = |wanted: &str| {
        run(&test, &host, &["image", "push", "layout", &format!("{host}/web:1"), "--image", wanted])
    };
    let digests = [&root, &second].map(|it| it["digest"].as_str().expect("a digest").to_owned());
    let refused = push("1");
    assert!(refused.starts_with("exit: 2\n") && digests.iter().all(|it| refused.contains(it)), "{refused}");
    each_case(&digests, |digest| assert_eq!(digest_of(&push(digest)), *digest));
    let index = index.to_string().replace(r#"ref.name":"1""#, r#"ref.name":"shop/web:1""#);
    let test = test.file("layout/index.json", index);
    let refused = run(&test, &host, &["registry", "restore", "layout", &host]);
    assert!(refused.starts_with("exit: 2\n") && digests.iter().all(|it| refused.contains(it)), "{refused}");
    assert!(!run(&test, &host, &["image", "list", &host]).contains("shop"));
}
