//! Archives that are cut short, lie, or would fill the disk.

use super::archives::{Saved, gzip, saved_image, sha256, tar};
use crate::common::{TestDir, each_case};

/// What `image push` says about an archive; no registry is needed, because the archive is opened first.
fn push(content: &[u8]) -> String {
    let test = TestDir::new().file("web.tar", content);
    let output = test.command(&["image", "push", "web.tar", "localhost:1/web:1"]).output().expect("it runs");
    test.describe(&output)
}

#[test]
fn what_is_no_archive_of_images_is_told() {
    let Saved { tar: whole, .. } = saved_image(&["web:1"], 2);
    let packed = gzip(&whole);
    let zstd = ruzstd::encoding::compress_to_vec(&*whole, ruzstd::encoding::CompressionLevel::Fastest);
    let other = tar(&[("etc/passwd".to_owned(), b"root".to_vec())]);
    let index = |digest: &str| {
        let text = format!(r#"{{"manifests": [{{"digest": "{digest}", "size": 2}}]}}"#);
        tar(&[("index.json".to_owned(), text.into_bytes())])
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", Vec::new(), "web.tar: it is cut short: it is empty"),
        (
            "text",
            b"hello, this is a text and nothing else".to_vec(),
            "web.tar: it is not an archive of images: ",
        ),
        ("cut", whole[..whole.len() / 2].to_vec(), "web.tar: it is cut short: "),
        ("cut gzip", packed[..packed.len() / 2].to_vec(), "web.tar: it is cut short: "),
        (
            "gzip, and more",
            [&packed[..], b"more"].concat(),
            "web.tar: it cannot be unpacked: bytes follow the end of the gzip stream: `gunzip` leaves them out",
        ),
        ("gzip, and zeros", [&packed[..], &[0; 700]].concat(), "localhost:1"),
        ("two gzip streams", [gzip(&whole[..700]), gzip(&whole[700..])].concat(), "localhost:1"),
        ("zstd", zstd.clone(), "localhost:1"),
        (
            "cut zstd",
            zstd[..zstd.len() / 2].to_vec(),
            "web.tar: it is cut short: what it is packed with ends too early\n",
        ),
        (
            "cut zstd header",
            zstd[..5].to_vec(),
            "web.tar: it is cut short: what it is packed with ends too early\n",
        ),
        (
            "bzip2",
            b"BZh91AY".to_vec(),
            "web.tar: it is not an archive of images: it is packed by bzip2: unpack it with bunzip2 first",
        ),
        ("xz", b"\xfd7zXZ\0\0".to_vec(), "it is packed by xz: unpack it with unxz first"),
        ("zip", b"PK\x03\x04abc".to_vec(), "it is a zip file"),
        ("no zstd", b"\x28\xb5\x2f\xfdabcdefgh".to_vec(), "web.tar: it "),
        (
            "another tar file",
            other,
            "there is no manifest.json and no index.json in it, only etc/passwd and the like",
        ),
        (
            "a path",
            index("sha256:../../../etc/passwd"),
            "index.json names `sha256:../../../etc/passwd`, which is not a digest",
        ),
        ("a missing manifest", index(&format!("sha256:{}", "a".repeat(64))), "the manifest sha256:aaaa"),
        ("bad JSON", tar(&[("manifest.json".to_owned(), b"[{".to_vec())]), "manifest.json cannot be read: "),
        (
            "no image",
            tar(&[("manifest.json".to_owned(), b"[]".to_vec())]),
            "web.tar: there is no image in it",
        ),
        (
            "a deep manifest",
            tar(&[("manifest.json".to_owned(), "[".repeat(100_000).into_bytes())]),
            "manifest.json cannot be read: ",
        ),
    ];
    each_case(cases, |(what, content, error)| {
        let said = push(&content);
        assert!(said.starts_with("exit: 2\n") && said.contains(error), "{what}: {said}");
    });
}

/// Archives that can be opened, and whose images are not what they say. The registry is a stub that would take anything.
#[test]
fn an_archive_that_lies_is_not_pushed() {
    let Saved { files, .. } = saved_image(&["web:1"], 2);
    let change = |index: usize, content: Vec<u8>| {
        let mut changed = files.clone();
        changed[index].1 = content;
        tar(&changed)
    };
    let without = |index: usize| {
        let mut rest = files.clone();
        rest.remove(index);
        tar(&rest)
    };
    let layer = |files: &[(String, Vec<u8>)]| tar(&[("other".to_owned(), files[0].1.clone())]);
    let cases = [
        ("a changed layer", change(1, layer(&files)), "a layer has the digest sha256:"),
        ("a packed changed layer", change(1, gzip(&layer(&files))), "a layer has the digest sha256:"),
        ("a changed configuration", change(0, b"{}".to_vec()), "` has the digest sha256:"),
        ("a missing layer", without(2), "/layer.tar` is missing"),
        ("a missing configuration", without(0), ".json` is missing"),
    ];
    each_case(cases, |(what, content, error)| {
        let stub = super::stub::Stub::start(super::stub::Faults::default());
        let test = TestDir::new().file("web.tar", content);
        let image = format!("localhost:{}/web:1", stub.port);
        let output = test.command(&["image", "push", "web.tar", &image]).output().expect("it runs");
        let said = test.describe(&output);
        assert!(
            said.starts_with("exit: 2\n") && said.contains("it contradicts itself: ") && said.contains(error),
            "{what}: {said}"
        );
        assert!(stub.manifests().is_empty(), "{what}");
    });
}

/// OCI layouts that lie, as a directory and as a tar file.
#[test]
fn a_layout_that_lies_is_not_pushed() {
    let layout = |change: &dyn Fn(&std::path::Path, &[std::path::PathBuf])| {
        let test = TestDir::new();
        let root = test.path().join("layout");
        super::archives::two_platforms(&root);
        let mut blobs: Vec<_> = std::fs::read_dir(root.join("blobs/sha256"))
            .expect("blobs")
            .map(|blob| blob.expect("a blob").path())
            // Those that are no JSON: the layers.
            .filter(|blob| std::fs::read(blob).expect("read").starts_with(&[0x1f, 0x8b]))
            .collect();
        blobs.sort();
        change(&root, &blobs);
        test
    };
    let write = |path: &std::path::Path, content: &[u8]| std::fs::write(path, content).expect("written");
    let same_size = layout(&|_, layers| {
        let mut content = std::fs::read(&layers[0]).expect("read");
        content[12] ^= 1;
        write(&layers[0], &content);
    });
    let longer = layout(&|_, layers| {
        let content = std::fs::read(&layers[0]).expect("read");
        write(&layers[0], &[content, vec![0]].concat());
    });
    let missing = layout(&|_, layers| std::fs::remove_file(&layers[0]).expect("removed"));
    let elsewhere = layout(&|root, _| {
        let saved =
            r#"[{"Config": "../secret.json", "RepoTags": ["web:1"], "Layers": ["../../etc/passwd"]}]"#;
        write(&root.join("manifest.json"), saved.as_bytes());
        std::fs::remove_file(root.join("index.json")).expect("removed");
        write(&root.join("../secret.json"), b"{}");
    });
    let cases = [
        ("another content", same_size, "has the digest sha256:"),
        ("another size", longer, " bytes, and its manifest says "),
        ("a missing layer", missing, " is missing"),
        ("a path outside", elsewhere, "`../secret.json` is missing"),
    ];
    each_case(cases, |(what, test, error)| {
        let packed = std::process::Command::new("tar")
            .args(["-C", "layout", "-cf", "layout.tar", "."])
            .current_dir(test.path())
            .status();
        assert!(packed.is_ok_and(|done| done.success()), "{what}");
        for archive in ["layout", "layout.tar"] {
            let stub = super::stub::Stub::start(super::stub::Faults::default());
            let image = format!("localhost:{}/web:1", stub.port);
            let output = test.command(&["image", "push", archive, &image]).output().expect("it runs");
            let said = test.describe(&output);
            assert!(said.starts_with("exit: 2\n"), "{what}, {archive}: {said}");
            assert!(said.contains(error), "{what}, {archive}: {said}");
            assert!(stub.manifests().is_empty(), "{what}, {archive}");
        }
    });
}

/// Tar files with names that lead elsewhere, links in a circle, too many files or too large a text: nothing is written.
#[test]
fn a_tar_file_that_is_a_trap_is_refused() {
    let Saved { files, .. } = saved_image(&["web:1"], 1);
    let text = |content: &str| tar(&[("manifest.json".to_owned(), content.as_bytes().to_vec())]);
    let mut circle = tar::Builder::new(Vec::new());
    for (from, to) in [("a.json", "b.json"), ("b.json", "a.json")] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        circle.append_link(&mut header, from, to).expect("added");
    }
    let saved = br#"[{"Config": "a.json", "RepoTags": ["web:1"], "Layers": []}]"#;
    let mut header = tar::Header::new_gnu();
    header.set_size(saved.len() as u64);
    circle.append_data(&mut header, "manifest.json", &saved[..]).expect("added");
    let mut many = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(0);
    for number in 0..100_001 {
        many.append_data(&mut header, number.to_string(), std::io::empty()).expect("added");
    }
    let junk: Vec<u8> =
        (0..5000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80).collect();
    let cases = [
        ("a large text", text(&" ".repeat((8 << 20) + 1)), "too many for a text"),
        ("no tar file", junk, "it is no tar file"),
        ("a missing part", tar(&files[..1]), "there is no manifest.json"),
    ];
    each_case(cases, |(what, content, error)| {
        let said = push(&content);
        assert!(said.starts_with("exit: 2\n") && said.contains(error), "{what}: {said}");
    });
    // What is missing is told once the image is prepared, so that a registry has to answer.
    let stub = super::stub::Stub::start(super::stub::Faults::default());
    let test = TestDir::new().file("circle.tar", circle.into_inner().expect("written"));
    let said = test.run(&["image", "push", "circle.tar", &format!("localhost:{}/web:1", stub.port)]);
    assert!(said.starts_with("exit: 2\n") && said.contains("`a.json` is missing"), "{said}");
    let many = push(&gzip(&many.into_inner().expect("written")));
    assert!(many.starts_with("exit: 2\n") && many.contains("it has more than 100000 files"), "{many}");
}

/// Some kilobytes that unpack to more than any image does.
#[test]
fn a_bomb_is_not_unpacked() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..80 {
        std::io::Write::write_all(&mut encoder, &zeros).expect("packed");
    }
    let bomb = encoder.finish().expect("packed");
    assert!(bomb.len() < 2 << 20);
    let said = push(&bomb);
    assert!(
        said.contains(
            "web.tar: it unpacks to more than 64 MiB, which may be a trap: if it is right, unpack it"
        ),
        "{said}"
    );
}

#[test]
fn digests_are_those_of_other_tools() {
    assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
