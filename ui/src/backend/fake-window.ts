// How the fake filters and sorts. Enough for tests and a browser; the real rules are Rust's.

import { finding, inOrder } from '../words-names';
import type { AccountView } from './wire/AccountView';
import type { KeyQuery } from './wire/KeyQuery';
import type { KeyView } from './wire/KeyView';
import type { KeyWindowView } from './wire/KeyWindowView';

function statusOf(key: KeyView): string {
  return key.unsaved ? 'unsaved' : key.status.kind;
}

/** The rows that pass `query`, by name, with what each choice would leave. */
export function windowOf(keys: readonly KeyView[], accounts: readonly AccountView[], query: KeyQuery): KeyWindowView {
  const finds = finding(query.search);
  const passing = keys.filter((key) => {
    return (
      finds(`${key.name} ${key.masked} ${key.vendorKeyId} ${key.scopes.join(' ')}`) &&
      (query.accounts.length === 0 || query.accounts.includes(key.accountId)) &&
      (query.environments.length === 0 || query.environments.includes(key.environment.kind)) &&
      (query.statuses.length === 0 || (query.statuses as string[]).includes(statusOf(key))) &&
      (query.lastUses.length === 0 || (query.lastUses as string[]).includes(key.lastUse.kind)) &&
      (query.findings.length === 0 || query.findings.some((finding) => key.findings.includes(finding))) &&
      (query.labels.length === 0 || query.labels.some((label) => key.labels.includes(label))) &&
      (!query.due || key.due !== null) &&
      (query.keys.length === 0 || query.keys.includes(key.id))
    );
  });
  passing.sort((a, b) => inOrder(a.name, b.name));
  if (query.descending) passing.reverse();
  const tally = (of: (key: KeyView) => string) => {
    const counts = new Map<string, number>();
    for (const key of passing) counts.set(of(key), (counts.get(of(key)) ?? 0) + 1);
    return [...counts].map(([value, count]) => ({ value, label: value[0]?.toUpperCase() + value.slice(1), count }));
  };
  return {
    rows: passing.slice(query.offset, query.offset + query.limit),
    offset: query.offset,
    total: passing.length,
    everything: keys.length,
    facets: {
      accounts: accounts.map(({ id, label }) => ({ value: id, label, count: passing.filter((key) => key.accountId === id).length })),
      environments: tally((key) => key.environment.kind),
      statuses: tally(statusOf),
      labels: [...new Set(keys.flatMap(({ labels }) => labels))].sort(inOrder).map((label) => ({ value: label, label, count: passing.filter(({ labels }) => labels.includes(label)).length })),
      due: passing.filter(({ due }) => due !== null).length,
      lastUses: [{ value: 'never', label: 'Never used', count: passing.filter((key) => key.lastUse.kind === 'never').length }],
    },
  };
}
