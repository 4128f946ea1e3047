use super::*;

/// Two apps and a marathon-lb that does what `get_apps` of `marathon_lb.py` does.
#[derive(Clone, Debug)]
struct Played {
    /// Of the app that has the traffic at first and of the other one: tasks, the target of its label, when it was scaled.
    sides: [(Vec<String>, Option<u64>, u64); 2],
    clock: u64,
    made: u64,
    /// It drains the app that was created first, whichever was scaled last, as older ones do.
    by_creation: bool,
    /// As that, and all that are more than the label says: so that the app that was created first gets no requests more.
    keeps_target: bool,
}

/// The way back to this many instances.
fn back_to(number: u64) -> Way {
    Way { aim: ColourAim::All(number), step: None, stops_single: true, goes_back: true }
}

impl Played {
    fn new(old: u64, old_target: Option<u64>, new: u64, target: u64) -> Self {
        let mut played = Self {
            sides: [(vec![], old_target, 0), (vec![], Some(target), 0)],
            clock: 0,
            made: 0,
            by_creation: false,
            keeps_target: false,
        };
        played.scale(0, old);
        played.scale(1, new);
        played
    }

    fn scale(&mut self, side: usize, number: u64) {
        self.clock += 1;
        self.sides[side].2 = self.clock;
        while (self.sides[side].0.len() as u64) < number {
            self.made += 1;
            self.sides[side].0.push(format!("{side}-{:04}", self.made));
        }
        self.sides[side].0.truncate(usize::try_from(number).expect("few"));
    }

    /// The drained tasks: of the app that was scaled less recently.
    fn drained(&self) -> Vec<String> {
        let is_swapped = !(self.by_creation || self.keeps_target) && self.sides[0].2 > self.sides[1].2;
        let (old, new) = if is_swapped { (1, 0) } else { (0, 1) };
        let (old, new) = (&self.sides[old], &self.sides[new]);
        let target =
            usize::try_from(new.1.expect("marathon-lb fails for an app without the label")).expect("few");
        let surplus = (new.0.len() + old.0.len()).saturating_sub(target);
        let most = if self.keeps_target { surplus } else { new.0.len().min(surplus) };
        old.0.iter().take(most).cloned().collect()
    }

    fn side(&self, side: usize) -> ColourApp {
        let (tasks, target, scaled) = &self.sides[side];
        let number = tasks.len() as u64;
        ColourApp {
            instances: number,
            tasks: number,
            routed: number,
            scaled_at: format!("{scaled:09}"),
            target: *target,
        }
    }

    /// How many tasks get requests.
    fn active(&self) -> u64 {
        (self.sides[0].0.len() + self.sides[1].0.len() - self.drained().len()) as u64
    }

    /// Moves from one side to the other; the fewest tasks that got requests meanwhile, between two steps.
    fn play(&mut self, from: usize, to: usize, way: Way) -> u64 {
        self.moved(from, to, way).unwrap_or_else(|| panic!("it is stuck: {self:?}"))
    }

    /// As [`Played::play`]; nothing where it ends because HAProxy does not take what was started.
    fn moved(&mut self, from: usize, to: usize, way: Way) -> Option<u64> {
        let mut fewest = self.active();
        for _ in 0..200 {
            let drained = self.drained();
            let up = |side: usize| self.sides[side].0.iter().filter(|task| !drained.contains(task)).count();
            let traffic = Traffic {
                up: up(to),
                other_up: up(from),
                held: self.sides[to].0.iter().filter(|task| drained.contains(task)).count(),
                drained: drained.iter().filter(|task| self.sides[from].0.contains(task)).cloned().collect(),
                ..Traffic::default()
            };
            match way.next(&self.side(from), &self.side(to), &traffic) {
                Next::Scale(number) => self.scale(to, number),
                Next::Exchange { stop, scale } => {
                    assert!(!stop.is_empty(), "{self:?}");
                    self.sides[from].0.retain(|task| !stop.contains(task));
                    let left = self.sides[from].0.len() as u64;
                    self.scale(from, left);
                    if let Some(number) = scale {
                        self.scale(to, number);
                    }
                }
                Next::Delete => {
                    assert!(
                        self.by_creation || self.sides[from].0.iter().all(|task| drained.contains(task)),
                        "sessions are lost: {self:?}"
                    );
                    self.sides[from].0.clear();
                    return Some(fewest);
                }
                Next::Done => return Some(fewest),
                Next::Stuck => return None,
                waits => panic!("{waits:?} would wait for ever: {self:?} {traffic:?}"),
            }
            fewest = fewest.min(self.active());
        }
        panic!("it does not end: {self:?}")
    }
}

#[test]
fn all_instances_are_moved_and_none_is_missed() {
    for old in 1..25 {
        for step in [None, Some(1), Some(3), Some(100)] {
            for old_target in [Some(old), Some(1), Some(old + 5), None] {
                let mut played = Played::new(old, old_target, step.unwrap_or(1).min(old), old);
                let way = Way {
                    aim: ColourAim::All(old),
                    step,
                    stops_single: old_target.is_some(),
                    goes_back: false,
                };
                let fewest = played.play(0, 1, way);
                assert_eq!(played.sides[1].0.len() as u64, old, "{old} {step:?} {old_target:?}");
                // Right after single instances were stopped and before the next are there, an old label may count.
                assert!(fewest >= old, "{old} {step:?} {old_target:?}: {fewest}");
            }
        }
    }
}

