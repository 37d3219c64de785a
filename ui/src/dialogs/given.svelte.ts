// A secret on its way in: typed here, or left on the clipboard for Rust to read. Kept no longer than until it is sent.

import type { GivenSecret } from '../backend/wire/GivenSecret';

export class Given {
  typed = $state('');
  fromClipboard = $state(false);
  /** It was asked for and not given. */
  missing = $state(false);

  get empty() {
    return !this.fromClipboard && this.typed === '';
  }

  /** Whether there is something to send; where not, the field says so. */
  ask(): boolean {
    this.missing = this.empty;
    return !this.missing;
  }

  /** What is sent. The page keeps nothing of it, whatever is answered. */
  take(): GivenSecret {
    const typed = this.fromClipboard ? null : this.typed;
    this.typed = '';
    return { typed, found: null };
  }
}
