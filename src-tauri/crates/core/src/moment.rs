//! A moment inside a sentence.

use chrono::{DateTime, SecondsFormat, Utc};

/// Written as `2026-11-27T02:35:00Z`: in a report it stands as it is, and the UI finds it in the sentence and says
/// it in a person's own time.
#[must_use]
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f36_a_moment_in_a_sentence_is_one_that_the_ui_finds() {
        let at = DateTime::from_timestamp(1_795_746_900, 999_000_000).unwrap();
        assert_eq!(moment(at), "2026-11-27T02:35:00Z");
    }
}
