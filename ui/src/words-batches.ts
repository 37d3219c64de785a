// The sentences about many keys at once: what is chosen, how far a batch is, what became of each key.

import type { BatchItemStateView } from './backend/wire/BatchItemStateView';
import type { BatchKindView } from './backend/wire/BatchKindView';
import type { BatchStateView } from './backend/wire/BatchStateView';
import type { BatchView } from './backend/wire/BatchView';
import { plural } from './words';

/** `3 selected`, `3 selected, 1 hidden by the filter`, or `All 1,204 that match are selected`. */
export function chosenWords(count: number, everything: boolean, hidden = 0): string {
  if (everything) return `All ${count.toLocaleString('en')} that match are selected`;
  const beyond = hidden > 0 ? `, ${hidden.toLocaleString('en')} hidden by the filter` : '';
  return `${count.toLocaleString('en')} selected${beyond}`;
}

/** What an act on chosen keys reaches beyond what is in sight; empty where it reaches no further. */
export function hiddenWords(hidden: number, count: number): string {
  if (hidden <= 0) return '';
  if (count === 1) return 'It is hidden by the filter of the list.';
  if (hidden === count) return `All ${count.toLocaleString('en')} are hidden by the filter of the list.`;
  return `${hidden.toLocaleString('en')} of them ${hidden === 1 ? 'is' : 'are'} hidden by the filter of the list.`;
}

/** `Rotate 12 keys`; without a count while the plan is not read. */
export function begins(kind: BatchKindView, count: number | undefined): string {
  const verb = kind === 'rotate' ? 'Rotate' : 'Revoke';
  return count === undefined ? `${verb} keys` : `${verb} ${plural(count, 'key')}`;
}

/** `12 of 14 keys will be rotated`. */
export function willDo(kind: BatchKindView, count: number, total: number): string {
  const done = kind === 'rotate' ? 'rotated' : 'revoked';
  if (count === 0) return total === 1 ? `The key cannot be ${done}.` : `None of the ${total.toLocaleString('en')} keys can be ${done}.`;
  if (count === total) return total === 1 ? `The key will be ${done}.` : `All ${total.toLocaleString('en')} keys will be ${done}.`;
  return `${count.toLocaleString('en')} of ${plural(total, 'key')} will be ${done}.`;
}

export function isOpen({ state }: Pick<BatchView, 'state'>): boolean {
  return state === 'running' || state === 'paused';
}

export function batchWord(state: BatchStateView): string {
  return { running: 'Under way', paused: 'Paused', stopped: 'Stopped', done: 'Ended' }[state];
}

export function batchTone({ state, failed }: Pick<BatchView, 'state' | 'failed'>): 'info' | 'warning' | 'neutral' | 'success' {
  if (state === 'running') return 'info';
  if (state === 'paused') return 'warning';
  return state === 'done' && failed === 0 ? 'success' : 'neutral';
}

export function itemWord(state: BatchItemStateView): string {
  return { waiting: 'Waiting', running: 'Under way', done: 'Done', failed: 'Failed', skipped: 'Left out' }[state];
}

export function itemTone(state: BatchItemStateView): 'neutral' | 'info' | 'success' | 'danger' {
  return ({ waiting: 'neutral', running: 'info', done: 'success', failed: 'danger', skipped: 'neutral' } as const)[state];
}

/** Keys that are settled one way or the other, of those that were to be done. */
export function progress({ total, skipped, done, failed }: Pick<BatchView, 'total' | 'skipped' | 'done' | 'failed'>): { settled: number; of: number } {
  return { settled: done + failed, of: total - skipped };
}

/** `7 of 16 done, 1 failed`. */
export function progressWords(batch: Pick<BatchView, 'total' | 'skipped' | 'done' | 'failed'>): string {
  const { of } = progress(batch);
  return [`${batch.done.toLocaleString('en')} of ${plural(of, 'key')} done`, batch.failed > 0 && `${batch.failed.toLocaleString('en')} failed`].filter(Boolean).join(', ');
}

/** What "Stop" does, before it is decided. */
export function stopping({ kind, waiting, running }: Pick<BatchView, 'kind' | 'waiting' | 'running'>): string {
  const rest = waiting === 1 ? 'The key that waits is left as it is.' : `The ${plural(waiting, 'key')} that wait are left as they are.`;
  const begun = running === 0 ? '' : running === 1 ? ' The one that has begun is finished.' : ` The ${running.toLocaleString('en')} that have begun are finished.`;
  const after = kind === 'rotate' ? ' Rotations that were begun go on under Operations.' : ' What was revoked stays revoked.';
  return `${rest}${begun}${after}`;
}
