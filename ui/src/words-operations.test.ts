import { expect, test } from 'vitest';
import { account, manyKeys } from './backend/fake-data';
import { operationIn } from './backend/fake-rotation';
import { comesNext, countdown, finishing, isOpen, leaving, pace, stateTone, stateWord, undoing } from './words-operations';

const now = Date.parse('2026-11-21T10:00:00Z');
const later = (seconds: number) => new Date(now + seconds * 1000).toISOString();
const [key, successor] = manyKeys(2) as [ReturnType<typeof manyKeys>[0], ReturnType<typeof manyKeys>[0]];

test('a countdown is as exact as is useful', () => {
  expect(countdown(later(2 * 86_400 + 4 * 3600 + 59), now)).toBe('in 2 days 4 hours');
  expect(countdown(later(86_400), now)).toBe('in 1 day');
  expect(countdown(later(21 * 3600 + 300), now)).toBe('in 21 hours 5 minutes');
  expect(countdown(later(3600), now)).toBe('in 1 hour');
  expect(countdown(later(119), now)).toBe('in 1 minute');
  expect(countdown(later(42), now)).toBe('in 42 seconds');
  expect(countdown(later(-5), now)).toBe('now');
});

test('countdowns are read each minute, each second under a minute, and not at all where nothing waits', () => {
  const at = (nextAt: string | null) => operationIn('overlap', 'op', key, account, { nextAt });
  expect(pace([at(null), at(later(-1))], now)).toBeUndefined();
  expect(pace([at(later(7200)), at(null)], now)).toBe(60_000);
  expect(pace([at(later(7200)), at(later(30))], now)).toBe(1000);
});

test('finishing and undoing say which key dies', () => {
  const both = operationIn('overlap', 'op', key, account, { successor });
  expect(finishing(both)).toContain(`The old key “${key.name}” is revoked at Naturalead now`);
  expect(undoing(both)).toContain(`The new key ${successor.masked} is revoked`);
  expect(undoing({ ...both, successor: null })).toContain('Nothing was changed at Naturalead');
});

test('leaving says that nothing more is done, to either key or to the only one', () => {
  const both = operationIn('overlap', 'op', key, account, { successor });
  expect(leaving(both)).toContain(`not to the new key ${successor.masked}`);
  expect(leaving({ ...both, successor: null })).toContain(`Nothing more is done to the key “${key.name}”.`);
  expect([isOpen({ state: 'left' }), stateWord('left'), stateTone('left')]).toEqual([false, 'Left as it was', 'neutral']);
});

test('what comes next is one sentence with its time', () => {
  const nextAt = later(60);
  expect(comesNext({ state: 'overlap', next: 'Then the old key is revoked.', nextAt })).toBe('Then the old key is revoked, ');
  expect(comesNext({ state: 'proving', next: 'Keyturn asks until it is refused.', nextAt })).toBe('Keyturn asks until it is refused, next ');
  expect(comesNext({ state: 'unsaved', next: 'Save it, and say so.', nextAt: null })).toBe('Save it, and say so.');
});
