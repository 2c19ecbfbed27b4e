/** C0, DEL and C1 controls, line and paragraph separators, and the marks that reorder text on a screen. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/**
 * Text for one line of a terminal: whatever could move the cursor, start a new line, change colours or reverse the
 * writing is shown as an escape instead. What a client sent can so never pass for what Portico says.
 */
export function plain(text: string): string {
  return text.replace(UNSAFE, escaped)
}

/** One line of JSON in which the same characters are escaped, so that it is safe to look at and the same to parse. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, unicodeEscape)
}

function escaped(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return '\\t'
  const code = character.charCodeAt(0)
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(character)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
