//! What a vendor, or something on the way to it, says that is not so. Only whoever comes over the line hears it: those who
//! look on see how things are.

use keyturn_authority::{Fault, Faults, Requests, RetryAfter, Times};

use crate::dice::Dice;

/// What every request bears that comes through a [`Cutter`](crate::cutter::Cutter) or a gate.
pub const LINE: &str = "x-keyturn-line";

/// The header's whole line.
pub const LINE_HEADER: &[u8] = b"x-keyturn-line: 1\r\n";

/// One of each, for the requests that it is about.
const LIES: [(Fault, fn() -> Requests); 15] = [
    (Fault::IgnoredRevocation, Requests::writes),
    (Fault::EverybodyRefused, Requests::default),
    (Fault::LaggingList { seconds: 120 }, Requests::reads),
    (Fault::MissingRow, Requests::reads),
    (Fault::EmptyList, Requests::reads),
    (Fault::OwnRowOnly, Requests::reads),
    (Fault::WrongOwnHint, Requests::reads),
    (Fault::WrongHint, Requests::reads),
    (Fault::RepeatedRow, Requests::reads),
    (Fault::MarkupReply { committed: false }, Requests::default),
    (Fault::MarkupReply { committed: true }, Requests::writes),
    (Fault::GatewayNotFound, Requests::default),
    (Fault::WrongDate { hours: 720 }, Requests::default),
    (Fault::ReworkedNames, Requests::reads),
    (Fault::ReworkedTimes { minutes: 3 }, Requests::reads),
];

/// A lie that is told from some request on, so many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lie {
    which: usize,
    /// `None`: until it is cleared.
    times: Option<u32>,
}

impl Lie {
    /// One by its number, as a failed round names it.
    #[must_use]
    pub fn of(which: usize, times: Option<u32>) -> Self {
        Self { which, times }
    }

    /// Any of them.
    pub fn any(dice: &mut Dice) -> Self {
        let times = 1 + u32::try_from(dice.below(4)).unwrap_or(0);
        Self { which: dice.below(LIES.len()), times: (times < 4).then_some(times) }
    }

    /// One of each, until it is cleared.
    pub fn each() -> impl Iterator<Item = Self> {
        (0..LIES.len()).map(|which| Self { which, times: None })
    }

    /// Whether lists lack rows that there are.
    #[must_use]
    pub fn hides_rows(self) -> bool {
        let (said, _) = &LIES[self.which % LIES.len()];
        matches!(said, Fault::LaggingList { .. } | Fault::MissingRow | Fault::EmptyList | Fault::OwnRowOnly)
    }

    pub fn tell(self, faults: &Faults) {
        let (fault, requests) = &LIES[self.which % LIES.len()];
        let times = self.times.map_or(Times::UntilCleared, Times::Next);
        faults.set_on(requests().with(LINE), fault.clone(), times);
    }
}

/// A request for a key is carried out and nobody hears of it, nor what the list says of it.
pub fn leave_a_doubt(faults: &Faults) {
    let out = |committed| Fault::Unavailable { committed, retry_after: RetryAfter::Absent };
    faults.set_on(Requests::writes().with(LINE), out(true), Times::Next(1));
    faults.set_on(Requests::reads().with(LINE), out(false), Times::Next(2));
}
