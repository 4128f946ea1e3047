//! Constraints that no agent, or not enough of them, can satisfy.

use std::borrow::Cow;

use crate::rule::view::AppView;
use crate::schema::table;
use crate::source::Value;

use super::{Context, Fields, Rule, is_open};

static CONTRADICTION: Rule =
    Rule::fails("contradicting-constraints", "All instances can be placed by the constraints together")
        .why(
            "An instance starts only on an agent that satisfies every constraint. With one value of a field for all \
             instances and another value for each, or with two different values, agents for them do not exist: the instances \
             wait, the deployment never ends, and nothing says why. (Marathon, `Constraints`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "instances": 2, "constraints": [["hostname", "UNIQUE"],
                ["hostname", "CLUSTER", "10.0.0.5"]]}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "instances": 2, "constraints": [["hostname", "UNIQUE"]]}"#);

static SWAPPED: Rule =
    Rule::risky("swapped-constraint", "A constraint names the field first, then the operator and the value")
        .why(
            "Marathon takes any text for the name of an attribute of agents. [\"10.0.0.5\", \"CLUSTER\", \"hostname\"] asks for \
             agents with an attribute `10.0.0.5`, which none has, and no instance starts.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "constraints": [["10.0.0.5", "CLUSTER", "hostname"]]}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "constraints": [["hostname", "CLUSTER", "10.0.0.5"]]}"#);

pub(super) static RULES: &[&Rule] = &[&CONTRADICTION, &SWAPPED];

/// More constraints than these are not compared with each other.
const MOST: usize = 50;

/// A constraint as it is written.
struct WrittenConstraint<'a> {
    at: Value<'a>,
    field: Cow<'a, str>,
    operator: Cow<'a, str>,
    value: Option<Cow<'a, str>>,
}

impl WrittenConstraint<'_> {
    fn is(&self, operator: &str) -> bool {
        self.operator.eq_ignore_ascii_case(operator)
    }

    /// The one value of the field that agents can have.
    fn pinned(&self) -> Option<&str> {
        const OF_A_PATTERN: &str = r".[](){}*+?^$|\";
        let value = self.value.as_deref().filter(|value| !value.is_empty())?;
        let is_it = self.is("CLUSTER")
            || self.is("IS")
            || self.is("LIKE") && !value.contains(|c| OF_A_PATTERN.contains(c));
        is_it.then_some(value)
    }

    /// Whether all instances are where the field has the same value.
    fn is_one(&self) -> bool {
        self.is("CLUSTER") || self.pinned().is_some()
    }

    /// `hostname` has two names.
    fn field(&self) -> &str {
        if self.field == "@hostname" { "hostname" } else { &self.field }
    }
}

/// The constraint that a list of texts is.
fn listed(at: Value<'_>) -> Option<WrittenConstraint<'_>> {
    let mut parts = at.elements().map(|part| part.as_str());
    Some(WrittenConstraint {
        at,
        field: parts.next()??,
        operator: parts.next()??,
        value: parts.next().flatten(),
    })
}

fn text<'a>(at: Value<'a>, name: &str) -> Option<Cow<'a, str>> {
    at.get(name)?.as_str()
}

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    let all = app.fields.list("constraints").take(MOST).filter_map(listed);
    check(&all.collect::<Vec<_>>(), app.instances(), has_fixed_port(app), context);
}

pub(super) fn pod(pod: &Fields<'_>, context: &mut Context<'_>) {
    let Some(scheduling) = pod.object("scheduling", &table::POD_SCHEDULING_POLICY) else { return };
    let Some(placement) = scheduling.object("placement", &table::POD_PLACEMENT_POLICY) else { return };
    let all = placement.list("constraints").take(MOST).filter_map(|at| {
        let (field, operator) = (text(at, "fieldName")?, text(at, "operator")?);
        Some(WrittenConstraint { at, field, operator, value: text(at, "value") })
    });
    let instances = pod.get("scaling").and_then(|scaling| scaling.get("instances")?.as_f64());
    let fixed = |endpoint: Value<'_>| {
        endpoint.get("hostPort").and_then(|port| port.as_f64()).is_some_and(|port| port > 0.0)
    };
    let has_fixed_port = pod
        .list("containers")
        .any(|container| container.get("endpoints").is_some_and(|all| all.elements().any(fixed)));
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    check(&all.collect::<Vec<_>>(), instances.map_or(1, |count| count as i64), has_fixed_port, context);
}

