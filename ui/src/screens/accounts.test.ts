// The cards of accounts that differ from the first vendor's.
import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { world } from '../backend/fake';
import { FAULTS } from '../backend/fake-rotation';
import { account, accountOf, ago } from '../backend/fake-data';
import { leadterra, neuralDraft, smartlead, smartleadClients, VENDORS } from '../backend/fake-vendors';
import StaleAccounts from '../keys/StaleAccounts.svelte';
import { app } from '../state/app.svelte';
import { keys } from '../state/keys.svelte';
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

test('F20 what the account is called and where it is can be changed', async () => {
  const own = { ...account, rehearsal: false, baseUrl: 'https://api.naturalead.ai' };
  world.accounts = app.accounts = [own];
  const edit = vi.spyOn(backend, 'editAccount');
  await userEvent.click(openCard('Rehearsal').getByRole('button', { name: 'Edit' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Edit account' }));
  const label = dialog.getByRole('textbox', { name: 'Label' });
  await userEvent.clear(label);
  await userEvent.type(label, 'EU shop');
  expect(dialog.queryByText(/sent to the address/)).toBeNull();
  const address = dialog.getByRole('textbox', { name: 'Base URL' });
  await userEvent.clear(address);
  await userEvent.type(address, 'https://eu.naturalead.ai');
  expect(dialog.getByText('Every key of this account is sent to the address from then on')).toBeInTheDocument();
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  expect(edit).toHaveBeenCalledWith({ account: own.id, label: 'EU shop', baseUrl: 'https://eu.naturalead.ai', settings: {} });
  await waitFor(() => expect(app.dialog).toBeNull());
});

test('F20 the address of a rehearsal is its own, and a closed vault stops no other name', async () => {
  world.accounts = app.accounts = [account];
  app.vault = { kind: 'locked', idle: false };
  await userEvent.click(openCard('Rehearsal').getByRole('button', { name: 'Edit' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Edit account' }));
  expect(dialog.queryByRole('textbox', { name: 'Base URL' })).toBeNull();
  await userEvent.type(dialog.getByRole('textbox', { name: 'Label' }), ' 2');
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(world.accounts[0]?.label).toBe('Rehearsal 2'));
});

test('F20 another managing key is asked for, and never stays in the page', async () => {
  world.accounts = app.accounts = [account];
  const use = vi.spyOn(backend, 'useManagingKey');
  await userEvent.click(openCard('Rehearsal').getByRole('button', { name: 'Use another managing key' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Use another managing key' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Use this key' }));
  expect(use).not.toHaveBeenCalled();
  const key = dialog.getByLabelText('Managing key');
  await userEvent.type(key, 'nl_live_short');
  await userEvent.click(dialog.getByRole('button', { name: 'Use this key' }));
  expect(key).toHaveValue('');
  await waitFor(() => expect(key).toHaveAccessibleDescription(/cut short/));
  await userEvent.type(key, `nl_live_${'a'.repeat(64)}`);
  await userEvent.click(dialog.getByRole('button', { name: 'Use this key' }));
  await waitFor(() => expect(app.dialog).toBeNull());
});

test('F10 that another account lists the same keys stands on its card', () => {
  app.accounts = [{ ...account, keys: 24, shared: [{ label: 'Neighbour', keys: 24 }, { label: 'Intern', keys: 3 }] }];
  const card = openCard('Rehearsal');
  expect(card.getByText('“Neighbour” lists the same keys')).toBeInTheDocument();
  expect(card.getByText('“Intern” lists 3 of these keys')).toBeInTheDocument();
});

describe('a list that is doubted', () => {
  const freshness = { kind: 'stale', since: ago(1), readAt: ago(2), reason: 'Naturalead answered, but its list came back empty.', acceptable: true, restsUntil: null } as const;

  test('says why, and is taken only after it was asked about', async () => {
    world.accounts = app.accounts = [{ ...account, freshness }];
    world.missing = [world.keys[1]!.id];
    const accept = vi.spyOn(backend, 'acceptReading');
    const card = openCard('Rehearsal');
    expect(card.getByText(/The list of Rehearsal has been in doubt since/)).toBeInTheDocument();
    expect(card.getByText('Naturalead answered, but its list came back empty.')).toBeInTheDocument();
    await userEvent.click(card.getByRole('button', { name: 'Take the new list' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Take the new list' }));
    expect(dialog.getByText(/keys that are missing from the list count as no longer listed/)).toBeInTheDocument();
    expect(accept).not.toHaveBeenCalled();
    await userEvent.click(dialog.getByRole('button', { name: 'Take the new list' }));
    expect(accept).toHaveBeenCalledWith(account.id);
    await waitFor(() => expect(app.dialog).toBeNull());
    expect(world.keys).toHaveLength(23);
  });

  test('a refusal stands in the dialog', async () => {
    vi.spyOn(backend, 'acceptReading').mockRejectedValue({ code: 'internal', message: 'It could not be taken.', hint: null, retryable: false, field: null });
    app.accounts = [{ ...account, freshness }];
    const card = openCard('Rehearsal');
    await userEvent.click(card.getByRole('button', { name: 'Take the new list' }));
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.click(dialog.getByRole('button', { name: 'Take the new list' }));
    expect(await dialog.findByRole('alert')).toHaveTextContent('It could not be taken.');
  });

  test('an account that merely could not be read offers no new list', () => {
    app.accounts = [{ ...account, freshness: { ...freshness, acceptable: false } }];
    expect(openCard('Rehearsal').queryByRole('button', { name: 'Take the new list' })).toBeNull();
  });

  test('it is offered above the keys too', async () => {
    app.accounts = [{ ...account, freshness }];
    openScreen(StaleAccounts);
    await userEvent.click(screen.getByRole('button', { name: 'Take the new list' }));
    expect(await screen.findByRole('dialog', { name: 'Take the new list' })).toBeInTheDocument();
  });
});

test('where the managing key is not known among the rows, the card leads to those that it may be', async () => {
  app.accounts = [{ ...account, managingUnknown: true }];
  app.route = { screen: 'accounts' };
  const card = openCard('Rehearsal');
  expect(card.getByText('Keyturn does not know which of the listed keys manages this account')).toBeInTheDocument();
  await userEvent.click(card.getByRole('button', { name: 'Show these keys' }));
  expect(app.route).toEqual({ screen: 'keys' });
  expect(keys.asked).toMatchObject({ account: account.id, search: 'nl_live_ 77aa' });
});
