// Accounts of the fake: what is lost with one, which list of its keys is believed, which key manages it.

import type { Backend, Events } from './backend';
import type { World } from './fake';
import { ENDED } from './fake-rotation';
import type { AccountView } from './wire/AccountView';
import type { DisconnectionView } from './wire/DisconnectionView';
import type { FailureView } from './wire/FailureView';
import type { KeyView } from './wire/KeyView';

type Tell = <E extends keyof Events>(event: E, payload: Events[E]) => void;
type Fail = (code: FailureView['code'], message: string, field?: string | null) => never;

/** Several keys bear the managing key's characters, and this is one of them. */
export function mayManage(key: KeyView, account: AccountView | undefined): boolean {
  return account?.managingUnknown === true && key.masked === account.managingMasked && key.status.kind === 'active';
}

export function accountCommands(world: World, tell: Tell, fail: Fail) {
  const lost = (account: string): DisconnectionView => ({
    unsaved: world.unsaved.filter(({ key }) => key.accountId === account).map(({ key }) => key.name),
    underWay: world.operations.filter(({ accountId, state }) => accountId === account && !ENDED.includes(state)).map(({ name }) => name),
  });
  const change = (id: string, more: Partial<AccountView>) => {
    world.accounts = world.accounts.map((each) => (each.id === id ? { ...each, ...more } : each));
    tell('accounts-changed', null);
    tell('keys-changed', null);
  };
  const of = (id: string): AccountView => world.accounts.find((each) => each.id === id) ?? fail('notFound', 'No such account here any more.');
  return {
    editAccount: async ({ account, label, baseUrl }) => {
      if (label === '') fail('invalidInput', 'An account needs a label, so that you can tell it from others.', 'label');
      change(account, { label, ...(baseUrl ? { baseUrl } : {}) });
      return of(account);
    },
    useManagingKey: async ({ account, managingKey }) => {
      if (managingKey !== null && managingKey.length < 32) fail('invalidInput', 'This is not a whole key: it is cut short.', 'managingKey');
      change(account, { managingMasked: `${of(account).managingMasked?.split('…')[0] ?? ''}…9c4d`, managingKeyId: null });
      return of(account);
    },
    planDisconnect: async (account) => lost(account),
    disconnectAccount: async ({ account, unsaved, underWay }) => {
      const now = lost(account);
      const harmless = now.unsaved.length + now.underWay.length === 0;
      if (!harmless && JSON.stringify(now) !== JSON.stringify({ unsaved, underWay })) {
        fail('notAllowed', 'With this account something would be lost that you have not seen. Look again, then disconnect.');
      }
      world.accounts = world.accounts.filter((each) => each.id !== account);
      world.keys = world.keys.filter((key) => key.accountId !== account);
      world.unsaved = world.unsaved.filter(({ key }) => key.accountId !== account);
      world.operations = world.operations.filter(({ accountId }) => accountId !== account);
      tell('accounts-changed', null);
      tell('keys-changed', null);
      tell('unsaved-changed', null);
      tell('operations-changed', null);
    },
    acceptReading: async (account) => {
      const now = new Date().toISOString();
      world.keys = world.keys.filter(({ id }) => !world.missing.includes(id));
      world.missing = [];
      change(account, { freshness: { kind: 'fresh', readAt: now } });
    },
    chooseManagingKey: async (id) => {
      const key = world.keys.find((each) => each.id === id) ?? fail('notFound', 'No such key here any more.');
      const account = world.accounts.find((each) => each.id === key.accountId);
      if (!mayManage(key, account)) fail('notAllowed', 'Keyturn does not call the vendor with this key, or knows already with which.');
      key.managing = true;
      change(key.accountId, { managingKeyId: key.vendorKeyId, managingUnknown: false });
    },
  } satisfies Partial<Backend>;
}
