/** Sites of the services by which apps are shared, as far as hints name them: the window links to these and to no others. */
export const HELP_HOSTS: readonly string[] = [
  'developers.cloudflare.com',
  'ngrok.com',
  'dashboard.ngrok.com',
  'tailscale.com',
  'login.tailscale.com',
]

/** A piece of a text: words, or an address of one of `HELP_HOSTS`. */
export interface TextPiece {
  text: string
  isLink: boolean
}

/** A text in pieces, whose links lead to `HELP_HOSTS`; put together they are the text. Other addresses stay words. */
export function helpLinks(text: string): TextPiece[] {
  const pieces: TextPiece[] = []
  let end = 0
  for (const { 0: address, index } of text.matchAll(/https:\/\/[^\s"'<>]*[^\s"'<>.,;:!?)\]]/g)) {
    if (!isHelp(address)) continue
    if (index > end) pieces.push({ text: text.slice(end, index), isLink: false })
    pieces.push({ text: address, isLink: true })
    end = index + address.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isLink: false })
  return pieces
}

function isHelp(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && url.username === '' && url.port === '' && HELP_HOSTS.includes(url.hostname)
}
