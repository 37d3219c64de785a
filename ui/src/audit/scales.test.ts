import { expect, test } from 'vitest';
import { bands, linear } from './scales';

test('a number stands where its share of the range is, and a round range has round lines', () => {
  expect(linear([0, 10], [100, 200]).at(5)).toBe(150);
  expect(linear([0, 0], [7, 9]).at(0)).toBe(7);
  const up = linear([0, 93], [100, 0], 4);
  expect(up.ticks(4)).toEqual([0, 20, 40, 60, 80, 100]);
  expect(up.at(100)).toBe(0);
});

test('bands fill the range, with the same room left and right', () => {
  const three = bands(3, [10, 110], { between: 0.2, outside: 0.1 });
  expect(three.at(0) - 10).toBeCloseTo(110 - (three.at(2) + three.width));
  expect(three.at(1) - three.at(0)).toBeCloseTo(three.step);
  expect(three.width).toBeLessThan(three.step);
});
