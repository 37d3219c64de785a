//! Which item may go next, without a vendor, and what a whole batch does whatever its vendor answers.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::account::AccountId;
use crate::key::VendorKeyId;

const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn at(seconds: i64) -> DateTime<Utc> {
    START + TimeDelta::seconds(seconds)
}

fn account(id: &str) -> AccountId {
    AccountId(id.into())
}

fn item(number: u32, account: &str, name: &str) -> FoundItem {
    let key = KeyRef { account: AccountId(account.into()), key: VendorKeyId(format!("k{number}")) };
    let hint = Hint { prefix: String::new(), suffix: String::new() };
    let name = name.to_owned();
    let item = Item { number, key, name, hint, state: ItemState::Open, tries: 0, not_before: None };
    FoundItem { item, begun: false }
}

/// So many items of one account, the last of which is its managing key if `managing`.
fn of_one(deed: Deed, room: Option<usize>, names: &[&str], managing: bool) -> Work {
    let items = (1..).zip(names).map(|(number, name)| {
        let last = managing && number as usize == names.len();
        (item(number, "a", name), last)
    });
    Work::new(deed, [(account("a"), Lane::new(room, Some(START)))], items.collect::<Vec<_>>(), START)
}

fn all(work: &mut Work, now: DateTime<Utc>) -> Vec<Job> {
    std::iter::from_fn(|| work.next(now, true)).collect()
}

fn tasks(jobs: &[Job]) -> Vec<Task> {
    jobs.iter().map(|job| job.task).collect()
}

const NOW: Deed = Deed::Rotate(Choice::Now);

#[test]
fn so_many_at_a_time_in_all_and_for_each_account() {
    let items = (1..=30).map(|n| (item(n, ["a", "b", "c"][n as usize % 3], &n.to_string()), false));
    let lanes = ["a", "b", "c"].map(|id| (account(id), Lane::new(None, Some(START))));
    let mut work = Work::new(NOW, lanes, items.collect::<Vec<_>>(), START);
    let jobs = all(&mut work, START);
    assert_eq!(jobs.len(), AT_ONCE);
    let mut each: BTreeMap<AccountId, usize> = BTreeMap::new();
    for job in &jobs {
        *each.entry(job.account.clone()).or_default() += 1;
    }
    assert!(each.values().all(|count| *count <= PER_ACCOUNT), "{each:?}");
    assert_eq!(each.len(), 3, "no account starves");
}

#[test]
fn an_old_list_is_read_once_before_the_first_key_is_made() {
    let mut work = of_one(NOW, None, &["one", "two"], false);
    let late = at(3600);
    let jobs = all(&mut work, late);
    assert_eq!(tasks(&jobs), [Task::Read]);
    work.turned(&jobs[0], Turn::Read, late);
    assert_eq!(tasks(&all(&mut work, late)), [Task::Begin(1), Task::Begin(2)]);
    let mut revoking = of_one(Deed::Revoke, None, &["one"], false);
    assert_eq!(tasks(&all(&mut revoking, late)), [Task::Begin(1)]);
}

#[test]
fn keys_of_one_name_are_made_one_after_the_other() {
    let mut work = of_one(NOW, None, &["same", "same", "other"], false);
    let jobs = all(&mut work, START);
    assert_eq!(tasks(&jobs), [Task::Begin(1), Task::Begin(3)]);
    work.turned(&jobs[0], Turn::Doubt { until: at(1) }, START);
    work.turned(&jobs[1], Turn::Ended { freed: true }, START);
    assert_eq!(all(&mut work, START), []);
    let looked_up = all(&mut work, at(1));
    assert_eq!(tasks(&looked_up), [Task::GoOn(1)]);
    work.turned(&looked_up[0], Turn::Again, at(1));
    assert!(tasks(&all(&mut work, at(1))).contains(&Task::Begin(2)));
}

