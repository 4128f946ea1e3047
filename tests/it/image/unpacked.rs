//! Layers that are not packed: in a layout they stay as they are, and with them the digests; what the Docker Engine saves is
//! packed.

use serde_json::{Value as Json, json};

use super::archives::{gzip, layer, saved_image, sha256, tar};
use super::backup::contents;
use super::{digest_of, open_registry, run};
use crate::common::{TestDir, each_case};
use crate::docker_registry::Registry;

const OCI: [&str; 3] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.oci.image.layer.v1.tar",
];
const DOCKER: [&str; 3] = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.docker.image.rootfs.diff.tar",
];

/// An OCI layout with one image of one layer that is not packed.
struct UnpackedLayout {
    files: Vec<(String, Vec<u8>)>,
    config: String,
    layer: String,
    /// The digest of the image.
    digest: String,
}

impl UnpackedLayout {
    /// With the media types of the manifest, the configuration and the layer.
    fn new([manifest_kind, config_kind, layer_kind]: [&str; 3]) -> Self {
        let plain = layer(7);
        let blob = |content: &[u8]| format!("blobs/sha256/{}", sha256(content));
        let config = json!({
            "architecture": "amd64", "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{}", sha256(&plain))]},
        });
        let config = config.to_string().into_bytes();
        let part = |kind: &str, content: &[u8]| json!({"mediaType": kind, "digest": format!("sha256:{}", sha256(content)), "size": content.len()});
        let manifest = json!({
            "schemaVersion": 2, "mediaType": manifest_kind, "config": part(config_kind, &config),
            "layers": [part(layer_kind, &plain)],
        });
        let manifest = manifest.to_string().into_bytes();
        let mut root = part(manifest_kind, &manifest);
        root["annotations"] = json!({"org.opencontainers.image.ref.name": "1"});
        let index = json!({"schemaVersion": 2, "manifests": [root]}).to_string().into_bytes();
        let digest = format!("sha256:{}", sha256(&manifest));
        let (config_name, layer_name) = (blob(&config), blob(&plain));
        let files = vec![
            ("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()),
            ("index.json".to_owned(), index),
            (blob(&manifest), manifest),
            (config_name.clone(), config),
            (layer_name.clone(), plain),
        ];
        Self { files, config: config_name, layer: layer_name, digest }
    }

    /// The entry of `manifest.json` for it.
    fn entry(&self) -> Json {
        json!({"Config": self.config, "RepoTags": ["web:1"], "Layers": [self.layer]})
    }

    /// The tar file, with these files more.
    fn tar_with(&self, more: &[(&str, Json)]) -> Vec<u8> {
        let more = more.iter().map(|(name, content)| ((*name).to_owned(), content.to_string().into_bytes()));
        tar(&self.files.iter().cloned().chain(more).collect::<Vec<_>>())
    }
}

/// Seed 004, "back up the registry": one image with such a layer does not make the backup of all unusable. Whatever way it
/// goes, it keeps its digest.
#[test]
fn an_image_of_unpacked_layers_keeps_its_digest() {
    each_case([OCI, DOCKER], |kinds| {
        let layout = UnpackedLayout::new(kinds);
        let test = TestDir::new()
            .file("plain.tar", layout.tar_with(&[]))
            .file("plain.tar.gz", gzip(&layout.tar_with(&[])))
            .file("both.tar", layout.tar_with(&[("manifest.json", json!([layout.entry()]))]))
            .file("odd.tar", layout.tar_with(&[("manifest.json", json!("of something else"))]))
            .file("web.tar", saved_image(&["x:1"], 2).tar);
        let Some((_registry, host)) = open_registry(&test) else { return };
        let done = |args: &[&str]| {
            let said = run(&test, &host, args);
            assert!(said.starts_with("exit: 0\n"), "{kinds:?} {args:?}: {said}");
            said
        };
        let image = format!("{host}/plain:1");
        let push = |archive: &str, name: &str| {
            let pushed = done(&["image", "push", archive, &format!("{host}/{name}")]);
            assert_eq!(digest_of(&pushed), layout.digest, "{archive}: {pushed}");
        };
        push("plain.tar", "plain:1");
        push("plain.tar.gz", "packed:1");
        push("both.tar", "both:1");
        push("odd.tar", "odd:1");
        for output in ["pulled.tar", "pulled/"] {
            let pulled = done(&["image", "pull", &image, "-o", output]);
            assert!(pulled.contains(&layout.digest), "{pulled}");
            push(output, "again:1");
        }
        let copied = done(&["image", "copy", &image, &format!("{host}/copied:1")]);
        assert_eq!(digest_of(&copied), layout.digest, "{copied}");
        done(&["image", "push", "web.tar", &format!("{host}/web:1")]);
        let before = contents(&test, &host);
        assert_eq!(before.len(), 7, "{before:?}");
        for (number, backup) in ["all.tar", "all/"].into_iter().enumerate() {
            done(&["registry", "backup", &host, "-o", backup]);
            let Some(empty) = Registry::start_with(&test, &format!("empty-{number}"), "") else { return };
            let target = format!("localhost:{}", empty.port);
            let restored = run(&test, &target, &["registry", "restore", backup, &target]);
            assert!(restored.starts_with("exit: 0\n"), "{backup}: {restored}");
            assert_eq!(contents(&test, &target), before, "{backup}");
        }
    });
}

