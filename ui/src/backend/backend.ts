// The shape of the backend: one function a command, one name an event. No Tauri here.

import type { AcceptRequest } from './wire/AcceptRequest';
import type { AccountView } from './wire/AccountView';
import type { AdoptRequest } from './wire/AdoptRequest';
import type { AuditView } from './wire/AuditView';
import type { BatchItemStateView } from './wire/BatchItemStateView';
import type { BatchItemsView } from './wire/BatchItemsView';
import type { BatchPlanView } from './wire/BatchPlanView';
import type { BatchRequest } from './wire/BatchRequest';
import type { BatchView } from './wire/BatchView';
import type { BringKeyRequest } from './wire/BringKeyRequest';
import type { CheckedView } from './wire/CheckedView';
import type { ConnectRequest } from './wire/ConnectRequest';
import type { CopiedView } from './wire/CopiedView';
import type { CreateKeyRequest } from './wire/CreateKeyRequest';
import type { DeleteRequest } from './wire/DeleteRequest';
import type { DisconnectionView } from './wire/DisconnectionView';
import type { DisconnectRequest } from './wire/DisconnectRequest';
import type { EditAccountRequest } from './wire/EditAccountRequest';
import type { ManagingKeyRequest } from './wire/ManagingKeyRequest';
import type { EscrowView } from './wire/EscrowView';
import type { ExportedView } from './wire/ExportedView';
import type { FailureView } from './wire/FailureView';
import type { FaultView } from './wire/FaultView';
import type { FindingKindView } from './wire/FindingKindView';
import type { GivenSecret } from './wire/GivenSecret';
import type { ImportReportView } from './wire/ImportReportView';
import type { JournalFormatView } from './wire/JournalFormatView';
import type { JournalQuery } from './wire/JournalQuery';
import type { JournalVerdictView } from './wire/JournalVerdictView';
import type { JournalWindowView } from './wire/JournalWindowView';
import type { KeyPageView } from './wire/KeyPageView';
import type { KeyQuery } from './wire/KeyQuery';
import type { KeyUseView } from './wire/KeyUseView';
import type { KeyView } from './wire/KeyView';
import type { KeyWindowView } from './wire/KeyWindowView';
import type { LeakReportView } from './wire/LeakReportView';
import type { NoticeView } from './wire/NoticeView';
import type { OperationView } from './wire/OperationView';
import type { OutsideChangesView } from './wire/OutsideChangesView';
import type { PolicyInput } from './wire/PolicyInput';
import type { PolicyView } from './wire/PolicyView';
import type { ReminderView } from './wire/ReminderView';
import type { RevealedSecret } from './wire/RevealedSecret';
import type { RevokeRequest } from './wire/RevokeRequest';
import type { RotateRequest } from './wire/RotateRequest';
import type { RotationPlanView } from './wire/RotationPlanView';
import type { RotationStartedView } from './wire/RotationStartedView';
import type { SavedViewInput } from './wire/SavedViewInput';
import type { SavedViewView } from './wire/SavedViewView';
import type { SettingsView } from './wire/SettingsView';
import type { StartView } from './wire/StartView';
import type { UsageView } from './wire/UsageView';
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
  /** Ask for the operations again. */
  'operations-changed': null;
  /** Ask for the batches again. */
  'batches-changed': null;
  /** Ask for the reminders again. */
  'reminders-changed': null;
  /** The person wants to close the window while a key is unsaved. */
  'close-requested': null;
  'clipboard-cleared': null;
  /** A file was dropped on the window and looked through, in Rust. */
  'leak-dropped': LeakReportView;
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
  editAccount(request: EditAccountRequest): Promise<AccountView>;
  useManagingKey(request: ManagingKeyRequest): Promise<AccountView>;
  addRehearsal(vendor: string): Promise<AccountView>;
  /** What would be lost with the account. */
  planDisconnect(account: string): Promise<DisconnectionView>;
  /** Refused where something else would be lost than the request says that the person has seen. */
  disconnectAccount(request: DisconnectRequest): Promise<void>;
  /** Takes the list that was doubted as the truth. Answers at once; progress comes by events. */
  acceptReading(account: string): Promise<void>;
  /** Says which of several rows the managing key is. */
  chooseManagingKey(key: string): Promise<void>;
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
  rotateKey(request: RotateRequest): Promise<RotationStartedView>;
  /** The new key that the person made in the vendor's dashboard. */
  bringKey(request: BringKeyRequest): Promise<EscrowView>;
  /** End the overlap now; in a rotation by hand: the old key was revoked in the dashboard. */
  finishRotation(operation: string): Promise<OperationView>;
  /** Keep the old key and revoke the new one. */
  undoRotation(operation: string): Promise<OperationView>;
  /** Have the vendor told once more to revoke a key that lives on. */
  askAgain(operation: string): Promise<OperationView>;
  /** End it where it stands: nothing more is done to either key. */
  leaveRotation(operation: string): Promise<OperationView>;
  /** What is under way, and what ended in the last seven days; oldest first. */
  operations(): Promise<OperationView[]>;
  adoptKey(request: AdoptRequest): Promise<KeyView>;
  /** Asks the vendor with the key itself. */
  checkKey(key: string): Promise<CheckedView>;
  forgetKey(key: string): Promise<void>;
  /** Asks the vendor from where the key was used; empty where it does not tell. */
  keyUsage(key: string): Promise<UsageView[]>;
  /** In the person's browser. */
  openDashboard(account: string): Promise<void>;
  /** The ways in which a rehearsal account can be told to misbehave. */
  faults(account: string): Promise<FaultView[]>;
  setFault(account: string, fault: string, on: boolean): Promise<FaultView[]>;
  planBatch(request: BatchRequest): Promise<BatchPlanView>;
  beginBatch(request: BatchRequest): Promise<BatchView>;
  /** What is under way, and what ended in the last seven days; newest first. */
  batches(): Promise<BatchView[]>;
  /** A window of a batch's keys; `state: null`: all of them. */
  batchItems(batch: string, state: BatchItemStateView | null, offset: number, limit: number): Promise<BatchItemsView>;
  pauseBatch(batch: string): Promise<BatchView>;
  resumeBatch(batch: string): Promise<BatchView>;
  /** What has not begun is left as it is. */
  stopBatch(batch: string): Promise<BatchView>;
  setLabels(keys: string[], add: string[], remove: string[]): Promise<void>;
  /** Every label in use. */
  labels(): Promise<string[]>;
  policies(): Promise<PolicyView[]>;
  savePolicy(policy: PolicyInput): Promise<PolicyView>;
  removePolicy(policy: string): Promise<void>;
  /** Newest first. */
  reminders(): Promise<ReminderView[]>;
  /** The person has opened the bell: what it holds is no longer new. */
  seeReminders(): Promise<void>;
  dismissReminder(reminder: string): Promise<void>;
  dismissReminders(): Promise<void>;
  views(): Promise<SavedViewView[]>;
  saveView(view: SavedViewInput): Promise<SavedViewView>;
  removeView(view: string): Promise<void>;
  /** Every row that passes `query`, into a file of its own. */
  exportKeys(query: KeyQuery, format: 'csv' | 'json', columns: string[]): Promise<ExportedView>;
  /** Opens the folder that a file was written to. */
  showExport(path: string): Promise<void>;
  revokeKey(request: RevokeRequest): Promise<void>;
  deleteKey(request: DeleteRequest): Promise<void>;
  /** What should worry somebody, and the pictures. */
  audit(): Promise<AuditView>;
  acceptFinding(request: AcceptRequest): Promise<void>;
  withdrawAcceptance(key: string, finding: FindingKindView): Promise<void>;
  /** Day by day, as far as it was observed. */
  keyUse(key: string): Promise<KeyUseView>;
  /** What was changed by others, newest first. */
  outsideChanges(offset: number, limit: number): Promise<OutsideChangesView>;
  /** Newest first. */
  journal(query: JournalQuery): Promise<JournalWindowView>;
  exportJournal(query: JournalQuery, format: JournalFormatView): Promise<ExportedView>;
  /** Goes through the whole chain. */
  verifyJournal(): Promise<JournalVerdictView>;
  /** `file`: its bytes in Base64, so that Rust decides in which encoding they are. */
  importKeys(account: string, file: string): Promise<ImportReportView>;
  /** Looks for keys in what was given; with `typed: null` in the clipboard. Nothing of it leaves Rust. */
  findLeak(given: GivenSecret): Promise<LeakReportView>;
  /** Drops the values that `findLeak` keeps for a few minutes. */
  forgetLeaks(): Promise<void>;
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
