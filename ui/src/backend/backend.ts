// The shape of the backend: one function a command, one name an event. No Tauri here.

import type { AccountView } from './wire/AccountView';
import type { ConnectRequest } from './wire/ConnectRequest';
import type { CopiedView } from './wire/CopiedView';
import type { CreateKeyRequest } from './wire/CreateKeyRequest';
import type { DeleteRequest } from './wire/DeleteRequest';
import type { EscrowView } from './wire/EscrowView';
import type { FailureView } from './wire/FailureView';
import type { KeyPageView } from './wire/KeyPageView';
import type { KeyQuery } from './wire/KeyQuery';
import type { KeyWindowView } from './wire/KeyWindowView';
import type { NoticeView } from './wire/NoticeView';
import type { RevealedSecret } from './wire/RevealedSecret';
import type { RevokeRequest } from './wire/RevokeRequest';
import type { RotationPlanView } from './wire/RotationPlanView';
import type { SettingsView } from './wire/SettingsView';
import type { StartView } from './wire/StartView';
import type { VaultView } from './wire/VaultView';

/** What the backend tells on its own, with what comes along. */
export interface Events {
  /** Ask for the visible window again. */
  'keys-changed': null;
  /** Ask for the accounts again. */
  'accounts-changed': null;
  'vault-changed': VaultView;
  /** Ask for the unsaved keys again. */
  'unsaved-changed': null;
  /** The person wants to close the window while a key is unsaved. */
  'close-requested': null;
  'clipboard-cleared': null;
  notice: NoticeView;
}

/** Every command. A failure rejects with a `FailureView`. */
export interface Backend {
  start(): Promise<StartView>;
  listKeys(query: KeyQuery): Promise<KeyWindowView>;
  keyPage(key: string): Promise<KeyPageView>;
  accounts(): Promise<AccountView[]>;
  /** With `managingKey: null` the key is read from the clipboard, in Rust. */
  connectAccount(request: ConnectRequest): Promise<AccountView>;
  addRehearsal(vendor: string): Promise<AccountView>;
  disconnectAccount(account: string): Promise<void>;
  /** Answers at once; progress comes by events. `null`: every account. */
  refresh(account: string | null): Promise<void>;
  cancelRefresh(account: string): Promise<void>;
  createKey(request: CreateKeyRequest): Promise<EscrowView>;
  unsaved(): Promise<EscrowView[]>;
  copySecret(escrow: string): Promise<CopiedView>;
  /** Opens the small window. */
  revealSecret(escrow: string): Promise<void>;
  /** The small window only, and once. */
  revealedSecret(): Promise<RevealedSecret>;
  closeReveal(): Promise<void>;
  acknowledgeKey(escrow: string): Promise<void>;
  planRotation(key: string): Promise<RotationPlanView>;
  rotateKey(key: string): Promise<EscrowView>;
  revokeKey(request: RevokeRequest): Promise<void>;
  deleteKey(request: DeleteRequest): Promise<void>;
  vault(): Promise<VaultView>;
  lockVault(): Promise<void>;
  unlockVault(): Promise<VaultView>;
  saveSettings(settings: SettingsView): Promise<SettingsView>;
  noteActivity(): Promise<void>;
  dismissNotice(id: string): Promise<void>;
  /** For good: the question about unsaved keys was answered. */
  quit(): Promise<void>;
  on<E extends keyof Events>(event: E, hear: (payload: Events[E]) => void): () => void;
}

/** Whatever was thrown, as the UI shows it. */
export function asFailure(thrown: unknown): FailureView {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
    return thrown as FailureView;
  }
  return {
    code: 'internal',
    message: 'Something went wrong inside Keyturn.',
    hint: String(thrown instanceof Error ? thrown.message : thrown),
    retryable: false,
    field: null,
  };
}
