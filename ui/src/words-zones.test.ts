// Times in words, as people in twelve zones read them, and over both changes of the clocks.

import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { LastUseView } from './backend/wire/LastUseView';
import { ago, clock, date, exact, expiry, lastUse, relative, wholeDay } from './words';

/** Node's own; the zone of a process follows its environment. */
declare const process: { env: Record<string, string | undefined> };

const ZONES = [
  'Pacific/Pago_Pago',
  'America/Los_Angeles',
  'America/New_York',
  'America/St_Johns',
  'UTC',
  'Europe/London',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tokyo',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
];

/** The hour in which clocks go forward, and the one in which they go back, by zone. */
const CHANGES = [
  { zone: 'Europe/Berlin', forward: '2026-03-29T01:00:00Z', back: '2026-10-25T01:00:00Z' },
  { zone: 'America/New_York', forward: '2026-03-08T07:00:00Z', back: '2026-11-01T06:00:00Z' },
  { zone: 'Australia/Lord_Howe', forward: '2026-10-03T15:30:00Z', back: '2026-04-04T15:00:00Z' },
];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const home = process.env.TZ;

function after(at: string, milliseconds: number): string {
  return new Date(new Date(at).getTime() + milliseconds).toISOString();
}

/** What an independent formatter says of the zone. */
function wall(at: string, zone: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options }).format(new Date(at));
}

afterAll(() => {
  if (home === undefined) delete process.env.TZ;
  else process.env.TZ = home;
});

describe.each(ZONES)('in %s', (zone) => {
  beforeEach(() => {
    process.env.TZ = zone;
  });

  test('the zone is the one of this process', () => {
    expect(new Date('2026-11-21T12:00:00Z').getTimezoneOffset() + offsetMinutes('2026-11-21T12:00:00Z', zone)).toBe(0);
  });

  test('a date is the local one, also a minute before and after midnight by UTC', () => {
    for (const at of ['2026-02-28T23:59:00Z', '2026-03-01T00:01:00Z', '2025-12-31T23:59:59Z', '2026-01-01T00:00:00Z']) {
      expect(date(at)).toBe(wall(at, zone, { day: 'numeric', month: 'short', year: 'numeric' }));
    }
  });

  test('the day stands beside the time where it is not today there', () => {
    const now = new Date('2026-11-21T12:00:00Z');
    for (let hours = -36; hours <= 0; hours++) {
      const at = after(now.toISOString(), hours * HOUR);
      const day = { day: 'numeric', month: 'short', year: 'numeric' } as const;
      const time = wall(at, zone, { hour: '2-digit', minute: '2-digit' });
      const today = wall(at, zone, day) === wall(now.toISOString(), zone, day);
      expect(clock(at, now)).toBe(today ? time : `${wall(at, zone, day)}, ${time}`);
    }
  });

  test('the exact time ends with UTC, whatever the zone', () => {
    expect(exact('2026-11-21T23:59:58Z').split('\n')[1]).toBe('2026-11-21 23:59:58 UTC');
  });

  test('how long ago is the same everywhere', () => {
    const now = new Date('2026-11-21T12:00:00Z');
    expect(relative('2026-11-21T09:00:00Z', now)).toBe('3 hours ago');
    expect(relative('2026-11-20T12:00:00Z', now)).toBe('1 day ago');
    expect(relative('2026-12-03T12:00:00Z', now)).toBe('in 12 days');
    expect(lastUse({ kind: 'stale', last: null, readAt: now.toISOString() }, now).text).toMatch(/^Never used \(as of \d\d:\d\d\)$/);
  });
});

test.each(ZONES)('F09 a day is the same day in %s', (zone) => {
  process.env.TZ = zone;
  expect(wholeDay('2027-03-01')).toBe('1 Mar 2027');
  expect(expiry({ kind: 'on', day: '2027-03-01' }, new Date()).text).toBe('1 Mar 2027');
});

