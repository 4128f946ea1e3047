use std::ffi::OsString;

use serde_json::json;

use super::*;

fn layered(layers: &[(&str, Format)]) -> Json {
    let mut values = Values::new();
    for (text, format) in layers {
        values.add_text("values", text, *format).expect(text);
    }
    Json::Object(values.root)
}

#[test]
fn maps_merge_deep_and_lists_replace() {
    let base = ("a: {b: {c: 1, d: 2}, l: [1, 2]}\nx: {y: 1}\nz: 1\n", Format::Yaml);
    let top = (r#"{"a": {"b": {"c": 3}, "l": [9]}, "x": 5, "z": {"w": null}}"#, Format::Json);
    let expected = json!({"a": {"b": {"c": 3, "d": 2}, "l": [9]}, "x": 5, "z": {"w": null}});
    assert_eq!(layered(&[base, top]), expected);
    assert_eq!(layered(&[base, ("# nothing\n\n", Format::Yaml), ("", Format::Json)]), layered(&[base]));
}

#[test]
fn toml_keeps_its_order_and_its_types() {
    let mut values = Values::new();
    let text = "z = 1\na = 'x'\nd = 2024-05-01T10:00:00Z\nh = 0xff\n[t.u]\nf = 1e1\nb = true\n[[l]]\nn = 1\n[[l]]\nn = 2\n";
    values.add_toml("v.toml", text).expect("TOML");
    let expected = r#"{"z":1,"a":"x","d":"2024-05-01T10:00:00Z","h":255,"t":{"u":{"f":10.0,"b":true}},"l":[{"n":1},{"n":2}]}"#;
    assert_eq!(Json::Object(values.root).to_string(), expected);
    let mut values = Values::new();
    let error = values.add_toml("v.toml", "a = 1\nb = inf\n").expect_err("JSON has no infinity").to_string();
    assert_eq!(error, "v.toml:2:5: JSON cannot represent `inf` and `nan`");
}

#[test]
fn assignments_are_typed_only_where_json_is() {
    let cases = [
        ("1", json!(1)),
        ("-0.5", json!(-0.5)),
        ("true", json!(true)),
        ("null", json!(null)),
        ("", json!("")),
        ("True", json!("True")),
        ("yes", json!("yes")),
        ("007", json!("007")),
        ("1.2.3", json!("1.2.3")),
        (" 1", json!(" 1")),
        ("1 ", json!("1 ")),
        ("\"a\"", json!("\"a\"")),
        ("[1]", json!("[1]")),
        ("a=b,c", json!("a=b,c")),
        ("0x1F", json!("0x1F")),
    ];
    for (text, expected) in cases {
        let mut values = Values::new();
        values.set(&format!("a={text}"), Typing::Scalar).expect(text);
        assert_eq!(values.root["a"], expected, "{text}");
        values.set(&format!("a={text}"), Typing::String).expect(text);
        assert_eq!(values.root["a"], json!(text), "{text}");
    }
}

#[test]
fn assignments_create_maps_and_lists() {
    let mut values = Values::new();
    for assignment in ["a.b=1", "l[0].n=x", "l[1].n=y", "l[0].m=z", r"a.x\.y=2"] {
        values.set(assignment, Typing::Scalar).expect(assignment);
    }
    values.set(r#"j={"k": [1, {"a": null}]}"#, Typing::Json).expect("JSON");
    let expected = json!({
        "a": {"b": 1, "x.y": 2}, "l": [{"n": "x", "m": "z"}, {"n": "y"}], "j": {"k": [1, {"a": null}]}
    });
    assert_eq!(Json::Object(values.root.clone()), expected);
    for assignment in ["l[3]=x", "l.n=x", "a[0]=x", "a.b.c=x"] {
        let error = values.set(assignment, Typing::Scalar).expect_err(assignment);
        assert!(matches!(error, ValuesError::Obstacle { .. }), "{error}");
    }
    assert_eq!(Json::Object(values.root), expected, "a failed assignment changes nothing");
}

#[test]
fn the_environment_is_taken_by_its_prefix() {
    let variable = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
    for prefix in ["APP", "APP_"] {
        let mut values = Values::new();
        let variables = [
            variable("APP_TEAM", "shop"),
            variable("APP_DOCKER__IMAGE", "nginx:1"),
            variable("APP_DOCKER__FORCE_PULL", "true"),
            variable("APP_vipName", "x"),
            variable("APPLE", "no"),
            variable("APP_", "no"),
            variable("OTHER", "no"),
        ];
        values.add_environment(prefix, variables).expect("variables");
        let expected =
            json!({"docker": {"force_pull": true, "image": "nginx:1"}, "team": "shop", "vipName": "x"});
        assert_eq!(Json::Object(values.root), expected);
    }
    let clash = [variable("P_A", "x"), variable("P_A__B", "y")];
    let error = Values::new().add_environment("P", clash).expect_err("a string has no members").to_string();
    assert_eq!(
        error,
        "the environment variable P_A__B: `a.b` cannot be set: `b` would be a member of a string"
    );
    assert!(Values::new().add_environment("P", [variable("P___A", "x")]).is_err());
}

#[test]
fn errors_do_not_repeat_values() {
    let secret = "hunter2";
    let mut values = Values::new();
    let errors = [
        values.set(&format!("password:{secret}"), Typing::Scalar).expect_err("no =").to_string(),
        values.set(&format!("password={secret}"), Typing::Json).expect_err("no JSON").to_string(),
        values.set(&format!("password=[{secret}]"), Typing::Json).expect_err("no JSON").to_string(),
        values.set(&format!("password=\"{secret}\" x"), Typing::Json).expect_err("no JSON").to_string(),
        values
            .add_text("v.json", &format!("{{\"a\": {secret}}}"), Format::Json)
            .expect_err("bare")
            .to_string(),
        values.add_text("v.json", &format!("\"{secret}\""), Format::Json).expect_err("a string").to_string(),
        values.add_text("v.yaml", &format!("a: [{secret}"), Format::Yaml).expect_err("unclosed").to_string(),
        values.add_toml("v.toml", &format!("a = {secret}")).expect_err("bare").to_string(),
        values.add_toml("v.toml", &format!("a = '{secret}")).expect_err("unclosed").to_string(),
    ];
    for error in errors {
        assert!(!error.contains("hunter"), "{error}");
    }
}
