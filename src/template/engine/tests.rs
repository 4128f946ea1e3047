#![expect(clippy::disallowed_methods, reason = "tests make files of their own")]
use std::path::Path;

use super::*;
use crate::template::Typing;

fn error(text: &str, assignments: &[&str]) -> String {
    let directory = tempfile::tempdir().expect("a directory for the test");
    let path = directory.path().join("t.json.j2");
    std::fs::write(&path, text).expect("written");
    let mut values = Values::new();
    for assignment in assignments {
        values.set(assignment, Typing::Json).expect(assignment);
    }
    let template = Template::find(path.to_str().expect("UTF-8")).expect("there");
    render(&template, &values)
        .expect_err(text)
        .to_string()
        .replace(&format!("{}/", directory.path().display()), "")
}

#[test]
fn errors_do_not_repeat_values() {
    let secret = r#"s="hunter2""#;
    let templates = [
        "{{ s + 1 }}",
        "{{ s * 1.5 }}",
        "{{ s - s }}",
        "{{ s | int }}",
        "{{ s | float }}",
        "{{ s | round }}",
        "{{ s | items }}",
        "{{ s | sum }}",
        "{{ s | batch(0) }}",
        "{{ s ~ '%d' | format(s) }}",
        "{{ s | map(s) | join }}",
        "{{ s.x.y }}",
        "{{ s() }}",
        "{{ s.x() }}",
        "{{ {}[s].x }}",
        "{{ 1 | default(x=s) }}",
        "{{ range(s) }}",
        "{{ [1] | map(s) | list }}",
        "{{ [1] | select(s) | list }}",
        "{% include s %}",
        "{{ debug() }}",
        "{\"a\": \"{{ [s] }}\"}",
        "{\"a\": 1{{ s }}}",
        "{\"a\": {{ s }}",
        "{\"{{ s }}\": 1, \"hunter2\": 2}",
        "{% set x %}{{ s }}{% endset %}{\"a\": \"{{ x | length }}\"}",
    ];
    for text in templates {
        let error = error(text, &[secret]);
        // A template's name is no secret, and the template's own text may be repeated.
        let shown = error.replace("there is no template `hunter2`", "").replace("\"hunter2\": 2", "");
        assert!(!shown.contains("hunter"), "{text}: {error}");
    }
    assert!(!error("{{ n ** n }}", &["n=123456789"]).contains("123456789"));
}

#[test]
fn errors_name_the_file_and_line() {
    assert!(
        error("{\n\"a\": {{ b }}}", &[])
            .starts_with("t.json.j2:2:9: `b` is not given; give it with `--set b=…`")
    );
    assert!(error("{\n {% if %}}", &[]).starts_with("t.json.j2:2:"));
    assert!(
        error("{% macro m(x) %}\n{{ x }}{% endmacro %}\n{{ m(who) }}", &[])
            .starts_with("t.json.j2:3:6: `who` is")
    );
    assert!(error("{{ a.b }}", &["a={}"]).contains("--set a.b=…"));
    assert!(error("{{ a[0].b }}", &["a=[{}]"]).contains("is not given"));
}

#[test]
fn the_same_name_reads_the_same_file_in_both_runs() {
    let template = Template::find("worker").expect("built in");
    let mut values = Values::new();
    values.set("id=/a", Typing::Scalar).expect("set");
    values.set("image=b", Typing::Scalar).expect("set");
    let rendered = render(&template, &values).expect("it renders");
    assert!(rendered.read.contains("cmd"), "what is only asked about counts as read");
    assert!(!Path::new("worker").exists());
}
