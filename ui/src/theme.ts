// Light or dark: the person's choice, or the desktop's as long as they left it to the system.

import type { ThemeView } from './backend/wire/ThemeView';

const dark = globalThis.matchMedia?.('(prefers-color-scheme: dark)');
let chosen: ThemeView = 'system';

function paint() {
  const theme = chosen === 'system' ? (dark?.matches ? 'dark' : 'light') : chosen;
  document.documentElement.dataset.theme = theme;
}

/** Paints the window in `theme`. */
export function setTheme(theme: ThemeView) {
  chosen = theme;
  paint();
}

dark?.addEventListener('change', paint);
