use std::time::Duration;

/// How patient a watch is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// How long it must be quiet before a look.
    pub quiet: Duration,
    /// How long a look is put off while it is never quiet.
    pub longest: Duration,
    /// How long without a look at most; where the platform says nothing, all there is.
    pub backstop: Duration,
}

/// When to look next, as times since the watch began.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Plan {
    /// The first and the last event since the last look.
    pub(super) dirty: Option<(Duration, Duration)>,
    /// A second look at a directory that has just come.
    pub(super) again: Option<Duration>,
    /// The last look.
    pub(super) looked: Duration,
    /// The last sign of a change.
    pub(super) stirred: Duration,
}

/// How long after a new directory is seen it is looked at again: what was written into it before it
/// could be watched has no event.
const SECOND_LOOK: Duration = Duration::from_millis(200);

impl Plan {
    /// Something happened.
    pub(super) fn stir(&mut self, now: Duration) {
        let first = self.dirty.map_or(now, |(first, _)| first);
        self.dirty = Some((first, now));
        self.stirred = now;
    }

    /// A directory came: no waiting, and once more.
    pub(super) fn directory(&mut self, now: Duration) {
        self.stir(now);
        self.dirty = Some((Duration::ZERO, Duration::ZERO));
        self.again = Some(now + SECOND_LOOK);
    }

    /// When the next look is due.
    pub(super) fn due(&self, pace: &Pace) -> Duration {
        let dirty = self.dirty.map(|(first, last)| (last + pace.quiet).min(first + pace.longest));
        let backstop = self.looked + pace.backstop;
        [dirty, self.again].into_iter().flatten().fold(backstop, Duration::min)
    }

    /// A look is taken.
    pub(super) fn look(&mut self, now: Duration) {
        self.dirty = None;
        self.again = self.again.filter(|again| *again > now);
        self.looked = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }
    const PACE: Pace = Pace { quiet: ms(100), longest: ms(1000), backstop: ms(5000) };

    #[test]
    fn looks_come_after_quiet_and_are_not_put_off_for_ever() {
        let mut plan = Plan::default();
        assert_eq!(plan.due(&PACE), ms(5000));
        plan.stir(ms(40));
        assert_eq!(plan.due(&PACE), ms(140));
        for at in (50..1200).step_by(50) {
            plan.stir(ms(at));
        }
        assert_eq!(plan.due(&PACE), ms(1040));
        plan.look(ms(1040));
        assert_eq!(plan.due(&PACE), ms(6040));
    }

    #[test]
    fn a_new_directory_is_looked_at_at_once_and_again() {
        let mut plan = Plan::default();
        plan.directory(ms(3000));
        assert!(plan.due(&PACE) <= ms(3000));
        plan.look(ms(3001));
        assert_eq!(plan.due(&PACE), ms(3200));
        plan.look(ms(3200));
        assert_eq!(plan.due(&PACE), ms(8200));
    }
}
