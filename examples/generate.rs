//! Writes every file that is generated from the code: `cargo run --example generate`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    milepost::schema::generate::files()
        .into_iter()
        .try_for_each(|(path, content)| std::fs::write(root.join(path), content))
}
