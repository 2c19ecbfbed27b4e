import { expect, test } from 'vitest'
import { carriedStyle, plainText, spansOf } from '../../src/renderer/features/output/ansi.js'

const ESC = '\u001b'

test('what a line looks like comes from its sequences, and none of them is left in its text', () => {
  const line = `${ESC}[31;1mred${ESC}[0m plain ${ESC}[38;5;208morange${ESC}[38;2;1;2;3mdark${ESC}[0m${ESC}[7mturned`
  expect(spansOf('', line)).toEqual([
    { text: 'red', className: 'ansi-red ansi-bold', color: null, ground: null },
    { text: ' plain ', className: '', color: null, ground: null },
    { text: 'orange', className: 'ansi-free', color: 'rgb(255, 135, 0)', ground: null },
    { text: 'dark', className: 'ansi-free', color: 'rgb(1, 2, 3)', ground: null },
    { text: 'turned', className: 'ansi-black ansi-white-bg', color: null, ground: null },
  ])
  expect(plainText(line)).toBe('red plain orangedarkturned')
})

test.each([
  ['cursor and clearing', `a${ESC}[2K${ESC}[1Gb${ESC}[?25lc${ESC}7d`, 'abcd'],
  ['title', `${ESC}]0;a title\u0007text`, 'text'],
  ['link', `${ESC}]8;;https://x.localhost${ESC}\\link${ESC}]8;;${ESC}\\ end`, 'link end'],
  ['string', `${ESC}Pq#0${ESC}\\text`, 'text'],
  ['control characters', 'a\u0000b\u0008c\td', 'abc\td'],
  ['a lone escape', `a${ESC}`, 'a'],
  ['markup', '<b>&amp;</b>', '<b>&amp;</b>'],
])('%s: nothing but the text is left', (_, line, text) => {
  expect(plainText(line)).toBe(text)
  expect(
    spansOf('', line)
      .map((span) => span.text)
      .join('')
      .replaceAll(ESC, ''),
  ).toBe(text)
})

test('a colour lasts until it is taken back, also over lines; what is carried over is bounded', () => {
  const open = carriedStyle('', `${ESC}[31mfirst`)
  expect(spansOf(open, 'second')[0]?.className).toBe('ansi-red')
  expect(carriedStyle(open, `third${ESC}[0m`)).toBe('')
  expect(carriedStyle(open, `third${ESC}[m`)).toBe('')
  expect(spansOf(carriedStyle(open, `${ESC}[0;32m`), 'fourth')[0]?.className).toBe('ansi-green')
  expect(carriedStyle('', `${ESC}[1m`.repeat(1_000)).length).toBeLessThanOrEqual(200)
})
