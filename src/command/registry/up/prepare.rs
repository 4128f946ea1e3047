//! The files that steps begin with, which `up` itself makes.

use anyhow::Context as _;
use secrecy::zeroize::Zeroizing;
use serde_json::json;

use super::StepName;
use super::steps::Steps;
use crate::image::archive::sample_archive;
use crate::registry::app::http_secret::Plain;
use crate::source;
use crate::util::escape::{shell_word, shown_path};

/// The file that is made before a step, and what it is.
fn file_of(steps: &Steps<'_>, name: StepName) -> Option<(&'static str, &'static str)> {
    let is_missing = |file: &str| !steps.file(file).exists();
    match name {
        StepName::User | StepName::Group if is_missing("password") => Some(("password", "a new password")),
        StepName::Push => Some(("test-image.tar", "a tiny image")),
        StepName::Wire if is_missing("test.json") => Some(("test.json", "an app of the test image")),
        _ => None,
    }
}

/// What is made before a step, as a comment above its lines for a shell.
pub(super) fn shown(steps: &Steps<'_>, name: StepName) -> Option<String> {
    let (file, what) = file_of(steps, name)?;
    Some(format!("# first {what} is written to {}", shell_word(&steps.path(file))))
}

/// Makes the directory, and the file that a step begins with.
pub(super) fn prepare(steps: &Steps<'_>, name: StepName) -> anyhow::Result<()> {
    let directory = &steps.dir;
    source::make_private_directory(directory)
        .with_context(|| format!("cannot make the directory {}", shown_path(directory)))?;
    let Some((file, _)) = file_of(steps, name) else { return Ok(()) };
    let file = steps.file(file);
    match name {
        StepName::Push => {
            let archive = sample_archive(&steps.test_image()).context("cannot make the test image")?;
            source::write_atomically(&file, &archive)?;
        }
        StepName::Wire => {
            let app = json!({
                "id": "/registry-test",
                "cpus": 0.1,
                "mem": 32,
                "instances": 1,
                "container": { "type": "DOCKER", "docker": { "image": steps.image() } },
            });
            let text = serde_json::to_string_pretty(&app)? + "\n";
            source::write_atomically(&file, text.as_bytes())?;
        }
        _ => {
            let password = Zeroizing::new(format!("{}\n", Plain::generate()?.expose()));
            source::write_privately(&file, password.as_bytes())?;
        }
    }
    Ok(())
}
