// Whether words can be read on what they stand on, and marks told from it, in both themes: WCAG 2.2 AA, from the tokens.
import { describe, expect, test } from 'vitest';
import css from './tokens.css?raw';

function tokens(block: RegExp): Record<string, string> {
  const body = block.exec(css)?.[1] ?? '';
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[\da-f]{6});/g)].map(([, name, colour]) => [name!, colour!]));
}

const light = tokens(/^:root \{([^}]*)\}/m);
const dark = { ...light, ...tokens(/^:root\[data-theme='dark'\] \{([^}]*)\}/m) };

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [bright, dim] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (bright + 0.05) / (dim + 0.05);
}

const PAGES = ['bg', 'surface', 'surface-raised', 'surface-sunken', 'hover'];

/** Words, and what they stand on somewhere in the window. */
const WORDS: [ink: string, papers: string[]][] = [
  ['text', [...PAGES, 'selected', 'warning-soft', 'info-soft', 'danger-soft', 'success-soft']],
  ['text-muted', [...PAGES, 'selected']],
  ['text-faint', PAGES],
  ['accent-text', ['accent', 'accent-hover']],
  ['accent-strong', [...PAGES, 'accent-soft', 'selected']],
  ['danger-text', [...PAGES, 'danger-soft']],
  ['warning-text', [...PAGES, 'warning-soft']],
  ['success-text', [...PAGES, 'success-soft']],
  ['info-text', ['surface', 'surface-raised', 'info-soft']],
  ['chart-ink', ['chart', 'chart-good', 'chart-soon', 'chart-ending', 'chart-past', 'chart-gone', 'chart-bad']],
];

/** Marks that mean something, and what they stand on. */
const MARKS: [mark: string, papers: string[]][] = [
  ...['chart', 'chart-good', 'chart-soon', 'chart-ending', 'chart-past', 'chart-gone', 'chart-bad'].map((mark): [string, string[]] => [mark, ['surface-raised']]),
  ['accent', ['surface', 'surface-raised', 'bg']],
];

describe.each([
  ['light', light],
  ['dark', dark],
])('in the %s theme', (_, theme) => {
  const pairs = (list: typeof WORDS) => list.flatMap(([one, others]) => others.map((other) => ({ one, other })));
  const of = (name: string) => theme[name] ?? expect.fail(`there is no token --${name}`);

  test.each(pairs(WORDS))('words in $one can be read on $other', ({ one, other }) => {
    expect(contrast(of(one), of(other))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(pairs(MARKS))('a mark in $one can be told from $other', ({ one, other }) => {
    expect(contrast(of(one), of(other))).toBeGreaterThanOrEqual(3);
  });

  test('white words can be read on a button that ends something', () => {
    for (const button of ['danger', 'danger-hover']) expect(contrast('#ffffff', of(button))).toBeGreaterThanOrEqual(4.5);
  });
});
