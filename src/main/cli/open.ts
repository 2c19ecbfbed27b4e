import { openUrl } from '../platform/open-url.js'
import { currentPlatform } from '../platform/platform.js'
import { withEngine } from './locate.js'
import { note, print } from './output.js'
import type { CommonOptions } from './program.js'

/** `portico open`: the panel in the browser, or with `--print` the link to it, which works once. */
export async function open(options: CommonOptions & { print?: boolean }): Promise<void> {
  const link = (sameUser: boolean) => withEngine(options, (engine) => engine.call('panel.open', { sameUser }))
  if (options.print === true) return print((await link(false)).url)
  // The URL is an argument of the browser, which other users of this machine can see.
  if (await openUrl((await link(true)).url, currentPlatform())) return print('The panel is open in your browser.')
  const { url } = await link(false)
  note('No browser could be opened here. Open this link yourself; it works once, within five minutes:')
  print(url)
}
