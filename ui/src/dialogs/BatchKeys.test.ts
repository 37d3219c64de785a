import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { world } from '../backend/fake';
import { app } from '../state/app.svelte';
import { openDialog, startAnew } from '../testing/window';

beforeEach(startAnew);

const live = () => world.keys.filter(({ environment, managing, status }) => environment.kind === 'live' && !managing && status.kind === 'active');

async function open(way: 'rotate' | 'revoke', keys: string[]) {
  openDialog({ kind: 'batch', way, chosen: { keys, query: null } });
  const dialog = within(await screen.findByRole('dialog', { name: way === 'rotate' ? 'Rotate keys' : 'Revoke keys' }));
  await dialog.findByText('What will happen');
  return dialog;
}

test('the plan says how many are rotated and why others are not, and begins with the chosen overlap', async () => {
  const begin = vi.spyOn(backend, 'beginBatch');
  const revoked = world.keys.find(({ status }) => status.kind === 'revoked')!;
  const keys = [...live().slice(0, 2).map(({ id }) => id), revoked.id];
  const dialog = await open('rotate', keys);
  expect(dialog.getByText('2 of 3 keys will be rotated.')).toBeInTheDocument();
  expect(dialog.getByText('1 key left out: It does not work any more.')).toBeInTheDocument();
  const ways = within(dialog.getByRole('radiogroup', { name: 'Old keys' }));
  expect(ways.getByRole('radio', { name: '24 hours' })).toBeChecked();
  await userEvent.click(ways.getByRole('radio', { name: '7 days' }));
  await userEvent.click(dialog.getByText('The 3 keys'));
  const list = within(dialog.getByRole('region', { name: 'Keys of this plan' }));
  expect(within(list.getAllByRole('row')[1]!).getByText('Left out')).toBeInTheDocument();
  await userEvent.click(dialog.getByRole('button', { name: 'Rotate 2 keys' }));
  expect(begin).toHaveBeenCalledWith({ kind: 'rotate', keys, query: null, choice: '7d', confirmation: '' });
  await waitFor(() => expect(app.route.screen).toBe('operations'));
  expect(app.dialog).toBeNull();
});

test('live keys are revoked only once the phrase was typed', async () => {
  const begin = vi.spyOn(backend, 'beginBatch');
  const dialog = await open('revoke', live().slice(0, 2).map(({ id }) => id));
  const phrase = 'revoke 2 live keys';
  const button = dialog.getByRole('button', { name: 'Revoke 2 keys' });
  expect(button).toHaveAccessibleDescription(`Type “${phrase}” to confirm first.`);
  expect(dialog.queryByRole('radiogroup')).toBeNull();
  await userEvent.type(dialog.getByRole('textbox', { name: `Type “${phrase}” to confirm` }), `${phrase}{Enter}`);
  expect(begin).toHaveBeenCalledWith(expect.objectContaining({ kind: 'revoke', choice: '', confirmation: phrase }));
});

test('where no key can be, nothing begins and the words say so', async () => {
  const revoked = world.keys.find(({ status }) => status.kind === 'revoked')!;
  openDialog({ kind: 'batch', way: 'rotate', chosen: { keys: [revoked.id], query: null } });
  const dialog = within(await screen.findByRole('dialog', { name: 'Rotate keys' }));
  expect(await dialog.findByRole('button', { name: 'Rotate 0 keys' })).toHaveAccessibleDescription('The key cannot be rotated.');
});
