//! The query of a list, and the cursor that takes it further.

use super::catalogue::PROFILE;
use super::reply::Problem;
use crate::engine::{Environment, Key, Status};
use crate::moment::Moment;

/// `limit` where none is given. [seed]
const PAGE: usize = 50;
/// The most that may be asked for. [seed]
const LARGEST_PAGE: usize = 100;
/// No cursor of ours is as long as this.
const LONGEST_CURSOR: usize = 512;

/// What of which keys is asked for.
pub(super) struct ListQuery {
    status: Option<Status>,
    environment: Option<&'static Environment>,
    pub(super) after: Option<Cursor>,
    pub(super) limit: usize,
}

impl ListQuery {
    /// Parameters of other names are passed over; of one that is there twice the last one counts. [assumed]
    ///
    /// # Errors
    /// The parameter that makes no sense.
    pub(super) fn parse(pairs: &[(String, String)]) -> Result<Self, Problem> {
        let mut query = Self { status: None, environment: None, after: None, limit: PAGE };
        for (name, value) in pairs {
            match name.as_str() {
                "status" => query.status = Some(status(value)?),
                "environment" => {
                    let known = PROFILE.form.environment(value);
                    let odd = || Problem::parameter("environment", "environment must be sandbox or prod");
                    query.environment = Some(known.ok_or_else(odd)?);
                }
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit));
                    let odd = || Problem::parameter("limit", "limit must be a whole number from 1 to 100");
                    query.limit = limit.ok_or_else(odd)?;
                }
                "cursor" if value.is_empty() => query.after = None,
                "cursor" => {
                    let odd = || Problem::parameter("cursor", "cursor is not one that a list ended with");
                    query.after = Some(Cursor::parse(value).ok_or_else(odd)?);
                }
                _ => {}
            }
        }
        Ok(query)
    }

    pub(super) fn lets_pass(&self, key: &Key, now: Moment) -> bool {
        self.status.is_none_or(|status| key.status(now) == status)
            && self.environment.is_none_or(|wanted| key.environment.name == wanted.name)
    }
}

fn status(text: &str) -> Result<Status, Problem> {
    match text {
        "ACTIVE" => Ok(Status::Active),
        "REVOKED" => Ok(Status::Revoked),
        _ => Err(Problem::parameter("status", "status must be ACTIVE or REVOKED")),
    }
}

/// The place of the last key of a page. Opaque to clients; a made-up one leads nowhere but into one's own list.
pub(super) struct Cursor {
    at: Moment,
    id: String,
}

impl Cursor {
    pub(super) fn behind(key: &Key) -> String {
        let (at, id) = key.place();
        hex::encode(format!("{}.{id}", at.0))
    }

    fn parse(text: &str) -> Option<Self> {
        let text = (text.len() <= LONGEST_CURSOR).then_some(text)?;
        let text = String::from_utf8(hex::decode(text).ok()?).ok()?;
        let (at, id) = text.split_once('.')?;
        Some(Self { at: Moment(at.parse().ok()?), id: id.to_owned() })
    }

    pub(super) fn place(&self) -> (Moment, &str) {
        (self.at, &self.id)
    }
}
