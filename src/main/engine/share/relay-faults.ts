import { Fault } from '../../../shared/fault.js'
import { publishedNameSchema } from '../tunnel/control-messages.js'

/** @throws Fault `usage` for what is no host label */
export function requirePublishable(name: string): string {
  const parsed = publishedNameSchema.safeParse(name)
  if (parsed.success) return parsed.data
  throw new Fault('usage', `"${name}" cannot be published.`, 'Choose a name of a-z, 0-9 and "-" (--name NAME).')
}

/** The relay does not publish a name. @param reason in its own words */
export function nameRefused(name: string, reason: string): Fault {
  return new Fault('conflict', `The relay does not publish "${name}": ${reason}`, 'Try another name (--name NAME).')
}

/** Whether a text may be what "portico relay token create" has printed. */
export function isToken(text: string): boolean {
  return /^[\w.~+/=-]{1,512}$/.test(text)
}
