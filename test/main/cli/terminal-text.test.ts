import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { colouredText, plainText, textWidth } from '../../../src/main/cli/terminal-text.js'

const RESET = '\x1b[0m'

describe('a line of a program for a terminal', () => {
  test.each([
    ['a colour', '\x1b[31mred\x1b[39m', `\x1b[31mred\x1b[39m${RESET}`],
    ['a colour of 24 bits', '\x1b[38;2;1;2;3mx', `\x1b[38;2;1;2;3mx${RESET}`],
    ['a colour with colons', '\x1b[38:5:9mx', `\x1b[38:5:9mx${RESET}`],
    ['a colour that is over already', `\x1b[1mbold${RESET}`, `\x1b[1mbold${RESET}`],
    ['a colour by a C1 control', '\u009b32mgreen', `\x1b[32mgreen${RESET}`],
  ])('keeps %s, and ends it with the line', (_, line, shown) => {
    expect(colouredText(line)).toBe(shown)
  })

  test.each([
    ['a title', '\x1b]0;owned\x07text'],
    ['a title that ends with ST', '\x1b]2;owned\x1b\\text'],
    ['a write to the clipboard', '\x1b]52;c;cm0gLXJmIC8=\x07text'],
    ['a link', '\x1b]8;;https://evil.test\x1b\\text\x1b]8;;\x1b\\'],
    ['a title by a C1 control', '\u009d0;owned\u009ctext'],
    ['a device control string', '\x1bP$q"p\x1b\\text'],
    ['movements and clearing', '\x1b[2J\x1b[H\x1b[10;20Hte\x1b[1Axt\x1b[K'],
    ['the other screen, mouse reports and a hidden cursor', '\x1b[?1049h\x1b[?1000h\x1b[?25ltext'],
    ['questions that the terminal would answer by typing', '\x1b[c\x1b[6n\x1b[>q\x1bZtext'],
    ['key reports, which end with m as colours do', '\x1b[>4;1mtext'],
    ['a reset, other character sets and a saved cursor', '\x1bc\x1b(0\x1b7\x1b8text\x1b#8'],
    ['single controls', '\x00te\x07x\x08\rt\x7f\u0085\x0e'],
    ['a sequence that is cut off', 'text\x1b[38;5'],
    ['an escape that is cut off', 'text\x1b'],
  ])('leaves out %s', (_, line) => {
    expect(colouredText(line)).toBe('text')
    expect(plainText(line)).toBe('text')
  })

  test('loses no text to a title that never ends', () => {
    expect(colouredText('\x1b]0;still here')).toBe('0;still here')
  })

  test('keeps tabs and every other writing', () => {
    expect(colouredText('a\tGrüße 日本 🙂')).toBe('a\tGrüße 日本 🙂')
  })

  test('has no control left but the tab, and in colour those of colours', () => {
    const sequences = fc.constantFrom('\x1b[', '\x1b]', '\x1b', '\u009b', '\u009d', '31m', '2J', '\x07', '\x1b\\', ';')
    const line = fc.array(fc.oneof(sequences, fc.string({ unit: 'binary' }))).map((parts) => parts.join(''))
    fc.assert(
      fc.property(line, (text) => {
        expect(plainText(text)).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/)
        const rest = colouredText(text).replace(/\x1b\[[\d;:]*m/g, '')
        expect(rest).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/)
      }),
    )
  })

  test('is done in time in proportion to its length', () => {
    const hostile = '\u009d'.repeat(200_000)
    expect(plainText(hostile)).toBe('')
    expect(plainText('\x1b[0'.repeat(100_000))).toBe('')
  })

  test('is as wide as what is seen of it', () => {
    expect(textWidth('\x1b[31mred\x1b[0m')).toBe(3)
  })
})
