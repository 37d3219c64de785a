// axe over what is in the page. jsdom paints nothing, so contrast is tested from the tokens (contrast.test.ts).
import axe from 'axe-core';
import { expect } from 'vitest';

/** Fails with the rules that are broken, and where. */
export async function expectNoViolations(of: Element = document.body) {
  const { violations } = await axe.run(of, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false }, 'page-has-heading-one': { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)).toEqual([]);
}
