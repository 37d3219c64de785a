// How the list is shown and kept: columns, views, exports.
import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { world } from '../backend/fake';
import { app } from '../state/app.svelte';
import { columns } from '../state/columns.svelte';
import { keys } from '../state/keys.svelte';
import { EVERY_KEY } from '../state/query';
import { views } from '../state/views.svelte';
import { openKeys, startAnew } from '../testing/window';
import { EVERY_COLUMN } from './columns';

const user = userEvent.setup();

beforeEach(() => {
  startAnew();
  views.all = [];
  columns.take(EVERY_COLUMN);
});

async function open(menu: string) {
  await openKeys();
  await user.click(screen.getByRole('button', { name: menu }));
  return within(await screen.findByRole('dialog', { name: menu }));
}
const heads = () => screen.getAllByRole('columnheader').map((head) => head.textContent.trim());

test('a column goes and comes back, and the choice is kept', async () => {
  const menu = await open('Columns');
  await user.click(menu.getByRole('checkbox', { name: 'Created' }));
  await waitFor(() => expect(heads()).not.toContain('Created'));
  expect(world.views).toMatchObject([{ id: 'default', columns: EVERY_COLUMN.filter((id) => id !== 'created') }]);
  await user.click(menu.getByRole('button', { name: 'Show as at first' }));
  await waitFor(() => expect(heads()).toContain('Created'));
});

test('the name stays and says why', async () => {
  const menu = await open('Columns');
  const name = menu.getByRole('checkbox', { name: 'Name' });
  expect(name).toBeChecked();
  expect(name).toHaveAccessibleDescription('The name is always shown, and first.');
  await user.click(name);
  expect(name).toBeChecked();
});

test('a column is moved by keyboard, keeps the focus, and is told where it stands', async () => {
  const menu = await open('Columns');
  const up = () => menu.getByRole('button', { name: 'Move Account up' });
  up().focus();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(columns.chosen.slice(0, 3)).toEqual(['name', 'account', 'masked']));
  expect(menu.getByRole('status')).toHaveTextContent('Account is now column 2 of 9.');
  expect(menu.queryByRole('button', { name: 'Move Account up' })).toBeNull();
  await waitFor(() => expect(menu.getByRole('button', { name: 'Move Account down' })).toHaveFocus());
});

test('a view keeps filter and columns; it is opened, renamed, and removed with a way back', async () => {
  await openKeys();
  keys.ask({ search: 'crm' });
  await screen.findByText('1 of 24 keys');
  await user.click(screen.getByRole('button', { name: 'Views' }));
  const menu = within(await screen.findByRole('dialog', { name: 'Views' }));
  expect(menu.getByRole('button', { name: 'Save' })).toHaveAccessibleDescription('Type a name first.');
  await user.type(menu.getByRole('textbox', { name: 'Save this view as' }), 'Mine{Enter}');
  await menu.findByRole('button', { name: 'Open view Mine' });
  expect(world.views).toMatchObject([{ name: 'Mine', query: { ...EVERY_KEY, search: 'crm' } }]);

  await user.click(menu.getByRole('button', { name: 'Rename view Mine' }));
  const field = menu.getByRole('textbox', { name: 'New name of “Mine”' });
  expect(field).toHaveFocus();
  await user.clear(field);
  await user.type(field, 'CRM{Enter}');
  await menu.findByRole('button', { name: 'Open view CRM' });

  await user.click(menu.getByRole('button', { name: 'Remove view CRM' }));
  await waitFor(() => expect(menu.queryByRole('button', { name: 'Open view CRM' })).toBeNull());
  await user.click(menu.getByRole('button', { name: 'Undo' }));
  keys.clearFilters();
  await screen.findByText('24 keys');
  await user.click(await menu.findByRole('button', { name: 'Open view CRM' }));
  expect(await screen.findByText('1 of 24 keys')).toBeInTheDocument();
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('the columns of the last time are there from the start', async () => {
  world.views = [{ id: 'default', name: 'Default', query: EVERY_KEY, columns: ['name', 'status', 'unknown'] }];
  await views.begin();
  await openKeys();
  await waitFor(() => expect(heads()).toEqual(['', 'Name', 'Status']));
});

test('F35 an export claims no folder before the file is written, and then names the very file', async () => {
  const menu = await open('Export');
  expect(menu.queryByText(/Downloads/)).toBeNull();
  await user.click(menu.getByRole('button', { name: 'JSON' }));
  expect(await menu.findByText(/\/Downloads\/keyturn-keys.*\.json$/)).toBeInTheDocument();
});

test('an export says what was written and where, and shows the folder', async () => {
  const write = vi.spyOn(backend, 'exportKeys');
  const show = vi.spyOn(backend, 'showExport');
  const menu = await open('Export');
  await user.click(menu.getByRole('button', { name: 'CSV' }));
  expect(write).toHaveBeenCalledWith(expect.objectContaining({ search: '', offset: 0 }), 'csv', EVERY_COLUMN);
  expect(await menu.findByText(/Downloads\/keyturn-keys.*\.csv$/)).toBeInTheDocument();
  await user.click(menu.getByRole('button', { name: 'Show in folder' }));
  expect(show).toHaveBeenCalledWith(expect.stringContaining('.csv'));
});

test('F32 the accounts of the filter and the saved views stand as people put them', async () => {
  world.accounts = ['Team 10', 'zone', 'team 9', '\u{c9}cole'].map((label) => ({ ...world.accounts[0]!, id: label, label }));
  app.accounts = world.accounts;
  views.all = ['View 10', 'view 9', '\u{c4}rger', 'zuletzt'].map((name) => ({ id: name, name, query: EVERY_KEY, columns: [] }));
  await openKeys();
  const options = within(screen.getByRole('combobox', { name: 'Account' })).getAllByRole('option');
  expect(options.map(({ textContent }) => textContent)).toEqual(['All accounts', '\u{c9}cole', 'team 9', 'Team 10', 'zone']);
  expect(views.named.map(({ name }) => name)).toEqual(['\u{c4}rger', 'view 9', 'View 10', 'zuletzt']);
});

test('F22 a view is saved over the one whose name looks the same', async () => {
  await views.save('Caf\u{e9}');
  await views.save('Cafe\u{301} ');
  expect(world.views).toHaveLength(1);
});
