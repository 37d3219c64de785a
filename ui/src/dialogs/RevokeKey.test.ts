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

test('a button that waited for a reason stays the same one, so that the focus stays on it', async () => {
  const key = keyWhere(({ environment, managing }) => environment.kind === 'live' && !managing);
  const dialog = await open(key);
  const button = dialog.getByRole('button', { name: 'Revoke' });
  await userEvent.type(dialog.getByRole('textbox', { name: CONFIRM }), key.name);
  expect(dialog.getByRole('button', { name: 'Revoke' })).toBe(button);
  expect(button).toBeEnabled();
  expect(button).not.toHaveAttribute('aria-disabled');
  expect(button).not.toHaveAccessibleDescription();
});

test.each([
  ['two blanks', 'CRM  sync', 'CRM sync'],
  ['a blank at its end', 'CRM sync ', 'CRM sync'],
  ['decomposed letters', 'Cafe\u{301}', 'Caf\u{e9}'],
])('F21 a name with %s is confirmed by what looks the same', async (_, name, typed) => {
  const revoke = vi.spyOn(backend, 'revokeKey').mockResolvedValue();
  const key = { ...keyWhere(({ environment, managing }) => environment.kind === 'live' && !managing), name };
  const dialog = await open(key);
  await userEvent.type(dialog.getByRole('textbox', { name: CONFIRM }), typed);
  await userEvent.click(dialog.getByRole('button', { name: 'Revoke' }));
  expect(revoke).toHaveBeenCalledWith({ key: key.id, typedName: typed, confirmManaging: false, reason: '' });
});

test('F21 blanks that the screen swallows are shown', async () => {
  const key = keyWhere(({ environment }) => environment.kind === 'live');
  const dialog = await open({ ...key, name: 'CRM  sync ' });
  expect(dialog.getByText('CRM␣␣sync␣')).toBeInTheDocument();
});

test('F21 a name that shows nothing is confirmed by the id', async () => {
  const key = keyWhere(({ environment, managing }) => environment.kind === 'live' && !managing);
  const nameless = await open({ ...key, name: ' \u{200b}' });
  await userEvent.type(nameless.getByRole('textbox', { name: "Type the key's id to confirm" }), key.vendorKeyId);
  expect(nameless.getByRole('button', { name: 'Revoke' })).not.toHaveAttribute('aria-disabled');
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
