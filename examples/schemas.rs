//! Holds the published JSON Schemas against what a real Marathon said: `cargo run --release --example schemas -- DIR`.
//!
//! DIR holds recordings as JSON Lines: `id`, `kind`, `profile`, `text`, `accepted` and `message`. Every definition that
//! Marathon accepts has to be valid, every one that its parser refuses (`Invalid JSON`) must not be. What differs all the
//! same is listed with its reason in `recordings/schemas.rs`; the run fails on anything else, and on a reason that no
//! record needs.

#![expect(clippy::disallowed_methods, reason = "a developer's tool, on recordings it is given")]
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod recordings;
#[path = "recordings/schemas.rs"]
mod schemas;

use std::io::Error;
use std::path::Path;

use milepost::source::Kind;
use milepost::target::Target;
use schemas::{Differences, Sample, Schemas};

fn main() -> std::io::Result<()> {
    let mut schemas = Schemas::read(Path::new(env!("CARGO_MANIFEST_DIR"))).map_err(Error::other)?;
    let mut differences = Differences::default();
    let mut counts = [0_usize; 2];
    recordings::each(|record| {
        let get = |name: &str| recordings::text(record, name);
        let Some(accepted) = record.get("accepted").and_then(|accepted| accepted.as_bool()) else { return };
        let Ok(target) = get("profile").parse::<Target>() else { return };
        if !accepted && get("message") != "Invalid JSON" {
            return;
        }
        let kind = match get("kind").as_str() {
            "pod" => Kind::Pod,
            "group" => Kind::Group,
            _ => Kind::App,
        };
        counts[usize::from(accepted)] += 1;
        let found =
            schemas.compare(&Sample { kind, text: &get("text"), settings: &target.settings(), accepted });
        differences.add(found, &get("id"));
    })?;
    let [refused, accepted] = counts;
    println!("{accepted} accepted, {refused} refused by the parser; what differs:");
    differences.lines().for_each(|line| println!("{line}"));
    let (unexplained, unneeded) = (differences.unexplained(), differences.unneeded());
    if accepted == 0 || refused == 0 || !unexplained.is_empty() || !unneeded.is_empty() {
        return Err(Error::other(format!("unexplained: {unexplained:#?}\nno longer needed: {unneeded:?}")));
    }
    Ok(())
}
