//! `Cargo.toml` asks for no crate that the code does not use.

use std::path::Path;

use super::rooms;

/// Where the crates of a section of `Cargo.toml` may be used.
const SECTIONS: [(&str, &[&str]); 2] =
    [("dependencies", &["src"]), ("dev-dependencies", &["src", "tests", "benches", "examples"])];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The crates of a section, those for one platform included.
fn crates(manifest: &toml::Table, section: &str) -> Vec<String> {
    let platforms = manifest.get("target").and_then(toml::Value::as_table);
    let tables = platforms.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
    let sections = std::iter::once(manifest).chain(tables).filter_map(|table| table.get(section)?.as_table());
    sections.flat_map(|section| section.keys().cloned()).collect()
}

/// The code below a directory, without comments; of `src` without unit tests, which the program does not need.
fn code(directory: &str, with_tests: bool) -> String {
    let mut open = vec![root().join(directory)];
    let mut code = String::new();
    while let Some(path) = open.pop() {
        let is_tests = path.file_stem().is_some_and(|name| name == "tests");
        if path.is_dir() && (with_tests || !is_tests) {
            let entries = std::fs::read_dir(&path).expect("a directory of the repository");
            open.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|end| end == "rs") && (with_tests || !is_tests) {
            code += &if with_tests { code_of(&path) } else { rooms::text_of(&path) };
        }
    }
    assert!(!code.is_empty(), "{directory} has code");
    code
}

/// A file of tests, benches or examples.
fn code_of(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n")
}

/// Whether a path in the code starts with the crate: `name::…`, `use name;` or `use name as …`.
fn is_used(name: &str, code: &str) -> bool {
    let name = name.replace('-', "_");
    code.match_indices(&name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        let before = before.strip_suffix("::").filter(|rest| rest.ends_with(' ')).unwrap_or(before);
        let is_start = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let is_import = before.ends_with("use ") && (after.starts_with(';') || after.starts_with(" as "));
        is_start && (after.starts_with("::") || is_import)
    })
}

#[test]
fn every_crate_is_used() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest is there");
    let manifest: toml::Table = toml::from_str(&manifest).expect("the manifest is TOML");
    let mut unused = Vec::new();
    for (section, directories) in SECTIONS {
        let crates = crates(&manifest, section);
        assert!(crates.len() > 5, "only {} {section} found", crates.len());
        let with_tests = section == "dev-dependencies";
        let code: String = directories.iter().map(|directory| code(directory, with_tests)).collect();
        let idle = crates.iter().filter(|name| !is_used(name, &code));
        unused.extend(idle.map(|name| format!("{name} in [{section}]")));
    }
    assert!(unused.is_empty(), "take out of Cargo.toml what nothing uses: {}", unused.join(", "));
}

#[test]
fn a_use_is_a_path_that_starts_with_the_crate() {
    for code in [
        "use serde_json::Value;",
        "let x = serde_json::from_str(y)",
        "use serde_json as j;",
        "&serde_json::Map",
    ] {
        assert!(is_used("serde-json", code), "{code}");
    }
    for code in [
        "use crate::serde_json::Value;",
        "serde_json2::x()",
        "my_serde_json::x()",
        "\"serde-json\"",
        "serde_json.x",
    ] {
        assert!(!is_used("serde-json", code), "{code}");
    }
}
