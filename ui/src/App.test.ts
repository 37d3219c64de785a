import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import App from './App.svelte';
import { backend } from './backend';
import { world } from './backend/fake';
import { account, accountOf, keyOf, manyKeys } from './backend/fake-data';
import { operationIn } from './backend/fake-rotation';
import { leadterra } from './backend/fake-vendors';
import { palette } from './shell/shortcuts.svelte';
import { app } from './state/app.svelte';
import { keys } from './state/keys.svelte';
import { selection } from './state/selection.svelte';

const user = userEvent.setup();

beforeEach(() => {
  world.keys = manyKeys(24);
  world.accounts = [account];
  world.unsaved = [];
  world.operations = [];
  world.batches = [];
  world.reminders = [];
  world.views = [];
  world.vault = { kind: 'open' };
  app.go({ screen: 'keys' });
  app.close();
  app.closing = palette.open = false;
  keys.clearFilters();
  selection.clear();
});

async function open() {
  render(App);
  return screen.findByRole('row', { name: 'CRM integration' });
}
const grid = () => screen.getByRole('grid', { name: 'API keys' });

test('the list shows each key with what its vendor shows of it, and nothing has the focus', async () => {
  const row = await open();
  expect(within(row).getByText((_, cell) => cell?.localName === 'code' && /^nl_live_….{4}$/.test(cell.textContent))).toBeInTheDocument();
  expect(grid()).toHaveAttribute('aria-rowcount', '25');
  expect(screen.getByText('24 keys')).toBeInTheDocument();
  expect(within(screen.getByRole('row', { name: 'Keyturn managing key' })).getByText('Managing key')).toBeInTheDocument();
  expect(document.body).toHaveFocus();
  await waitFor(() => expect(document.documentElement.dataset.ready).toBe('true'));
});

test('searching and filtering narrow the list; "Clear filters" undoes both', async () => {
  await open();
  await user.keyboard('/');
  expect(screen.getByRole('searchbox', { name: 'Search keys' })).toHaveFocus();
  await user.keyboard('crm');
  expect(await screen.findByText('1 of 24 keys')).toBeInTheDocument();
  await user.clear(screen.getByRole('searchbox'));
  await user.selectOptions(screen.getByRole('combobox', { name: 'Status' }), 'Revoked');
  expect(await screen.findByText('3 of 24 keys')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Clear filters' }));
  expect(await screen.findByText('24 keys')).toBeInTheDocument();
});

test('words stand where nothing matches', async () => {
  await open();
  keys.ask({ search: 'no such key' });
  expect(await screen.findByText('No key matches')).toBeInTheDocument();
  expect(grid()).toBeInTheDocument();
});

test('a column sorts, and the other way round', async () => {
  await open();
  const name = screen.getByRole('columnheader', { name: 'Name' });
  expect(name).toHaveAttribute('aria-sort', 'ascending');
  await user.click(within(name).getByRole('button'));
  expect(name).toHaveAttribute('aria-sort', 'descending');
  await user.click(screen.getByRole('button', { name: 'Expires' }));
  expect(name).toHaveAttribute('aria-sort', 'none');
});

test('arrows walk the rows, a cell tells its details, Enter opens the key', async () => {
  const row = await open();
  row.focus();
  await user.keyboard('{ArrowRight>6/}');
  expect(await screen.findByRole('tooltip')).toHaveTextContent('leads:import');
  await user.keyboard('{ArrowLeft>7/}{ArrowDown}');
  expect(screen.getByRole('row', { name: 'Data warehouse export' })).toHaveFocus();
  await user.keyboard('{Enter}');
  expect(await screen.findByRole('heading', { name: 'Data warehouse export' })).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Keys' })).toHaveAttribute('aria-current', 'page');
});

test('a key that is not yet saved says so and opens its dialog', async () => {
  const key = world.keys[1]!;
  key.unsaved = 'escrow-1';
  world.unsaved = [{ id: 'escrow-1', key, rotatedFrom: null, createdAt: new Date().toISOString(), differences: [] }];
  const row = await open();
  await user.click(within(row).getByRole('button', { name: /^Not yet saved/ }));
  expect(await screen.findByRole('dialog', { name: 'Save your new key' })).toBeInTheDocument();
});

test('a vault that is not available says what to do, and is tried again', async () => {
  world.vault = { kind: 'unavailable', message: 'No keyring answered.', hint: 'Start your keyring.' };
  await open();
  expect(screen.getByRole('alert')).toHaveTextContent('Start your keyring.');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
});

test('"Lock now" locks, and "Unlock" opens again', async () => {
  await open();
  await user.click(screen.getByRole('button', { name: 'Lock now' }));
  expect(await screen.findByText('Locked')).toBeInTheDocument();
  await user.click(screen.getAllByRole('button', { name: 'Unlock' })[0]!);
  expect(await screen.findByRole('button', { name: 'Lock now' })).toBeInTheDocument();
});

test('while everything is being read there is "Stop" in place of "Refresh"', async () => {
  world.accounts = [{ ...account, freshness: { kind: 'refreshing', readSoFar: 2400, readAt: null } }];
  const cancel = vi.spyOn(backend, 'cancelRefresh');
  await open();
  expect(screen.getByText('Reading… 2,400 keys')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Refresh' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Stop' }));
  expect(cancel).toHaveBeenCalledWith(account.id);
});