#[test]
fn r6_an_account_that_asks_to_be_left_alone_is_and_the_others_go_on() {
    let items = (1..=8).map(|n| (item(n, ["a", "b"][n as usize % 2], &n.to_string()), false));
    let lanes = ["a", "b"].map(|id| (account(id), Lane::new(None, Some(START))));
    let mut work = Work::new(NOW, lanes, items.collect::<Vec<_>>(), START);
    let jobs = all(&mut work, START);
    let of_a: Vec<&Job> = jobs.iter().filter(|job| job.account == account("a")).collect();
    work.turned(of_a[0], Turn::Held { until: at(30), begun: false }, START);
    for job in of_a.iter().skip(1) {
        work.turned(job, Turn::Again, START);
    }
    for job in jobs.iter().filter(|job| job.account == account("b")) {
        work.turned(job, Turn::Again, START);
    }
    let next = all(&mut work, at(29));
    assert!(!next.is_empty() && next.iter().all(|job| job.account == account("b")));
    assert_eq!(work.wake(at(29), true), Some(at(30)));
    let after: Vec<Job> = all(&mut work, at(30)).into_iter().filter(|j| j.account == account("a")).collect();
    assert_eq!(after.len(), 1, "one asks whether it may go on");
}

#[test]
fn r4_with_one_place_left_one_goes_after_the_other_and_with_none_nothing_begins() {
    let mut work = of_one(NOW, Some(1), &["one", "two"], false);
    let first = all(&mut work, START);
    assert_eq!(tasks(&first), [Task::Begin(1)]);
    work.turned(&first[0], Turn::Again, START);
    let goes_on = all(&mut work, START);
    assert_eq!(tasks(&goes_on), [Task::GoOn(1)]);
    work.turned(&goes_on[0], Turn::Ended { freed: true }, START);
    assert_eq!(tasks(&all(&mut work, START)), [Task::Begin(2)]);

    let mut full = of_one(NOW, Some(0), &["one", "two"], false);
    assert_eq!(tasks(&all(&mut full, START)), [Task::NoRoom(1), Task::NoRoom(2)]);

    let mut overlapping = of_one(Deed::Rotate(Choice::OneDay), Some(1), &["one", "two"], false);
    assert_eq!(tasks(&all(&mut overlapping, START)), [Task::Begin(1), Task::NoRoom(2)]);
}

#[test]
fn r4_where_a_place_is_gone_after_all_an_item_waits_for_the_others_and_ends_without_them() {
    let mut work = of_one(NOW, Some(2), &["one", "two"], false);
    let first = all(&mut work, START);
    assert_eq!(tasks(&first), [Task::Begin(1), Task::Begin(2)]);
    work.turned(&first[0], Turn::At(at(5)), START);
    work.turned(&first[1], Turn::Full, START);
    assert_eq!(all(&mut work, START), [], "the first one gives its place back");
    let goes_on = all(&mut work, at(5));
    work.turned(&goes_on[0], Turn::Ended { freed: true }, at(5));
    let again = all(&mut work, at(5));
    assert_eq!(tasks(&again), [Task::Begin(2)]);
    work.turned(&again[0], Turn::Full, at(5));
    assert_eq!(tasks(&all(&mut work, at(5))), [Task::NoRoom(2)]);
}

#[test]
fn the_managing_key_is_the_last_of_its_account() {
    let mut work = of_one(NOW, None, &["one", "managing"], true);
    let first = all(&mut work, START);
    assert_eq!(tasks(&first), [Task::Begin(1)]);
    work.turned(&first[0], Turn::At(at(5)), START);
    assert_eq!(all(&mut work, START), [], "the first one may still need it");
    let again = all(&mut work, at(5));
    work.turned(&again[0], Turn::Ended { freed: true }, at(5));
    assert_eq!(tasks(&all(&mut work, at(5))), [Task::Begin(2)]);
}

