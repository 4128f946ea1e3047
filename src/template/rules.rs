//! Why a template gives no definition, as rules.

use crate::finding::{Rule, Scope};

/// The rules declared here.
pub(crate) static RULES: &[&Rule] = &[
    &AMBIGUOUS_TEXT,
    &DUPLICATE_NAME,
    &MISSING_TEMPLATE,
    &RENDERED_NOTHING,
    &RENDERED_SYNTAX_ERROR,
    &TEMPLATE_RUNS_ON,
    &TEMPLATE_RUNTIME_ERROR,
    &TEMPLATE_SYNTAX_ERROR,
    &UNDEFINED_VARIABLE,
    &VALUE_AGAINST_SCHEMA,
    &VALUE_OUT_OF_PLACE,
];

pub(super) static UNDEFINED_VARIABLE: Rule =
    Rule::verdict("undefined-variable", "Every variable that a template reads has a value")
        .about(Scope::Templates)
        .why(
            "An undefined variable would print nothing, and leave a definition that deploys something else. Give it a \
             value, or write `{{ name | default(…) }}` in the template.",
        )
        .example(r#"{"id": "/{{ nmae }}", "cmd": "sleep 100"}, rendered with --set name=web"#);

pub(super) static TEMPLATE_SYNTAX_ERROR: Rule = Rule::verdict(
    "template-syntax-error",
    "A template can be read",
)
.aliases(&["template-syntax"])
.about(Scope::Templates)
.why("Templates are written in the language of Jinja2, with the filters, tests and functions of minijinja.")
.example(r#"{"id": "/{{ name", "cmd": "sleep 100"}"#);

pub(super) static TEMPLATE_RUNTIME_ERROR: Rule = Rule::verdict(
    "template-runtime-error",
    "A template can be carried out with the values it gets",
)
.aliases(&["template-runtime"])
.about(Scope::Templates)
.why("An expression got a value that it cannot be computed with, such as a text where it needs a number.")
.example(r#"{"id": "/web", "cpus": {{ cpus / 2 }}}, rendered with --set-string cpus=many"#);

pub(super) static TEMPLATE_RUNS_ON: Rule = Rule::verdict("template-runs-on", "A template comes to an end")
    .about(Scope::Templates)
    .why(
        "Rendering stops after a fixed number of steps and 16 MiB of text. A template that needs more calls itself, \
         includes itself or has loops in loops.",
    )
    .example(r#"{% include "web.json.j2" %} in web.json.j2"#);

pub(super) static MISSING_TEMPLATE: Rule = Rule::verdict(
    "missing-template",
    "A template that is included, extended or imported exists",
)
.about(Scope::Templates)
.why(
    "Names are relative to the file that includes, extends or imports, and do not lead out of the directory.",
)
.example(r#"{% include "parts/prots.j2" %}"#);

pub(super) static AMBIGUOUS_TEXT: Rule =
    Rule::verdict("ambiguous-text", "A template does not compute with text that holds the values it prints")
        .about(Scope::Templates)
        .why(
            "milepost writes each value where it belongs, quoted as that place needs. It cannot do so where a comparison \
             or filter looks into text that a macro or a `set` block put together, or where a number loses its spelling.",
        )
        .example("{% set id %}/{{ team }}{% endset %}{{ id | upper }}");

pub(super) static RENDERED_NOTHING: Rule = Rule::verdict("rendered-nothing", "A template renders to a definition")
    .about(Scope::Templates)
    .why("What it renders to is empty: all of it is within a condition that does not hold, or in macros and blocks.")
    .example(r#"{% if stage == "prod" %}{"id": "/web"}{% endif %}, rendered with --set stage=test"#);

pub(super) static RENDERED_SYNTAX_ERROR: Rule =
    Rule::verdict("rendered-syntax-error", "A template renders to text that can be parsed")
        .aliases(&["rendered-syntax"])
        .about(Scope::Templates)
        .why("What it renders to is neither JSON nor YAML, or has more text after the definition.")
        .example(r#"{"ports": [{% for port in ports %}{{ port }},{% endfor %}]}"#);

pub(super) static VALUE_AGAINST_SCHEMA: Rule = Rule::verdict(
    "value-against-schema",
    "The values of a template are as the schema beside it has them",
)
.about(Scope::Templates)
.why(
    "A values.schema.json (or .yaml) beside a template says what values it takes. They are checked before anything is \
     rendered, all layers together. Of a line with a value only the name is shown.",
)
.example("milepost render web.json.j2 --set replicas=many\n\nvalues.schema.json:\n{\"properties\": {\"replicas\": {\"type\": \"integer\"}}}");

pub(super) static VALUE_OUT_OF_PLACE: Rule =
    Rule::verdict("value-out-of-place", "A value is printed where it can be")
        .about(Scope::Templates)
        .why(
            "A list or an object has no place within a string, and a value outside of quotes is a whole value of JSON. \
             Nothing is put there that could change the structure of the definition.",
        )
        .example(r#"{"id": "/web-{{ ports }}"}, rendered with --set ports=[80,443]"#);

pub(super) static DUPLICATE_NAME: Rule = Rule::verdict(
    "duplicate-name",
    "An object that is rendered has each name once",
)
.about(Scope::Templates)
.why("Two values of a template give the same name in an object, and Marathon would take the last one only.")
.example(r#"{"env": {"{{ a }}": "1", "{{ b }}": "2"}}, rendered with --set a=X --set b=X"#);
