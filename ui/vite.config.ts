import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  server: { host: '127.0.0.1', port: 14207, strictPort: true },
  build: {
    target: ['safari16', 'chrome110'],
    // The policy of the window allows no inline script, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What is shipped brings its licences along.
    license: { fileName: 'licenses.md' },
    rolldownOptions: { input: { main: 'index.html', reveal: 'reveal.html' } },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test-setup.ts'],
    include: ['src/**/*.test.ts'],
    // The tests read the tokens; no other style is needed.
    css: { include: [/tokens\.css/] },
    restoreMocks: true,
    // A busy machine takes its time to look through a whole window by role.
    testTimeout: 20_000,
  },
});
