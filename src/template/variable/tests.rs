#![expect(clippy::disallowed_methods, reason = "tests make files of their own")]
use super::super::{Builtin, Template};
use super::*;

/// The variables of a template made of these files, the first one the template: `name`, `name?` where it may be
/// missing, `name=default`.
fn variables(files: &[(&str, &str)]) -> (Vec<String>, bool) {
    let directory = tempfile::tempdir().expect("a directory for the test");
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).expect("written");
    }
    let path = directory.path().join(files[0].0);
    let variables = Variables::of(&Template::find(path.to_str().expect("UTF-8")).expect("there"));
    let list = variables.list.into_iter().map(|variable| match variable {
        Variable { name, required: true, .. } => name,
        Variable { name, default: Some(default), .. } => format!("{name}={default}"),
        Variable { name, .. } => format!("{name}?"),
    });
    (list.collect(), variables.open)
}

fn of(text: &str) -> String {
    variables(&[("t.json.j2", text)]).0.join(" ")
}

#[test]
fn free_names_are_variables() {
    assert_eq!(
        of("{{ a }} {{ b.c }} {{ d['e'].f }} {{ g[0].h }} {{ i | upper }} {{ j ~ k }}"),
        "a b.c d.e.f g i j k"
    );
    assert_eq!(of("{% for x in xs %}{{ x.y }}{{ loop.index }}{% endfor %}{{ x }}"), "xs x");
    assert_eq!(of("{% set a = b %}{{ a }}{% set c %}{{ d }}{% endset %}{{ c }}"), "b d");
    assert_eq!(of("{% macro m(a, b=c) %}{{ a }}{{ d }}{% endmacro %}{{ m(e) }}"), "c d e");
    assert_eq!(of("{% with a = b %}{{ a }}{% endwith %}{{ range(n) }}{{ dict(x=y) }}"), "b n y");
    assert_eq!(of("{% set a = a | default(1) %}{{ a }}"), "a=1");
    assert_eq!(of("{{ x.items() }}{{ y if z else w }}"), "x z y w");
}

#[test]
fn what_may_be_missing_is_told_from_what_may_not() {
    assert_eq!(
        of("{{ a | default('x') }}{{ b | d(1.50) }}{{ c | default([]) | length }}"),
        "a='x' b=1.50 c=[]"
    );
    assert_eq!(of("{% if a is defined %}{{ a }}{{ b }}{% endif %}"), "a? b");
    assert_eq!(of("{% if a is not defined %}x{% else %}{{ a.b }}{% endif %}"), "a.b?");
    assert_eq!(of("{{ a.b if a is defined and a.b is defined else 'x' }}"), "a.b?");
    assert_eq!(of("{{ a | default(b) }}"), "a=b b");
    assert_eq!(of("{% if a is defined %}{% endif %}{{ a }}"), "a", "one use without a net is enough");
    assert_eq!(of("{% if a %}{% endif %}"), "a", "an undefined condition is an error");
    assert_eq!(of("{% if not a is defined %}{% set a = 1 %}{% endif %}{{ a }}"), "a?");
}

#[test]
fn other_files_are_read_with_the_names_set_around_them() {
    let files = [
        (
            "t.j2",
            "{% from 'm.j2' import m %}{% for app in apps %}{% include 'part.j2' %}{% endfor %}{{ m(1) }}",
        ),
        ("part.j2", "{{ app.image }}{{ team }}"),
        ("m.j2", "{% macro m(x) %}{{ x }}{{ zone }}{% endmacro %}"),
    ];
    assert_eq!(variables(&files).0, ["zone", "apps", "team"]);
    let files = [
        (
            "t.j2",
            "{% extends 'base.j2' %}{% set id = 1 %}{% block a %}{{ x }}{% endblock %}{% block b %}{{ super() }}{% endblock %}",
        ),
        (
            "base.j2",
            "{{ id }}{{ name }}{% block a %}{{ gone }}{% endblock %}{% block b %}{{ kept }}{% endblock %}",
        ),
    ];
    assert_eq!(variables(&files).0, ["x", "name", "kept"]);
    assert_eq!(
        variables(&[("t.j2", "{% include part %}{% include 'no.j2' %}")]),
        (vec!["part".to_owned()], true)
    );
    assert_eq!(variables(&[("t.j2", "{% include 't.j2' %}{{ a }}")]).0, ["a"], "circles end");
}

#[test]
fn built_in_templates_describe_exactly_what_they_take() {
    for builtin in Builtin::all() {
        let variables = Variables::of(&Template::find(builtin.name()).expect("built in"));
        assert!(variables.summary.is_some(), "{}", builtin.name());
        for variable in &variables.list {
            assert!(variable.description.is_some(), "{}: {} is not described", builtin.name(), variable.name);
        }
        let described = header::Header::of(builtin.text()).variables.len();
        assert_eq!(described, variables.list.len(), "{} describes what it does not take", builtin.name());
    }
}
