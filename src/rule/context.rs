//! What rules about one definition share: the target's settings, and the findings so far.

use std::borrow::Cow;

use crate::finding::{Answer, Effect, Finding, Fix, Stage, marathon_pointer};
use crate::source::{Kind, Pointer, Type, Value, pointers};
use crate::target::{Release, Settings};
use crate::util::hash::Map;

use super::follow_up::{Extent, RejectedValues};
use super::{Facts, Rule, place};

/// The settings that rules depend on, and the findings about one definition.
pub(super) struct Context<'s> {
    pub(super) settings: &'s Settings,
    kind: Kind,
    /// The rejections.
    pub(super) found: Vec<Finding>,
    /// The rejected values, by where they begin.
    extents: Map<usize, Extent>,
    /// Where in `found` the rejections of the current app begin.
    begin: usize,
    /// Marathon has stopped: it reports later rejections only once the earlier ones are fixed.
    stopped: bool,
    /// Where values begin that the parser rejects, in order. Rules skip whatever holds one of them.
    ill_typed: Vec<usize>,
    /// Warnings, each with the id of its node.
    warnings: Vec<(u32, Finding)>,
    /// What the definition shares with others, as far as it was checked.
    pub(super) facts: Facts,
    /// Reports rejections only; skips advice.
    pub(super) is_brief: bool,
}

impl<'s> Context<'s> {
    /// For a definition of this kind, in which the parser rejects the values that begin at these bytes. If there are any,
    /// Marathon reports all else later.
    pub(super) fn new(settings: &'s Settings, kind: Kind, mut ill_typed: Vec<usize>, is_brief: bool) -> Self {
        ill_typed.sort_unstable();
        Self {
            settings,
            kind,
            found: Vec::new(),
            extents: Map::default(),
            begin: 0,
            stopped: !ill_typed.is_empty(),
            ill_typed,
            warnings: Vec::new(),
            facts: Facts::default(),
            is_brief,
        }
    }

    /// For a definition of this kind without the values that the parser rejects: Marathon reports all else later.
    pub(super) fn beside(settings: &'s Settings, kind: Kind) -> Self {
        Self { stopped: true, ..Self::new(settings, kind, Vec::new(), false) }
    }

    /// The target's release line.
    pub(super) fn release(&self) -> Release {
        self.settings.release
    }

    /// Reports that Marathon rejects `at`: `path` and `error` are Marathon's own, in its notation and words. The message
    /// is the rule's title until [`Rejection::describe`] sets a better one.
    ///
    /// Cold, like [`Self::warn`]: most rules find nothing in most definitions, so the code that reports is kept apart from
    /// the code that runs for every definition.
    #[cold]
    #[inline(never)]
    pub(super) fn reject(
        &mut self,
        rule: &'static Rule,
        stage: Stage,
        at: Value<'_>,
        path: impl Into<String>,
        error: impl Into<String>,
    ) -> Rejection<'_, 's> {
        let path = path.into();
        let range = at.range();
        // Only apps, pods and groups have ids.
        let is_whole = at.node_id() == 0 || at.kind() == Type::Object && at.get("id").is_some();
        self.extents.insert(range.start, Extent { end: range.end, is_whole, node: at.node_id() });
        let first = self.found.len();
        self.found.push(Finding {
            rule,
            effect: Effect::Rejected,
            // As Marathon counts until all rejections are known.
            pointer: marathon_pointer(&path),
            message: String::new(),
            help: None,
            range: at.first_line(),
            answer: Some(Box::new(Answer {
                stage,
                path: self.answered(stage, path),
                error: error.into(),
                later: self.stopped && stage != Stage::Parse,
                others: Vec::new(),
            })),
            refusal: None,
            fix: None,
        });
        Rejection { context: self, first }
    }

    /// The path that Marathon's answer gives for `path`.
    fn answered(&self, stage: Stage, path: String) -> String {
        match self.kind {
            _ if stage != Stage::Canonical || self.release() > Release::V1_5 => path,
            Kind::Pod => pod_path_of_1_5(path),
            Kind::App | Kind::Apps | Kind::Group => app_path_of_1_5(path),
        }
    }

