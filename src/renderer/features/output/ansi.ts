import Anser from 'anser'

/** A piece of a line that looks the same throughout. */
export interface Span {
  text: string
  /** class names of its colours and its type */
  className: string
  /** colours that are none of the sixteen, as CSS has them; null for none */
  color: string | null
  ground: string | null
}

const ESC = '\u001b'
const BEL = '\u0007'
const SGR = new RegExp(`${ESC}\\[([0-9;:]*)m`, 'g')
/** Titles and links (OSC), other strings (DCS, PM, APC), and what moves the cursor or clears. */
const STRINGS = new RegExp(`${ESC}(?:\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\|$)|[PX^_][^${ESC}]*(?:${ESC}\\\\|$))`, 'g')
const MOVES = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*(?!m)[@-~]|[ -/]*[0-Z\\\\^-~])`, 'g')
/** Control characters besides tab and ESC. */
const CONTROLS = /[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f]/g
/** What a line may carry over to the next is bounded, whatever a process prints. */
const MOST_CARRIED = 200

/** The text of a line without any control sequence. */
export function plainText(text: string): string {
  if (!mayHaveControls(text)) return text
  return colouredText(text).replace(SGR, '').replaceAll(ESC, '')
}

/** The sequences in force after a line, when those in `open` were before it: a colour may last for several lines. */
export function carriedStyle(open: string, text: string): string {
  if (!text.includes(ESC)) return open
  let carried = open
  for (const [sequence, codes = ''] of text.matchAll(SGR)) {
    // 0 takes back all that was set before, also in front of others.
    const isReset = /^0*(;|$)/.test(codes)
    carried = isReset ? (/[1-9]/.test(codes) ? sequence : '') : carried + sequence
  }
  return carried.length > MOST_CARRIED ? '' : carried
}

/** A line as it is drawn. @param open what earlier lines left in force */
export function spansOf(open: string, text: string): Span[] {
  const entries = Anser.ansiToJson(open + colouredText(text), { json: true, use_classes: true, remove_empty: true })
  return entries.map(({ content, fg, bg, fg_truecolor, bg_truecolor, decorations }) => {
    const color = colorOf(fg, fg_truecolor)
    const ground = colorOf(bg, bg_truecolor)
    const classes = [
      ...(color === null ? [fg] : ['ansi-free']),
      ...(ground === null ? [bg && `${bg}-bg`] : ['ansi-ground']),
      // What is turned round comes turned round already.
      ...decorations.filter((name) => name !== 'blink' && name !== 'reverse').map((name) => `ansi-${name}`),
    ]
    const text = decorations.includes('hidden') ? '' : content
    return { text, className: classes.filter((name) => name !== null).join(' '), color, ground }
  })
}

/** Only the sequences that colour are left. */
function colouredText(text: string): string {
  if (!mayHaveControls(text)) return text
  return text.replace(STRINGS, '').replace(MOVES, '').replace(CONTROLS, '')
}

function mayHaveControls(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if ((code < 32 && code !== 9) || code === 127) return true
  }
  return false
}

/** @param name a class name, as "ansi-palette-208" @param truecolor as "255, 95, 0" @returns null for one of the sixteen, or none */
function colorOf(name: string | null, truecolor: string | null): string | null {
  if (name === 'ansi-truecolor' && truecolor !== null) return `rgb(${truecolor})`
  const index = /^ansi-palette-(\d+)$/.exec(name ?? '')?.[1]
  return index === undefined ? null : paletteColor(Number(index))
}

/** Of the 256 colours that xterm has, those above the first sixteen: a cube of 6 × 6 × 6, and 24 greys. */
function paletteColor(index: number): string {
  if (index >= 232) return grey(8 + (index - 232) * 10)
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40)
  const at = index - 16
  return `rgb(${level(Math.floor(at / 36))}, ${level(Math.floor(at / 6) % 6)}, ${level(at % 6)})`
}

function grey(level: number): string {
  return `rgb(${level}, ${level}, ${level})`
}
