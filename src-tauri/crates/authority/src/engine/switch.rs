//! Circumstances under which a vendor refuses although the key is good. Off until somebody turns them on, and
//! off again after a restart.

use std::sync::atomic::{AtomicBool, Ordering};

/// Something that the vendor's customer must see to before the vendor does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Natural: 428 for whatever makes or ends a key.
    MfaRequired,
    /// Neural Draft: 402 for everything, as the project has no credits left.
    OutOfCredits,
    /// Leadterra: the workspace has no sandbox, so that keys for one are neither made nor accepted.
    NoSandbox,
}

/// Which of them are on.
#[derive(Default)]
pub(crate) struct Switches {
    mfa_required: AtomicBool,
    out_of_credits: AtomicBool,
    no_sandbox: AtomicBool,
}

impl Switches {
    pub(crate) fn is_on(&self, switch: Switch) -> bool {
        self.of(switch).load(Ordering::Acquire)
    }

    pub(crate) fn turn(&self, switch: Switch, on: bool) {
        self.of(switch).store(on, Ordering::Release);
    }

    fn of(&self, switch: Switch) -> &AtomicBool {
        match switch {
            Switch::MfaRequired => &self.mfa_required,
            Switch::OutOfCredits => &self.out_of_credits,
            Switch::NoSandbox => &self.no_sandbox,
        }
    }
}
