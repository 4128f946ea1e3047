//! Archives, names and images of an odd form.

use serde_json::{Value as Json, json};

use super::archives::{Saved, saved_image, sha256, two_platforms};
use super::{open_registry, run};
use crate::common::{TestDir, each_case};

/// What cannot be the name of an image is not asked for.
#[test]
fn names_that_no_registry_can_have_are_refused_here() {
    let test = TestDir::new();
    // Nobody listens there.
    let host = "localhost:1";
    let hex = "0".repeat(63);
    each_case(
        [
            ("a@sha256:12", "its digest is not `sha256:` and 64 hexadecimal digits"),
            (&*format!("a@sha256:{hex}G"), "its digest is not"),
            ("a:-x", "its tag begins with `.` or `-`"),
            ("-a/b:1", "a part of its name begins or ends with"),
        ],
        |(name, why)| {
            let image = format!("{host}/{name}");
            for command in [&["inspect", &image][..], &["delete", &image, "--yes"], &["check", &image]] {
                let said = run(&test, host, &[&["image"], command].concat());
                assert!(said.starts_with("exit: 2\n") && said.contains(why), "{name}: {said}");
            }
        },
    );
}

/// The address of a registry alone is no image of Docker Hub with the port as its tag.
#[test]
fn a_registry_alone_names_no_image() {
    let Saved { tar, .. } = saved_image(&["web:1"], 1);
    let test = TestDir::new().file("web.tar", tar);
    each_case(["localhost:6201", "registry.example.com:5000", "192.168.0.1:443"], |host| {
        let image = format!("{host}/web:1");
        for command in [
            &["push", "web.tar", host][..],
            &["pull", host, "-o", "x.tar"],
            &["copy", host, &image],
            &["copy", &image, host],
            &["tags", host],
            &["inspect", host],
            &["check", host],
            &["delete", host, "--yes"],
        ] {
            let said = run(&test, "-", &[&["image"], command].concat());
            assert!(said.starts_with("exit: 2\n"), "{command:?}: {said}");
            let why = format!(
                "{host} is the address of a registry, and names no repository in it: write {host}/REPOSITORY:TAG"
            );
            assert!(said.contains(&why), "{command:?}: {said}");
        }
    });
}

#[test]
fn layouts_of_another_version_are_refused() {
    let version = |version: &str| json!({"imageLayoutVersion": version}).to_string();
    each_case([("1.0.0", true), ("1.1.0", true), ("9.0", false), ("10.0.0", false)], |(number, is_known)| {
        let test = TestDir::new();
        two_platforms(&test.path().join("layout"));
        let test = test.file("layout/oci-layout", version(number));
        let said = run(&test, "-", &["image", "push", "layout", "localhost:1/web:1"]);
        assert_eq!(said.contains(&format!("version {number} of OCI layouts")), !is_known, "{said}");
        assert!(said.starts_with("exit: 2\n"), "{said}");
    });
}

/// A link that leads to no file is told as that.
#[test]
fn a_list_of_images_that_is_a_link_is_told() {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder.append_link(&mut header, "manifest.json", "../other.json").expect("added");
    let test = TestDir::new().file("linked.tar", builder.into_inner().expect("written"));
    let said = run(&test, "-", &["image", "push", "linked.tar", "localhost:1/web:1"]);
    assert!(
        said.contains("manifest.json in it is a link to `other.json`, which is no file of the archive"),
        "{said}"
    );
}

/// The image for a platform is found in an index of indexes, too.
#[test]
fn an_index_in_an_index_has_platforms() {
    let test = TestDir::new();
    let root = test.path().join("layout");
    two_platforms(&root);
    let mut index: Json = serde_json::from_str(&test.read("layout/index.json")).expect("JSON");
    let mut inner = index["manifests"][0].take();
    inner["annotations"] = json!({});
    let outer = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [inner],
    });
    let outer = outer.to_string().into_bytes();
    let hex = sha256(&outer);
    std::fs::write(root.join("blobs/sha256").join(&hex), &outer).expect("written");
    index["manifests"] = json!([{
        "mediaType": "application/vnd.oci.image.index.v1+json", "digest": format!("sha256:{hex}"), "size": outer.len(),
    }]);
    let test = test.file("layout/index.json", index.to_string());
    let Some((_registry, host)) = open_registry(&test) else { return };
    let image = format!("{host}/nested:1");
    let pushed = run(&test, &host, &["image", "push", "layout", &image]);
    assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
    let pull = |platform: &str| {
        run(
            &test,
            &host,
            &["image", "pull", &image, "-o", &format!("{}.tar", platform.len()), "--platform", platform],
        )
    };
    let found = pull("linux/arm64");
    assert!(found.starts_with("exit: 0\n"), "{found}");
    let none = pull("windows/amd64");
    assert!(none.contains("the image is not for windows/amd64, only for linux/amd64, linux/arm64"), "{none}");
}
