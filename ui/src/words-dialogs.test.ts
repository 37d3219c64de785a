import { describe, expect, it } from 'vitest';
import { endOfDay, expiry, place, summary } from './words-dialogs';

const now = new Date('2026-11-21T10:00:00');
const account = { vendorName: 'Naturalead', label: 'Naturalead' };
const base = { name: 'CRM sync', environment: { kind: 'live' } as const, account, scoped: true, scopes: 3 };

describe('the summary before Create', () => {
  it('says environment, name, place, power and end', () => {
    expect(summary({ ...base, expires: expiry('90', '', now).at })).toBe(
      'A live key “CRM sync” at Naturalead with 3 scopes, until 19 Feb 2027.',
    );
  });

  it('calls a pattern for everything what it is', () => {
    expect(summary({ ...base, scopes: 1, everything: true, expires: null })).toBe(
      'A live key “CRM sync” at Naturalead with full access, without an end date.',
    );
  });

  it('says what is missing and what never ends', () => {
    expect(summary({ ...base, name: ' ', scopes: 0, expires: null })).toBe(
      'A live key at Naturalead with no scope yet, without an end date.',
    );
  });

  it('names the account where the vendor alone would not do', () => {
    expect(place({ vendorName: 'Naturalead', label: 'EU shop' })).toBe('Naturalead (EU shop)');
    expect(place({ vendorName: 'Naturalead', label: 'Naturalead EU' })).toBe('Naturalead EU');
  });
});

describe('a custom expiry', () => {
  it('is the end of that day here', () => {
    expect(expiry('date', '2027-02-19', now)).toMatchObject({ at: new Date(2027, 1, 19, 23, 59, 59), error: null });
  });

  it('is refused in words when it is no date or past', () => {
    expect(endOfDay('2027-02-30')).toBeNull();
    expect(expiry('date', 'soon', now).error).toContain('such as');
    expect(expiry('date', '2026-11-20', now).error).toContain('past');
  });
});
