//! Waits for HAProxy.

use super::halt::Halt;
use super::step::{Audience, Mover};

impl Mover<'_, '_> {
    /// Waits for HAProxy to send requests to more instances of an app.
    pub(super) fn await_up(
        &mut self,
        to: &str,
        words: &str,
        looks: &mut u32,
        audience: &mut dyn Audience,
    ) -> Result<(), Halt> {
        self.say(&format!("{to}: {words}"), audience);
        self.late(|| Halt::NotUp(format!("{to}: only {words}")))?;
        self.rest(*looks);
        *looks += 1;
        Ok(())
    }

    /// Waits for HAProxy to send no requests any more to what is to be stopped.
    pub(super) fn await_drained(
        &mut self,
        words: String,
        advice: &str,
        is_overdue: bool,
        looks: &mut u32,
        audience: &mut dyn Audience,
    ) -> Result<(), Halt> {
        self.say(&words, audience);
        if is_overdue {
            return Err(Halt::Undrained(words + advice));
        }
        self.late(|| Halt::Undrained(words))?;
        self.rest(*looks);
        *looks += 1;
        Ok(())
    }
}
