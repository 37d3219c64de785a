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

test('F22 what bears an account’s or a key’s name is found however its accents are written', () => {
  const named = [command('Add key to Caf\u{e9} Z\u{fc}rich'), command('Save the key “Cafe\u{301}”')];
  for (const text of ['caf\u{e9}', 'CAFE\u{301}', 'cafe']) expect(matching(named, text)).toEqual(named);
  expect(matching(named, 'zurich cafe')).toEqual([named[0]]);
});
