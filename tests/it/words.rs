//! What the program says around its results: help, summaries, layouts, exit codes.

use std::path::Path;

use crate::common::{TestDir, each_case};

/// The commands whose arguments are in a file of that name.
const COMMANDS: &[&[&str]] = &[
    &["lint"],
    &["serve"],
    &["normalize"],
    &["diff"],
    &["export"],
    &["fmt"],
    &["convert"],
    &["migrate"],
    &["rules"],
    &["explain"],
    &["render"],
    &["templates"],
    &["wire"],
    &["creds"],
    &["creds", "login"],
    &["creds", "show"],
    &["creds", "import"],
    &["creds", "archive"],
    &["creds", "verify"],
    &["creds", "secret"],
    &["creds", "cluster"],
    &["creds", "check"],
    &["registry"],
    &["registry", "app"],
    &["registry", "group"],
    &["registry", "check"],
    &["registry", "task"],
    &["registry", "cert"],
    &["registry", "trust"],
    &["registry", "drain"],
    &["registry", "up"],
    &["registry", "user"],
    &["image"],
    &["image", "push"],
    &["image", "pull"],
    &["image", "copy"],
    &["image", "inspect"],
    &["image", "delete"],
    &["image", "check"],
    &["plan"],
    &["deploy"],
    &["wait"],
    &["status"],
    &["history"],
    &["rollback"],
    &["app", "add"],
    &["pod", "add"],
    &["app", "list"],
    &["app", "show"],
    &["app", "remove"],
    &["app", "start"],
    &["app", "stop"],
    &["app", "restart"],
    &["app", "kill"],
    &["app", "update"],
    &["pod", "list"],
    &["pod", "show"],
    &["pod", "remove"],
    &["pod", "update"],
    &["pod", "kill"],
    &["group", "add"],
    &["group", "list"],
    &["group", "show"],
    &["group", "scale"],
    &["group", "remove"],
    &["group", "update"],
    &["deployment", "list"],
    &["deployment", "watch"],
    &["deployment", "rollback"],
    &["deployment", "stop"],
    &["task", "list"],
    &["task", "show"],
    &["task", "stop"],
    &["task", "kill"],
    &["debug", "list"],
    &["debug", "summary"],
    &["debug", "details"],
    &["about"],
    &["ping"],
    &["dcos"],
    &["secret"],
    &["secret", "put"],
    &["secret", "get"],
    &["secret", "list"],
    &["secret", "delete"],
    &["login"],
    &["logout"],
    &["whoami"],
    &["config", "show"],
];

