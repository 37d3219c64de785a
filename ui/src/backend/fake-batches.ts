// How the fake rotates and revokes many keys. A batch of the fake stands still unless somebody pauses, resumes or stops it.

import { accounts, ago } from './fake-data';
import { YES, no } from './fake-rotation';
import { windowOf } from './fake-window';
import { confirms } from '../words-names';
import type { Backend, Events } from './backend';
import type { World } from './fake';
import type { BatchItemView } from './wire/BatchItemView';
import type { BatchPlanView } from './wire/BatchPlanView';
import type { BatchRequest } from './wire/BatchRequest';
import type { BatchStateView } from './wire/BatchStateView';
import type { BatchView } from './wire/BatchView';
import type { FailureView } from './wire/FailureView';
import type { KeyView } from './wire/KeyView';

export interface FakeBatch {
  view: BatchView;
  items: BatchItemView[];
}

type Tell = <E extends keyof Events>(event: E, payload: Events[E]) => void;
type Fail = (code: FailureView['code'], message: string) => never;

const keysOf = (count: number) => `${count} ${count === 1 ? 'key' : 'keys'}`;

function why(kind: BatchRequest['kind'], key: KeyView): string {
  if (key.status.kind === 'revoked' || key.status.kind === 'expired') return 'It does not work any more.';
  if (key.adopted) return 'Its vendor has no API for keys.';
  if (key.operation) return 'It is being rotated already.';
  if (kind === 'revoke' && key.managing) return 'Keyturn manages its account with it. Revoke it on its own page.';
  return '';
}

function itemOf(kind: BatchRequest['kind'], key: KeyView): BatchItemView {
  const words = why(kind, key);
  const { vendorName = key.vendor } = accounts.find(({ id }) => id === key.accountId) ?? {};
  const { id, name, masked, accountLabel } = key;
  return { key: id, name, masked, accountLabel, vendorName, state: words ? 'skipped' : 'waiting', words, operation: null };
}

export function batchOf(kind: BatchRequest['kind'], items: BatchItemView[], more: Partial<BatchView> = {}): FakeBatch {
  const count = (state: BatchItemView['state']) => items.filter((item) => item.state === state).length;
  const planned = items.length - count('skipped');
  const state: BatchStateView = more.state ?? 'running';
  const ended = state === 'stopped' || state === 'done';
  const over = no('It has ended.');
  return {
    items,
    view: {
      id: 'batch-1',
      kind,
      title: `${kind === 'rotate' ? 'Rotate' : 'Revoke'} ${keysOf(planned)}`,
      total: items.length,
      waiting: count('waiting'),
      running: count('running'),
      done: count('done'),
      failed: count('failed'),
      skipped: count('skipped'),
      words: state === 'paused' ? 'Paused. What has begun goes on.' : ended ? 'Ended.' : 'Neural Draft allows 10 calls a minute: the next key in 6 seconds.',
      startedAt: ago(0.1),
      endedAt: ended ? ago(0.01) : null,
      pause: state === 'running' ? YES : ended ? over : no('It is paused already.'),
      resume: state === 'paused' ? YES : ended ? over : no('It is not paused.'),
      stop: ended ? over : YES,
      ...more,
      state,
    },
  };
}

/** One batch half done, for a browser. */
export function sampleBatches(keys: readonly KeyView[]): FakeBatch[] {
  const items = keys
    .filter(({ accountId }) => accountId === 'neural-draft')
    .slice(1, 17)
    .map((key, n): BatchItemView => {
      const item = itemOf('rotate', key);
      if (item.state === 'skipped') return item;
      if (n < 7) return { ...item, state: 'done', words: `Both keys work until ${ago(-1)}.` };
      if (n === 7) return { ...item, state: 'failed', words: 'Neural Draft refused: the name is too long.' };
      return n === 8 ? { ...item, state: 'running', words: 'The new key is being made.' } : item;
    });
  return items.length > 0 ? [batchOf('rotate', items)] : [];
}

export function batchCommands(world: World, tell: Tell, fail: Fail) {
  const chosen = ({ keys, query }: BatchRequest) =>
    keys.length > 0 || !query ? world.keys.filter(({ id }) => keys.includes(id)) : windowOf(world.keys, world.accounts, { ...query, offset: 0, limit: world.keys.length }).rows;

  function plan(request: BatchRequest): BatchPlanView {
    const { kind } = request;
    const keys = chosen(request);
    const items = keys.map((key) => itemOf(kind, key)).sort((a, b) => Number(b.words !== '') - Number(a.words !== ''));
    const reasons: Record<string, number> = {};
    for (const { words } of items) if (words) reasons[words] = (reasons[words] ?? 0) + 1;
    const willDo = items.filter(({ state }) => state === 'waiting').length;
    const live = keys.filter((key) => key.environment.kind === 'live' && why(kind, key) === '').length;
    return {
      kind,
      total: items.length,
      willDo,
      willSkip: items.length - willDo,
      confirmation: kind === 'revoke' && live > 0 ? `revoke ${live} live ${live === 1 ? 'key' : 'keys'}` : '',
      choices:
        kind === 'revoke'
          ? []
          : [
              { id: 'now', title: 'Stop each as soon as its new key is saved', detail: '', preselected: false },
              { id: '24h', title: '24 hours', detail: 'both keys work meanwhile', preselected: true },
              { id: '7d', title: '7 days', detail: 'both keys work meanwhile', preselected: false },
            ],
      reasons: Object.entries(reasons).map(([words, count]) => ({ words, count })),
      warnings: kind === 'revoke' ? ['Every system that uses one of these keys is refused from then on. A revoked key never works again.'] : ['Each new key waits until you have said that it is stored.'],
      steps:
        kind === 'revoke'
          ? ['Each key is revoked at its vendor.', 'Keyturn asks the vendor until the key is seen revoked.']
          : ['Each vendor makes a new key with the same name and scopes.', 'Each new key is sealed in the vault and waits to be saved.', 'The old key is revoked when its overlap has ended.'],
      estimate: willDo > 20 ? 'about 3 minutes' : 'less than a minute',
      items: items.slice(0, 200),
    };
  }

  const find = (id: string) => world.batches.find(({ view }) => view.id === id) ?? fail('notFound', 'No such batch here any more.');

  function turn(id: string, state: BatchStateView): BatchView {
    const old = find(id);
    const fresh = batchOf(old.view.kind, old.items, { id, state, startedAt: old.view.startedAt });
    world.batches = world.batches.map((each) => (each === old ? fresh : each));
    tell('batches-changed', null);
    return fresh.view;
  }

  return {
    planBatch: async (request) => plan(request),
    beginBatch: async (request) => {
      const { confirmation } = plan(request);
      if (!confirms(request.confirmation, confirmation)) fail('invalidInput', `Type “${confirmation}” to confirm.`);
      const begun = batchOf(request.kind, chosen(request).map((key) => itemOf(request.kind, key)), { id: `batch-${world.batches.length + 1}`, startedAt: new Date().toISOString() });
      world.batches = [begun, ...world.batches];
      tell('batches-changed', null);
      return begun.view;
    },
    batches: async () => world.batches.map(({ view }) => view),
    batchItems: async (batch, state, offset, limit) => {
      const rows = find(batch).items.filter((item) => state === null || item.state === state);
      return { rows: rows.slice(offset, offset + limit), total: rows.length, offset };
    },
    pauseBatch: async (batch) => turn(batch, 'paused'),
    resumeBatch: async (batch) => turn(batch, 'running'),
    stopBatch: async (batch) => turn(batch, 'stopped'),
  } satisfies Partial<Backend>;
}
