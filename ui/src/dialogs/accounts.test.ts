import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { world } from '../backend/fake';
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
    const connect = vi.spyOn(backend, 'connectAccount').mockResolvedValue({ ...account, id: 'another' });
    const dialog = await open();
    await userEvent.type(dialog.getByRole('textbox', { name: 'Label' }), 'EU shop');
    await userEvent.click(dialog.getByRole('button', { name: 'Paste from clipboard' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Connect' }));
    expect(connect).toHaveBeenCalledWith({ vendor: 'naturalead', label: 'EU shop', baseUrl: null, managingKey: null, settings: {} });
    await waitFor(() => expect(app.dialog).toBeNull());
  });

  test('F10 what is connected already is opened, and said', async () => {
    vi.spyOn(backend, 'connectAccount').mockResolvedValue(account);
    app.accounts = [account];
    const dialog = await open();
    await userEvent.click(dialog.getByRole('button', { name: 'Paste from clipboard' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Connect' }));
    await waitFor(() => expect(app.route).toEqual({ screen: 'accounts' }));
    expect(app.notices.map(({ title }) => title)).toContain('This is connected already, as “Rehearsal”');
  });

  test('without a key nothing is sent', async () => {
    const connect = vi.spyOn(backend, 'connectAccount');
    const dialog = await open();
    await userEvent.click(dialog.getByRole('button', { name: 'Connect' }));
    expect(dialog.getByLabelText('Managing key')).toHaveFocus();
    expect(connect).not.toHaveBeenCalled();
  });
});

describe('Disconnect account', () => {
  async function open() {
    openDialog({ kind: 'disconnect', account });
    return within(await screen.findByRole('dialog', { name: 'Disconnect account' }));
  }

  test('names what is not saved and what is under way, needs a yes to each, and says what was seen', async () => {
    vi.spyOn(backend, 'planDisconnect').mockResolvedValue({ unsaved: ['CRM sync'], underWay: ['Checkout'] });
    const disconnect = vi.spyOn(backend, 'disconnectAccount').mockResolvedValue();
    const dialog = await open();
    expect(await dialog.findByText('CRM sync')).toBeInTheDocument();
    expect(dialog.getByText('Checkout')).toBeInTheDocument();
    const button = () => dialog.getByRole('button', { name: 'Disconnect' });
    await userEvent.click(button());
    await userEvent.click(dialog.getByRole('checkbox', { name: 'Destroy what is not saved' }));
    expect(button()).toHaveAccessibleDescription('Let it end first, or confirm that it stays unfinished.');
    await userEvent.click(button());
    expect(disconnect).not.toHaveBeenCalled();
    await userEvent.click(dialog.getByRole('checkbox', { name: 'Leave unfinished what is under way' }));
    await userEvent.click(button());
    expect(disconnect).toHaveBeenCalledWith({ account: account.id, unsaved: ['CRM sync'], underWay: ['Checkout'] });
    await waitFor(() => expect(app.dialog).toBeNull());
  });

  test('where nothing is lost one press is enough', async () => {
    const dialog = await open();
    const button = () => dialog.getByRole('button', { name: 'Disconnect' });
    await waitFor(() => expect(button()).not.toHaveAttribute('aria-disabled'));
    expect(dialog.queryByRole('checkbox')).toBeNull();
    await userEvent.click(button());
    await waitFor(() => expect(world.accounts).toEqual([]));
  });

  test('until it is known what is lost nothing can be pressed', async () => {
    vi.spyOn(backend, 'planDisconnect').mockReturnValueOnce(new Promise(() => {}));
    const dialog = await open();
    expect(dialog.getByRole('status')).toHaveTextContent('Looking up what would be lost…');
    expect(dialog.getByRole('button', { name: 'Disconnect' })).toHaveAccessibleDescription('Keyturn is still looking up what would be lost.');
  });

  test('what cannot be looked up says so, and is tried again', async () => {
    vi.spyOn(backend, 'planDisconnect').mockRejectedValueOnce({ code: 'ledger', message: 'The ledger could not be read.', hint: null, retryable: true, field: null });
    const dialog = await open();
    expect(await dialog.findByRole('alert')).toHaveTextContent('The ledger could not be read.');
    expect(dialog.getByRole('button', { name: 'Disconnect' })).toHaveAttribute('aria-disabled', 'true');
    await userEvent.click(dialog.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(dialog.queryByRole('alert')).toBeNull());
    await waitFor(() => expect(dialog.getByRole('button', { name: 'Disconnect' })).not.toHaveAttribute('aria-disabled'));
  });

  test('what has changed meanwhile is shown, and asked about anew', async () => {
    const dialog = await open();
    const button = () => dialog.getByRole('button', { name: 'Disconnect' });
    await waitFor(() => expect(button()).not.toHaveAttribute('aria-disabled'));
    const key = keyWhere(() => true);
    world.unsaved = [{ id: 'escrow-1', key, rotatedFrom: null, createdAt: '2026-11-21T10:00:00Z', differences: [] }];
    await userEvent.click(button());
    expect(await dialog.findByRole('alert')).toHaveTextContent('something would be lost that you have not seen');
    expect(await dialog.findByText(key.name)).toBeInTheDocument();
    await userEvent.click(dialog.getByRole('checkbox', { name: 'Destroy what is not saved' }));
    await userEvent.click(button());
    await waitFor(() => expect(world.accounts).toEqual([]));
  });
});
