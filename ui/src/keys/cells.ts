// What a cell says, and what its tooltip adds. Plain functions of a key, so that a row stays light.

import type { KeyView } from '../backend/wire/KeyView';
import { ago, exact, expiry, lastUse, statusDetail } from '../words';
import type { ColumnId } from './columns';

/** More than the cell has room for; `undefined` where there is nothing to add. */
export function detail(key: KeyView, column: ColumnId, now: Date): string | undefined {
  switch (column) {
    case 'name':
      return [
        key.name,
        key.managing && 'Keyturn manages this account with it.',
        key.due?.words,
        key.labels.length > 0 && `Labels: ${key.labels.join(', ')}`,
        key.adopted && 'You added it: its vendor cannot list it.',
      ]
        .filter(Boolean)
        .join('\n');
    case 'masked':
      return key.masked;
    case 'account':
      return key.accountLabel;
    case 'environment':
      return undefined;
    case 'scopes':
      return key.scopes.length > 0 ? key.scopes.join('\n') : 'No scopes are reported: it may do whatever its account may.';
    case 'lastUse':
      return lastUse(key.lastUse, now).detail;
    case 'created':
      return key.createdAt ? exact(key.createdAt) : 'The vendor does not say when this key was created.';
    case 'expires':
      return expiry(key.expires, now).detail;
    case 'status':
      if (key.unsaved) return 'Its secret waits in the vault to be saved.';
      return key.operation && key.status.kind === 'active' ? 'It works, and is being rotated: see Operations.' : statusDetail(key.status);
  }
}

/** What a cell of plain words says. */
export function words(key: KeyView, column: 'scopes' | 'lastUse' | 'created' | 'expires', now: Date): string {
  switch (column) {
    case 'scopes':
      return key.scopes.length > 0 ? String(key.scopes.length) : 'All';
    case 'lastUse':
      return lastUse(key.lastUse, now).text;
    case 'created':
      return key.createdAt ? ago(key.createdAt, now) : 'Not known';
    case 'expires':
      return expiry(key.expires, now).text;
  }
}
