import { expect, test } from 'vitest';
import { matching, type Command } from './commands';

const command = (name: string, also?: string): Command => ({ name, ...(also && { also }), run: () => {} });
const list = [command('Create key', 'new add'), command('Go to Keys'), command('Lock now', 'vault')];
const names = (text: string) => matching(list, text).map(({ name }) => name);

test('a command is found by each of its words, in any order, and by what else it is called', () => {
  expect(names('')).toEqual(['Create key', 'Go to Keys', 'Lock now']);
  expect(names('KEY cre')).toEqual(['Create key']);
  expect(names('vault')).toEqual(['Lock now']);
  expect(names('nothing')).toEqual([]);
});
