// What is under way, kept up by events, and the clock by which its countdowns are read.

import { backend } from '../backend';
import { asFailure } from '../backend/backend';
import type { FailureView } from '../backend/wire/FailureView';
import type { OperationView } from '../backend/wire/OperationView';
import { isOpen } from '../words-operations';

export class Operations {
  all = $state.raw<OperationView[]>([]);
  failure = $state.raw<FailureView | null>(null);
  /** `false` until the first answer. */
  loaded = $state(false);

  readonly open = $derived(this.all.filter(isOpen));
  readonly ended = $derived(this.all.filter((operation) => !isOpen(operation)));

  #turn = 0;

  /** Asks, and listens from then on. Answers with what ends the listening. */
  begin(): () => void {
    void this.reload();
    return backend.on('operations-changed', () => void this.reload());
  }

  async reload() {
    const mine = ++this.#turn;
    try {
      const all = await backend.operations();
      // An answer to an earlier question may be older than what is shown.
      if (mine !== this.#turn) return;
      this.all = all;
      this.loaded = true;
      this.failure = null;
    } catch (thrown) {
      if (mine === this.#turn) this.failure = asFailure(thrown);
    }
  }

  find(id: string | null): OperationView | undefined {
    return this.all.find((operation) => operation.id === id);
  }

  /** The operation whose new key waits as this escrow. */
  behind(escrow: string): OperationView | undefined {
    return this.all.find((operation) => operation.escrow === escrow);
  }
}

export const operations = new Operations();
