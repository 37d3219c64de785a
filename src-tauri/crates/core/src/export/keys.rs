//! The list as a file: columns by stable names, and what stands in them.

use chrono::{DateTime, Utc};

use super::{AccountNames, time};
use crate::finding::FindingKind;
use crate::inventory::InventoryRow;
use crate::key::{Environment, KeyStatus, LastUse};
use crate::label::Label;
use crate::timestamp::Timestamp;

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Name,
    Account,
    Vendor,
    Masked,
    Environment,
    Scopes,
    Status,
    LastUse,
    Created,
    Expires,
    Creator,
    Checked,
    ChangedOutside,
    Managing,
    Labels,
    Due,
    Findings,
    Id,
}

impl Column {
    pub const ALL: [Self; 18] = [
        Self::Name,
        Self::Account,
        Self::Vendor,
        Self::Masked,
        Self::Environment,
        Self::Scopes,
        Self::Status,
        Self::LastUse,
        Self::Created,
        Self::Expires,
        Self::Creator,
        Self::Checked,
        Self::ChangedOutside,
        Self::Managing,
        Self::Labels,
        Self::Due,
        Self::Findings,
        Self::Id,
    ];

    /// The stable name, as it heads the column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Account => "account",
            Self::Vendor => "vendor",
            Self::Masked => "masked",
            Self::Environment => "environment",
            Self::Scopes => "scopes",
            Self::Status => "status",
            Self::LastUse => "lastUse",
            Self::Created => "created",
            Self::Expires => "expires",
            Self::Creator => "creator",
            Self::Checked => "checked",
            Self::ChangedOutside => "changedOutside",
            Self::Managing => "managing",
            Self::Labels => "labels",
            Self::Due => "due",
            Self::Findings => "findings",
            Self::Id => "id",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }
}

/// What stands in `column` for a key; empty where there is nothing.
#[must_use]
pub fn key_cell(column: Column, row: &InventoryRow, names: &AccountNames, now: DateTime<Utc>) -> String {
    let record = &row.record;
    let optional = |at: Option<DateTime<Utc>>| at.map(time).unwrap_or_default();
    match column {
        Column::Name => record.name.clone(),
        Column::Account => names.label.clone(),
        Column::Vendor => names.vendor.clone(),
        Column::Masked => record.hint.masked(),
        Column::Environment => match &record.environment {
            Environment::Live => "live".into(),
            Environment::Test => "test".into(),
            Environment::Other(word) => word.clone(),
            Environment::None => String::new(),
        },
        Column::Scopes => record.scopes.iter().map(|scope| scope.0.as_str()).collect::<Vec<_>>().join(" "),
        Column::Status => status(row, now),
        Column::LastUse => last_use(&record.last_use),
        Column::Created => optional(record.created_at),
        Column::Expires => expires(record.expires),
        Column::Creator => record.creator.clone().unwrap_or_default(),
        Column::Checked => record.checked.map_or_else(String::new, |checked| {
            let seen = if checked.alive { "accepted" } else { "refused" };
            format!("{seen} {}", time(checked.at))
        }),
        Column::ChangedOutside => optional(row.changed_outside),
        Column::Managing => if row.managing { "yes" } else { "no" }.into(),
        Column::Labels => row.labels.iter().map(Label::as_str).collect::<Vec<_>>().join(", "),
        Column::Due => optional(row.due.map(|due| due.at)),
        Column::Findings => row.findings.iter().map(FindingKind::word).collect::<Vec<_>>().join(" "),
        Column::Id => record.id.0.clone(),
    }
}

fn status(row: &InventoryRow, now: DateTime<Utc>) -> String {
    if row.unsaved.is_some() {
        return "not yet saved".into();
    }
    match (&row.record.status, row.record.expires.is_over(now)) {
        (KeyStatus::Active | KeyStatus::Expiring, true) => "expired".into(),
        (KeyStatus::Active | KeyStatus::Expiring, false) => "active".into(),
        (KeyStatus::Retiring { until }, _) => format!("retiring until {}", time(*until)),
        (KeyStatus::Revoking, _) => "revoking".into(),
        (KeyStatus::Revoked { .. }, _) => "revoked".into(),
        (KeyStatus::Expired { .. }, _) => "expired".into(),
        (KeyStatus::Unlisted { since }, _) => format!("not listed since {}", time(*since)),
        (KeyStatus::Orphan, _) => "orphan".into(),
        (KeyStatus::Unknown(word), _) => word.clone(),
    }
}

fn expires(expires: Timestamp) -> String {
    match expires {
        Timestamp::None => "never".into(),
        Timestamp::At(at) => time(at),
        Timestamp::On(day) => day.to_string(),
        Timestamp::Unreadable => UNREADABLE.into(),
    }
}

/// Where the vendor tells something, and nobody can say what.
pub(crate) const UNREADABLE: &str = "unreadable";

/// Each way of not knowing has its own word.
fn last_use(last_use: &LastUse) -> String {
    match last_use {
        LastUse::At(at) => time(*at),
        LastUse::On(day) => day.to_string(),
        LastUse::Never => "never".into(),
        LastUse::NotReported => "not reported".into(),
        LastUse::Unreadable => UNREADABLE.into(),
        LastUse::UntrackedBefore(at) => format!("not tracked before {}", time(*at)),
        LastUse::Stale { last: Some(at), read_at } => {
            format!("stale: {} as of {}", time(*at), time(*read_at))
        }
        LastUse::Stale { last: None, read_at } => format!("stale: never as of {}", time(*read_at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        crate::timestamp::parse_time(text).unwrap()
    }

    #[test]
    fn every_kind_of_last_use_has_its_own_value() {
        let (noon, night) = (at("2026-11-20T12:00:00Z"), at("2026-11-20T23:00:00Z"));
        let cases = [
            (LastUse::At(noon), "2026-11-20T12:00:00.000Z"),
            (LastUse::Never, "never"),
            (LastUse::NotReported, "not reported"),
            (LastUse::UntrackedBefore(noon), "not tracked before 2026-11-20T12:00:00.000Z"),
            (
                LastUse::Stale { last: Some(noon), read_at: night },
                "stale: 2026-11-20T12:00:00.000Z as of 2026-11-20T23:00:00.000Z",
            ),
            (LastUse::Stale { last: None, read_at: night }, "stale: never as of 2026-11-20T23:00:00.000Z"),
        ];
        for (kind, value) in cases {
            assert_eq!(last_use(&kind), value);
        }
    }

    #[test]
    fn every_column_is_found_by_its_name() {
        for column in Column::ALL {
            assert_eq!(Column::parse(column.name()), Some(column));
        }
        assert_eq!(Column::parse("secret"), None);
    }
}
