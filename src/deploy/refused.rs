//! For how long every offer was refused, as far as it was seen.

use super::stall::{self, Cure};
use crate::marathon::Queued;

/// The answers in a row that say that every offer is refused.
#[derive(Clone, Debug, Default)]
pub(crate) struct RefusedOffers {
    /// How many there were.
    pub answers: u32,
    /// How many of them, in a row, give only reasons that time does not cure.
    pub for_good: u32,
    /// How many times all agents that are told of made offers meanwhile, and none was used.
    pub rounds: u32,
    /// How many offers were looked at until the last of these rounds; nothing before the first answer.
    counted: Option<u64>,
    /// How many offers were used until then.
    used: u64,
}

impl RefusedOffers {
    /// Takes in what the queue says. The refusals in it may be from long before: only offers that are looked at from now on
    /// tell what becomes of the service, and until then some agents may not have been asked at all.
    pub(crate) fn take_in(&mut self, queued: Option<&Queued>) {
        // While Marathon backs off it looks at no offers.
        let seen = queued.filter(|it| it.delay == 0).and_then(|it| Some((it, stall::all_refused(it)?)));
        let Some((queued, cure)) = seen else {
            let (counted, used) = queued.map_or((self.counted, self.used), |it| (Some(it.offers), it.used));
            *self = Self { counted, used, ..Self::default() };
            return;
        };
        if queued.used != self.used || self.counted.is_none_or(|counted| queued.offers < counted) {
            // An offer was used, or it was queued anew, or what was before is not known.
            *self = Self { counted: Some(queued.offers), used: queued.used, ..Self::default() };
        }
        self.answers += 1;
        self.for_good = if cure == Cure::Nothing { self.for_good + 1 } else { 0 };
        let agents: u64 = queued.refusals.iter().map(|refusal| refusal.declined).sum();
        if self.counted.is_some_and(|counted| queued.offers >= counted.saturating_add(agents)) {
            self.rounds += 1;
            self.counted = Some(queued.offers);
        }
    }

    /// A task has failed, which was launched with an offer.
    pub(crate) fn was_used(&mut self) {
        *self = Self { counted: self.counted, used: self.used, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marathon::OfferRefusal;

    /// An answer: how many offers were looked at, how many of them used, and how many agents have refused last.
    fn queued((offers, used, agents): (u64, u64, u64)) -> Queued {
        let reason = "DeclinedScarceResources".to_owned();
        let refusal = OfferRefusal { reason, declined: agents, processed: agents };
        Queued { count: 1, offers, used, refusals: vec![refusal], ..Queued::default() }
    }

    fn rounds(answers: &[(u64, u64, u64)]) -> u32 {
        let mut refused = RefusedOffers::default();
        for answer in answers {
            refused.take_in(Some(&queued(*answer)));
        }
        refused.rounds
    }

    #[test]
    fn only_offers_that_come_meanwhile_are_rounds() {
        assert_eq!(rounds(&[(9, 8, 1); 50]), 0, "what one agent said before");
        assert_eq!(rounds(&[(0, 0, 0), (4, 0, 4), (4, 0, 4), (8, 0, 4)]), 2);
        assert_eq!(rounds(&[(4, 0, 4), (5, 0, 4), (6, 0, 4), (8, 0, 4)]), 1, "each agent has to be asked");
        assert_eq!(rounds(&[(4, 0, 1), (5, 0, 1), (7, 1, 1), (7, 1, 1)]), 0, "another agent has taken it");
        assert_eq!(rounds(&[(4, 0, 1), (5, 0, 1), (1, 0, 1), (1, 0, 1)]), 0, "it was queued anew");
    }
}
