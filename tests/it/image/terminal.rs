//! What `milepost image` shows at a terminal, and what it does not show in a pipe.

use std::process::Command;

use super::archives::{Saved, large_image};
use super::{digest_of, open_registry, run};
use crate::common::{TestDir, has_script};

/// A bar, and after it the same lines as in a pipe, where there is none.
#[test]
fn a_bar_is_for_terminals() {
    if !has_script() {
        return;
    }
    let Saved { tar, .. } = large_image(&["web:1"]);
    let test = TestDir::new().file("web.tar", tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let line = format!("{} image push web.tar {host}/first:1", env!("CARGO_BIN_EXE_milepost"));
    let output = Command::new("script").args(["-qec", &line, "/dev/null"]).current_dir(test.path()).output();
    let shown = String::from_utf8_lossy(&output.expect("it runs").stdout).into_owned();
    assert!(shown.contains("pushing") && shown.contains("\u{1b}["), "{shown:?}");
    let plain = anstream::adapter::strip_str(&shown).to_string();
    assert!(plain.contains("pushed 5 blobs, "), "{plain:?}");
    let piped = run(&test, &host, &["image", "push", "web.tar", &format!("{host}/second:1")]);
    assert!(!piped.contains("pushing") && !piped.contains('\u{1b}'), "{piped:?}");
    assert_eq!(digest_of(&plain).trim(), digest_of(&piped));
}