/// The paragraphs that document a command's `Args`.
fn documentation(source: &str) -> Vec<String> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let args = lines.iter().position(|line| line.ends_with("struct Args {")).expect("a struct of arguments");
    // Between the documentation and the struct there are attributes, with texts of several lines.
    let is_code = |line: &&&str| **line == "}" || line.ends_with(';') && !line.starts_with("///");
    let own = lines[..args].iter().rev().take_while(|line| !is_code(line)).count();
    let docs: Vec<&str> = lines[args - own..args].to_vec();
    let docs = docs.iter().filter_map(|line| line.strip_prefix("///")).map(str::trim);
    let mut paragraphs = vec![String::new()];
    for line in docs {
        match paragraphs.last_mut() {
            Some(last) if !line.is_empty() => format!("{last} {line}").trim().clone_into(last),
            _ => paragraphs.push(String::new()),
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_documentation_of_each_command_is_in_its_help() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/command");
    let mut paragraphs = 0;
    each_case(COMMANDS, |command| {
        let path = sources.join(command.join("/"));
        let alone = path.with_extension("rs");
        let path = if alone.exists() { alone } else { path.join("mod.rs") };
        let source =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let help = on_one_line(&TestDir::new().run(&[command, &["--help"][..]].concat()));
        let documented = documentation(&source);
        let first =
            documented.first().unwrap_or_else(|| panic!("{}: `Args` has no documentation", path.display()));
        let opening = help.split_once("stdout ----- ").map_or("", |(_, help)| help);
        assert!(
            opening.starts_with(first.trim_end_matches('.')),
            "`{command:?} --help` opens with {opening}"
        );
        for paragraph in documented {
            paragraphs += 1;
            let wanted = on_one_line(&paragraph);
            // Clap drops the full stop at the end of the first paragraph.
            assert!(help.contains(wanted.trim_end_matches('.')), "`{command:?} --help` lacks: {wanted}");
        }
    });
    assert!(paragraphs >= 25, "only {paragraphs} paragraphs were found");
}

#[test]
fn short_help_fits_a_screen() {
    // These have their words in the file of another command.
    let others = [
        &["app"][..],
        &["app", "version", "list"],
        &["pod"],
        &["group"],
        &["deployment"],
        &["task"],
        &["debug"],
        &["delay", "list"],
        &["delay", "reset"],
        &["leader", "show"],
        &["leader", "delete"],
        &["plugin", "list"],
        &["registry", "backup"],
        &["registry", "restore"],
        &["image", "list"],
        &["image", "tags"],
        &[],
    ];
    let commands = COMMANDS.iter().copied().chain(others);
    let (mut lines, mut longest) = (Vec::new(), 0);
    for command in commands {
        let output = TestDir::new()
            .command(&[command, &["-h"][..]].concat())
            .env("COLUMNS", "80")
            .output()
            .expect("it runs");
        let help = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{help}");
        let (short, long) = (help.lines().count(), TestDir::new().run(&[command, &["--help"][..]].concat()));
        // A list of commands is as long as there are commands.
        let most = if command.is_empty() { 55 } else { 30 };
        let wide = help.lines().map(|line| line.chars().count()).max();
        assert!(wide <= Some(80), "`{command:?} -h` has lines of {wide:?} columns:\n{help}");
        assert!(short <= most, "`{command:?} -h` has {short} lines:\n{help}");
        longest = longest.max(short);
        // In the columns that clap takes where it knows none.
        let as_wide = TestDir::new().command(&[command, &["-h"][..]].concat()).output().expect("it runs");
        lines.push(String::from_utf8_lossy(&as_wide.stdout).lines().count());
        // Where it leaves out options it says so.
        let options = |help: &str| {
            let help = help.split("\nExamples:").next().unwrap_or_default();
            help.lines()
                .filter(|line| {
                    let option = line.strip_prefix("      ").or(line.strip_prefix("  ")).unwrap_or_default();
                    option.starts_with('-') && !option.starts_with("- ")
                })
                .count()
        };
        let is_whole = options(&help) == options(&long);
        assert_eq!(!is_whole, help.ends_with("More options: --help\n"), "{command:?}: {help}");
        assert!(!long.contains("More options: --help"), "{long}");
    }
    let on_a_screen = lines.iter().filter(|lines| **lines <= 24).count();
    assert!(on_a_screen * 5 >= lines.len() * 4, "{on_a_screen} of {}: {lines:?}, {longest}", lines.len());
}

#[test]
fn excerpts_fit_into_the_columns_of_their_reader() {
    let value = "\u{4e16}\u{754c} caf\u{e9}\t".repeat(30);
    let text = format!(
        "{{\"id\": \"/a\", \"cmd\": \"sleep 1\", \"x\": \"{value}\", \"foo\": 1, \"y\": \"{value}\"}}"
    );
    let test = TestDir::new().file("a.json", text);
    each_case(["40", "60", "100"], |columns| {
        for args in [
            &["lint", "a.json", "--ignore", "no-health-check"][..],
            &["normalize", "--target", "1.4", "a.json"],
        ] {
            let output = test.command(args).env("COLUMNS", columns).output().expect("it runs");
            let shown = [output.stdout, output.stderr].concat();
            let shown = String::from_utf8_lossy(&shown).into_owned();
            let sources: Vec<&str> = shown.lines().filter(|line| line.starts_with("1 | ")).collect();
            let most: usize = columns.parse().expect("a number");
            for source in sources {
                let wide = source.chars().filter(|c| !c.is_ascii() && *c > '\u{2e80}').count();
                assert!(source.chars().count() + wide <= most, "{columns}: {source}");
            }
        }
    });
    // Without a width an excerpt is as long as before.
    let output = test.command(&["lint", "a.json"]).env_remove("COLUMNS").output().expect("it runs");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.lines().any(|line| line.starts_with("1 | ") && line.chars().count() > 100), "{shown}");
}

#[test]
fn help_is_a_command_and_near_misses_are_named() {
    let test = TestDir::new();
    assert!(test.run(&["help"]).contains("lint"), "{}", test.run(&["help"]));
    assert!(test.run(&["help", "lint"]).contains("milepost-ignore"));
    each_case(
        [
            ("lnit", "lint"),
            ("normalise", "normalize"),
            ("format", "fmt"),
            ("validate", "lint"),
            ("check", "lint"),
        ],
        |(wrong, right)| {
            let output = test.run(&[wrong]);
            assert!(output.starts_with("exit: 2") && output.contains(&format!("'{right}'")), "{output}");
        },
    );
}

