// Which shade a status has in a picture. What is not known takes the next free one.

const KNOWN: Record<string, string> = {
  Active: 'good',
  Expiring: 'soon',
  Retiring: 'soon',
  Revoking: 'ending',
  Revoked: 'past',
  Expired: 'gone',
  Orphan: 'bad',
  'Not yet saved': 'bad',
};
const FREE = ['other', 'ending', 'past', 'gone'];

/** Names the class of each word; two words share one only where the shades run out. */
export function shades(words: readonly string[]): (word: string) => string {
  const taken = new Map<string, string>();
  const used = new Set<string>();
  for (const word of words) {
    const wanted = KNOWN[word];
    const shade = wanted && !used.has(wanted) ? wanted : (FREE.find((free) => !used.has(free)) ?? 'other');
    used.add(shade);
    taken.set(word, shade);
  }
  return (word) => taken.get(word) ?? 'other';
}
