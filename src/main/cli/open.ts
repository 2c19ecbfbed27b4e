import { openUrl } from '../platform/open-url.js'
import { currentPlatform } from '../platform/platform.js'
import { withEngine } from './locate.js'
import { note, print } from './output.js'
import type { CommonOptions } from './program.js'

/** `portico open`: the panel in the browser, or with `--print` the link to it, which works once. */
export async function open(options: CommonOptions & { print?: boolean }): Promise<void> {
  const { url } = await withEngine(options, (engine) => engine.call('panel.open', {}))
  if (options.print === true) return print(url)
  if (await openUrl(url, currentPlatform())) return print('The panel is open in your browser.')
  note('No browser could be opened here. Open this link yourself; it works once, within five minutes:')
  print(url)
}
