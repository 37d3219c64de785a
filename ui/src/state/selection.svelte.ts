// Which keys are chosen for one act on many: single rows, or everything that matches the question of the list.

import { SvelteSet } from 'svelte/reactivity';
import { backend } from '../backend';
import type { FindingKindView } from '../backend/wire/FindingKindView';
import type { KeyQuery } from '../backend/wire/KeyQuery';
import type { KeyView } from '../backend/wire/KeyView';
import { keys, type Asked } from './keys.svelte';
import { EVERY_KEY } from './query';

/** As many rows as one question may ask for. */
const PART = 200;

/** What a request says of the chosen keys. */
export interface Chosen {
  keys: string[];
  query: KeyQuery | null;
}

/** The question without its order: what it leaves. */
function filterOf(asked: Asked): string {
  return JSON.stringify({ ...asked, sort: null, descending: null });
}

/** The ids of the rows from `first` up to `end` of what `query` leaves. */
async function idsOf(query: KeyQuery, first: number, end: number): Promise<string[]> {
  const ids: string[] = [];
  for (let offset = first; offset < end; offset += PART) {
    const { rows } = await backend.listKeys({ ...query, offset, limit: Math.min(PART, end - offset) });
    ids.push(...rows.map(({ id }) => id));
    if (rows.length === 0) break;
  }
  return ids;
}

/** How many of the keys `ids` pass `query`. */
async function passing(query: KeyQuery, ids: string[]): Promise<number> {
  if (ids.length === 0) return 0;
  return (await backend.listKeys({ ...query, keys: ids, offset: 0, limit: 1 })).total;
}

export class Selection {
  /** Chosen keys that the filter keeps out of sight, as of the last look. */
  hidden = $state(0);
  #looks = 0;
  #ids = new SvelteSet<string>();
  /** The filter that everything was chosen under. */
  #filter = $state<string | null>(null);
  /** What was chosen when the range began that grows now, and its first row. */
  #before: string[] = [];
  #anchor: number | null = null;

  /** The filter is still the one that everything was chosen under. */
  readonly everything = $derived(this.#filter !== null && this.#filter === filterOf(keys.asked));
  readonly count = $derived(this.everything ? keys.total : this.#ids.size);

  has(id: string): boolean {
    return this.everything || this.#ids.has(id);
  }

  /** Chooses everything that matches, or nothing. */
  chooseAll(on: boolean) {
    this.clear();
    if (on) this.#filter = filterOf(keys.asked);
  }

  /** Looks which of the chosen keys the filter hides. One that is gone altogether is not hidden. */
  async look() {
    const mine = ++this.#looks;
    const hidden = await this.#countHidden().catch(() => this.hidden);
    if (mine === this.#looks) this.hidden = hidden;
  }

  async #countHidden(): Promise<number> {
    if (this.everything || !keys.filtered) return 0;
    const { only } = keys.asked;
    const ids = [...this.#ids];
    const inReach = only.length === 0 ? ids : ids.filter((id) => only.includes(id));
    const [all, seen] = await Promise.all([passing(EVERY_KEY, ids), passing(keys.query, inReach)]);
    return all - seen;
  }

  clear() {
    this.#filter = null;
    this.#anchor = null;
    this.#ids.clear();
  }

  /** Chooses a key or leaves it out; it is where a range begins next. */
  async toggle(key: KeyView, row: number) {
    if (this.everything) await this.#name();
    this.#filter = null;
    if (!this.#ids.delete(key.id)) this.#ids.add(key.id);
    this.#begin(row);
  }

  /** Chooses every row between the one where the range began (`from`, where none did) and `to`. */
  async extend(from: number, to: number) {
    if (this.everything) return;
    this.#filter = null;
    if (this.#anchor === null) this.#begin(from);
    const [first, last] = [Math.min(this.#anchor ?? from, to), Math.max(this.#anchor ?? from, to)];
    const seen = Array.from({ length: last - first + 1 }, (_, n) => keys.row(first + n)?.id);
    const ids = seen.every((id) => id !== undefined) ? seen : await idsOf(keys.query, first, last + 1);
    this.#take([...this.#before, ...ids]);
  }

  /** What a request says of them. */
  get chosen(): Chosen {
    return this.everything ? { keys: [], query: keys.query } : { keys: [...this.#ids], query: null };
  }

  #begin(row: number) {
    this.#anchor = row;
    this.#before = [...this.#ids];
  }

  /** Everything that matches, from now on by its rows. */
  async #name() {
    this.#take(await idsOf(keys.query, 0, keys.total));
  }

  #take(ids: string[]) {
    const wanted: Record<string, true> = Object.fromEntries(ids.map((id) => [id, true]));
    for (const id of this.#ids) if (!wanted[id]) this.#ids.delete(id);
    for (const id of ids) this.#ids.add(id);
  }
}

export const selection = new Selection();

/** The ids of all that is chosen. */
export async function idsChosen({ keys: ids, query }: Chosen): Promise<string[]> {
  return query ? idsOf(query, 0, keys.total) : ids;
}

/** The ids of those among the chosen keys that have the finding. */
export async function idsChosenWith(finding: FindingKindView, { keys: ids, query }: Chosen): Promise<string[]> {
  return query ? idsOf(query, 0, keys.total) : idsOf({ ...EVERY_KEY, findings: [finding], keys: ids }, 0, ids.length);
}