#[test]
fn paused_it_goes_on_with_what_has_begun_and_begins_nothing() {
    let mut work = of_one(NOW, None, &["1", "2", "3", "4", "5"], false);
    let jobs = all(&mut work, START);
    work.turned(&jobs[0], Turn::Again, START);
    assert_eq!(work.next(START, false).map(|job| job.task), Some(Task::GoOn(1)));
    for job in &jobs[1..] {
        work.turned(job, Turn::Ended { freed: true }, START);
    }
    assert_eq!(work.next(START, false), None);
    assert_eq!(work.drop_waiting(), [5]);
}

#[test]
fn an_item_has_an_operation_of_its_own_for_each_try() {
    let batch = BatchId("batch".into());
    let mut one = item(11, "a", "").item;
    assert_eq!(one.operation(&batch).0, "batch.11");
    one.tries = 2;
    assert_eq!(one.operation(&batch).0, "batch.11.2");
}

#[test]
fn r6_a_wait_is_never_shorter_than_asked_and_the_tries_end() {
    let asked = TimeDelta::seconds(3600);
    assert_eq!(again_at(1, Some(asked), START), Some(START + asked));
    assert_eq!(again_at(1, Some(TimeDelta::zero()), START), Some(at(1)));
    assert_eq!(again_at(4, None, START), Some(at(8)));
    assert_eq!(again_at(PATIENCE + 1, None, START), None);
}

/// What a vendor may answer, in any order: a batch ends, nobody begins twice, and never are there more keys than
/// places.
fn play(deed: Deed, names: &[u8], room: Option<usize>, answers: &[u8]) -> Result<(), TestCaseError> {
    let items = (1..).zip(names).map(|(number, name)| (item(number, "a", &name.to_string()), false));
    let lanes = [(account("a"), Lane::new(room, Some(START)))];
    let mut work = Work::new(deed, lanes, items.collect::<Vec<_>>(), START);
    let (mut now, mut answers, mut in_hand) = (START, answers.iter().copied(), Vec::<Job>::new());
    let (mut begun, mut made) = (BTreeMap::<u32, u32>::new(), 0_usize);
    for _ in 0..10_000 {
        in_hand.extend(std::iter::from_fn(|| work.next(now, true)));
        let answer = answers.next().unwrap_or(0);
        if in_hand.is_empty() {
            if work.is_over() {
                return Ok(());
            }
            now = work.wake(now, true).expect("something is waited for");
            continue;
        }
        let job = in_hand.remove(usize::from(answer) % in_hand.len());
        let until = now + TimeDelta::seconds(i64::from(answer));
        let turn = match (job.task, answer % 7) {
            (Task::Read, _) => Turn::Read,
            (Task::NoRoom(_), _) => Turn::Ended { freed: false },
            (Task::Begin(_), 1) => Turn::Held { until, begun: false },
            (Task::Begin(number), _) => {
                *begun.entry(number).or_default() += 1;
                made += 1;
                if answer % 7 == 2 { Turn::Doubt { until } } else { Turn::Again }
            }
            (Task::GoOn(_), 1) => Turn::At(until),
            (Task::GoOn(_), 3) => Turn::Held { until, begun: true },
            (Task::GoOn(_), _) => {
                made -= usize::from(deed.frees());
                Turn::Ended { freed: deed.frees() }
            }
        };
        prop_assert!(room.is_none_or(|room| made <= room), "{made} keys, {room:?} places");
        work.turned(&job, turn, now);
    }
    prop_assert!(begun.values().all(|times| *times == 1));
    Err(TestCaseError::fail("it does not end"))
}

