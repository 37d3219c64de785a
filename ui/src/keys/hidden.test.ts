// Chosen keys that a search or a filter hides: counted, shown on request, and named where something is done with them.
import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { backend } from '../backend';
import { world } from '../backend/fake';
import { app } from '../state/app.svelte';
import { keys } from '../state/keys.svelte';
import { EVERY_KEY } from '../state/query';
import { selection } from '../state/selection.svelte';
import { openKeys, startAnew } from '../testing/window';
import { hiddenWords } from '../words-batches';

const user = userEvent.setup();

beforeEach(startAnew);

const bar = () => within(screen.getByRole('toolbar', { name: 'Selection' }));
const status = () => bar().getByRole('status');

/** "CRM integration" and "Sandbox" are chosen, then a search leaves only the first. */
async function chooseAndHide() {
  await openKeys();
  for (const name of ['CRM integration', 'Sandbox']) await user.click(screen.getByRole('checkbox', { name: `Select ${name}` }));
  keys.ask({ search: 'crm' });
  await waitFor(() => expect(status()).toHaveTextContent('2 selected, 1 hidden by the filter'));
}

test('F34 the bar says how many of the chosen keys the filter hides, and shows them', async () => {
  await chooseAndHide();
  await user.click(bar().getByRole('button', { name: 'Show selected' }));
  expect(await screen.findByRole('row', { name: 'Sandbox' })).toBeInTheDocument();
  await waitFor(() => expect(status()).toHaveTextContent(/^2 selected$/));
  expect(keys.total).toBe(2);
  expect(bar().queryByRole('button', { name: 'Show selected' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Remove filter: Selected only' }));
  await waitFor(() => expect(keys.total).toBe(24));
});

test('F34 a filter that is taken away hides nothing, and nor does a key that is gone', async () => {
  await chooseAndHide();
  keys.clearFilters();
  await waitFor(() => expect(status()).toHaveTextContent(/^2 selected$/));
  keys.ask({ search: 'crm' });
  world.keys = world.keys.filter(({ name }) => name !== 'Sandbox');
  keys.reload();
  await waitFor(() => expect(keys.everything).toBe(23));
  await waitFor(() => expect(selection.hidden).toBe(0));
});

test('F34 what is done with chosen keys says that some are out of sight', async () => {
  await chooseAndHide();
  await user.click(bar().getByRole('button', { name: 'Rotate keys' }));
  const plan = within(await screen.findByRole('dialog', { name: 'Rotate keys' }));
  expect(await plan.findByText('1 of them is hidden by the filter of the list.')).toBeInTheDocument();
  await user.click(plan.getByRole('button', { name: 'Cancel' }));
  await user.click(bar().getByRole('button', { name: 'Add label' }));
  expect(await screen.findByText('To 2 keys. 1 of them is hidden by the filter of the list.')).toBeInTheDocument();
});

test('F34 a finding is accepted only for those of the chosen keys that have it', async () => {
  await openKeys();
  const { rows } = await backend.listKeys(EVERY_KEY);
  const has = rows.find(({ findings }) => findings.includes('neverUsed'))!;
  const hasNot = rows.find(({ findings }) => !findings.includes('neverUsed'))!;
  for (const key of [has, hasNot]) await selection.toggle(key, 0);
  keys.ask({ finding: 'neverUsed' });
  await user.click(await bar().findByRole('button', { name: 'Accept finding' }));
  await waitFor(() => expect(app.dialog).toMatchObject({ kind: 'accept', keys: [has.id] }));
});

test('F34 the words fit one, some and all', () => {
  expect(hiddenWords(0, 3)).toBe('');
  expect(hiddenWords(1, 1)).toBe('It is hidden by the filter of the list.');
  expect(hiddenWords(2, 5)).toBe('2 of them are hidden by the filter of the list.');
  expect(hiddenWords(1204, 1204)).toBe('All 1,204 are hidden by the filter of the list.');
});
