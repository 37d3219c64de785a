//! A list that Keyturn exported may be of several accounts: which of its lines are of the one that it is brought to.

use super::ImportProblem;
use super::line::Columns;
use super::table::Row;
use crate::name::is_same;

/// The account that a list is brought to.
pub(super) struct Here<'a> {
    pub(super) label: &'a str,
    pub(super) vendor: &'a str,
    /// The labels of the other accounts.
    pub(super) others: Vec<&'a str>,
}

/// The lines of this account. Where its label stands at none of them, those of the one account that is not here: it may
/// be this one under another name.
pub(super) fn of_account<'a>(
    columns: &Columns,
    rows: &'a [Row],
    here: &Here<'_>,
) -> Result<Vec<&'a Row>, ImportProblem> {
    let problem = |row: &Row, words| ImportProblem { line: row.line, words };
    let is_here = |row: &&Row| columns.vendor(row).is_none_or(|vendor| vendor == here.vendor);
    let of_vendor: Vec<&Row> = rows.iter().filter(is_here).collect();
    let Some(first) = of_vendor.first() else {
        let Some(row) = rows.first() else { return Ok(Vec::new()) };
        let other = columns.vendor(row).unwrap_or_default();
        return Err(problem(
            row,
            format!("This key is one of {other}, and the account is at {}.", here.vendor),
        ));
    };
    let mut named: Vec<String> = Vec::new();
    for account in of_vendor.iter().filter_map(|row| columns.account(row)) {
        if !named.iter().any(|name| is_same(name, &account)) {
            named.push(account);
        }
    }
    let is_of = |row: &Row, label: &str| columns.account(row).is_none_or(|account| is_same(&account, label));
    if named.iter().any(|name| is_same(name, here.label)) {
        return Ok(of_vendor.into_iter().filter(|row| is_of(row, here.label)).collect());
    }
    match named.as_slice() {
        [] => Ok(of_vendor),
        [only] if !here.others.iter().any(|other| is_same(other, only)) => Ok(of_vendor),
        [only] => Err(problem(
            first,
            format!("This key is one of the account “{only}”, which is here as well. Import the list there."),
        )),
        several => Err(problem(
            first,
            format!(
                "The list is of the accounts {}, and this one is “{}”. Give this account the name that it bears in \
                 the list, or keep only its lines.",
                several.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join(", "),
                here.label
            ),
        )),
    }
}
