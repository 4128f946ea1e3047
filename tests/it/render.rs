//! Tests of `milepost render` and `milepost templates`.

mod built_in;
mod limits;
mod mistakes;

use super::common::{TestDir, each_case};

const WEB: &str = r#"{
  "id": "/{{ team }}/{{ name }}",
  "cpus": {{ cpus | default(0.1) }},
  "cmd": {{ cmd }},
  "env": {{ env | default({}) }}
}
"#;

#[test]
fn layers_of_values_make_a_definition() {
    let test = TestDir::new()
        .file("web.json.j2", WEB)
        .file("base.yaml", "# defaults\nteam: shop\nname: web\ncpus: 0.50\nenv: {LOG: info, ZONE: a}\n")
        .file("prod.toml", "cmd = 'serve \"all\"'\n[env]\nLOG = \"warn\"\nSTART = 2024-05-01\n")
        .file("last.json", r#"{"name": "api"}"#);
    insta::assert_snapshot!(
        test.run(&["render", "web.json.j2", "-f", "base.yaml", "-f", "prod.toml", "-f", "last.json"]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/shop/api",
      "cpus": 0.50,
      "cmd": "serve \"all\"",
      "env": {
        "LOG": "warn",
        "ZONE": "a",
        "START": "2024-05-01"
      }
    }
    ----- stderr -----
    "#);
    insta::assert_snapshot!(
        test.run(&["render", "web.json.j2", "-f", "base.yaml", "--set-json", r#"cmd="a\"b""#, "--set", "cpus=3", "--set", "env.ZONE=b",
                    "--set-string", "env.PORT=80"]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/shop/web",
      "cpus": 3,
      "cmd": "a\"b",
      "env": {
        "LOG": "info",
        "ZONE": "b",
        "PORT": "80"
      }
    }
    ----- stderr -----
    "#);
    let from_environment = test
        .command(&["render", "web.json.j2", "-f", "last.json", "--env-prefix", "CI"])
        .envs([
            ("CI_TEAM", "shop"),
            ("CI_CMD", "sleep 1"),
            ("CI_CPUS", "0.25"),
            ("CI_ENV__LOG_LEVEL", "debug"),
            ("CIX", "no"),
            ("CI_", "no"),
        ])
        .output()
        .expect("the program runs");
    insta::assert_snapshot!(String::from_utf8_lossy(&from_environment.stdout), @r#"
    {
      "id": "/shop/api",
      "cpus": 0.25,
      "cmd": "sleep 1",
      "env": {
        "log_level": "debug"
      }
    }
    "#);
}

#[test]
fn a_value_cannot_leave_its_place() {
    let evil = r#"x", "cmd": "evil"#;
    let test = TestDir::new()
        .file("app.json.j2", r#"{"id": "/a", "cmd": "run {{ v }}", "user": {{ v }}, "labels": {"{{ v }}": "{{ v | tojson }}"}}"#)
        .file("app.yaml.j2", "id: /a\nuser: run {{ v }}\nargs: ['{{ v }}', \"{{ v }}\"]\nlabels: {{ {v: v} }}\nenv:\n  B: {{ v }}\n  A: |\n    {{ v }}\n");
    insta::assert_snapshot!(test.run(&["render", "app.json.j2", "--no-check", "--set", &format!("v={evil}")]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/a",
      "cmd": "run x\", \"cmd\": \"evil",
      "user": "x\", \"cmd\": \"evil",
      "labels": {
        "x\", \"cmd\": \"evil": "\"x\\\", \\\"cmd\\\": \\\"evil\""
      }
    }
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["render", "app.yaml.j2", "--no-check", "--set", "v=a: b # c\n- 'd'\"e\""]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/a",
      "user": "run a: b # c\n- 'd'\"e\"",
      "args": [
        "a: b # c\n- 'd'\"e\"",
        "a: b # c\n- 'd'\"e\""
      ],
      "labels": {
        "a: b # c\n- 'd'\"e\"": "a: b # c\n- 'd'\"e\""
      },
      "env": {
        "B": "a: b # c\n- 'd'\"e\"",
        "A": "a: b # c\n- 'd'\"e\"\n"
      }
    }
    ----- stderr -----
    "#);
}

#[test]
fn yaml_and_jsonc_render_to_json() {
    let test = TestDir::new()
        .file("app.yaml.j2", "id: /{{ team }}/web\ncmd: sleep 1\ncontainer:\n  type: DOCKER\n  docker:\n    image: nginx:{{ tag }}\ncpus: {{ cpus }}\n")
        .file("app.jsonc.j2", "{\n  // where it lives: {{ team }}\n  \"id\": \"/{{ team }}\",\n  \"args\": [{% for a in args %}{{ a }},{% endfor %}],\n}\n")
        .file("comma.json.j2", r#"{"id": "/a", "args": [{% for a in args %}{{ a }}{{ ", " if not loop.last }}{% endfor %}]}"#);
    insta::assert_snapshot!(test.run(&["render", "app.yaml.j2", "--set", "team=shop", "--set", "tag=1.10", "--set", "cpus=1e-1"]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/shop/web",
      "cmd": "sleep 1",
      "container": {
        "type": "DOCKER",
        "docker": {
          "image": "nginx:1.10"
        }
      },
      "cpus": 1e-1
    }
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["render", "app.jsonc.j2", "--set", "team=shop", "--set-json", r#"args=["a", ","]"#]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/shop",
      "args": [
        "a",
        ","
      ]
    }
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["render", "comma.json.j2", "--set-json", r#"args=["a", ","]"#]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/a",
      "args": [
        "a",
        ","
      ]
    }
    ----- stderr -----
    "#);
}

#[test]
fn templates_are_built_from_others() {
    let test = TestDir::new()
        .file("t/base.json.j2", r#"{"id": "/{{ name }}", "cmd": "{% block cmd %}sleep 1{% endblock %}", {% include "parts/resources.j2" %}}"#)
        .file("t/parts/resources.j2", r#"{% from "../macros.j2" import res %}{{ res("cpus", cpus | default(1)) }}"#)
        .file("t/macros.j2", r#"{% macro res(name, v) %}"{{ name }}": {{ v }}{% endmacro %}"#)
        .file("t/web.json.j2", "{% extends \"base.json.j2\" %}{% block cmd %}serve {{ dir }}{% endblock %}");
    insta::assert_snapshot!(test.run(&["render", "t/web.json.j2", "--set", "name=web", "--set", "dir=\"x\""]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/web",
      "cmd": "serve \"x\"",
      "cpus": 1
    }
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["render", "t/web.json.j2", "--list-variables"]), @r#"
    exit: 0
    ----- stdout -----
    dir   required
    name  required
    cpus  = 1
    ----- stderr -----
    "#);
}

#[test]
fn variables_are_listed_as_far_as_they_can_be() {
    let test = TestDir::new()
        .file(
            "a.json.j2",
            "{% include 'no.j2' %}{% include 'maybe.j2' ignore missing %}{% include part %}{{ a }}",
        )
        .file("b.json.j2", "{{ a ");
    insta::assert_snapshot!(test.run(&["render", "a.json.j2", "--list-variables"]), @r#"
    exit: 0
    ----- stdout -----
    part  required
    a     required
    ----- stderr -----
    note: a template is included by a computed name: there may be more variables
    warning: no.j2 cannot be read: its variables are not listed
    "#);
    insta::assert_snapshot!(test.run(&["render", "b.json.j2", "--list-variables"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[template-syntax-error]: unexpected end of input, expected end of variable block
     --> b.json.j2:1:4
      |
    1 | {{ a 
      |    ^
    "#);
}

#[test]
fn several_definitions_go_to_several_files() {
    let test = TestDir::new().file(
        "all.json.j2",
        r#"[{% for n in names %}{"id": "/shop/{{ n }}", "cmd": "sleep 1"}{{ "," if not loop.last }}{% endfor %}]"#,
    );
    let names = ["--set-json", r#"names=["a", "b"]"#];
    insta::assert_snapshot!(test.run(&[&["render", "all.json.j2", "-o", "out/"], &names[..]].concat()), @r#"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote out/shop/a.json
    wrote out/shop/b.json
    "#);
    insta::assert_snapshot!(test.read("out/shop/b.json"), @r#"
    {
      "id": "/shop/b",
      "cmd": "sleep 1"
    }
    "#);
    insta::assert_snapshot!(test.run(&[&["render", "all.json.j2"], &names[..]].concat()), @r#"
    exit: 0
    ----- stdout -----
    [
      {
        "id": "/shop/a",
        "cmd": "sleep 1"
      },
      {
        "id": "/shop/b",
        "cmd": "sleep 1"
      }
    ]
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["render", "all.json.j2", "-o", "out/", "--set-json", r#"names=["a", "a"]"#]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    warning[duplicate-id]: /shop/a is defined twice here
     --> all.json.j2 (rendered):7:11
      |
    7 |     "id": "/shop/a",
      |           ^^^^^^^^^ /1/id
      |
      = help: remove one of the two, or give it another id

    error: all.json.j2 (rendered) [1] and all.json.j2 (rendered) [0] have the same id: both would be out/shop/a.json
    "#);
    insta::assert_snapshot!(test.run(&["render", "all.json.j2", "-o", "out/", "--set-json", r#"names=["../../x"]"#]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: all.json.j2 (rendered) [0]: no file can be named after its id; give the id segments of small letters, digits, `-` and `.`, or name the file with -o
    "#);
    insta::assert_snapshot!(test.run(&["render", "all.json.j2", "--set-json", "names=[]"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: all.json.j2 (rendered): the array is empty: there is nothing to write
    "#);
}

#[test]
fn one_definition_goes_to_one_file() {
    let test = TestDir::new().file("old.json", "kept until it is replaced");
    let web = ["render", "web-docker", "--set", "id=/shop/web", "--set", "image=nginx:1.27.3", "-o"];
    insta::assert_snapshot!(test.run(&[&web[..], &["old.json"]].concat()), @r#"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote old.json
    "#);
    assert!(test.read("old.json").starts_with("{\n  \"id\": \"/shop/web\",\n"));
    insta::assert_snapshot!(test.run(&[&web[..], &["."]].concat()), @r#"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote ./shop/web.json
    "#);
    assert_eq!(test.read("shop/web.json"), test.read("old.json"));
    insta::assert_snapshot!(test.run(&[&web[..], &["no/such/web.json"]].concat()), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot write no/such/web.json: there is no directory no/such
    "#);
}

#[test]
fn what_marathon_would_refuse_or_ignore_is_not_written() {
    let test = TestDir::new()
        .file("bad.json.j2", "{\"id\": {{ id }}, \"cmd\": \"sleep 1\", \"cpus\": {{ cpus }}}")
        .file("odd.json.j2", "{\"id\": {{ id }}, \"cmd\": \"sleep 1\", \"lable\": {}}");
    insta::assert_snapshot!(
        test.run(&["render", "bad.json.j2", "--set", "id=/a", "--set", "cpus=many", "-o", "out.json"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[wrong-type]: `cpus` must be a number, not a string
     --> bad.json.j2 (rendered):4:11
      |
    4 |   "cpus": "many"
      |           ^^^^^^ /cpus

    "#);
    insta::assert_snapshot!(test.run(&["render", "odd.json.j2", "--set", "id=/a", "-o", "out.json"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[unknown-field]: Marathon knows no field `lable`: it is ignored
     --> odd.json.j2 (rendered):4:3
      |
    4 |   "lable": {}
      |   ^^^^^^^ /lable
      |
      = help: did you mean `labels`?

    "#);
    assert!(!test.path().join("out.json").exists());
}

/// A schema beside the template: values are held against it, all layers together, before anything is rendered.
#[test]
fn values_are_held_against_a_schema_beside_the_template() {
    let schema = "type: object\nrequired: [name, team]\nadditionalProperties: false\nproperties:\n  name: {type: string}\n  \
        team: {type: string}\n  cpus: {maximum: 4}\n  env: {additionalProperties: {type: string, maxLength: 5}}\n";
    let template = r#"{"id": "/{{ team }}/{{ name }}", "cmd": "sleep 100", "cpus": {{ cpus }}, "env": {{ env | default({}) }}}"#;
    let test = TestDir::new()
        .file("t/web.json.j2", template)
        .file("t/values.schema.yaml", schema)
        .file("base.yaml", "name: web\ncpus: 8\nenv:\n  KEY: hunter2\n")
        .file("prod.toml", "name = \"web\"\n[env]\nKEY = \"hunter2\"\n")
        .file("good.json", r#"{"name": "web", "team": "shop", "cpus": 2}"#);
    let refused = |said: String, lines: &[&str]| {
        assert!(said.starts_with("exit: 1\n----- stdout -----\n----- stderr -----\n"), "{said}");
        for line in lines {
            let (place, message) = line.split_once(' ').expect("a place");
            let title = format!("error[value-against-schema]: {message}\n");
            let is_said = said.contains(&title) && said.contains(&format!("--> {place}\n"));
            assert!(is_said, "{line}\n{said}");
        }
        let help = "= help: t/values.schema.yaml says what values there are\n";
        assert_eq!(said.matches("error[").count(), lines.len(), "{said}");
        assert_eq!(said.matches(help).count(), lines.len(), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    };
    let render = ["render", "t/web.json.j2"];
    refused(
        test.run(&[&render[..], &["-f", "base.yaml"]].concat()),
        &[
            "base.yaml:1:1 this set of values lacks `team`",
            "base.yaml:2:7 `cpus` must be 4 or less",
            "base.yaml:4:8 `KEY` must have 5 characters or less",
        ],
    );
    // The last layer that has a value is named.
    let layers = ["-f", "base.yaml", "-f", "prod.toml", "--set", "team=shop", "--set", "cpus=9"];
    refused(
        test.run(&[&render[..], &layers].concat()),
        &[
            "t/web.json.j2:1:1 --set cpus: `cpus` must be 4 or less",
            "prod.toml:3:7 `KEY` must have 5 characters or less",
        ],
    );
    refused(
        test.run(&render),
        &[
            "t/web.json.j2:1:1 values: this set of values lacks `name`",
            "t/web.json.j2:1:1 values: this set of values lacks `team`",
        ],
    );
    let mut command = test.command(&[&render[..], &["-f", "good.json", "--env-prefix", "CI"]].concat());
    let output = command.env("CI_CPUS", "16").output().expect("the program runs");
    refused(
        test.describe(&output),
        &["t/web.json.j2:1:1 the environment variable CI_CPUS: `cpus` must be 4 or less"],
    );
    // In the forms for programs as anything else that `render` finds.
    let layers = ["-f", "base.yaml", "--set", "team=shop", "--set", "cpus=9", "--format"];
    let said = |format: &str| test.run(&[&render[..], &layers, &[format]].concat());
    insta::assert_snapshot!(said("json") + &said("github") + &said("concise"));
    let twice = TestDir::new()
        .file("web.json.j2", template)
        .file("values.schema.json", "{}")
        .file("values.schema.yaml", schema);
    let said = twice.run(&["render", "web.json.j2", "--set", "name=x"]);
    assert!(
        said.starts_with("exit: 2\n") && said.contains("values.schema.json and values.schema.yaml"),
        "{said}"
    );
    let good = test.run(&[&render[..], &["-f", "good.json"]].concat());
    assert!(good.starts_with("exit: 0\n"), "{good}");
    let broken = TestDir::new().file("web.json.j2", template).file("values.schema.json", "{\n\"type\": 5}");
    let said = broken.run(&["render", "web.json.j2", "--set", "name=x"]);
    assert!(said.starts_with("exit: 2\n") && said.contains(" --> values.schema.json:2:9\n"), "{said}");
}

#[test]
fn a_directory_gets_each_definition_by_its_whole_id() {
    let test = TestDir::new().file(
        "web.json.j2",
        r#"{"id": {{ "/" ~ env ~ "/web" }}, "cmd": "sleep 100", "cpus": 0.1, "mem": 32}"#,
    );
    each_case(["dev", "prod"], |env| {
        let told = test.run(&["render", "web.json.j2", "--set", &format!("env={env}"), "-o", "out/"]);
        assert!(told.starts_with("exit: 0") && told.contains(&format!("wrote out/{env}/web.json")), "{told}");
    });
    each_case(["dev", "prod"], |env| {
        assert!(test.read(&format!("out/{env}/web.json")).contains(&format!("/{env}/web")));
    });
}
