// Vendors without an API for keys, and vendors with settings of their own: connecting them, and adding a key.
import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { accountOf, keyOf } from '../backend/fake-data';
import { leadterra, natural, neuralDraft, smartleadClients, VENDORS } from '../backend/fake-vendors';
import { app } from '../state/app.svelte';
import { openDialog, startAnew } from '../testing/window';

beforeEach(() => {
  startAnew();
  app.vendors = VENDORS;
});

describe('Connect account', () => {
  async function open(vendor: string) {
    openDialog({ kind: 'connect' });
    const dialog = within(await screen.findByRole('dialog', { name: 'Connect account' }));
    await userEvent.selectOptions(dialog.getByRole('combobox', { name: 'Vendor' }), vendor);
    return dialog;
  }

  test('a vendor whose keys are kept by hand needs no managing key, and the dialog says why', async () => {
    const connect = vi.spyOn(backend, 'connectAccount').mockResolvedValue(accountOf(leadterra));
    const dialog = await open('Leadterra');
    expect(dialog.queryByLabelText('Managing key')).toBeNull();
    expect(dialog.getByText(/Leadterra has no API for its keys/)).toBeInTheDocument();
    await userEvent.click(dialog.getByRole('button', { name: 'Connect' }));
    expect(connect).toHaveBeenCalledWith({ vendor: 'leadterra', label: 'Leadterra', baseUrl: null, managingKey: null, settings: {} });
  });

  test('a setting that the vendor requires stands in the open and is asked for', async () => {
    const connect = vi.spyOn(backend, 'connectAccount').mockResolvedValue(accountOf(smartleadClients));
    const dialog = await open('SmartLead client keys');
    await userEvent.type(dialog.getByLabelText('Managing key'), 'a key');
    await userEvent.click(dialog.getByRole('button', { name: 'Connect' }));
    const client = dialog.getByRole('textbox', { name: 'Client id' });
    expect(client).toHaveAccessibleDescription('Client id is needed to connect.');
    await waitFor(() => expect(client).toHaveFocus());
    await userEvent.type(client, ' 4711 ');
    await userEvent.click(dialog.getByRole('button', { name: 'Connect' }));
    expect(connect).toHaveBeenCalledWith(expect.objectContaining({ managingKey: 'a key', settings: { client: '4711' } }));
  });

  test('NT2 an agent id needs an instance id, and the disclosure with it opens', async () => {
    const connect = vi.spyOn(backend, 'connectAccount').mockResolvedValue(accountOf(natural));
    const dialog = await open('Natural');
    const advanced = dialog.getByText('Advanced').closest('details')!;
    expect(advanced).not.toHaveAttribute('open');
    await userEvent.click(dialog.getByRole('button', { name: 'Paste from clipboard' }));
    await userEvent.type(dialog.getByLabelText('Agent id'), 'agt_1');
    await userEvent.click(dialog.getByRole('button', { name: 'Connect' }));
    expect(connect).not.toHaveBeenCalled();
    expect(advanced).toHaveAttribute('open');
    expect(dialog.getByLabelText('Instance id')).toHaveAccessibleDescription('Needed as soon as “Agent id” is given.');
    await userEvent.type(dialog.getByLabelText('Instance id'), 'console');
    expect(dialog.getByLabelText('Instance id')).toHaveAccessibleDescription(/^Sent as X-Instance-ID/);
    await userEvent.click(dialog.getByRole('button', { name: 'Connect' }));
    expect(connect).toHaveBeenCalledWith(expect.objectContaining({ managingKey: null, settings: { agent: 'agt_1', instance: 'console' } }));
  });

  test('ND30 a key of another kind is declined at its field', async () => {
    const dialog = await open(neuralDraft.name);
    const key = dialog.getByLabelText('Managing key');
    await userEvent.type(key, `12|${'a'.repeat(40)}`);
    await userEvent.click(dialog.getByRole('button', { name: 'Connect' }));
    await waitFor(() => expect(key).toHaveAccessibleDescription(/Sanctum token of the Admin API/));
    expect(key).toHaveFocus();
  });
});

describe('Add key', () => {
  const account = accountOf(leadterra);

  async function open() {
    app.accounts = [account];
    openDialog({ kind: 'adopt', account });
    return within(await screen.findByRole('dialog', { name: 'Add key' }));
  }

  test('LT9 asks for the system that uses the key: one key for each', async () => {
    const dialog = await open();
    expect(dialog.getByRole('textbox', { name: 'Label' })).toHaveAccessibleDescription(/one key for each/);
  });

  test('leads to the page of the key, and keeps nothing of what was typed', async () => {
    const adopt = vi.spyOn(backend, 'adoptKey').mockResolvedValue(keyOf(account, 'CRM bridge'));
    const dialog = await open();
    const key = dialog.getByLabelText('Key');
    expect(key).toHaveAttribute('type', 'password');
    await userEvent.type(dialog.getByRole('textbox', { name: 'Label' }), 'CRM bridge');
    await userEvent.type(key, 'sk_live_abcdef');
    await userEvent.click(dialog.getByRole('button', { name: 'Add key' }));
    expect(adopt).toHaveBeenCalledWith({ accountId: 'leadterra', label: 'CRM bridge', key: { typed: 'sk_live_abcdef', found: null } });
    await waitFor(() => expect(app.route).toEqual({ screen: 'key', id: 'leadterra/key_crm-bridge' }));
    expect(app.dialog).toBeNull();
  });

  test('from the clipboard nothing of the key is in the page', async () => {
    const adopt = vi.spyOn(backend, 'adoptKey').mockReturnValue(new Promise(() => {}));
    const dialog = await open();
    await userEvent.type(dialog.getByRole('textbox', { name: 'Label' }), 'CRM bridge');
    await userEvent.click(dialog.getByRole('button', { name: 'Paste from clipboard' }));
    expect(dialog.queryByLabelText('Key')).toBeNull();
    await userEvent.click(dialog.getByRole('button', { name: 'Add key' }));
    expect(adopt).toHaveBeenCalledWith(expect.objectContaining({ key: { typed: null, found: null } }));
    expect(dialog.getByText('Asking Leadterra…')).toBeInTheDocument();
  });

  test('what is missing is asked for, and LT15 a refusal stands at the key, which is typed anew', async () => {
    const adopt = vi.spyOn(backend, 'adoptKey');
    const dialog = await open();
    await userEvent.click(dialog.getByRole('button', { name: 'Add key' }));
    expect(adopt).not.toHaveBeenCalled();
    expect(dialog.getByRole('textbox', { name: 'Label' })).toHaveAccessibleDescription(/Give the key a label/);
    await userEvent.type(dialog.getByRole('textbox', { name: 'Label' }), 'CRM bridge');
    const key = dialog.getByLabelText('Key');
    await userEvent.type(key, 'sk_live_a');
    await userEvent.click(dialog.getByRole('button', { name: 'Add key' }));
    await waitFor(() => expect(key).toHaveAccessibleDescription('This is not a whole key: it is cut short.'));
    expect(key).toHaveValue('');
    expect(key).toHaveFocus();
  });
});
