// What the bell holds, kept up by events.

import { backend } from '../backend';
import { asFailure } from '../backend/backend';
import type { FailureView } from '../backend/wire/FailureView';
import type { ReminderView } from '../backend/wire/ReminderView';

export class Reminders {
  all = $state.raw<ReminderView[]>([]);
  failure = $state.raw<FailureView | null>(null);

  #turn = 0;

  readonly unseen = $derived(this.all.filter(({ seen }) => !seen).length);

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
  async see() {
    if (this.unseen === 0) return;
    try {
      await backend.seeReminders();
      await this.reload();
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }
}

export const reminders = new Reminders();
