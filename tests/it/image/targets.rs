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

/// A layout with several images, named by tags alone: they are tags of the repository that is given.
#[test]
fn images_named_by_tags_alone_are_tags_of_the_repository() {
    let test = TestDir::new().file("all.tar", several(&[&["a:1"], &["a:2"], &["a:3"]]));
    let Some((_registry, host)) = open_registry(&test) else { return };
    let milepost = |args: &[&str]| run(&test, &host, &[&["image"], args].concat());
    assert!(milepost(&["push", "all.tar", &host, "--all"]).starts_with("exit: 0\n"));
    each_case(["1", "2", "3"], |tag| {
        let pulled = milepost(&["pull", &format!("{host}/a:{tag}"), "-o", "layout/"]);
        assert!(pulled.starts_with("exit: 0\n") && !pulled.contains("note: "), "{pulled}");
    });
    each_case([("one", &[][..]), ("two", &["--all"])], |(repository, more)| {
        let pushed = milepost(&[&["push", "layout", &format!("{host}/p/{repository}")], more].concat());
        assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
        let tags = milepost(&["tags", &format!("{host}/p/{repository}")]);
        assert_eq!(tags, "exit: 0\n----- stdout -----\n1\n2\n3\n----- stderr -----\n");
        for tag in ["1", "2", "3"] {
            let digest = |repository: &str| {
                let inspected = milepost(&["inspect", &format!("{host}/{repository}:{tag}")]);
                inspected.lines().nth(2).expect("a digest").to_owned()
            };
            assert_eq!(digest("a"), digest(&format!("p/{repository}")));
        }
    });
    let listed = milepost(&["list", &host]);
    assert!(!listed.contains("p/one/"), "{listed}");
    // A tag for all of them, or no repository.
    let one = milepost(&["push", "layout", &format!("{host}/p/three:9")]);
    assert!(one.starts_with("exit: 2\n") && one.contains("there are 3 images in it"), "{one}");
    let nowhere = milepost(&["push", "layout", &host, "--all"]);
    assert!(nowhere.starts_with("exit: 2\n") && nowhere.contains("`1` is only a tag"), "{nowhere}");
}

/// A pull leaves the images that are there: in a layout beside the new one, in a tar file by refusing to replace it.
#[test]
fn a_pull_loses_no_images() {
    let test = TestDir::new().file("all.tar", several(&[&["a:1"], &["b:2"], &["c:1"]]));
    let Some((_registry, host)) = open_registry(&test) else { return };
    let milepost = |args: &[&str]| run(&test, &host, &[&["image"], args].concat());
    assert!(milepost(&["push", "all.tar", &host, "--all"]).starts_with("exit: 0\n"));
    // What other programs wrote into the index stays as it is.
    two_platforms(&test.path().join("layout"));
    let mut before: Json = serde_json::from_str(&test.read("layout/index.json")).expect("JSON");
    before["annotations"] = json!({"of": "others"});
    before["manifests"][0]["annotations"]["more"] = json!("kept");
    let test = test.file("layout/index.json", before.to_string());
    let milepost = |args: &[&str]| run(&test, &host, &[&["image"], args].concat());
    let added = milepost(&["pull", &format!("{host}/b:2"), "-o", "layout/"]);
    assert!(added.starts_with("exit: 0\n") && !added.contains("note: "), "{added}");
    let index: Json = serde_json::from_str(&test.read("layout/index.json")).expect("JSON");
    assert_eq!(
        (&index["annotations"], &index["manifests"][0]),
        (&before["annotations"], &before["manifests"][0])
    );
    assert_eq!(index["manifests"].as_array().map(Vec::len), Some(2));
    // The same name is replaced, and what it was is told.
    let replaced = milepost(&["pull", &format!("{host}/a:1"), "-o", "layout/"]);
    let digest = before["manifests"][0]["digest"].as_str().expect("a digest");
    assert!(replaced.contains(&format!("note: `1` was {digest} in layout/ before")), "{replaced}");
    let index: Json = serde_json::from_str(&test.read("layout/index.json")).expect("JSON");
    let names: Vec<&Json> = index["manifests"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| &it["annotations"]["org.opencontainers.image.ref.name"])
        .collect();
    assert_eq!(names, ["2", "1"]);
    // An index that is none is left as it is.
    each_case(["[]", "\"x\"", "null", r#"{"manifests": 5}"#, "{"], |index| {
        std::fs::write(test.path().join("layout/index.json"), index).expect("written");
        let refused = milepost(&["pull", &format!("{host}/a:1"), "-o", "layout/"]);
        assert!(refused.starts_with("exit: 2\n") && refused.contains("its index.json"), "{refused}");
        assert_eq!(test.read("layout/index.json"), index);
    });
    let old = std::fs::read(test.path().join("all.tar")).expect("there");
    let refused = milepost(&["pull", &format!("{host}/a:1"), "-o", "all.tar"]);
    assert!(refused.starts_with("exit: 2\n"), "{refused}");
    assert!(refused.contains("error: all.tar has b:2, c:1, which would be lost"), "{refused}");
    assert!(
        std::fs::read(test.path().join("all.tar")).expect("there") == old
            && !test.path().join("all.tar.partial").exists()
    );
    each_case([&["all.tar", "--force"][..], &["new.tar"], &["new.tar"]], |to| {
        let pulled = milepost(&[&["pull", &format!("{host}/a:1"), "-o"], to].concat());
        assert!(pulled.starts_with("exit: 0\n"), "{pulled}");
    });
    let other = milepost(&["pull", &format!("{host}/b:2"), "-o", "new.tar"]);
    assert!(
        other.starts_with("exit: 2\n") && other.contains("new.tar has 1, which would be lost"),
        "{other}"
    );
}
