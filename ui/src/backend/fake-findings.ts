// What the fake finds in its keys, and what it draws of them. Enough for tests and a browser; the real rules are Rust's.

import type { AcceptedView } from './wire/AcceptedView';
import type { AccountView } from './wire/AccountView';
import type { AuditView } from './wire/AuditView';
import type { ChartBarView } from './wire/ChartBarView';
import type { FindingCardView } from './wire/FindingCardView';
import type { FindingKindView } from './wire/FindingKindView';
import type { FindingView } from './wire/FindingView';
import type { KeyUseView } from './wire/KeyUseView';
import type { KeyView } from './wire/KeyView';

const DAY = 86_400_000;

type About = Pick<FindingCardView, 'title' | 'why' | 'severity' | 'next' | 'nextWords'> & { has: (key: KeyView, all: readonly KeyView[]) => boolean };

const idle = (key: KeyView, days: number) => key.lastUse.kind === 'at' && Date.now() - Date.parse(key.lastUse.at) > days * DAY;
const old = (key: KeyView, days: number) => key.createdAt !== null && Date.now() - Date.parse(key.createdAt) > days * DAY;

/** In the order in which they are shown: worst first. */
export const FINDINGS: Record<FindingKindView, About> = {
  fullAccess: { title: 'Full access', why: 'A key that may do everything does the most harm when it leaks.', severity: 'high', next: 'narrow', nextWords: 'Make one with fewer scopes and retire this one.', has: ({ scopes }) => scopes.includes('*') || scopes.length > 6 },
  testInProduction: { title: 'Test key in production', why: 'A test key in an account for production often points at a wrong setting.', severity: 'medium', next: 'look', nextWords: 'See where it is used.', has: () => false },
  orphan: { title: 'Orphaned', why: 'The vendor made this key and its secret never arrived, so nobody can use it on purpose.', severity: 'high', next: 'revoke', nextWords: 'Revoke it.', has: ({ status }) => status.kind === 'orphan' },
  unsaved: { title: 'Not yet saved', why: 'Its secret waits in the vault until somebody says that it is stored.', severity: 'high', next: 'save', nextWords: 'Save it.', has: ({ unsaved }) => unsaved !== null },
  expiringSoon: { title: 'Expires within 7 days', why: 'What uses it stops working on that day.', severity: 'high', next: 'rotate', nextWords: 'Rotate it before that day.', has: ({ status }) => status.kind === 'expiring' },
  wokeUp: { title: 'Woke up after a long sleep', why: 'It was quiet for months and is used again: somebody may have found it.', severity: 'high', next: 'rotate', nextWords: 'Rotate it unless you know who uses it.', has: ({ vendorKeyId }) => vendorKeyId === 'key_13' },
  newAddress: { title: 'Used from a new address', why: 'It was never seen from there before.', severity: 'medium', next: 'look', nextWords: 'See from where it is used.', has: ({ name }) => name === 'prod-server' },
  olderThanPolicy: { title: 'Older than your policy', why: 'A policy of yours says that it should have been rotated by now.', severity: 'medium', next: 'rotate', nextWords: 'Rotate it.', has: (key) => old(key, 100) },
  idle: { title: 'Idle for 90 days or more', why: 'A key that nobody uses is only a risk.', severity: 'medium', next: 'revoke', nextWords: 'Revoke it.', has: (key) => idle(key, 90) },
  neverUsed: { title: 'Never used', why: 'It is more than 30 days old and was never used.', severity: 'medium', next: 'revoke', nextWords: 'Revoke it.', has: (key) => key.lastUse.kind === 'never' && old(key, 30) },
  neverExpires: { title: 'Never expires', why: 'A key without an end date works until somebody remembers it.', severity: 'low', next: 'rotate', nextWords: 'Rotate it and give the new one an end date.', has: ({ expiresAt }) => expiresAt === null },
  sameName: { title: 'Same name twice', why: 'Two keys of one account with the same name are easily mistaken for each other.', severity: 'low', next: 'look', nextWords: 'See which of them is used.', has: (key, all) => all.some(({ id, name, accountId }) => id !== key.id && name === key.name && accountId === key.accountId) },
  nearLimit: { title: 'Near the vendor’s limit', why: 'Its account has almost no slot left for a further key.', severity: 'low', next: 'revoke', nextWords: 'Revoke a key that nobody uses.', has: () => false },
};

const KINDS = Object.keys(FINDINGS) as FindingKindView[];

