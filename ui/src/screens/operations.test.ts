import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { world } from '../backend/fake';
import { accountOf, keyOf } from '../backend/fake-data';
import { operationIn } from '../backend/fake-rotation';
import { leadterra, natural, VENDORS } from '../backend/fake-vendors';
import type { OperationStateView } from '../backend/wire/OperationStateView';
import type { OperationView } from '../backend/wire/OperationView';
import { app } from '../state/app.svelte';
import { operations } from '../state/operations.svelte';
import { openScreen, startAnew } from '../testing/window';
import Operations from './Operations.svelte';

beforeEach(() => {
  startAnew();
  app.vendors = VENDORS;
  operations.all = [];
  operations.loaded = false;
  operations.failure = null;
});

async function open(state: OperationStateView, more: Partial<OperationView> = {}, vendor = natural) {
  const account = accountOf(vendor);
  const key = keyOf(account, 'Checkout', { operation: 'op' });
  world.accounts = app.accounts = [account];
  world.keys = [key];
  world.operations = [operationIn(state, 'op', key, account, more)];
  operations.begin();
  openScreen(Operations);
  return within(await screen.findByRole('article', { name: 'Checkout' }));
}

test('an overlap says what comes next and when, and what was seen', async () => {
  const nextAt = new Date(Date.now() + 5 * 3_600_000 + 30_500).toISOString();
  const evidence = [{ at: new Date().toISOString(), what: 'The new key was accepted', failed: false }];
  const card = await open('overlap', { nextAt, evidence, stuck: 'Natural could not be reached.' });
  expect(card.getByText('Both keys work')).toBeInTheDocument();
  const when = card.getByText('in 5 hours');
  expect(when).toHaveAttribute('title', expect.stringContaining('UTC'));
  expect(card.getByText('The new key was accepted')).toBeInTheDocument();
  expect(card.getByText('Natural could not be reached.')).toBeInTheDocument();
  expect(card.getByText('The last try failed'), 'what has a next time goes on').toBeInTheDocument();
  expect(card.queryByText('It does not go on')).not.toBeInTheDocument();
});

test('"Finish now" asks first and says which key is refused from then on', async () => {
  const finish = vi.spyOn(backend, 'finishRotation');
  const card = await open('overlap');
  await userEvent.click(card.getByRole('button', { name: 'Finish now' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Finish rotation' }));
  expect(dialog.getByText(/The old key “Checkout” is revoked at Natural now/)).toBeInTheDocument();
  expect(finish).not.toHaveBeenCalled();
  await userEvent.click(dialog.getByRole('button', { name: 'Finish now' }));
  expect(finish).toHaveBeenCalledWith('op');
  await waitFor(() => expect(card.getByText('Waits for the refusal')).toBeInTheDocument());
});

test('"Undo" asks first, and an operation that ended moves below', async () => {
  const card = await open('overlap');
  await userEvent.click(card.getByRole('button', { name: 'Undo' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Undo rotation' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Undo' }));
  expect(await screen.findByRole('heading', { name: 'Ended in the last seven days' })).toBeInTheDocument();
  expect(screen.getByText('Nothing is under way')).toBeInTheDocument();
});

test('"Ask again" has the vendor told once more to revoke, and a refusal stands on the card', async () => {
  const ask = vi.spyOn(backend, 'askAgain').mockRejectedValueOnce({ code: 'unreachable', message: 'Natural could not be reached.', hint: null, retryable: true, field: null });
  const card = await open('proving');
  const button = card.getByRole('button', { name: 'Ask again' });
  await userEvent.click(button);
  expect(ask).toHaveBeenCalledWith('op');
  expect(await card.findByRole('alert')).toHaveTextContent('Natural could not be reached.');
  await userEvent.click(button);
  expect(await card.findByText('Revoking')).toBeInTheDocument();
});

test('"Ask again" needs the vault, and says so', async () => {
  app.vault = { kind: 'locked', idle: false };
  const card = await open('undoing');
  expect(card.getByRole('button', { name: 'Ask again' })).toHaveAccessibleDescription('The vault is locked. Unlock it first.');
});

test('"Leave as it is" asks first and says that nothing more is done to either key', async () => {
  const leave = vi.spyOn(backend, 'leaveRotation');
  const card = await open('proving', { successor: keyOf(accountOf(natural), 'next', { masked: 'nt_…next' }) });
  await userEvent.click(card.getByRole('button', { name: 'Leave as it is' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Leave as it is' }));
  expect(dialog.getByText(/nothing more is done to either key: not to the old key “Checkout”, not to the new key nt_…next/)).toBeInTheDocument();
  expect(leave).not.toHaveBeenCalled();
  await userEvent.click(dialog.getByRole('button', { name: 'Leave as it is' }));
  expect(leave).toHaveBeenCalledWith('op');
  expect(await screen.findByText('Left as it was')).toBeInTheDocument();
  expect(screen.getByText('Nothing is under way')).toBeInTheDocument();
});

test('what is not offered is not there', async () => {
  const card = await open('bringNewKey', {}, leadterra);
  expect(card.queryByRole('button', { name: 'Ask again' })).toBeNull();
  expect(card.queryByRole('button', { name: 'Leave as it is' })).toBeNull();
});

test('what cannot be done says why', async () => {
  const card = await open('proving');
  expect(card.getByRole('button', { name: 'Finish now' })).toHaveAccessibleDescription('The new key is not yet in use.');
  expect(card.getByRole('button', { name: 'Undo' })).toHaveAccessibleDescription('The old key cannot be kept any more.');
});

test('by hand it waits for the new key', async () => {
  const card = await open('bringNewKey', {}, leadterra);
  expect(card.getByRole('button', { name: 'Open dashboard' })).toBeInTheDocument();
  await userEvent.click(card.getByRole('button', { name: 'Bring the new key' }));
  expect(await screen.findByRole('dialog', { name: 'Bring the new key' })).toBeInTheDocument();
});

test('by hand it waits for "I have revoked it"; a refusal stands on the card', async () => {
  const finish = vi.spyOn(backend, 'finishRotation').mockRejectedValueOnce({
    code: 'refused',
    message: 'Leadterra still accepts the old key.',
    hint: null,
    retryable: true,
    field: null,
  });
  const card = await open('revokeByHand', {}, leadterra);
  await userEvent.click(card.getByRole('button', { name: 'I have revoked it' }));
  expect(finish).toHaveBeenCalledWith('op');
  expect(await card.findByRole('alert')).toHaveTextContent('Leadterra still accepts the old key.');
});

test('a new key that is not saved leads to its dialog', async () => {
  const card = await open('unsaved', { escrow: 'escrow-1' });
  const key = world.keys[0]!;
  world.unsaved = [{ id: 'escrow-1', key, rotatedFrom: 'Checkout', createdAt: new Date().toISOString(), differences: [] }];
  await userEvent.click(card.getByRole('button', { name: 'Save the new key' }));
  expect(await screen.findByRole('dialog', { name: 'Save your new key' })).toBeInTheDocument();
});

test('what cannot be read says so, and is tried again', async () => {
  vi.spyOn(backend, 'operations').mockRejectedValueOnce({ code: 'ledger', message: 'The ledger could not be read.', hint: null, retryable: true, field: null });
  operations.begin();
  openScreen(Operations);
  expect(await screen.findByText('The ledger could not be read.')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Nothing is under way')).toBeInTheDocument();
  expect(screen.queryByRole('alert')).toBeNull();
});
