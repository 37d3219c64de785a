// The question that every key answers: by name, without a filter. Others are written as what they change of it.

import type { KeyQuery } from '../backend/wire/KeyQuery';

export const EVERY_KEY: KeyQuery = {
  search: '',
  accounts: [],
  environments: [],
  statuses: [],
  lastUses: [],
  findings: [],
  labels: [],
  due: false,
  keys: [],
  sort: 'name',
  descending: false,
  offset: 0,
  limit: 200,
};
