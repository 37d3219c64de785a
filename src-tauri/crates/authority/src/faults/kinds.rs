//! The faults there are, as data, and what they are called.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// One thing that goes wrong. In JSON: `{"kind": "cut-reply", "at": "in-body"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// The request is carried out, then the connection is cut.
    CutReply {
        /// How much of the reply arrives.
        at: CutAt,
    },
    /// The request is carried out at once, and its reply is held back.
    Delay {
        /// For this many milliseconds.
        millis: u64,
    },
    /// 429; the request is not carried out.
    TooManyRequests {
        /// When to come back.
        retry_after: RetryAfter,
    },
    /// 500.
    InternalError {
        /// Whether the request was carried out all the same.
        committed: bool,
    },
    /// 503.
    Unavailable {
        /// Whether the request was carried out all the same.
        committed: bool,
        /// When to come back.
        #[serde(default)]
        retry_after: RetryAfter,
    },
    /// The reply holds everything it should, but is no JSON: each colon is an equals sign.
    MalformedJson,
    /// A complete reply that holds the first half of its JSON.
    TruncatedJson,
    /// Every `scopes` in the reply names one more than it should.
    ScopeTooMany,
    /// Every `scopes` in the reply lacks its last one.
    ScopeTooFew,
    /// Every `keyHint`, `apiKeyPrefix` and `masked` in the reply ends in another character.
    WrongHint,
    /// A redirect to another origin, with the path and the query of the request; it is not carried out.
    Redirect {
        /// `http://HOST:PORT`. What cannot stand in a header is left out, and the redirect leads nowhere.
        to: Cow<'static, str>,
        /// Which of the five redirects.
        status: RedirectStatus,
    },
    /// 400, whose words repeat the request's credentials, query and body; it is not carried out.
    EchoedKey,
    /// Lists never end: arrays are filled up to the page's size with keys that do not exist, and objects always
    /// announce a next page.
    EndlessPaging,
    /// The reply is valid, after this much white space.
    HugeBody {
        /// Of 1,048,576 bytes.
        megabytes: u32,
    },
    /// Revocations and deletions are accepted as they should be, and nothing is done.
    IgnoredRevocation,
    /// Every key is refused, as if it were unknown.
    EverybodyRefused,
    /// Lists show what was a while ago.
    LaggingList {
        /// This long ago.
        seconds: u32,
    },
    /// Lists lack their last row.
    MissingRow,
    /// Lists are empty.
    EmptyList,
    /// Lists show no row but that of the key that asks.
    OwnRowOnly,
    /// The row of the key that asks has a hint that ends in another character.
    WrongOwnHint,
    /// Lists show their first row twice.
    RepeatedRow,
    /// 200 with a page of markup.
    MarkupReply {
        /// Whether the request was carried out all the same.
        committed: bool,
    },
    /// 404 with a page of markup; the request is not carried out.
    GatewayNotFound,
    /// The reply's `Date` is another one.
    WrongDate {
        /// So far ahead; behind where negative.
        hours: i32,
    },
    /// Names in lists are trimmed, in small letters, and without characters that have no width.
    ReworkedNames,
    /// Times in lists are those of another zone, and moved.
    ReworkedTimes {
        /// So far ahead; behind where negative.
        minutes: i32,
    },
    /// Times in lists are written in another form.
    WrittenTimes {
        /// Which one.
        form: TimeForm,
    },
    /// Names in lists are in decomposed letters, each accent a character of its own.
    DecomposedNames,
    /// A key before the later pages of a list goes while they are read, so that their rows move up by one.
    DeletedBetweenPages,
    /// Pages of lists have half as many rows as were asked for.
    ShorterPages,
    /// The vendor's clock goes ahead: in the reply's `Date`, and in what lists say of the past.
    FastClock {
        /// By so much.
        minutes: i32,
    },
    /// 407, as a proxy says it that wants a password; the request is not carried out.
    ProxyAsks,
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeForm {
    /// `2027-03-01 12:00:00`.
    Spaced,
    /// `2027-03-01T12:00:00+0000`.
    CompactZone,
    /// As in mail.
    Mail,
    /// Seconds since 1970, as a number.
    Seconds,
    /// Milliseconds since 1970, in a string.
    Milliseconds,
    /// `2027-03-01`.
    Day,
    /// What is not set is the year 1.
    Zero,
}

