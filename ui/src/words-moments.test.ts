// A person's own time in sentences that come from Rust.
import { render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import Said from './parts/Said.svelte';
import { local, pieces } from './words-moments';

const now = new Date('2026-11-26T12:00:00Z');

describe.each([
  ['UTC', '27 Nov 2026, 02:35'],
  ['Europe/Berlin', '27 Nov 2026, 03:35'],
  ['America/Los_Angeles', '26 Nov 2026, 18:35'],
  ['Asia/Kathmandu', '27 Nov 2026, 08:20'],
])('F36 in %s', (zone, expected) => {
  beforeEach(() => void vi.stubEnv('TZ', zone));
  afterEach(() => void vi.unstubAllEnvs());

  test('a moment in a sentence is said in local time, and its tooltip adds UTC', () => {
    expect(local('until 2026-11-27T02:35:00Z', now)).toBe(`until ${expected}`);
    render(Said, { words: 'Both keys work until 2026-11-27T02:35:00Z.' });
    expect(screen.getByText(expected)).toHaveAttribute('title', expect.stringContaining('2026-11-27 02:35:00 UTC'));
    expect(document.body).toHaveTextContent(`Both keys work until ${expected}.`);
  });
});

test('F36 several moments, and sentences without one', () => {
  expect(pieces('from 2026-11-27T02:35:00Z to 2026-11-27T02:36:00.123Z', now)).toHaveLength(4);
  expect(local('Ended. 3 failed; each says why.', now)).toBe('Ended. 3 failed; each says why.');
  expect(local('', now)).toBe('');
  expect(local('2026-99-99T99:99:99Z', now)).toBe('2026-99-99T99:99:99Z');
});

test('F36 what is seconds away is told to the second', () => {
  expect(local('until 2026-11-26T12:00:31Z', now)).toMatch(/:\d\d:31$/);
});
