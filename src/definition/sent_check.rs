//! Which health check of an app Mesos gets (`TaskBuilder`, `MesosHealthCheck.toMesos`): of all that are for it, the first that
//! can be sent.

/// Who makes a health check of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CheckMaker {
    /// The leading Marathon, over the network.
    Marathon,
    /// Mesos, if it gets this one.
    Mesos,
    /// Nothing: it is for Mesos, and has no port to ask, so that Marathon leaves it out of the task.
    Nothing,
}

impl CheckMaker {
    /// Of a check with this protocol; `has_port` is whether there is a port that it asks.
    pub(crate) fn of(protocol: &str, has_port: bool) -> Self {
        match protocol {
            "COMMAND" => Self::Mesos,
            _ if !protocol.starts_with("MESOS_") => Self::Marathon,
            _ if has_port => Self::Mesos,
            _ => Self::Nothing,
        }
    }
}

/// The health check that Mesos gets, of all that an app has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SentCheck {
    /// None of them.
    None,
    /// This one, by its index.
    One(usize),
    /// This one or another: Scala's sets lose the order of more than four.
    AnyOf(usize),
}

impl SentCheck {
    /// Chooses among all checks of an app, in their order.
    pub(crate) fn among(makers: impl IntoIterator<Item = CheckMaker>) -> Self {
        /// Scala's sets have the order of insertion up to this size.
        const IN_ORDER: usize = 4;
        let (mut all, mut sendable, mut first) = (0, 0, None);
        for (index, maker) in makers.into_iter().enumerate() {
            all += 1;
            if maker == CheckMaker::Mesos {
                sendable += 1;
                first = first.or(Some(index));
            }
        }
        match first {
            None => Self::None,
            Some(index) if all > IN_ORDER && sendable > 1 => Self::AnyOf(index),
            Some(index) => Self::One(index),
        }
    }

    /// Its index, or that of one that it may be.
    pub(crate) fn index(self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::One(index) | Self::AnyOf(index) => Some(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CheckMaker::{self, Marathon, Mesos, Nothing};
    use super::SentCheck;

    #[test]
    fn the_first_that_can_be_sent_is_sent() {
        let cases: [(&[CheckMaker], SentCheck); 7] = [
            (&[], SentCheck::None),
            (&[Marathon, Nothing], SentCheck::None),
            (&[Nothing, Mesos], SentCheck::One(1)),
            (&[Mesos, Mesos], SentCheck::One(0)),
            (&[Marathon, Marathon, Marathon, Marathon, Mesos], SentCheck::One(4)),
            (&[Marathon, Marathon, Marathon, Nothing, Mesos], SentCheck::One(4)),
            (&[Mesos, Mesos, Marathon, Marathon, Nothing], SentCheck::AnyOf(0)),
        ];
        for (makers, sent) in cases {
            assert_eq!(SentCheck::among(makers.iter().copied()), sent, "{makers:?}");
        }
        for (protocol, has_port, maker) in [
            ("HTTP", false, Marathon),
            ("COMMAND", false, Mesos),
            ("MESOS_TCP", true, Mesos),
            ("MESOS_HTTPS", false, Nothing),
        ] {
            assert_eq!(CheckMaker::of(protocol, has_port), maker, "{protocol}");
        }
    }
}
