import { nameSchema } from '../../shared/field-schemas.js'

export const LINK_SCHEME = 'portico'

/**
 * The app that a `portico://open/NAME` link asks for; null for everything else. Any web page can offer such a link, so
 * it can do no more than this and has no other parts.
 */
export function appOfLink(link: string): string | null {
  const name = /^portico:\/\/open\/([^/?#]+)\/?$/.exec(link)?.[1]
  return name !== undefined && nameSchema.safeParse(name).success ? name : null
}

/** The link among the arguments that the system started Portico with; null when there is none. */
export function linkAmong(argv: readonly string[]): string | null {
  return argv.find((argument) => argument.startsWith(`${LINK_SCHEME}://`)) ?? null
}
