// The sentences of the audit, and its days in twelve time zones and over both changes of the clocks.
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LeakMatchView } from '../backend/wire/LeakMatchView';
import { clock, date, exact } from '../words';
import { shades } from './shades';
import { isNoDay, sinceOf, untilOf } from './spans';
import { runs, useInWords, useRows } from './use';
import { barsInWords, headline, inLines, leakHeadline, stacksInWords, stepWord } from './words-audit';

const match = (key: string | null) => ({ key }) as LeakMatchView;

test('the headline counts kinds, and names the worst', () => {
  expect(headline([])).toBe('Nothing was found that needs a look.');
  expect(headline([{ count: 0, severity: 'high' }, { count: 4, severity: 'low' }])).toBe('1 kind of findings needs a look.');
  expect(headline([{ count: 1, severity: 'high' }, { count: 4, severity: 'low' }])).toBe('2 kinds of findings need a look, 1 of high severity.');
});

test('a step for many says how many, where it can be done for many at once', () => {
  expect(stepWord('rotate')).toBe('Rotate');
  expect(stepWord('revoke', 1200)).toBe('Revoke 1,200 keys');
  expect(stepWord('narrow', 3)).toBe('Narrow');
});

test('pictures are said in words', () => {
  expect(barsInWords([{ label: '7 days', count: 1200 }, { label: 'Later', count: 0 }])).toBe('7 days: 1,200.');
  expect(barsInWords([{ label: 'Later', count: 0 }])).toBe('No keys.');
  expect(stacksInWords([{ account: 'a', label: 'Shop', parts: [{ label: 'Active', count: 2 }, { label: 'Revoked', count: 1 }] }])).toBe('Shop: 3 keys.');
  expect(inLines('Not tracked before', 11)).toEqual(['Not tracked', 'before']);
});

test('two statuses never share a shade while there are free ones', () => {
  const words = ['Active', 'Expiring', 'Retiring', 'Revoked', 'Expired', 'Orphan', 'Something new'];
  expect(new Set(words.map(shades(words))).size).toBe(words.length);
});

test('a search for leaked keys says whose they are', () => {
  const found = (...matches: LeakMatchView[]) => leakHeadline({ matches, scannedBytes: 40, unread: [] });
  expect(leakHeadline({ matches: [], scannedBytes: 0, unread: [] })).toBe('Nothing was looked through');
  const unread = [{ name: 'b.zip', reason: 'an archive' }];
  expect(leakHeadline({ matches: [], scannedBytes: 40, unread })).toBe('No key was found in what was looked through');
  expect(found()).toBe('No key was found');
  expect(found(match('a'), match('b'))).toBe('2 keys of yours found');
  expect(found(match('a'), match(null))).toBe('1 key of yours found, and 1 that none of your accounts lists');
  expect(found(match(null))).toBe('One key was found, and none of your accounts lists it');
});

test('the use of a key is told without what was not observed', () => {
  const use = {
    days: [
      { day: '2026-11-17', used: null },
      { day: '2026-11-18', used: true },
      { day: '2026-11-19', used: true },
      { day: '2026-11-20', used: false },
    ],
    marks: [{ at: '2026-11-18T09:00:00Z', words: 'Rotated' }],
    granularity: '',
    observedSince: null,
  };
  expect(useInWords(use)).toBe('Used on 2 of 3 observed days, last on 19 Nov 2026. 18 Nov 2026: Rotated.');
  expect(useRows(use)[2]).toEqual(['2026-11-18', 'Used', 'Rotated']);
  expect(runs(use.days)).toEqual([
    { from: 0, to: 1, used: null },
    { from: 1, to: 3, used: true },
    { from: 3, to: 4, used: false },
  ]);
});

const ZONES = [
  'UTC', 'Europe/Berlin', 'Europe/London', 'America/New_York', 'America/Los_Angeles', 'America/St_Johns', 'America/Sao_Paulo',
  'Asia/Kolkata', 'Asia/Kathmandu', 'Asia/Tokyo', 'Australia/Lord_Howe', 'Pacific/Kiritimati',
];
const HOUR = 3_600_000;

describe.each(ZONES)('in %s', (zone) => {
  afterEach(() => void vi.unstubAllEnvs());

  test('a day begins and ends by the calendar of the person', () => {
    vi.stubEnv('TZ', zone);
    // Clocks change in the one or the other of these in most of the zones.
    for (const day of ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01', '2026-12-31']) {
      const [since, until] = [new Date(sinceOf('dates', day, 0)!), new Date(untilOf('dates', day)!)];
      for (const end of [since, until]) expect(`${end.getFullYear()}-${`${end.getMonth() + 1}`.padStart(2, '0')}-${`${end.getDate()}`.padStart(2, '0')}`).toBe(day);
      expect([since.getHours(), since.getMinutes(), until.getHours(), until.getMinutes()]).toEqual([0, 0, 23, 59]);
      const hours = (until.getTime() + 1 - since.getTime()) / HOUR;
      expect(hours).toBeGreaterThanOrEqual(23);
      expect(hours).toBeLessThanOrEqual(25);
    }
  });

  test('a moment is told in local time and in UTC, also in the hour that comes twice', () => {
    vi.stubEnv('TZ', zone);
    for (const at of ['2026-03-29T01:30:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z']) {
      const moment = new Date(at);
      expect(exact(at)).toContain(`${at.slice(0, 10)} ${at.slice(11, 19)} UTC`);
      const local = `${`${moment.getHours()}`.padStart(2, '0')}:${`${moment.getMinutes()}`.padStart(2, '0')}`;
      expect(exact(at).split('\n')[0]).toContain(local);
      expect(clock(at, moment)).toBe(local);
      expect(date(at)).toContain(`${moment.getDate()} `);
    }
  });
});

test('in the hour that comes twice the two moments are told apart by their zone', () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  const [summer, winter] = [exact('2026-10-25T00:30:00Z'), exact('2026-10-25T01:30:00Z')].map((words) => words.split('\n')[0]!);
  vi.unstubAllEnvs();
  expect([summer!.includes('02:30'), winter!.includes('02:30')]).toEqual([true, true]);
  expect(summer).not.toBe(winter);
});

test('a stretch of time is counted back from now; what is no day does not narrow it', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  expect(sinceOf('', '', now)).toBeNull();
  expect(sinceOf('7', '', now)).toBe('2026-11-14T12:00:00.000Z');
  expect(sinceOf('dates', '2026-02-30', now)).toBeNull();
  expect([isNoDay('2026-02-30'), isNoDay(''), isNoDay('2026-02-28')]).toEqual([true, false, false]);
  expect(untilOf('7', '2026-11-01')).toBeNull();
});