test('without an account the list offers the two ways to one', async () => {
  world.keys = [];
  world.accounts = [];
  render(App);
  expect(await screen.findByText('No account is connected yet')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Add rehearsal account' })).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Connect account' }));
  expect(await screen.findByRole('dialog', { name: 'Connect account' })).toBeInTheDocument();
});

test('the palette finds commands and keys', async () => {
  await open();
  await user.keyboard('{Control>}k{/Control}');
  expect(await screen.findByRole('dialog', { name: 'Command palette' })).toBeInTheDocument();
  await user.keyboard('crm');
  expect(await screen.findByRole('option', { name: /CRM integration/ })).toBeInTheDocument();
  await user.clear(screen.getByRole('combobox', { name: 'Command or key' }));
  await user.keyboard('go to acc{Enter}');
  expect(await screen.findByRole('heading', { name: 'Accounts' })).toBeInTheDocument();
});

test('leaving with an unsaved key asks first', async () => {
  await open();
  const quit = vi.spyOn(backend, 'quit');
  app.closing = true;
  const dialog = await screen.findByRole('dialog', { name: 'Close without saving your key?' });
  await user.click(within(dialog).getByRole('button', { name: 'Keep open' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(quit).not.toHaveBeenCalled();
  app.closing = true;
  await user.click(await screen.findByRole('button', { name: 'Close anyway' }));
  expect(quit).toHaveBeenCalledOnce();
});

test('Operations stands in the navigation with what is under way, and by a key', async () => {
  const key = world.keys[1]!;
  world.operations = [operationIn('overlap', 'op-1', key, account), operationIn('done', 'op-2', key, account)];
  await open();
  const link = screen.getByRole('link', { name: 'Operations' });
  expect(link).toHaveAccessibleDescription('1 under way');
  await user.keyboard('o');
  expect(await screen.findByRole('heading', { name: 'Operations' })).toBeInTheDocument();
  expect(link).toHaveAttribute('aria-current', 'page');
});

test('Audit stands in the navigation, by a key and in the palette, with the question whose key it is', async () => {
  await open();
  await user.keyboard('a');
  expect(await screen.findByRole('heading', { name: 'Audit' })).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Audit' })).toHaveAttribute('aria-current', 'page');
  await user.keyboard('{Control>}k{/Control}');
  await screen.findByRole('dialog', { name: 'Command palette' });
  await user.keyboard('key ours{Enter}');
  expect(await screen.findByRole('dialog', { name: 'Is this key ours?' })).toBeInTheDocument();
});

test('where every account is kept by hand, keys are added, and what cannot be done says why', async () => {
  world.keys = [];
  world.accounts = [accountOf(leadterra)];
  render(App);
  expect(await screen.findByText('No keys yet')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Create key' })).toHaveAccessibleDescription(/made in the vendors’ dashboards/);
  expect(screen.getByRole('button', { name: 'Refresh' })).toHaveAccessibleDescription('The keys of your accounts are kept by hand.');
  await user.keyboard('n');
  expect(screen.queryByRole('dialog')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Add key' }));
  expect(await screen.findByRole('dialog', { name: 'Add key' })).toBeInTheDocument();
});

test('a key that rotates and a key that was added by hand are marked in the list', async () => {
  world.keys = [{ ...world.keys[1]!, operation: 'op-1' }, keyOf(accountOf(leadterra), 'CRM bridge')];
  const rotating = within(await open());
  expect(rotating.getByText('Rotating')).toBeInTheDocument();
  expect(rotating.queryByRole('img', { name: 'Added by hand' })).toBeNull();
  const bridge = within(screen.getByRole('row', { name: 'CRM bridge' }));
  expect(bridge.getByRole('img', { name: 'Added by hand' })).toBeInTheDocument();
  expect(bridge.getByText('Active')).toBeInTheDocument();
});
