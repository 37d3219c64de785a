// Locking and unlocking from anywhere in the window.

import { backend } from '../backend';
import type { VaultView } from '../backend/wire/VaultView';
import { app, attempt } from '../state/app.svelte';

export const locking = attempt(backend.lockVault);
export const unlocking = attempt(backend.unlockVault);

export async function unlock() {
  const vault = await unlocking.run();
  if (vault) app.vault = vault;
}

/** The vault's state in two words. */
export function vaultWord(vault: VaultView): string {
  switch (vault.kind) {
    case 'opening':
      return 'Vault opening…';
    case 'open':
      return 'Vault open';
    case 'locked':
      return 'Vault locked';
    case 'unavailable':
      return 'Vault not available';
  }
}
