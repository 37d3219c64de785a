import { expect, test } from 'vitest';
import { begins, chosenWords, progressWords, stopping, willDo } from './words-batches';
import { days, policyCovers, policyWords } from './words-policies';

test('what is chosen and what will be done is counted', () => {
  expect(chosenWords(3, false)).toBe('3 selected');
  expect(chosenWords(1204, true)).toBe('All 1,204 that match are selected');
  expect(begins('revoke', 1)).toBe('Revoke 1 key');
  expect(willDo('rotate', 12, 14)).toBe('12 of 14 keys will be rotated.');
  expect(willDo('revoke', 2, 2)).toBe('All 2 keys will be revoked.');
  expect(willDo('rotate', 0, 3)).toBe('None of the 3 keys can be rotated.');
  expect(willDo('rotate', 1, 1)).toBe('The key will be rotated.');
});

test('progress leaves out what was never to be done', () => {
  expect(progressWords({ total: 16, skipped: 2, done: 7, failed: 1 })).toBe('7 of 14 keys done, 1 failed');
  expect(progressWords({ total: 1, skipped: 0, done: 1, failed: 0 })).toBe('1 of 1 key done');
});

test('stopping says what is left and what goes on', () => {
  expect(stopping({ kind: 'rotate', waiting: 3, running: 2 })).toBe('The 3 keys that wait are left as they are. The 2 that have begun are finished. Rotations that were begun go on under Operations.');
  expect(stopping({ kind: 'revoke', waiting: 1, running: 0 })).toBe('The key that waits is left as it is. What was revoked stays revoked.');
});

test('a policy is told in one line, and what it covers in another', () => {
  expect(policyWords({ maxAgeDays: 90, remindDays: 7 })).toBe('At most 90 days old, reminded 7 days before');
  expect(policyWords({ maxAgeDays: 1, remindDays: 0 })).toBe('At most 1 day old, reminded on the day');
  expect(policyCovers({ keys: 24, due: 0 })).toBe('Covers 24 keys; none is due');
  expect(policyCovers({ keys: 0, due: 0 })).toBe('Covers no key now');
});

test('days are whole numbers between the bounds', () => {
  expect(days(' 90 ', 1, 3650)).toEqual({ value: 90, error: undefined });
  for (const text of ['', '0', '1.5', '-1', '4000', '1e3']) expect(days(text, 1, 3650).value).toBeNull();
});