/** What was accepted, by `key finding`. */
export type Accepted = Map<string, AcceptedView>;

function raw(key: KeyView, all: readonly KeyView[]): FindingKindView[] {
  if (key.status.kind === 'revoked' || key.status.kind === 'expired') return [];
  return KINDS.filter((kind) => FINDINGS[kind].has(key, all));
}

/** The keys with what was found in each and not accepted. */
export function examined(all: readonly KeyView[], accepted: Accepted): KeyView[] {
  return all.map((key) => ({ ...key, findings: raw(key, all).filter((kind) => !accepted.has(`${key.id} ${kind}`)) }));
}

/** What the page of `key` says was found, accepted or not. */
export function findingsOf(key: KeyView, all: readonly KeyView[], accepted: Accepted): FindingView[] {
  return raw(key, all).map((kind) => {
    const { title, why, next, nextWords } = FINDINGS[kind];
    return { kind, title, why, next, nextWords, accepted: accepted.get(`${key.id} ${kind}`) ?? null };
  });
}

function bars(keys: readonly KeyView[], labels: readonly string[], of: (key: KeyView) => number): ChartBarView[] {
  return labels.map((label, at) => ({ label, count: keys.filter((key) => of(key) === at).length }));
}

const place = (value: number, limits: readonly number[]) => limits.findIndex((limit) => value < limit);

function lastUseBar({ lastUse }: KeyView): number {
  if (lastUse.kind === 'at') return place((Date.now() - Date.parse(lastUse.at)) / DAY, [1, 7, 30, 90, Infinity]);
  return lastUse.kind === 'never' ? 5 : 6;
}

/** The whole screen, counted anew. */
export function auditOf(all: readonly KeyView[], accounts: readonly AccountView[], accepted: Accepted): AuditView {
  const found = all.map((key) => ({ key, kinds: raw(key, all) }));
  const cards = KINDS.map((kind): FindingCardView => {
    const having = found.filter(({ kinds }) => kinds.includes(kind));
    const taken = having.filter(({ key }) => accepted.has(`${key.id} ${kind}`)).length;
    const { title, why, severity, next, nextWords } = FINDINGS[kind];
    return { kind, title, why, severity, next, nextWords, count: having.length - taken, accepted: taken };
  });
  const ageBar = ({ createdAt }: KeyView) => (createdAt ? place((Date.now() - Date.parse(createdAt)) / DAY, [30, 90, 180, 365, Infinity]) : 5);
  const expiryBar = ({ expiresAt }: KeyView) => (expiresAt ? place((Date.parse(expiresAt) - Date.now()) / DAY, [0, 7, 30, 90, Infinity]) : 5);
  return {
    cards,
    charts: {
      lastUse: bars(all, ['24 hours', '7 days', '30 days', '90 days', 'Longer ago', 'Never', 'Not reported'], lastUseBar),
      age: bars(all, ['Under 30 days', '30–90 days', '90–180 days', '180–365 days', 'Over a year', 'Not reported'], ageBar),
      expiry: bars(all, ['Past', '7 days', '30 days', '90 days', 'Later', 'Never'], expiryBar),
      accounts: accounts.map(({ id, label }) => {
        const own = all.filter(({ accountId }) => accountId === id);
        const parts = ['Active', 'Expiring', 'Revoked', 'Expired'].map((word) => ({ label: word, count: own.filter(({ status }) => status.kind === word.toLowerCase()).length }));
        return { account: id, label, parts: parts.filter(({ count }) => count > 0) };
      }),
    },
    keys: all.length,
    accounts: accounts.length,
    stale: accounts.flatMap(({ label, freshness }) => (freshness.kind === 'stale' ? [`${label} could not be read for a while. Its numbers are old.`] : [])),
  };
}

/** Ninety days, of which the first twenty were not observed; used on weekdays. */
export function useOf(key: KeyView): KeyUseView {
  const today = Date.now();
  const days = Array.from({ length: 90 }, (_, n) => {
    const at = new Date(today - (89 - n) * DAY);
    return { day: at.toISOString().slice(0, 10), used: n < 20 ? null : key.lastUse.kind === 'at' && at.getUTCDay() % 6 !== 0 };
  });
  return {
    days,
    marks: [{ at: new Date(today - 30 * DAY).toISOString(), words: 'Rotated: this key replaced another one' }],
    granularity: 'The vendor reports the last use to the minute. Keyturn sees it at each reading, so two uses between two readings count as one.',
    observedSince: new Date(today - 69 * DAY).toISOString(),
  };
}