/// Whether a task takes a port of the agent that no second one can have there.
fn has_fixed_port(app: &AppView<'_>) -> bool {
    let number = |at: Option<Value<'_>>, name: &str| {
        at.and_then(|at| at.get(name)?.as_f64()).is_some_and(|port| port > 0.0)
    };
    if !app.is_on_host() {
        return app.port_mappings().any(|mapping| number(mapping.at, "hostPort"));
    }
    app.fields.is_true("requirePorts") && app.port_definitions.iter().flatten().any(|port| port.port > 0)
}

fn check(all: &[WrittenConstraint<'_>], instances: i64, has_fixed_port: bool, context: &mut Context<'_>) {
    let mut is_told = false;
    for (index, one) in all.iter().enumerate() {
        if [&one.field].into_iter().chain(&one.value).any(|text| is_open(text)) {
            continue;
        }
        swapped(one, context);
        let mut others = all[index + 1..].iter().filter(|other| other.field() == one.field());
        let why = others.find_map(|other| contradiction(one, other, instances)).or_else(|| {
            let is_one_host = one.is_one() && one.field() == "hostname";
            (is_one_host && has_fixed_port && instances > 1)
                .then(|| format!("all {instances} instances are for one host, and take the same port of it"))
        });
        // One contradiction is enough to see that something has to go.
        if let Some(why) = why.filter(|_| !std::mem::replace(&mut is_told, true)) {
            let found = context.warn(&CONTRADICTION, one.at);
            found.message = format!("not all instances can start: {why}");
            found.help = Some("leave one of them out".into());
        }
    }
}

/// Why two constraints on one field cannot both hold for this many instances.
fn contradiction(
    one: &WrittenConstraint<'_>,
    other: &WrittenConstraint<'_>,
    instances: i64,
) -> Option<String> {
    let field = one.field();
    if let (Some(first), Some(second)) = (one.pinned(), other.pinned()) {
        return (!is_same(first, second))
            .then(|| format!("no agent has both `{first}` and `{second}` as its `{field}`"));
    }
    let (single, spread) = if one.is_one() { (one, other) } else { (other, one) };
    if !single.is_one() {
        return None;
    }
    if spread.is("UNIQUE") && instances > 1 {
        return Some(format!("all {instances} instances need the same `{field}`, and each one of its own"));
    }
    let most = spread.value.as_ref().filter(|_| spread.is("MAX_PER"))?.parse::<i64>().ok()?;
    (instances > most).then(|| {
        format!("all {instances} instances need the same `{field}`, and at most {most} may share it")
    })
}

/// Whether an attribute can have both values: numbers are compared as such.
fn is_same(one: &str, other: &str) -> bool {
    one == other
        || matches!((one.parse::<f64>(), other.parse::<f64>()), (Ok(one), Ok(other)) if one.total_cmp(&other).is_eq())
}

fn swapped(one: &WrittenConstraint<'_>, context: &mut Context<'_>) {
    const FIELDS: [&str; 4] = ["hostname", "@hostname", "@zone", "@region"];
    let Some(value) = one.value.as_deref().filter(|value| FIELDS.contains(value)) else { return };
    if one.pinned().is_none() || FIELDS.contains(&one.field.as_ref()) {
        return;
    }
    let found = context.warn(&SWAPPED, one.at);
    found.message = format!(
        "no instance starts: this asks for agents with an attribute `{}` that is `{value}`",
        one.field
    );
    found.help = Some("write the field first, and the value last".into());
}
