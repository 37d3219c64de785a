// Names as a person meets them: how they are compared, searched and put in order, and blanks that a screen swallows.
// The same rules stand in Rust (`core/src/name.rs`).

/** What has no width. */
const UNSEEN = /[\u{ad}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2064}\u{feff}]|(?![\s\u{85}])\p{Cc}/gu;
const BLANKS = /[\s\u{85}]+/gu;

/** Marks that people leave out when they type; not those that are letters of their script. */
const ACCENTS =
  /[\u{300}-\u{36f}\u{591}-\u{5bd}\u{5bf}\u{5c1}\u{5c2}\u{5c4}\u{5c5}\u{5c7}\u{610}-\u{61a}\u{640}\u{64b}-\u{65f}\u{670}\u{6d6}-\u{6dc}\u{1ab0}-\u{1aff}\u{1dc0}-\u{1dff}\u{20d0}-\u{20ff}\u{fe00}-\u{fe0f}\u{fe20}-\u{fe2f}]/gu;
/** What a keyboard has for letters that are no other one with an accent, and for signs that programs put in place of it. */
const PLAIN: Record<string, string> = { ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th', ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ı: 'i', ł: 'l', ŋ: 'n', ŧ: 't', ς: 'σ', '\u{2212}': '-', '\u{2044}': '/', '«': '"', '»': '"' };
const ODD = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'gu');
/** Where the digits of the scripts that people number with begin; each has ten in a row. */
const ZEROS = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040, 0x17e0];
const ORDER = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** The form in which texts are searched: small letters without accents, written the same whatever program wrote them. */
export function searched(text: string): string {
  return text
    .replace(UNSEEN, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(ACCENTS, '')
    .replace(ODD, (sign) => PLAIN[sign] ?? sign)
    .replace(/[\u{2010}-\u{2015}]/gu, '-')
    .replace(/[\u{2018}-\u{201b}]/gu, "'")
    .replace(/[\u{201c}-\u{201f}]/gu, '"')
    .replace(/(?![0-9])\p{Nd}/gu, digit)
    .replace(/[\s\u{85}]/gu, ' ')
    .normalize('NFC');
}

function digit(sign: string): string {
  const point = sign.codePointAt(0) ?? 0;
  const zero = ZEROS.find((zero) => point >= zero && point < zero + 10);
  return zero === undefined ? sign : String(point - zero);
}

/** Answers for each text whether every word of `search` stands in it. */
export function finding(search: string): (text: string) => boolean {
  const words = searched(search).split(' ').filter(Boolean);
  return (text) => {
    const form = searched(text);
    return words.every((word) => form.includes(word));
  };
}

/** Two names as people put them: numbers by their value, letters by their base; what is equal then by what is left. */
export function inOrder(one: string, other: string): number {
  return ORDER.compare(one, other) || (one < other ? -1 : Number(one > other));
}

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