/// `docker save` of version 25 and later writes a layout too, with layers that are not packed, and none of images without a
/// name: they are packed, as Docker does before it pushes.
#[test]
fn what_the_engine_saves_is_packed() {
    let layout = UnpackedLayout::new(OCI);
    let mut sourced = layout.entry();
    sourced["LayerSources"] = json!({"sha256:0": {"mediaType": OCI[2], "digest": "sha256:0", "size": 1}});
    let named = json!([layout.entry()]);
    let mut nameless = UnpackedLayout::new(OCI);
    nameless.files.retain(|(name, _)| name != "index.json");
    let no_index = json!({"schemaVersion": 2, "manifests": null});
    let cases = [
        layout.tar_with(&[("manifest.json", json!([sourced]))]),
        layout.tar_with(&[("manifest.json", named.clone()), ("repositories", json!({"web": {"1": "0"}}))]),
        nameless.tar_with(&[("index.json", no_index), ("manifest.json", named)]),
    ];
    let test = TestDir::new();
    let Some((_registry, host)) = open_registry(&test) else { return };
    let mut digests = Vec::new();
    for (number, archive) in cases.into_iter().enumerate() {
        std::fs::write(test.path().join("saved.tar"), archive).expect("written");
        let pushed = run(&test, &host, &["image", "push", "saved.tar", &format!("{host}/saved-{number}:1")]);
        assert!(pushed.starts_with("exit: 0\n") && !pushed.contains("this is an OCI image"), "{pushed}");
        digests.push(digest_of(&pushed));
    }
    assert!(digests.iter().all(|digest| *digest == digests[0] && *digest != layout.digest), "{digests:?}");
}

/// A layer that is at an address of its own is not sent. A registry that takes no such address says nothing of the reason.
#[test]
fn a_layer_at_another_address_is_told() {
    let foreign = "https://layers.example.com/base.tar";
    let layout = |kind: &str| {
        let mut files = UnpackedLayout::new(OCI).files;
        let manifest: Json = serde_json::from_slice(&files[2].1).expect("JSON");
        let mut manifest = manifest.clone();
        manifest["layers"][0]["mediaType"] = json!(kind);
        manifest["layers"][0]["urls"] = json!([foreign]);
        let manifest = manifest.to_string().into_bytes();
        let digest = format!("sha256:{}", sha256(&manifest));
        let root = json!({"mediaType": OCI[0], "digest": digest, "size": manifest.len()});
        files[1].1 = json!({"schemaVersion": 2, "manifests": [root]}).to_string().into_bytes();
        files[2] = (format!("blobs/sha256/{}", sha256(&manifest)), manifest);
        files.pop();
        tar(&files)
    };
    let test = TestDir::new()
        .file("foreign.tar", layout("application/vnd.oci.image.layer.nondistributable.v1.tar"))
        .file("missing.tar", layout("application/vnd.oci.image.layer.v1.tar"));
    let Some((_registry, host)) = open_registry(&test) else { return };
    let said = run(&test, &host, &["image", "push", "foreign.tar", &format!("{host}/web:1")]);
    assert!(said.starts_with("exit: 3\n") && !said.contains("next run goes on"), "{said}");
    assert!(said.contains(&format!("which is not sent but read from {foreign}")), "{said}");
    let said = run(&test, &host, &["image", "push", "missing.tar", &format!("{host}/web:1")]);
    assert!(said.starts_with("exit: 2\n") && said.contains(" is missing"), "{said}");
    // A registry that takes it.
    let stub = super::stub::Stub::start(super::stub::Faults::default());
    let taken = run(&test, "-", &["image", "push", "foreign.tar", &format!("localhost:{}/web:1", stub.port)]);
    assert!(taken.starts_with("exit: 0\n"), "{taken}");
}