impl TimeForm {
    /// What happens, in one sentence.
    const fn sentence(self) -> &'static str {
        match self {
            Self::Spaced => "The vendor lists times with a space in them and no zone.",
            Self::CompactZone => "The vendor lists times with a zone without a colon.",
            Self::Mail => "The vendor lists times as they stand in mail.",
            Self::Seconds => "The vendor lists times as numbers of seconds.",
            Self::Milliseconds => "The vendor lists times as numbers of milliseconds in strings.",
            Self::Day => "The vendor lists days in place of times.",
            Self::Zero => "The vendor lists a time in the year 1 where none is set.",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Spaced => "Times with a space",
            Self::CompactZone => "Times with a compact zone",
            Self::Mail => "Times as in mail",
            Self::Seconds => "Times in seconds",
            Self::Milliseconds => "Times in milliseconds",
            Self::Day => "Days in place of times",
            Self::Zero => "Year 1 in place of none",
        }
    }
}

/// How much of a reply arrives before the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CutAt {
    /// Nothing.
    AfterRequest,
    /// Status and headers, and nothing of the body.
    AfterHeaders,
    /// Status, headers and half of the body.
    InBody,
}

/// The header that goes with a 429 or a 503.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetryAfter {
    /// This many seconds, as a number.
    Seconds(u32),
    /// In this many seconds, as a date.
    Date(u32),
    /// No header.
    #[default]
    Absent,
    /// A header that is neither a number nor a date.
    Garbage,
}

/// A redirect's status. In JSON its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum RedirectStatus {
    /// 301.
    MovedPermanently,
    /// 302.
    Found,
    /// 303.
    SeeOther,
    /// 307.
    TemporaryRedirect,
    /// 308.
    PermanentRedirect,
}

impl From<RedirectStatus> for u16 {
    fn from(status: RedirectStatus) -> Self {
        match status {
            RedirectStatus::MovedPermanently => 301,
            RedirectStatus::Found => 302,
            RedirectStatus::SeeOther => 303,
            RedirectStatus::TemporaryRedirect => 307,
            RedirectStatus::PermanentRedirect => 308,
        }
    }
}

impl TryFrom<u16> for RedirectStatus {
    type Error = &'static str;

    fn try_from(number: u16) -> Result<Self, Self::Error> {
        match number {
            301 => Ok(Self::MovedPermanently),
            302 => Ok(Self::Found),
            303 => Ok(Self::SeeOther),
            307 => Ok(Self::TemporaryRedirect),
            308 => Ok(Self::PermanentRedirect),
            _ => Err("a redirect is 301, 302, 303, 307 or 308"),
        }
    }
}

/// In seconds.
const HOUR: u32 = 3600;

