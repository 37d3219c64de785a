// Which columns the list shows, and in which order.

import { EVERY_COLUMN, type ColumnId } from '../keys/columns';

class Columns {
  chosen = $state.raw<readonly ColumnId[]>(EVERY_COLUMN);

  /** Only the columns that this version knows; the row's name always. */
  take(ids: readonly string[]) {
    const known = ids.flatMap((id) => EVERY_COLUMN.find((each) => each === id) ?? []);
    if (known.length > 0) this.chosen = ['name', ...known.filter((id) => id !== 'name')];
  }
}

export const columns = new Columns();
