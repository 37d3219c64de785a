// The cards of accounts that differ from the first vendor's.
import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { world } from '../backend/fake';
import { FAULTS } from '../backend/fake-rotation';
import { account, accountOf } from '../backend/fake-data';
import { leadterra, neuralDraft, smartlead, smartleadClients, VENDORS } from '../backend/fake-vendors';
import { app } from '../state/app.svelte';
import { openScreen, startAnew } from '../testing/window';
import Accounts from './Accounts.svelte';

beforeEach(() => {
  startAnew();
  app.vendors = VENDORS;
});

function openCard(name: string) {
  openScreen(Accounts);
  return within(screen.getByRole('article', { name }));
}

test('an account that is kept by hand claims no reading, and leads to its dashboard and to "Add key"', async () => {
  const dashboard = vi.spyOn(backend, 'openDashboard').mockResolvedValue();
  app.accounts = [accountOf(leadterra)];
  const card = openCard('Leadterra');
  expect(card.getByText('Keys are kept by hand')).toBeInTheDocument();
  expect(card.queryByRole('button', { name: 'Refresh' })).toBeNull();
  expect(card.queryByText('Managing key')).toBeNull();
  await userEvent.click(card.getByRole('button', { name: 'Open dashboard' }));
  expect(dashboard).toHaveBeenCalledWith('leadterra');
  await userEvent.click(card.getByRole('button', { name: 'Add key' }));
  expect(await screen.findByRole('dialog', { name: 'Add key' })).toBeInTheDocument();
});

test('a dashboard that does not open is said so on the card', async () => {
  vi.spyOn(backend, 'openDashboard').mockRejectedValue({ code: 'internal', message: 'No browser could be started.', hint: null, retryable: true, field: null });
  app.accounts = [accountOf(leadterra)];
  const card = openCard('Leadterra');
  await userEvent.click(card.getByRole('button', { name: 'Open dashboard' }));
  expect(await card.findByRole('alert')).toHaveTextContent('No browser could be started.');
});

test('ND25 slots and SmartLead’s client are facts of the account', () => {
  app.accounts = [
    accountOf(neuralDraft, { slots: { used: 17, limit: 20 } }),
    accountOf(smartleadClients, { settings: [{ name: 'client', label: 'Client id', value: '4711' }] }),
  ];
  expect(within(openCard('Neural Draft').getByText('Slots').parentElement!).getByText('17 of 20 slots used')).toBeInTheDocument();
  const client = within(screen.getByRole('article', { name: 'SmartLead client keys' })).getByText('Client id');
  expect(client.parentElement).toHaveTextContent('4711');
});

test('"Add rehearsal account" offers each vendor that can be rehearsed and is not yet', async () => {
  const add = vi.spyOn(backend, 'addRehearsal').mockResolvedValue(account);
  app.vendors = [...VENDORS.filter(({ id }) => id !== 'smartlead'), { ...smartlead, rehearsal: false }];
  openScreen(Accounts);
  await userEvent.click(screen.getByRole('button', { name: 'Add rehearsal account' }));
  const items = await screen.findAllByRole('menuitem');
  expect(items.map(({ textContent }) => textContent?.trim())).toEqual(['Natural', 'Neural Draft', 'Leadterra', 'SmartLead client keys']);
  await userEvent.click(items[1]!);
  await waitFor(() => expect(add).toHaveBeenCalledWith('neural-draft'));
});

test('a rehearsal account can be told to misbehave; a real one cannot', async () => {
  world.faults = FAULTS;
  app.accounts = [account, accountOf(neuralDraft)];
  const card = openCard('Rehearsal');
  expect(screen.getAllByText('Rehearse a bad day')).toHaveLength(1);
  await userEvent.click(card.getByText('Rehearse a bad day'));
  const slow = await card.findByRole('switch', { name: 'Slow' });
  expect(slow).toHaveAccessibleDescription('Every answer takes three seconds.');
  await userEvent.click(slow);
  await waitFor(() => expect(card.getByText('1 on')).toBeInTheDocument());
  expect(world.faults.find(({ id }) => id === 'slow')?.on).toBe(true);
});

test('a switch that was refused goes back, with words', async () => {
  vi.spyOn(backend, 'setFault').mockRejectedValue({ code: 'internal', message: 'The rehearsal does not run.', hint: null, retryable: false, field: null });
  app.accounts = [account];
  const card = openCard('Rehearsal');
  await userEvent.click(card.getByText('Rehearse a bad day'));
  await userEvent.click(await card.findByRole('switch', { name: 'Lost reply' }));
  expect(await card.findByRole('alert')).toHaveTextContent('The rehearsal does not run.');
  expect(card.getByRole('switch', { name: 'Lost reply' })).not.toBeChecked();
});
