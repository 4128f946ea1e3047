//! The kinds of difference from a real Marathon that are known, each with its reason. Everything else is a failure.

use milepost::source::Kind;

/// What a server answers to a definition that it rejects.
pub(crate) struct Rejection {
    pub(crate) status: Option<u16>,
    pub(crate) message: String,
    /// Each as `path: text`; sorted.
    pub(crate) lines: Vec<String>,
}

/// Different answers to one definition; none where it is accepted.
pub(crate) struct Difference<'a> {
    pub(crate) kind: Kind,
    pub(crate) ours: Option<&'a Rejection>,
    pub(crate) theirs: Option<&'a Rejection>,
}

fn lines_of(side: Option<&Rejection>) -> &[String] {
    side.map_or(&[], |rejection| &rejection.lines)
}

impl Difference<'_> {
    /// Lines of one side that the other lacks.
    fn lines(&self) -> impl Iterator<Item = &str> {
        let (ours, theirs) = (lines_of(self.ours), lines_of(self.theirs));
        let here = ours.iter().filter(move |line| !theirs.contains(line));
        here.chain(theirs.iter().filter(move |line| !ours.contains(line))).map(String::as_str)
    }

    fn has(&self, part: &str) -> bool {
        self.lines().any(|line| line.contains(part))
    }

    fn all(&self, is: impl Fn(&str) -> bool) -> bool {
        self.lines().next().is_some() && self.lines().all(is)
    }
}

/// A kind of difference.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) why: &'static str,
    /// How many of all recordings differ so; more are a failure.
    pub(crate) most: usize,
    is: fn(&Difference<'_>) -> bool,
}

/// The kind of a difference, if it is known.
pub(crate) fn of(difference: &Difference<'_>) -> Option<&'static Known> {
    KNOWN.iter().find(|known| (known.is)(difference))
}

/// In order: the first that fits counts.
static KNOWN: &[Known] = &[
    Known {
        name: "order of a set",
        why: "a path counts in the order of a Scala HashSet, which from five elements on follows hash codes",
        most: 135,
        is: |difference| {
            let sets = ["/dependencies(", "/healthChecks(", "/scheduling/placement/constraints("];
            let is_cycle = |line: &str| line == "/: Dependency graph has cyclic dependencies.";
            let is_other_element = || {
                let starts = |side: Option<&Rejection>| {
                    side.is_some_and(|side| side.message.starts_with("illegal volume constraint "))
                };
                starts(difference.ours) && starts(difference.theirs)
            };
            is_other_element()
                || difference.has("(")
                    && difference.all(|line| is_cycle(line) || sets.iter().any(|set| line.starts_with(set)))
        },
    },
    Known {
        name: "dependencies within a misplaced group",
        why: "a group that is stored in another one than its id names is a part of it for dependencies; here ids decide",
        most: 1,
        is: |difference| {
            difference.kind == Kind::Group
                && difference.has("Dependency graph has cyclic dependencies.")
                && difference.theirs.is_some_and(|theirs| {
                    theirs.lines.iter().any(|line| line.contains("Group has to be child of groups"))
                })
        },
    },
    Known {
        name: "half a surrogate pair",
        why: "Marathon writes `?` for it where it quotes an object",
        most: 1,
        is: |difference| {
            difference
                .all(|line| line.contains(" is undefined on object: ") && line.contains(['?', '\u{fffd}']))
        },
    },
];
