// Choosing keys in the list: by box, by keyboard, by range, and everything that matches.
import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { keys } from '../state/keys.svelte';
import { selection } from '../state/selection.svelte';
import { app } from '../state/app.svelte';
import { openKeys, startAnew } from '../testing/window';

const user = userEvent.setup();

beforeEach(startAnew);

async function open() {
  await openKeys();
  return screen.getByRole('row', { name: 'CRM integration' });
}
const bar = () => within(screen.getByRole('toolbar', { name: 'Selection' }));
const box = (name: string) => screen.getByRole('checkbox', { name: `Select ${name}` });

test('a box chooses its row without opening it; the bar says how many and clears them', async () => {
  const row = await open();
  expect(screen.queryByRole('toolbar', { name: 'Selection' })).toBeNull();
  await user.click(box('CRM integration'));
  expect(row).toHaveAttribute('aria-selected', 'true');
  expect(app.route).toEqual({ screen: 'keys' });
  await user.click(box('Sandbox'));
  expect(bar().getByRole('status')).toHaveTextContent('2 selected');
  await user.click(bar().getByRole('button', { name: 'Clear selection' }));
  expect(screen.queryByRole('toolbar', { name: 'Selection' })).toBeNull();
  expect(box('Sandbox')).not.toBeChecked();
});

test('Space and X choose the row, Shift with the arrows a range that also shrinks, Escape nothing', async () => {
  const row = await open();
  row.focus();
  await user.keyboard(' ');
  expect(box('CRM integration')).toBeChecked();
  await user.keyboard('x');
  expect(box('CRM integration')).not.toBeChecked();
  await user.keyboard('{Shift>}{ArrowDown}{ArrowDown}{/Shift}');
  expect(bar().getByRole('status')).toHaveTextContent('3 selected');
  expect(row).toHaveAttribute('aria-selected', 'true');
  await user.keyboard('{Shift>}{ArrowUp}{/Shift}');
  await waitFor(() => expect(bar().getByRole('status')).toHaveTextContent('2 selected'));
  await user.keyboard('{Escape}');
  expect(selection.count).toBe(0);
});

test('Space on the focused box chooses once', async () => {
  const row = await open();
  row.focus();
  await user.keyboard('{ArrowRight}');
  expect(box('CRM integration')).toHaveFocus();
  await user.keyboard(' ');
  expect(box('CRM integration')).toBeChecked();
});

test('"Select all that match" is the question and not its rows; another filter ends it', async () => {
  await open();
  keys.ask({ search: 'sync' });
  await screen.findByText(/^\d+ of 24 keys$/);
  await user.click(screen.getByRole('checkbox', { name: 'Select all that match' }));
  expect(bar().getByRole('status')).toHaveTextContent(`All ${keys.total} that match are selected`);
  expect(selection.chosen).toMatchObject({ keys: [], query: { search: 'sync', offset: 0 } });
  keys.ask({ search: 'sy' });
  await waitFor(() => expect(selection.count).toBe(0));
});

test('one that is left out of everything leaves the others by their names', async () => {
  await open();
  await user.click(screen.getByRole('checkbox', { name: 'Select all that match' }));
  await user.click(box('CRM integration'));
  await waitFor(() => expect(selection.chosen.keys).toHaveLength(23));
  expect(box('CRM integration')).not.toBeChecked();
  expect(box('Sandbox')).toBeChecked();
});

test('a range with Shift and the pointer reaches rows that were never shown', async () => {
  await open();
  const ask = vi.spyOn(backend, 'listKeys');
  await selection.toggle(keys.row(0)!, 0);
  vi.spyOn(keys, 'row').mockReturnValue(undefined);
  await selection.extend(10, 10);
  expect(ask).toHaveBeenCalledWith(expect.objectContaining({ offset: 0, limit: 11 }));
  expect(selection.count).toBe(11);
});

test('a label is given to all that is chosen', async () => {
  const set = vi.spyOn(backend, 'setLabels');
  await open();
  await user.click(box('CRM integration'));
  await user.click(bar().getByRole('button', { name: 'Add label' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Add label' }));
  expect(dialog.getByText('To 1 key.')).toBeInTheDocument();
  expect(dialog.getByRole('button', { name: 'Add label' })).toHaveAccessibleDescription('Type a label first.');
  await user.type(dialog.getByRole('combobox', { name: 'Label' }), 'team-a{Enter}');
  expect(set).toHaveBeenCalledWith(['rehearsal-naturalead/key_1'], ['team-a'], []);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(within(await screen.findByRole('row', { name: 'CRM integration' })).getByText('team-a')).toBeInTheDocument();
});
