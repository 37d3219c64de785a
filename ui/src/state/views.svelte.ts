// Views of the list that were saved under a name, and the one without a name that remembers the columns.

import { backend } from '../backend';
import { asFailure } from '../backend/backend';
import type { FailureView } from '../backend/wire/FailureView';
import type { SavedViewView } from '../backend/wire/SavedViewView';
import type { ColumnId } from '../keys/columns';
import { confirms, inOrder } from '../words-names';
import { columns } from './columns.svelte';
import { keys } from './keys.svelte';
import { EVERY_KEY } from './query';

/** Stands for the view that holds the columns at every start. */
const DEFAULT = 'default';

export class Views {
  all = $state.raw<SavedViewView[]>([]);
  failure = $state.raw<FailureView | null>(null);
  readonly named = $derived(this.all.filter(({ id }) => id !== DEFAULT).toSorted((a, b) => inOrder(a.name, b.name)));

  /** Reads them once, and takes the columns that were chosen last. */
  async begin() {
    await this.#attempt(async () => {
      this.all = await backend.views();
      const last = this.all.find(({ id }) => id === DEFAULT);
      if (last) columns.take(last.columns);
    });
  }

  /** Shows other columns, from now on and at the next start. */
  async show(ids: readonly ColumnId[]) {
    columns.take(ids);
    await this.#save({ id: DEFAULT, name: 'Default', query: EVERY_KEY, columns: [...columns.chosen] });
  }

  open(view: SavedViewView) {
    keys.askAs(view.query);
    columns.take(view.columns);
  }

  /** The list as it is now, under a name; one of the same name is replaced. */
  async save(name: string) {
    const id = this.named.find((view) => confirms(view.name, name))?.id ?? null;
    // Which rows are chosen now says nothing later.
    await this.#save({ id, name, query: { ...keys.query, keys: [] }, columns: [...columns.chosen] });
  }

  async rename(view: SavedViewView, name: string) {
    await this.#save({ ...view, name });
  }

  async remove(view: SavedViewView) {
    await this.#attempt(async () => {
      await backend.removeView(view.id);
      this.all = await backend.views();
    });
  }

  /** Puts back what was removed. */
  async restore(view: SavedViewView) {
    await this.#save({ ...view, id: null });
  }

  async #save(view: Omit<SavedViewView, 'id'> & { id: string | null }) {
    await this.#attempt(async () => {
      await backend.saveView(view);
      this.all = await backend.views();
    });
  }

  async #attempt(act: () => Promise<void>) {
    this.failure = null;
    try {
      await act();
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }
}

export const views = new Views();
