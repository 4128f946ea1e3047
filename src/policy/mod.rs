//! An organisation's own rules: JSON Schemas that definitions are held against, as Marathon would store them or as they
//! are written.
//!
//! A schema is compiled once in a run, and not at all where no policy is asked for. No value of a definition gets into a
//! message: it may be a secret.

mod definitions;
mod location;
mod schema;
mod unusable;
pub(crate) mod words;

use serde_json::Value as Json;

use crate::config::{PolicyForm, PolicySettings};
use crate::finding::{Finding, Rule};
use crate::lint::Report;
use crate::normalize::{self, Normalized, Unneeded};
use crate::source::{Document, Format, Pointer, Value, pointers};
use crate::target::Settings;
use crate::util::escape::shown_path;

use definitions::{PolicySubject, definitions};
use location::Below;
pub(crate) use schema::CompiledSchema;
pub(crate) use schema::SchemaError;

/// A policy, ready to be applied.
#[derive(Debug)]
struct Policy {
    settings: PolicySettings,
    schema: CompiledSchema,
    rule: &'static Rule,
    /// What its findings say before what is wrong at their place.
    lead: String,
}

/// The policies of a run.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    all: Vec<Policy>,
    /// What none of them looks at where it looks at what is stored: it is not normalized.
    unneeded: Unneeded,
}

impl Policies {
    /// Reads and compiles the schemas of policies.
    ///
    /// # Errors
    /// When a schema cannot be read, or is not one.
    pub(crate) fn load(settings: Vec<PolicySettings>) -> Result<Self, SchemaError> {
        if settings.is_empty() {
            return Ok(Self::default());
        }
        let compiled = settings.into_iter().map(|settings| {
            let schema = CompiledSchema::read(&settings.schema)?;
            let rule = policy_rule(&settings, &schema);
            let lead =
                settings.message.as_deref().unwrap_or(rule.title).trim_end_matches(['.', ' ']).to_owned();
            Ok(Policy { settings, schema, rule, lead })
        });
        let all = compiled.collect::<Result<Vec<_>, SchemaError>>()?;
        let unneeded = Unneeded::of_all_but(|field| {
            all.iter().any(|policy| policy.is_stored() && policy.schema.may_name(field))
        });
        Ok(Self { all, unneeded })
    }

    /// The policies as rules, to be explained.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        self.all.iter().map(|policy| policy.rule)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Adds to a file's report where it is against a policy. `path` is the file's, as it was named.
    pub(crate) fn check(&self, path: &str, format: Format, settings: &Settings, report: &mut Report) {
        let (Some(kind), false) = (report.kind, self.all.is_empty()) else { return };
        let rejected = report.is_rejected();
        let of_path = self.all.iter().filter(|policy| policy.is_for_path(path));
        let (unheld, policies): (Vec<&Policy>, Vec<&Policy>) =
            of_path.partition(|policy| rejected && policy.is_stored());
        report.unheld.extend(unheld.into_iter().map(|policy| policy.rule));
        if policies.is_empty() {
            return;
        }
        // A report keeps its tree only where other files may add to it.
        let document;
        let root = if report.tree.is_empty() {
            match Document::parse(&*report.text, format) {
                Ok(parsed) if !parsed.is_too_deep() => document = parsed,
                _ => return,
            }
            document.root()
        } else {
            report.tree.root(&report.text)
        };
        let (stored, written): (Vec<&Policy>, Vec<&Policy>) =
            policies.into_iter().partition(|policy| policy.is_stored());
        let mut check = PolicyCheck { root, below: Below::default(), found: Vec::new() };
        if !written.is_empty() {
            for definition in definitions(root, kind) {
                check.text(&definition, &written);
            }
        }
        if !stored.is_empty() {
            let value = normalize::stored_without(&self.unneeded, root, kind, settings);
            let normalized = Normalized::stored(kind, value);
            definitions::each_stored(root, &normalized, |definition, value| {
                check.stored(definition, value, &stored);
            });
        }
        let found = check.into_findings();
        if !found.is_empty() {
            report.findings.extend(found);
            report.findings.sort_by_key(|finding| finding.range.start);
        }
    }
}

impl Policy {
    /// Whether it is about what Marathon stores, not about the text.
    fn is_stored(&self) -> bool {
        self.settings.on == PolicyForm::Stored
    }

