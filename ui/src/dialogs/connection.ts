// What is wrong with the settings of an account before anybody is asked, and what of them is sent. Pure.

import type { FieldView } from '../backend/wire/FieldView';

type Values = Readonly<Record<string, string>>;

const given = (values: Values, name: string) => (values[name] ?? '').trim();

/** What is wrong, by the field's name; empty where all is well. */
export function settingFaults(fields: readonly FieldView[], values: Values): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const { name, label, required, needs } of fields) {
    if (required && !given(values, name)) faults[name] = `${label} is needed to connect.`;
    if (needs !== null && given(values, name) && !given(values, needs)) faults[needs] = `Needed as soon as “${label}” is given.`;
  }
  return faults;
}

/** The settings as they are sent: trimmed, the vendor's own only, without empty ones. */
export function settingsOf(fields: readonly FieldView[], values: Values): Record<string, string> {
  return Object.fromEntries(fields.map(({ name }) => [name, given(values, name)]).filter(([, value]) => value));
}
