#![expect(clippy::disallowed_methods, reason = "tests make files of their own")]
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::template::{Template, TemplateError, Values, render};

/// Renders a template's text with one value under the name `v`.
fn rendered(name: &str, text: &str, value: &Json) -> Result<Json, TemplateError> {
    let directory = tempfile::tempdir().expect("a directory for the test");
    let path = directory.path().join(name);
    std::fs::write(&path, text).expect("the template is written");
    let mut values = Values::new();
    values.set(&format!("v={value}"), crate::template::Typing::Json).expect("a value is set");
    let template = Template::find(path.to_str().expect("UTF-8")).expect("the template is there");
    let rendered = render(&template, &values)?;
    Ok(serde_json::from_str(&rendered.text).expect("what is rendered is JSON"))
}

fn scalar_text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Strings made of what structures are made of, and of what marks are made of.
fn nasty() -> impl Strategy<Value = String> {
    let parts = [
        "\"",
        "\\",
        "'",
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\n",
        "\r",
        " ",
        "#",
        "- ",
        "&a",
        "*a",
        "<<",
        "|",
        ">",
        "%",
        "@",
        "`",
        "!!",
        "\u{fdd0}",
        "\u{fdd1}",
        "\u{fdd2}",
        "\u{fdd3}",
        "0",
        "{{ v }}",
        "{% raw %}",
        "//",
        "/*",
        "*/",
        "\t",
        "\u{85}",
        "\u{2028}",
        "\0",
        "é",
        "null",
        "true",
        "1e5",
        "\": \"",
        "\\u0022",
        "x",
    ];
    prop_oneof![
        prop::collection::vec(prop::sample::select(parts.to_vec()), 0..12).prop_map(|v| v.concat()),
        ".{0,20}"
    ]
}

fn value() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        nasty().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<bool>().prop_map(Json::from)
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((nasty(), inner), 0..4)
                .prop_map(|members| { Json::Object(members.into_iter().collect::<Map<_, _>>()) }),
        ]
    })
}

const JSON: &str = r#"{% macro own(x) %}{"in": {{ x }}, "text": "<{{ x | string }}>"}{% endmacro %}
{% set kept %}{"kept": {{ v }}}{% endset %}
{"a": {{ v }}, "b": [{{ v }}, {{ v }}], "c": {{ [v, {"k": v}] }}, "d": {{ own("é") }}, "e": {{ kept }},
 "f": {% if true %}{{ v }}{% endif %}, "g": "{{ v | tojson }}", "h": {{ v | tojson }}, "i": {{ v | e }}}"#;

const JSON_IN_STRINGS: &str = r#"{% set kept %}<{{ v }}>{% endset %}{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}
{"{{ v }}": "/{{ v }}/", "a": "{{ v }}", "b": "{{ kept }}", "c": "{{ twice(v) }}", "d": "{{ v ~ v }}", "e": {{ kept ~ "" }}}"#;

const YAML: &str =
    "a: {{ v }}\nb: [{{ v }}, {{ v }}]\nc: {x: {{ v }}}\nd:\n  - {{ v }}\n  - x: {{ v }}\n# {{ v }}\n";

const YAML_IN_STRINGS: &str =
    "a: \"{{ v }}\"\nb: '{{ v }}'\nc: |-\n  {{ v }}\nd: >-\n  {{ v }}\ne: x-{{ v }}-y\n? z{{ v }}\n: end\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn outside_of_strings_a_value_is_that_value(v in value()) {
        let text = v.to_string();
        let expected = json!({
            "a": v, "b": [v, v], "c": [v, {"k": v}], "d": {"in": "é", "text": "<é>"}, "e": {"kept": v}, "f": v,
            "g": text, "h": v, "i": v,
        });
        for name in ["t.json.j2", "t.jsonc.j2"] {
            prop_assert_eq!(&rendered(name, JSON, &v).expect("it renders"), &expected);
        }
        let expected = json!({"a": v, "b": [v, v], "c": {"x": v}, "d": [v, {"x": v}]});
        prop_assert_eq!(rendered("t.yaml.j2", YAML, &v).expect("it renders"), expected);
    }

    #[test]
    fn within_strings_a_scalar_is_its_characters(v in nasty().prop_map(Json::from)) {
        let text = scalar_text(&v);
        // Names of one object are to differ.
        prop_assume!(!["a", "b", "c", "d", "e"].contains(&text.as_str()));
        let expected = json!({
            text.as_str(): format!("/{text}/"), "a": text, "b": format!("<{text}>"), "c": text.repeat(2),
            "d": text.repeat(2), "e": format!("<{text}>"),
        });
        for name in ["t.json.j2", "t.jsonc.j2"] {
            prop_assert_eq!(&rendered(name, JSON_IN_STRINGS, &v).expect("it renders"), &expected);
        }
        let expected = json!({
            "a": text, "b": text, "c": text, "d": text, "e": format!("x-{text}-y"), format!("z{text}"): "end",
        });
        prop_assert_eq!(rendered("t.yaml.j2", YAML_IN_STRINGS, &v).expect("it renders"), expected);
    }
}

