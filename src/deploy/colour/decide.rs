//! What is done next while one app takes over from another: a function of what runs and what HAProxy says.
//!
//! marathon-lb drains tasks of one of the two apps: that of which the number of instances was changed less recently; its
//! older releases drain that which was created first. It drains as many as there are instances more than the label of the
//! other app says (`get_apps` of `marathon_lb.py`). All that is done here is to change numbers in an order in which that is
//! what is wanted.

use super::haproxy::Traffic;

/// One of the two apps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ColourApp {
    /// How many instances it should have.
    pub instances: u64,
    /// How many tasks it has.
    pub tasks: u64,
    /// How many of them run, and are healthy where there are checks.
    pub routed: u64,
    /// When its number of instances was last changed, by the server's clock.
    pub scaled_at: String,
    /// How many instances both apps have together, by its label.
    pub target: Option<u64>,
}

/// What it is to come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColourAim {
    /// The one app has this many instances, the other one is gone.
    All(u64),
    /// The one app has this many instances as a canary; of both there are as many as there were of one.
    Canary(u64),
}

/// How it comes to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// What it is to come to.
    pub aim: ColourAim,
    /// This many instances are added at once; without it half as many as there are.
    pub step: Option<u64>,
    /// Instances of the other app are stopped one by one. Otherwise they stay until all can go, because marathon-lb fails for
    /// an app that is changed and has no label [`super::TARGET`].
    pub stops_single: bool,
    /// The one app had all instances before.
    pub goes_back: bool,
}

/// What is done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// HAProxy does not yet send requests to all instances that it should.
    AwaitUp {
        /// To how many it does.
        up: u64,
        /// To how many it should.
        of: u64,
    },
    /// Instances of the other app still have sessions, or get requests.
    AwaitDrained {
        /// How many have none.
        drained: u64,
        /// How many are to have none.
        of: u64,
    },
    /// The app gets this many instances.
    Scale(u64),
    /// These tasks of the other app are stopped, and the app gets this many instances.
    Exchange {
        /// The tasks.
        stop: Vec<String>,
        /// The instances, where their number changes.
        scale: Option<u64>,
    },
    /// The other app is deleted.
    Delete,
    /// Nothing: both run as they should.
    Done,
    /// HAProxy does not take what was started: more instances would not change that.
    Stuck,
}

impl Way {
    /// What is done next. The app never gets more instances than any marathon-lb needs for it: one that drains the app that
    /// was created first leaves requests to its surplus alone, which is as many instances as the other app has.
    pub(crate) fn next(&self, from: &ColourApp, to: &ColourApp, traffic: &Traffic) -> Next {
        let goal = match self.aim {
            // marathon-lb drains all of the other app only then.
            ColourAim::All(number) => number.max(to.target.unwrap_or(0)),
            ColourAim::Canary(number) => number,
        };
        let most = goal + from.tasks.max(from.instances).max(1);
        match self.next_to(goal, from, to, traffic) {
            Next::Scale(number) | Next::Exchange { scale: Some(number), .. } if number > most => Next::Stuck,
            next => next,
        }
    }

    fn next_to(&self, goal: u64, from: &ColourApp, to: &ColourApp, traffic: &Traffic) -> Next {
        let up = traffic.up as u64;
        let left = to.target.unwrap_or(0).saturating_sub(goal);
        if let ColourAim::Canary(_) = self.aim
            && to.instances >= goal
            && from.instances <= left
        {
            // One that was started to be scaled last is one too many, and marathon-lb drains as many of the other app.
            let (up, of) = (up + traffic.other_up as u64, goal + from.instances);
            return if up >= of { Next::Done } else { Next::AwaitUp { up, of } };
        }
        let grown = self.grown(from, to, goal);
        if from.instances == 0 && from.tasks == 0 {
            return match self.aim {
                ColourAim::All(_) if to.instances < goal => Next::Scale(goal),
                _ if up < to.instances => Next::AwaitUp { up, of: to.instances },
                _ => Next::Delete,
            };
        }
        if to.scaled_at < from.scaled_at {
            // One too many, rather than tasks drained of the wrong app.
            return Next::Scale(grown.max(to.instances + 1));
        }
        let held = traffic.held as u64;
        if self.goes_back && held > 0 && up + held == to.tasks {
            // This marathon-lb drains the app that was created first, whichever was scaled last: not all of its instances
            // can be up before the other app is gone. There are as many more as make up for that.
            return if up >= goal { Next::Delete } else { Next::Scale(to.instances + goal - up) };
        }
        if up < to.instances {
            return Next::AwaitUp { up, of: to.instances };
        }
        let drainable = drainable(from, to);
        let is_there = to.instances >= goal;
        if (drainable == 0 || !self.stops_single) && !is_there {
            return Next::Scale(grown);
        }
        let drained = traffic.drained.len() as u64;
        if drained < drainable {
            return Next::AwaitDrained { drained, of: drainable };
        }
        let stop =
            |number: u64| traffic.drained.iter().take(usize::try_from(number).unwrap_or(usize::MAX)).cloned();
        match self.aim {
            ColourAim::All(_) if is_there && drained >= from.tasks => Next::Delete,
            // More of the other app can be drained when these are gone, or where there are more instances.
            ColourAim::All(_) if is_there && self.stops_single => {
                Next::Exchange { stop: stop(drainable).collect(), scale: Some(to.instances + 1) }
            }
            ColourAim::All(_) if is_there => Next::Scale(to.instances + 1),
            ColourAim::Canary(_) if is_there => {
                let surplus = from.instances.saturating_sub(left).min(drainable);
                Next::Exchange { stop: stop(surplus).collect(), scale: None }
            }
            _ => Next::Exchange { stop: stop(drainable).collect(), scale: Some(grown) },
        }
    }

    /// The next number of instances.
    fn grown(&self, from: &ColourApp, to: &ColourApp, goal: u64) -> u64 {
        if let Some(step) = self.step {
            return (to.instances + step).min(goal);
        }
        let grown = to.instances + to.instances.div_ceil(2).max(1);
        let is_last = matches!(self.aim, ColourAim::All(_)) && grown >= from.instances;
        if is_last { goal } else { grown.min(goal) }
    }
}

/// How many tasks of the other app marathon-lb drains.
fn drainable(from: &ColourApp, to: &ColourApp) -> u64 {
    // Without the label marathon-lb takes 1.
    let surplus = (to.routed + from.instances).saturating_sub(to.target.unwrap_or(1));
    from.tasks.min(to.routed).min(surplus)
}

#[cfg(test)]
mod tests;
