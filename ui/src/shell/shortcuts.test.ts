// Shortcuts under other layouts: by the letter where it is Latin, by the key's place where it is not.
import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, expect, test } from 'vitest';
import App from '../App.svelte';
import { keys } from '../state/keys.svelte';
import { app } from '../state/app.svelte';
import { startAnew } from '../testing/window';
import { palette } from './shortcuts.svelte';

beforeEach(() => {
  startAnew();
  app.closing = palette.open = false;
});

async function open() {
  render(App);
  return screen.findByRole('row', { name: 'CRM integration' });
}

const press = (key: string, code: string, more: KeyboardEventInit = {}, at: Element = document.body) =>
  fireEvent.keyDown(at, { key, code, ...more });

test('F27 under a Russian layout every shortcut goes by the place of its key', async () => {
  await open();
  await press('л', 'KeyK', { ctrlKey: true });
  expect(await screen.findByRole('dialog', { name: 'Command palette' })).toBeInTheDocument();
  await press('Л', 'KeyK', { ctrlKey: true });
  expect(palette.open).toBe(false);
  await press('щ', 'KeyO');
  expect(app.route).toEqual({ screen: 'operations' });
  await press('ф', 'KeyA');
  expect(app.route).toEqual({ screen: 'audit' });
  app.go({ screen: 'keys' });
  await press('.', 'Slash');
  expect(await screen.findByRole('searchbox', { name: 'Search keys' })).toHaveFocus();
  await press('т', 'KeyN');
  expect(app.dialog).toEqual({ kind: 'create' });
});

test('F27 a row is chosen by the place of X', async () => {
  const row = await open();
  row.focus();
  await press('ч', 'KeyX', {}, row);
  await waitFor(() => expect(row).toHaveAttribute('aria-selected', 'true'));
});

test('F27 where the letter is Latin it counts, wherever it stands', async () => {
  await open();
  // Dvorak has "b" where "n" is printed, and "n" where "l" is.
  await press('b', 'KeyN');
  expect(app.dialog).toBeNull();
  await press('n', 'KeyL');
  expect(app.dialog).toEqual({ kind: 'create' });
});

test('F27 nothing happens while something is typed, with AltGr, or while a word is put together', async () => {
  await open();
  await press('т', 'KeyN', {}, screen.getByRole('searchbox'));
  await press('n', 'KeyN', { modifierAltGraph: true });
  await press('n', 'KeyN', { isComposing: true });
  await press('n', 'KeyN', { keyCode: 229 });
  await press('k', 'KeyK', { ctrlKey: true, isComposing: true });
  expect(app.dialog).toBeNull();
  expect(palette.open).toBe(false);
});

test('F27 Escape and arrows that belong to an input method leave the search as it is', async () => {
  await open();
  const search = screen.getByRole('searchbox', { name: 'Search keys' });
  search.focus();
  await fireEvent.input(search, { target: { value: 'crm' } });
  await press('Escape', 'Escape', { isComposing: true }, search);
  await press('ArrowDown', 'ArrowDown', { isComposing: true }, search);
  expect(keys.asked.search).toBe('crm');
  expect(search).toHaveFocus();
});

test('F27 Escape that belongs to an input method closes no dialog', async () => {
  await open();
  app.show({ kind: 'create' });
  const dialog = await screen.findByRole('dialog', { name: 'Create key' });
  await press('Escape', 'Escape', { isComposing: true, bubbles: true }, dialog);
  expect(app.dialog).toEqual({ kind: 'create' });
});
