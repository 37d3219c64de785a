import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { account } from '../backend/fake-data';
import { app } from '../state/app.svelte';
import { keyWhere, openDialog, startAnew } from '../testing/window';

beforeEach(startAnew);

describe('Connect account', () => {
  async function open() {
    openDialog({ kind: 'connect' });
    return within(await screen.findByRole('dialog', { name: 'Connect account' }));
  }

  test('the typed key leaves the page as soon as it is sent, and the refusal says which mistake it is', async () => {
    const connect = vi.spyOn(backend, 'connectAccount').mockRejectedValue({
      code: 'invalidInput',
      message: 'The key is cut short: 3 of 64 characters after the prefix.',
      hint: null,
      retryable: false,
      field: 'managingKey',
    });
    const dialog = await open();
    const key = dialog.getByLabelText('Managing key');
    await userEvent.type(key, 'nl_live_abc');
    await userEvent.click(dialog.getByRole('button', { name: 'Connect' }));
    expect(connect).toHaveBeenCalledWith({ vendor: 'naturalead', label: 'Naturalead', baseUrl: null, managingKey: 'nl_live_abc', settings: {} });
    expect(key).toHaveValue('');
    await waitFor(() => expect(key).toHaveAccessibleDescription(/cut short/));
  });

  test('from the clipboard the page never sees the key', async () => {
    const connect = vi.spyOn(backend, 'connectAccount').mockResolvedValue(account);
    const dialog = await open();
    await userEvent.type(dialog.getByRole('textbox', { name: 'Label' }), 'EU shop');
    await userEvent.click(dialog.getByRole('button', { name: 'Paste from clipboard' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Connect' }));
    expect(connect).toHaveBeenCalledWith({ vendor: 'naturalead', label: 'EU shop', baseUrl: null, managingKey: null, settings: {} });
    await waitFor(() => expect(app.dialog).toBeNull());
  });

  test('without a key nothing is sent', async () => {
    const connect = vi.spyOn(backend, 'connectAccount');
    const dialog = await open();
    await userEvent.click(dialog.getByRole('button', { name: 'Connect' }));
    expect(dialog.getByLabelText('Managing key')).toHaveFocus();
    expect(connect).not.toHaveBeenCalled();
  });
});

test('disconnecting names what is not saved yet, and needs a yes to destroy it', async () => {
  const disconnect = vi.spyOn(backend, 'disconnectAccount').mockResolvedValue();
  const key = { ...keyWhere(() => true), unsaved: 'escrow-1' };
  app.unsaved = [{ id: 'escrow-1', key, rotatedFrom: null, createdAt: '2026-11-21T10:00:00Z', differences: [] }];
  openDialog({ kind: 'disconnect', account });
  const dialog = within(await screen.findByRole('dialog', { name: 'Disconnect account' }));
  expect(dialog.getByText(new RegExp(key.name))).toBeInTheDocument();
  await userEvent.click(dialog.getByRole('button', { name: 'Disconnect' }));
  expect(disconnect).not.toHaveBeenCalled();
  await userEvent.click(dialog.getByRole('checkbox', { name: 'Destroy what is not saved' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Disconnect' }));
  expect(disconnect).toHaveBeenCalledWith(account.id);
});
