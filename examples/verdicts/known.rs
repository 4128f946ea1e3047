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
    pub(crate) text: &'a str,
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
        most: 145,
        is: |difference| {
            let sets = ["/dependencies(", "/healthChecks(", "/scheduling/placement/constraints("];
            let is_cycle = |line: &str| line == "/: Dependency graph has cyclic dependencies.";
            difference.has("(")
                && difference.all(|line| is_cycle(line) || sets.iter().any(|set| line.starts_with(set)))
        },
    },
    Known {
        name: "letters that fold to ASCII",
        why: "Marathon reads `docker` with a Kelvin sign as DOCKER",
        most: 12,
        is: |difference| {
            let text = difference.text.to_ascii_lowercase();
            difference.has("/container/type: error.unknown.enum.literal")
                && (text.contains('\u{212a}') || text.contains("\\u212a"))
        },
    },
    Known {
        name: "CSI access mode UNKNOWN",
        why: "Marathon knows this mode; what follows from it is not ported",
        most: 5,
        is: |difference| difference.has(": CSI options.access.mode is invalid."),
    },
    Known {
        name: "group outside its parent",
        why: "Marathon accepts some such groups, and stores a tree that is corrupt",
        most: 23,
        is: |difference| {
            difference.kind == Kind::Group && difference.has("Group has to be child of groups with parent id")
        },
    },
    Known {
        name: "app id twice in a group",
        why: "Marathon counts the dependencies and volumes of both apps, and stores one",
        most: 4,
        is: |difference| {
            difference.kind == Kind::Group
                && (difference.has("Dependency graph has cyclic dependencies.")
                    || difference.has("conflicts with volume(s)"))
        },
    },
    Known {
        name: "role of a group without an absolute id",
        why: "the expected role follows the path that Marathon makes of the id of a group's body",
        most: 11,
        is: |difference| difference.kind == Kind::Group && difference.has("/role: got "),
    },
    Known {
        name: "array of apps as updates",
        why: "PUT /v2/apps applies updates one after another; later ones see what earlier ones made",
        most: 4,
        is: |difference| {
            difference.text.trim_start().starts_with('[')
                && (difference.ours.is_none()
                    || difference.has("/: portMappings are not allowed with host-networking"))
        },
    },
    Known {
        name: "infinite number in a pod",
        why: "Marathon reads 1e400 as infinity",
        most: 1,
        is: |difference| {
            difference.kind == Kind::Pod && difference.has("Character I is neither a decimal digit number")
        },
    },
];
