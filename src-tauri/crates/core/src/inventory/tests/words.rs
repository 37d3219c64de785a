//! How texts are searched and put in order, as the list does it.

use super::*;

fn found(rows: &[InventoryRow], search: &str) -> Vec<String> {
    let query = Query { search: search.into(), ..all() };
    let window = Inventory::build(rows.to_vec()).window(&query, now());
    names(&window).into_iter().map(str::to_owned).collect()
}

fn in_order(of: &[&str]) -> Vec<String> {
    let rows = (1..).zip(of).map(|(id, name)| row(id, name)).collect();
    let window = Inventory::build(rows).window(&all(), now());
    names(&window).into_iter().map(str::to_owned).collect()
}

#[test]
fn f22_a_name_is_found_however_its_accents_are_written_and_without_them() {
    for name in ["Caf\u{e9} sync", "Cafe\u{301} sync", "CAF\u{c9} SYNC", "C\u{200b}af\u{e9}\u{a0}sync"] {
        for search in ["Caf\u{e9}", "cafe\u{301}", "cafe", "CAFE sy", "f\u{e9} ync", "\u{200b}cafe"] {
            assert_eq!(found(&[row(1, name), row(2, "Other")], search), [name], "{search:?} in {name:?}");
        }
    }
    assert_eq!(found(&[row(1, "Stra\u{df}e 5"), row(2, "\u{130}zmir")], "STRASSE"), ["Stra\u{df}e 5"]);
    assert_eq!(found(&[row(1, "Stra\u{df}e 5"), row(2, "\u{130}zmir")], "izmir"), ["\u{130}zmir"]);
    assert_eq!(
        found(&[row(1, "Tokyo"), row(2, "x\u{1f}key_1")], "\u{301}").len(),
        2,
        "nothing is searched for"
    );
}

#[test]
fn f22_labels_scopes_hints_and_ids_are_searched_in_the_same_form() {
    let mut rows = vec![row(1, "a"), row(2, "b"), row(3, "c"), row(4, "d")];
    rows[0].labels = vec![label("Bo\u{302}tiga")];
    rows[1].record.scopes = vec![Scope("Donn\u{e9}es:lire".into())];
    rows[2].record.hint.suffix = "\u{e9}\u{e9}12".into();
    rows[3].record.id = VendorKeyId("cl\u{e9}-9".into());
    for (search, name) in
        [("b\u{f4}t", "a"), ("botiga", "a"), ("donnees", "b"), ("ee12", "c"), ("cle-9", "d")]
    {
        assert_eq!(found(&rows, search), [name], "{search:?}");
    }
    let chosen = Query { labels: vec![label("b\u{f4}tiga")], ..all() };
    assert_eq!(names(&Inventory::build(rows).window(&chosen, now())), ["a"]);
}

#[test]
fn f32_the_list_stands_as_people_sort() {
    let right = ["\u{c4}pfel", "b", "key-1", "Key-2", "key-10", "key-10 b", "zebra"];
    let mut shuffled = right;
    shuffled.reverse();
    assert_eq!(in_order(&shuffled), right);
    assert_eq!(
        in_order(&["key-01", "key-1", "key-001"]),
        ["key-001", "key-01", "key-1"],
        "and never by chance"
    );
    assert_eq!(
        in_order(&["cafe", "Caf\u{e9}", "caf\u{e9}", "Cafe"]),
        ["Cafe", "Caf\u{e9}", "cafe", "caf\u{e9}"]
    );
    let odd = ["9".repeat(5_000), "\u{664}\u{662}".into(), "0".repeat(70_000), String::new()];
    let odd: Vec<&str> = odd.iter().map(String::as_str).collect();
    assert_eq!(in_order(&odd), [odd[3], odd[2], odd[1], odd[0]]);
}

#[test]
fn f32_accounts_stand_by_their_labels_and_environments_by_their_words() {
    let mut rows: Vec<_> = (1..=4).map(|id| row(id, &format!("k{id}"))).collect();
    for (row, account) in rows.iter_mut().zip(["a", "b", "c", "d"]) {
        row.account = AccountId(account.into());
        row.record.environment =
            Environment::Other(format!("stage {}", row.record.id.0.replace("key_", "1")));
    }
    rows[3].record.environment = Environment::Other("stage 9".into());
    let label = |id: &AccountId| {
        let labels = [("a", "Team 10"), ("b", "zone"), ("c", "team 9"), ("d", "\u{c9}cole")];
        labels.iter().find(|(known, _)| *known == id.0).map(|(_, label)| (*label).to_owned())
    };
    let inventory = Inventory::build(rows).labelled(label);
    let sorted = |sort| inventory.window(&Query { sort, ..all() }, now());
    assert_eq!(names(&sorted(SortBy::Account)), ["k4", "k3", "k1", "k2"]);
    let by_environment = sorted(SortBy::Environment);
    assert_eq!(names(&by_environment), ["k4", "k1", "k2", "k3"]);
    let first = by_environment.facets.environments.first().map(|(environment, _)| environment);
    assert_eq!(first, Some(&Environment::Other("stage 9".into())), "the filter's list too");
}
