//! Tests of `milepost render` and `milepost templates`.

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
fn a_missing_variable_is_pointed_at() {
    let test = TestDir::new()
        .file("web.json.j2", WEB)
        .file(
            "loop.json.j2",
            "{\"id\": \"/a\", \"args\": [\n{%- for app in apps %}\n  {{ app.image }}\n{%- endfor %}]}",
        )
        .file("deep.json.j2", "{\"id\": \"/a\", \"cmd\": \"{{ docker.image }}\"}")
        .file("values.yaml", "tema: shop\n");
    insta::assert_snapshot!(test.run(&["render", "web.json.j2", "-f", "values.yaml"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[undefined-variable]: `team` is not given
     --> web.json.j2:2:14
      |
    2 |   "id": "/{{ team }}/{{ name }}",
      |              ^^^^
      |
      = help: the values have `tema`: did you mean `team`?
    "#);
    insta::assert_snapshot!(test.run(&["render", "loop.json.j2", "--set-json", r#"apps=[{"imgae": "x"}]"#]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[undefined-variable]: `app.image` is not given
     --> loop.json.j2:3:6
      |
    3 |   {{ app.image }}
      |      ^^^^^^^^^
      |
      = help: `app` comes from the template itself: check where it is set, or the list that it is taken from
    "#);
    insta::assert_snapshot!(test.run(&["render", "deep.json.j2", "--set-json", "docker={}"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[undefined-variable]: `docker.image` is not given
     --> deep.json.j2:1:25
      |
    1 | {"id": "/a", "cmd": "{{ docker.image }}"}
      |                         ^^^^^^^^^^^^
      |
      = help: give it with `--set docker.image=…` or in a values file
    "#);
    insta::assert_snapshot!(test.run(&["render", "web-docker", "--set", "id=/a", "--set", "imgae=x"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[undefined-variable]: `image` is not given
      --> web-docker:22:19
       |
    22 |       "image": {{ image }}
       |                   ^^^^^
       |
       = help: the values have `imgae`: did you mean `image`?
    "#);
    insta::assert_snapshot!(test.run(&["render", "web-docker", "--set", "id=/a", "--set", "image=x", "--set", "instnaces=3"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --set instnaces: web-docker has no such variable; did you mean `instances`?
    "#);
}

#[test]
fn a_near_miss_in_a_file_is_worth_a_warning() {
    let test = TestDir::new().file("values.yaml", "id: /a\nimage: x:1\ninstnaces: 3\nunrelated: 1\n");
    let told = test.command(&["render", "worker", "-f", "values.yaml"]).output().expect("the program runs");
    assert!(told.status.success());
    insta::assert_snapshot!(String::from_utf8_lossy(&told.stderr), @r#"
    warning: worker never reads `instnaces` of the values; did you mean `instances`?
    "#);
}

#[test]
fn templates_that_never_end_are_stopped() {
    let test = TestDir::new()
        .file("loop.json.j2", "{% for a in range(100000) %}{% for b in range(100000) %}{% set c = a * b %}{% endfor %}{% endfor %}")
        .file("print.json.j2", "{% for a in range(100000) %}{% for b in range(1000) %}{{ a * b }},{% endfor %}{% endfor %}")
        .file("a.json.j2", "[\n{% include 'b.j2' %}]")
        .file("b.j2", "{% include 'a.json.j2' %}")
        .file("grow.json.j2", "{% set n = namespace(s=[1]) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s }}")
        .file("chain.json.j2", format!("{{{{ {} 1 }}}}", "1 ~ ".repeat(100_000)))
        .file("macro.json.j2", "{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}")
        .file("parent.json.j2", "{% extends 'parent.json.j2' %}");
    insta::assert_snapshot!(test.run(&["render", "loop.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[template-runs-on]: the template takes more than 10000000 steps: it seems to loop endlessly
     --> loop.json.j2:1:68
      |
    1 | {% for a in range(100000) %}{% for b in range(100000) %}{% set c = a * b %}{% endfor %}{% endfor %}
      |                                                                    ^^^^^
      |
      = help: look for loops in loops over long lists, and for macros that call themselves
    "#);
    insta::assert_snapshot!(test.run(&["render", "print.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[template-runs-on]: the template renders to more than 16 MiB, the limit for a definition
     --> print.json.j2:1:1
      |
    1 | {% for a in range(100000) %}{% for b in range(1000) %}{{ a * b }},{% endfor %}{% endfor %}
      | ^
      |
      = help: look for loops in loops over long lists
    "#);
    insta::assert_snapshot!(test.run(&["render", "a.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[template-runs-on]: the template includes itself endlessly: a.json.j2 → b.j2 → a.json.j2
     --> b.j2:1:4
      |
    1 | {% include 'a.json.j2' %}
      |    ^^^^^^^^^^^^^^^^^^^
      |
      = help: break the cycle, or put a condition around the include
    "#);
    insta::assert_snapshot!(test.run(&["render", "macro.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[template-runs-on]: macros or includes are nested too deep: one seems to call itself endlessly
     --> macro.json.j2:1:20
      |
    1 | {% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}
      |                    ^^^^
    "#);
    insta::assert_snapshot!(test.run(&["render", "grow.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[template-runtime-error]: the template prints more than 2000000 values
     --> grow.json.j2:1:96
      |
    1 | {% set n = namespace(s=[1]) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s }}
      |                                                                                                ^^^
    "#);
    let chain = test.run(&["render", "chain.json.j2"]);
    assert!(
        chain.starts_with(
            "exit: 2\n----- stdout -----\n----- stderr -----\nerror[template-runtime-error]: line 1: more"
        ),
        "{chain:.300}"
    );
    insta::assert_snapshot!(test.run(&["render", "parent.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[template-runs-on]: the template extends itself, directly or through another one
     --> parent.json.j2:1:4
      |
    1 | {% extends 'parent.json.j2' %}
      |    ^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: break the cycle
    "#);
}

#[test]
fn nothing_outside_of_the_templates_directory_is_included() {
    let test = TestDir::new()
        .file("secret.txt", "hunter2")
        .file("t/up.json.j2", "{% include '../secret.txt' %}")
        .file("t/root.json.j2", "{% include '/etc/hostname' %}")
        .file("t/missing.json.j2", "{\n  {% include 'parts/no.j2' %}\n}")
        .file("t/extends.json.j2", "{% extends 'no.j2' %}")
        .file("t/link.json.j2", "{% include 'link.txt' %}");
    std::os::unix::fs::symlink(test.path().join("secret.txt"), test.path().join("t/link.txt"))
        .expect("a link");
    insta::assert_snapshot!(test.run(&["render", "t/up.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[template-runtime-error]: `../secret.txt` is outside of the template's directory; only files below that directory are included
     --> t/up.json.j2:1:4
      |
    1 | {% include '../secret.txt' %}
      |    ^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(test.run(&["render", "t/root.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[template-runtime-error]: `/etc/hostname` is outside of the template's directory; only files below that directory are included
     --> t/root.json.j2:1:4
      |
    1 | {% include '/etc/hostname' %}
      |    ^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(test.run(&["render", "t/link.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[template-runtime-error]: `link.txt` is outside of the template's directory; only files below that directory are included
     --> t/link.json.j2:1:4
      |
    1 | {% include 'link.txt' %}
      |    ^^^^^^^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(test.run(&["render", "t/missing.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[missing-template]: there is no template `t/parts/no.j2`
     --> t/missing.json.j2:2:6
      |
    2 |   {% include 'parts/no.j2' %}
      |      ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: names are relative to the file that includes, extends or imports
    "#);
    insta::assert_snapshot!(test.run(&["render", "t/extends.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[missing-template]: there is no template `t/no.j2`
     --> t/extends.json.j2:1:4
      |
    1 | {% extends 'no.j2' %}
      |    ^^^^^^^^^^^^^^^
      |
      = help: names are relative to the file that includes, extends or imports
    "#);
}

#[test]
fn what_renders_to_no_definition_is_shown() {
    let test = TestDir::new()
        .file("nothing.json.j2", "{# all gone #}\n")
        .file("broken.json.j2", "{\n  \"id\": \"/a\",\n  \"cmd\": \"{{ cmd }}\"\n  \"cpus\": 1\n}\n")
        .file("comma.json.j2", "{\n  \"id\": {{ cmd }},\n}\n")
        .file("two.json.j2", "{\"id\": \"/a\", \"cmd\": \"sleep 1\"}\n{\"id\": \"/b\"}")
        .file(
            "twice.json.j2",
            "{\"id\": \"/a\", \"cmd\": \"sleep 1\", \"labels\": {\"a\": \"1\", {{ cmd }}: \"2\"}}",
        );
    let run = |name: &str| test.run(&["render", name]);
    let run_with = |name: &str, value: &str| test.run(&["render", name, "--set-json", value]);
    insta::assert_snapshot!(run("nothing.json.j2"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[rendered-nothing]: the template renders to nothing
     --> nothing.json.j2 (rendered):1:1
      |
    1 |
      | ^
    "#);
    insta::assert_snapshot!(run_with("broken.json.j2", "cmd=\"hunter2\""), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[rendered-syntax-error]: expected a comma or `}`, found '"'
     --> broken.json.j2 (rendered):4:3
      |
    4 |   "cpus": 1
      |   ^
      |
      = help: a comma is missing before this, or a quote or bracket earlier on
    "#);
    insta::assert_snapshot!(run_with("comma.json.j2", "cmd=\"hunter2\""), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[rendered-syntax-error]: a comma with nothing after it
     --> comma.json.j2 (rendered):2:14
      |
    2 |   "id": {{…}},
      |              ^
      |
      = help: remove it, or name the template `.jsonc.j2`, which takes comments and commas at the end
    "#);
    insta::assert_snapshot!(run("two.json.j2"), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[rendered-syntax-error]: more text after the definition
     --> two.json.j2 (rendered):2:1
      |
    2 | {"id": "/b"}
      | ^^^^^^^^^^^^
      |
      = help: put several definitions in an array: `[{…}, {…}]`
    "#);
    insta::assert_snapshot!(run_with("twice.json.j2", "cmd=\"a\""), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[duplicate-name]: this name occurs twice in one object
     --> twice.json.j2 (rendered):1:53
      |
    1 | {"id": "/a", "cmd": "sleep 1", "labels": {"a": "1", {{…}}: "2"}}
      |                                                     ^^^^^
      |
      = help: Marathon takes the last one and drops the others: keep one
    "#);
}

#[test]
fn values_out_of_place_are_shown_without_them() {
    let test = TestDir::new()
        .file("list.json.j2", "{\"id\": \"/a\", \"cmd\": \"x {{ list }}\"}")
        .file("null.json.j2", "{\"id\": \"/a\", \"cmd\": \"x {{ nothing }}\"}")
        .file("glued.json.j2", "{\"id\": \"/a\", \"cpus\": 0.{{ n }}}")
        .file("glued.yaml.j2", "id: /a\ncpus: 0.{{ n }}\n");
    let run_with = |name: &str, value: &str| test.run(&["render", name, "--set-json", value]);
    insta::assert_snapshot!(run_with("list.json.j2", "list=[1]"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[value-out-of-place]: a list or map is inside a string
     --> list.json.j2 (rendered):1:21
      |
    1 | {"id": "/a", "cmd": "x {{…}}"}
      |                     ^^^^^^^^^
      |
      = help: remove the quotes, or write its JSON text with `| tojson`, or its items with `| join(",")`
    "#);
    insta::assert_snapshot!(run_with("null.json.j2", "nothing=null"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[value-out-of-place]: null is inside a string
     --> null.json.j2 (rendered):1:21
      |
    1 | {"id": "/a", "cmd": "x {{…}}"}
      |                     ^^^^^^^^^
      |
      = help: give the variable a value, or a text for null with `| default("…", true)`
    "#);
    insta::assert_snapshot!(run_with("glued.json.j2", "n=5"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[value-out-of-place]: a value is directly beside other text, outside of quotes
     --> glued.json.j2 (rendered):1:24
      |
    1 | {"id": "/a", "cpus": 0.{{…}}}
      |                        ^^^^^
      |
      = help: put the whole in quotes, or compute all of it in one expression: `{{ … }}`
    "#);
    insta::assert_snapshot!(run_with("glued.yaml.j2", "n=5"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[value-out-of-place]: a value and the text beside it make up a number, a boolean or null, and would be a string
     --> glued.yaml.j2 (rendered):2:7
      |
    2 | cpus: 0.{{…}}
      |       ^^^^^^^
      |
      = help: put the whole in quotes if a string is meant, or compute all of it in one expression: `{{ … }}`
    "#);
}

#[test]
fn templates_that_make_no_sense_are_pointed_at() {
    let test = TestDir::new()
        .file("other.json.j2", "{\"name\": \"left-pad\"}")
        .file("capture.json.j2", "{% set tag %}{{ cmd }}{% endset %}{\"id\": \"/a\", \"cmd\": \"{% if tag == 'a' %}yes{% else %}no{% endif %}\"}")
        .file("spelling.json.j2", "{% set image = 'nginx:' ~ tag %}{\"id\": \"/a\", \"cmd\": {{ image }}}")
        .file("safe.json.j2", "{\"id\": {{ cmd | safe }}}")
        .file("syntax.json.j2", "{\n  \"id\": {{ cmd | }}\n}")
        .file("filter.json.j2", "{\"id\": {{ cmd | shout }}}");
    let run = |name: &str| test.run(&["render", name]);
    let run_with = |name: &str, value: &str| test.run(&["render", name, "--set-json", value]);
    insta::assert_snapshot!(run("other.json.j2"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: other.json.j2 (rendered): this is not an app, pod or group (it has too few of the fields of an app, pod or group)
    "#);
    insta::assert_snapshot!(run_with("capture.json.j2", "cmd=\"a\""), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[ambiguous-text]: a comparison or filter looks into text that a macro or a `set` block put together, which shows on line 1 of what it renders
     --> capture.json.j2:1:1
      |
    1 | {% set tag %}{{ cmd }}{% endset %}{"id": "/a", "cmd": "{% if tag == 'a' %}yes{% else %}no{% endif %}"}
      | ^
      |
      = help: put the text together in an expression instead, which has no such limit: `{% set id = "/" ~ team ~ "/" ~ name %}`
    "#);
    insta::assert_snapshot!(run_with("spelling.json.j2", "tag=1.10"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[ambiguous-text]: a number goes through an expression that would lose the spelling it was given in, which shows on line 1 of what it renders
     --> spelling.json.j2:1:1
      |
    1 | {% set image = 'nginx:' ~ tag %}{"id": "/a", "cmd": {{ image }}}
      | ^
      |
      = help: give a text that looks like a number, such as the tag 1.10, in quotes (on the command line with --set-string); write a number without zeros at its end
    "#);
    insta::assert_snapshot!(run_with("safe.json.j2", "cmd=\"a\""), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[template-runtime-error]: `safe` would let a value change the structure; give structure as a list or map instead
     --> safe.json.j2:1:17
      |
    1 | {"id": {{ cmd | safe }}}
      |                 ^^^^
    "#);
    insta::assert_snapshot!(run("syntax.json.j2"), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[template-syntax-error]: unexpected end of variable block, expected identifier
     --> syntax.json.j2:2:18
      |
    2 |   "id": {{ cmd | }}
      |                  ^^
    "#);
    insta::assert_snapshot!(run_with("filter.json.j2", "cmd=\"a\""), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[template-syntax-error]: filter shout is unknown
     --> filter.json.j2:1:17
      |
    1 | {"id": {{ cmd | shout }}}
      |                 ^^^^^
      |
      = help: templates have minijinja's filters, tests and functions, except `safe` and `debug`
    "#);
}

#[test]
fn values_that_cannot_be_used_are_named() {
    let test = TestDir::new()
        .file("web.json.j2", WEB)
        .file("bad.yaml", "team: shop\nname: [a\n")
        .file("bad.json", "{\"team\": hunter2}")
        .file("bad.toml", "team = 'shop'\nname = hunter2\n")
        .file("list.yaml", "# mine\n- a\n- b\n")
        .file("values.ini", "a=b")
        .file("latin.yaml", b"team: caf\xe9\n")
        .file("latin.json.j2", b"{\"id\": \"caf\xe9\"}");
    for_each(
        &test,
        &["bad.yaml", "bad.json", "bad.toml", "list.yaml", "values.ini", "latin.yaml", "missing.yaml"],
    );
    insta::assert_snapshot!(test.run(&["render", "latin.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: latin.json.j2: byte 11 is not UTF-8; save the file as UTF-8
    "#);
    insta::assert_snapshot!(test.run(&["render", "missing.json.j2"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read missing.json.j2: No such file or directory (os error 2)
    "#);
    insta::assert_snapshot!(test.run(&["render", "web-dokcer"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no template `web-dokcer`: did you mean `web-docker`? the built-in ones are web-docker, web-ucr, pod, worker, stateful, registry
    "#);
    insta::assert_snapshot!(test.run(&["render", "web.json.j2", "--set", "team"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --set team: there is no `=`; write --set name=value
    "#);
    insta::assert_snapshot!(test.run(&["render", "web.json.j2", "--set", "a..b=c"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --set: `a..b` is not a path; write names with dots between them and list items as `[0]`: `apps[0].image`
    "#);
    insta::assert_snapshot!(test.run(&["render", "web.json.j2", "--set", "a=b", "--set", "a.c=d"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --set: `a.c` cannot be set: `c` would be a member of a string
    "#);
    insta::assert_snapshot!(test.run(&["render", "web.json.j2", "--set-json", "env={\"PASSWORD\": hunter2}"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --set-json env: the value is not JSON: a bare word is not a JSON value (column 14 of the value)
    "#);
    insta::assert_snapshot!(test.run(&["render", "web.json.j2", "--env-prefix", ""]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --env-prefix is empty, which would take every environment variable; give the prefix of yours
    "#);
}

fn for_each(test: &TestDir, files: &[&str]) {
    let told: Vec<String> =
        files.iter().map(|file| test.run(&["render", "web.json.j2", "-f", file])).collect();
    assert!(
        told.iter().all(|told| told.starts_with("exit: 2\n----- stdout -----\n----- stderr -----\n")),
        "{told:#?}"
    );
    let errors: Vec<&str> = told.iter().map(|told| told.lines().nth(3).unwrap_or_default()).collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    error: bad.yaml:2:7: unclosed bracket '['
    error: bad.json:1:10: a bare word is not a JSON value; put it in double quotes if it is a string
    error: bad.toml:2:8: string values must be quoted, expected literal string
    error: list.yaml:2:1: values must be a map from names to values, not an array; put a name before it
    error: values.ini: values are read from .yaml, .yml, .json, .jsonc and .toml files
    error: latin.yaml: byte 9 is not UTF-8; save the file as UTF-8
    error: cannot read missing.yaml: No such file or directory (os error 2)
    "#);
}

#[test]
fn built_in_templates_are_listed_and_shown() {
    let test = TestDir::new();
    insta::assert_snapshot!(test.run(&["templates"]), @r#"
    exit: 0
    ----- stdout -----
    web-docker: a web service on the Docker Engine, on the agent's bridge network, with a health check
      id           required  the app's id, such as /shop/web
      image        required  the image with its tag, such as nginx:1.27.3
      instances    = 1       how many to run
      cpus         = 0.5     share of CPUs of one instance
      mem          = 256     memory of one instance in MiB
      port         = 80      the port the service listens on in its container
      vip          optional  a virtual IP or name with its port, such as /shop/web:80, under which the cluster reaches the service (DC/OS)
      health_path  = "/"     the path that answers 200 to 399 while the service is well
      credentials  optional  URI of an archive with Docker credentials, such as file:///etc/docker.tar.gz, to pull a private image
      env          = {}      environment variables, as a map
      labels       = {}      labels, as a map

    web-ucr: a web service on the Universal Container Runtime, with an address of its own on a container network
      id           required  the app's id, such as /shop/web
      image        required  the image with its tag, such as nginx:1.27.3
      instances    = 1       how many to run
      cpus         = 0.5     share of CPUs of one instance
      mem          = 256     memory of one instance in MiB
      port         = 80      the port the service listens on
      network      = "dcos"  the container network, one that the cluster has
      vip          optional  a virtual IP or name with its port, such as /shop/web:80, under which the cluster reaches the service (DC/OS)
      health_path  = "/"     the path that answers 200 to 399 while the service is well
      pull_config  optional  secret with Docker credentials, such as shop/pull-config, to pull a private image
      env          = {}      environment variables, as a map
      labels       = {}      labels, as a map

    pod: a pod: a service and the helpers that share its network and its fate
      id           required  the pod's id, which starts with a slash: /shop/web
      image        required  the service's image with its tag
      instances    = 1       how many pods to run
      cpus         = 0.5     share of CPUs of the service
      mem          = 256     memory of the service in MiB
      port         = 80      the port the service listens on
      network      = "dcos"  the container network, one that the cluster has
      vip          optional  a virtual IP or name with its port, such as /shop/web:80, under which the cluster reaches the service (DC/OS)
      health_path  = "/"     the path that answers 200 to 399 while the service is well
      sidecars     = []      helpers: a list of maps with name and image, and cpus and mem if they are to differ from 0.1 and 64
      pull_config  optional  secret with Docker credentials, such as shop/pull-config, to pull private images
      environment  = {}      environment variables of all containers, as a map
      labels       = {}      labels, as a map

    worker: a worker on the Universal Container Runtime that listens on no port
      id              required  the app's id, such as /shop/mailer
      image           required  the image with its tag
      cmd             optional  the command line to run instead of the image's own
      instances       = 1       how many to run
      cpus            = 0.1     share of CPUs of one instance
      mem             = 128     memory of one instance in MiB
      health_command  optional  a command that ends with 0 while the worker is well
      grace_seconds   = 30      how long it may take to finish its work when it is stopped
      pull_config     optional  secret with Docker credentials, such as shop/pull-config, to pull a private image
      env             = {}      environment variables, as a map
      labels          = {}      labels, as a map

    stateful: a stateful service on the Universal Container Runtime, with a volume on its agent that outlives it
      id           required  the app's id, such as /shop/db
      image        required  the image with its tag, such as postgres:16.4
      role         optional  the role the volume is reserved for; needed where Marathon runs with the role *, which can reserve nothing
      instances    = 1       how many to run, each with a volume of its own
      cpus         = 1       share of CPUs of one instance; not to be changed later, as it is reserved with the volume
      mem          = 1024    memory of one instance in MiB; not to be changed later either
      port         required  the port the service listens on
      volume_path  = "data"  the directory in the sandbox where the volume appears, one name; point the service at $MESOS_SANDBOX/data
      volume_size  = 1024    the volume's size in MiB
      vip          optional  a virtual IP or name with its port, such as /shop/db:5432, under which the cluster reaches the service (DC/OS)
      pull_config  optional  secret with Docker credentials, such as shop/pull-config, to pull a private image
      env          = {}      environment variables, as a map
      labels       = {}      labels, as a map

    registry: a private Docker registry behind a VIP, with a certificate from the agents' disks
      id            = "/registry"                    the app's id
      image         = "registry:2"                   the registry's image with its tag
      cpus          = 0.5                            share of CPUs
      mem           = 128                            memory in MiB
      vip           = "192.168.0.1:443"              the virtual IP or name with its port under which the cluster reaches the registry; the certificate names it
      certificates  = "/etc/privateregistry/certs/"  the directory on every agent that has the certificate and its key
      certificate   = "domain.crt"                   the certificate's file in there
      key           = "domain.key"                   the key's file in there
      http_secret   optional                         secret with which the registry signs the state of uploads, such as registry/http-secret
      storage       optional                         directory on the agent, or shared by all agents, for the images; without it they are gone with the task
      service_port  = 10000                          the service port
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["templates", "show", "nothing"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no template `nothing`: the built-in ones are web-docker, web-ucr, pod, worker, stateful, registry
    "#);
    let shown = test.run(&["templates", "show", "worker"]);
    assert!(shown.starts_with("exit: 0\n----- stdout -----\n{#- milepost: a worker"), "{shown}");
}

#[test]
fn a_shown_template_renders_as_the_built_in_one_does() {
    let values = ["--set", "id=/shop/web", "--set", "image=nginx:1.27.3", "--set", "port=8080"];
    each_case(["web-docker", "web-ucr", "pod", "stateful"], |name| {
        let shown =
            TestDir::new().command(&["templates", "show", name]).output().expect("the program runs").stdout;
        let test = TestDir::new().file("mine.json.j2", shown);
        let render = |template: &str| {
            test.command(&[&["render", template], &values[..]].concat()).output().expect("the program runs")
        };
        let built_in = render(name);
        assert!(built_in.status.success(), "{name}: {built_in:?}");
        assert_eq!(built_in.stdout, render("mine.json.j2").stdout, "{name}");
    });
}

/// The fixtures hold what the built-in templates come to, for tests that need definitions of every kind.
#[test]
fn built_in_templates_render_as_recorded() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/templates");
    let values = format!("{directory}/values.yaml");
    each_case(["web-docker", "web-ucr", "pod", "worker", "stateful", "registry"], |name| {
        let id = format!("id=/shop/{name}");
        let mut args = vec!["render", name, "-f", &values, "--set", &id];
        if name == "registry" {
            args.extend(["--set", "image=registry:2.8.3", "--set", "vip=/registry:5000"]);
        }
        let rendered = TestDir::new().command(&args).output().expect("the program runs");
        let recorded = std::fs::read_to_string(format!("{directory}/{name}.json")).unwrap_or_default();
        let refresh = format!("milepost {} > fixtures/templates/{name}.json", args.join(" "));
        assert_eq!(
            String::from_utf8_lossy(&rendered.stdout),
            recorded,
            "if that is meant to be, run: {refresh}"
        );
    });
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
            assert!(said.contains(&format!("error: {line} (t/values.schema.yaml)\n")), "{line}\n{said}");
        }
        assert_eq!(said.matches("error: ").count(), lines.len(), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    };
    let render = ["render", "t/web.json.j2"];
    refused(
        test.run(&[&render[..], &["-f", "base.yaml"]].concat()),
        &[
            "base.yaml:1:1: this set of values lacks `team`",
            "base.yaml:2:7: `cpus` must be 4 or less",
            "base.yaml:4:8: `KEY` must have 5 characters or less",
        ],
    );
    // The last layer that has a value is named.
    let layers = ["-f", "base.yaml", "-f", "prod.toml", "--set", "team=shop", "--set", "cpus=9"];
    refused(
        test.run(&[&render[..], &layers].concat()),
        &["--set cpus: `cpus` must be 4 or less", "prod.toml:3:7: `KEY` must have 5 characters or less"],
    );
    refused(
        test.run(&render),
        &["values: this set of values lacks `name`", "values: this set of values lacks `team`"],
    );
    let mut command = test.command(&[&render[..], &["-f", "good.json", "--env-prefix", "CI"]].concat());
    let output = command.env("CI_CPUS", "16").output().expect("the program runs");
    refused(test.describe(&output), &["the environment variable CI_CPUS: `cpus` must be 4 or less"]);
    let good = test.run(&[&render[..], &["-f", "good.json"]].concat());
    assert!(good.starts_with("exit: 0\n"), "{good}");
    let broken = TestDir::new().file("web.json.j2", template).file("values.schema.json", "{\n\"type\": 5}");
    let said = broken.run(&["render", "web.json.j2", "--set", "name=x"]);
    assert!(said.starts_with("exit: 2\n") && said.contains("values.schema.json:2:9: "), "{said}");
}

#[test]
fn a_directory_gets_each_definition_by_its_whole_id() {
    let test = TestDir::new().file(
        "web.json.j2",
        r#"{"id": {{ "/" ~ env ~ "/web" }}, "cmd": "sleep 100", "cpus": 0.1, "mem": 32}"#,
    );
    for env in ["dev", "prod"] {
        let told = test.run(&["render", "web.json.j2", "--set", &format!("env={env}"), "-o", "out/"]);
        assert!(told.starts_with("exit: 0") && told.contains(&format!("wrote out/{env}/web.json")), "{told}");
    }
    for env in ["dev", "prod"] {
        assert!(test.read(&format!("out/{env}/web.json")).contains(&format!("/{env}/web")));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn memory_has_a_limit() {
    for bomb in [
        r#"{% set ns = namespace(s="xxxxxxxxxx") %}{% for i in range(64) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s|length }}"#,
        r#"{{ ("x"*1000000)|replace("x","y"*10000) }}"#,
        r#"{{ "a"|indent(4000000000, true) }}"#,
    ] {
        let test = TestDir::new().file("bomb.json.j2", bomb);
        let output = test.run(&["render", "bomb.json.j2"]);
        assert!(output.starts_with("exit: 2\n") && output.contains("512 MiB of memory"), "{output:.300}");
    }
}
