// Where a narrower key begins: what the wide one may do, without wildcards and without what is dangerous. Pure.

import { absorbedBy, isWildcard, type Catalogue } from './selection';

/** The plain, harmless scopes of `catalogue` that a key with `held` has. */
export function narrowed(catalogue: Catalogue, held: readonly string[]): string[] {
  const wide = new Set(held);
  return catalogue
    .filter(({ scope, dangerous }) => !dangerous && !isWildcard(scope) && (wide.has(scope) || absorbedBy(wide, scope) !== null))
    .map(({ scope }) => scope);
}
