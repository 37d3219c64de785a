//! What a process that is to die does, and how it dies: the words between a test and its child, the program `doomed`.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result};

/// What the person in the child does with one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    Create,
    /// Rotates without an overlap; the old key is given for the proof of its death.
    KillNow,
    /// Rotates with an hour in which both work.
    Overlap,
    /// Takes a rotation back inside its overlap.
    Undo,
    /// Revokes a key whose value only the person has.
    Revoke,
    /// The vendor's own rotation in one call.
    AtOnce,
    /// Rotates the key with which Keyturn itself calls the vendor, with an hour in which both work.
    Managing,
    /// Creates, hears nothing of it, and presses the button again.
    Again,
    /// Disconnects the account in the middle of a rotation.
    Disconnect,
}

impl Script {
    pub const ALL: [Self; 9] = [
        Self::Create,
        Self::KillNow,
        Self::Overlap,
        Self::Undo,
        Self::Revoke,
        Self::AtOnce,
        Self::Managing,
        Self::Again,
        Self::Disconnect,
    ];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::KillNow => "kill-now",
            Self::Overlap => "overlap",
            Self::Undo => "undo",
            Self::Revoke => "revoke",
            Self::AtOnce => "at-once",
            Self::Managing => "managing",
            Self::Again => "again",
            Self::Disconnect => "disconnect",
        }
    }
}

impl FromStr for Script {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|script| script.word() == text).context("no script of this name")
    }
}

/// What goes on beside the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unrest {
    /// The vault is locked and unlocked all the time.
    pub locks: bool,
    /// Another account at the same project is read all the time, and what it finds is settled.
    pub neighbour: bool,
    /// Undo is pressed all the time.
    pub undo: bool,
}

/// What the disk does to the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// Killed before a transaction writes.
    Before,
    /// Killed with half of a transaction written.
    Torn,
    /// Killed with a transaction written and not yet synced.
    Unsynced,
    /// Killed with a transaction on disk, before anybody hears of it.
    After,
    /// The power fails before a transaction writes: what was written and never synced is gone.
    Power,
    /// From this write on the disk is full.
    Full,
    /// From this write on each one fails.
    Broken,
    /// From this write on nothing may be written.
    ReadOnly,
    /// From this transaction on no sync succeeds.
    SyncFails,
}

impl Blow {
    /// Those that end the process, one for each moment of a transaction.
    pub const DEADLY: [Self; 5] = [Self::Before, Self::Torn, Self::Unsynced, Self::After, Self::Power];

    /// Those that let it live with a disk that refuses.
    pub const REFUSING: [Self; 4] = [Self::Full, Self::Broken, Self::ReadOnly, Self::SyncFails];

    fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Torn => "torn",
            Self::Unsynced => "unsynced",
            Self::After => "after",
            Self::Power => "power",
            Self::Full => "full",
            Self::Broken => "broken",
            Self::ReadOnly => "read-only",
            Self::SyncFails => "sync-fails",
        }
    }
}

/// A blow and the transaction, or the write, that it falls on; both are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doom {
    pub blow: Blow,
    pub at: usize,
}

impl fmt::Display for Doom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.blow.word(), self.at)
    }
}

impl FromStr for Doom {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (word, at) = text.split_once(':').context("a blow, a colon and a number")?;
        let mut blows = Blow::DEADLY.into_iter().chain(Blow::REFUSING);
        let blow = blows.find(|blow| blow.word() == word).context("no blow of this name")?;
        Ok(Self { blow, at: at.parse()? })
    }
}
