// The columns of the list in their first order, and which of the chosen ones have room. The first is the row's name.

import type { SortByView } from '../backend/wire/SortByView';

export type ColumnId = 'name' | 'masked' | 'account' | 'environment' | 'scopes' | 'lastUse' | 'created' | 'expires' | 'status';

export interface Column {
  id: ColumnId;
  title: string;
  /** What the head says where there is little room. */
  brief?: string;
  /** Absent: the list cannot be sorted by it. */
  sort?: SortByView;
  /** The least width in pixels. */
  least: number;
  /** Its part of the width, beside the others. */
  share: number;
  /** Where room is short, the lowest goes first. The row's name never does. */
  rank: number;
}

export const COLUMNS: readonly Column[] = [
  { id: 'name', title: 'Name', sort: 'name', least: 126, share: 196, rank: Infinity },
  { id: 'masked', title: 'Key', least: 116, share: 156, rank: 6 },
  { id: 'account', title: 'Account', sort: 'account', least: 76, share: 146, rank: 5 },
  { id: 'environment', title: 'Environment', brief: 'Env.', sort: 'environment', least: 64, share: 70, rank: 3 },
  { id: 'scopes', title: 'Scopes', sort: 'scopes', least: 60, share: 66, rank: 2 },
  { id: 'lastUse', title: 'Last used', sort: 'lastUse', least: 128, share: 146, rank: 7 },
  { id: 'created', title: 'Created', sort: 'created', least: 104, share: 118, rank: 1 },
  { id: 'expires', title: 'Expires', sort: 'expires', least: 94, share: 104, rank: 4 },
  { id: 'status', title: 'Status', sort: 'status', least: 106, share: 114, rank: 8 },
];

export const EVERY_COLUMN: readonly ColumnId[] = COLUMNS.map(({ id }) => id);

export const ROW = 36;
export const HEADER = 32;
/** The boxes that choose rows, and the edges of a row. */
const SELECT = 28;
const EDGES = 12;
/** From this width on the heads are written out. */
const WIDE = 1180;

export interface Layout {
  columns: readonly Column[];
  /** For `grid-template-columns`; the boxes come first. */
  template: string;
  brief: boolean;
}

/** The chosen columns in their order, as many as have room in `width` pixels. */
export function layout(chosen: readonly ColumnId[], width: number): Layout {
  let columns = ['name', ...chosen.filter((id) => id !== 'name')].flatMap((id) => COLUMNS.find((column) => column.id === id) ?? []);
  const taken = () => columns.reduce((sum, { least }) => sum + least, SELECT + EDGES);
  while (columns.length > 1 && taken() > width) {
    const last = Math.min(...columns.map(({ rank }) => rank));
    columns = columns.filter(({ rank }) => rank !== last);
  }
  const tracks = columns.map(({ least, share }) => `minmax(${least}px, ${share}fr)`);
  return { columns, template: [`${SELECT}px`, ...tracks].join(' '), brief: width < WIDE };
}
