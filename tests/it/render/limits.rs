//! What a template may take and read.

use crate::common::{TestDir, each_case};

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
#[cfg(target_os = "linux")]
fn memory_has_a_limit() {
    each_case(
        [
            r#"{% set ns = namespace(s="xxxxxxxxxx") %}{% for i in range(64) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s|length }}"#,
            r#"{{ ("x"*1000000)|replace("x","y"*10000) }}"#,
            r#"{{ "a"|indent(4000000000, true) }}"#,
        ],
        |bomb| {
            let test = TestDir::new().file("bomb.json.j2", bomb);
            let output = test.run(&["render", "bomb.json.j2"]);
            assert!(output.starts_with("exit: 2\n") && output.contains("512 MiB of memory"), "{output:.300}");
        },
    );
}
