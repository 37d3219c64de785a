import { expect, test } from 'vitest';
import { EVERY_COLUMN, layout } from './columns';

const ids = (width: number, chosen = EVERY_COLUMN) => layout(chosen, width).columns.map(({ id }) => id);

test('where room is short the least asked for goes first, and the name never does', () => {
  expect(ids(1084)).toEqual(EVERY_COLUMN);
  expect(ids(828)).not.toContain('created');
  expect(ids(751)).toEqual(['name', 'masked', 'account', 'environment', 'lastUse', 'expires', 'status']);
  expect(ids(10)).toEqual(['name']);
});

test('the chosen ones stand in their order, the name first; what is not known is left out', () => {
  expect(ids(1084, ['status', 'name', 'account', 'gone' as 'name'])).toEqual(['name', 'status', 'account']);
});

test('each column has a track after that of the boxes', () => {
  const { template, columns } = layout(EVERY_COLUMN, 1400);
  expect(template.match(/minmax/g)).toHaveLength(columns.length);
  expect(template).toMatch(/^28px minmax\(126px, 196fr\)/);
});
