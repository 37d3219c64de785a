// Which key a shortcut goes by: the letter that it writes, or its place where the layout writes no Latin ones.

/** What shortcuts look at. */
export type Press = Pick<KeyboardEvent, 'key' | 'code' | 'isComposing' | 'keyCode' | 'getModifierState'>;

/** Some engines report what belongs to an input method only by this code. */
const INPUT_METHOD = 229;

/** Whether the press belongs to an input method that is still putting a word together. */
export function composes({ isComposing, keyCode }: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean {
  return isComposing || keyCode === INPUT_METHOD;
}

/** A press that belongs to an input method closes nothing. */
export function leaveToInputMethod(event: KeyboardEvent) {
  if (composes(event)) event.preventDefault();
}

/** The key as shortcuts name it: a lower-case Latin letter, a sign or a key's name. Empty where no shortcut is meant. */
export function pressed(event: Press): string {
  if (composes(event) || event.getModifierState('AltGraph')) return '';
  return atPlace(event) ?? event.key.toLowerCase();
}

/** What a Latin keyboard writes at that place; undefined where the layout itself speaks for the key. */
function atPlace({ key, code }: Pick<KeyboardEvent, 'key' | 'code'>): string | undefined {
  // Russian, Hebrew and others have the full stop where "/" is printed on the same key.
  if (code === 'Slash' && key === '.') return '/';
  if (!isForeign(key)) return undefined;
  if (code === 'Slash') return '/';
  return /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase();
}

/** Whether the key writes something that is neither ASCII nor Latin. Keys with a name, as "Enter", are ASCII. */
function isForeign(key: string): boolean {
  return /^[^\p{ASCII}\p{Script=Latin}]+$/u.test(key);
}
