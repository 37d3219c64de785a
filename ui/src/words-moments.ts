// Moments inside the sentences that Rust sends: they come as instants and are said in the person's own time.

import { date } from './words';

const MOMENT = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;
/** What is so near is told to the second. */
const NEAR = 5 * 60_000;

/** A part of a sentence; with `at` it is a moment. */
export interface Piece {
  text: string;
  at?: string;
}

/** The sentence with its moments in local time. */
export function local(sentence: string, now: Date): string {
  return pieces(sentence, now)
    .map(({ text }) => text)
    .join('');
}

/** The same, in parts, so that each moment can have its tooltip. */
export function pieces(sentence: string, now: Date): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const { 0: at, index } of sentence.matchAll(MOMENT)) {
    if (Number.isNaN(Date.parse(at))) continue;
    found.push({ text: sentence.slice(end, index) }, { text: said(at, now), at });
    end = index + at.length;
  }
  return [...found, { text: sentence.slice(end) }].filter(({ text }) => text !== '');
}

/** `27 Nov 2026, 03:35`. */
function said(at: string, now: Date): string {
  const moment = new Date(at);
  const near = Math.abs(moment.getTime() - now.getTime()) < NEAR;
  const time = moment.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', ...(near && { second: '2-digit' }) });
  return `${date(at)}, ${time}`;
}
