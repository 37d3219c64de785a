// What the whole window shares: accounts, vault, unsaved keys, the open dialog, the screen. Kept up by events.

import { untrack } from 'svelte';
import { backend } from '../backend';
import { asFailure } from '../backend/backend';
import type { AccountView } from '../backend/wire/AccountView';
import type { BatchView } from '../backend/wire/BatchView';
import type { EscrowView } from '../backend/wire/EscrowView';
import type { FailureView } from '../backend/wire/FailureView';
import type { FindingKindView } from '../backend/wire/FindingKindView';
import type { JournalRowView } from '../backend/wire/JournalRowView';
import type { KeyView } from '../backend/wire/KeyView';
import type { LeakReportView } from '../backend/wire/LeakReportView';
import type { NoticeView } from '../backend/wire/NoticeView';
import type { OperationView } from '../backend/wire/OperationView';
import type { PolicyView } from '../backend/wire/PolicyView';
import type { SettingsView } from '../backend/wire/SettingsView';
import type { StartView } from '../backend/wire/StartView';
import type { VaultView } from '../backend/wire/VaultView';
import type { VendorView } from '../backend/wire/VendorView';
import type { Chosen } from './selection.svelte';

export type Route = { screen: 'keys' } | { screen: 'key'; id: string } | { screen: 'accounts' } | { screen: 'operations' } | { screen: 'audit' } | { screen: 'settings' };

export type OpenDialog =
  | { kind: 'create'; sameAs?: KeyView; /** With fewer scopes, to take the place of `sameAs`. */ narrow?: boolean }
  | { kind: 'save'; escrow: EscrowView; /** The key that is retired next. */ retire?: KeyView }
  | { kind: 'rotate'; key: KeyView; /** The value that leaked, as Rust keeps it. */ found?: string }
  | { kind: 'bring'; operation: string; key: KeyView }
  | { kind: 'settle'; way: 'finish' | 'undo' | 'leave'; operation: OperationView }
  | { kind: 'revoke'; key: KeyView; /** The name of what takes its place. */ replacedBy?: string }
  | { kind: 'delete'; key: KeyView }
  | { kind: 'forget'; key: KeyView }
  | { kind: 'adopt'; account: AccountView }
  | { kind: 'leak'; report?: LeakReportView }
  | { kind: 'accept'; finding: FindingKindView; title: string; keys: string[]; /** As far as they are known. */ names: string[] }
  | { kind: 'entry'; row: JournalRowView }
  | { kind: 'import'; account: AccountView }
  | { kind: 'batch'; way: 'rotate' | 'revoke'; chosen: Chosen; /** How many of them the list does not show. */ hidden?: number }
  | { kind: 'stopBatch'; batch: BatchView }
  | { kind: 'label'; chosen: Chosen; count: number; /** How many of them the list does not show. */ hidden?: number }
  | { kind: 'policy'; policy?: PolicyView }
  | { kind: 'removePolicy'; policy: PolicyView }
  | { kind: 'connect' }
  | { kind: 'editAccount'; account: AccountView }
  | { kind: 'managingKey'; account: AccountView }
  | { kind: 'takeList'; account: AccountView }
  | { kind: 'disconnect'; account: AccountView };

/** Stands for the notice that the window itself says. */
const OWN = 'window';

class AppState {
  /** `false` until the backend answered for the first time. */
  started = $state(false);
  version = $state('');
  profileDir = $state('');
  vault = $state.raw<VaultView>({ kind: 'opening' });
  vendors = $state.raw<VendorView[]>([]);
  accounts = $state.raw<AccountView[]>([]);
  unsaved = $state.raw<EscrowView[]>([]);
  notices = $state.raw<NoticeView[]>([]);
  settings = $state.raw<SettingsView>({ theme: 'system', autoLockMinutes: 10, clipboardSeconds: 30, refreshMinutes: 5, notifications: true, zoom: 100 });
  dialog = $state.raw<OpenDialog | null>(null);
  route = $state.raw<Route>({ screen: 'keys' });
  /** The person wants to close the window while a key is unsaved. */
  closing = $state(false);
  failure = $state.raw<FailureView | null>(null);

  /** Asks the backend for what the window needs, and listens from then on. Answers with what ends the listening. */
  begin(): () => void {
    const ends = [
      backend.on('accounts-changed', () => void this.#ask(backend.accounts, (accounts) => (this.accounts = accounts))),
      backend.on('unsaved-changed', () => void this.#ask(backend.unsaved, (unsaved) => (this.unsaved = unsaved))),
      backend.on('vault-changed', (vault) => (this.vault = vault)),
      backend.on('notice', (notice) => this.#add(notice)),
      backend.on('close-requested', () => (this.closing = true)),
    ];
    void this.#ask(backend.start, (start) => this.#take(start));
    return () => ends.forEach((end) => end());
  }

  #take(start: StartView) {
    this.version = start.version;
    this.profileDir = start.profileDir;
    this.vault = start.vault;
    this.vendors = start.vendors;
    this.accounts = start.accounts;
    this.unsaved = start.unsaved;
    this.notices = start.notices;
    this.settings = start.settings;
    this.started = true;
  }

  #add(notice: NoticeView) {
    this.notices = [...this.notices.filter(({ id }) => id !== notice.id), notice];
  }

  async #ask<T>(question: () => Promise<T>, take: (answer: T) => void) {
    try {
      take(await question());
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  /** Words of the window's own, above every screen. */
  note(title: string, text = '') {
    this.#add({ id: OWN, title, text });
  }

  async dismiss(id: string) {
    this.notices = this.notices.filter((notice) => notice.id !== id);
    if (id === OWN) return;
    await backend.dismissNotice(id);
  }

  vendor(id: string): VendorView | undefined {
    return this.vendors.find((vendor) => vendor.id === id);
  }

  account(id: string): AccountView | undefined {
    return this.accounts.find((account) => account.id === id);
  }

  show(dialog: OpenDialog) {
    this.dialog = dialog;
  }

  close() {
    this.dialog = null;
  }

  go(route: Route) {
    this.route = route;
  }
}

export const app = new AppState();

/** One action and how it stands: idle, busy, done, or failed with words. A second press while busy does nothing. */
export function attempt<A extends unknown[], T>(act: (...args: A) => Promise<T>) {
  let status = $state<'idle' | 'busy' | 'done' | 'failed'>('idle');
  let failure = $state.raw<FailureView>();
  return {
    get status() {
      return status;
    },
    get failure() {
      return failure;
    },
    /** Forgets the last failure. */
    reset() {
      status = 'idle';
      failure = undefined;
    },
    async run(...args: A): Promise<T | undefined> {
      // An effect that runs this must not run again because of how it stands.
      if (untrack(() => status) === 'busy') return undefined;
      status = 'busy';
      failure = undefined;
      try {
        const answer = await act(...args);
        status = 'done';
        return answer;
      } catch (thrown) {
        status = 'failed';
        failure = asFailure(thrown);
        return undefined;
      }
    },
  };
}
