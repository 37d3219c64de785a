// Opens a dialog or a screen over the fake backend, as the window does.
import { render, screen } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { world } from '../backend/fake';
import { account, manyKeys, vendor } from '../backend/fake-data';
import type { KeyView } from '../backend/wire/KeyView';
import { app, type OpenDialog } from '../state/app.svelte';
import Keys from '../screens/Keys.svelte';
import { batches } from '../state/batches.svelte';
import { keys } from '../state/keys.svelte';
import { selection } from '../state/selection.svelte';
import Window from './Window.svelte';

/** The fake and the window as at the start, with 24 keys of one account. */
export function startAnew() {
  world.keys = manyKeys(24);
  world.accounts = [account];
  world.operations = [];
  world.batches = [];
  world.policies = [];
  world.reminders = [];
  world.views = [];
  world.unsaved = [];
  world.missing = [];
  app.vault = { kind: 'open' };
  app.vendors = [vendor];
  app.accounts = world.accounts;
  app.unsaved = [];
  app.dialog = null;
  app.route = { screen: 'keys' };
  batches.all = [];
  selection.clear();
  keys.clearFilters();
}

export function openDialog(dialog: OpenDialog) {
  app.show(dialog);
  return render(Window);
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any screen, with its own properties
export function openScreen(screen: Component<any>, properties?: Record<string, unknown>) {
  return render(Window, { screen, properties });
}

/** The list of keys, once its rows are there. Answers with what ends the listening. */
export async function openKeys(): Promise<() => void> {
  app.started = true;
  const end = keys.begin();
  render(Window, { screen: Keys });
  await screen.findByRole('row', { name: 'CRM integration' });
  return end;
}

/** The first key of the fake that fits. */
export function keyWhere(fits: (key: KeyView) => boolean): KeyView {
  const found = world.keys.find(fits);
  if (!found) throw new Error('the fake has no such key');
  return found;
}
