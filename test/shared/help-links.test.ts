import { expect, test } from 'vitest'
import { helpLinks } from '../../src/shared/help-links.js'

const linked = (text: string) => helpLinks(text).flatMap(({ text: piece, isLink }) => (isLink ? [piece] : []))

test.each([
  ['Install ngrok: https://ngrok.com/download', ['https://ngrok.com/download']],
  [
    'Sign up at https://dashboard.ngrok.com/signup, then see (https://tailscale.com/kb/1223/funnel).',
    ['https://dashboard.ngrok.com/signup', 'https://tailscale.com/kb/1223/funnel'],
  ],
  ['Visit https://login.tailscale.com/f/funnel?node=nX1 now', ['https://login.tailscale.com/f/funnel?node=nX1']],
  ['Nothing to see', []],
  ['https://evil.example/https://ngrok.com/', []],
  ['https://ngrok.com.evil.example/ https://ngrok.com@evil.example/ https://a@ngrok.com/ https://ngrok.com:8443/', []],
  ['http://ngrok.com/ javascript:alert(1)', []],
])('of "%s" the addresses of known sites are links, and nothing of it is lost', (text, links) => {
  expect(linked(text)).toEqual(links)
  expect(
    helpLinks(text)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text)
})
