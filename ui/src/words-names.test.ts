import { describe, expect, test } from 'vitest';
import { confirms, shown, withBlanks } from './words-names';

describe('f21 what confirms', () => {
  test.each([
    ['CRM sync', 'CRM  sync'],
    ['CRM sync', 'CRM sync '],
    ['CRM sync', '\u{a0}CRM\u{2003}sync\t'],
    ['Caf\u{e9}', 'Cafe\u{301}'],
    ['Deploy', 'De\u{200b}ploy'],
    ['Key 1', '\u{ff2b}ey\u{3000}\u{ff11}'],
  ])('%j for %j', (typed, name) => expect(confirms(typed, name)).toBe(true));

  test.each([
    ['crm sync', 'CRM sync'],
    ['CRMsync', 'CRM sync'],
    ['', 'CRM'],
    ['Cafe', 'Caf\u{e9}'],
  ])('not %j for %j', (typed, name) => expect(confirms(typed, name)).toBe(false));
});

test('f21 blanks are shown only where the screen swallows them', () => {
  expect(withBlanks('CRM sync')).toBeUndefined();
  expect(withBlanks('CRM  sync ')).toBe('CRM␣␣sync␣');
  expect(withBlanks('CRM\tsync')).toBe('CRM␣sync');
  expect(shown(' \u{200b}\t')).toBe('');
});
