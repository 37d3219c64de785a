// The sentences about operations: their states, what comes next and when. Plain functions of data.

import type { OperationStateView } from './backend/wire/OperationStateView';
import type { OperationView } from './backend/wire/OperationView';
import { plural } from './words';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function isOpen({ state }: Pick<OperationView, 'state'>): boolean {
  return state !== 'done' && state !== 'undone' && state !== 'left' && state !== 'failed';
}

export function stateWord(state: OperationStateView): string {
  switch (state) {
    case 'making':
      return 'Making the new key';
    case 'bringNewKey':
      return 'Waits for the new key';
    case 'verifying':
      return 'Checking the new key';
    case 'unsaved':
      return 'Not yet saved';
    case 'overlap':
      return 'Overlap';
    case 'revokeByHand':
      return 'Waits for you to revoke';
    case 'revoking':
      return 'Revoking';
    case 'proving':
      return 'Waits for the refusal';
    case 'died':
      return 'New key died';
    case 'undoing':
      return 'Undoing';
    case 'orphaned':
      return 'Orphan';
    case 'done':
      return 'Done';
    case 'undone':
      return 'Undone';
    case 'left':
      return 'Left as it was';
    case 'failed':
      return 'Failed';
  }
}

/** Yellow is what waits for the person, red what went wrong. */
export function stateTone(state: OperationStateView): 'neutral' | 'info' | 'success' | 'warning' | 'danger' {
  switch (state) {
    case 'bringNewKey':
    case 'unsaved':
    case 'revokeByHand':
      return 'warning';
    case 'died':
    case 'orphaned':
    case 'failed':
      return 'danger';
    case 'done':
      return 'success';
    case 'undone':
    case 'left':
      return 'neutral';
    case 'making':
    case 'verifying':
    case 'overlap':
    case 'revoking':
    case 'proving':
    case 'undoing':
      return 'info';
  }
}

/** From `now`, in milliseconds: `in 2 days 4 hours`, `in 21 hours 5 minutes`, `in 42 seconds`, `now`. */
export function countdown(at: string, now: number): string {
  const left = new Date(at).getTime() - now;
  if (left < SECOND) return 'now';
  if (left < MINUTE) return `in ${plural(Math.floor(left / SECOND), 'second')}`;
  if (left < HOUR) return `in ${plural(Math.floor(left / MINUTE), 'minute')}`;
  const [large, small, size, unit] = left < DAY ? (['hour', 'minute', HOUR, MINUTE] as const) : (['day', 'hour', DAY, HOUR] as const);
  const rest = Math.floor((left % size) / unit);
  return `in ${plural(Math.floor(left / size), large)}${rest > 0 ? ` ${plural(rest, small)}` : ''}`;
}

/** What comes next; where a time belongs to it, up to the words that `countdown` ends. */
export function comesNext({ state, next, nextAt }: Pick<OperationView, 'state' | 'next' | 'nextAt'>): string {
  if (!nextAt) return next;
  if (!next) return 'Next ';
  return `${next.replace(/\.$/, '')}, ${state === 'overlap' ? '' : 'next '}`;
}

/** Milliseconds until the countdowns must be read again: a second where one is under a minute, otherwise a minute. */
export function pace(operations: readonly OperationView[], now: number): number | undefined {
  const left = operations.flatMap(({ nextAt }) => (nextAt ? [new Date(nextAt).getTime() - now] : [])).filter((each) => each > 0);
  if (left.length === 0) return undefined;
  return Math.min(...left) <= MINUTE + SECOND ? SECOND : MINUTE;
}

/** What "Finish now" does, before it is decided. */
export function finishing({ key, name, vendorName }: OperationView): string {
  return `The old key “${key?.name ?? name}” is revoked at ${vendorName} now, without waiting any longer. Every system that still uses it is refused from then on. This cannot be taken back.`;
}

/** What "Undo" does, before it is decided. */
export function undoing({ key, name, successor, vendorName }: OperationView): string {
  const old = `“${key?.name ?? name}”`;
  if (!successor) return `Nothing was changed at ${vendorName} through Keyturn yet. The rotation ends here, and the old key ${old} stays as it is.`;
  return `The old key ${old} stays. The new key ${successor.masked} is revoked at ${vendorName}; every system that uses it already is refused from then on.`;
}

/** What "Leave as it is" means, before it is decided. */
export function leaving({ key, name, successor }: OperationView): string {
  const old = `“${key?.name ?? name}”`;
  // A revocation by itself has one key.
  if (!successor) return `Nothing more is done to the key ${old}. Keyturn stops asking whether it is refused; if it still works, you revoke it yourself.`;
  return `The rotation ends here, and nothing more is done to either key: not to the old key ${old}, not to the new key ${successor.masked}. If one of them should still be revoked, you revoke it yourself.`;
}
