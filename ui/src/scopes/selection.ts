// Which scopes are chosen, as pure functions over the vendor's catalogue. Knows nothing of the screen.
//
// One model for flat (`leads:view`), dotted (`wallets.read`) and wildcard (`content:*`, `*`) catalogues, the core's own:
// a wildcard is a scope like any other that covers narrower ones and absorbs them once it is chosen.
import type { RefusedScopeView } from '../backend/wire/RefusedScopeView';
import type { ScopeView } from '../backend/wire/ScopeView';
import { finding } from '../words-names';

export type Catalogue = readonly ScopeView[];
export type Selection = ReadonlySet<string>;
export type GroupState = 'none' | 'some' | 'all';

export const NOTHING: Selection = new Set();

export interface Group {
  domain: string;
  scopes: ScopeView[];
}

/** Wanted scopes as far as they can be granted, and those that cannot. */
export interface Fit {
  selection: Selection;
  leftOut: string[];
}

export function isWildcard(scope: string): boolean {
  return scope === '*' || /^[^:].*:\*$/.test(scope);
}

/** Whether a holder of `wide` may do all that `narrow` allows; false for the scope itself. */
export function covers(wide: string, narrow: string): boolean {
  if (wide === narrow || !isWildcard(wide)) return false;
  return wide === '*' || narrow.startsWith(wide.slice(0, -1));
}

/** The chosen wildcard that already includes `scope`; null where none does. */
export function absorbedBy(selection: Selection, scope: string): string | null {
  for (const chosen of selection) if (covers(chosen, scope)) return chosen;
  return null;
}

export function refusals(refused: readonly RefusedScopeView[]): ReadonlyMap<string, string> {
  return new Map(refused.map(({ scope, reason }) => [scope, reason]));
}

/** The catalogue by domain, both in the vendor's order. */
export function groups(catalogue: Catalogue): Group[] {
  const found = new Map<string, Group>();
  for (const scope of catalogue) {
    const group = found.get(scope.domain) ?? { domain: scope.domain, scopes: [] };
    group.scopes.push(scope);
    found.set(scope.domain, group);
  }
  return [...found.values()];
}

/** The part of the catalogue in which every word of `search` occurs: in the scope, its domain or description. */
export function matching(catalogue: Catalogue, search: string): ScopeView[] {
  const finds = finding(search);
  return catalogue.filter((entry) => finds(`${entry.scope} ${entry.domain} ${entry.description}`));
}

/** Chooses or drops one scope. A chosen wildcard absorbs what it covers; what is absorbed already stays so. */
export function choose(selection: Selection, scope: string, on: boolean): Selection {
  const next = new Set(selection);
  if (!on) {
    next.delete(scope);
    return next;
  }
  if (absorbedBy(selection, scope) !== null) return next;
  for (const chosen of selection) if (covers(scope, chosen)) next.delete(chosen);
  return next.add(scope);
}

/** The scopes that a group's checkbox stands for: its own ones, a wildcard only where there is nothing else. */
function members(scopes: readonly ScopeView[], refused: ReadonlyMap<string, string>): string[] {
  const free = scopes.map(({ scope }) => scope).filter((scope) => !refused.has(scope));
  const narrow = free.filter((scope) => !isWildcard(scope));
  return narrow.length > 0 ? narrow : free;
}

/** Refused scopes do not count: a group is "all" when everything that can be granted is. */
export function groupState(
  scopes: readonly ScopeView[],
  selection: Selection,
  refused: ReadonlyMap<string, string>,
): GroupState {
  const own = members(scopes, refused);
  const chosen = own.filter((scope) => selection.has(scope) || absorbedBy(selection, scope) !== null);
  if (chosen.length === 0) return 'none';
  return chosen.length === own.length ? 'all' : 'some';
}

/** Chooses everything grantable among `scopes`; drops it all, wildcards of the group too, where all was chosen. */
export function toggleGroup(
  scopes: readonly ScopeView[],
  selection: Selection,
  refused: ReadonlyMap<string, string>,
): Selection {
  if (groupState(scopes, selection, refused) !== 'all') {
    return members(scopes, refused).reduce((next, scope) => choose(next, scope, true), selection);
  }
  const next = new Set(selection);
  for (const { scope } of scopes) next.delete(scope);
  return next;
}

/** `wanted` (a template, another key) as far as this catalogue and this managing key can grant it. */
export function fit(catalogue: Catalogue, refused: ReadonlyMap<string, string>, wanted: Iterable<string>): Fit {
  const known = new Set(catalogue.map(({ scope }) => scope));
  const leftOut: string[] = [];
  let selection: Selection = new Set();
  for (const scope of wanted) {
    if (known.has(scope) && !refused.has(scope)) selection = choose(selection, scope, true);
    else leftOut.push(scope);
  }
  return { selection, leftOut };
}

/** The chosen scopes in the vendor's order, as they are sent. */
export function ordered(catalogue: Catalogue, selection: Selection): string[] {
  return catalogue.map(({ scope }) => scope).filter((scope) => selection.has(scope));
}

/** How many single permissions are granted, out of how many: what a wildcard covers counts, itself it does not. */
export function counted(catalogue: Catalogue, selection: Selection): { chosen: number; total: number } {
  const single = catalogue.filter(({ scope }) => !isWildcard(scope));
  const chosen = single.filter(({ scope }) => selection.has(scope) || absorbedBy(selection, scope) !== null);
  return { chosen: chosen.length, total: single.length };
}

/** What a wildcard stands for, in words: the scopes by name, or how many where they are too many to read. */
export function expansion({ covers }: ScopeView): string | undefined {
  if (covers.length === 0) return undefined;
  return covers.length > 6 ? `Stands for all ${covers.length} scopes` : `Stands for ${covers.join(', ')}`;
}

/** The chosen scopes with which a holder can do lasting harm, in the vendor's order. */
export function dangerous(catalogue: Catalogue, selection: Selection): string[] {
  return catalogue.filter((entry) => entry.dangerous && selection.has(entry.scope)).map(({ scope }) => scope);
}
