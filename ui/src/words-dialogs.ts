// The sentences of the dialogs and pages that have logic in them. Plain functions of data, so that they can be tested.
import type { AccountView } from './backend/wire/AccountView';
import type { EnvironmentView } from './backend/wire/EnvironmentView';
import type { EscrowView } from './backend/wire/EscrowView';
import type { FailureView } from './backend/wire/FailureView';
import type { KeyView } from './backend/wire/KeyView';
import type { OperationView } from './backend/wire/OperationView';
import type { SlotsView } from './backend/wire/SlotsView';
import type { VaultView } from './backend/wire/VaultView';
import type { VendorView } from './backend/wire/VendorView';
import { date, environmentWord, plural } from './words';

const DAY = 86_400_000;
const day = (at: Date) => date(at.toISOString());

export type ExpiryChoice = '30' | '60' | '90' | '365' | 'date' | 'never';

export const EXPIRY_CHOICES: { value: ExpiryChoice; label: string }[] = [
  { value: '30', label: '30 days' },
  { value: '60', label: '60 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'date', label: 'Custom date…' },
  { value: 'never', label: 'Never' },
];

/** The last second of a day written as `2027-02-19`, local time; null where it is no day. */
export function endOfDay(text: string): Date | null {
  const parts = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text.trim());
  if (!parts) return null;
  const [year, month, dayOfMonth] = parts.slice(1).map(Number) as [number, number, number];
  const at = new Date(year, month - 1, dayOfMonth, 23, 59, 59);
  return at.getMonth() === month - 1 && at.getDate() === dayOfMonth ? at : null;
}

export type Expiry = { at: Date | null; hint: string; error: null } | { at: null; hint: null; error: string };

/** What a choice of "Expires" means now: the moment (null: never) with a hint, or what is wrong with the date. */
export function expiry(choice: ExpiryChoice, custom: string, now: Date): Expiry {
  if (choice === 'never') {
    return { at: null, hint: 'Never expires: it works until someone revokes it.', error: null };
  }
  if (choice !== 'date') {
    const at = new Date(now.getTime() + Number(choice) * DAY);
    return { at, hint: `Until ${day(at)}`, error: null };
  }
  const at = endOfDay(custom);
  if (!at) return { at: null, hint: null, error: 'Enter a date such as 2027-02-19.' };
  if (at <= now) return { at: null, hint: null, error: 'This date is in the past.' };
  return { at, hint: `Until the end of ${day(at)}`, error: null };
}

/** Stands for an environment in a select's value. */
export function environmentKey(environment: EnvironmentView): string {
  return environment.kind === 'other' ? `other:${environment.word}` : environment.kind;
}

/** "Naturalead", or "Naturalead (EU shop)" where the label says more than the vendor's name and does not begin with it. */
export function place(account: Pick<AccountView, 'vendorName' | 'label'>): string {
  return account.label.startsWith(account.vendorName) ? account.label : `${account.vendorName} (${account.label})`;
}

export interface Wanted {
  name: string;
  environment: EnvironmentView;
  account: Pick<AccountView, 'vendorName' | 'label'>;
  /** The vendor has scopes at all. */
  scoped: boolean;
  scopes: number;
  /** The pattern for all scopes is among them. */
  everything?: boolean;
  /** null: never expires; undefined: not chosen yet. */
  expires: Date | null | undefined;
}

/** What "Create" is about to do: "A live key “CRM sync” at Naturalead with 3 scopes, until 19 Feb 2027." */
export function summary({ name, environment, account, scoped, scopes, everything = false, expires }: Wanted): string {
  const kind = environment.kind === 'none' ? 'A key' : `A ${environmentWord(environment).toLowerCase()} key`;
  const named = name.trim() ? `${kind} “${name.trim()}”` : kind;
  const power = !scoped || everything ? 'with full access' : scopes === 0 ? 'with no scope yet' : `with ${plural(scopes, 'scope')}`;
  const end = expires === undefined ? 'until a date still to be chosen' : expires ? `until ${day(expires)}` : 'without an end date';
  return `${named} at ${place(account)} ${power}, ${end}.`;
}

/** Why nothing that needs a secret can be done now; undefined while the vault is open. */
export function vaultReason(vault: VaultView): string | undefined {
  switch (vault.kind) {
    case 'open':
      return undefined;
    case 'opening':
      return 'The vault is still opening.';
    case 'locked':
      return 'The vault is locked. Unlock it first.';
    case 'unavailable':
      return `The vault is not available: ${vault.message}`;
  }
}

