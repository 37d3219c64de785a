// Finds the first shown element with a role and an accessible name (exact, or beginning with it where the name
// given ends with "…"), the way assistive technology would. Within the topmost open dialog where there is one, and
// within the article of the third name where one is given.
const [wantedRole, wantedName, article] = arguments;
const implicit = {
  article: () => 'article',
  a: (e) => (e.hasAttribute('href') ? 'link' : null),
  button: () => 'button',
  dialog: () => 'dialog',
  h1: () => 'heading', h2: () => 'heading', h3: () => 'heading',
  input: (e) => ({ checkbox: 'checkbox', radio: 'radio', search: 'searchbox', button: 'button', submit: 'button', password: 'textbox', text: 'textbox', date: 'textbox' })[e.type] ?? 'textbox',
  nav: () => 'navigation',
  option: () => 'option',
  select: () => 'combobox',
  summary: () => 'button',
  textarea: () => 'textbox',
};
const roleOf = (e) => e.getAttribute('role') ?? implicit[e.localName]?.(e) ?? null;
const clean = (text) => text.replace(/\s+/g, ' ').trim();
const textOf = (e) => clean([...e.childNodes].map((n) => {
  if (n.nodeType === 3) return n.data;
  if (n.nodeType !== 1 || n.getAttribute('aria-hidden') === 'true') return '';
  return n.getAttribute('aria-label') ?? textOf(n);
}).join(' '));
const nameOf = (e) => {
  const by = e.getAttribute('aria-labelledby');
  if (by) return clean(by.split(/\s+/).map((id) => document.getElementById(id)).filter(Boolean).map(textOf).join(' '));
  const label = e.getAttribute('aria-label');
  if (label) return clean(label);
  if (e.labels?.length) return clean([...e.labels].map((l) => {
    const copy = l.cloneNode(true);
    copy.querySelectorAll('input,select,textarea').forEach((c) => c.remove());
    return textOf(copy);
  }).join(' '));
  return textOf(e) || clean(e.title ?? '');
};
const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
const dialogs = [...document.querySelectorAll('[role=dialog],[role=alertdialog],dialog[open]')].filter(shown);
const within = article && [...document.querySelectorAll('article')].find((e) => shown(e) && nameOf(e) === article);
if (article && !within) return null;
const root = within || (dialogs.at(-1) ?? document);
const selector = `[role="${wantedRole}"],` + Object.keys(implicit).join(',');
const fits = (name) => (wantedName.endsWith('…') ? name.startsWith(wantedName.slice(0, -1)) : name === wantedName);
const among = [...(root === document ? [] : [root]), ...root.querySelectorAll(selector)];
return among.find((e) => roleOf(e) === wantedRole && shown(e) && fits(nameOf(e))) ?? null;