    fn is_for_path(&self, path: &str) -> bool {
        self.settings.paths.as_ref().is_none_or(|paths| paths.has(path))
    }

    fn is_for(&self, definition: &PolicySubject<'_>) -> bool {
        self.settings.kinds.contains(&definition.kind)
    }
}

/// A policy as a rule: titled and explained by its schema. It lives as long as the program; there are as many as the
/// settings name.
fn policy_rule(settings: &PolicySettings, schema: &CompiledSchema) -> &'static Rule {
    let description = schema.description.as_deref().unwrap_or_default();
    let first_sentence = description.split_once(". ").map_or(description, |(first, _)| first);
    let title = match (&schema.title, first_sentence, &settings.message) {
        (Some(title), ..) => title.clone(),
        (None, "", None) => format!("A definition is as the schema {} has it", shown_path(&settings.schema)),
        (None, "", Some(message)) => message.clone(),
        (None, sentence, _) => sentence.to_owned(),
    };
    let why = if description.is_empty() {
        format!("A policy of your own: {}.", shown_path(&settings.schema))
    } else {
        description.to_owned()
    };
    let rule = Rule::policy(
        settings.name.clone().leak(),
        title.trim_end_matches(['.', ' ']).to_owned().leak(),
        settings.effect,
        why.leak(),
        held_against(settings).leak(),
    );
    Box::leak(Box::new(rule))
}

/// The definitions and files that a policy is for, in words.
fn held_against(settings: &PolicySettings) -> String {
    let kinds: Vec<String> = settings.kinds.iter().map(|kind| format!("{}s", kind.name())).collect();
    let form = match settings.on {
        PolicyForm::Stored => "as Marathon would store them",
        PolicyForm::Text => "as they are written",
    };
    let paths: Vec<String> = settings.written_paths.iter().map(|path| format!("`{path}`")).collect();
    let files = if paths.is_empty() { "all files".to_owned() } else { paths.join(", ") };
    format!("{} in {files}, {form}", kinds.join(" and "))
}

/// One file being held against policies.
struct PolicyCheck<'a> {
    root: Value<'a>,
    below: Below<'a>,
    found: Vec<Violation<'a>>,
}

/// A finding whose way from the root is not known yet.
struct Violation<'a> {
    definition: Value<'a>,
    /// The way from the definition on.
    pointer: Pointer,
    finding: Finding,
}

impl<'a> PolicyCheck<'a> {
    fn text(&mut self, definition: &PolicySubject<'a>, policies: &[&Policy]) {
        let mut json = None;
        for policy in policies.iter().filter(|policy| policy.is_for(definition)) {
            let json = json.get_or_insert_with(|| definition.value.to_json());
            self.apply(policy, definition, json);
        }
    }

    fn stored(&mut self, definition: &PolicySubject<'a>, value: &Json, policies: &[&Policy]) {
        for policy in policies.iter().filter(|policy| policy.is_for(definition)) {
            self.apply(policy, definition, value);
        }
    }

    fn apply(&mut self, policy: &Policy, definition: &PolicySubject<'a>, json: &Json) {
        if policy.schema.is_valid(json) {
            return;
        }
        let whole = format!("this {}", definition.kind.name());
        for error in policy.schema.errors(json) {
            let location = self.below.locate(definition.value, &error, policy.is_stored());
            let words = words::words(&error, &whole);
            let message = if policy.lead.is_empty() { words } else { format!("{}: {words}", policy.lead) };
            let finding = Finding {
                rule: policy.rule,
                effect: policy.settings.effect,
                pointer: Pointer::root(),
                message,
                help: None,
                range: location.range,
                answer: None,
                refusal: None,
                fix: None,
            };
            let violation = Violation { definition: definition.value, pointer: location.pointer, finding };
            self.found.push(violation);
        }
    }

    fn into_findings(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|violation| violation.definition.node_id());
        let nodes: Vec<u32> = self.found.iter().map(|violation| violation.definition.node_id()).collect();
        let ways = pointers(self.root, &nodes);
        let placed = ways.into_iter().zip(self.found).map(|(mut way, Violation { pointer, finding, .. })| {
            way.extend(pointer.steps().iter().cloned());
            Finding { pointer: way, ..finding }
        });
        placed.collect()
    }
}
