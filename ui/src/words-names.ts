// When two names look the same, and how blanks are shown that a screen swallows. The same rule stands in Rust.

/** What has no width. */
const UNSEEN = /[\u{ad}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2064}\u{feff}]|(?![\s\u{85}])\p{Cc}/gu;
const BLANKS = /[\s\u{85}]+/gu;

/** The name as a screen shows it: composed, each run of blanks as one, none at the ends. */
export function shown(name: string): string {
  return name.replace(UNSEEN, '').normalize('NFKC').replace(BLANKS, ' ').trim();
}

/** Whether what was typed looks like what confirms. Small and capital letters are told apart. */
export function confirms(typed: string, wanted: string): boolean {
  return shown(typed) === shown(wanted);
}

/** The name with its blanks made visible, where the screen does not show them as they are. */
export function withBlanks(name: string): string | undefined {
  const swallowed = /^\s|\s$|\s\s|[^\S ]/u.test(name);
  return swallowed ? name.replace(/\s/gu, '␣') : undefined;
}
