// What the bell holds, kept up by events. Opened once, a reminder is no longer new until the next start.

import { SvelteSet } from 'svelte/reactivity';
import { backend } from '../backend';
import { asFailure } from '../backend/backend';
import type { FailureView } from '../backend/wire/FailureView';
import type { ReminderView } from '../backend/wire/ReminderView';

export class Reminders {
  all = $state.raw<ReminderView[]>([]);
  failure = $state.raw<FailureView | null>(null);

  /** Seen here since the backend said how they stand. */
  #seen = new SvelteSet<string>();
  #turn = 0;

  readonly unseen = $derived(this.all.filter(({ id, seen }) => !seen && !this.#seen.has(id)).length);

  /** Asks, and listens from then on. Answers with what ends the listening. */
  begin(): () => void {
    void this.reload();
    return backend.on('reminders-changed', () => void this.reload());
  }

  async reload() {
    const mine = ++this.#turn;
    try {
      const all = await backend.reminders();
      // An answer to an earlier question may be older than what is shown.
      if (mine !== this.#turn) return;
      this.all = all;
      this.failure = null;
    } catch (thrown) {
      if (mine === this.#turn) this.failure = asFailure(thrown);
    }
  }

  /** The person has the list before their eyes. */
  see() {
    for (const { id } of this.all) this.#seen.add(id);
  }

  isNew({ id, seen }: ReminderView): boolean {
    return !seen && !this.#seen.has(id);
  }
}

export const reminders = new Reminders();
