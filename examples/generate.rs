//! Writes every file that is generated from the code: `cargo run --example generate`.

#![expect(clippy::disallowed_methods, reason = "a developer's tool, on the repository's own files")]

use std::path::Path;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let reference = ("docs/cli.md", milepost::generate::cli::markdown());
    let compat = ("docs/dcos-compat.md", milepost::generate::compat::markdown());
    milepost::generate::schemas::files()
        .into_iter()
        .chain([reference, ("docs/rules.md", milepost::generate::rules::markdown()), compat])
        .try_for_each(|(path, content)| std::fs::write(root.join(path), content))
}
