// The fake's journal and what was changed outside. Deterministic.

import { finding } from '../words-names';
import type { FacetView } from './wire/FacetView';
import type { JournalQuery } from './wire/JournalQuery';
import type { JournalRowView } from './wire/JournalRowView';
import type { JournalWindowView } from './wire/JournalWindowView';
import type { KeyView } from './wire/KeyView';
import type { OutsideChangeView } from './wire/OutsideChangeView';

const ACTIONS: [action: string, words: string, asked: string, seen: string][] = [
  ['create', 'Create', 'A key with 3 scopes was asked for', 'The vendor made it; its secret is sealed'],
  ['rotate', 'Rotate', 'A rotation with an overlap of 24 hours was decided', 'The old key was refused: proven dead'],
  ['revoke', 'Revoke', 'The revocation was asked for', 'The vendor accepted the revocation'],
  ['acknowledge', 'Stored', '', 'A person said that the key is stored'],
  ['refresh', 'Read', '', 'The list of keys was read'],
];
const REASONS = ['Left the company', 'Found in a log', 'Quarterly rotation'];

/** About ten entries a key over the last months, newest first. */
export function journalOf(keys: readonly KeyView[], count = 320): JournalRowView[] {
  return Array.from({ length: count }, (_, n): JournalRowView => {
    const key = keys[(n * 7) % keys.length]!;
    const [action, actionWords, asked, seen] = ACTIONS[(n * 3) % ACTIONS.length]!;
    const vendor = n % 6 === 5;
    const outcome = n % 13 === 7 ? 'failed' : n % 4 === 1 && asked ? 'intended' : 'done';
    return {
      id: String(count - n),
      at: new Date(Date.now() - n * 9 * 3_600_000).toISOString(),
      accountLabel: key.accountLabel,
      vendorName: 'Naturalead',
      key: key.id,
      keyName: key.name,
      fingerprint: `fp_${((n * 2_654_435_761) >>> 0).toString(16).padStart(8, '0')}`,
      action,
      actionWords,
      outcome,
      words: outcome === 'failed' ? 'The vendor could not be reached; nothing was changed' : outcome === 'intended' ? asked : seen,
      reason: action === 'revoke' || action === 'rotate' ? (REASONS[n % 4] ?? null) : null,
      source: vendor ? 'vendor' : 'keyturn',
      actor: vendor ? 'ada@example.com' : null,
    };
  });
}

function tally(rows: readonly JournalRowView[], of: (row: JournalRowView) => [value: string, label: string]): FacetView[] {
  const found = new Map<string, FacetView>();
  for (const row of rows) {
    const [value, label] = of(row);
    found.set(value, { value, label, count: (found.get(value)?.count ?? 0) + 1 });
  }
  return [...found.values()];
}

/** The entries that pass `query`. */
export function journalWindow(all: readonly JournalRowView[], query: JournalQuery): JournalWindowView {
  const finds = finding(query.search);
  const accountOf = (row: JournalRowView) => row.key?.split('/')[0] ?? '';
  const passing = all.filter((row) => {
    return (
      finds(`${row.keyName} ${row.words} ${row.actionWords} ${row.reason ?? ''} ${row.fingerprint ?? ''} ${row.actor ?? ''}`) &&
      (query.accounts.length === 0 || query.accounts.includes(accountOf(row))) &&
      (query.actions.length === 0 || query.actions.includes(row.action)) &&
      (query.outcomes.length === 0 || query.outcomes.includes(row.outcome)) &&
      (query.source === 'all' || query.source === row.source) &&
      (query.since === null || row.at >= query.since) &&
      (query.until === null || row.at <= query.until)
    );
  });
  return {
    rows: passing.slice(query.offset, query.offset + query.limit),
    total: passing.length,
    everything: all.length,
    actions: tally(all, (row) => [row.action, row.actionWords]),
    accounts: tally(all, (row) => [accountOf(row), row.accountLabel]),
  };
}

const CHANGES = ['Appeared: it was not made in Keyturn', 'Scopes changed: leads:import was added', 'Revoked in the dashboard', 'Vanished from the vendor’s list', 'Renamed; it was “Old importer”'];

export function outsideOf(keys: readonly KeyView[]): OutsideChangeView[] {
  return keys.slice(0, 40).map((key, n) => ({
    at: new Date(Date.now() - (n * 31 + 2) * 3_600_000).toISOString(),
    key: n % 5 === 3 ? null : key.id,
    name: key.name,
    accountLabel: key.accountLabel,
    words: CHANGES[n % CHANGES.length]!,
  }));
}