impl Fault {
    /// One of each, as a person may choose it.
    pub const ALL: [Self; 43] = [
        Self::CutReply { at: CutAt::AfterRequest },
        Self::CutReply { at: CutAt::AfterHeaders },
        Self::CutReply { at: CutAt::InBody },
        Self::Delay { millis: 10_000 },
        Self::TooManyRequests { retry_after: RetryAfter::Seconds(30) },
        Self::TooManyRequests { retry_after: RetryAfter::Seconds(HOUR) },
        Self::InternalError { committed: false },
        Self::Unavailable { committed: false, retry_after: RetryAfter::Absent },
        Self::MalformedJson,
        Self::TruncatedJson,
        Self::ScopeTooMany,
        Self::ScopeTooFew,
        Self::WrongHint,
        // Port 9 discards: nothing listens there, and nothing leaves this machine.
        Self::Redirect { to: Cow::Borrowed("http://127.0.0.1:9"), status: RedirectStatus::TemporaryRedirect },
        Self::EchoedKey,
        Self::EndlessPaging,
        Self::HugeBody { megabytes: 100 },
        Self::IgnoredRevocation,
        Self::EverybodyRefused,
        Self::LaggingList { seconds: 30 },
        Self::MissingRow,
        Self::EmptyList,
        Self::OwnRowOnly,
        Self::WrongOwnHint,
        Self::RepeatedRow,
        Self::MarkupReply { committed: false },
        Self::MarkupReply { committed: true },
        Self::GatewayNotFound,
        Self::WrongDate { hours: 720 },
        Self::ReworkedNames,
        Self::ReworkedTimes { minutes: 3 },
        Self::WrittenTimes { form: TimeForm::Spaced },
        Self::WrittenTimes { form: TimeForm::CompactZone },
        Self::WrittenTimes { form: TimeForm::Mail },
        Self::WrittenTimes { form: TimeForm::Seconds },
        Self::WrittenTimes { form: TimeForm::Milliseconds },
        Self::WrittenTimes { form: TimeForm::Day },
        Self::WrittenTimes { form: TimeForm::Zero },
        Self::DecomposedNames,
        Self::DeletedBetweenPages,
        Self::ShorterPages,
        Self::FastClock { minutes: 12 },
        Self::ProxyAsks,
    ];