#[test]
fn a_canary_gets_its_instances_and_is_promoted_or_aborted() {
    for old in 2..20 {
        for number in 1..old {
            let mut played = Played::new(old, Some(old), 1, old);
            let way = |aim| Way { aim, step: None, stops_single: true, goes_back: false };
            played.play(0, 1, way(ColourAim::Canary(number)));
            let both = |played: &Played| (played.sides[0].0.len() as u64, played.sides[1].0.len() as u64);
            assert_eq!(both(&played), (old - number, number));
            assert_eq!(played.drained(), Vec::<String>::new());
            let mut promoted = played.clone();
            assert!(promoted.play(0, 1, way(ColourAim::All(old))) >= old);
            assert_eq!(both(&promoted), (0, old));
            assert!(played.play(1, 0, way(ColourAim::All(old))) >= old);
            assert_eq!(played.sides[1].0.len(), 0);
            assert!(played.sides[0].0.len() as u64 >= old, "{old} {number}");
        }
    }
}

/// Where a move may be: the target, and how many instances of the new and of the old app there are.
fn points() -> impl Iterator<Item = (u64, u64, u64)> {
    (1..12).flat_map(|old| (1..=old).flat_map(move |new| (0..=old).map(move |left| (old, new, left))))
}

#[test]
fn every_point_can_be_aborted() {
    for (old, new, left) in points() {
        // Whichever app was scaled last.
        for last in [0, 1] {
            let mut played = Played::new(left, Some(old), new, old);
            let number = played.sides[last].0.len() as u64;
            played.scale(last, number);
            played.play(1, 0, back_to(old));
            assert!(played.sides[0].0.len() as u64 >= old, "{old} {new} {left} {last}");
            assert!(played.sides[1].0.is_empty());
        }
    }
}

#[test]
fn every_point_can_be_aborted_where_the_older_app_is_drained() {
    for (old, new, left) in points() {
        let mut played = Played::new(left, Some(old), new, old);
        played.by_creation = true;
        let active = played.active();
        let fewest = played.play(1, 0, back_to(old));
        assert!(fewest >= active.min(old), "{old} {new} {left}: {fewest} of {active}");
        assert!(played.sides[0].0.len() as u64 >= old, "{old} {new} {left}");
        assert!(played.sides[1].0.is_empty());
    }
}

#[test]
fn no_more_are_started_than_help() {
    for (old, new, left) in points() {
        let mut played = Played::new(left, Some(old), new, old);
        played.keeps_target = true;
        let moved = played.moved(1, 0, back_to(old));
        assert_eq!(moved, None, "{old} {new} {left}");
        let instances = |side: usize| played.sides[side].0.len() as u64;
        assert!(instances(0) <= old + new && instances(1) == new, "{old} {new} {left}: {played:?}");
        // What was begun can be completed.
        let way = Way { aim: ColourAim::All(old), step: None, stops_single: true, goes_back: false };
        assert!(played.moved(0, 1, way).is_some(), "{old} {new} {left}: {played:?}");
        assert!(played.sides[0].0.is_empty());
    }
}

#[test]
fn many_more_than_the_target_are_stopped_without_as_many_of_the_other_app() {
    let mut played = Played::new(71, Some(4), 1, 4);
    let way = Way { aim: ColourAim::All(4), step: None, stops_single: true, goes_back: false };
    assert!(played.play(0, 1, way) >= 4);
    assert!(played.sides[1].0.len() < 16, "{played:?}");
}

#[test]
fn nothing_is_stopped_before_haproxy_agrees() {
    let way = Way { aim: ColourAim::All(4), step: None, stops_single: true, goes_back: false };
    let side = |instances, scaled: &str| ColourApp {
        instances,
        tasks: instances,
        routed: instances,
        scaled_at: scaled.to_owned(),
        target: Some(4),
    };
    let drained = |up, drained: &[&str]| Traffic {
        up,
        drained: drained.iter().map(|id| (*id).to_owned()).collect(),
        ..Traffic::default()
    };
    for (from, to, traffic, expected) in [
        (side(4, "1"), side(1, "2"), drained(0, &["a"]), Next::AwaitUp { up: 0, of: 1 }),
        (side(4, "1"), side(1, "2"), drained(1, &[]), Next::AwaitDrained { drained: 0, of: 1 }),
        (
            side(4, "1"),
            side(1, "2"),
            drained(1, &["a"]),
            Next::Exchange { stop: vec!["a".to_owned()], scale: Some(2) },
        ),
        (side(2, "1"), side(4, "2"), drained(4, &["a"]), Next::AwaitDrained { drained: 1, of: 2 }),
        (side(2, "1"), side(4, "2"), drained(4, &["a", "b"]), Next::Delete),
        // marathon-lb drains the wrong app.
        (side(2, "3"), side(4, "2"), drained(3, &[]), Next::Scale(5)),
        (side(0, "3"), side(4, "2"), drained(3, &[]), Next::AwaitUp { up: 3, of: 4 }),
        (side(0, "3"), side(4, "2"), drained(4, &[]), Next::Delete),
        (side(0, "3"), side(1, "2"), drained(1, &[]), Next::Scale(4)),
    ] {
        assert_eq!(way.next(&from, &to, &traffic), expected, "{from:?} {to:?} {traffic:?}");
    }
}