#[test]
fn lint_checks_this_directory_by_itself() {
    let test = TestDir::new().file("a.json", r#"{"id": "/a", "cmd": "sleep 1", "cpu": 1}"#);
    assert_eq!(test.run(&["lint"]), test.run(&["lint", "."]));
}

#[test]
fn concise_and_quiet() {
    let test = TestDir::new()
        .file("a.json", "{\"id\": \"/a\",\n \"cmd\": \"sleep 1\", \"cpu\": 1}")
        .file("b.json", "{\"id\": \"/b\", \"cmd\": }");
    insta::assert_snapshot!(test.run(&["lint", "--format", "concise", "-q", "."]));
    insta::assert_snapshot!(test.run(&["lint", "--format", "concise", ".", "missing.json"]));
    let quiet = test.run(&["lint", "-q", "a.json"]);
    assert!(quiet.ends_with("----- stderr -----\n"), "{quiet}");
}

#[test]
fn columns_are_those_of_the_line() {
    // A long line with a letter that is not ASCII, as minified files have.
    let long = "ä".repeat(300);
    let text = format!(r#"{{"id": "/a", "cmd": "sleep 1", "labels": {{"a": "{long}"}}, "cpu": 1}}"#);
    let column = text.chars().take_while(|letter| *letter != '}').count()
        + text[text.find('}').expect("one")..].find("\"cpu\"").expect("one")
        + 1;
    let test = TestDir::new().file("a.json", &text);
    let wanted = format!("a.json:1:{column}");
    each_case(["text", "concise"], |format| {
        let output = test.run(&["lint", "--format", format, "--select", "unknown-field", "a.json"]);
        assert!(output.contains(&wanted), "{wanted} is not in {output}");
    });
    let json = test.command(&["lint", "--format", "json", "a.json"]).output().expect("it runs");
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    let found = json["files"][0]["diagnostics"].as_array().expect("a list").iter();
    let columns: Vec<_> = found
        .filter(|one| one["rule"] == "unknown-field")
        .map(|one| &one["range"]["start"]["column"])
        .collect();
    assert_eq!(columns, [column]);
}

#[test]
fn many_findings_of_a_rule_are_counted() {
    let labels: Vec<String> = (0..60).map(|number| format!("\"x{number}\": {number}")).collect();
    let test = TestDir::new()
        .file("a.json", format!("{{\"id\": \"/a\", \"cmd\": \"sleep 1\",\n{}}}", labels.join(",\n")));
    let output = test.run(&["lint", "--select", "unknown-field", "a.json"]);
    assert!(output.contains("… 40 more of unknown-field in a.json (--format concise lists all)"), "{output}");
    assert!(output.contains("by rule: 60 unknown-field"), "{output}");
    let concise = test.run(&["lint", "--select", "unknown-field", "--format", "concise", "a.json"]);
    assert_eq!(concise.matches("error[unknown-field]").count(), 60);
}

#[test]
fn many_findings_of_a_rule_in_many_files_are_shown_in_a_line_each() {
    let files = (0..30).map(|number| {
        let last =
            if number == 25 { "\"container\": {\"docker\": {\"image\": \"nginx\"}}" } else { "\"x1\": 1" };
        (format!("d{number:02}/a.json"), format!("{{\"id\": \"/a\", \"cmd\": \"sleep 1\", {last}}}"))
    });
    let test = files.fold(TestDir::new(), |test, (name, text)| test.file(&name, text));
    let output = test.run(&["lint", "--select", "unknown-field,unpinned-image", "."]);
    let with_source: Vec<_> =
        output.lines().filter_map(|line| line.trim_start().strip_prefix("--> ./")).collect();
    assert_eq!(with_source.len(), 21, "{output}");
    assert!(with_source[20].starts_with("d25/a.json:1:"), "{output}");
    assert!(output.contains("\n\n./d20/a.json:1:32: error[unknown-field] "), "{output}");
    assert!(output.contains("\n./d28/a.json:1:32: error[unknown-field] Marathon knows no field `x1`: it is ignored; remove it, or correct its name\n./d29"), "{output}");
}

#[test]
fn the_summary_names_the_target_and_how_to_learn_more() {
    let test = TestDir::new().file("a.json", r#"{"id": "/a", "cmd": "sleep 1", "cpu": 1}"#);
    let output = test.run(&["lint", "--target", "marathon-1.9", "a.json"]);
    assert!(output.contains("target marathon-1.9") && output.contains("`milepost explain "), "{output}");
}

#[test]
fn a_syntax_error_looks_the_same_everywhere() {
    let test = TestDir::new()
        .file("a.json", "{\"id\": \"/a\", \"cmd\": }")
        .file("b.json", r#"{"id": "/a", "cmd": "x"}"#)
        .file("a.json.j2", "{\"id\": \"/a\", \"cmd\": {{ }}")
        .file("made.json.j2", "{\"id\": \"/a\", \"cmd\": }");
    let commands: [&[&str]; 8] = [
        &["lint", "a.json"],
        &["normalize", "a.json"],
        &["fmt", "a.json"],
        &["convert", "a.json", "--to", "yaml"],
        &["migrate", "a.json", "--to", "1.11"],
        &["wire", "a.json", "--archive", "file:///etc/docker.tar.gz"],
        &["diff", "a.json", "b.json"],
        &["diff", "b.json", "a.json"],
    ];
    each_case(commands, |command| {
        let output = test.run(command);
        assert!(output.starts_with("exit: 1"), "{command:?}: {output}");
        assert!(output.contains("error[syntax-error]: expected a value, found '}'"), "{command:?}: {output}");
        assert!(output.contains("--> a.json:1:21"), "{command:?}: {output}");
    });
    each_case(["a.json.j2", "made.json.j2"], |template| {
        let output = test.run(&["render", template]);
        assert!(output.starts_with("exit: 1") && output.contains("syntax-error]: "), "{output}");
    });
}

#[test]
fn what_breaks_from_one_release_to_another_is_reported() {
    let old = r#"{
  "id": "/web",
  "cmd": "serve",
  "ports": [8080],
  "container": {"type": "DOCKER", "docker": {"image": "shop/web:1", "network": "BRIDGE", "credential": {"principal": "a"}}},
  "acceptedResourceRoles": ["other"]
}
"#;
    let test = TestDir::new()
        .file("services/web.json", old)
        .file("services/good.json", r#"{"id": "/good", "cmd": "sleep 100"}"#)
        .file("services/package.json", r#"{"name": "x"}"#);
    insta::assert_snapshot!(test.run(&["migrate", "services", "--from", "1.4", "--to", "1.11", "--report"]));
    assert_eq!(test.read("services/web.json"), old);
    let fine = test.run(&["migrate", "services/good.json", "--from", "1.4", "--to", "1.11", "--report"]);
    assert!(fine.starts_with("exit: 0") && fine.contains("0 of 1 definition break"), "{fine}");
}

#[test]
fn the_marks_and_the_pointer_fit_into_the_columns_of_their_reader() {
    let app = |name: &str, wide: &str| {
        format!(
            "  {{\"id\": \"{name}\", \"cmd\": \"sleep 1\", \"x\": \"{wide}\",\n   \"container\": {{\"type\": \"MESOS\", \"volumes\": \
             [{{\"containerPath\": \"a\", \"mode\": \"RW\", \"persistent\": {{\"size\": -1, \"type\": \"tape\"}}}}]}}}}"
        )
    };
    let apps =
        [app("a", "y"), app("b", &"\u{4e16}\u{754c}".repeat(12)), app("c", &"z".repeat(60))].join(",\n");
    let group = format!("{{\"id\": \"/g\", \"groups\": [{{\"id\": \"h\", \"apps\": [\n{apps}\n]}}]}}");
    let test = TestDir::new().file("g.json", group);
    each_case([40, 60, 80], |columns| {
        let output =
            test.command(&["lint", "g.json"]).env("COLUMNS", columns.to_string()).output().expect("it runs");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let marks: Vec<&str> = shown.lines().filter(|line| line.trim_start().starts_with("| ")).collect();
        assert!(marks.len() > 5, "{shown}");
        for line in marks {
            assert!(line.chars().count() <= columns, "{columns}: {line}\n{shown}");
        }
        for app in 0..3 {
            let pointer = format!("/groups/0/apps/{app}/container/volumes/0/persistent/size");
            assert!(shown.contains(&pointer), "{pointer}: {shown}");
        }
    });
}
