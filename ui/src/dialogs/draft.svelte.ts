// The key that is being asked for in "Create key". Knows the vendor's offer; knows nothing of the screen.
import type { AccountView } from '../backend/wire/AccountView';
import type { CreateKeyRequest } from '../backend/wire/CreateKeyRequest';
import type { KeyView } from '../backend/wire/KeyView';
import type { VendorView } from '../backend/wire/VendorView';
import { fit, NOTHING, ordered, refusals } from '../scopes/selection';
import { cannotCreate, environmentKey, expiry, type ExpiryChoice } from '../words-dialogs';

export interface Offer {
  account: AccountView;
  vendor: VendorView | undefined;
}

/** What is wrong with the draft, by field. */
export interface Faults {
  account?: string;
  name?: string;
  expires?: string;
  scopes?: string;
}

export class KeyDraft {
  name = $state('');
  accountId = $state('');
  environment = $state('');
  expires = $state<ExpiryChoice>('90');
  customDate = $state('');
  selection = $state.raw(NOTHING);
  /** Scopes of the starting point that could not be taken over. */
  leftOut = $state.raw<string[]>([]);

  #offers: () => Offer[];
  #begun = $state('');

  constructor(offers: () => Offer[], sameAs?: KeyView) {
    this.#offers = offers;
    const own = offers().find(({ account }) => account.id === sameAs?.accountId);
    const first = offers().find(({ vendor }) => cannotCreate(vendor) === undefined);
    this.chooseAccount((own && cannotCreate(own.vendor) === undefined ? own : first)?.account.id ?? '');
    if (sameAs) this.takeFrom(sameAs);
    this.begin();
  }

  /** What stands in it now is where the person begins. */
  begin() {
    this.#begun = this.#filled;
  }

  /** The person has changed something. */
  get touched(): boolean {
    return this.#filled !== this.#begun;
  }

  get #filled(): string {
    const { name, accountId, environment, expires, customDate, selection } = this;
    return JSON.stringify([name.trim(), accountId, environment, expires, customDate, [...selection].sort()]);
  }

  get offer(): Offer | undefined {
    return this.#offers().find(({ account }) => account.id === this.accountId);
  }

  get vendor(): VendorView | undefined {
    return this.offer?.vendor;
  }

  get catalogue() {
    return this.vendor?.scopes ?? [];
  }

  get environments() {
    return this.vendor?.environments ?? [];
  }

  /** The moment this draft would expire, counted from `now`; vendors without expiry know only "never". */
  expiry(now: Date) {
    return expiry(this.vendor?.canExpire === false ? 'never' : this.expires, this.customDate, now);
  }

  /** Another account may know other scopes and environments: what fits stays, the rest is named. */
  chooseAccount(id: string) {
    this.accountId = id;
    this.#take(this.selection);
    const words = this.environments.map(environmentKey);
    if (!words.includes(this.environment)) {
      const own = this.offer && environmentKey(this.offer.account.environment);
      this.environment = own && words.includes(own) ? own : (words[0] ?? '');
    }
  }

  takeScopes(scopes: string[]) {
    this.#take(scopes);
  }

  /** Scopes and environment of another key, as far as this account can grant them. */
  takeFrom(key: KeyView) {
    this.#take(key.scopes);
    const word = environmentKey(key.environment);
    if (this.environments.some((environment) => environmentKey(environment) === word)) this.environment = word;
  }

  #take(scopes: Iterable<string>) {
    const { selection, leftOut } = fit(this.catalogue, refusals(this.offer?.account.refusedScopes ?? []), scopes);
    this.selection = selection;
    this.leftOut = leftOut;
  }

  faults(now: Date): Faults {
    const found: Faults = {};
    if (!this.offer) found.account = 'Connect an account first.';
    if (!this.name.trim()) found.name = 'Give the key a name, so that you can tell it from others.';
    const limit = this.vendor?.nameLimit;
    if (limit !== undefined && [...this.name.trim()].length > limit) {
      found.name = `${this.vendor?.name} allows names of at most ${limit} characters.`;
    }
    const { error } = this.expiry(now);
    if (error) found.expires = error;
    if (this.catalogue.length > 0 && this.selection.size === 0) {
      found.scopes = 'Choose at least one scope; a key without scopes can do nothing.';
    }
    return found;
  }

  request(now: Date): CreateKeyRequest {
    const environment = this.environments.find((entry) => environmentKey(entry) === this.environment);
    return {
      accountId: this.accountId,
      name: this.name.trim(),
      environment: environment ?? { kind: 'none' },
      scopes: ordered(this.catalogue, this.selection),
      expiresAt: this.expiry(now).at?.toISOString() ?? null,
    };
  }
}
