//! Archives of images, as `docker save` and others write them.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

/// An archive of one image.
pub(super) struct Saved {
    pub(super) tar: Vec<u8>,
    /// The files in it.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

pub(super) fn sha256(content: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, content);
    digest.as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).expect("packed");
    encoder.finish().expect("packed")
}

pub(super) fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, &**content).expect("added");
    }
    tar.into_inner().expect("written")
}

/// A layer with one small file, another one for each number.
pub(super) fn layer(number: usize) -> Vec<u8> {
    let content = format!("this is the file of layer {number}\n").repeat(40 + number);
    tar(&[(format!("file-{number}"), content.into_bytes())])
}

/// The files of `docker save` for an image with these layers, and its entry of `manifest.json`.
fn files_of(names: &[&str], layers: &[Vec<u8>]) -> (Vec<(String, Vec<u8>)>, serde_json::Value) {
    let ids: Vec<String> = layers.iter().map(|layer| format!("sha256:{}", sha256(layer))).collect();
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": {"Cmd": ["/bin/sh"]},
        "rootfs": {"type": "layers", "diff_ids": ids},
    });
    let config = config.to_string().into_bytes();
    let name = format!("{}.json", sha256(&config));
    let mut files = vec![(name.clone(), config)];
    let mut paths = Vec::new();
    for layer in layers {
        let path = format!("{}/layer.tar", sha256(layer));
        paths.push(path.clone());
        files.push((path, layer.clone()));
    }
    (files, json!({"Config": name, "RepoTags": names, "Layers": paths}))
}

fn saved(names: &[&str], layers: &[Vec<u8>]) -> Saved {
    let (mut files, entry) = files_of(names, layers);
    files.push(("manifest.json".to_owned(), json!([entry]).to_string().into_bytes()));
    Saved { tar: tar(&files), files }
}

/// What `docker save` writes of an image with so many layers.
pub(super) fn saved_image(names: &[&str], layers: usize) -> Saved {
    saved(names, &(0..layers).map(layer).collect::<Vec<_>>())
}

/// The same of an image of some megabytes that cannot be packed: its layers are kept as they are.
pub(super) fn large_image(names: &[&str]) -> Saved {
    let mut state = 1_u64;
    let mut random = |size: usize| -> Vec<u8> {
        (0..size)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            })
            .collect()
    };
    let layers: Vec<Vec<u8>> =
        (0..4).map(|number| tar(&[(format!("file-{number}"), random(2 << 20))])).collect();
    saved(names, &layers)
}

/// Several images in one archive, each with these names.
pub(super) fn several(images: &[&[&str]]) -> Vec<u8> {
    let (mut files, mut entries) = (Vec::new(), Vec::new());
    for (number, names) in images.iter().enumerate() {
        let (own, entry) = files_of(names, &[layer(number)]);
        files.extend(own);
        entries.push(entry);
    }
    files.push(("manifest.json".to_owned(), json!(entries).to_string().into_bytes()));
    tar(&files)
}

/// An OCI layout in a directory: an image for two platforms.
pub(super) fn two_platforms(root: &Path) {
    let blobs = root.join("blobs/sha256");
    std::fs::create_dir_all(&blobs).expect("made");
    let put = |content: &[u8]| {
        let hex = sha256(content);
        std::fs::write(blobs.join(&hex), content).expect("written");
        (format!("sha256:{hex}"), content.len())
    };
    let mut manifests = Vec::new();
    for (number, architecture) in ["amd64", "arm64"].into_iter().enumerate() {
        let plain = layer(number);
        let config = json!({
            "architecture": architecture, "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{}", sha256(&plain))]},
        });
        let (config, config_size) = put(config.to_string().as_bytes());
        let (layer, layer_size) = put(&gzip(&plain));
        let manifest = json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": config_size},
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": layer, "size": layer_size}],
        });
        let (digest, size) = put(manifest.to_string().as_bytes());
        manifests.push(json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": size,
            "platform": {"os": "linux", "architecture": architecture},
        }));
    }
    let index = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests,
    });
    let (digest, size) = put(index.to_string().as_bytes());
    let root_index = json!({"schemaVersion": 2, "manifests": [{
        "mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest, "size": size,
        "annotations": {"org.opencontainers.image.ref.name": "1"},
    }]});
    std::fs::write(root.join("index.json"), root_index.to_string()).expect("written");
    std::fs::write(root.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("written");
}
