// What the command palette can do, apart from opening keys.

import { backend } from '../backend';
import type { SortByView } from '../backend/wire/SortByView';
import { focusSearch } from '../shell/shortcuts.svelte';
import { zoomBy, zoomTo } from '../shell/zoom';
import { locking, unlock } from '../shell/vault.svelte';
import { app } from '../state/app.svelte';
import { keys } from '../state/keys.svelte';
import { selection } from '../state/selection.svelte';
import { COLUMNS } from '../keys/columns';
import { refreshing } from '../keys/refreshing.svelte';
import { cannotCreateAny } from '../words-dialogs';
import { isReading } from '../words-keys';
import { finding } from '../words-names';

export interface Command {
  name: string;
  /** Other words under which somebody may look for it. */
  also?: string;
  shortcut?: string;
  run: () => unknown;
}

/** What can be done now, most wanted first. */
export function commands(): Command[] {
  const connected = app.accounts.length > 0;
  const list: (Command | false)[] = [
    cannotCreateAny(app.accounts, (id) => app.vendor(id)) === undefined && { name: 'Create key', also: 'new add', shortcut: 'N', run: () => app.show({ kind: 'create' }) },
    { name: 'Search keys', also: 'find filter', shortcut: '/', run: focusSearch },
    ...app.unsaved.map((escrow) => ({
      name: `Save the key “${escrow.key.name}”`,
      also: 'unsaved not yet saved',
      run: () => app.show({ kind: 'save', escrow }),
    })),
    connected && { name: 'Refresh all accounts', also: 'reload read', run: () => refreshing.run(null) },
    app.accounts.some(isReading) && {
      name: 'Stop reading',
      also: 'cancel refresh',
      run: () => app.accounts.filter(isReading).forEach(({ id }) => void backend.cancelRefresh(id)),
    },
    keys.total > 0 && { name: 'Select all keys that match', also: 'many bulk batch', run: () => (app.go({ screen: 'keys' }), selection.chooseAll(true)) },
    { name: 'Go to Keys', also: 'list', run: () => app.go({ screen: 'keys' }) },
    { name: 'Go to Operations', also: 'rotation under way overlap', shortcut: 'O', run: () => app.go({ screen: 'operations' }) },
    { name: 'Go to Audit', also: 'findings journal changes hygiene', shortcut: 'A', run: () => app.go({ screen: 'audit' }) },
    { name: 'Is this key ours?', also: 'leak found search secret', run: () => app.show({ kind: 'leak' }) },
    { name: 'Go to Accounts', also: 'vendors', run: () => app.go({ screen: 'accounts' }) },
    { name: 'Go to Settings', also: 'preferences theme dark light policies', run: () => app.go({ screen: 'settings' }) },
    ...app.accounts.flatMap((account) =>
      account.assisted ? [{ name: `Add key to ${account.label}`, also: 'adopt by hand new', run: () => app.show({ kind: 'adopt', account }) }] : [],
    ),
    { name: 'Connect account', also: 'vendor add', run: () => app.show({ kind: 'connect' }) },
    app.vault.kind === 'open' && { name: 'Lock now', also: 'vault', run: () => locking.run() },
    (app.vault.kind === 'locked' || app.vault.kind === 'unavailable') && { name: 'Unlock', also: 'vault open', run: unlock },
    { name: 'Zoom in', also: 'larger bigger text', shortcut: 'Ctrl +', run: () => zoomBy(1) },
    { name: 'Zoom out', also: 'smaller text', shortcut: 'Ctrl −', run: () => zoomBy(-1) },
    { name: 'Reset zoom', also: 'normal size text', shortcut: 'Ctrl 0', run: () => zoomTo(100) },
    keys.filtered && { name: 'Clear filters', also: 'reset show all', run: () => keys.clearFilters() },
    ...COLUMNS.flatMap(({ title, sort }) => (sort ? [{ name: `Sort by ${title.toLowerCase()}`, also: 'order', run: () => order(sort) }] : [])),
  ];
  return list.filter((entry) => entry !== false);
}

function order(sort: SortByView) {
  app.go({ screen: 'keys' });
  keys.sortBy(sort);
}

/** The commands that have every word of `text`. */
export function matching(list: readonly Command[], text: string): Command[] {
  const finds = finding(text);
  return list.filter(({ name, also = '' }) => finds(`${name} ${also}`));
}
