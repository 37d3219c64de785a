import { describe, expect, test } from 'vitest';
import { confirms, finding, inOrder, searched, shown, withBlanks } from './words-names';

describe('F21 what confirms', () => {
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

test('F21 blanks are shown only where the screen swallows them', () => {
  expect(withBlanks('CRM sync')).toBeUndefined();
  expect(withBlanks('CRM  sync ')).toBe('CRM␣␣sync␣');
  expect(withBlanks('CRM\tsync')).toBe('CRM␣sync');
  expect(shown(' \u{200b}\t')).toBe('');
});

describe('F22 what looks alike is searched alike', () => {
  // The same table stands in `core/src/name/letters.rs`.
  test.each([
    ['Caf\u{e9}', 'cafe'],
    ['Cafe\u{301}', 'cafe'],
    ['\u{c4}PFEL', 'apfel'],
    ['Stra\u{df}e', 'strasse'],
    ['STRA\u{1e9e}E', 'strasse'],
    ['\u{d8}re \u{c5}lesund', 'ore alesund'],
    ['\u{141}\u{f3}d\u{17a}', 'lodz'],
    ['\u{130}stanbul', 'istanbul'],
    ['D\u{131}yar', 'diyar'],
    ['\u{39f}\u{394}\u{39f}\u{3a3}', 'οδοσ'],
    ['CRM\u{a0}sync', 'crm sync'],
    ['De\u{ad}ploy\u{200b}', 'deploy'],
    ['\u{ff2b}ey\u{3000}\u{ff11}', 'key 1'],
    ['key \u{663}\u{6f4}', 'key 34'],
    ['CRM \u{2013} Bob\u{2019}s \u{201c}x\u{201d}', 'crm - bob\'s "x"'],
    ['\u{fb01}le \u{2026}', 'file ...'],
    ['\u{1112}\u{1161}\u{11ab}', '한'],
    ['\u{304b}\u{3099}', 'が'],
    ['\u{939}\u{93f}\u{902}\u{926}\u{940}', '\u{939}\u{93f}\u{902}\u{926}\u{940}'],
    ['\u{2764}\u{fe0f} \u{1f511}', '\u{2764} \u{1f511}'],
    ['a\tb\nc', 'a b c'],
  ])('%j', (text, form) => {
    expect(searched(text)).toBe(form);
    expect(searched(form)).toBe(form);
    expect(finding(text)(text)).toBe(true);
  });

  test('every word is wanted, and a part of a letter is not one', () => {
    expect(finding('cafe\u{301} SYNC')('Sync – Caf\u{e9}')).toBe(true);
    expect(finding('cafe sync')('Caf\u{e9}')).toBe(false);
    expect(finding('か')('が')).toBe(false);
    expect(finding(' \u{301} ')('anything')).toBe(true);
  });
});

test('F32 names stand as people put them', () => {
  // The same list stands in `core/src/name/order.rs`.
  const right = [
    '', ' blank first', '_draft', '-draft', '(old) key', '#7', '2 keys', '10 keys', 'a', '\u{c4}pfel', 'Arm', 'b', 'file 1', 'file1', 'key', 'key-1', 'KEY-2',
    'key-\u{663}', 'key-10', 'key-10a', 'key-11', 'key-99999999999999999999999999', 'key-100000000000000000000000000', 'v1.2.3', 'v1.10', 'zebra', '\u{3b1}', '\u{44f}', '日本',
  ];
  expect(right.toReversed().sort(inOrder)).toEqual(right);
  expect(['caf\u{e9}', 'cafe', 'Cafe'].sort(inOrder)).toEqual(['Cafe', 'cafe', 'caf\u{e9}']);
  expect(['key-1', 'key-01'].sort(inOrder)).toEqual(['key-01', 'key-1']);
});
