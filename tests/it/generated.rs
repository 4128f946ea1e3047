//! Files that are generated from the code are committed, and fresh.

use std::path::Path;

use super::common::each_case;

#[test]
fn generated_files_are_fresh() {
    let reference = ("docs/cli.md", milepost::generate::cli::markdown());
    let rules = ("docs/rules.md", milepost::generate::rules::markdown());
    let compat = ("docs/dcos-compat.md", milepost::generate::compat::markdown());
    each_case(
        milepost::generate::schemas::files().into_iter().chain([reference, rules, compat]),
        |(path, content)| {
            let committed = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
            assert!(
                committed.is_ok_and(|committed| committed == content),
                "{path} is stale: run `cargo run --example generate` and commit what it writes"
            );
        },
    );
}
