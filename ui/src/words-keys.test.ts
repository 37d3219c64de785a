import { expect, test } from 'vitest';
import { account } from './backend/fake-data';
import type { AccountView } from './backend/wire/AccountView';
import type { FreshnessView } from './backend/wire/FreshnessView';
import { counted, offered, reading, stale } from './words-keys';

const being = (freshness: FreshnessView): AccountView => ({ ...account, freshness });

test('keys are counted, against all of them where a filter is set', () => {
  expect(counted(25, 25, false)).toBe('25 keys');
  expect(counted(1, 1, false)).toBe('1 key');
  expect(counted(3, 25, true)).toBe('3 of 25 keys');
  expect(counted(1234, 10_000, true)).toBe('1,234 of 10,000 keys');
});

test('what is being read is summed over the accounts', () => {
  const one = being({ kind: 'refreshing', readSoFar: 2000, readAt: null });
  const other = being({ kind: 'refreshing', readSoFar: 400, readAt: null });
  expect(reading([one, other, account])).toBe('Reading… 2,400 keys');
  expect(reading([being({ kind: 'refreshing', readSoFar: null, readAt: null })])).toBe('Reading…');
  expect(reading([account])).toBeUndefined();
});

test('a stale account says since when, and of when its rows are', () => {
  const now = new Date(2026, 10, 21, 15, 0);
  const at = (hours: number, minutes: number) => new Date(2026, 10, 21, hours, minutes).toISOString();
  const old = being({ kind: 'stale', since: at(14, 2), readAt: at(13, 40), reason: 'The connection was refused.', acceptable: false, restsUntil: null });
  expect(stale([old, account], now)).toEqual([
    {
      id: account.id,
      words: 'Rehearsal could not be read since 14:02. These are its keys of 13:40.',
      reason: 'The connection was refused.',
      acceptable: false,
    },
  ]);
  const busy = being({ kind: 'stale', since: at(14, 2), readAt: at(13, 40), reason: 'Too many requests.', acceptable: false, restsUntil: at(15, 20) });
  expect(stale([busy], now)[0]?.reason).toBe('Too many requests. Keyturn asks again at 15:20, as the vendor wishes; you can at once.');
  expect(stale([busy], new Date(at(15, 21)))[0]?.reason, 'F23 that is over').toBe('Too many requests.');
  const doubted = being({ kind: 'stale', since: at(14, 2), readAt: at(13, 40), reason: 'Its list came back empty.', acceptable: true, restsUntil: null });
  expect(stale([doubted], now)[0]).toMatchObject({ words: 'The list of Rehearsal has been in doubt since 14:02. These are its keys of 13:40.', acceptable: true });
  const never = being({ kind: 'stale', since: at(14, 2), readAt: null, reason: '', acceptable: false, restsUntil: null });
  expect(stale([never], now)[0]?.words).toBe('Rehearsal could not be read since 14:02. Its keys were never read.');
});

test('a choice that no row fits any more is still offered under its name', () => {
  const known = new Map<string, string>();
  offered([{ value: 'active', label: 'Active', count: 2 }], 'active', known);
  expect(offered([], 'active', known)).toEqual([{ value: 'active', label: 'Active', count: 0 }]);
  expect(offered([], '', known)).toEqual([]);
});
