// The sentences of the audit that have logic in them. Plain functions of data.

import type { ChartBarView } from '../backend/wire/ChartBarView';
import type { ChartStackView } from '../backend/wire/ChartStackView';
import type { FindingKindView } from '../backend/wire/FindingKindView';
import type { JournalOutcomeView } from '../backend/wire/JournalOutcomeView';
import type { LeakMatchView } from '../backend/wire/LeakMatchView';
import type { LeakReportView } from '../backend/wire/LeakReportView';
import type { NextView } from '../backend/wire/NextView';
import type { SeverityView } from '../backend/wire/SeverityView';
import { date, plural } from '../words';

/** What a filter by a finding is called: the same words as on its card. */
export const FINDING_WORDS: Record<FindingKindView, string> = {
  unsaved: 'Not yet saved',
  orphan: 'Secret never arrived',
  fullAccess: 'Full access',
  wokeUp: 'Woke up after a long sleep',
  newAddress: 'Used from a new address',
  testInProduction: 'Test key in production',
  expiringSoon: 'Expires within 7 days',
  olderThanPolicy: 'Older than the policy',
  idle: 'Idle for 90 days',
  neverUsed: 'Never used',
  neverExpires: 'Never expires',
  sameName: 'Same name twice',
  nearLimit: 'Account nearly full',
};

export const SEVERITY_WORDS: Record<SeverityView, string> = { high: 'High', medium: 'Medium', low: 'Low' };

const STEPS: Record<NextView, string> = { rotate: 'Rotate', revoke: 'Revoke', narrow: 'Narrow', save: 'Save', look: 'Look' };

/** The step for one key, or for `count` of them; narrowing, saving and looking are decided key by key. */
export function stepWord(step: NextView, count = 1): string {
  if (count === 1 || !isForMany(step)) return STEPS[step];
  return `${STEPS[step]} ${plural(count, 'key')}`;
}

export function isForMany(step: NextView): boolean {
  return step === 'rotate' || step === 'revoke';
}

/** `7 findings need a look, 2 of them of high severity`. */
export function headline(cards: readonly { count: number; severity: SeverityView }[]): string {
  const open = cards.filter(({ count }) => count > 0);
  if (open.length === 0) return 'Nothing was found that needs a look.';
  const high = open.filter(({ severity }) => severity === 'high').length;
  const found = `${plural(open.length, 'kind')} of findings ${open.length === 1 ? 'needs' : 'need'} a look`;
  return high === 0 ? `${found}.` : `${found}, ${high} of high severity.`;
}

/** A row of bars as one sentence, for those who do not see the picture. */
export function barsInWords(bars: readonly ChartBarView[]): string {
  const filled = bars.filter(({ count }) => count > 0);
  if (filled.length === 0) return 'No keys.';
  return `${filled.map(({ label, count }) => `${label}: ${count.toLocaleString('en')}`).join(', ')}.`;
}

export function stacksInWords(stacks: readonly ChartStackView[]): string {
  if (stacks.length === 0) return 'No accounts.';
  return stacks.map(({ label, parts }) => `${label}: ${plural(sum(parts), 'key')}`).join(', ') + '.';
}

export function sum(bars: readonly ChartBarView[]): number {
  return bars.reduce((total, { count }) => total + count, 0);
}

/** A label in lines of about `room` letters, for the foot of a column. */
export function inLines(label: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of label.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.slice(0, 3);
}

/** `Until 19 Feb 2027`, or that it has no end. */
export function acceptedUntil(until: string | null): string {
  return until ? `until ${date(until)}` : 'with no end date';
}

export const OUTCOME_WORDS: Record<JournalOutcomeView, string> = { intended: 'Asked', done: 'Done', failed: 'Failed' };

export const CERTAINTY_WORDS: Record<LeakMatchView['certainty'], string> = { exact: 'Certain', hint: 'Likely', form: 'Not yours, as far as known' };

/** What became of a search for keys in a text. */
export function leakHeadline({ matches, scannedBytes, unread }: Pick<LeakReportView, 'matches' | 'scannedBytes' | 'unread'>): string {
  const known = matches.filter(({ key }) => key !== null).length;
  // Nothing is said of a text that was not read.
  if (scannedBytes === 0) return 'Nothing was looked through';
  if (matches.length === 0) return unread.length === 0 ? 'No key was found' : 'No key was found in what was looked through';
  if (known === 0) return matches.length === 1 ? 'One key was found, and none of your accounts lists it' : `${matches.length} keys were found, and none of your accounts lists them`;
  return known === matches.length ? `${plural(known, 'key')} of yours found` : `${plural(known, 'key')} of yours found, and ${matches.length - known} that none of your accounts lists`;
}

/** What to do about something that only has the form of a key. */
export function strangerWords(vendorName: string): string {
  return `Ask who made it. If it is yours, sign in at ${vendorName} with the account that made it and revoke it there, or connect that account here and look again.`;
}
