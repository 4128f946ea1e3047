//! An app that takes over from no other: it is deployed once HAProxy sends it requests.

use super::halt::Halt;
use super::haproxy::traffic;
use super::meaning::{gone, not_up};
use super::step::{Audience, Mover};
use super::task::tasks;

impl Mover<'_, '_> {
    /// Waits until every HAProxy sends requests to all instances of an app.
    ///
    /// # Errors
    /// When it does not come to that.
    pub(crate) fn await_all_up(&mut self, id: &str, audience: &mut dyn Audience) -> Result<(), Halt> {
        let mut looks = 0;
        loop {
            self.go_on()?;
            let Some(app) = self.one(id)? else { return Err(gone(id)) };
            match self.balancers.ask(self.watch.client, self.group) {
                Ok(seen) => {
                    let traffic = traffic(&seen.servers, &tasks(&app.definition), &[]);
                    if traffic.up as u64 >= app.wanted {
                        return Ok(());
                    }
                    let words = not_up((traffic.up as u64, app.wanted), &traffic, &app);
                    self.await_up(id, &words, &mut looks, audience)?;
                }
                Err(reason) => {
                    self.say(&format!("waiting for HAProxy: {reason}"), audience);
                    self.late(|| Halt::NotUp(format!("{id}: HAProxy does not show its state: {reason}")))?;
                    self.rest(looks);
                    looks += 1;
                }
            }
        }
    }
}
