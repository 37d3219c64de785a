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

/** In the order in which they are shown, the gravest first; in the words of the core. */
export const FINDINGS: Record<FindingKindView, About> = {
  unsaved: { title: 'Not yet saved', why: 'The only copy of the secret is in Keyturn. Until someone stores it where it is needed, nobody can use the key.', severity: 'high', next: 'save', nextWords: 'Store the secret where it is needed, then say that it is saved.', has: ({ unsaved }) => unsaved !== null },
  orphan: { title: 'Secret never arrived', why: 'The vendor made the key and its secret never arrived. Nobody can use it, and it still takes a place.', severity: 'high', next: 'revoke', nextWords: 'Revoke it, or rotate it to get a new secret.', has: ({ status }) => status.kind === 'orphan' },
  fullAccess: { title: 'Full access', why: 'Whoever holds such a key may do everything that the vendor offers.', severity: 'high', next: 'narrow', nextWords: 'Create a key with only the scopes that are needed, then retire this one.', has: ({ scopes }) => scopes.includes('*') || scopes.length > 6 },
  wokeUp: { title: 'Woke up after a long sleep', why: 'A key that nobody used for 90 days or longer and that is used again may have been found by someone else.', severity: 'high', next: 'rotate', nextWords: 'Find out who uses it. If nobody knows, rotate it.', has: ({ vendorKeyId }) => vendorKeyId === 'key_13' },
  newAddress: { title: 'Used from a new address', why: 'A key that was used from known addresses only was now used from another one. That can be a move, or a theft.', severity: 'high', next: 'look', nextWords: 'Look from where it is used. If nobody knows the address, rotate the key.', has: ({ name }) => name === 'prod-server' },
  testInProduction: { title: 'Test key in production', why: 'The name says production, and the key works in the test environment only.', severity: 'medium', next: 'look', nextWords: 'Look where it is used, and create a live key there.', has: () => false },
  expiringSoon: { title: 'Expires within 7 days', why: 'After its expiry the key is refused, and what uses it stops working.', severity: 'medium', next: 'rotate', nextWords: 'Rotate it.', has: ({ status }) => status.kind === 'expiring' },
  olderThanPolicy: { title: 'Older than the policy', why: 'The key is older than the policy allows. The older a key, the more places it may have leaked to.', severity: 'medium', next: 'rotate', nextWords: 'Rotate it.', has: (key) => old(key, 100) },
  idle: { title: 'Idle for 90 days', why: 'A key that nobody needs can still be stolen and used.', severity: 'medium', next: 'revoke', nextWords: 'Revoke it if nobody needs it.', has: (key) => idle(key, 90) },
  neverUsed: { title: 'Never used', why: 'The key is older than 30 days and was not used once. Perhaps it was made for nothing.', severity: 'low', next: 'revoke', nextWords: 'Revoke it if it was made for nothing.', has: (key) => key.lastUse.kind === 'never' && old(key, 30) },
  neverExpires: { title: 'Never expires', why: 'A key without an end works until someone revokes it, also after it has leaked.', severity: 'low', next: 'rotate', nextWords: 'Rotate it to a key with an end, or accept that it has none.', has: ({ expires }) => expires.kind === 'never' },
  sameName: { title: 'Same name twice', why: 'Two live keys of one account bear the same name. It is easy to revoke the wrong one.', severity: 'low', next: 'look', nextWords: 'Look which of them is in use, and revoke the other.', has: (key, all) => all.some(({ id, name, accountId }) => id !== key.id && name === key.name && accountId === key.accountId) },
  nearLimit: { title: 'Account nearly full', why: 'The account has nearly as many keys as the vendor allows. A rotation needs one free place.', severity: 'medium', next: 'look', nextWords: 'Look for keys that nobody needs, and revoke them.', has: () => false },
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
  const expiryBar = ({ expires }: KeyView) => (expires.kind === 'at' ? place((Date.parse(expires.at) - Date.now()) / DAY, [0, 7, 30, 90, Infinity]) : 5);
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
