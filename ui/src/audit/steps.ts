// What a finding leads to: the filtered list, or the dialog that ends it.

import { backend } from '../backend';
import type { FindingCardView } from '../backend/wire/FindingCardView';
import type { FindingKindView } from '../backend/wire/FindingKindView';
import type { FindingView } from '../backend/wire/FindingView';
import type { KeyView } from '../backend/wire/KeyView';
import { openSave } from '../keys/actions';
import { app } from '../state/app.svelte';
import { keys } from '../state/keys.svelte';
import { EVERY_KEY } from '../state/query';

/** As many rows as one question may ask for. */
const MOST = 200;

/** The list of the keys that have it. */
export function showKeys(finding: FindingKindView) {
  app.go({ screen: 'keys' });
  keys.clearFilters();
  keys.ask({ finding });
}

/** Every key that has it and for which it is not accepted. */
export async function keysWith(finding: FindingKindView): Promise<KeyView[]> {
  const found: KeyView[] = [];
  for (let total = 1; found.length < total; ) {
    const answer = await backend.listKeys({ ...EVERY_KEY, findings: [finding], offset: found.length, limit: MOST });
    if (answer.rows.length === 0) break;
    found.push(...answer.rows);
    total = answer.total;
  }
  return found;
}

/** The next step of a card: one dialog for one key or for many; what is decided key by key opens the list of them. */
export async function takeStep({ kind, next, count }: Pick<FindingCardView, 'kind' | 'next' | 'count'>) {
  if (count > 1) {
    if (next !== 'rotate' && next !== 'revoke') return showKeys(kind);
    return app.show({ kind: 'batch', way: next, chosen: { keys: [], query: { ...EVERY_KEY, findings: [kind] } } });
  }
  const [key] = await keysWith(kind);
  if (key) takeStepWith(key, next);
}

/** The dialog of a next step; looking is what the key's own page is for. */
export function takeStepWith(key: KeyView, next: FindingView['next']) {
  switch (next) {
    case 'rotate':
      return app.show({ kind: 'rotate', key });
    case 'revoke':
      return app.show({ kind: 'revoke', key });
    case 'narrow':
      return app.show({ kind: 'create', sameAs: key, narrow: true });
    case 'save':
      return void openSave(key);
    case 'look':
      return app.go({ screen: 'key', id: key.id });
  }
}

/** Asks why every key of a card is accepted as it is. */
export async function acceptAll({ kind, title }: Pick<FindingCardView, 'kind' | 'title'>) {
  const found = await keysWith(kind);
  if (found.length > 0) app.show({ kind: 'accept', finding: kind, title, keys: found.map(({ id }) => id), names: found.map(({ name }) => name) });
}