    /// Warns of something that Marathon accepts. The message is the rule's title until the caller sets a better one; `at`
    /// is a value, or the name of a member.
    #[cold]
    #[inline(never)]
    pub(super) fn warn(&mut self, rule: &'static Rule, at: Value<'_>) -> &mut Finding {
        let finding = Finding {
            rule,
            effect: rule.effect,
            pointer: Pointer::root(),
            message: String::new(),
            help: None,
            range: at.first_line(),
            answer: None,
            refusal: None,
            fix: None,
        };
        self.warnings.push((at.node_id(), finding));
        &mut self.warnings.last_mut().expect("internal error: a finding was pushed just now").1
    }

    /// All findings in the definition of this root, without those that only follow from an earlier rejection.
    pub(super) fn into_found(mut self, root: Value<'_>) -> Vec<Finding> {
        RejectedValues::new(&self.extents).without_follow_ups(&mut self.found);
        self.point_at_values(root);
        let release = self.settings.release;
        self.warnings.retain(|(_, found)| found.rule.holds_for(release));
        if !self.warnings.is_empty() {
            self.warnings.sort_by_key(|(node, _)| *node);
            let nodes: Vec<u32> = self.warnings.iter().map(|(node, _)| *node).collect();
            let warnings = self.warnings.into_iter().zip(pointers(root, &nodes));
            self.found.extend(warnings.map(|((_, finding), pointer)| Finding { pointer, ..finding }));
        }
        for found in self.found.iter_mut().filter(|found| found.message.is_empty()) {
            found.message = found.rule.title.to_owned();
        }
        self.found
    }

    /// Points the rejections at their values in the file.
    fn point_at_values(&mut self, root: Value<'_>) {
        let node = |found: &Finding| self.extents.get(&found.range.start).map_or(0, |extent| extent.node);
        let mut places: Vec<(u32, usize)> =
            self.found.iter().enumerate().map(|(index, found)| (node(found), index)).collect();
        places.sort_unstable();
        let nodes: Vec<u32> = places.iter().map(|(node, _)| *node).collect();
        let is_alone = matches!(self.kind, Kind::App | Kind::Pod);
        for ((node, index), value) in places.into_iter().zip(pointers(root, &nodes)) {
            let found = &mut self.found[index];
            let is_said = found.answer.as_ref().is_some_and(|answer| !answer.path.is_empty());
            // Alone, a definition is what Marathon counts from, and what is around the value is a place of it, too.
            if !(is_alone && is_said && value.steps().starts_with(found.pointer.steps())) {
                found.pointer = place::in_file(root.at_place(node), value, &found.pointer);
            }
        }
    }

    /// Whether anything was rejected.
    pub(super) fn has_failed(&self) -> bool {
        !self.found.is_empty()
    }

    /// Whether this value was rejected.
    pub(super) fn rejects(&self, at: Value<'_>) -> bool {
        self.extents.contains_key(&at.range().start)
    }

    /// Starts the next app.
    pub(super) fn begin(&mut self) {
        self.begin = self.found.len();
    }

    /// The rejections of the current app.
    pub(super) fn of_this(&self) -> &[Finding] {
        &self.found[self.begin..]
    }

    /// Marks all rejections from here on as later ones if there are any so far: Marathon goes no further.
    pub(super) fn stop_if_failed(&mut self) {
        self.stopped |= self.has_failed();
    }

    /// Marks all rejections but the first since there were `before` of them as later ones: Marathon reports one at a time.
    pub(super) fn only_first_since(&mut self, before: usize) {
        for found in self.found.iter_mut().skip(before + 1) {
            if let Some(answer) = &mut found.answer {
                answer.later = true;
            }
        }
    }

    /// Whether the parser accepts all of this value.
    pub(super) fn is_well_typed(&self, value: Value<'_>) -> bool {
        self.ill_typed_in(value) == 0
    }