/** Why no key can be created in an account of `vendor`; undefined where one can. */
export function cannotCreate(vendor: VendorView | undefined): string | undefined {
  if (!vendor) return 'this vendor is not known to this version of Keyturn';
  if (!vendor.canCreate) return `${vendor.name} keys are created in its dashboard`;
  return undefined;
}

/** Why no key can be created at all; undefined where some account can. */
export function cannotCreateAny(accounts: readonly AccountView[], vendor: (id: string) => VendorView | undefined): string | undefined {
  if (accounts.length === 0) return 'Connect an account first.';
  if (accounts.some((account) => cannotCreate(vendor(account.vendor)) === undefined)) return undefined;
  return 'The keys of your accounts are made in the vendors’ dashboards. Add them here under Accounts.';
}

/** `17 of 20 slots used`; undefined where the vendor has no limit. */
export function slotsUsed(slots: SlotsView | null | undefined): string | undefined {
  return slots ? `${slots.used} of ${slots.limit} slots used` : undefined;
}

/** Why no further key fits into the account; undefined while one does. */
export function noSlot(account: Pick<AccountView, 'slots' | 'label'> | undefined): string | undefined {
  const slots = account?.slots;
  if (!slots || slots.used < slots.limit) return undefined;
  return `All ${slots.limit} slots of ${account.label} are in use. Revoke a key that nobody uses first.`;
}

/**
 * What a person must know about the old key after a rotation; null for a new key. Nobody has seen it refused yet.
 * An operation under way says itself what becomes of the old key; without one the vendor swapped both at once.
 */
export function afterRotation(escrow: EscrowView, vendorName: string, operation?: OperationView): string | null {
  if (escrow.rotatedFrom === null) return null;
  if (operation && operation.key?.status.kind !== 'revoked') {
    return `Give this one to every system that uses the old key “${escrow.rotatedFrom}”. Operations shows what becomes of the old one, and when.`;
  }
  if (operation) return `${operation.headline}. Give this one to every system that used “${escrow.rotatedFrom}”.`;
  return `${vendorName} says that the old key “${escrow.rotatedFrom}” stopped working when this one was made. Give this one to every system that used it.`;
}

/** What becomes of Keyturn's own copy once the person has stored a key. */
export function afterStored(key: Pick<KeyView, 'adopted'>): string {
  return key.adopted ? 'Keyturn keeps its own copy sealed, to check the key later.' : 'Keyturn then destroys its own copy.';
}

/** What becomes of a secret whose dialog is closed without a word. */
export function closingUnsaved(key: KeyView): string {
  return `The secret of “${key.name}” stays sealed in the vault. Its row says “not yet saved” and opens this dialog again.`;
}

/** What becomes of an account when its managing key is revoked. */
export function managingWarning(key: KeyView): string {
  return `Keyturn manages ${key.accountLabel} with this key. Once it is revoked, Keyturn can neither read nor change the keys of ${key.accountLabel} until you connect the account with another one.`;
}

/** A failure's words where it belongs to `field`; undefined where it stands elsewhere. */
export function atField(failure: FailureView | null | undefined, field: string): string | undefined {
  if (failure?.field !== field) return undefined;
  return failure.hint ? `${failure.message} ${failure.hint}` : failure.message;
}

/** A failure's words where it belongs to the one input there is, whatever the backend calls it. */
export function standsAtField(failure: FailureView | undefined): string | undefined {
  return failure?.field ? atField(failure, failure.field) : undefined;
}

/** Options of a select over numbers; a value that is set but not offered stands among them. */
export function numberChoices(offered: number[], current: number, words: (n: number) => string) {
  const values = offered.includes(current) ? offered : [current, ...offered];
  return values.map((value) => ({ value: String(value), label: words(value) }));
}

/** The vault's state as the settings say it. */
export function vaultState(vault: VaultView): string {
  switch (vault.kind) {
    case 'open':
      return 'Open. Secrets are sealed with a key that only the keyring of this computer holds.';
    case 'opening':
      return 'Opening…';
    case 'locked':
      return vault.idle
        ? 'Locked after a time without input. No secret is in memory.'
        : 'Locked. No secret is in memory.';
    case 'unavailable':
      return `Not available: ${vault.message}`;
  }
}
