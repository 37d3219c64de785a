import { afterEach, expect, test } from 'vitest';
import { hint } from './hint.svelte';

afterEach(() => hint.hide());

test('F33 a cell that is gone gets no tooltip in the corner of the window', () => {
  const cell = document.createElement('div');
  hint.show(cell, 'leads:import');
  expect(hint.cell).toBeNull();
  document.body.append(cell);
  hint.show(cell, 'leads:import');
  expect(hint.cell).toBe(cell);
  cell.remove();
});
