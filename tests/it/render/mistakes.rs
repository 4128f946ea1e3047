//! Templates and values that are wrong are pointed at.

use super::WEB;
use crate::common::TestDir;

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
    error: other.json.j2 (rendered): this is not an app, pod or group (it has no string `id`)
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
    let errors: Vec<&str> = told.iter().flat_map(|told| told.lines().skip(3)).collect();
    insta::assert_snapshot!("values_that_cannot_be_used_are_shown", errors.join("\n"));
}