    /// The number of values within this one that the parser rejects.
    pub(super) fn ill_typed_in(&self, value: Value<'_>) -> usize {
        let range = value.range();
        let before = |end| self.ill_typed.partition_point(|start| *start < end);
        before(range.end) - before(range.start)
    }
}

/// The path in the answer of 1.5 and before for what is wrong in an app at `path`: some lead to a part of the validator's
/// source.
fn app_path_of_1_5(path: String) -> String {
    if let Some(check) = path.strip_prefix("/readinessChecks") {
        return if check.starts_with('(') { format!("/value{check}") } else { "/".to_owned() };
    }
    match path.as_str() {
        _ if path.starts_with("/acceptedResourceRoles(") => "/acceptedResourceRoles/value/value".to_owned(),
        _ => path,
    }
}

/// The path in the answer of 1.5 and before for what is wrong in a pod at `path`: one that leads through an optional object
/// ends there.
fn pod_path_of_1_5(path: String) -> String {
    /// Optional objects whose insides have rules.
    const OPTIONAL: [&str; 4] = ["/scheduling", "/scaling", "/healthCheck", "/image"];
    /// What 1.5 answers for the volumes with secrets: a path that begins with a part of the validator's source.
    const SECRET_VOLUMES: &str = include_str!("pod/secret_volumes_of_1_5.txt");
    if let Some(inside) = path.strip_prefix("/podSecretVolumes(pod)") {
        return format!("{SECRET_VOLUMES}{inside}");
    }
    let owner = if path.starts_with("/containers(") { path.find(')').map_or(0, |end| end + 1) } else { 0 };
    let Some(name) = OPTIONAL.into_iter().find(|name| path[owner..].starts_with(name)) else {
        return path;
    };
    let (object, inside) = path.split_at(owner + name.len());
    match inside.rfind('(').map(|start| &inside[start..]) {
        // A character of a role's name: two collections, one within the other.
        Some(_) if inside.contains("Roles") => format!("{object}value/value"),
        Some(index) => format!("{object}{index}"),
        None => object.to_owned(),
    }
}

/// A rejection just made, to be completed: with words for people, with what else Marathon answers, with a fix.
pub(super) struct Rejection<'c, 's> {
    context: &'c mut Context<'s>,
    /// Where in the context's findings the rejection begins: it has one finding for each answer of Marathon.
    first: usize,
}

impl Rejection<'_, '_> {
    /// Adds another answer of the canonical API for the same reason.
    pub(super) fn also(self, path: impl Into<String>, error: impl Into<String>) -> Self {
        let path = self.context.answered(Stage::Canonical, path.into());
        let rejection = self.also_says(error);
        if let Some(answer) = rejection.context.found.last_mut().and_then(|again| again.answer.as_mut()) {
            answer.path = path;
        }
        rejection
    }

    /// As [`Self::also`], at the same path.
    pub(super) fn also_says(self, error: impl Into<String>) -> Self {
        if let Some(mut again) = self.context.found.last().cloned()
            && let Some(answer) = &mut again.answer
        {
            answer.error = error.into();
            self.context.found.push(again);
        }
        self
    }

    /// Points at `place`, where Marathon's path does not lead there.
    pub(super) fn points_at(self, place: &str) -> Self {
        let pointer = marathon_pointer(place);
        self.context.found[self.first..].iter_mut().for_each(|found| found.pointer = pointer.clone());
        self
    }

    /// Says what is wrong, and what to do about it; an empty `help` is none.
    #[cold]
    #[inline(never)]
    pub(super) fn describe(self, message: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        let (message, help) = (message.into(), help.into());
        for found in &mut self.context.found[self.first..] {
            found.message.clone_from(&message);
            found.help = Some(help.clone()).filter(|help| !help.is_empty());
        }
        self
    }

    /// Adds a fix to the last answer.
    pub(super) fn fix(self, fix: Box<Fix>) {
        if let Some(found) = self.context.found.last_mut() {
            found.fix = Some(fix);
        }
    }
}