    /// What a person calls it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CutReply { at: CutAt::AfterRequest } => "Lost reply",
            Self::CutReply { at: CutAt::AfterHeaders } => "Reply cut after its headers",
            Self::CutReply { at: CutAt::InBody } => "Reply cut in the middle",
            Self::Delay { .. } => "Slow reply",
            Self::TooManyRequests { retry_after: RetryAfter::Seconds(HOUR..) } => {
                "Too many requests for an hour"
            }
            Self::TooManyRequests { .. } => "Too many requests",
            Self::InternalError { .. } => "Internal error",
            Self::Unavailable { .. } => "Out of service",
            Self::MalformedJson => "Garbled reply",
            Self::TruncatedJson => "Half a reply",
            Self::ScopeTooMany => "One scope too many",
            Self::ScopeTooFew => "One scope too few",
            Self::WrongHint => "Wrong hint",
            Self::Redirect { .. } => "Redirect elsewhere",
            Self::EchoedKey => "Key in an error message",
            Self::EndlessPaging => "Endless list",
            Self::HugeBody { .. } => "Huge reply",
            Self::IgnoredRevocation => "Revocation without effect",
            Self::EverybodyRefused => "Everybody refused",
            Self::LaggingList { .. } => "List of a while ago",
            Self::MissingRow => "Missing row",
            Self::EmptyList => "Empty list",
            Self::OwnRowOnly => "Only the managing key's row",
            Self::WrongOwnHint => "Wrong hint of the managing key",
            Self::RepeatedRow => "The same row twice",
            Self::MarkupReply { committed: false } => "Web page instead of a reply",
            Self::MarkupReply { committed: true } => "Web page after the work was done",
            Self::GatewayNotFound => "Gateway's not found",
            Self::WrongDate { .. } => "Clock days off",
            Self::ReworkedNames => "Names written otherwise",
            Self::ReworkedTimes { .. } => "Times written otherwise",
            Self::WrittenTimes { form } => form.name(),
            Self::DecomposedNames => "Names in decomposed letters",
            Self::DeletedBetweenPages => "A key deleted between two pages",
            Self::ShorterPages => "Shorter pages",
            Self::FastClock { .. } => "Clock some minutes ahead",
            Self::ProxyAsks => "Proxy wants a password",
        }
    }

    /// What happens, in one sentence.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::CutReply { at: CutAt::AfterRequest } => {
                "The vendor does what was asked, and the connection breaks before a word of the reply arrives."
            }
            Self::CutReply { at: CutAt::AfterHeaders } => {
                "The vendor does what was asked and says so, and the connection breaks before the body arrives."
            }
            Self::CutReply { at: CutAt::InBody } => {
                "The vendor does what was asked, and the connection breaks in the middle of the reply."
            }
            Self::Delay { .. } => "The vendor does what was asked at once, and answers late.",
            Self::TooManyRequests { retry_after: RetryAfter::Seconds(HOUR..) } => {
                "The vendor does nothing and asks to be left alone for an hour."
            }
            Self::TooManyRequests { .. } => "The vendor does nothing and asks to be left alone for a while.",
            Self::InternalError { committed: false } => {
                "The vendor reports a fault of its own and does nothing."
            }
            Self::InternalError { committed: true } => {
                "The vendor reports a fault of its own, although it did what was asked."
            }
            Self::Unavailable { committed: false, .. } => "The vendor is out of service and does nothing.",
            Self::Unavailable { committed: true, .. } => {
                "The vendor says that it is out of service, although it did what was asked."
            }
            Self::MalformedJson => "The vendor does what was asked, and its reply cannot be read.",
            Self::TruncatedJson => "The vendor does what was asked, and its reply ends half-way.",
            Self::ScopeTooMany => "The vendor reports keys with one scope more than they were given.",
            Self::ScopeTooFew => "The vendor reports keys with one scope less than they were given.",
            Self::WrongHint => "The vendor reports keys by characters that are not theirs.",
            Self::Redirect { .. } => "The vendor sends the request, and the key with it, to another address.",
            Self::EchoedKey => "The vendor refuses and repeats the key in its error message.",
            Self::EndlessPaging => "The vendor's list of keys has always one more page.",
            Self::HugeBody { .. } => "The vendor does what was asked and answers with a hundred megabytes.",
            Self::IgnoredRevocation => {
                "The vendor accepts revocations and deletions, says that they are done, and does nothing."
            }
            Self::EverybodyRefused => "The vendor refuses every key, whether it lives or not.",
            Self::LaggingList { .. } => "The vendor's list of keys shows how things stood half a minute ago.",
            Self::MissingRow => "The vendor's list lacks one of the keys.",
            Self::EmptyList => "The vendor's list of keys is empty, although there are keys.",
            Self::OwnRowOnly => "The vendor lists no key but the one with which it is asked.",
            Self::WrongOwnHint => {
                "The vendor lists the key with which it is asked by characters that are not its own."
            }
            Self::RepeatedRow => "The vendor's list shows one key twice.",
            Self::MarkupReply { committed: false } => {
                "Something on the way answers with a web page, as if all were well, and the vendor hears nothing."
            }
            Self::MarkupReply { committed: true } => {
                "The vendor does what was asked, and something on the way answers with a web page in its place."
            }
            Self::GatewayNotFound => {
                "Something on the way says that there is no such page, and the vendor hears nothing."
            }
            Self::WrongDate { .. } => "The vendor's replies are dated a month ahead.",
            Self::ReworkedNames => {
                "The vendor lists names in small letters, trimmed, and without invisible characters."
            }
            Self::ReworkedTimes { .. } => "The vendor lists times in another zone, some minutes off.",
            Self::WrittenTimes { form } => form.sentence(),
            Self::DecomposedNames => "The vendor lists names with each accent as a character of its own.",
            Self::DeletedBetweenPages => "While its list is read, the vendor's rows move up by one.",
            Self::ShorterPages => "The vendor's pages have half as many rows as were asked for.",
            Self::FastClock { .. } => "The vendor's clock goes twelve minutes ahead.",
            Self::ProxyAsks => "Something on the way wants a password, and the vendor hears nothing.",
        }
    }
}
