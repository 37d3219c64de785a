// The moment by which countdowns are read. One timer for all of them, and none where nothing is counted.

import type { OperationView } from '../backend/wire/OperationView';
import { pace } from '../words-operations';

/** Must be made while a component is made, and ends with it. */
export class Clock {
  now = $state(Date.now());

  constructor(counted: () => readonly OperationView[]) {
    // What comes anew is counted from when it came, not from the last turn of the clock.
    $effect(() => {
      if (counted().length > 0) this.now = Date.now();
    });
    $effect(() => {
      const wait = pace(counted(), this.now);
      if (wait === undefined) return;
      const timer = setTimeout(() => (this.now = Date.now()), wait);
      return () => clearTimeout(timer);
    });
  }
}
