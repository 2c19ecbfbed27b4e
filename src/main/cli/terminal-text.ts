import { stripVTControlCharacters } from 'node:util'

/**
 * What a program may write to a terminal (ECMA-48, and xterm's additions): control sequences (CSI), control strings such
 * as titles, clipboard writes and links (OSC, DCS, SOS, PM, APC), other escapes, and single control characters except
 * the tab. A control string that does not end is only robbed of its beginning, so that no text is lost.
 */
const CONTROLS =
  /(?:\x1b\[|\x9b)([0-?]*)([ -/]*[@-~]?)|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])(?:[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c))?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0a-\x1f\x7f-\x9f]/g

const COLOUR_PARAMETERS = /^[\d;:]*$/
const RESET = '\x1b[0m'

/**
 * A line of a program's output for a terminal: its colours stay and end with the line, and all else by which it could
 * move the cursor, write to the clipboard, change the title or ask the terminal questions is left out.
 */
export function colouredText(line: string): string {
  let coloured = false
  const text = line.replace(CONTROLS, (_, parameters: string | undefined, final: string | undefined) => {
    if (final !== 'm' || parameters === undefined || !COLOUR_PARAMETERS.test(parameters)) return ''
    coloured = true
    return `\x1b[${parameters}m`
  })
  return coloured && !text.endsWith(RESET) ? text + RESET : text
}

/** A line of a program's output as text alone. */
export function plainText(line: string): string {
  return line.replace(CONTROLS, '')
}

/** How many columns a text takes that holds styles but no wide characters. */
export function textWidth(text: string): number {
  return stripVTControlCharacters(text).length
}
