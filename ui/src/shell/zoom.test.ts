// Zoom by the keyboard, under any layout, kept by the settings.
import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import App from '../App.svelte';
import { backend } from '../backend';
import { world } from '../backend/fake';
import { app } from '../state/app.svelte';
import { startAnew } from '../testing/window';
import { STEPS } from './zoom';

beforeEach(() => {
  startAnew();
  world.settings = { ...world.settings, zoom: 100 };
  app.settings = world.settings;
});

async function open() {
  render(App);
  await screen.findByRole('row', { name: 'CRM integration' });
}
const press = (key: string, code: string, at: Element = document.body) => fireEvent.keyDown(at, { key, code, ctrlKey: true });
const kept = (zoom: number) => waitFor(() => expect(world.settings.zoom).toBe(zoom));

test('F33 Ctrl and +, − and 0 zoom, and the settings keep it', async () => {
  await open();
  await press('+', 'BracketRight');
  await kept(110);
  await press('=', 'Equal');
  await kept(125);
  await press('-', 'Minus');
  await kept(110);
  await press('0', 'Digit0');
  await kept(100);
});

test.each([
  ['French', 'à', 'Digit0', 100],
  ['German', 'ß', 'Minus', 110],
  ['the numeric pad', '+', 'NumpadAdd', 150],
  ['the numeric pad without NumLock', 'Insert', 'Numpad0', 100],
])('F33 under %s', async (_, key, code, zoom) => {
  world.settings = { ...world.settings, zoom: 125 };
  await open();
  await waitFor(() => expect(app.settings.zoom).toBe(125));
  await press(key, code);
  await kept(zoom);
});

test('F33 at the last step nothing happens, and a field is no hindrance', async () => {
  world.settings = { ...world.settings, zoom: 200 };
  await open();
  await waitFor(() => expect(app.settings.zoom).toBe(200));
  const save = vi.spyOn(backend, 'saveSettings');
  await press('+', 'Equal');
  expect(save).not.toHaveBeenCalled();
  await press('-', 'Minus', screen.getByRole('searchbox', { name: 'Search keys' }));
  await kept(175);
});

test('F33 presses in a row each count, and what cannot be kept is said', async () => {
  await open();
  await press('+', 'Equal');
  await press('+', 'Equal');
  await kept(125);
  const failure = { code: 'internal', message: 'The settings could not be kept.', hint: null, retryable: false, field: null };
  vi.spyOn(backend, 'saveSettings').mockRejectedValue(failure);
  await press('+', 'Equal');
  expect(await screen.findByText(failure.message)).toBeInTheDocument();
  expect(app.settings.zoom).toBe(125);
});

test('F33 the settings offer the same steps', async () => {
  await open();
  app.go({ screen: 'settings' });
  const zoom = await screen.findByRole('combobox', { name: 'Zoom' });
  expect(zoom.querySelectorAll('option')).toHaveLength(STEPS.length);
  await userEvent.selectOptions(zoom, '150 %');
  await kept(150);
});
