import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { world } from '../backend/fake';
import { batchOf } from '../backend/fake-batches';
import type { BatchItemStateView } from '../backend/wire/BatchItemStateView';
import type { BatchView } from '../backend/wire/BatchView';
import { app } from '../state/app.svelte';
import { batches } from '../state/batches.svelte';
import { operations } from '../state/operations.svelte';
import { openScreen, startAnew } from '../testing/window';
import Operations from './Operations.svelte';

beforeEach(() => {
  startAnew();
  operations.all = [];
  operations.loaded = true;
});

async function open(states: BatchItemStateView[], more: Partial<BatchView> = {}) {
  const items = states.map((state, n) => {
    const { id, name, masked, accountLabel } = world.keys[n]!;
    return { key: id, name, masked, accountLabel, vendorName: 'Naturalead', state, words: state === 'failed' ? 'Refused.' : '', operation: null };
  });
  world.batches = [batchOf('rotate', items, more)];
  batches.begin();
  openScreen(Operations);
  return within(await screen.findByRole('article', { name: /^Rotate \d keys$/ }));
}

test('the bar and its words say how far it is', async () => {
  const card = await open(['done', 'done', 'failed', 'running', 'waiting', 'skipped']);
  const bar = card.getByRole('progressbar', { name: 'Rotate 5 keys' });
  expect(bar).toHaveAttribute('aria-valuenow', '3');
  expect(bar).toHaveAttribute('aria-valuemax', '5');
  expect(bar).toHaveAttribute('aria-valuetext', '2 of 5 keys done, 1 failed');
  expect(card.getByRole('status')).toHaveTextContent(/^Neural Draft allows 10 calls a minute/);
});

test('"Pause" turns into "Resume"; "Stop" asks first and says what goes on', async () => {
  const card = await open(['done', 'running', 'waiting', 'waiting']);
  await userEvent.click(card.getByRole('button', { name: 'Pause' }));
  await userEvent.click(await card.findByRole('button', { name: 'Resume' }));
  await card.findByRole('button', { name: 'Pause' });
  const stop = vi.spyOn(backend, 'stopBatch');
  await userEvent.click(card.getByRole('button', { name: 'Stop' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Stop “Rotate 4 keys”?' }));
  expect(dialog.getByText(/^The 2 keys that wait are left as they are. The one that has begun is finished./)).toBeInTheDocument();
  expect(stop).not.toHaveBeenCalled();
  await userEvent.click(dialog.getByRole('button', { name: 'Stop' }));
  expect(stop).toHaveBeenCalledWith('batch-1');
  expect(await screen.findByRole('heading', { name: 'Ended in the last seven days' })).toBeInTheDocument();
});

test('failed keys stand first when the results are unfolded, say why, and can be opened', async () => {
  const card = await open(['done', 'failed', 'skipped'], { state: 'done' });
  await userEvent.click(card.getByText('Result for each key'));
  const show = await card.findByRole('combobox', { name: 'Show' });
  await waitFor(() => expect(show).toHaveDisplayValue('Failed (1)'));
  expect(await card.findByText('Refused.')).toBeInTheDocument();
  expect(card.getAllByRole('listitem')).toHaveLength(1);
  await userEvent.selectOptions(show, 'All keys (3)');
  await waitFor(() => expect(card.getAllByRole('listitem')).toHaveLength(3));
  await userEvent.click(card.getByRole('button', { name: `Open ${world.keys[1]!.name}` }));
  expect(app.route).toEqual({ screen: 'key', id: world.keys[1]!.id });
});
