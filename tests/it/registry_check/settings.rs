//! Variables whose values are not in the files.

use super::{COMPOSE, YAML_AUTH, group, write};
use crate::common::each_case;

#[test]
fn what_docker_compose_puts_in_is_not_known() {
    let test = group();
    let compose = test.read(COMPOSE);
    let check = |more: &str| {
        write(&test, COMPOSE, &compose.replace(YAML_AUTH, &format!("{YAML_AUTH}\n      {more}")));
        test.run(&["registry", "check", "out", "--format", "concise"])
    };
    each_case(
        [
            ("REGISTRY_STORAGE: ${DRIVER}\n      REGISTRY_STORAGE_S3_BUCKET: x", "REGISTRY_STORAGE: foo"),
            ("REGISTRY_HTTP_DEBUG_ADDR: ${ADDRESS}", "REGISTRY_HTTP_DEBUG_ADDR: :5000"),
            (
                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: ${DIR}",
                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: /data",
            ),
        ],
        |(open, known)| {
            let said = check(open);
            assert!(said.starts_with("exit: 0\n") && !said.contains("REGISTRY_"), "{open}: {said}");
            let said = check(known);
            assert!(said.contains("REGISTRY_") || said.contains("storage driver"), "{known}: {said}");
        },
    );
}
