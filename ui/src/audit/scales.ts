// From values to places along a line, as the pictures need them. (d3-scale does not load in a window whose prototypes
// are frozen: its colours and formats assign what they inherit.)

import { nice, ticks } from 'd3-array';

type Pair = readonly [number, number];

/** A number's place; `round` widens the range of numbers to round ones, with about so many lines in between. */
export function linear([low, high]: Pair, [start, end]: Pair, round?: number) {
  const [from, to] = round === undefined ? [low, high] : nice(low, high, round);
  const at = (value: number) => (to === from ? start : start + ((value - from) / (to - from)) * (end - start));
  return { at, ticks: (count: number) => ticks(from, to, count) };
}

/** Places for `count` things side by side; the gaps are parts of a step. */
export function bands(count: number, [start, end]: Pair, gaps: { between: number; outside: number }) {
  const step = (end - start) / Math.max(1, count - gaps.between + 2 * gaps.outside);
  const first = start + ((end - start) - step * (count - gaps.between)) / 2;
  return { at: (index: number) => first + index * step, width: step * (1 - gaps.between), step };
}
