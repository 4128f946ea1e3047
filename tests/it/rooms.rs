//! The order of rooms: `src/lib.rs` lists them, and a room uses only those above it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Areas of the room `rule`, in their order: `advice` and the kinds use the views and what is shared.
const RULE_AREAS: [&str; 7] = ["view", "shared", "app", "pod", "group", "advice", "agent"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A file's code, without comments and unit tests.
#[expect(clippy::disallowed_methods, reason = "the repository's own files")]
pub(crate) fn text_of(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    // Comments name what they like, and tests at a file's foot may use what comes later.
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    code.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

/// Every source file, as its path below `src`.
fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("a directory of the repository") {
            let path = entry.expect("an entry").path();
            let is_tests = path.file_stem().is_some_and(|name| name == "tests");
            if path.is_dir() && !is_tests {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !is_tests {
                found.push(path.strip_prefix(root()).expect("below src").to_owned());
            }
        }
    }
    found.sort();
    assert!(found.len() > 200, "only {} source files found", found.len());
    found
}

/// The module that a file is, as its segments.
fn module_of(file: &Path) -> Vec<String> {
    let mut segments: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if segments.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        segments.pop();
    }
    segments
}

/// The modules, as absolute paths, that a file names.
fn named_in(file: &Path) -> Vec<Vec<String>> {
    let me = module_of(file);
    let paths = Regex::new(r"\b(crate|super)((?:::\w+)+|::\{)").expect("a pattern");
    let text = text_of(&root().join(file));
    let grouped = Regex::new(r"\bcrate::\{([^}]*)\}").expect("a pattern");
    let mut found: Vec<Vec<String>> = Vec::new();
    for whole in grouped.captures_iter(&text) {
        let heads = whole[1].split(',').filter_map(|part| part.trim().split("::").next().map(str::to_owned));
        found.extend(heads.filter(|head| !head.is_empty()).map(|head| vec![head]));
    }
    for path in paths.captures_iter(&text) {
        let mut segments: Vec<String> = path[2].split("::").skip(1).map(str::to_owned).collect();
        if &path[1] == "super" {
            let ups = 1 + segments.iter().take_while(|segment| *segment == "super").count();
            let base = me.len().saturating_sub(ups);
            segments = me[..base].iter().cloned().chain(segments.into_iter().skip(ups - 1)).collect();
        }
        found.push(segments);
    }
    found
}

/// The rooms in the order of `src/lib.rs`.
fn rooms() -> Vec<String> {
    let declaration = Regex::new(r"(?m)^(?:pub(?:\(crate\))? )?mod (\w+);").expect("a pattern");
    let text = text_of(&root().join("lib.rs"));
    declaration.captures_iter(&text).map(|found| found[1].to_owned()).collect()
}

/// A type's name is unique in the crate, but for few whose room makes them plain.
#[test]
fn names_of_types_are_unique() {
    /// How many may be there twice.
    const MOST: usize = 10;
    let definition = Regex::new(
        r"(?m)^\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:struct|enum|trait|union)\s+(\w+)|type\s+(\w+)(?:<[^>]*>)?\s*=)",
    )
    .expect("a pattern");
    let associated = ["Err", "Error", "Target", "Item", "Output", "IntoIter", "Value"];
    let mut places: BTreeMap<String, BTreeSet<PathBuf>> = BTreeMap::new();
    for file in files() {
        for found in definition.captures_iter(&text_of(&root().join(&file))) {
            let name = found.get(1).or(found.get(2)).expect("a name").as_str();
            // Each command has its arguments.
            if name != "Args" && !associated.contains(&name) {
                places.entry(name.to_owned()).or_default().insert(file.clone());
            }
        }
    }
    let twice: Vec<_> = places.iter().filter(|(_, files)| files.len() > 1).collect();
    assert!(places.len() > 500 && twice.len() <= MOST, "{} are there twice: {twice:#?}", twice.len());
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    let order: BTreeMap<String, usize> =
        rooms().into_iter().enumerate().map(|(index, room)| (room, index)).collect();
    assert!(order.len() > 20, "only {} rooms found", order.len());
    let mut faults = BTreeSet::new();
    for file in files() {
        let module = module_of(&file);
        let Some(mine) = module.first().and_then(|room| order.get(room)) else { continue };
        for path in named_in(&file) {
            let Some(other) = path.first().and_then(|room| order.get(room)) else { continue };
            if other > mine {
                faults.insert(format!("{} uses crate::{}", file.display(), path.join("::")));
            }
        }
    }
    assert!(faults.is_empty(), "against the order of src/lib.rs:\n{}", Vec::from_iter(faults).join("\n"));
}

#[expect(clippy::disallowed_methods, reason = "the repository's own files")]
fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn pages_name_files_that_exist() {
    let file = Regex::new(r"`([a-z_]+/[a-z_/]*(?:\.rs|/))`").expect("a pattern");
    let (mut count, mut missing) = (0, Vec::new());
    for name in ["ARCHITECTURE.md", "docs/performance.md"] {
        for found in file.captures_iter(&page(name)) {
            count += 1;
            let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
            if !root().join(&found[1]).exists() && !repository.join(&found[1]).exists() {
                missing.push(format!("{name}: {}", &found[1]));
            }
        }
    }
    assert!(count > 30, "only {count} files are named");
    assert!(missing.is_empty(), "these files are named and do not exist: {}", missing.join(", "));
}

#[test]
fn the_map_lists_the_rooms() {
    let text = page("ARCHITECTURE.md");
    let row = Regex::new(r"(?m)^\| `(\w+)(?:/|\.rs)?` ").expect("a pattern");
    let listed: Vec<String> = row.captures_iter(&text).map(|found| found[1].to_owned()).collect();
    assert_eq!(
        listed,
        rooms(),
        "the table of ARCHITECTURE.md (left) and src/lib.rs (right) list the same rooms"
    );
}

#[test]
fn only_the_rooms_that_talk_to_servers_use_http() {
    let allowed = ["http", "registry_client", "transfer", "dcos", "marathon", "deploy", "command"];
    let faults: Vec<String> = files()
        .into_iter()
        .filter(|file| !module_of(file).first().is_some_and(|room| allowed.contains(&room.as_str())))
        .filter(|file| {
            named_in(file).iter().any(|path| path.first().is_some_and(|room| room == "http"))
                || text_of(&root().join(file)).contains("reqwest::")
        })
        .map(|file| file.display().to_string())
        .collect();
    assert!(faults.is_empty(), "these rooms open no sockets: {faults:?}");
}

#[test]
fn areas_of_rules_do_not_use_each_other_in_circles() {
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for file in files() {
        let module = module_of(&file);
        let area = |path: &[String]| {
            let name = (path.first().map(String::as_str) == Some("rule")).then(|| path.get(1))??;
            RULE_AREAS.into_iter().find(|area| area == name)
        };
        let Some(from) = area(&module) else { continue };
        seen.insert(from);
        for to in named_in(&file).iter().filter_map(|path| area(path)).filter(|to| *to != from) {
            edges.entry(from).or_default().insert(to);
        }
    }
    assert_eq!(seen.len(), RULE_AREAS.len(), "areas that are there: {seen:?}");
    for (from, uses) in &edges {
        let mut open: Vec<&str> = uses.iter().copied().collect();
        let mut met = BTreeSet::new();
        while let Some(area) = open.pop() {
            assert_ne!(area, *from, "rule/{from} uses itself by way of others: {edges:?}");
            if met.insert(area) {
                open.extend(edges.get(area).into_iter().flatten());
            }
        }
    }
}