/// What a vendor may answer to the acts in hand, in any order, while the person pauses and resumes.
fn disturb(work: &mut Work, in_hand: &mut Vec<Job>, story: &[(u8, bool)]) -> DateTime<Utc> {
    let mut now = START;
    for (answer, starting) in story.iter().copied() {
        in_hand.extend(std::iter::from_fn(|| work.next(now, starting)));
        if in_hand.is_empty() {
            now = work.wake(now, starting).unwrap_or(now);
            continue;
        }
        let job = in_hand.remove(usize::from(answer) % in_hand.len());
        let until = now + TimeDelta::seconds(i64::from(answer) + 1);
        let begun = matches!(job.task, Task::GoOn(_));
        let turn = match (job.task, answer % 7) {
            (Task::NoRoom(_), _) => Turn::Ended { freed: false },
            (_, 0 | 1) => Turn::Held { until, begun },
            (Task::Read, _) => Turn::Read,
            (_, 2) => Turn::Doubt { until },
            (Task::GoOn(_), 3) => Turn::Unsettled { until },
            (Task::Begin(_), 4) => Turn::Full,
            (Task::GoOn(_), 4) => Turn::Ended { freed: true },
            (_, 5) => Turn::At(until),
            (_, _) => Turn::Again,
        };
        work.turned(&job, turn, now);
    }
    now
}

/// Whether a batch ends as soon as its vendor does what it is asked to. `starting`: the person lets further items begin.
fn ends(work: &mut Work, mut in_hand: Vec<Job>, mut now: DateTime<Utc>, starting: bool) -> bool {
    for _ in 0..10_000 {
        in_hand.extend(std::iter::from_fn(|| work.next(now, starting)));
        let Some(job) = in_hand.pop() else {
            match work.wake(now, starting) {
                Some(at) => now = at,
                None => return work.is_over(),
            }
            continue;
        };
        let turn = match job.task {
            Task::Read => Turn::Read,
            Task::Begin(_) => Turn::Again,
            Task::GoOn(_) | Task::NoRoom(_) => Turn::Ended { freed: false },
        };
        work.turned(&job, turn, now);
    }
    false
}

#[test]
fn f43_a_person_can_always_stop_what_has_not_ended_and_resume_what_rests() {
    let (id, deed, started_at) = (BatchId("batch".into()), NOW, START);
    for state in [BatchState::Running, BatchState::Paused, BatchState::Stopped, BatchState::Done] {
        let open = Batch { id: id.clone(), deed, state, started_at, ended_at: None };
        let ends_alone = matches!(state, BatchState::Stopped | BatchState::Done);
        assert_eq!(open.can_be_stopped(), !ends_alone, "{state:?}");
        assert!(!(open.can_be_paused() && open.can_be_resumed()), "{state:?}");
        let over = Batch { ended_at: Some(at(9)), ..open };
        assert!(!over.can_be_paused() && !over.can_be_resumed() && !over.can_be_stopped(), "{state:?}");
    }
}

proptest! {
    /// Whatever a batch has come to: it ends by going on, and by "Stop" alone, once its vendor answers.
    #[test]
    fn f43_no_batch_is_without_a_way_out(
        names in prop::collection::vec(0_u8..6, 1..30),
        room in prop::option::of(0_usize..4),
        overlapping: bool,
        managing: bool,
        stopped: bool,
        story in prop::collection::vec((any::<u8>(), any::<bool>()), 0..120),
    ) {
        let deed = if overlapping { Deed::Rotate(Choice::OneDay) } else { NOW };
        let names: Vec<String> = names.iter().map(u8::to_string).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut work = of_one(deed, room, &names, managing);
        let mut in_hand = Vec::new();
        let now = disturb(&mut work, &mut in_hand, &story);
        if stopped {
            work.drop_waiting();
        }
        prop_assert!(ends(&mut work, in_hand, now, !stopped), "{work:?}");
    }

    #[test]
    fn whatever_the_vendor_answers_a_batch_ends_within_its_places(
        names in prop::collection::vec(0_u8..6, 1..40),
        room in prop::option::of(0_usize..4),
        overlapping: bool,
        answers in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let deed = if overlapping { Deed::Rotate(Choice::OneDay) } else { NOW };
        play(deed, &names, room, &answers)?;
    }
}
