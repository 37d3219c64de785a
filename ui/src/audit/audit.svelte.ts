// What the audit found, kept while other screens are shown, so that the way back paints at once.

import { backend } from '../backend';
import { asFailure } from '../backend/backend';
import type { AuditView } from '../backend/wire/AuditView';
import type { FailureView } from '../backend/wire/FailureView';

export type AuditTab = 'overview' | 'changes' | 'journal';

class Audit {
  tab = $state<AuditTab>('overview');
  view = $state.raw<AuditView | null>(null);
  failure = $state.raw<FailureView | null>(null);
  #asking = false;
  #again = false;

  /** Asks, and listens from then on. Answers with what ends the listening. */
  begin(): () => void {
    void this.reload();
    return backend.on('keys-changed', () => void this.reload());
  }

  /** One question at a time; what changes meanwhile is asked for once more. */
  async reload() {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    do {
      this.#again = false;
      try {
        this.view = await backend.audit();
        this.failure = null;
      } catch (thrown) {
        this.failure = asFailure(thrown);
      }
    } while (this.#again);
    this.#asking = false;
  }
}

export const audit = new Audit();
