// A file that was dropped on the window, looked through in Rust: its result opens by itself.

import { backend } from '../backend';
import { app } from '../state/app.svelte';

/** Listens from then on. Answers with what ends the listening. */
export function hearDrops(): () => void {
  return backend.on('leak-dropped', (report) => {
    // Another dialog may hold a decision half made: it is not taken away from under the person.
    if (app.dialog === null || app.dialog.kind === 'leak') app.show({ kind: 'leak', report });
    else app.note('What you dropped was looked through. Close this dialog and drop it again to see what was found.');
  });
}
