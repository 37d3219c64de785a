// Where a key press leads in the list. Pure: the list does the scrolling and the focusing.

export interface Position {
  /** `HEAD` is the row of the columns' names. */
  row: number;
  /** -1: the row as a whole. */
  cell: number;
}

export interface Bounds {
  total: number;
  /** Rows in a screenful. */
  page: number;
  /** The columns that are not hidden, in order. */
  shown: readonly number[];
}

export const HEAD = -1;
const WHOLE = -1;

/** The next position, or `undefined` where the key moves nothing. */
export function move(
  { key, ctrlKey, metaKey, altKey, shiftKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
  { row, cell }: Position,
  { total, page, shown }: Bounds,
): Position | undefined {
  if (altKey || metaKey || shiftKey) return undefined;
  const head = row === HEAD;
  const to = (wanted: number): Position => ({ row: Math.max(0, Math.min(wanted, total - 1)), cell });
  switch (key) {
    case 'ArrowDown':
      return total === 0 ? undefined : head ? { row: 0, cell: WHOLE } : to(row + 1);
    case 'ArrowUp':
      if (head) return undefined;
      return row === 0 ? { row: HEAD, cell: Math.max(shown[0] ?? 0, cell) } : to(row - 1);
    case 'PageDown':
      return total === 0 ? undefined : to(Math.max(0, row) + page);
    case 'PageUp':
      return total === 0 ? undefined : to(Math.max(0, row) - page);
    case 'ArrowRight':
      return { row, cell: shown.find((n) => n > cell) ?? cell };
    case 'ArrowLeft':
      return { row, cell: shown.findLast((n) => n < cell) ?? (head ? cell : WHOLE) };
    case 'Home':
      if (ctrlKey || (cell === WHOLE && !head)) return total === 0 ? undefined : to(0);
      return { row, cell: shown[0] ?? cell };
    case 'End':
      if (ctrlKey || (cell === WHOLE && !head)) return total === 0 ? undefined : to(total - 1);
      return { row, cell: shown.at(-1) ?? cell };
    default:
      return undefined;
  }
}
