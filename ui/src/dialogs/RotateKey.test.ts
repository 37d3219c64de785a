import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { world } from '../backend/fake';
import { accountOf, keyOf } from '../backend/fake-data';
import { leadterra, natural, neuralDraft, smartlead, VENDORS } from '../backend/fake-vendors';
import type { KeyView } from '../backend/wire/KeyView';
import type { VendorView } from '../backend/wire/VendorView';
import { app } from '../state/app.svelte';
import { operations } from '../state/operations.svelte';
import { keyWhere, openDialog, startAnew } from '../testing/window';

beforeEach(() => {
  startAnew();
  app.vendors = VENDORS;
  operations.all = [];
});

async function open(key: KeyView) {
  openDialog({ kind: 'rotate', key });
  const dialog = within(await screen.findByRole('dialog', { name: 'Rotate key' }));
  await dialog.findByText('What will happen');
  return dialog;
}

function keyAt(vendor: VendorView, more: Partial<KeyView> = {}): KeyView {
  const account = accountOf(vendor);
  const key = keyOf(account, 'Checkout', more);
  world.accounts = app.accounts = [account];
  world.keys = [key];
  return key;
}

describe('where the vendor swaps both keys at once', () => {
  test('there is nothing to choose; the words say that nothing overlaps; the new key is saved next', async () => {
    const rotate = vi.spyOn(backend, 'rotateKey');
    const key = keyWhere(({ status }) => status.kind === 'active');
    const dialog = await open(key);
    expect(dialog.queryByRole('radio')).toBeNull();
    expect(dialog.getByText(/There is no overlap/)).toBeInTheDocument();
    await userEvent.click(dialog.getByRole('button', { name: 'Rotate' }));
    expect(rotate).toHaveBeenCalledWith({ key: key.id, choice: 'atomic', oldKey: null, reason: '' });
    const save = within(await screen.findByRole('dialog', { name: 'Save your new key' }));
    expect(save.getByText(/stopped working when this one was made/)).toBeInTheDocument();
  });
});

describe('where both keys work for a while', () => {
  test('the ways are one group of radios, 24 hours chosen, and the steps follow the choice', async () => {
    const rotate = vi.spyOn(backend, 'rotateKey');
    const key = keyAt(natural);
    const dialog = await open(key);
    const ways = within(dialog.getByRole('radiogroup', { name: 'Old key' }));
    expect(ways.getByRole('radio', { name: '24 hours' })).toBeChecked();
    expect(dialog.getByText(/Both keys work for 24 hours/)).toBeInTheDocument();
    await userEvent.click(ways.getByRole('radio', { name: /^Stop it as soon as/ }));
    expect(dialog.getByText(/^As soon as you have saved it/)).toBeInTheDocument();
    expect(dialog.getByText(/Every system that still uses the old key fails/)).toBeInTheDocument();
    await userEvent.click(ways.getByRole('radio', { name: '1 hour' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Rotate' }));
    expect(rotate).toHaveBeenCalledWith({ key: key.id, choice: '1h', oldKey: null, reason: '' });
    const save = within(await screen.findByRole('dialog', { name: 'Save your new key' }));
    expect(save.queryByText(/stopped working/)).toBeNull();
    expect(save.getByText(/every system that uses the old key “Checkout”/)).toBeInTheDocument();
  });

  test('a way that is not open says why and cannot be chosen', async () => {
    const dialog = await open(keyAt(natural, { lastUse: { kind: 'notReported' } }));
    const quiet = dialog.getByRole('radio', { name: /quiet/ });
    expect(quiet).toBeDisabled();
    expect(quiet).toHaveAccessibleDescription('Natural does not report when this key was last used.');
  });

  test('the old key can be given for the proof of its death; a wrong one is refused at its field', async () => {
    const rotate = vi.spyOn(backend, 'rotateKey');
    const dialog = await open(keyAt(natural));
    await userEvent.click(dialog.getByText('Prove that the old key is dead'));
    await userEvent.type(dialog.getByLabelText('Old key', { selector: 'input' }), 'short');
    await userEvent.click(dialog.getByRole('button', { name: 'Rotate' }));
    expect(rotate).toHaveBeenCalledWith(expect.objectContaining({ oldKey: { typed: 'short', found: null } }));
    const field = dialog.getByLabelText('Old key', { selector: 'input' });
    await waitFor(() => expect(field).toHaveAccessibleDescription(/cut short/));
    expect(field).toHaveValue('');
    await userEvent.click(dialog.getByRole('button', { name: 'Paste from clipboard' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Rotate' }));
    expect(rotate).toHaveBeenLastCalledWith(expect.objectContaining({ oldKey: { typed: null, found: null } }));
  });

  test('ND25 without a free slot nothing begins, and the dialog says why', async () => {
    const key = keyAt(neuralDraft);
    world.accounts = [{ ...world.accounts[0]!, slots: { used: 20, limit: 20 } }];
    const dialog = await open(key);
    const reason = /^All 20 slots of Neural Draft are taken/;
    expect(dialog.getByRole('button', { name: 'Rotate' })).toHaveAccessibleDescription(reason);
    expect(dialog.getAllByText(reason).length).toBeGreaterThan(0);
  });
});

describe('by hand', () => {
  test('SL12 the warning stands before the steps, and the new key is brought next', async () => {
    const dialog = await open(keyAt(smartlead));
    const warning = dialog.getByText(/The old key stops working in the moment/);
    const steps = dialog.getByText('What will happen');
    expect(warning.compareDocumentPosition(steps) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
    await userEvent.click(dialog.getByRole('button', { name: 'Start rotation' }));
    expect(await screen.findByRole('dialog', { name: 'Bring the new key' })).toBeInTheDocument();
  });

  test('a wrong paste is refused at the field and the next one leads to "Save your new key"', async () => {
    const bring = vi.spyOn(backend, 'bringKey');
    const dialog = await open(keyAt(leadterra));
    await userEvent.click(dialog.getByRole('button', { name: 'Start rotation' }));
    const next = within(await screen.findByRole('dialog', { name: 'Bring the new key' }));
    expect(next.getByRole('button', { name: 'Open dashboard' })).toBeInTheDocument();
    await userEvent.click(next.getByRole('button', { name: 'Check and keep' }));
    expect(bring).not.toHaveBeenCalled();
    const field = next.getByLabelText('New key');
    await userEvent.type(field, 'sk_live_a');
    await userEvent.click(next.getByRole('button', { name: 'Check and keep' }));
    await waitFor(() => expect(field).toHaveAccessibleDescription(/cut short/));
    await userEvent.type(field, 'sk_live_abcdefgh');
    await userEvent.click(next.getByRole('button', { name: 'Check and keep' }));
    expect(bring).toHaveBeenLastCalledWith({ operation: 'op-1', newKey: { typed: 'sk_live_abcdefgh', found: null } });
    const save = within(await screen.findByRole('dialog', { name: 'Save your new key' }));
    const stored = save.getByRole('checkbox', { name: 'I have stored this key' });
    expect(stored).toHaveAccessibleDescription('Keyturn keeps its own copy sealed, to check the key later.');
  });
});
