//! `milepost image inspect`

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{Exit, ListFormat, RegistryArgs, Terminal, operand, size};
use crate::image::archive::Layout;
use crate::image::manifest::{Descriptor, Manifest, ManifestParts};
use crate::transfer::{ImageTree, Progress, RepositoryAccess, download, image_tree};

/// Show what an image consists of: digest, form, platforms, layers with their sizes, and its configuration.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost image inspect registry.example.com:5000/shop/web:1
  milepost image inspect registry.example.com:5000/shop/web:1 --format json")]
pub(super) struct Args {
    /// The image: HOST[:PORT]/REPOSITORY[:TAG|@DIGEST]
    #[arg(value_name = "IMAGE")]
    image: String,

    /// How to write it
    #[arg(long, value_enum, default_value = "text")]
    format: ListFormat,

    #[command(flatten)]
    registry: RegistryArgs,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ImageConfig {
    created: Option<String>,
    os: String,
    architecture: String,
    variant: Option<String>,
    config: Json,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let image = operand(&args.image)?;
    let client = args.registry.client()?;
    let mut from = args.registry.open(&client, &image, "pull")?;
    let tree = image_tree(&mut from, image.version(), None)?;
    let described = described(&mut from, &tree)?;
    match args.format {
        ListFormat::Json => term.out_masked(&described.to_string())?,
        ListFormat::Text => write_text(&described, term)?,
    }
    Ok(Exit::Fine)
}

fn described(from: &mut RepositoryAccess<'_>, tree: &ImageTree) -> anyhow::Result<Json> {
    let scratch = super::scratch()?;
    let layout = Layout::at(scratch.path())?;
    let configs: Vec<Descriptor> = tree.read.iter().filter_map(config_of).cloned().collect();
    let only_configs = ImageTree { manifests: Vec::new(), read: Vec::new(), blobs: configs };
    download(from, &only_configs, &layout, 4, &Arc::new(Progress::default()))?;
    let mut images = Vec::new();
    for (raw, manifest) in tree.manifests.iter().zip(&tree.read) {
        let ManifestParts::Image { config, layers } = &manifest.parts else { continue };
        // Of what is no image, such as a chart or an attestation, the configuration is something else.
        let read = crate::source::read_bytes(&layout.blob(&config.digest)).unwrap_or_default();
        let own: ImageConfig = serde_json::from_slice(&read).unwrap_or_default();
        let variant = own.variant.map_or(String::new(), |variant| format!("/{variant}"));
        images.push(json!({
            "digest": raw.digest,
            "mediaType": raw.media_type,
            "platform": format!("{}/{}{variant}", own.os, own.architecture),
            "created": own.created,
            "size": layers.iter().map(|layer| layer.size).sum::<u64>(),
            "layers": layers.iter().map(|layer| json!({"digest": layer.digest, "size": layer.size})).collect::<Vec<_>>(),
            "config": own.config,
        }));
    }
    let root = tree.root();
    Ok(json!({
        "digest": root.as_ref().map(|root| &root.digest),
        "mediaType": root.as_ref().map(|root| &root.media_type),
        "images": images,
    }))
}

fn config_of(manifest: &Manifest) -> Option<&Descriptor> {
    match &manifest.parts {
        // A configuration of an image has some kilobytes.
        ManifestParts::Image { config, .. } if config.size < 4 << 20 => Some(config),
        _ => None,
    }
}

fn write_text(described: &Json, term: &mut Terminal) -> anyhow::Result<()> {
    let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
    let mut report = term.report();
    writeln!(report, "digest   {}", text(&described["digest"]))?;
    writeln!(report, "form     {}", text(&described["mediaType"]))?;
    for image in described["images"].as_array().into_iter().flatten() {
        writeln!(report, "\nplatform {}", text(&image["platform"]))?;
        if image["digest"] != described["digest"] {
            writeln!(report, "digest   {}", text(&image["digest"]))?;
        }
        writeln!(report, "created  {}", text(&image["created"]))?;
        writeln!(report, "size     {}", size(image["size"].as_u64().unwrap_or_default()))?;
        for (name, field) in
            [("command", "Cmd"), ("entry", "Entrypoint"), ("user", "User"), ("ports", "ExposedPorts")]
        {
            let value = &image["config"][field];
            if !matches!(value, Json::Null) && value.as_str() != Some("") {
                writeln!(report, "{name:8} {value}")?;
            }
        }
        for layer in image["layers"].as_array().into_iter().flatten() {
            let bytes = layer["size"].as_u64().unwrap_or_default();
            writeln!(report, "layer    {} {:>10}", text(&layer["digest"]), size(bytes))?;
        }
    }
    Ok(())
}
