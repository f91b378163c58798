//! What goes wrong with calls to rails.

use crate::{control::Control, tally::Fault};
use rails::testing::{Fault as RailFault, Op};

/// A fault as it is counted, and as the rail has it; the number is drawn anew each time.
type Kind = (Fault, fn(bool) -> RailFault);

const UNHEARD: Kind = (Fault::RailUnheard, |_| RailFault::LostRequest);
const UNREADABLE: Kind = (Fault::RailUnreadable, |_| RailFault::UnreadableAnswer);
const FAILS: Kind = (Fault::RailFails, |done| RailFault::ServerError { done });
const BUSY: Kind = (Fault::RailBusy, |_| RailFault::Busy);
const LOCKED: Kind = (Fault::RailLocked, |_| RailFault::Misconfigured);
const ANSWER_LOST: Kind = (Fault::RailAnswerLost, |_| RailFault::LostAnswer);
const REFUSES: Kind = (Fault::RailRefuses, |_| RailFault::Refused("no_such_recipient".to_owned()));

/// Of what is sent.
const SENT: [Kind; 10] = [UNHEARD, ANSWER_LOST, ANSWER_LOST, ANSWER_LOST, UNREADABLE, FAILS, BUSY, LOCKED, REFUSES, REFUSES];
/// Of what is asked: nothing is done that could be done or not.
const ASKED: [Kind; 5] = [UNHEARD, UNREADABLE, FAILS, BUSY, LOCKED];

impl Control {
    /// A fault of a rail's call, if it meets one.
    pub fn rail_fault(&self, op: Op) -> Option<RailFault> {
        let mut state = self.state();
        state.tally.rail_calls += 1;
        let often = state.weather.rail;
        if often == 0 || !state.random.chance(often) {
            return None;
        }
        let (kind, made) = match op {
            Op::Submit => state.random.pick(&SENT, UNHEARD),
            Op::LookUp | Op::List => state.random.pick(&ASKED, UNHEARD),
        };
        let done = state.random.chance(500);
        state.meet(Some(kind));
        Some(made(done))
    }
}
