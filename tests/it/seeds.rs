//! The complete examples of the founding documents.

use std::path::Path;

use super::common::{TestDir, each_case};

#[test]
fn the_seeds_complete_examples_have_no_errors() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/seeds");
    let mut count = 0;
    each_case(std::fs::read_dir(directory).expect("the seeds are there"), |entry| {
        let path = entry.expect("readable").path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let test = TestDir::new();
            let output = test.run(&["lint", path.to_str().expect("UTF-8")]);
            assert!(output.starts_with("exit: 0\n"), "{}:\n{output}", path.display());
            count += 1;
        }
    });
    assert!(count >= 6, "only {count} of the seeds' examples are there");
}
