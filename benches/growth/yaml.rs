//! YAML of any size that is read, converted or edited.

use std::time::{Duration, Instant};

use milepost::credential::{Archive, Credential, WireOptions, wire};
use milepost::finding::FixKind;
use milepost::fix::{FixProver, apply_fixes, prove};
use milepost::format;
use milepost::lint::Linter;
use milepost::source::{Document, Format, Kind};
use milepost::target::{Release, Target};

/// Something done with a text.
pub(crate) struct YamlCase {
    pub(crate) name: &'static str,
    pub(crate) text: fn(usize) -> String,
    run: fn(&str) -> String,
}

impl YamlCase {
    /// How long it takes, and how long the result is.
    pub(crate) fn cost(&self, text: &str) -> (Duration, usize) {
        let start = Instant::now();
        let after = (self.run)(text);
        (start.elapsed(), after.len())
    }
}

fn document(text: &str) -> Document {
    Document::parse(text, Format::Yaml).expect("YAML")
}

fn to_jsonc(text: &str) -> String {
    format::convert(&document(text), Format::Jsonc).expect("it can be converted").text
}

fn read(text: &str) -> String {
    document(text).root().get("env").map_or(String::new(), |env| env.members().count().to_string())
}

fn with_archive(text: &str) -> String {
    let archive = Archive::new("file:///etc/docker.tar.gz").expect("sound");
    let options = WireOptions::new(Credential::Archive(archive), Release::LATEST);
    wire(document(text), Kind::Group, &options).expect("wired").document.text().to_owned()
}

fn fixed(text: &str) -> String {
    let settings = "dcos".parse::<Target>().expect("a target").settings();
    let find = |text: &str| Linter::default().lint(text.into(), Format::Yaml, None, &settings).findings;
    let fixed = apply_fixes(text.to_owned(), Format::Yaml, FixKind::Safe, None, find);
    assert!(!fixed.done.is_empty(), "nothing was fixed");
    fixed.text
}

/// As `lint --fix` does it, with each fix proven.
fn proven(text: &str) -> String {
    let settings = "dcos".parse::<Target>().expect("a target").settings();
    let judge = FixProver::new(Format::Yaml, Kind::Group, &settings);
    let find = |text: &str| {
        let mut found = Linter::default().lint(text.into(), Format::Yaml, None, &settings).findings;
        prove(&judge, text, &mut found);
        found
    };
    let fixed = apply_fixes(text.to_owned(), Format::Yaml, FixKind::Safe, Some(&judge), find);
    assert!(!fixed.done.is_empty(), "nothing was fixed");
    fixed.text
}

fn repeated(count: usize, head: &str, line: fn(usize) -> String) -> String {
    (0..count).fold(head.to_owned(), |text, n| text + &line(n))
}

fn merged(count: usize) -> String {
    let anchors = repeated(count, "", |n| format!("x{n}: &x{n} {{k{n}: v}}\n"));
    let aliases: Vec<String> = (0..count).map(|n| format!("*x{n}")).collect();
    format!("{anchors}id: /a\ncmd: sleep 1\nenv:\n  <<: [{}]\n", aliases.join(", "))
}

fn bare_apps(count: usize) -> String {
    repeated(count, "id: /g\napps:\n", |n| {
        format!("- id: a{n} # app\n  container:\n    docker:\n      image: a/b:1\n")
    })
}

fn old_apps(count: usize) -> String {
    repeated(count, "id: /g\napps:\n", |n| {
        format!(
            "# c\n- id: a{n}\n  cmd: x y # d\n  uris: [\"http://x/a.tgz\"]\n  cpu: 1\n  container: {{type: DOCKER, docker: \
             {{image: \"r.example.com/x:1\"}}}}\n"
        )
    })
}

pub(crate) fn cases() -> Vec<YamlCase> {
    let case = |name, text, run| YamlCase { name, text, run };
    let headed: fn(usize) -> String =
        |count| repeated(count, "", |_| "# c\n".to_owned()) + "id: /a\ncmd: x y\n";
    let commented: fn(usize) -> String =
        |count| repeated(count, "id: /a\nenv:\n", |n| format!("  # above\n  K{n}: v # beside\n"));
    let slips: fn(usize) -> String = |count| {
        repeated(count, "id: /g\napps:\n", |n| format!("- id: a{n}\n  cmd: x y\n  label: {{a: b}}\n"))
    };
    vec![
        case("convert YAML with comments before the first entry", headed, to_jsonc),
        case("convert YAML with comments at every entry", commented, to_jsonc),
        case("read a list of merged mappings", merged, read),
        case("wire an archive to apps in a YAML group", bare_apps, with_archive),
        case("fix every app of a YAML group", slips, fixed),
        case("prove and fix every app of a YAML group", old_apps, proven),
    ]
}
