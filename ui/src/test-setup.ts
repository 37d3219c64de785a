import '@testing-library/jest-dom/vitest';
import { configure } from '@testing-library/svelte';

// Dialogs and pages are fetched when they are needed: on a busy machine that takes its time.
configure({ asyncUtilTimeout: 8_000 });

// jsdom measures nothing: enough for a list to show some rows.
Object.defineProperty(HTMLElement.prototype, 'offsetHeight', { configurable: true, value: 600 });
Object.defineProperty(HTMLElement.prototype, 'offsetWidth', { configurable: true, value: 1000 });
// And it draws nothing: what opens beside a button would take the button for hidden.
Element.prototype.getClientRects = function () {
  return [this.getBoundingClientRect()] as unknown as DOMRectList;
};
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
Element.prototype.scrollIntoView ??= () => {};
// jsdom's files cannot say their text.
Blob.prototype.text ??= function (this: Blob) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.readAsText(this);
  });
};
