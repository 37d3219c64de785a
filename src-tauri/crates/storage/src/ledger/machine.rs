//! The form in which the ledger keeps the state of a rotation: JSON, with times in milliseconds. Pure.

use chrono::TimeDelta;
use keyturn_core::key::KeyRef;
use keyturn_core::rotation::{Death, Overlap, Phase, Retry, Rotation, Successor, Until, Way};
use serde::{Deserialize, Serialize};

use super::codec::{millis, time};
use super::fault::{Outcome, damaged};

#[derive(Serialize, Deserialize)]
pub(super) struct Form {
    way: WayForm,
    overlap: OverlapForm,
    phase: PhaseForm,
    retry: Option<RetryForm>,
    #[serde(default)]
    asked_again: u32,
    #[serde(default)]
    refused_at: Option<i64>,
    #[serde(default)]
    skew: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WayForm {
    Api,
    ByHand { at_once: bool },
    End,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OverlapForm {
    None,
    For(i64),
    UntilQuiet(i64),
    UntilTold,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PhaseForm {
    Minting,
    Bringing,
    Minted {
        successor: SuccessorForm,
    },
    Verified {
        successor: SuccessorForm,
    },
    Overlap {
        successor: SuccessorForm,
        until: UntilForm,
    },
    Revoking {
        successor: Option<SuccessorForm>,
        since: i64,
    },
    Dying {
        successor: Option<SuccessorForm>,
        since: i64,
        #[serde(default)]
        resume: Option<UntilForm>,
    },
    /// `until`: absent in ledgers of before version 8; the person ends the overlap then.
    Bereft {
        successor: SuccessorForm,
        #[serde(default = "UntilForm::told")]
        until: UntilForm,
    },
    Undoing {
        successor: SuccessorForm,
    },
    Fading {
        successor: SuccessorForm,
        since: i64,
    },
    /// `proven_after`: how long it lived on; none where its death is only declared.
    Done {
        successor: Option<SuccessorForm>,
        proven_after: Option<i64>,
        at: i64,
    },
    Undone {
        left: Option<String>,
        at: i64,
    },
    Left {
        successor: Option<SuccessorForm>,
        at: i64,
    },
}

#[derive(Serialize, Deserialize)]
struct SuccessorForm {
    key: String,
    exact: bool,
    acknowledged: bool,
    seen_at: Option<i64>,
    #[serde(default)]
    manages: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum UntilForm {
    Time(i64),
    Quiet { quiet: i64, since: i64, successor_used: bool },
    Told,
}

#[derive(Serialize, Deserialize)]
struct RetryForm {
    at: i64,
    tries: u32,
    why: Option<String>,
}

impl Form {
    pub(super) fn of(rotation: &Rotation) -> Self {
        Self {
            way: match rotation.way {
                Way::Api => WayForm::Api,
                Way::ByHand { at_once } => WayForm::ByHand { at_once },
                Way::End => WayForm::End,
            },
            overlap: match rotation.overlap {
                Overlap::None => OverlapForm::None,
                Overlap::For(time) => OverlapForm::For(time.num_milliseconds()),
                Overlap::UntilQuiet(time) => OverlapForm::UntilQuiet(time.num_milliseconds()),
                Overlap::UntilTold => OverlapForm::UntilTold,
            },
            phase: PhaseForm::of(&rotation.phase),
            retry: rotation.retry.as_ref().map(|retry| RetryForm {
                at: millis(retry.at),
                tries: retry.tries,
                why: retry.why.clone(),
            }),
            asked_again: rotation.asked_again,
            refused_at: rotation.refused_at.map(millis),
            skew: rotation.skew.map(|skew| skew.num_milliseconds()),
        }
    }

    pub(super) fn rotation(self) -> Outcome<Rotation> {
        Ok(Rotation {
            way: match self.way {
                WayForm::Api => Way::Api,
                WayForm::ByHand { at_once } => Way::ByHand { at_once },
                WayForm::End => Way::End,
            },
            overlap: match self.overlap {
                OverlapForm::None => Overlap::None,
                OverlapForm::For(millis) => Overlap::For(length(millis)?),
                OverlapForm::UntilQuiet(millis) => Overlap::UntilQuiet(length(millis)?),
                OverlapForm::UntilTold => Overlap::UntilTold,
            },
            phase: self.phase.phase()?,
            retry: self.retry.map(RetryForm::retry).transpose()?,
            asked_again: self.asked_again,
            refused_at: self.refused_at.map(time).transpose()?,
            skew: self.skew.map(length).transpose()?,
        })
    }
}

impl PhaseForm {
    fn of(phase: &Phase) -> Self {
        let one = SuccessorForm::of;
        let maybe = |successor: &Option<Successor>| successor.as_ref().map(one);
        match phase {
            Phase::Minting => Self::Minting,
            Phase::Bringing => Self::Bringing,
            Phase::Minted(successor) => Self::Minted { successor: one(successor) },
            Phase::Verified(successor) => Self::Verified { successor: one(successor) },
            Phase::Overlap { successor, until } => {
                Self::Overlap { successor: one(successor), until: UntilForm::of(*until) }
            }
            Phase::Revoking { successor, since } => {
                Self::Revoking { successor: maybe(successor), since: millis(*since) }
            }
            Phase::Dying { successor, since, resume } => Self::Dying {
                successor: maybe(successor),
                since: millis(*since),
                resume: resume.map(UntilForm::of),
            },
            Phase::Bereft { successor, until } => {
                Self::Bereft { successor: one(successor), until: UntilForm::of(*until) }
            }
            Phase::Left { successor, at } => Self::Left { successor: maybe(successor), at: millis(*at) },
            Phase::Undoing(successor) => Self::Undoing { successor: one(successor) },
            Phase::Fading { successor, since } => {
                Self::Fading { successor: one(successor), since: millis(*since) }
            }
            Phase::Done { successor, death, at } => Self::Done {
                successor: maybe(successor),
                proven_after: match death {
                    Death::Proven { after } => Some(after.num_milliseconds()),
                    Death::Declared => None,
                },
                at: millis(*at),
            },
            Phase::Undone { left, at } => {
                Self::Undone { left: left.as_ref().map(ToString::to_string), at: millis(*at) }
            }
        }
    }

    fn phase(self) -> Outcome<Phase> {
        let one = SuccessorForm::successor;
        let maybe = |form: Option<SuccessorForm>| form.map(one).transpose();
        Ok(match self {
            Self::Minting => Phase::Minting,
            Self::Bringing => Phase::Bringing,
            Self::Minted { successor } => Phase::Minted(one(successor)?),
            Self::Verified { successor } => Phase::Verified(one(successor)?),
            Self::Overlap { successor, until } => {
                Phase::Overlap { successor: one(successor)?, until: until.until()? }
            }
            Self::Revoking { successor, since } => {
                Phase::Revoking { successor: maybe(successor)?, since: time(since)? }
            }
            Self::Dying { successor, since, resume } => Phase::Dying {
                successor: maybe(successor)?,
                since: time(since)?,
                resume: resume.map(UntilForm::until).transpose()?,
            },
            Self::Bereft { successor, until } => {
                Phase::Bereft { successor: one(successor)?, until: until.until()? }
            }
            Self::Left { successor, at } => Phase::Left { successor: maybe(successor)?, at: time(at)? },
            Self::Undoing { successor } => Phase::Undoing(one(successor)?),
            Self::Fading { successor, since } => {
                Phase::Fading { successor: one(successor)?, since: time(since)? }
            }
            Self::Done { successor, proven_after, at } => Phase::Done {
                successor: maybe(successor)?,
                death: match proven_after {
                    Some(after) => Death::Proven { after: length(after)? },
                    None => Death::Declared,
                },
                at: time(at)?,
            },
            Self::Undone { left, at } => {
                Phase::Undone { left: left.as_deref().map(key).transpose()?, at: time(at)? }
            }
        })
    }
}

impl SuccessorForm {
    fn of(successor: &Successor) -> Self {
        Self {
            key: successor.key.to_string(),
            exact: successor.exact,
            acknowledged: successor.acknowledged,
            seen_at: successor.seen_at.map(millis),
            manages: successor.manages,
        }
    }

    fn successor(self) -> Outcome<Successor> {
        Ok(Successor {
            key: key(&self.key)?,
            exact: self.exact,
            acknowledged: self.acknowledged,
            seen_at: self.seen_at.map(time).transpose()?,
            manages: self.manages,
        })
    }
}

impl UntilForm {
    fn told() -> Self {
        Self::Told
    }

    fn of(until: Until) -> Self {
        match until {
            Until::Time(at) => Self::Time(millis(at)),
            Until::Quiet { quiet, since, successor_used } => {
                Self::Quiet { quiet: quiet.num_milliseconds(), since: millis(since), successor_used }
            }
            Until::Told => Self::Told,
        }
    }

    fn until(self) -> Outcome<Until> {
        Ok(match self {
            Self::Time(at) => Until::Time(time(at)?),
            Self::Quiet { quiet, since, successor_used } => {
                Until::Quiet { quiet: length(quiet)?, since: time(since)?, successor_used }
            }
            Self::Told => Until::Told,
        })
    }
}

impl RetryForm {
    fn retry(self) -> Outcome<Retry> {
        Ok(Retry { at: time(self.at)?, tries: self.tries, why: self.why })
    }
}

fn key(text: &str) -> Outcome<KeyRef> {
    KeyRef::parse(text).ok_or_else(|| damaged("a rotation names no key"))
}

fn length(millis: i64) -> Outcome<TimeDelta> {
    TimeDelta::try_milliseconds(millis).ok_or_else(|| damaged("a time span is out of range"))
}
