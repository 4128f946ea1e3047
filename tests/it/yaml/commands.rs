//! Commands that change YAML files.

use super::super::common::{TestDir, each_case};

const WEB: &str = "\
# The mailer
id: /mailer # absolute
cpus: 0.1
mem: 512
container:
  docker:
    image: \"registry.example.com/mailer:3\"
    network: BRIDGE # NAT
    portMappings:
      - containerPort: 8080 # http
";

#[test]
fn wire_migrate_and_fix_change_yaml_in_place() {
    let test = TestDir::new()
        .file("web.yml", WEB)
        .file("old.yml", WEB)
        .file("slip.yaml", "id: /a\ncmd: sleep 1\nlabel: # whose\n  team: 'a'\n");
    let archive = ["wire", "web.yml", "--archive", "file:///etc/docker.tar.gz", "--write"];
    assert_eq!(
        test.run(&archive),
        "exit: 0\n----- stdout -----\n----- stderr -----\nwired web.yml: fetch of file:///etc/docker.tar.gz\n"
    );
    let fetch = "fetch:\n  - uri: file:///etc/docker.tar.gz\n";
    // Dashes are indented as in the rest of the file.
    assert_eq!(test.read("web.yml"), format!("{WEB}{fetch}"));
    assert!(test.run(&archive).contains("unchanged web.yml"));

    let migrated = test.run(&["migrate", "old.yml", "--to", "1.11", "--write"]);
    assert!(migrated.starts_with("exit: 0"), "{migrated}");
    let new = test.read("old.yml");
    let wanted = WEB
        .replace("    network: BRIDGE # NAT\n", "    # NAT\n")
        .replace("    portMappings:\n      - ", "  portMappings:\n    - ");
    assert_eq!(new, format!("{wanted}networks:\n  - mode: container/bridge\n"));
    let again = test.run(&["migrate", "old.yml", "--to", "1.11", "--diff"]);
    assert!(again.starts_with("exit: 0") && again.contains("nothing migrated"), "{again}");
    let stored = |name: &str| test.command(&["normalize", name]).output().expect("the program runs").stdout;
    std::fs::write(test.path().join("first.yml"), WEB).expect("written");
    assert_eq!(stored("old.yml"), stored("first.yml"));

    let fixed = test.run(&["lint", "--fix", "slip.yaml"]);
    assert!(fixed.starts_with("exit: 0") && fixed.contains("fixed slip.yaml"), "{fixed}");
    assert_eq!(test.read("slip.yaml"), "id: /a\ncmd: sleep 1\nlabels: # whose\n  team: 'a'\n");
}

#[test]
fn json_in_a_yaml_file_stays_json() {
    let text = "{\n  \"id\": \"/shop/web\",\n  \"cpus\": 0.1,\n  \"mem\": 64,\n  \"container\": {\n    \"type\": \"DOCKER\",\n    \
                \"docker\": {\n      \"image\": \"registry.example.com/mailer:3\",\n      \"network\": \"BRIDGE\"\n    }\n  }\n}\n";
    let test = TestDir::new().file("a.yaml", text).file("a.json", text);
    each_case(["a.yaml", "a.json"], |name| {
        for args in [
            &["wire", name, "--archive", "file:///etc/docker.tar.gz", "--write"][..],
            &["migrate", name, "--to", "1.11", "--write"],
        ] {
            let told = test.run(args);
            assert!(told.starts_with("exit: 0"), "{told}");
        }
    });
    assert_ne!(test.read("a.json"), text);
    assert_eq!(test.read("a.yaml"), test.read("a.json"));
}

#[test]
fn what_an_alias_repeats_is_fixed_where_all_need_it_and_refused_otherwise() {
    let test = TestDir::new()
        .file("all.yaml", "- id: /a\n  cmd: x y\n  upgradeStrategy: &u\n    minimumHealthCapasity: 1\n- id: /b\n  cmd: x y\n  upgradeStrategy: *u\n")
        .file("env.yaml", "id: /a\ncmd: x y\nenv: &e {A: b}\nlabels:\n  <<: *e\nlabel: *e\n");
    let told = test.run(&["lint", "--fix", "all.yaml"]);
    assert!(test.read("all.yaml").contains("minimumHealthCapacity: 1"), "{told}");
    let told = test.run(&["lint", "--fix", "env.yaml"]);
    assert!(told.starts_with("exit: "), "{told}");
    let refused = TestDir::new().file(
        "two.yaml",
        "- id: /a\n  container: &c {docker: {image: 'a:1'}}\n- id: /b\n  cmd: x y\n  env:\n    X: y\n  \
         container: *c\n  secrets: {pull: {source: other}}\n",
    );
    let told = refused.run(&["wire", "two.yaml", "--docker-certs", "--diff"]);
    assert!(told.starts_with("exit: 1"), "both containers get the volume: {told}");
}

#[test]
fn a_refusal_names_the_place_and_what_to_do() {
    let text = "id: /a\nenv: &e {A: b}\nlabels: *e\ncontainer:\n  ? docker\n  : {image: 'a:1'}\n";
    let test = TestDir::new().file("a.yaml", text);
    let told = test.run(&["wire", "a.yaml", "--docker-certs", "--write"]);
    assert_eq!(
        told,
        "exit: 2\n----- stdout -----\n----- stderr -----\nerror: this YAML cannot be edited there: its notation is not one that milepost \
         edits\n --> a.yaml:5:3\n  |\n5 |   ? docker\n  |   ^\n  |\n  = help: `milepost convert a.yaml --to json` writes it as \
         JSON, which can be edited\n\n"
    );
    assert_eq!(test.read("a.yaml"), text);
}

#[test]
fn reports_carry_the_edits_of_fixes_in_yaml() {
    let test = TestDir::new().file("a.yaml", "id: /a\ncmd: sleep 1\nlabel: {team: a}\n");
    let told = test.run(&["lint", "a.yaml", "--format", "json"]);
    assert!(told.contains(r#""replacement":"labels""#), "{told}");
}

/// YAML takes typographic quotes for a part of the text.
#[test]
fn typographic_quotes_around_a_text_are_named() {
    let text = "id: /a\ncmd: \u{201c}sleep 1\u{201d} # wait\nenv:\n  A: \u{2018}x\u{2019}\n  B: \"\u{201c}meant\u{201d}\"\n  C: it\u{2019}s\n  D: \u{201e}a\u{201c} and \u{201e}b\u{201c}\n";
    let test = TestDir::new().file("web.yaml", text);
    let args = ["lint", "web.yaml", "--format", "concise", "--ignore", "no-health-check"];
    let said = test.run(&args);
    assert_eq!(said.matches("warning[typographic-quotes]").count(), 2, "{said}");
    assert!(said.contains("web.yaml:2:6: ") && said.contains("web.yaml:4:6: "), "{said}");
    test.run(&["lint", "web.yaml", "--fix=unsafe", "--select", "typographic-quotes"]);
    let fixed = text.replace("\u{201c}sleep 1\u{201d}", "sleep 1").replace("\u{2018}x\u{2019}", "x");
    assert_eq!(test.read("web.yaml"), fixed);
    let json = TestDir::new().file("web.json", "{\"id\": \"/a\", \"cmd\": \"\u{201c}x\u{201d}\"}");
    assert!(!json.run(&["lint", "web.json"]).contains("typographic"));
}