#[test]
fn what_is_neither_string_nor_number_keeps_out_of_strings() {
    for value in [json!(null), json!([]), json!({}), json!([1])] {
        for (name, text) in [
            ("t.json.j2", r#"{"a": "x{{ v }}"}"#),
            ("t.yaml.j2", "a: x{{ v }}\n"),
            ("t.yaml", "a: '{{ v }}'\n"),
        ] {
            let error = rendered(name, text, &value).expect_err("a list or null within a string").to_string();
            assert!(error.contains("is inside a string"), "{error}");
        }
    }
    assert_eq!(
        rendered("t.json.j2", r#"{"a": "{{ v }}"}"#, &json!(true)).expect("renders"),
        json!({"a": "true"})
    );
}

#[test]
fn a_value_beside_other_text_is_refused_where_it_would_change_its_kind() {
    for text in [
        r#"{"a": 1{{ v }}}"#,
        r#"{"a": -{{ v }}}"#,
        r#"{"a": {{ v }}{{ v }}}"#,
        r#"{"a": {{ v }}5}"#,
        r#"{"a": "b"{{ v }}}"#,
        r#"{"a": tru{{ v }}}"#,
        r#"{"a": 1 {{ v }}}"#,
        r#"{"a": "\{{ v }}"}"#,
        r#"{"a": "\u00{{ v }}"}"#,
    ] {
        assert!(rendered("t.json.j2", text, &json!(5)).is_err(), "{text}");
    }
    for text in ["a: 1{{ v }}", "a: {{ v }}{{ v }}", "a: 0x{{ v }}", "a: .{{ v }}"] {
        assert!(rendered("t.yaml.j2", text, &json!(5)).is_err(), "{text}");
    }
    assert_eq!(rendered("t.yaml.j2", "a: v{{ v }}", &json!(5)).expect("a string"), json!({"a": "v5"}));
}

#[test]
fn other_escaping_changes_nothing() {
    let evil = json!("x\": '<&>");
    for block in ["false", "\"html\"", "\"json\"", "true"] {
        let text = format!(
            r#"{{% autoescape {block} %}}{{"a": "{{{{ v }}}}", "b": {{{{ v | e }}}}, "c": "{{{{ "%s" | format(v) }}}}"}}{{% endautoescape %}}"#
        );
        assert_eq!(
            rendered("t.json.j2", &text, &evil).expect(&text),
            json!({"a": evil, "b": evil, "c": evil}),
            "{text}"
        );
    }
}

#[test]
fn filters_cannot_splice_a_value_into_the_templates_text() {
    let evil = json!(r#"", "x": ""#);
    let text = r#"{% macro m() %}{"k": "{{ v }}"}{% endmacro %}
        {"a": [{{ [m(), m()] | join(", ") }}], "b": [{{ [m(), v] | join(",") }}], "c": {{ m() | replace("k", v) }}}"#;
    let expected = json!({"a": [{"k": evil}, {"k": evil}], "b": [{"k": evil}, evil], "c": {evil.as_str().unwrap_or(""): evil}});
    match rendered("t.json.j2", text, &evil) {
        Ok(rendered) => assert_eq!(rendered, expected),
        // Refusing is as safe.
        Err(error) => assert!(!error.to_string().contains("\", \"x"), "{error}"),
    }
}

#[test]
fn nesting_without_end_is_an_error() {
    let deep = "[".repeat(100_000);
    for name in ["t.json.j2", "t.yaml.j2"] {
        assert!(rendered(name, &deep, &json!(1)).is_err());
        assert!(rendered(name, &format!("{deep}{}", "]".repeat(100_000)), &json!(1)).is_err());
    }
}

#[test]
fn every_kind_of_yaml_string_is_told_from_a_bare_value() {
    let text = "a: |-\n  {{ v }}\nb: >-\n  {{ v }}\nc: '{{ v }}'\nd: \"{{ v }}\"\ne: !!str {{ v }}\nf: {{ v }}\ng: [{{ v }}]\nh: &x {{ v }}\ni: *x\n{{ v }}: k\n";
    let expected =
        json!({"a": "5", "b": "5", "c": "5", "d": "5", "e": "5", "f": 5, "g": [5], "h": 5, "i": 5, "5": "k"});
    assert_eq!(rendered("t.yaml.j2", text, &json!(5)).expect("it renders"), expected);
}

#[test]
fn numbers_keep_the_spelling_they_were_given_in() {
    let directory = tempfile::tempdir().expect("a directory for the test");
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let template =
        file("t.json.j2", r#"{"a": {{ a }}, "b": "v{{ a }}", "c": 1.50, "d": [{{ d.e }}], "f": 1E3}"#);
    let template = Template::find(template.to_str().expect("UTF-8")).expect("there");
    let layers = [
        ("v.yaml", "a: 1.10\nd: {e: 10.0}\n"),
        ("v.json", r#"{"a": 1.10, "d": {"e": 10.0}}"#),
        ("v.toml", "a = 1.10\nd.e = 10.0\n"),
    ];
    let expected = "{\n  \"a\": 1.10,\n  \"b\": \"v1.10\",\n  \"c\": 1.50,\n  \"d\": [\n    10.0\n  ],\n  \"f\": 1E3\n}\n";
    for (name, text) in layers {
        let mut values = Values::new();
        values.add_file(&file(name, text)).expect("values");
        assert_eq!(render(&template, &values).expect("it renders").text, expected, "{name}");
    }
    let mut values = Values::new();
    values.set("a=1.1", crate::template::Typing::Scalar).expect("set");
    values.set("d.e=1.10", crate::template::Typing::Scalar).expect("set");
    let error = render(&template, &values)
        .expect_err("which of the two spellings is meant cannot be told")
        .to_string();
    assert!(error.contains("spell in several ways"), "{error}");
}
