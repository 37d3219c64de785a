import { screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import type { KeyView } from '../backend/wire/KeyView';
import { app } from '../state/app.svelte';
import { keyWhere, openDialog, startAnew } from '../testing/window';

beforeEach(startAnew);

const CONFIRM = "Type the key's name to confirm";

async function open(key: KeyView) {
  openDialog({ kind: 'revoke', key });
  return within(await screen.findByRole('dialog', { name: 'Revoke key' }));
}

test('a live key is revoked only once its name was typed as it stands', async () => {
  const revoke = vi.spyOn(backend, 'revokeKey').mockResolvedValue();
  const key = keyWhere(({ environment, managing }) => environment.kind === 'live' && !managing);
  const dialog = await open(key);
  const name = dialog.getByRole('textbox', { name: CONFIRM });
  await userEvent.type(name, key.name.slice(0, -1));
  await userEvent.keyboard('{Enter}');
  expect(dialog.getByRole('button', { name: 'Revoke' })).toHaveAccessibleDescription(`Type “${key.name}” to confirm first.`);
  expect(revoke).not.toHaveBeenCalled();
  await userEvent.type(name, key.name.slice(-1));
  await userEvent.click(dialog.getByRole('button', { name: 'Revoke' }));
  expect(revoke).toHaveBeenCalledWith({ key: key.id, typedName: key.name, confirmManaging: false, reason: '' });
  expect(app.dialog).toBeNull();
});

test('a test key needs no name', async () => {
  const revoke = vi.spyOn(backend, 'revokeKey').mockResolvedValue();
  const key = keyWhere(({ environment }) => environment.kind === 'test');
  const dialog = await open(key);
  expect(dialog.queryByRole('textbox', { name: CONFIRM })).toBeNull();
  await userEvent.click(dialog.getByRole('button', { name: 'Revoke' }));
  expect(revoke).toHaveBeenCalledWith({ key: key.id, typedName: null, confirmManaging: false, reason: '' });
});

test('the managing key needs a second, explicit yes', async () => {
  const revoke = vi.spyOn(backend, 'revokeKey').mockResolvedValue();
  const key = keyWhere(({ managing }) => managing);
  const dialog = await open(key);
  await userEvent.type(dialog.getByRole('textbox', { name: CONFIRM }), key.name);
  await userEvent.click(dialog.getByRole('button', { name: 'Revoke' }));
  expect(revoke).not.toHaveBeenCalled();
  await userEvent.click(dialog.getByRole('checkbox', { name: 'Revoke the managing key all the same' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Revoke' }));
  expect(revoke).toHaveBeenCalledWith({ key: key.id, typedName: key.name, confirmManaging: true, reason: '' });
});

test('what the vendor answers stands in the dialog until it is read', async () => {
  vi.spyOn(backend, 'revokeKey').mockRejectedValue({
    code: 'unreachable',
    message: 'Could not reach Naturalead to revoke the key.',
    hint: 'Nothing was changed.',
    retryable: true,
    field: null,
  });
  const dialog = await open(keyWhere(({ environment }) => environment.kind === 'test'));
  await userEvent.click(dialog.getByRole('button', { name: 'Revoke' }));
  expect(await dialog.findByRole('alert')).toHaveTextContent('Could not reach Naturalead to revoke the key.');
});