test('F07 no end, one that cannot be read and a day are told apart', () => {
  process.env.TZ = 'UTC';
  const now = new Date('2026-11-21T12:00:00Z');
  const ends = [{ kind: 'never' }, { kind: 'unreadable' }, { kind: 'on', day: '2027-03-01' }, { kind: 'at', at: '2027-03-01T12:00:00Z' }] as const;
  const words = ends.map((end) => expiry(end, now));
  expect(words.map(({ text }) => text)).toEqual(['Never', 'Not readable', '1 Mar 2027', '1 Mar 2027']);
  expect(new Set(words.map(({ detail }) => detail)).size).toBe(4);
});

test('F14 what is past is never in the future', () => {
  process.env.TZ = 'UTC';
  const now = new Date('2026-11-21T12:00:00Z');
  expect(ago('2026-11-21T12:00:30Z', now)).toBe('just now');
  expect(ago('2026-11-21T12:12:00Z', now)).toBe('just now');
  expect(ago('2026-11-25T12:00:00Z', now)).toBe('25 Nov 2026');
  expect(ago('2026-11-21T11:00:00Z', now)).toBe('1 hour ago');
  expect(lastUse({ kind: 'at', at: '2026-11-21T12:12:00Z' }, now).text).toBe('just now');
});

describe.each(CHANGES)('where clocks change in $zone', ({ zone, forward, back }) => {
  beforeEach(() => {
    process.env.TZ = zone;
  });

  test('both are changes of the clock', () => {
    for (const at of [forward, back]) {
      expect(offsetMinutes(after(at, -MINUTE), zone)).not.toBe(offsetMinutes(after(at, MINUTE), zone));
    }
  });

  test('time passed is counted, not the hands of the clock', () => {
    for (const at of [forward, back]) {
      const now = new Date(after(at, 2 * HOUR));
      expect(relative(after(at, -1 * HOUR), now)).toBe('3 hours ago');
      expect(relative(after(at, -22 * HOUR), now)).toBe('1 day ago');
      expect(relative(after(at, -22 * HOUR + 1), now)).toBe('23 hours ago');
    }
  });

  test('two moments of the same clock time are told apart', () => {
    const twice = Math.abs(offsetMinutes(after(back, -MINUTE), zone) - offsetMinutes(after(back, MINUTE), zone)) * MINUTE;
    const [first, second] = [after(back, -10 * MINUTE), after(back, -10 * MINUTE + twice)];
    const now = new Date(after(back, 5 * HOUR));
    expect(clock(first, now)).toBe(clock(second, now));
    expect(exact(first).split('\n')[0]).not.toBe(exact(second).split('\n')[0]);
  });
});

test('each kind of last use has a word and a sentence of its own', () => {
  const at = '2026-11-20T12:00:00Z';
  const now = new Date('2026-11-21T12:00:00Z');
  const kinds: LastUseView[] = [
    { kind: 'at', at },
    { kind: 'on', day: '2026-11-20' },
    { kind: 'never' },
    { kind: 'notReported' },
    { kind: 'unreadable' },
    { kind: 'untrackedBefore', at },
    { kind: 'stale', last: at, readAt: at },
    { kind: 'stale', last: null, readAt: at },
  ];
  const words = kinds.map((value) => lastUse(value, now));
  for (const part of ['text', 'detail', 'spoken'] as const) {
    const told = words.map((each) => each[part]).filter((each) => each !== '');
    // Both stale ones say the same of the reading, and differ in the word.
    expect(new Set(told).size).toBe(part === 'detail' ? 7 : 8);
  }
});

/** How far the zone is ahead of UTC at a moment. */
function offsetMinutes(at: string, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' }).formatToParts(new Date(at));
  const [day, month, year, hour, minute] = ['day', 'month', 'year', 'hour', 'minute'].map((type) => Number(parts.find((part) => part.type === type)?.value));
  return (Date.UTC(year!, month! - 1, day, hour, minute) - Math.floor(new Date(at).getTime() / MINUTE) * MINUTE) / MINUTE;
}
