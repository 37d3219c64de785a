import { expect, test } from 'vitest';
import { HEAD, move, type Position } from './moves';

const bounds = { total: 100, page: 20, shown: [0, 1, 2, 8] };
const press = (key: string, from: Position, held: Partial<KeyboardEvent> = {}, total = 100) =>
  move({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held }, from, { ...bounds, total });

test.each<[string, Position, Position]>([
  ['ArrowDown', { row: 3, cell: -1 }, { row: 4, cell: -1 }],
  ['ArrowDown', { row: 99, cell: 2 }, { row: 99, cell: 2 }],
  ['ArrowUp', { row: 0, cell: -1 }, { row: HEAD, cell: 0 }],
  ['ArrowUp', { row: 0, cell: 2 }, { row: HEAD, cell: 2 }],
  ['ArrowDown', { row: HEAD, cell: 2 }, { row: 0, cell: -1 }],
  ['PageDown', { row: 90, cell: -1 }, { row: 99, cell: -1 }],
  ['PageUp', { row: 5, cell: -1 }, { row: 0, cell: -1 }],
  ['ArrowRight', { row: 3, cell: -1 }, { row: 3, cell: 0 }],
  ['ArrowRight', { row: 3, cell: 2 }, { row: 3, cell: 8 }],
  ['ArrowRight', { row: 3, cell: 8 }, { row: 3, cell: 8 }],
  ['ArrowLeft', { row: 3, cell: 8 }, { row: 3, cell: 2 }],
  ['ArrowLeft', { row: 3, cell: 0 }, { row: 3, cell: -1 }],
  ['ArrowLeft', { row: HEAD, cell: 0 }, { row: HEAD, cell: 0 }],
  ['Home', { row: 3, cell: -1 }, { row: 0, cell: -1 }],
  ['End', { row: 3, cell: -1 }, { row: 99, cell: -1 }],
  ['Home', { row: 3, cell: 2 }, { row: 3, cell: 0 }],
  ['End', { row: 3, cell: 2 }, { row: 3, cell: 8 }],
])('%s from %o leads to %o', (key, from, to) => {
  expect(press(key, from)).toEqual(to);
});

test('with Control, Home and End go to the first and the last row from any cell', () => {
  expect(press('End', { row: 3, cell: 2 }, { ctrlKey: true })).toEqual({ row: 99, cell: 2 });
  expect(press('Home', { row: 3, cell: 2 }, { ctrlKey: true })).toEqual({ row: 0, cell: 2 });
});

test('an empty list and other keys move nothing', () => {
  expect(press('ArrowDown', { row: HEAD, cell: 0 }, {}, 0)).toBeUndefined();
  expect(press('ArrowDown', { row: 3, cell: -1 }, { shiftKey: true })).toBeUndefined();
  expect(press('a', { row: 3, cell: -1 })).toBeUndefined();
});
