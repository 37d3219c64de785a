// Acts on many keys: what is under way and what ended lately, kept up by events.

import { backend } from '../backend';
import { asFailure } from '../backend/backend';
import type { BatchView } from '../backend/wire/BatchView';
import type { FailureView } from '../backend/wire/FailureView';
import { isOpen } from '../words-batches';

export class Batches {
  all = $state.raw<BatchView[]>([]);
  failure = $state.raw<FailureView | null>(null);

  readonly open = $derived(this.all.filter(isOpen));
  readonly ended = $derived(this.all.filter((batch) => !isOpen(batch)));

  #turn = 0;

  /** Asks, and listens from then on. Answers with what ends the listening. */
  begin(): () => void {
    void this.reload();
    return backend.on('batches-changed', () => void this.reload());
  }

  async reload() {
    const mine = ++this.#turn;
    try {
      const all = await backend.batches();
      // An answer to an earlier question may be older than what is shown.
      if (mine !== this.#turn) return;
      this.all = all;
      this.failure = null;
    } catch (thrown) {
      if (mine === this.#turn) this.failure = asFailure(thrown);
    }
  }
}

export const batches = new Batches();
