// The sentences of the list: counts, filters, what is being read, what could not be read.

import type { AccountView } from './backend/wire/AccountView';
import type { FacetView } from './backend/wire/FacetView';
import { clock, plural } from './words';

/** `25 keys`, or `3 of 25 keys` where a filter is set. */
export function counted(total: number, everything: number, filtered: boolean): string {
  return filtered ? `${total.toLocaleString('en')} of ${plural(everything, 'key')}` : plural(everything, 'key');
}

export function isReading(account: AccountView): boolean {
  return account.freshness.kind === 'refreshing';
}

/** `Reading… 2,400 keys`, over all accounts that are being read; `undefined` where none is. */
export function reading(accounts: readonly AccountView[]): string | undefined {
  let any = false;
  let soFar = 0;
  for (const { freshness } of accounts) {
    if (freshness.kind !== 'refreshing') continue;
    any = true;
    soFar += freshness.readSoFar ?? 0;
  }
  if (!any) return undefined;
  return soFar > 0 ? `Reading… ${plural(soFar, 'key')}` : 'Reading…';
}

export interface Stale {
  id: string;
  words: string;
  reason: string;
  /** The vendor answered, and the person may say that its list is right. */
  acceptable: boolean;
}

/** The accounts whose rows are old: since when, of when the rows are, and whether a newer list was doubted. */
export function stale(accounts: readonly AccountView[], now: Date): Stale[] {
  return accounts.flatMap(({ id, label, freshness }) => {
    if (freshness.kind !== 'stale') return [];
    const { since, readAt, reason, acceptable, restsUntil } = freshness;
    const rows = readAt ? `These are its keys of ${clock(readAt, now)}.` : 'Its keys were never read.';
    const what = acceptable ? `The list of ${label} has been in doubt since` : `${label} could not be read since`;
    const rests = restsUntil && new Date(restsUntil) > now;
    const wait = rests ? `Keyturn asks again at ${clock(restsUntil, now)}, as the vendor wishes; you can at once.` : '';
    return [{ id, words: `${what} ${clock(since, now)}. ${rows}`, reason: [reason, wait].filter(Boolean).join(' '), acceptable }];
  });
}

/** What a filter offers. A choice that no row fits any more stays, so that it can be seen and undone. */
export function offered(facets: readonly FacetView[], chosen: string, known: Map<string, string>): FacetView[] {
  for (const { value, label } of facets) known.set(value, label);
  if (chosen === '' || facets.some(({ value }) => value === chosen)) return [...facets];
  return [...facets, { value: chosen, label: known.get(chosen) ?? chosen, count: 0 }];
}
