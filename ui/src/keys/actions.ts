// What a row leads to.

import { backend } from '../backend';
import { asFailure } from '../backend/backend';
import type { AccountView } from '../backend/wire/AccountView';
import type { KeyView } from '../backend/wire/KeyView';
import { app } from '../state/app.svelte';
import { keys } from '../state/keys.svelte';

export function openKey(key: KeyView) {
  keys.returning = true;
  app.go({ screen: 'key', id: key.id });
}

/** The list of the account's keys that were never used. */
export function showUnused(account: string) {
  app.close();
  app.go({ screen: 'keys' });
  keys.clearFilters();
  keys.ask({ account, lastUse: 'never' });
}

/** The list of the account's keys that may be its managing key: they bear the same characters. */
export function showManaging({ id, managingMasked }: AccountView) {
  app.go({ screen: 'keys' });
  keys.clearFilters();
  keys.ask({ account: id, search: managingMasked?.replace('…', ' ') ?? '' });
}

/** Opens the dialog that a crash or "Close anyway" left unanswered. */
export function openSave(key: KeyView): Promise<void> {
  return openEscrow(key.unsaved);
}

/** The same, by what waits to be saved. */
export async function openEscrow(wanted: string | null) {
  try {
    let escrow = app.unsaved.find(({ id }) => id === wanted);
    if (!escrow) {
      app.unsaved = await backend.unsaved();
      escrow = app.unsaved.find(({ id }) => id === wanted);
    }
    if (escrow) app.show({ kind: 'save', escrow });
    else keys.reload();
  } catch (thrown) {
    app.failure = asFailure(thrown);
  }
}
