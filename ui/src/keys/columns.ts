// The columns of the list, in their order. The first is the row's name.

import type { SortByView } from '../backend/wire/SortByView';

export interface Column {
  id: 'name' | 'masked' | 'account' | 'environment' | 'scopes' | 'lastUse' | 'created' | 'expires' | 'status';
  title: string;
  /** What the head says where there is little room. */
  brief?: string;
  /** Absent: the list cannot be sorted by it. */
  sort?: SortByView;
}

export const COLUMNS: readonly Column[] = [
  { id: 'name', title: 'Name', sort: 'name' },
  { id: 'masked', title: 'Key' },
  { id: 'account', title: 'Account', sort: 'account' },
  { id: 'environment', title: 'Environment', brief: 'Env.', sort: 'environment' },
  { id: 'scopes', title: 'Scopes', sort: 'scopes' },
  { id: 'lastUse', title: 'Last used', sort: 'lastUse' },
  { id: 'created', title: 'Created', sort: 'created' },
  { id: 'expires', title: 'Expires', sort: 'expires' },
  { id: 'status', title: 'Status', sort: 'status' },
];

export const ROW = 36;
export const HEADER = 32;
